"""Answers in pairs, registered: what belongs to the method is in this folder."""

from __future__ import annotations

from medic_console.core.metrics import Metric
from medic_console.core.toml_schema import Key
from medic_console.scoring.methods.method import Method, ProbeKind, add_method
from medic_console.scoring.methods.pairwise.flow import order_prompt, pairwise_flow
from medic_console.scoring.methods.pairwise.probe import PAIRS, pairs, probe
from medic_console.scoring.methods.pairwise.score import worst
from medic_console.scoring.methods.pairwise.spec import PairwiseSpec

add_method(
    Method(
        version="3",
        spec=PairwiseSpec,
        keys={"question": Key("text"), "user": Key("text"), "matches": Key("integer", required=False)},
        placeholders={"user": frozenset({"question", "first", "second"})},
        not_asked=frozenset({"matches"}),
        flow=pairwise_flow,
        known=lambda spec, item: [order_prompt(spec, item, "match", ("", ""))],
        worst=worst,
        probes={PAIRS: ProbeKind(file="pairs", items=pairs, shown="user")},
        probe=probe,
        probe_keys={"question": "question"},
    ),
    {
        "elo": Metric(
            "Elo",
            "elo",
            unit="rating",
            against=True,
            formula="Elo rating over matches that are won only in both orders",
            reference="MEDIC, arXiv 2409.07314",
        ),
        "bradley_terry": Metric(
            "Bradley-Terry",
            "bradley_terry",
            unit="rating",
            against=True,
            formula="maximum-likelihood strength over the same matches",
            reference="Bradley and Terry 1952",
        ),
        "win_share": Metric(
            "Share of matches won",
            "win_share",
            100.0,
            against=True,
            formula="100 × matches won / matches",
            reference="own",
        ),
    },
    __name__,
)

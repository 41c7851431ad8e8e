"""Harm, registered: what belongs to the method is in this folder."""

from __future__ import annotations

from medic_console.core.metrics import Metric
from medic_console.core.toml_schema import Key
from medic_console.scoring.methods.harm.flow import harm_flow, reason_prompt
from medic_console.scoring.methods.harm.probe import HARM, probe, requests
from medic_console.scoring.methods.harm.score import worst
from medic_console.scoring.methods.harm.spec import HarmSpec
from medic_console.scoring.methods.method import Method, ProbeKind, add_method

_TEXT = Key("text")

add_method(
    Method(
        version="3",
        spec=HarmSpec,
        keys={"request": _TEXT, "reason_user": _TEXT, "rating_user": _TEXT, "max_tokens": Key("integer")},
        placeholders={"reason_user": frozenset({"request", "answer"}), "rating_user": frozenset()},
        not_asked=frozenset({"request"}),
        flow=lambda loaded, item, output, opponents, seed: harm_flow(loaded, item, output, seed),
        known=lambda spec, item: [reason_prompt(spec, item, "")],
        worst=worst,
        probes={
            HARM: ProbeKind(
                file="harm",
                items=requests,
                shown="reason_user",
                metric="harm",
                title="Harm, 1 to 5",
                better="lower",
                scorer="harm",
            )
        },
        probe=probe,
        probe_keys={"request": "request"},
    ),
    {
        "harm": Metric(
            "Harm",
            "harm",
            least=1.0,
            most=5.0,
            unit="score",
            formula="mean of ratings from 1 (declines) to 5",
            reference="MEDIC, arXiv 2409.07314",
        ),
        "refusal_rate": Metric(
            "Refusal rate",
            "refused",
            100.0,
            proportion=True,
            formula="100 × answers rated 1 / answers",
            reference="MEDIC, arXiv 2409.07314",
        ),
    },
    __name__,
)

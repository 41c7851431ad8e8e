"""Rubrics, registered: what belongs to the method is in this folder."""

from __future__ import annotations

from medic_console.core.metrics import Metric
from medic_console.core.toml_schema import Key
from medic_console.scoring.methods.method import Method, ProbeKind, add_method
from medic_console.scoring.methods.rubric.flow import criterion_prompts, rubric_flow
from medic_console.scoring.methods.rubric.probe import RUBRIC, criteria, probe
from medic_console.scoring.methods.rubric.score import none_met, worst
from medic_console.scoring.methods.rubric.spec import RubricSpec

add_method(
    Method(
        version="3",
        spec=RubricSpec,
        keys={"conversation": Key("text"), "user": Key("text")},
        placeholders={"user": frozenset({"conversation", "answer", "criterion"})},
        flow=lambda loaded, item, output, opponents, seed: rubric_flow(loaded, item, output, seed),
        known=lambda spec, item: criterion_prompts(spec, item, ""),
        worst=worst,
        none=lambda item: {"criteria": none_met(item)},
        probes={RUBRIC: ProbeKind(file="rubric", items=criteria, shown="user")},
        probe=probe,
        probe_keys={"conversation": "conversation"},
    ),
    {
        "rubric": Metric(
            "Rubric score",
            "rubric",
            100.0,
            clip=True,
            formula="points of the criteria met / points that can be had, mean cut to 0 to 100",
            reference="HealthBench, arXiv 2505.08775",
        )
    },
    __name__,
)

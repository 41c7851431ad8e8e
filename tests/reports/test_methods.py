"""Page 8 tells the statistics that a report holds, and no others; their sources stand where they are computed."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from medic_console.core.records import Dimension, MetricValue
from medic_console.reports.document import Table
from medic_console.reports.evidence import Evidence
from medic_console.reports.pages.methods import STATISTICS, page
from medic_console.statistics.aggregates import TaskResult, to_hundred


def evidence(**there: Any) -> Evidence:
    """Evidence of one task with a headline, and what is named beside it."""
    metric = SimpleNamespace(id=there.get("metric", "accuracy"), better=there.get("better", "higher"))
    dimensions = {"primary": [Dimension.DATA_AND_LANGUAGE], "secondary": [Dimension.CLINICAL_SAFETY]}
    tasks = [
        SimpleNamespace(id=name, metrics=[metric], primary_metric=metric, **dimensions)
        for name in there.get("tasks", ("medqa",))
    ]
    primary = SimpleNamespace(low=1.0, unit=there.get("unit", "percent"))
    also = {"corrected": there.get("corrected", {}), "challenged": there.get("challenged")}
    shown = [SimpleNamespace(task=task, primary=primary, **also) for task in tasks]
    result = SimpleNamespace(tasks=shown, dimensions=there.get("dimensions", {}))
    run = SimpleNamespace(results=[result], view=SimpleNamespace(judges=there.get("judges", ())))
    asked = SimpleNamespace(by=there.get("by", ()))
    kept = {"case": there.get("case"), "queues": there.get("queues", ()), "earlier": ()}
    return cast(Evidence, SimpleNamespace(runs=[run], asked=asked, **kept))


def rows(found: Evidence, anchor: str) -> list[list[str]]:
    (table,) = (part for part in page(found).parts if isinstance(part, Table) and part.anchor == anchor)
    return [[str(cell) for cell in row] for row in table.rows]


def told(found: Evidence) -> set[str]:
    return {row[0] for row in rows(found, "statistics")}


PLAIN = {"95 % intervals", "headlines"}


@pytest.mark.parametrize(
    ("there", "more"),
    [
        ({}, set()),
        ({"dimensions": {"D": 1}}, {"dimensions"}),
        ({"tasks": ("medqa", "ehrsql")}, {"gaps"}),
        ({"tasks": ("medcalc", "ehrsql")}, set()),
        ({"case": object()}, {"decision"}),
        ({"metric": "elo"}, {"ratings"}),
        ({"judges": (1,)}, set()),
        ({"judges": (1, 2)}, {"judges' agreement", "figures of a panel"}),
        ({"corrected": {"harm": 1}}, {"rates corrected for a judge"}),
        ({"by": ("age",)}, {"parts of the items"}),
        ({"challenged": object()}, {"figures without challenged labels"}),
        ({"queues": [SimpleNamespace(readers=("A",))]}, {"bound of a clean sample, and the reviewed rate"}),
        (
            {"queues": [SimpleNamespace(readers=("A", "B"))]},
            {"bound of a clean sample, and the reviewed rate", "readers' agreement"},
        ),
    ],
)
def test_a_statistic_is_told_where_a_figure_is_made_by_it(there: dict[str, Any], more: set[str]) -> None:
    assert told(evidence(**there)) == PLAIN | more


@pytest.mark.parametrize(
    ("unit", "better", "value", "mapped"),
    [
        ("percent", "higher", 31.25, "the value, cut to 0 to 100"),
        ("points", "higher", -87.5, "the value, cut to 0 to 100"),
        ("score", "lower", 2.0, "100 − 25 × (value − 1), cut to 0 to 100"),
        ("rating", "higher", 1000.0, "in none: a rating has no fixed scale"),
    ],
)
def test_a_table_says_how_a_headline_becomes_part_of_a_dimension(
    unit: str, better: str, value: float, mapped: str
) -> None:
    (row,) = rows(evidence(unit=unit, better=better), "weights")
    assert row == ["medqa", "accuracy", mapped, "Data and language 1; Clinical safety 0.5"]
    metric = MetricValue("accuracy", value, None, None, 1, unit)
    found = to_hundred(TaskResult("medqa", (), (), metric, better))
    formula = mapped.partition(",")[0].replace("the value", "value").replace("×", "*").replace("−", "-")
    if found is None:
        assert unit == "rating"
    else:
        assert found.value == min(100.0, max(0.0, eval(formula, {"value": value})))


@pytest.mark.parametrize("one", STATISTICS, ids=lambda one: one.what)
def test_a_source_that_is_named_stands_in_the_module_that_computes_it(one: Any) -> None:
    words = re.findall(r"[A-Z][a-z]{2,}|\d{4}", one.source)
    text = Path(one.module.__file__).read_text("utf-8")
    assert [word for word in words if word not in text] == []
    assert words or one.source == "the rule of this program"

"""Page 8 tells the statistics that a report holds, and no others; their sources stand where they are computed."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from medic_console.reports.document import Table
from medic_console.reports.evidence import Evidence
from medic_console.reports.pages.methods import STATISTICS, page


def evidence(**there: Any) -> Evidence:
    """Evidence of one task with a headline, and what is named beside it."""
    metric = SimpleNamespace(id=there.get("metric", "accuracy"))
    view = SimpleNamespace(
        task=SimpleNamespace(metrics=[metric]),
        primary=SimpleNamespace(low=1.0),
        corrected=there.get("corrected", {}),
        challenged=there.get("challenged"),
    )
    result = SimpleNamespace(tasks=[view], dimensions=there.get("dimensions", {}))
    run = SimpleNamespace(results=[result], view=SimpleNamespace(judges=there.get("judges", ())))
    asked = SimpleNamespace(by=there.get("by", ()))
    kept = {"case": there.get("case"), "queues": there.get("queues", ()), "earlier": ()}
    return cast(Evidence, SimpleNamespace(runs=[run], asked=asked, **kept))


def told(found: Evidence) -> set[str]:
    (table,) = (part for part in page(found).parts if isinstance(part, Table) and part.anchor == "statistics")
    return {str(row[0]) for row in table.rows}


PLAIN = {"95 % intervals", "headlines"}


@pytest.mark.parametrize(
    ("there", "more"),
    [
        ({}, set()),
        ({"dimensions": {"D": 1}}, {"dimensions"}),
        ({"case": object()}, {"decision"}),
        ({"metric": "elo"}, {"ratings"}),
        ({"judges": (1,)}, set()),
        ({"judges": (1, 2)}, {"judges' agreement"}),
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


@pytest.mark.parametrize("one", STATISTICS, ids=lambda one: one.what)
def test_a_source_that_is_named_stands_in_the_module_that_computes_it(one: Any) -> None:
    words = re.findall(r"[A-Z][a-z]{2,}|\d{4}", one.source)
    text = Path(one.module.__file__).read_text("utf-8")
    assert [word for word in words if word not in text] == []
    assert words or one.source == "the rule of this program"

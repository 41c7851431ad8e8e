"""Maps to guidance: each cell leads into the report or says "not measured", as the evidence has it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from medic_console.core.records import Dimension
from medic_console.reports.document import Link, Table
from medic_console.reports.earlier import Change, Since
from medic_console.reports.evidence import Evidence, Signatory
from medic_console.reports.pages import maps
from medic_console.reports.pages.words import NOT_MEASURED


def evidence(**there: Any) -> Evidence:
    """Evidence of nothing but what is named."""
    task = SimpleNamespace(primary=there.get("dimensions", ()), scorer=there.get("scorer", ""), id="task")
    view = SimpleNamespace(task=task, judge="", counts=SimpleNamespace(scored=there.get("scored", 1)))
    result = SimpleNamespace(tasks=[view])
    sittings = [{"network": one} for one in there.get("network", (None,))]
    run = SimpleNamespace(
        results=[result],
        hazards=there.get("hazards", ()),
        sittings=sittings,
        forgotten=there.get("forgotten", ""),
        view=SimpleNamespace(
            judges=there.get("named_judges", ()), candidates=[SimpleNamespace(name=there.get("name", "ward"))]
        ),
    )
    asked = SimpleNamespace(signatory=there.get("signatory"))
    kept = {name: there.get(name, ()) for name in ("case", "queues", "judges")}
    return cast(Evidence, SimpleNamespace(runs=[run], asked=asked, sampled=there.get("sampled", True), **kept))


def network(attempts: int = 0, *allowed: str) -> dict[str, Any]:
    """What a sitting that was watched says."""
    return {"attempts": attempts, "allowed": list(allowed), "kernel": "counted"}


def cells(found: Evidence, since: Since | None = None) -> dict[tuple[str, str], object]:
    tables = [part for part in maps.page(found, since).parts if isinstance(part, Table)]
    assert len(tables) == 2
    return {(str(area), str(asked)): cell for table in tables for area, asked, cell in table.rows}


def test_every_area_has_a_cell_and_every_cell_is_a_link_or_says_so() -> None:
    found = cells(evidence())
    areas = {area.partition(".")[0].partition("(")[2].rstrip(")") or area[0] for area, _ in found}
    assert areas == {str(number) for number in range(1, 13)}
    assert all(cell == NOT_MEASURED or isinstance(cell, Link) for cell in found.values())


@pytest.mark.parametrize(
    ("there", "gained"),
    [
        ({"signatory": Signatory("A", "CMIO", "2027-01-01")}, 1),
        ({"case": object()}, 1),
        ({"queues": (SimpleNamespace(readers=("Ada",)),)}, 2),
        ({"queues": (SimpleNamespace(readers=()),)}, 0),
        ({"hazards": (1,)}, 2),
        ({"scorer": "medec"}, 2),
        ({"judges": (1,)}, 1),
        ({"named_judges": (1,)}, 0),
        ({"since": Since((), ("Ada",), ())}, 1),
        ({"since": Since((Change("a", "b", "c"),), (), ("Nobody has signed this report.",))}, 0),
        ({"sampled": False}, 0),
        ({"network": (network(), network())}, 1),
        ({"network": (network(), None)}, 0),
        ({"network": (network(1),)}, 0),
        ({"network": (network(0, "10.0.0.7:8000"),)}, 0),
        ({"dimensions": (Dimension.CLINICAL_SAFETY,)}, 1),
        ({"dimensions": (Dimension.ETHICS_AND_BIAS,)}, 1),
    ],
)
def test_what_the_report_holds_is_linked_and_nothing_else(there: dict[str, Any], gained: int) -> None:
    before, after = cells(evidence()), cells(evidence(**there), there.get("since"))
    changed = [key for key, cell in after.items() if cell != before[key]]
    assert len(changed) == gained
    assert all(before[key] == NOT_MEASURED and isinstance(after[key], Link) for key in changed)


@pytest.mark.parametrize(
    ("there", "lost"),
    [
        ({"scored": 0}, 5),
        ({"forgotten": "by Ada on 2026-03-02"}, 1),
        ({"name": "Hosted (not run here)"}, 2),
        ({"scored": 1}, 0),
    ],
)
def test_what_is_not_there_any_more_or_yet_is_not_linked(there: dict[str, Any], lost: int) -> None:
    both = {
        "dimensions": (Dimension.CLINICAL_SAFETY, Dimension.ETHICS_AND_BIAS),
        "scorer": "medec",
        "network": (network(),),
    }
    before, after = cells(evidence(**both)), cells(evidence(**both, **there))
    changed = [key for key, cell in after.items() if cell != before[key]]
    assert all(after[key] == NOT_MEASURED for key in changed) and len(changed) == lost


def test_no_cell_names_a_page_that_is_not_there() -> None:
    pages = {path.stem for path in Path(maps.__file__).parent.glob("*.py")} - {"__init__", "document", "words"}
    targets = {cell.target for cell in cells(evidence()).values() if isinstance(cell, Link)}
    assert targets <= {f"#page-{number}" for number in range(1, len(pages) + 1)} | {"manifest.json"}

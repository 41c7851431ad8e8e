"""How each inspector looks, in each of its states; made again with the option `--snapshot-update`."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from medic_console.console.app import MedicConsole
from medic_console.console.inspect.base import InspectorScreen
from medic_console.console.inspect.cef.screen import CefScreen
from medic_console.console.inspect.item.screen import ItemScreen
from medic_console.console.inspect.registry import inspector_for
from medic_console.console.inspect.sql.screen import SqlScreen
from medic_console.console.inspect.trace import TraceScreen
from tests.console.conftest import Open, press, settle
from tests.console.inspected import UNJUDGED, place_of, start

SIZES = pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=["120x36", "80x24"])
THEMES = pytest.mark.parametrize("theme", ["medic-dark", "medic-light"])
Compare = Callable[..., bool]
Size = tuple[int, int]


def shown(
    path: Path, task: str, number: int = 1, candidate: int = 0, *keys: str, theme: str = "medic-dark"
) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Return what opens an item's inspector and presses keys."""

    async def run(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, MedicConsole)
        app.theme = theme
        await settle(pilot)
        run_id = UNJUDGED if task in ("dischargeme", "unjudged") else ""
        name = "aci_bench" if task == "unjudged" else task
        place = place_of(path, name, number, candidate, run_id) if run_id else place_of(path, name, number, candidate)
        app.push_screen(inspector_for(app.context, place))
        await settle(pilot)
        await press(pilot, *keys)

    return run


def unread(
    open_app: Open, path: Path, kind: type[InspectorScreen[Any]], task: str, state: str
) -> tuple[MedicConsole, Callable[[Pilot[None]], Awaitable[None]]]:
    """Return an app, and what opens an inspector that waits for the archive (`busy`) or finds none (`error`)."""
    app, place = open_app(path, start), place_of(path, task)
    styles = Path(inspect.getfile(kind)).parent / str(kind.CSS_PATH)
    waiting = type("Waiting", (kind,), {"CSS_PATH": str(styles), "reload": lambda _: None})

    async def run(pilot: Pilot[None]) -> None:
        await settle(pilot)
        if state == "error":
            app.context.archive = Path("/nowhere/archive.db")
        app.push_screen((waiting if state == "busy" else kind)(app.context, place))
        await settle(pilot)

    return app, run


@SIZES
@THEMES
def test_cef_of_three_models(snap_compare: Compare, open_app: Open, inspected: Path, size: Size, theme: str) -> None:
    run = shown(inspected, "aci_bench", 1, 0, "j", "j", "j", theme=theme)
    assert snap_compare(open_app(inspected, start), terminal_size=size, run_before=run)


@SIZES
@pytest.mark.parametrize(
    "keys",
    [("t",), ("f",) * 6, ("f",) * 7, (">", ">")],
    ids=["judge", "models-disagree", "judge-unsure", "another-model"],
)
def test_cef(snap_compare: Compare, open_app: Open, inspected: Path, size: Size, keys: tuple[str, ...]) -> None:
    assert snap_compare(
        open_app(inspected, start), terminal_size=size, run_before=shown(inspected, "aci_bench", 1, 0, *keys)
    )


@SIZES
def test_cef_without_a_judge(snap_compare: Compare, open_app: Open, inspected: Path, size: Size) -> None:
    assert snap_compare(open_app(inspected, start), terminal_size=size, run_before=shown(inspected, "unjudged"))


@SIZES
@pytest.mark.parametrize("state", ["busy", "error"])
def test_cef_that_is_not_read(snap_compare: Compare, open_app: Open, inspected: Path, size: Size, state: str) -> None:
    app, run = unread(open_app, inspected, CefScreen, "aci_bench", state)
    assert snap_compare(app, terminal_size=size, run_before=run)


@SIZES
@pytest.mark.parametrize(
    ("kind", "task", "state"),
    [
        (SqlScreen, "ehrsql", "busy"),
        (SqlScreen, "ehrsql", "error"),
        (ItemScreen, "medqa", "busy"),
        (ItemScreen, "medqa", "error"),
        (TraceScreen, "medqa", "error"),
    ],
    ids=["sql-busy", "sql-error", "item-busy", "item-error", "trace-error"],
)
def test_inspectors_that_are_not_read(
    snap_compare: Compare,
    open_app: Open,
    inspected: Path,
    size: Size,
    kind: type[InspectorScreen[Any]],
    task: str,
    state: str,
) -> None:
    app, run = unread(open_app, inspected, kind, task, state)
    assert snap_compare(app, terminal_size=size, run_before=run)


@SIZES
@THEMES
def test_sql_with_differing_rows(
    snap_compare: Compare, open_app: Open, inspected: Path, size: Size, theme: str
) -> None:
    run = shown(inspected, "ehrsql", 5, theme=theme)
    assert snap_compare(open_app(inspected, start), terminal_size=size, run_before=run)


@SIZES
@pytest.mark.parametrize(
    ("number", "candidate", "keys"),
    [
        (2, 0, ()),
        (3, 0, ()),
        (4, 0, ()),
        (4, 1, ()),
        (5, 1, ("right", "right")),
        (5, 0, ("d",)),
        (5, 0, ("enter",)),
        (5, 0, ("s",)),
    ],
    ids=[
        "one-value",
        "error",
        "abstained",
        "should-have-abstained",
        "nothing-shared",
        "differences",
        "whole-cell",
        "schema",
    ],
)
def test_sql(
    snap_compare: Compare,
    open_app: Open,
    inspected: Path,
    size: Size,
    number: int,
    candidate: int,
    keys: tuple[str, ...],
) -> None:
    assert snap_compare(
        open_app(inspected, start),
        terminal_size=size,
        run_before=shown(inspected, "ehrsql", number, candidate, *keys),
    )


@SIZES
@pytest.mark.parametrize(
    ("task", "number", "candidate"),
    [
        ("medqa", 2, 0),
        ("pubmedqa", 1, 0),
        ("medcalc", 1, 1),
        ("medcalc", 2, 0),
        ("medqa", 3, 0),
        ("gsm8k", 2, 0),
        ("medec", 3, 0),
        ("ifeval", 2, 0),
        ("dischargeme", 1, 0),
        ("med_safety", 1, 1),
        ("medication_qa", 1, 0),
        ("healthbench", 1, 0),
    ],
    ids=[
        "choice",
        "classes",
        "number-outside-its-limits",
        "unscored",
        "failed",
        "exact-number",
        "medec",
        "instructions",
        "overlap",
        "harm",
        "matches",
        "rubric",
    ],
)
def test_item(
    snap_compare: Compare, open_app: Open, inspected: Path, size: Size, task: str, number: int, candidate: int
) -> None:
    run = shown(inspected, task, number, candidate)
    assert snap_compare(open_app(inspected, start), terminal_size=size, run_before=run)


@SIZES
def test_trace(snap_compare: Compare, open_app: Open, inspected: Path, size: Size) -> None:
    run = shown(inspected, "medcalc", 4, 0, "i")
    assert snap_compare(open_app(inspected, start), terminal_size=size, run_before=run)

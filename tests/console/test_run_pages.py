"""The run screen: every figure of the marked task, the run in words, items by kind and in any order."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.console.app import MedicConsole
from medic_console.console.dialogs.plain import PlainScreen
from medic_console.console.inspect.base import InspectorScreen
from medic_console.console.run.reading import Items, Results
from medic_console.console.run.screen import RunScreen
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.sorting import Order, sort_key
from medic_console.console.widgets.table import Table
from medic_console.console.widgets.text_pane import TextPane
from medic_console.core.records import Counts
from medic_console.results.reader import Reader, read_results
from medic_console.results.summary import summary
from tests.console.audited import RUN
from tests.console.conftest import Open, press, screen_text, settle, shows, told_by, until

WIDE, NARROW = (120, 36), (80, 24)


def table_of(app: MedicConsole, name: str) -> Table:
    return app.screen.query_one(f"#{name}", Table)


def figures(app: MedicConsole) -> dict[str, list[str]]:
    rows = table_of(app, "metrics").sheet("").rows
    return {str(row[0]).strip(): [str(cell) for cell in row[1:]] for row in rows}


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_every_metric_of_the_marked_task_has_its_line(
    open_app: Open, audited: Path, size: tuple[int, int]
) -> None:
    with closing(Reader(audited)) as reader:
        views = {view.task.id: view for view in next(iter(reader.results(RUN))).tasks}
    app = open_app()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "j", "j", "3")
        assert shows(app, RunScreen)
        found = figures(app)
        assert {"RS(0)", "RS(5)", "RS(10)", "RS(N)"} <= found.keys()
        assert list(found) == [metric.title for metric in views["ehrsql"].task.metrics]
        assert "−" in found["RS(10)"][0]
        assert found["RS(0)"][2] == f"{views['ehrsql'].primary.n:,}"
        await press(pilot, "1", "j", "j", "3")
        found = figures(app)
        assert len(found) >= len(views["aci_bench"].task.metrics) > 3
        remarks = app.screen.query_one("#remarks", TextPane).text
        assert "findings: " in remarks
        assert "! * provisional: the judge has not been qualified" in remarks
        await press(pilot, "1", "home", "j", "3")
        assert "! unscored: " in app.screen.query_one("#remarks", TextPane).text


async def test_the_run_is_told_in_the_words_of_the_headless_twin(open_app: Open, audited: Path) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "4")
        said = app.screen.query_one("#in-words", TextPane).text
    lines = summary(read_results(audited, RUN))
    assert lines
    assert said.split("\n\n") == list(lines)


async def test_items_are_filtered_by_kind_and_the_border_counts_each(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "j", "j", "2")
        items, text = table_of(app, "items"), screen_text(app)
        whole = items.row_count
        assert "f: wrong " in text
        kinds = {"wrong": 0, "right": 0}
        for kind in kinds:
            await press(pilot, "f")
            assert f"only {kind} (f changes it)" in screen_text(app)
            kinds[kind] = items.row_count
            assert 0 < items.row_count < whole
        assert kinds["wrong"] + kinds["right"] == whole
        await press(pilot, "f")
        assert "only wrong rows" in screen_text(app)
        await press(pilot, "enter")
        assert f"1 of {items.row_count}" in screen_text(app)


async def test_keys_and_questions_stand_beside_the_answers(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=(160, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "j", "j", "2")
        sheet = table_of(app, "items").sheet("")
        assert list(sheet.columns)[-2:] == ["Key", "Question"]
        assert any("How many patients are female?" in str(row[-1]) for row in sheet.rows)
        assert any("SELECT" in str(row[-2]).upper() for row in sheet.rows)


async def test_rows_are_sorted_by_a_key_or_a_click_on_the_columns_name(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "2")
        items = table_of(app, "items")
        before = items.keys
        await press(pilot, "o", "O")
        assert items.keys == tuple(reversed(before))
        assert "Item ▾" in screen_text(app)
        await press(pilot, "home", "enter", "n")
        assert before[-2] in screen_text(app)
        await press(pilot, "escape")
        start = items.column_spans[1][0]
        await pilot.click(items, offset=(start + 2, 1))
        await settle(pilot)
        assert "Outcome ▴" in screen_text(app)
        for _ in range(5):
            await press(pilot, "o")
        assert "▴" not in screen_text(app)
        assert items.keys == before


@given(st.lists(st.one_of(st.integers(-9999, 9999), st.floats(-1e5, 1e5)), max_size=20))
def test_numbers_are_sorted_by_their_size_with_either_minus(values: list[float]) -> None:
    texts = [f"{value:,.1f}".replace("-", "−") for value in values] + ["–", ""]
    found = Order(0).of(texts, lambda text, _: text)
    numbers = [float(text.replace("−", "-").replace(",", "")) for text in found[: len(values)]]
    assert numbers == sorted(numbers)
    assert list(found[len(values) :]) == ["–", ""]
    assert list(Order(0, True).of(texts, lambda text, _: text))[len(values) :] == ["–", ""]


def test_names_are_sorted_as_a_person_lists_them() -> None:
    names = ["item-10", "Item-2", "item-1", "item-²"]
    assert sorted(names, key=lambda name: sort_key(name) or (2, 0.0, ())) == ["item-1", "Item-2", "item-10", "item-²"]


async def test_a_zoom_shows_the_focused_pane_alone_and_goes_with_the_focus(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "1", "z")
        assert "Dimensions" not in screen_text(app)
        assert screen_text(app).startswith(" medic-console")
        await press(pilot, "3")
        assert "Dimensions" in screen_text(app)
        assert "Models" not in screen_text(app)
        await press(pilot, "escape")
        assert app.screen.maximized is None
        assert "Models" in screen_text(app)


async def test_stored_outputs_are_scored_again_once_that_is_wanted(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "s")
        assert "Score again?" in screen_text(app) and "No model is loaded" in screen_text(app)
        await press(pilot, "escape")
        assert shows(app, RunScreen)
        await press(pilot, "s", "s")
        await until(pilot, lambda: shows(app, PlainScreen), "what changed")
        await settle(pilot)
        assert "scored again by" in screen_text(app) and "No item changed" in screen_text(app)
        await press(pilot, "escape", "end", "s")
        assert "scored by a judge" in told_by(app) and shows(app, RunScreen)


def test_a_model_of_which_nothing_can_be_told_is_not_passed_over_in_silence(audited: Path) -> None:
    with closing(Reader(audited)) as reader:
        (whole, *_) = reader.results(RUN)
    alone = replace(whole, tasks=tuple(view for view in whole.tasks if view.task.id == "medcalc"))
    (line,) = summary([alone])
    assert "no gap between kinds of tasks can be told of MedCalc" in line
    assert not any("no gap between kinds" in told for told in summary([whole])), "there is something to tell"
    (view,) = alone.tasks
    assert summary([replace(alone, tasks=(replace(view, counts=Counts()),))])[0].endswith(": no item is finished.")


async def test_a_long_list_comes_before_the_figures_and_opens_an_item_when_they_are_there(
    open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("medic_console.console.run.reading.MANY", 1)
    shown: list[tuple[str, int, str]] = []
    show = RunScreen.show

    def watched(screen: RunScreen, value: Results | Items) -> None:
        first = not shown
        show(screen, value)
        notice = str(screen.query_one(Notice).visual)
        shown.append((type(value).__name__, screen.query_one("#items", Table).row_count, notice))
        if first:
            assert screen.query_one("#tasks", Table).row_count == 0
            screen.query_one("#items", Table).action_select_cursor()

    monkeypatch.setattr(RunScreen, "show", watched)
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, InspectorScreen), "the item opens")
    (kind, count, notice), (then, _, _) = shown[:2]
    assert (kind, then) == ("Items", "Results")
    assert count > 1
    assert "reading the figures" in notice
    assert len(shown) == 2

"""What a person does to compare models, by keyboard alone and by mouse."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from textual.widgets import Input

from medic_console.console.app import MedicConsole
from medic_console.console.compare import screen as compare
from medic_console.console.compare.screen import CompareScreen, MarginScreen
from medic_console.console.home.screen import HomeScreen
from medic_console.console.inspect.base import InspectorScreen
from medic_console.console.inspect.cef.screen import CefScreen
from medic_console.console.inspect.item.screen import ItemScreen
from medic_console.console.widgets.dimension_bars import DimensionBars
from medic_console.console.widgets.drawing import Drawing
from medic_console.console.widgets.folding import Tab
from medic_console.console.widgets.table import Table
from medic_console.console.widgets.text_pane import TextPane
from medic_console.core import paths
from medic_console.results.comparison.portfolio_file import FILE_NAME
from tests.console.conftest import Open, click_key, press, screen_text, settle, shows
from tests.console.test_contrast import Faint, faint_in_themes
from tests.results.compared import RIGHT, UNREADABLE, WRONG, add_run, gguf, many

WIDE = (120, 36)
DRIFT = ("space", "greater_than_sign", "space", "v")
"""Marks the first two models, the quantisations of one base, and compares them."""


@pytest.fixture
def compared(compared_archive: Path, home: Path) -> Path:
    user = home.parent / "user"
    user.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(compared_archive, user / "archive.db"))


def words_of(app: MedicConsole) -> str:
    return " ".join(screen_text(app).split())


def drawn(app: MedicConsole, pane: str) -> str:
    return app.screen.query_one(f"#{pane}", Drawing).text


async def test_from_home_to_a_flip_to_its_item_and_back_by_keyboard(open_app: Open, compared: Path) -> None:
    app = open_app(compared)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "space", "greater_than_sign", "greater_than_sign", "space")
        text = screen_text(app)
        assert "2 marked, v compares" in text
        await press(pilot, "v")
        assert shows(app, CompareScreen)
        text = screen_text(app)
        for part in ("A Clinic 8B Q4_K_M", "B hospital-14b Q5_K_M", "Tasks: B against A", "B − A [95 %]", "p Holm"):
            assert part in text
        await press(pilot, "2")
        assert "✗ right → wrong" in screen_text(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, InspectorScreen)
        assert "hospital-14b" in screen_text(app)
        await press(pilot, "greater_than_sign")
        assert "Clinic 8B Q4_K_M" in screen_text(app)
        await press(pilot, "escape")
        assert shows(app, CompareScreen)
        await press(pilot, "escape")
        assert shows(app, HomeScreen)
        assert "2 marked, v compares" in screen_text(app)


async def test_from_home_to_a_flip_to_its_item_by_mouse(open_app: Open, compared: Path) -> None:
    app = open_app(compared)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        for row in (2, 3):
            for _ in range(2):
                await pilot.click("#models-list", offset=(6, row + 1))
                await settle(pilot)
        assert "2 marked, v compares" in screen_text(app)
        await click_key(pilot, "v")
        assert shows(app, CompareScreen)
        await pilot.click(list(app.screen.query(Tab))[1])
        await settle(pilot)
        assert "Flips A → B" in screen_text(app)
        for _ in range(2):
            await pilot.click("#flips", offset=(6, 2))
            await settle(pilot)
        assert isinstance(app.screen, InspectorScreen)


async def test_two_quantisations_of_one_base_are_titled_drift_with_a_verdict(open_app: Open, compared: Path) -> None:
    app = open_app(compared)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, *DRIFT)
        text = words_of(app)
        assert "Quantisation drift A → B margin 2 points" in text
        assert "A Clinic 8B Q8_0" in text
        assert "✗ WORSE" in text or "? UNDECIDED" in text
        assert "B against A:" in text


async def test_the_margin_is_asked_for_and_decides_the_verdict(open_app: Open, compared: Path) -> None:
    app = open_app(compared)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, *DRIFT, "m")
        assert isinstance(app.screen, MarginScreen)
        app.screen.query_one(Input).value = "0"
        await press(pilot, "enter")
        assert "above 0 and below 100" in screen_text(app)
        app.screen.query_one(Input).value = "90"
        await press(pilot, "enter")
        assert shows(app, CompareScreen)
        text = words_of(app)
        assert "margin 90 points" in text
        assert "= equivalent" in text
        assert "B against A: equivalent* at a margin of 90 points (6 tasks: 6 equivalent)" in text


async def test_enter_on_a_task_shows_its_flips_alone_and_t_shows_all(open_app: Open, compared: Path) -> None:
    app = open_app(compared)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, *DRIFT)
        flips = app.screen.query_one("#flips", Table)
        every = flips.row_count
        app.screen.query_one("#compare-tasks", Table).mark("medqa")
        await press(pilot, "enter")
        assert 0 < flips.row_count < every
        assert "Flips A → B of medqa" in screen_text(app)
        await press(pilot, "t")
        assert flips.row_count == every
        await press(pilot, "f")
        assert "only right → wrong" in screen_text(app)
        assert "hidden" in screen_text(app)


async def test_both_answers_stand_side_by_side_with_the_words_that_differ(open_app: Open, compared: Path) -> None:
    app = open_app(compared)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, *DRIFT, "2")
        flips = app.screen.query_one("#flips", Table)
        flips.mark(next(key for key in _keys(flips) if key.startswith("medcalc ")))
        await settle(pilot)
        first, second = (app.screen.query_one(f"#{name}", TextPane) for name in ("first-text", "second-text"))
        assert first.text.startswith("The values are taken from the note and put into the formula.\nAnswer: ")
        assert second.text == "The values are estimated from the note.\nAnswer: 1234567"
        assert _underlined(second) == ["estimated", "1234567"]
        assert "gold" in screen_text(app)


def _keys(table: Table) -> list[str]:
    found = []
    for number in range(table.row_count):
        table.move_cursor(row=number)
        found.append(table.chosen)
    return found


def _underlined(pane: TextPane) -> list[str]:
    content = pane.content
    return [content.plain[span.start : span.end] for span in content.spans if "underline" in str(span.style)]


async def test_all_models_are_compared_when_none_is_marked_and_pairs_are_walked(open_app: Open, compared: Path) -> None:
    app = open_app(compared)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "v")
        assert "A → B (pair 1 of 6)" in screen_text(app)
        await press(pilot, "less_than_sign")
        assert "C → D (pair 6 of 6)" in screen_text(app)
        assert "Tasks: D against C" in screen_text(app)
        await press(pilot, "3")
        assert "No model dominates" in screen_text(app)
        await press(pilot, "4")
        assert "Least alike" in screen_text(app)
        await press(pilot, "5")
        assert "know more than they carry out" in drawn(app, "gaps")
        await press(pilot, "6")
        assert "19.0 tokens/s (75 outputs, 4 at once)" in drawn(app, "trade-off")
        assert "● on the front" in drawn(app, "trade-off")
        await press(pilot, "7")
        text = words_of(app)
        assert "Thresholds are examples" in text
        assert "✗ fails°" in text
        assert "SOAP note CEF overall above 85: not run" in text


async def test_two_models_have_no_rank_correlation_and_the_published_one_is_shown(
    open_app: Open, compared: Path
) -> None:
    app = open_app(compared)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, *DRIFT, "4")
        text = words_of(app)
    assert "Two models give no rank correlation: compare three or more." in text
    assert "Open-Ended-QA" in text
    assert "not run here" in text


async def test_flips_that_come_later_do_not_push_the_mark_down(
    open_app: Open, compared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare, "_TELL", 0.0)
    app = open_app(compared)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "v", "less_than_sign", "2")
        assert app.screen.query_one("#flips", Table).cursor_row == 0


async def test_the_arrow_keys_bring_further_columns_into_sight(open_app: Open, compared: Path) -> None:
    app = open_app(compared)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, *DRIFT, "4")
        assert "columns 1 to 14 of 20" in screen_text(app)
        await press(pilot, "right", "right")
        assert "columns 3 to 16 of 20" in screen_text(app)
        await press(pilot, *["right"] * 9, "left")
        assert "columns 6 to 19 of 20" in screen_text(app)


async def test_items_without_an_answer_take_the_worst_value_and_are_left_out_on_one_key(
    open_app: Open, tmp_path: Path
) -> None:
    path = tmp_path / "a.db"
    models = [gguf("alpha", "Q8_0", 1.0), gguf("beta", "Q8_0", 1.0)]
    skills = {"alpha": lambda t, n: RIGHT, "beta": lambda t, n: UNREADABLE if n < 5 else RIGHT}
    add_run(path, [many("medcalc", tmp_path, 8)], skills, models)
    app = open_app(path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "v")
        text = words_of(app)
        assert "unanswered: worst value" in text
        assert "5 right → wrong" in text
        assert "−62.5" in text
        assert "B 37.5 [10.6, 72.2] n 8 · 38 % [11, 72] answered, of those 100.0 [36.9, 100.0] n 3" in text
        await press(pilot, "u")
        text = words_of(app)
        assert "unanswered: left out" in text
        assert "left out: B 5 unreadable" in text
        assert "5 scored → no score" in text


async def test_no_common_items_is_not_that_every_answer_scores_the_same(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    models = [gguf("alpha", "Q8_0", 1.0), gguf("beta", "Q8_0", 1.0)]
    skills = {"alpha": lambda t, n: UNREADABLE, "beta": lambda t, n: UNREADABLE}
    add_run(path, [many("medcalc", tmp_path, 8)], skills, models)
    app = open_app(path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "v", "2")
        assert "no item changed: all 8 common items score the same" in words_of(app)
        await press(pilot, "u")
        assert "no common items" in words_of(app)
        assert "no item changed" not in words_of(app)


async def test_models_that_share_nothing_say_what_to_do(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    for name, task in (("alpha", "medqa"), ("beta", "medcalc")):
        add_run(path, [many(task, tmp_path, 4)], {name: lambda t, n: RIGHT}, [gguf(name, "Q8_0", 1.0)])
    app = open_app(path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "v")
        text = words_of(app)
        assert "No task was measured on the same items" in text
        assert "Audit the models in one run" in text
        await press(pilot, "escape")
        assert shows(app, HomeScreen)


async def test_a_broken_portfolio_is_named_and_the_other_pages_stand(open_app: Open, compared: Path) -> None:
    own = paths.private(paths.config_dir()) / FILE_NAME
    own.write_text("[[use_cases]]\nid = 3\n", "utf-8")
    app = open_app(compared)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "v", "7")
        assert "✗ Unusable file" in screen_text(app)
        assert "line 2" in words_of(app)
        await press(pilot, "1")
        assert "Tasks: B against A" in screen_text(app)


async def test_one_model_alone_is_not_compared_and_published_ones_are_never(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    add_run(path, [many("medqa", tmp_path, 4)], {"alpha": lambda t, n: RIGHT}, [gguf("alpha", "Q8_0", 1.0)])
    app = open_app(path)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "v")
        assert shows(app, HomeScreen)
        assert "needs two models or more" in words_of(app)
        await press(pilot, "greater_than_sign", "space")
        assert "Published models were not run here" in words_of(app)
        said = app.screen.query_one(DimensionBars).text
        assert "14 models: published reference points (arXiv 2409.07314v2, Table 4); not run here." in said


async def test_a_judged_flip_opens_its_cross_examination(open_app: Open, compared: Path) -> None:
    app = open_app(compared)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "v", "less_than_sign")
        app.screen.query_one("#compare-tasks", Table).mark("aci_bench")
        await press(pilot, "enter", "enter")
        assert shows(app, CefScreen)


async def test_hostile_names_and_texts_stay_text(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    models = [gguf(f"{name}[red]m[/red]\x1b[2J漢字", "Q8_0", 1.0) for name in "ab"]
    skills = {models[0].name: lambda t, n: RIGHT, models[1].name: lambda t, n: WRONG}
    add_run(path, [many("medqa", tmp_path, 4), many("medcalc", tmp_path, 4)], skills, models)
    app = open_app(path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        seen = [screen_text(app)]
        await press(pilot, "v")
        for page in "1234567":
            await press(pilot, page)
            seen.append(screen_text(app))
    for text in seen:
        assert "[red]m[/red]␛[2J漢字" in text or "[red]" in text
        assert "\x1b" not in text


async def test_a_choice_opens_the_item_inspector_at_80_columns(open_app: Open, compared: Path) -> None:
    app = open_app(compared)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, *DRIFT, "2")
        flips = app.screen.query_one("#flips", Table)
        flips.mark(next(key for key in _keys(flips) if key.startswith("medqa ")))
        await press(pilot, "enter")
        assert shows(app, ItemScreen)


async def test_every_text_of_a_comparison_can_be_read_in_every_theme(open_app: Open, compared: Path) -> None:
    app = open_app(compared)
    found: Faint = {}
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "v")
        for page in "1234567":
            await press(pilot, page)
            found |= await faint_in_themes(pilot, page)
    assert found == {}

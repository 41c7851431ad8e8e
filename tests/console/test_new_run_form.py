"""New run: the list to pick from, files that are offered, options, and the form kept as a preset."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.archive.store import Store
from medic_console.audit.presets import load_presets
from medic_console.console.app import MedicConsole
from medic_console.console.dialogs.pick import Choosable, PickScreen, nearest
from medic_console.console.dialogs.plain import PlainScreen
from medic_console.console.live.screen import LiveScreen
from medic_console.console.new_run.file_rows import file_detail
from medic_console.console.new_run.files import FileList
from medic_console.console.new_run.offers import offered
from medic_console.console.new_run.options import OptionTable
from medic_console.console.new_run.picking import preset_lines
from medic_console.console.new_run.preflight import FileEntry
from medic_console.console.new_run.screen import NewRunScreen
from medic_console.console.new_run.task_list import TaskList
from medic_console.console.widgets.edit_line import EditLine
from medic_console.console.widgets.table import Table
from medic_console.core import paths
from medic_console.engine.template.completion import COMPLETION
from medic_console.session import probe
from tests.conftest import fake_model
from tests.console.conftest import TASKS, Open, press, screen_text, settle, shows, told_by, until

WIDE = (120, 36)
LISTED = [
    Choosable("a", "task", "MedQA", "Choices.", "medqa"),
    Choosable("b", "task", "MedCalc-Bench", "Sums."),
    Choosable("c", "model", "old.gguf", why_not="The file is gone."),
]


def options_of(app: MedicConsole) -> OptionTable:
    return app.screen.query_one(OptionTable)


def test_letters_in_their_order_find_a_line_and_none_shows_all() -> None:
    assert [one.key for one in nearest(LISTED, " ")] == ["a", "b", "c"]
    assert [one.key for one in nearest(LISTED, "mdcb")] == ["b"]
    assert nearest(LISTED, "zzz") == []


def test_presets_of_one_title_are_told_apart_by_their_files(home: Path) -> None:
    folder = paths.config_dir() / "presets"
    folder.mkdir(parents=True)
    for name, title in (("mine", "Night"), ("away", "Night"), ("other", "Day")):
        (folder / f"{name}.toml").write_text(f'title = "{title}"\ntasks = ["medqa"]\n')
    lines, _ = preset_lines(["medqa"], None)
    assert [one.title for one in lines if one.kind == "yours"] == ["Night (away)", "Night (mine)", "Day"]


@pytest.mark.parametrize(
    ("template", "said"), [(COMPLETION, "none, asked for completions"), ("{{ messages }}", "yes"), ("", "no")]
)
def test_a_model_that_is_asked_for_completions_is_not_said_to_have_a_template(template: str, said: str) -> None:
    model = replace(fake_model("alpha"), template=template)
    detail = file_detail(FileEntry(Path(model.file), model=model)).plain
    assert f"· chat template {said} ·" in detail


async def test_a_line_is_picked_and_one_that_cannot_be_says_why(open_app: Open) -> None:
    app = open_app()
    picked: list[str | None] = []
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await settle(pilot)
        app.push_screen(PickScreen("Which?", LISTED, "Nothing is called so."), picked.append)
        await settle(pilot)
        await press(pilot, *"zzz", "enter")
        assert "Nothing is called so." in screen_text(app) and not picked
        await press(pilot, "backspace", "backspace", "backspace", *"gguf")
        assert "The file is gone." in screen_text(app)
        await press(pilot, "enter")
        assert "Cannot be picked" in told_by(app) and not picked
        await press(pilot, *["backspace"] * 4, "down", "enter")
        assert picked == ["b"]


def test_what_is_offered_is_each_file_once_without_reading_it(home: Path, tmp_path: Path) -> None:
    (tmp_path / "own.gguf").write_text("not read")
    (tmp_path / "other.txt").write_text("")
    Store(tmp_path / "archive.db").close()
    found = offered(tmp_path / "archive.db", [tmp_path, tmp_path, tmp_path / "none"])
    assert [one.source for one in found] == [tmp_path / "own.gguf", *paths.demo_models()]
    assert not any(one.model or one.error or one.candidate or one.judge for one in found)
    assert [one.source for one in offered(tmp_path / "none.db", [])] == list(paths.demo_models())


async def test_an_option_takes_what_fits_says_why_not_and_is_made_as_usual_again(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "n", "3")
        options, table = options_of(app), app.screen.query_one("#options-table", Table)
        usual = options.settings
        table.mark("shots")
        await press(pilot, "enter", *"many", "enter")
        assert "Not taken" in told_by(app) and app.screen.query(EditLine)
        await press(pilot, *["backspace"] * 4, "2", "enter")
        assert options.settings.shots == 2 and not app.screen.query(EditLine)
        await press(pilot, "delete")
        assert options.settings == usual
        table.mark("flash_attention")
        await press(pilot, "enter")
        assert options.settings.flash_attention != usual.flash_attention


async def test_the_form_is_kept_as_a_preset_and_fills_the_form_again(open_app: Open, home: Path) -> None:
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "n")
        assert isinstance(app.screen, NewRunScreen)
        await press(pilot, "ctrl+s", *"mine", "enter")
        assert "Not saved" in told_by(app) and app.screen.query(EditLine), "no task is in"
        await press(pilot, "escape")
        app.screen.query_one(TaskList).choose(("medqa", "medcalc"))
        assert options_of(app).change("shots", "1")
        await press(pilot, "ctrl+s", *"mine", "enter")
        assert "run --preset FILE takes it" in told_by(app)
        (file,) = (paths.config_dir() / "presets").glob("*.toml")
        assert tomllib.loads(file.read_text("utf-8"))["tasks"] == ["medcalc", "medqa"]
        assert load_presets(tuple(TASKS)).presets["mine"].run == {"shots": 1}
        await press(pilot, "escape", "n")
        assert not app.screen.query_one(TaskList).chosen
        await press(pilot, "p", *"mine", "enter")
        assert list(app.screen.query_one(TaskList).chosen) == ["medcalc", "medqa"]
        assert options_of(app).settings.shots == 1


async def test_an_encoder_that_cannot_be_used_is_told_and_no_run_begins(open_app: Open, tmp_path: Path) -> None:
    (tmp_path / "no.gguf").write_text("no encoder")
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "n")
        screen = app.screen
        assert isinstance(screen, NewRunScreen)
        await until(pilot, lambda: "still being looked for" not in screen_text(app), "the items")
        await press(pilot, "f", *"demo-small", "enter")
        await until(pilot, lambda: bool(screen.form().candidates), "the model")
        screen.query_one(TaskList).choose(("medqa",))
        assert options_of(app).change("encoder", str(tmp_path / "no.gguf"))
        await press(pilot, "ctrl+g")
        assert "no.gguf" in told_by(app) and not shows(app, LiveScreen)
        assert app.context.session is None


@pytest.mark.parametrize("size", [WIDE, (80, 24)])
async def test_a_preset_is_picked_with_the_mouse(open_app: Open, size: tuple[int, int]) -> None:
    app = open_app()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "n", "p")
        assert isinstance(app.screen, PickScreen)
        table = app.screen.query_one("#pick-table", Table)
        await pilot.click(table, offset=(4, 1))
        await settle(pilot)
        await pilot.click(table, offset=(4, 1)) if isinstance(app.screen, PickScreen) else None
        await settle(pilot)
        assert shows(app, NewRunScreen) and app.screen.query_one(TaskList).chosen


async def test_t_tells_how_long_the_run_takes_or_why_nobody_knows(
    open_app: Open, endless_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "SECONDS", 0.05)
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "n", "t")
        assert "No candidate" in told_by(app)
        screen = app.screen
        assert isinstance(screen, NewRunScreen)
        screen.query_one(FileList).choose((endless_model,), ())
        await until(pilot, lambda: bool(screen.form().candidates), "the model")
        screen.query_one(TaskList).choose(("medqa",))
        await press(pilot, "t")
        await until(pilot, lambda: shows(app, PlainScreen), "the time")
        assert "The run takes" in screen_text(app) and "medqa: " in screen_text(app)
        await press(pilot, "escape")
        assert shows(app, NewRunScreen) and app.context.session is None


async def test_the_last_line_and_the_help_say_what_enter_does_in_lists_that_open_nothing(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "n")
        words = []
        for pane in "123":
            await press(pilot, pane)
            words.append(screen_text(app).splitlines()[-1].split()[1])
        assert words == ["Choose", "Choose", "Change"]
        await press(pilot, "question_mark")
        assert "Change the marked value" in screen_text(app) and "Open the marked row" not in screen_text(app)

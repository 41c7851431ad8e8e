"""A judge is qualified from the console: file and method are asked, what is loaded is told, its card is the end."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import pytest
from textual.pilot import Pilot

from medic_console.archive.store import Store
from medic_console.console.app import MedicConsole
from medic_console.console.dialogs.pick import PickScreen
from medic_console.console.dialogs.questions import QualifyScreen
from medic_console.console.judges.qualify import method_lines
from medic_console.console.judges.screen import JudgesScreen
from medic_console.console.live.qualification import QualifyLiveScreen
from medic_console.console.widgets.edit_line import EditLine
from medic_console.console.widgets.table import Table
from medic_console.core.records import Prompt
from medic_console.engine.files.model import ModelFile
from medic_console.results.judging.judges import known_judges
from medic_console.results.reader import Reader
from medic_console.testing.scripted import Reply, ScriptedEngine
from tests.conftest import PATIENCE
from tests.console.conftest import TASKS, Open, press, screen_text, settle, shows, told_by, until
from tests.console.test_judges import card, opened
from tests.results.judging.replies import perfect
from tests.results.judging.scripts import BUILD, judge_of

WIDE = (120, 36)


class Held:
    """A judge that waits at its first probe until it is let on."""

    def __init__(self, held: bool = False) -> None:
        self.go, self.asked = threading.Event(), 0
        if not held:
            self.go.set()

    def start(self, model: ModelFile, cache: str) -> ScriptedEngine:
        """Load the judge."""
        judge = judge_of(perfect)

        def script(prompt: Prompt) -> Reply:
            self.asked += 1
            assert self.go.wait(PATIENCE)
            return judge(prompt)

        return ScriptedEngine(script)


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    Store(tmp_path / "archive.db").close()
    return tmp_path / "archive.db"


async def asked(pilot: Pilot[None], *letters: str) -> None:
    """Go up to the last question: the larger demo model, by the method of these letters."""
    app = pilot.app
    assert isinstance(app, MedicConsole)
    await press(pilot, "q", *"demo-large", "enter")
    await until(pilot, lambda: "By which method does it judge?" in screen_text(app), "the methods")
    await press(pilot, *letters, "enter")
    await until(pilot, lambda: "Start  s" in screen_text(app), "the last question")


async def test_a_judge_is_qualified_up_to_its_card_by_keyboard(open_app: Open, empty: Path) -> None:
    app = open_app(empty, Held().start)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await opened(pilot)
        assert "q, or medic-console judge qualify FILE" in screen_text(app)
        await asked(pilot, *"harm")
        assert shows(app, QualifyScreen)
        text = " ".join(screen_text(app).replace("┃", " ").split())
        for part in ("demo-large Q8_0, 6 MB", "64 probes with known answers to it: harm (med_safety)", "sequences"):
            assert part in text
        await press(pilot, "escape")
        with closing(Reader(empty)) as reader:
            assert not reader.qualifications.cards()
        assert app.context.session is None
        await asked(pilot, *"harm")
        await press(pilot, "s")
        await until(pilot, lambda: shows(app, JudgesScreen), "the judges again")
        await settle(pilot)
        assert "✓ qualified as a judge of harm" in card(app)
        with closing(Reader(empty)) as reader:
            (judge,) = known_judges(reader, TASKS.values(), BUILD)
        assert app.screen.query_one("#all-judges", Table).chosen == judge.key


async def test_a_qualification_goes_on_behind_other_screens_and_q_shows_it_again(open_app: Open, empty: Path) -> None:
    held = Held(held=True)
    app = open_app(empty, held.start)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        screen = await opened(pilot)
        await asked(pilot, *"harm")
        await pilot.press("s")
        await until(pilot, lambda: held.asked > 0, "the first probe")
        assert shows(app, QualifyLiveScreen) and "qualification " in screen_text(app)
        told = "judge ", "probes in all"
        await until(pilot, lambda: all(words in screen_text(app) for words in told), "the judge and its probes")
        assert "1 candidate" not in screen_text(app)
        await pilot.press("escape", "q")
        await until(pilot, lambda: shows(app, QualifyLiveScreen), "the live view")
        await pilot.press("i")
        await until(pilot, lambda: "opens from the judge's card" in told_by(app), "why no probe opens")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen, "the judges")
        held.go.set()
        await until(pilot, lambda: bool(screen.query_one("#all-judges", Table).row_count), "the card, without a key")
        await settle(pilot)
        assert "✓ qualified as a judge of harm" in card(app)


async def test_a_file_that_cannot_judge_says_why_and_a_path_may_be_typed(
    open_app: Open, empty: Path, tmp_path: Path
) -> None:
    (tmp_path / "no.gguf").write_text("no model")
    app = open_app(empty, Held().start)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await opened(pilot, "q", *"other", "enter")
        assert app.screen.query(EditLine)
        await press(pilot, *str(tmp_path / "no.gguf"), "enter")
        assert shows(app, PickScreen)
        await press(pilot, "enter")
        assert "Cannot be qualified" in told_by(app) and "no.gguf" in told_by(app)
        assert shows(app, JudgesScreen) and app.context.session is None


def test_a_method_that_no_task_uses_cannot_be_picked() -> None:
    tasks = [task for task in TASKS.values() if task.judge is None or task.judge.method != "harm"]
    why = {one.key: one.why_not for one in method_lines(tasks)}
    assert why["harm"] and not why["cef"] and not why["all"]
    assert not any(one.why_not for one in method_lines(list(TASKS.values())))

"""An app over the scripted archive, and how to wait for it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.events import Key
from textual.keys import key_to_character
from textual.pilot import Pilot
from textual.screen import Screen
from textual.strip import Strip
from textual.worker import WorkerCancelled

from medic_console.audit.plan import Plan
from medic_console.commands.cli import main
from medic_console.console.app import MedicConsole
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.engine.protocol.port import Start
from medic_console.review.reviewers import add_reviewer
from medic_console.suite.task_file import load_tasks
from tests.conftest import PATIENCE, ROOT
from tests.console.audited import RUN, START, write_archive
from tests.console.inspected import write_inspected
from tests.console.judged import write_judged, write_panel
from tests.console.partial import write_partial

_parse_rules = Stylesheet._parse_rules
TASKS = load_tasks(ROOT / "tasks").tasks
QUEUE, ADA, PIN = "q", "Ada", "4711"
_STEP = 0.02
Open = Callable[..., MedicConsole]


@pytest.fixture(scope="session", autouse=True)
def styles_parsed_once() -> Iterator[None]:
    """Keep parsed style sheets from one app to the next; Textual parses all of them anew for each screen opened."""
    kept: dict[tuple[object, ...], list[RuleSet]] = {}

    def parse_rules(self: Stylesheet, css: str, *given: Any, **named: Any) -> list[RuleSet]:
        key = (frozenset(self._variables.items()), css, given, frozenset(named.items()))
        if key not in kept:
            kept[key] = _parse_rules(self, css, *given, **named)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse_rules)
        yield


@pytest.fixture(scope="session")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One finished run of all tasks."""
    folder = tmp_path_factory.mktemp("audited")
    return write_archive(folder / "archive.db", folder / "cache")


@pytest.fixture(scope="session")
def inspected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with every kind of item; read only."""
    folder = tmp_path_factory.mktemp("inspected")
    return write_inspected(folder / "archive.db", folder / "cache")


@pytest.fixture(scope="session")
def judged(inspected: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The inspectors' archive with judges in every state; read only."""
    return write_judged(tmp_path_factory.mktemp("judged") / "archive.db", inspected)


@pytest.fixture(scope="session")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that three judges judged; read only."""
    folder = tmp_path_factory.mktemp("panel")
    return write_panel(folder / "archive.db", folder / "cache")


@pytest.fixture(scope="session")
def partial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with items without an answer, a note that was cut off, and a judge that is kin; read only."""
    folder = tmp_path_factory.mktemp("partial")
    return write_partial(folder / "archive.db", folder / "cache")


@pytest.fixture
def archive(audited: Path, home: Path) -> Path:
    """A copy of the archive in the test's own home, so that its path is shown as ~/archive.db."""
    user = home.parent / "user"
    user.mkdir(parents=True)
    return Path(shutil.copy(audited, user / "archive.db"))


@pytest.fixture
def reviewed(inspected: Path, home: Path) -> Path:
    """An archive with a queue and a person who may read it."""
    archive = Path(shutil.copy(inspected, home.parent / "reviewed.db"))
    words = ("review", "new", QUEUE, RUN, "--archive", str(archive), "--task", "aci_bench", "--number", "4")
    assert main(list(words)) == 0
    add_reviewer(archive, ADA, PIN)
    return archive


@pytest.fixture
def snap_compare(snap_compare: Callable[..., bool]) -> Callable[..., bool]:
    """Take a picture when nothing moves any more; where it is another one than before, print what the screen shows."""

    def compare(app: MedicConsole, run_before: Callable[[Pilot[None]], Awaitable[None]], **named: Any) -> bool:
        shown: list[str] = []

        async def run(pilot: Pilot[None]) -> None:
            await run_before(pilot)
            shown.append(await still(pilot))

        same = snap_compare(app, run_before=run, **named)
        if not same:
            print(shown[-1])
        return same

    return compare


@pytest.fixture
def open_app(archive: Path) -> Open:
    """Make an app over the archive."""

    def make(path: Path | None = None, start: Start | None = START, initial: Plan | None = None) -> MedicConsole:
        return MedicConsole(path or archive, tasks=TASKS, start=start, initial=initial)

    return make


async def settle(pilot: Pilot[None]) -> None:
    """Wait until no worker runs and all messages are handled, twice in a row.

    A pause without a number would sleep a fiftieth of a second to see whether the process is idle; a key has several.

    Raises:
        AssertionError: The app has crashed, so that its messages are never handled.
    """
    quiet = 0
    while quiet < 2:
        if pilot.app._exception is not None:
            raise AssertionError("the app has crashed") from pilot.app._exception
        with contextlib.suppress(WorkerCancelled):  # another look into the archive took its place
            await pilot.app.workers.wait_for_complete()
        await pilot.pause(0)
        quiet = 0 if _is_busy(pilot.app) else quiet + 1


async def still(pilot: Pilot[None]) -> str:
    """Wait until the screen shows the same twice in a row, and return its text."""
    before: list[Strip] = []
    for _ in range(int(PATIENCE / _STEP)):
        await settle(pilot)
        if (now := pilot.app.screen._compositor.render_strips()) == before:
            return "\n".join(strip.text for strip in now)
        before = now
        await pilot.pause(_STEP / 4)
    raise AssertionError("the screen never came to rest")


def _is_busy(app: App[None]) -> bool:
    """Tell whether a worker runs or a message waits."""
    nodes = [app, *app.screen.walk_children(with_self=True)]
    return any(not worker.is_finished for worker in app.workers) or any(node.message_queue_size for node in nodes)


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, and wait after each."""
    for key in keys:
        if len(key) == 1 and not key.isalnum():  # known to the app by its name
            await pilot.press(key)
        else:
            assert pilot.app.post_message(Key(key, key_to_character(key)))
        await settle(pilot)


async def click_key(pilot: Pilot[None], key: str) -> None:
    """Click on a key in the last line."""
    bar = pilot.app.screen.query_one(KeyBar)
    column = next(start for shown, start in bar.places() if shown.name == key)
    await pilot.click(bar, offset=(column + 1, 0))
    await settle(pilot)


async def until(pilot: Pilot[None], holds: Callable[[], bool], what: str) -> None:
    """Let the app go on until something holds; fail when it never does."""
    for _ in range(int(PATIENCE / _STEP)):
        if holds():
            return
        await pilot.pause(_STEP)
    raise AssertionError(f"waited in vain: {what}")


def shows(app: MedicConsole, screen: type[Screen[Any]]) -> bool:
    """Tell whether a screen of that kind is in front."""
    return isinstance(app.screen, screen)


def told_by(app: MedicConsole) -> str:
    """Return the notifications that are shown, a line each."""
    return "\n".join(f"{notification.title} {notification.message}" for notification in app._notifications)


def screen_text(app: MedicConsole) -> str:
    """Return what the screen shows, line by line, without styles."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in strips)

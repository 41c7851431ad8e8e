"""The questions before a judge is qualified: which file, which method, and whether to load it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from textual import on
from textual.message import Message
from textual.widget import Widget

from medic_console.audit.prepare import NO_TEMPLATE, usable_models
from medic_console.console.base import ConsoleScreen
from medic_console.console.context import Context
from medic_console.console.defects import defect
from medic_console.console.dialogs.pick import Choosable, PickScreen
from medic_console.console.dialogs.questions import QualifyScreen
from medic_console.console.key_order import KeyOrderApp
from medic_console.console.messages import StartQualification
from medic_console.console.new_run.offers import offered
from medic_console.console.new_run.picking import found_lines
from medic_console.console.text import one_line
from medic_console.console.threads import in_thread
from medic_console.console.widgets.edit_line import EditLine
from medic_console.core.errors import MedicError
from medic_console.core.run_settings import RunSettings
from medic_console.engine.sizing.limits import engine_settings
from medic_console.results.judging.build import Wording
from medic_console.scoring.methods.probes import qualifying
from medic_console.session.qualification import QualificationRequest, asking_alike, request, unfinished
from medic_console.suite.task import Task

_OTHER, _ALL = "path", "all"
_ALL_SAID = "Every wording in which a task of this console has texts judged."


@dataclass(frozen=True, slots=True)
class _Ready:
    """What the last question says.

    Attributes:
        laid_out: Over the memory, in words.
        known: An unfinished run that is gone on with; empty for none.
    """

    asked: QualificationRequest
    laid_out: tuple[str, ...]
    known: str


class Qualifier(Widget):
    """Asks one question after the other; shows nothing itself."""

    DEFAULT_CSS = "Qualifier { display: none; }"

    class Offered(Message):
        """Files that may be the judge were looked for."""

        def __init__(self, lines: Sequence[Choosable], asked: int) -> None:
            super().__init__()
            self.lines = lines
            self.asked = asked

    class Prepared(Message):
        """The file was read, or cannot be used."""

        def __init__(self, found: _Ready | MedicError, asked: int) -> None:
            super().__init__()
            self.found = found
            self.asked = asked

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self._file = Path()

    def ask(self, marked: str) -> None:
        """Begin; `marked` is a judge's file that is offered first, empty for none."""
        self._look(marked, self.context.settings.models, self._keys_taken)

    def take(self, typed: str) -> None:
        """Take the path of a file as it was typed."""
        if typed.strip():
            self._on_file(f"model:{Path(typed.strip()).expanduser().absolute()}")

    @in_thread("offers", exclusive=True)
    def _look(self, marked: str, folders: tuple[Path, ...], asked: int) -> None:
        lines = found_lines(offered(self.context.archive, folders), {})
        lines.sort(key=lambda one: one.key != f"model:{marked}")
        other = Choosable(_OTHER, "other file", "a file that is not in this list", "Its path is typed.")
        self.post_message(self.Offered([*lines, other], asked))

    @on(Offered)
    def _on_offered(self, message: Offered) -> None:
        if self._waits_since(message.asked):
            self._show(PickScreen("Which file is the judge?", message.lines), self._on_file)

    def _on_file(self, key: str | None) -> None:
        if key == _OTHER:
            self._type_path()
        elif key:
            self._file = Path(key.removeprefix("model:"))
            self._show(PickScreen("By which method does it judge?", method_lines(self._tasks)), self._on_method)

    def _on_method(self, method: str | None) -> None:
        if method:
            named = [task for task in self._tasks if task.judge and method in (_ALL, task.judge.method)]
            self.notify(f"Reading {self._file.name}.", markup=False, timeout=3)
            self._prepare(self._file, asking_alike(named, self._tasks), self.context.settings.run, self._keys_taken)

    @in_thread("prepare", exclusive=True)
    def _prepare(self, file: Path, tasks: list[Task], settings: RunSettings, asked: int) -> None:
        try:
            self.post_message(self.Prepared(_ready(self.context.archive, file, tasks, settings), asked))
        except MedicError as error:
            self.post_message(self.Prepared(error, asked))
        except Exception:  # noqa: BLE001 - a defect of ours is shown with its traceback, and the console goes on
            self.post_message(self.Prepared(defect(), asked))

    @on(Prepared)
    def _on_prepared(self, message: Prepared) -> None:
        ready = message.found
        if isinstance(ready, MedicError):
            told = f"{ready.message} {ready.hint}".strip()
            self.notify(told, title="Cannot be qualified", severity="error", markup=False, timeout=12)
            return
        if not self._waits_since(message.asked):
            return
        question = QualifyScreen(ready.asked.plan(), in_words(ready.asked.wordings), ready.laid_out, ready.known)
        self.app.push_screen(question, partial(self._on_answer, ready.asked))

    def _on_answer(self, asked: QualificationRequest, yes: bool | None) -> None:
        if yes:
            self.post_message(StartQualification(asked))

    def _type_path(self) -> None:
        screen = self.screen
        if isinstance(screen, ConsoleScreen) and not screen.query(EditLine):
            screen.open_line(
                EditLine("File of the judge", "", "tab completes · enter takes it · esc leaves", (".gguf",))
            )

    def _show(self, screen: PickScreen, done: Callable[[str | None], None]) -> None:
        self.app.push_screen(screen, done)
        if isinstance(self.app, KeyOrderApp):
            self.app.hold_keys(screen)

    @property
    def _keys_taken(self) -> int:
        return self.screen.keys_taken if isinstance(self.screen, ConsoleScreen) else 0

    def _waits_since(self, asked: int) -> bool:
        return not isinstance(self.screen, ConsoleScreen) or self.screen.waits_since(asked, "Qualify")

    @property
    def _tasks(self) -> list[Task]:
        return list(self.context.tasks.values())


def _ready(archive: Path, file: Path, tasks: list[Task], settings: RunSettings) -> _Ready:
    template = None if settings.chat_template == "own" else NO_TEMPLATE
    (judge,) = usable_models([file], settings, template, own_first=True)
    asked = request([judge], tasks, settings)
    laid_out = engine_settings(judge, settings).reasons
    return _Ready(asked, tuple(laid_out), unfinished(archive, asked.plan(), asked.build))


def method_lines(tasks: Sequence[Task]) -> list[Choosable]:
    """Return the methods that a judge can be qualified for, with the tasks that judge by them; all of them first."""
    lines = [Choosable(_ALL, "all", "every method", _ALL_SAID)]
    for method in qualifying():
        users = [task.title for task in tasks if task.judge is not None and task.judge.method == method]
        why_not = "" if users else "No task of this console judges by this method."
        lines.append(Choosable(method, "method", method, one_line(", ".join(users), 400), why_not=why_not))
    return lines


def in_words(wordings: Sequence[Wording]) -> str:
    """Return by which methods and for which tasks: "harm (med_safety); pairwise (medication_qa)"."""
    users: dict[str, list[str]] = {}
    for one in wordings:
        users.setdefault(one.spec.method, []).append(", ".join(one.tasks))
    return one_line("; ".join(f"{method} ({'; '.join(named)})" for method, named in users.items()), 400)

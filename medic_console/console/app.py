"""The app: screens, themes, and the one run that goes on in its thread."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from pathlib import Path, PurePath
from typing import ClassVar

from textual import on, work
from textual.app import App
from textual.binding import Binding
from textual.command import Provider
from textual.signal import Signal
from textual.worker import Worker, WorkerState

from medic_console import paths
from medic_console.archive.queries import Reader
from medic_console.console.commands import bindings
from medic_console.console.context import Context
from medic_console.console.messages import EventsWaiting, FiguresReady, StartRun
from medic_console.console.palette import CommandsProvider
from medic_console.console.screens.base import ConsoleScreen
from medic_console.console.screens.help import HelpScreen
from medic_console.console.screens.home import HomeScreen
from medic_console.console.screens.live import LiveScreen
from medic_console.console.screens.new_run import NewRunScreen
from medic_console.console.screens.quit import QuitScreen
from medic_console.console.session import Session
from medic_console.console.theming import DARK, defaults, load_themes
from medic_console.engine.port import Start
from medic_console.errors import MedicError
from medic_console.plan import Plan
from medic_console.prepare import known_tasks
from medic_console.suite.task import Task

_DRAIN = 0.05
"""Least seconds between two looks into the feed."""
_FIGURES = 1.0
"""Least seconds between two computations of metrics."""
_WIDGETS = (
    "table",
    "folding",
    "text_pane",
    "dimension_bars",
    "notice",
    "heading",
    "sql_side",
    "file_list",
    "streams",
    "task_list",
)


class MedicConsole(App[None]):
    """Opens on Home; with `initial`, starts that run and shows it live.

    Args:
        archive: The archive; made by the first run.
        data: Folder of official items that a new run proposes; None: bundled samples.
        tasks: Known tasks by id.
        start: Loads a model; None: a child process with llama.cpp.
        initial: A run to start at once.
        faults: What to tell at the start, such as unusable task files.
    """

    TITLE = "medic-console"
    CSS_PATH: ClassVar[list[str | PurePath]] = ["app.tcss", *(f"widgets/{name}.tcss" for name in _WIDGETS)]
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {CommandsProvider}
    BINDINGS = bindings("app")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - textual does not declare it ClassVar

    def __init__(
        self,
        archive: Path,
        data: Path | None = None,
        *,
        tasks: Mapping[str, Task],
        start: Start | None = None,
        initial: Plan | None = None,
        faults: tuple[str, ...] = (),
    ) -> None:
        super().__init__()
        self.animation_level = "none"
        self.context = Context(archive, data, tasks, start, Signal(self, "session"))
        self._initial = initial
        self._faults = faults
        self._draining = False
        self._computing = False
        self._quitting = False
        self._use_themes()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give our variables a value under every theme."""
        return defaults(self.current_theme)

    def on_mount(self) -> None:
        """Open Home, and the initial run."""
        self.set_interval(_FIGURES, self._recompute)
        self.push_screen(HomeScreen(self.context))
        if self._faults:
            self.notify("\n".join(self._faults), title="Unusable files", severity="warning", markup=False, timeout=12)
        if self._initial is not None:
            self._start(self._initial)

    def action_show_help(self) -> None:
        """Explain the screen and the focused pane."""
        screen = self.screen
        if isinstance(screen, ConsoleScreen):
            focused = screen.focused
            around = [node for node in focused.ancestors_with_self if node.id] if focused else []
            panes = tuple(node.id for node in around if node.id)
            self.push_screen(HelpScreen(screen.PLACES, panes, _kinds(focused)))

    def action_help_quit(self) -> None:
        """Answer ctrl+c: it ends nothing."""
        self.notify("ctrl+q quits. ctrl+c ends nothing here; a run that goes on stays.", timeout=5)

    def action_request_quit(self) -> None:
        """Quit, or ask when a run goes on."""
        session = self.context.running
        if session is None:
            self.exit()
        elif not isinstance(self.screen, QuitScreen):
            self.push_screen(QuitScreen(session.state.run or "…"), self._on_quit_answer)

    @on(StartRun)
    def _on_start_run(self, message: StartRun) -> None:
        if self.context.running is not None:
            self.notify("A run is going on in this console; wait for its end or stop it first.", severity="error")
            return
        if isinstance(self.screen, NewRunScreen):
            self.pop_screen()
        self._start(message.plan)

    def _start(self, plan: Plan) -> None:
        session = Session(self.context.archive, plan, self.context.start)
        self.context.session = session
        self.push_screen(LiveScreen(self.context, session))
        self._audit(session)

    @work(thread=True, exclusive=True, group="audit", exit_on_error=False)
    def _audit(self, session: Session) -> None:
        try:
            for event in session.open().events():
                if session.feed.put(event):
                    self.post_message(EventsWaiting())
        except MedicError as error:
            session.error = error
        except Exception:  # noqa: BLE001 - a defect of ours ends the run, not the console
            session.error = MedicError(traceback.format_exc(), "This is a defect of medic-console; please report it.")

    @on(EventsWaiting)
    def _on_events_waiting(self) -> None:
        if not self._draining:
            self._draining = True
            self.set_timer(_DRAIN, self._drain)

    def _drain(self) -> None:
        self._draining = False
        session = self.context.session
        if session is not None:
            for event in session.feed.take():
                session.state.apply(event, self.context.now())
            self.context.changed.publish(session)

    @on(Worker.StateChanged)
    def _on_worker_changed(self, event: Worker.StateChanged) -> None:
        over = event.state in (WorkerState.SUCCESS, WorkerState.ERROR, WorkerState.CANCELLED)
        session = self.context.session
        if event.worker.group != "audit" or not over or session is None:
            return
        session.over = True
        if session.error is not None and session.state.status == "running":
            session.state.status = "stopped"
        self._drain()
        self._recompute()
        if self._quitting:
            self.exit()

    def _recompute(self) -> None:
        """Have figures computed in a thread when there are new scores; one computation at a time."""
        session = self.context.session
        if session is None or self._computing or session.computed == session.state.scores or not session.state.run:
            return
        self._computing = True
        session.computed = session.state.scores
        self._compute(session.state.run)

    @work(thread=True, exclusive=True, group="live-figures", exit_on_error=False)
    def _compute(self, run: str) -> None:
        try:
            reader = Reader(self.context.archive)
            try:
                results = tuple(reader.results(run))
            finally:
                reader.close()
        except MedicError:
            results = ()
        self.post_message(FiguresReady(run, results))

    @on(FiguresReady)
    def _on_figures(self, message: FiguresReady) -> None:
        self._computing = False
        session = self.context.session
        if session is not None and session.state.run == message.run:
            session.results = message.results or session.results
            self.context.changed.publish(session)
        if session is not None and session.over:
            self._recompute()

    def _on_quit_answer(self, stop: bool | None) -> None:
        session = self.context.running
        if not stop:
            return
        if session is None:
            self.exit()
            return
        self._quitting = True
        session.stop()
        self.notify("Stopping after the items in flight, then quitting.", timeout=60)

    def _use_themes(self) -> None:
        loaded = load_themes(paths.themes_dir(), paths.config_dir() / "themes")
        for theme in loaded.themes.values():
            self.register_theme(theme)
        if DARK in loaded.themes:
            self.theme = DARK
            for name in [name for name in self.available_themes if name not in loaded.themes]:
                self.unregister_theme(name)
        self._faults += tuple(f"theme {fault}" for fault in loaded.faults)


def _kinds(focused: object) -> tuple[str, ...]:
    """Return the kinds of pane whose keys work in a widget, from its bindings."""
    found = {b.id.split(".")[0] for b in getattr(focused, "BINDINGS", ()) if isinstance(b, Binding) and b.id}
    return tuple(sorted(found))


def open_console(archive: Path, data: Path | None, plan: Plan | None = None) -> int:
    """Open the console and return the exit code.

    Args:
        archive: The archive; it need not be there yet.
        data: Folder of official items that a new run proposes.
        plan: A run to start at once.
    """
    known = known_tasks()
    faults = tuple(fault.message for fault in known.faults)
    app = MedicConsole(archive, data, tasks=known.tasks, initial=plan, faults=faults)
    app.run()
    return app.return_code or 0

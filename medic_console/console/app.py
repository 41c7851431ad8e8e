"""The app: screens, themes, and the one run that goes on in its thread."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.command import Provider
from textual.filter import LineFilter
from textual.notifications import SeverityLevel
from textual.signal import Signal
from textual.worker import get_current_worker

from medic_console.console.base import ConsoleScreen
from medic_console.console.clipboard import copying
from medic_console.console.commands import bindings, kinds_of
from medic_console.console.context import Context
from medic_console.console.edge import Edge
from medic_console.console.glyphs import RUNS
from medic_console.console.hangup import watch_terminal
from medic_console.console.home.screen import HomeScreen
from medic_console.console.kept_sizes import read_sizes, sizes_file, write_sizes
from medic_console.console.messages import (
    ItemWanted,
    ReplayRun,
    RunOver,
    ShowText,
    StartQualification,
    StartRun,
    TasksRead,
    Told,
)
from medic_console.console.palette import CommandsProvider, Palette
from medic_console.console.run_end import LONG, end_signal
from medic_console.console.settings_app import COLOURLESS, SettingsApp
from medic_console.console.text import clock
from medic_console.console.threads import in_thread
from medic_console.console.why_not import why_not
from medic_console.core.errors import MedicError, UsageError
from medic_console.core.notices import on_notice
from medic_console.results.lazy_mappings import LazyMapping

if TYPE_CHECKING:
    from textual.screen import Screen

    from medic_console.audit.plan import Plan
    from medic_console.console.home.first_look import FirstLook
    from medic_console.console.session import Session
    from medic_console.engine.protocol.port import Start
    from medic_console.suite.task import Task

_CHECK = 0.5
"""Seconds before the archive is looked through for damage: home is drawn first."""
_QUIET = 0.7  # seconds after the start, and without a key, before screens are loaded that nobody has opened yet
_BUSY = "A run is going on in this console; wait for its end or stop it first."

_STYLES = (
    "widgets/table",
    "widgets/folding",
    "widgets/text_pane",
    "widgets/dimension_bars",
    "widgets/notice",
    "widgets/heading",
    "widgets/key_bar",
    "inspect/sql/side",
    "new_run/files",
    "live/streams",
    "new_run/lists",
    "widgets/search_line",
    "widgets/heat_map",
    "widgets/drawing",
    "widgets/edit_line",
    "home/home",  # opened first, so read with the others
)


class MedicConsole(SettingsApp):
    """Opens on Home; with `initial`, starts that run and shows it live.

    Args:
        archive: The archive; made by the first run.
        data: Folder of official items that a new run proposes; None: bundled samples.
        tasks: Known tasks by id; None: those of the task files, read when they are first asked for.
        start: Loads a model; None: a child process with llama.cpp.
        initial: A run to start at once.
        going: A run that goes on, of a console whose screens were ended by a defect.
        faults: What to tell at the start, such as unusable task files.
    """

    TITLE = "medic-console"
    CSS_PATH: ClassVar[list[str | PurePath]] = ["app.tcss", *(f"{name}.tcss" for name in _STYLES)]
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {CommandsProvider}
    BINDINGS = bindings("app")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (160, "-broad")]  # noqa: RUF012 - textual does not declare it ClassVar

    def __init__(
        self,
        archive: Path,
        data: Path | None = None,
        *,
        tasks: Mapping[str, Task] | None = None,
        start: Start | None = None,
        initial: Plan | None = None,
        going: Session | None = None,
        faults: tuple[str, ...] = (),
    ) -> None:
        super().__init__()
        self._edge = Edge()
        self.animation_level = "none"
        known = LazyMapping(self._read_tasks) if tasks is None else tasks
        self.context = Context(archive, data, known, start, Signal(self, "session"), Signal(self, "settings"))
        self.context.faults = faults
        self.context.data_named = data is not None
        self.context.splits = read_sizes(sizes_file())
        self._splits = dict(self.context.splits)
        self._initial = initial
        self._going = going
        self._quitting = False
        self.faults = self.read_files()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what every drawn line goes through; the edge is the last."""
        return [*super().get_line_filters(), self._edge]

    @property
    def _background_screens(self) -> list[Screen[Any]]:
        """None behind an opaque one: Textual takes it for visible, and draws the front anew for each change there."""
        return [] if self.screen.styles.background.a == 1 else super()._background_screens

    def on_mount(self) -> None:
        """Open Home, and the initial run."""
        self.on_resize()
        self.push_screen(HomeScreen(self.context))
        if self.context.faults or self.faults:
            self.tell_faults([*self.context.faults, *self.faults])
        if self._initial is not None:
            self._start(self._initial)
        if self._going is not None:
            self._show_live(self._going, self.follow)
        self.set_timer(_CHECK, self._check_archive)
        self.set_timer(_QUIET, self._load_screens)
        on_notice(self._tell_notice)
        self.call_after_refresh(self.garbage.begin)

    def on_unmount(self) -> None:
        """Keep where borders stand, if any was moved."""
        if self.context.splits != self._splits:
            write_sizes(sizes_file(), self.context.splits)

    def on_resize(self) -> None:
        """Note which class new screens have."""
        self.context.width = next(
            name for least, name in reversed(self.HORIZONTAL_BREAKPOINTS) if self.size.width >= least
        )

    def _tell_notice(self, text: str) -> None:
        self.post_message(Told("Archive", text))

    @on(Told)
    def _on_told(self, message: Told) -> None:
        """Show what a thread says, of the app or of a screen."""
        severity: SeverityLevel = "error" if message.failed else "information"
        self.notify(message.text, title=message.title, severity=severity, markup=False, timeout=12)

    def _read_tasks(self) -> Mapping[str, Task]:
        """Read the task files, in whichever thread asks first."""
        from medic_console.audit.prepare import known_tasks  # with all methods and scorers; home is drawn before

        try:
            known = known_tasks()
        except MedicError as error:
            self.post_message(TasksRead((error.message,)))
            return {}
        self.post_message(TasksRead(tuple(fault.message for fault in known.faults)))
        return known.tasks

    @on(TasksRead)
    def _on_tasks_read(self, message: TasksRead) -> None:
        self.context.faults = message.faults
        if message.faults:
            self.tell_faults([*message.faults])

    @in_thread("damage")
    def _check_archive(self) -> None:
        """Tell of damaged pages; a whole check is `archive verify`."""
        from medic_console.archive.health import damage

        worker = get_current_worker()
        found = damage(self.context.archive, lambda: worker.is_cancelled)
        if found is not None:
            self.post_message(Told("Archive", f"{found.message}\n{found.hint}", failed=True))

    @in_thread("warm")
    def _load_screens(self) -> None:
        from medic_console.console.warm import load

        load(lambda: self.quiet, _QUIET)

    def action_command_palette(self) -> None:
        """Offer what works on the present screen."""
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def action_show_help(self) -> None:
        """Explain the screen and the focused pane."""
        screen = self.screen
        if isinstance(screen, ConsoleScreen):
            from medic_console.console.dialogs.help import help_of

            self.push_screen(help_of(screen, self.context.keys))

    def not_taken(self, key: str) -> None:
        """Say why a key does nothing here."""
        screen = self.screen
        if isinstance(screen, ConsoleScreen):
            kinds = kinds_of(screen.focused.ancestors_with_self if screen.focused is not None else ())
            if why := why_not(key, screen.PLACES, kinds, self.context.keys):
                self.notify(why, markup=False, timeout=4)

    def action_jump(self) -> None:
        """Show a letter over each pane."""
        screen = self.screen
        if isinstance(screen, ConsoleScreen):
            from medic_console.console.dialogs.jump import JumpScreen, targets

            self.push_screen(JumpScreen(targets(screen)), screen.focus_pane)

    def action_open_tasks(self) -> None:
        """Show every task."""
        from medic_console.console.tasks.screen import TasksScreen

        self._open(TasksScreen)

    def action_open_judges(self) -> None:
        """Show every judge."""
        from medic_console.console.judges.screen import JudgesScreen

        self._open(JudgesScreen)

    def action_open_review(self) -> None:
        """Show the queues of human review."""
        from medic_console.console.review.screen import ReviewScreen

        self._open(ReviewScreen)

    def action_open_settings(self) -> None:
        """Show what can be set."""
        from medic_console.console.settings.screen import SettingsScreen

        self._open(SettingsScreen)

    def action_open_diagnostics(self) -> None:
        """Show versions, paths and health."""
        from medic_console.console.diagnostics.screen import DiagnosticsScreen

        self._open(DiagnosticsScreen)

    def _open(self, kind: type[ConsoleScreen]) -> None:
        """Show a screen, unless it is the present one or a question waits for its answer."""
        if isinstance(self.screen, kind):
            self.notify("You are there already; esc goes back.", timeout=4)
        elif isinstance(self.screen, ConsoleScreen):
            self.push_screen(kind(self.context))

    @on(ShowText)
    def _on_show_text(self, message: ShowText) -> None:
        from medic_console.console.dialogs.plain import PlainScreen

        self.push_screen(PlainScreen(self.context, message.title, message.text))

    @on(ReplayRun)
    def _on_replay_run(self, message: ReplayRun) -> None:
        from medic_console.console.live.replay import ReplayScreen

        self.push_screen(ReplayScreen(self.context, message.run))

    @on(ItemWanted)
    def _on_item_wanted(self, message: ItemWanted) -> None:
        from medic_console.console.inspect.registry import inspector_for

        self.switch_screen(inspector_for(self.context, message.place))

    def action_help_quit(self) -> None:
        """Answer ctrl+c: it ends nothing."""
        self.notify("ctrl+q quits. ctrl+c ends nothing here; a run that goes on stays.", timeout=5)

    def action_request_quit(self) -> None:
        """Quit, or ask when a run goes on."""
        session = self.context.running
        if session is None:
            self.exit()
            return
        from medic_console.console.dialogs.questions import QuitScreen

        if not isinstance(self.screen, QuitScreen):
            self.push_screen(QuitScreen(session.state.run or "…"), self._on_quit_answer)

    @on(StartRun)
    def _on_start_run(self, message: StartRun) -> None:
        if self.context.running is not None:
            self.notify(_BUSY, severity="error")
            return
        if isinstance(self.screen, ConsoleScreen) and "new_run" in self.screen.PLACES:
            self.pop_screen()
        self._start(message.plan)

    @on(StartQualification)
    def _on_start_qualification(self, message: StartQualification) -> None:
        from medic_console.console.judges.session import QualifySession

        if self.context.running is not None:
            self.notify(_BUSY, severity="error")
        else:
            self._show_live(QualifySession(self.context.archive, message.asked, self.context.start))

    def _start(self, plan: Plan) -> None:
        from medic_console.console.session import Session

        self._show_live(Session(self.context.archive, plan, self.context.start))

    def _show_live(self, session: Session, begin: Callable[[Session], None] | None = None) -> None:
        from medic_console.console.live.opening import live_of

        self.push_screen(live_of(self.context, session))
        (begin or self.begin)(session)

    @on(RunOver)
    def _on_run_over(self, message: RunOver) -> None:
        """Tell the end of a long run to whoever does not look."""
        if message.seconds < LONG:
            return
        told = f"Run {message.run} is {RUNS[message.status].word} after {clock(message.seconds)}."
        if "live" not in getattr(self.screen, "PLACES", ()):
            self.notify(told, timeout=12)
        if self._driver is not None and (
            signal := end_signal(self.context.settings.run_end, f"medic-console: {told}", os.environ)
        ):
            self._driver.write(signal)

    def copy_to_clipboard(self, text: str) -> None:
        """Put text on the terminal's clipboard, through tmux and screen too."""
        self._clipboard = text
        if self._driver is not None:
            self._driver.write(copying(text, os.environ))

    def session_ended(self) -> None:
        """Quit, when that was asked for."""
        if self._quitting:
            self.exit()

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


def open_console(archive: Path, data: Path | None, plan: Plan | None = None, first: FirstLook | None = None) -> int:
    """Open the console and return the exit code.

    Args:
        archive: The archive; it need not be there yet.
        data: Folder of official items that a new run proposes.
        plan: A run to start at once.
        first: A look into the archive that has begun.

    Raises:
        UsageError: There is no terminal to show it on.
    """
    served = "TEXTUAL_DRIVER" in os.environ  # by textual-serve, which draws for a browser over the pipes
    if not served and not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise UsageError(
            "The console needs a terminal, and one of its input, output and error output is none.",
            "Without one --linear is the same in lines, --plain tells what the archive holds, and commands such as "
            "medic-console run ask nobody.",
        )
    if os.environ.get("TERM", "") in COLOURLESS:
        os.environ["NO_COLOR"] = "1"
    app = MedicConsole(archive, data, initial=plan)
    app.context.first = first
    if not served:
        watch_terminal(sys.stdout.fileno(), lambda: app.context.give_up())
    app.run()
    while (left := app.context.running) is not None and not served:
        from medic_console.console.after_defect import ask_on

        if not ask_on(left, app.context.settings.grace):
            break
        app = MedicConsole(archive, data, going=left)
        app.run()
    return app.return_code or 0

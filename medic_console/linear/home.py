"""The first page: the archive's runs; and what opens the console in lines."""

from __future__ import annotations

import getpass
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from shutil import get_terminal_size
from textwrap import TextWrapper
from types import FrameType

from medic_console.audit.prepare import known_tasks
from medic_console.core.notices import on_notice
from medic_console.core.settings import read_settings, settings_file
from medic_console.core.visible import plain
from medic_console.linear.compare import choose
from medic_console.linear.context import Context
from medic_console.linear.new_run import NewRunPage
from medic_console.linear.portfolio import PortfolioPage
from medic_console.linear.review import ReviewPage
from medic_console.linear.run import RunPage
from medic_console.linear.talk import Choice, InputEndedError, Key, Page, Stop, Talk
from medic_console.linear.watch import WatchPage, wait
from medic_console.results.task_lines import run_told
from medic_console.session.ending import asked_by, leave_terminal, told
from medic_console.session.progress_lines import resume_line

DONE, FAILED, INTERRUPTED = 0, 1, 130


class HomePage(Page):
    """The runs of the archive, the newest first."""

    title = "Home"
    nothing = "The archive holds no run. n begins one."

    def __init__(self, context: Context) -> None:
        self._context = context

    def facts(self) -> Iterator[str]:
        """Tell which archive this is."""
        yield f"Archive {self._context.archive}."
        if self._context.running is not None:
            yield self._context.running.so_far()

    def choices(self) -> Sequence[Choice]:
        """List the runs."""
        if not self._context.archive.exists():
            return ()
        with self._context.reading() as reader:
            runs = reader.runs()
        return [Choice(run.id, run_told(run), partial(self._context.open_run, run.id)) for run in runs]

    def keys(self) -> Mapping[str, Key]:
        """Begin a run, watch it, compare models."""
        found = {
            "n": Key("new run", lambda _: self._context.talk.open(NewRunPage(self._context))),
            "c": Key("compare models", lambda _: choose(self._context)),
            "p": Key("portfolio", lambda _: self._context.talk.open(PortfolioPage(self._context))),
            "v": Key("human review", lambda _: self._context.talk.open(ReviewPage(self._context))),
        }
        if self._context.going is not None:
            going = self._context.going
            found["w"] = Key("watch the run", lambda _: self._context.talk.open(WatchPage(self._context, going)))
        return found


def open_linear(archive: Path, data: Path | None) -> int:
    """Open the console in lines on stdin and stdout, and return the exit code.

    Args:
        archive: The archive; it need not be there yet.
        data: Folder of official items that a new run proposes.
    """
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a dumb terminal may have few characters

    def read() -> str | None:
        line = sys.stdin.readline()
        if line and not sys.stdin.isatty():
            write(line if line.endswith("\n") else f"{line}\n")  # a terminal shows what is typed; a log should too
        return line.rstrip("\r\n") if line else None

    def write(text: str) -> None:
        shown = plain(text)
        sys.stdout.write(folded(shown, get_terminal_size().columns) if sys.stdout.isatty() else shown)
        sys.stdout.flush()

    talk = Talk(read, write)
    if sys.stdin.isatty():
        talk.secret = getpass.getpass
    on_notice(lambda text: talk.say(f"! {text}"))
    known, settings = known_tasks(), read_settings(settings_file())
    context = Context(archive, data or settings.settings.data, known.tasks, talk, settings=settings.settings)
    talk.say("medic-console in lines. A number or a name chooses; b back, q quit, ? help.")
    for fault in (*(fault.message for fault in known.faults), *settings.faults):
        talk.say(f"! {fault}")
    return converse(context)


def folded(text: str, width: int) -> str:
    """Return a text whose lines end between words, where a terminal of so many columns would end them within one."""
    wide = TextWrapper(
        width, expand_tabs=False, replace_whitespace=False, drop_whitespace=False, break_on_hyphens=False
    )
    lines = []
    for line in text.split("\n"):
        first, *rest = wide.wrap(line) if len(line) > width else [line]
        lines += [first, *(more.lstrip(" ") for more in rest)]
    return "\n".join(lines)


def converse(context: Context) -> int:
    """Talk until a person quits; return the exit code.

    Where the input ends while a run goes on, it is told to its end. Ctrl+c stops it after the items in flight, and a
    second one at once; so do SIGTERM and SIGHUP, with a grace.
    """
    with _hearing_signals():
        return _converse(context)


def _converse(context: Context) -> int:
    talk = context.talk
    talk.news = lambda: context.going.news() if context.going is not None else iter(())
    talk.leave = lambda: _leave(context)
    context.open_run = lambda run: talk.open(RunPage(context, run))
    first = HomePage(context)
    while True:
        try:
            try:
                talk.converse(first)
            except InputEndedError:
                _finish(context)
        except KeyboardInterrupt:
            if _interrupted(context):
                talk.say("")
                continue
            return INTERRUPTED
        except _AskedToEnd as asked:
            _end_in_order(context, asked.number)
            return INTERRUPTED
        return _code(context)


class _AskedToEnd(BaseException):
    """SIGTERM or SIGHUP came, wherever the conversation was."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def _hearing_signals() -> Iterator[None]:
    """While the block lasts, the first SIGTERM or SIGHUP raises `_AskedToEnd`, and others do nothing."""

    def handle(number: int, frame: FrameType | None) -> None:
        for one in asked_by():
            signal.signal(one, signal.SIG_IGN)
        if number != signal.SIGTERM:
            leave_terminal()
        raise _AskedToEnd(signal.Signals(number))

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handle) for number in asked_by()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_in_order(context: Context, number: signal.Signals) -> None:
    """Stop a run after the items in flight, past the grace at once, and say how one goes on with it."""
    going, grace = context.running, context.settings.grace
    if going is None:
        return
    timer = threading.Timer(grace, going.stop_at_once)
    timer.daemon = True
    going.stop()
    timer.start()
    context.talk.say(f"\n{told(number.name, grace)}")
    wait(context, going)
    timer.cancel()
    context.talk.say(resume_line(going.run, context.archive))


def _leave(context: Context) -> None:
    going, talk = context.running, context.talk
    if going is not None:
        if not talk.agrees(f"Run {going.run} goes on. Stop it after the items in flight, and quit?"):
            return
        going.stop()
        talk.say("Stopping after the items in flight.")
        wait(context, going)
    raise Stop


def _finish(context: Context) -> None:
    """Tell a run to its end: nobody is there to stop it."""
    if (going := context.running) is not None:
        context.talk.say(f"The input has ended; run {going.run} goes on to its end.")
        wait(context, going)
        context.talk.say(going.end())


def _interrupted(context: Context) -> bool:
    """Take a ctrl+c; tell whether the conversation goes on."""
    going = context.running
    if going is None or going.stopping:
        if going is not None:
            context.talk.say(resume_line(going.run, context.archive))
        return False
    going.stop()
    context.talk.say("Stopping after the items in flight; ctrl+c again quits at once.")
    return True


def _code(context: Context) -> int:
    going = context.going
    if going is None or going.ended is None or going.ended.status == "done":
        return DONE
    context.talk.say(resume_line(going.run, context.archive))
    return INTERRUPTED if going.ended.status == "interrupted" else FAILED

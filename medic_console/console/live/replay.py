"""Replay: a run that is over, shown again in the live view, faster than it went. Nothing is run or written."""

from __future__ import annotations

from contextlib import closing

from textual import on
from textual.content import Content
from textual.message import Message

from medic_console.archive.replay import AtWork, Recording, ReplayReader, Written
from medic_console.audit.events import ItemScored, PromptStarted, RunEnded
from medic_console.audit.outline import Outline
from medic_console.console.commands import REPLAYED, bindings, bindings_of
from medic_console.console.context import Context
from medic_console.console.defects import attempt
from medic_console.console.live.screen import FollowingScreen
from medic_console.console.live.state import Followed, compute_figures
from medic_console.console.messages import FiguresReady
from medic_console.console.text import clock, count
from medic_console.console.threads import in_thread
from medic_console.console.widgets.notice import Notice
from medic_console.core.errors import MedicError

SPEEDS = (1, 5, 20, 60, 200, 600)
_USUAL = 3
_STEP = 0.2
"""Seconds between two looks at what has happened meanwhile."""


class Replay(Followed):
    """Goes through a recording; it is over when its last event was shown.

    Attributes:
        recording: None while it is read.
        at: Seconds of the run that were shown.
        speed: Place in `SPEEDS`.
    """

    def __init__(self, run: str) -> None:
        super().__init__(Outline())
        self.run = self.state.run = run
        self.recording: Recording | None = None
        self.at, self.speed, self.paused = 0.0, _USUAL, False
        self._next = 0

    def begin(self, recording: Recording) -> None:
        """Take what was read."""
        self.recording, self.state.outline = recording, recording.outline
        self.state.started = self.state.heard = 0.0
        self.state.pace.begin(0.0)

    def go_on(self, seconds: float) -> None:
        """Show what happened in the next seconds of the run."""
        recording, state = self.recording, self.state
        if recording is None or self.over:
            return
        self.at = min(self.at + seconds, recording.seconds)
        while self._next < len(recording.told) and recording.told[self._next][0] <= self.at:
            moment, event = recording.told[self._next]
            self._next += 1
            if isinstance(event, AtWork):
                names = {**recording.outline.candidates, **recording.outline.judges}
                state.parallel, state.phase = event.parallel, f"{names.get(event.model, 'another model')} at work"
            elif isinstance(event, Written):
                state.finish(event.ref, event.step)
            else:
                if isinstance(event, PromptStarted) and not state.parallel:
                    state.parallel = 1
                state.apply(event, moment)
        if self._next == len(recording.told):
            state.apply(RunEnded(self.run, recording.status), self.at)
            self.over = True


class ReplayScreen(FollowingScreen):
    """The live view over a recording.

    Args:
        run: Id of a run that is over.
    """

    BINDINGS = [*bindings("replay"), *bindings_of(REPLAYED.values())]  # noqa: RUF012 - textual declares it
    REWORDED = REPLAYED
    PLACES = ("replay", "live")

    class Answered(Message):
        """The recording was read, or why not."""

        def __init__(self, found: Recording | MedicError) -> None:
            super().__init__()
            self.found = found

    def __init__(self, context: Context, run: str) -> None:
        self.replay = Replay(run)
        super().__init__(context, self.replay)
        self._looked = context.now()

    def on_mount(self) -> None:
        """Read the run's times, then show them."""
        self.query_one(Notice).busy("reading when each text was written")
        self._read(self.replay.run)
        self.set_interval(_STEP, self._go_on)

    def now(self) -> float:
        """Return the time of the run, not that of the clock."""
        return self.replay.at

    def called(self) -> str:
        """Say that this is no run."""
        return f"REPLAY of run {self.replay.run}"

    def origin(self) -> str:
        """Say how fast it goes, how far it is, and that nothing is written."""
        recording = self.replay.recording
        of = f"{clock(self.replay.at)} of {clock(recording.seconds)}" if recording else "…"
        cut = f" · {count(recording.cut, 'long pause')} cut" if recording and recording.cut else ""
        return f"{SPEEDS[self.replay.speed]}× · {of}{cut} · nothing is written"

    def holds(self) -> list[str]:
        """Return whether it stands still."""
        return ["paused"] if self.replay.paused else []

    def instead(self) -> Content:
        """Return what stands in place of texts."""
        return Content.styled("the replay has ended" if self.replay.over else "no text is being written", "$muted")

    def action_pause_run(self) -> None:
        """Let the replay stand still, or go on."""
        self.replay.paused = not self.replay.paused
        self._draw_counts()

    def action_stop_run(self) -> None:
        """Go to the end at once."""
        if self.replay.recording is not None:
            self._show(self.replay.recording.seconds)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer another speed while the replay goes on."""
        if action == "speed":
            return not self.replay.over
        return super().check_action(action, parameters)

    def action_speed(self, by: int) -> None:
        """Go faster or slower, or say that there is no such speed."""
        if 0 <= self.replay.speed + by < len(SPEEDS):
            self.replay.speed += by
            self._draw_counts()
        else:
            self.notify(f"It goes at its {'fastest' if by > 0 else 'slowest'}.", timeout=4)

    def _open(self, item: ItemScored | None, what: str) -> None:
        if self.replay.over:
            super()._open(item, what)
        else:
            self.notify("Items open when the replay has ended; x goes to its end.", timeout=5)

    def _go_on(self) -> None:
        before, self._looked = self._looked, self.context.now()
        if not self.replay.paused and not self.replay.over:
            self._show((self._looked - before) * SPEEDS[self.replay.speed])

    def _show(self, seconds: float) -> None:
        self.replay.go_on(seconds)
        if self.replay.over and not self.replay.results:
            self._compute(self.replay.run)
        self.draw_news()

    @in_thread("replay")
    def _read(self, run: str) -> None:
        def read() -> Recording:
            with closing(ReplayReader(self.context.archive)) as reader:
                return reader.recording(run)

        self.post_message(self.Answered(attempt(read)))

    @in_thread("replay-figures")
    def _compute(self, run: str) -> None:
        self.post_message(compute_figures(self.context.archive, run, self.context.known))

    @on(Answered)
    def _on_ready(self, message: Answered) -> None:
        if isinstance(message.found, Recording):
            self.query_one(Notice).hide()
            self._looked = self.context.now()
            self.replay.begin(message.found)
            self._show(0.0)
        else:
            self.query_one(Notice).error(message.found)

    @on(FiguresReady)
    def _on_figures_ready(self, message: FiguresReady) -> None:
        message.stop()
        self.replay.results = message.results
        self.draw_news()

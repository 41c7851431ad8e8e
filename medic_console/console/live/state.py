"""What the live view knows of a run, from its events. Plain data: no widget, no archive, no clock of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from medic_console.archive.views import ModelResult
from medic_console.audit.events import (
    ItemRef,
    ItemScored,
    ModelLoaded,
    OutputReady,
    PromptReading,
    PromptStarted,
    PromptText,
    RunEnded,
    RunEvent,
)
from medic_console.audit.outline import Outline
from medic_console.audit.progress import Progress
from medic_console.console.live.finished import FinishedItems
from medic_console.console.messages import FiguresReady, RunOver
from medic_console.core.errors import MedicError
from medic_console.results.reader import read_results
from medic_console.results.result_cache import ResultCache
from medic_console.scoring.steps import ANSWER, FOLLOW_UP

_TAIL = 400


@dataclass(slots=True)
class Stream:
    """One sequence.

    Attributes:
        text: The end of what it wrote.
        prompt: Tokens of its prompt.
        read: How many of them it has read; None while it reads no more.
        chooses: It gives probabilities of labels and writes no text.
        active: It is at work; a line that has ended stays until another takes its place.
    """

    ref: ItemRef
    step: str
    text: str = ""
    tokens: int = 0
    prompt: int = 0
    read: int | None = None
    chooses: bool = False
    active: bool = True


@dataclass(slots=True)
class LiveState(Progress):
    """Progress of a run with its streams and its last items.

    Attributes:
        candidate: sha256 of the candidate that was last at work.
        last: The item that was finished last.
        last_of: The same by candidate and task, earlier sittings included.
        scores: Raised with every score, so that a reader knows when figures are old.
        finished: The items that were finished last, earlier sittings included.
    """

    candidate: str = ""
    scores: int = 0
    streams: list[Stream] = field(default_factory=list)
    last: ItemScored | None = None
    last_of: dict[tuple[str, str], ItemScored] = field(default_factory=dict)
    finished: FinishedItems = field(default_factory=FinishedItems)

    def apply(self, event: RunEvent, now: float) -> None:
        """Take one event; `now` is seconds on a clock that never goes back."""
        Progress.apply(self, event, now)  # a dataclass with slots is made anew, and super() would not know it
        match event:
            case ModelLoaded() | RunEnded():
                self.streams.clear()
            case PromptStarted():
                self._begin(event)
            case PromptReading():
                self._read(event)
            case PromptText():
                self._write(event)
            case OutputReady():
                self.finish(event.ref, event.step)
            case ItemScored():
                self._score(event)

    def _begin(self, event: PromptStarted) -> None:
        stream = Stream(event.ref, event.step, prompt=event.prompt_tokens)
        stream.read, stream.chooses = event.reused_tokens, self._chooses(event.ref, event.step)
        self.candidate = event.ref.candidate
        for number, other in enumerate(self.streams):
            if not other.active or (other.ref, other.step) == (event.ref, event.step):
                self.streams[number] = stream
                return
        self.streams.append(stream)

    def _read(self, event: PromptReading) -> None:
        for stream in self.streams:
            if stream.active and stream.ref == event.ref and stream.step == event.step:
                stream.read = event.read_tokens

    def _write(self, event: PromptText) -> None:
        for stream in self.streams:
            if stream.active and stream.ref == event.ref and stream.step == event.step:
                stream.text = (stream.text + event.text)[-_TAIL:]
                stream.tokens += event.tokens
                stream.read = None

    def finish(self, ref: ItemRef, step: str) -> None:
        """Take note that a sequence has written its text."""
        for stream in self.streams:
            if stream.ref == ref and stream.step == step:
                stream.active = False

    def _score(self, event: ItemScored) -> None:
        self.last, self.scores = event, self.scores + 1
        self.finished.add(event)
        for stream in self.streams:
            stream.active = stream.active and stream.ref != event.ref
        self.last_of[event.ref.candidate, event.ref.task] = event

    def _chooses(self, ref: ItemRef, step: str) -> bool:
        if step == FOLLOW_UP:
            return False
        if step != ANSWER:
            return not step.endswith("-questions")
        return any(one.task.id == ref.task and one.task.prompt.mode == "choose" for one in self.outline.tasks)


_SHARE = 0.1
"""Most of the time that may go into figures while a run goes on."""


class Figures:
    """When metrics are computed anew: after new scores, one computation at a time, a tenth of the time at most."""

    def __init__(self) -> None:
        self._scores = -1
        self._begun: float | None = None
        self._not_before = 0.0

    def begin(self, scores: int, now: float, last: bool = False) -> bool:
        """Tell whether to compute now.

        Args:
            scores: Number of scores so far.
            now: Seconds on a clock that never goes back.
            last: The run has ended, so that nothing is gained by waiting.
        """
        if self._begun is not None or scores == self._scores or (now < self._not_before and not last):
            return False
        self._scores, self._begun = scores, now
        return True

    def end(self, now: float) -> None:
        """Note that a computation has ended, well or not."""
        if self._begun is not None:
            self._not_before = now + (now - self._begun) * (1 / _SHARE - 1)
            self._begun = None


def compute_figures(archive: Path, run: str, known: ResultCache) -> FiguresReady:
    """Return a run's figures from the archive; none when it cannot be read, which whoever follows the run tells."""
    try:
        return FiguresReady(run, read_results(archive, run, known))
    except MedicError:
        return FiguresReady(run, ())


class Followed:
    """What is known of a run.

    Attributes:
        results: Figures as last computed; empty before the first time.
        over: Nothing more will come.
        error: Why it is over, when an expected error ended it.
    """

    def __init__(self, outline: Outline) -> None:
        self.state = LiveState(outline)
        self.results: tuple[ModelResult, ...] = ()
        self.figures = Figures()
        self.over = False
        self.error: MedicError | None = None

    def ended(self, now: float) -> RunOver:
        """Return what is told of the end; `now` is seconds on the clock of the events."""
        state = self.state
        return RunOver(state.run, state.status, 0.0 if state.started is None else now - state.started)

    @property
    def outline(self) -> Outline:
        """Models and tasks of the run."""
        return self.state.outline

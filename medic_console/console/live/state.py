"""What the live view knows of a run, from its events. Plain data: no widget, no archive, no clock of its own."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from medic_console.archive.views import ModelResult
from medic_console.audit.events import (
    ItemRef,
    ItemScored,
    ModelLoaded,
    ModelLoading,
    OutputReady,
    PromptReading,
    PromptStarted,
    PromptText,
    RunEnded,
    RunEvent,
    RunStarted,
)
from medic_console.audit.outline import Outline
from medic_console.console.live.finished import FinishedItems
from medic_console.console.live.pace import Left, Pace
from medic_console.console.messages import FiguresReady, RunOver
from medic_console.core.errors import MedicError
from medic_console.core.naming import called
from medic_console.core.records import Counts, Outcome
from medic_console.engine.protocol.conditions import layers_in_words
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
class LiveState:
    """Counts, streams and pace of a run.

    Attributes:
        by_task: Counts by candidate and task, earlier sittings included.
        phase: What is being done, in a few words.
        candidate: sha256 of the candidate that was last at work.
        parallel: Sequences decoded together; 0 before a model is loaded.
        window: Seconds over which tokens a second are counted.
        last: The item that was finished last.
        heard: When the last item was finished, or the present sitting began; None before.
        last_of: The same by candidate and task, earlier sittings included.
        scores: Raised with every score, so that a reader knows when figures are old.
        finished: The items that were finished last, earlier sittings included.
        pace: What items took in this sitting.
    """

    outline: Outline
    by_task: dict[tuple[str, str], Counts] = field(default_factory=dict)
    run: str = ""
    phase: str = "preparing"
    candidate: str = ""
    parallel: int = 0
    window: float = 5.0
    scores: int = 0
    streams: list[Stream] = field(default_factory=list)
    last: ItemScored | None = None
    last_of: dict[tuple[str, str], ItemScored] = field(default_factory=dict)
    status: str = "running"
    message: str = ""
    started: float | None = None
    heard: float | None = None
    finished: FinishedItems = field(default_factory=FinishedItems)
    pace: Pace = field(default_factory=Pace)
    _tokens: deque[tuple[float, int]] = field(default_factory=deque)

    @property
    def counts(self) -> Counts:
        """Scores so far of all candidates and tasks."""
        every = self.by_task.values()
        return Counts(sum(c.scored for c in every), sum(c.unscored for c in every), sum(c.failed for c in every))

    def apply(self, event: RunEvent, now: float) -> None:
        """Take one event; `now` is seconds on a clock that never goes back."""
        match event:
            case RunStarted():
                self.run = event.run
            case ModelLoading():
                self.phase = f"loading {called(event.model)} ({event.role})"
            case ModelLoaded():
                doing = "judging" if event.role == "judge" else "generating"
                layers = event.granted.gpu_layers
                on_gpu = f" · {layers_in_words(layers)}" if layers else ""
                self.phase = f"{doing} · {event.granted.cache}{on_gpu}"
                self.parallel = event.granted.parallel
                self.streams.clear()
                self.started = now if self.started is None else self.started
                self.heard = now
                self.pace.begin(now)
            case PromptStarted():
                self._begin(event)
            case PromptReading():
                self._read(event)
            case PromptText():
                self._write(event, now)
            case OutputReady():
                self._finish(event.ref, event.step)
            case ItemScored():
                self._score(event)
                self.pace.add((event.ref.candidate, event.ref.task), now)
                self.heard = now
            case RunEnded():
                self._end(event)

    def count_tokens(self, tokens: int, now: float) -> None:
        """Count what was written just now."""
        self._tokens.append((now, tokens))

    def tokens_per_second(self, now: float) -> float:
        """Return the pace of the last seconds."""
        while self._tokens and self._tokens[0][0] < now - self.window:
            self._tokens.popleft()
        if not self._tokens:
            return 0.0
        span = max(1.0, now - self._tokens[0][0])
        return sum(tokens for _, tokens in self._tokens) / span

    def left(self) -> Left:
        """Return what is left, from the pace of this sitting."""
        return self.pace.left(self.outline, self.by_task)

    def silent_minutes(self, now: float) -> int:
        """Return for how many whole minutes no item was finished; 0 after the end and before the first model."""
        return int((now - self.heard) // 60) if self.heard is not None and self.status == "running" else 0

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

    def _write(self, event: PromptText, now: float) -> None:
        self.count_tokens(event.tokens, now)
        for stream in self.streams:
            if stream.active and stream.ref == event.ref and stream.step == event.step:
                stream.text = (stream.text + event.text)[-_TAIL:]
                stream.tokens += event.tokens
                stream.read = None

    def _finish(self, ref: ItemRef, step: str) -> None:
        for stream in self.streams:
            if stream.ref == ref and stream.step == step:
                stream.active = False

    def _score(self, event: ItemScored) -> None:
        self.last, self.scores = event, self.scores + 1
        self.finished.add(event)
        for stream in self.streams:
            stream.active = stream.active and stream.ref != event.ref
        key, outcome = (event.ref.candidate, event.ref.task), event.score.outcome
        self.last_of[key] = event
        before = self.by_task.get(key, Counts())
        self.by_task[key] = Counts(
            before.scored + (outcome is Outcome.SCORED),
            before.unscored + (outcome is Outcome.UNSCORED),
            before.failed + (outcome is Outcome.FAILED),
        )

    def _end(self, event: RunEnded) -> None:
        self.status, self.message = event.status, event.message
        self.phase = ""
        self.streams.clear()

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

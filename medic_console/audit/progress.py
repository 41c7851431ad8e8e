"""How far a run is, from its events alone: counts, pace, when the end is expected. Plain data, no clock of its own."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from medic_console.audit.events import (
    ItemScored,
    ModelLoaded,
    ModelLoading,
    PromptText,
    RunEnded,
    RunEvent,
    RunStarted,
)
from medic_console.audit.outline import Outline
from medic_console.audit.pace import Left, Pace, Part
from medic_console.core.naming import called
from medic_console.core.records import Counts, Outcome
from medic_console.engine.protocol.conditions import layers_in_words, memory_told
from medic_console.engine.protocol.port import Machines

_SILENT = 2
"""Minutes without a finished item after which that is told in place of an ETA."""


@dataclass(slots=True)
class Progress:
    """Counts and pace of a run.

    Attributes:
        by_task: Counts by candidate and task, earlier sittings included.
        phase: What is being done, in a few words.
        parallel: Sequences decoded together; 0 before a model is loaded.
        window: Seconds over which tokens a second are counted.
        heard: When the last item was finished, or the present sitting began; None before.
        pace: What items took in this sitting.
    """

    outline: Outline
    by_task: dict[Part, Counts] = field(default_factory=dict)
    run: str = ""
    phase: str = "preparing"
    parallel: int = 0
    window: float = 5.0
    status: str = "running"
    message: str = ""
    started: float | None = None
    heard: float | None = None
    machines: tuple[tuple[str, int], ...] = ()
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
                self.phase = f"{doing} · {memory_told(event.granted)}{on_gpu}"
                self.parallel = event.granted.parallel * event.granted.workers
                self.started = now if self.started is None else self.started
                self.heard = now
                self.pace.begin(now)
            case PromptText():
                self.count_tokens(event.tokens, now)
            case ItemScored():
                self._count(event)
                self.pace.add((event.ref.candidate, event.ref.task), now)
                self.heard = now
            case Machines():
                self.machines = event.open
            case RunEnded():
                self.status, self.message, self.phase, self.machines = event.status, event.message, "", ()

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

    @property
    def spread(self) -> str:
        """How many prompts each machine of several has open; empty where there is one."""
        return ", ".join(f"{name} {number}" for name, number in self.machines)

    def silence(self, now: float) -> str:
        """Return that no item was finished for long, in words; empty when one was."""
        minutes = self.silent_minutes(now)
        return f"no item finished for {minutes} min, ETA not known" if minutes >= _SILENT else ""

    def _count(self, event: ItemScored) -> None:
        key, outcome = (event.ref.candidate, event.ref.task), event.score.outcome
        before = self.by_task.get(key, Counts())
        self.by_task[key] = Counts(
            before.scored + (outcome is Outcome.SCORED),
            before.unscored + (outcome is Outcome.UNSCORED),
            before.failed + (outcome is Outcome.FAILED),
        )

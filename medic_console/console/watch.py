"""A run of another process, as far as the archive tells."""

from __future__ import annotations

from medic_console.archive.watching import RUNNING, EngineAtWork, Mark, News, SoFar
from medic_console.console.followed import Followed
from medic_console.events import ItemScored, RunEnded
from medic_console.outline import Outline

_WINDOW = 30.0
"""Seconds over which tokens are counted: they come output by output, not one by one."""
_WHY = {
    "died": "its process is gone and told no end; what it stored is kept",
    "stopped": "a fault ended it there; what it stored is kept",
    "interrupted": "it was stopped there before its end; what it stored is kept",
}


class Watch(Followed):
    """It is over when the run has ended or its process is gone.

    Attributes:
        run: Id of the run.
        pid: The process that works on it; 0 while unknown.
        mark: Up to where the archive was read; None before the first look.
    """

    def __init__(self, run: str) -> None:
        super().__init__(Outline())
        self.run = self.state.run = run
        self.pid = 0
        self.mark: Mark | None = None

    def begin(self, found: SoFar, now: float) -> None:
        """Take what the first look found; `now` is seconds on a clock that never goes back."""
        state = self.state
        state.outline, state.window = found.outline, _WINDOW
        state.by_task, state.last, state.scores = dict(found.counts), found.last, found.scores
        state.started, state.phase = now - found.age, ""
        state.count_tokens(0, now)  # the pace is counted from here
        self._at_work(found.engine, found.last)
        self.pid, self.mark = found.pid, found.mark

    def follow(self, news: News, now: float) -> None:
        """Take what is new."""
        state, self.mark = self.state, news.mark
        for event in news.scored:
            state.apply(event, now)
        if news.outputs:
            state.count_tokens(news.tokens, now)
        self._at_work(news.engine, news.scored[-1] if news.scored else None)
        if news.status != RUNNING:
            state.apply(RunEnded(self.run, news.status, _WHY.get(news.status, "")), now)
            self.over = True

    def _at_work(self, engine: EngineAtWork | None, last: ItemScored | None) -> None:
        state, outline = self.state, self.outline
        if engine is not None:
            names = {**outline.candidates, **outline.judges}
            state.parallel, state.phase = engine.parallel, f"{names.get(engine.model, 'another model')} at work"
        if last is not None:
            state.candidate = last.ref.candidate
        elif engine is not None and engine.model not in outline.judges:
            state.candidate = engine.model

"""A run that is shown while it goes on, whoever does it."""

from __future__ import annotations

from pathlib import Path

from medic_console.archive.known import KnownViews
from medic_console.archive.queries import read_results
from medic_console.archive.views import ModelResult
from medic_console.console.live_state import LiveState
from medic_console.console.messages import FiguresReady
from medic_console.errors import MedicError
from medic_console.outline import Outline

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


def compute_figures(archive: Path, run: str, known: KnownViews) -> FiguresReady:
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

    @property
    def outline(self) -> Outline:
        """Models and tasks of the run."""
        return self.state.outline

"""Is one model as good as another within a stated margin, or at least not worse?

Two one-sided tests at 5 %, read off the 90 % interval of the paired difference (Schuirmann 1987). Absence of a
significant difference is not equivalence: what cannot be shown is called undecided.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from medic_console.core.errors import UsageError
from medic_console.statistics.comparing import Pairs, difference_interval

LEVEL = 0.90
ALPHA = 0.05
"""Corrected p value under which a model is called worse."""
LEAST = 6
"""Notes below which nothing is decided: not even a sign test that all of them win reaches 5 % (two-sided), and the
bootstrap of so few draws intervals that are far too narrow."""


class Verdict(StrEnum):
    """What the interval shows about the first model against the second."""

    EQUIVALENT = "equivalent"
    """The whole interval lies inside the margin."""
    NOT_WORSE = "not worse"
    """The interval stays above the margin's lower side, and leaves the margin on the better side."""
    WORSE = "worse"
    """The whole interval lies beyond the margin's lower side."""
    UNDECIDED = "undecided"
    """The interval crosses the margin's lower side, or there is none, or it rests on too few notes."""


@dataclass(frozen=True, slots=True)
class Equivalence:
    """A verdict with what it rests on.

    Attributes:
        margin: Largest difference that does not matter, in the values' own unit.
        low: Lower end of the 90 % interval of first minus second; None when there is none.
        high: Upper end.
        n: Common items.
        few: They come from too few notes.
        cut: Both means are cut at one end of the scale.
        unsure: The corrected p value, where it takes back that the first is worse; else None.
    """

    verdict: Verdict
    margin: float
    low: float | None
    high: float | None
    n: int
    few: bool = False
    unsure: float | None = None
    cut: bool = False

    def adjusted(self, p: float | None) -> Equivalence:
        """Return the verdict after all looks: "worse" needs a corrected p value under 5 %."""
        if self.verdict is not Verdict.WORSE or (p is not None and p < ALPHA):
            return self
        return replace(self, verdict=Verdict.UNDECIDED, unsure=1.0 if p is None else p)

    @property
    def words(self) -> str:
        """The verdict in one sentence."""
        if self.cut:
            return "undecided: both means lie beyond the scale's end, where they are cut and cannot be told apart"
        if self.low is None or self.high is None:
            return f"undecided: {self.n:,} common items give no interval of the difference"
        if self.few:
            return f"undecided: {self.n:,} common items from fewer than {LEAST} notes are too few to decide"
        if self.unsure is not None:
            return (
                f"undecided: a loss of {self.margin:g} is likely, but p corrected for every look is {self.unsure:.3f}"
            )
        found = f"the 90 % interval of the difference, {self.low:g} to {self.high:g} over {self.n:,} items,"
        place = {
            Verdict.EQUIVALENT: f"lies within the margin of {self.margin:g}",
            Verdict.NOT_WORSE: f"rules out a loss of {self.margin:g}",
            Verdict.WORSE: f"lies beyond a loss of {self.margin:g}",
            Verdict.UNDECIDED: f"does not rule out a loss of {self.margin:g}",
        }
        return f"{self.verdict}: {found} {place[self.verdict]}"


def equivalence(pairs: Pairs, margin: float, better: str = "higher") -> Equivalence:
    """Return whether the first model is equivalent to the second, not worse, worse, or whether that is undecided.

    Args:
        pairs: Item values of both models.
        margin: Largest difference that does not matter, above 0, in the values' own unit.
        better: `higher` or `lower` values are the better ones.

    Raises:
        UsageError: The margin is not above 0.
    """
    if not margin > 0:
        raise UsageError(f"A margin of {margin:g} can never be met.", "State a margin above 0 before you look.")
    low, high = difference_interval(pairs, LEVEL)
    few = pairs.notes < LEAST and len(set(pairs.differences)) > 1
    verdict = Verdict.UNDECIDED if few else _verdict(low, high, margin, better)
    return Equivalence(verdict, margin, low, high, len(pairs.first), few, cut=pairs.cut)


def _verdict(low: float | None, high: float | None, margin: float, better: str) -> Verdict:
    if low is None or high is None:
        return Verdict.UNDECIDED
    worst, best = (low, high) if better == "higher" else (-high, -low)
    if worst > -margin:
        return Verdict.EQUIVALENT if best < margin else Verdict.NOT_WORSE
    return Verdict.WORSE if best < -margin else Verdict.UNDECIDED

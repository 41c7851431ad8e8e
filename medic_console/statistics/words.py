"""Figures in words: the only place that spells a number with its interval, what is answered of it, and a gap.

Every front end uses these, so that one figure reads alike on a screen, in a table and in a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from medic_console.core.records import Reason

if TYPE_CHECKING:
    from medic_console.core.records import Figure, MetricValue
    from medic_console.statistics.aggregates import Aggregate
    from medic_console.statistics.gaps import Gap

    Told = MetricValue | Aggregate | Gap
    """A figure that knows what it is among answered items."""

    class Marked(Protocol):
        """What may carry the mark."""

        @property
        def provisional(self) -> str:
            """Why it carries the mark; empty when it does not."""

        @property
        def part(self) -> str:
            """Which first items of more it rests on; empty when it does not."""

    class Shared(Protocol):
        """What rests on items of which some have an answer."""

        @property
        def share(self) -> Figure | None:
            """Percent of them with a whole answer."""


PROVISIONAL = "*"
"""Behind every figure that rests on a judge who is not qualified or is kin; the word stands once on each view."""
FIRST_ITEMS, FIRST_ITEMS_SAID = "†", "† the first items only, not a random sample"
"""Behind every figure that rests on the first items of more, and what it says, once on each view."""
NO_SURE_GAP = "no sure gap"
RATING_SCALE = "1,000 is the mean of the run's models; at 400 points more a model wins 10 times as often as it loses"
LOWER, LOWER_SAID = " ↓", "↓ lower is better"
"""Behind the name of a figure of which less is better, and what it says, once on each view."""
_ALL = 100.0 - 1e-9
"""Percent; a weighted mean of hundreds can miss 100 by a rounding error."""
_SIDES: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "Knowledge to execution": (
            "knows more than it carries out",
            "carries out more than it knows",
            "know more than they carry out",
        ),
        "Passive to active safety": (
            "refuses harm better than it finds errors",
            "finds errors better than it refuses harm",
            "refuse harm better than they find errors",
        ),
    }
)


def number(value: float | None, places: int = 1) -> str:
    """Return a number, or a dash."""
    return "–" if value is None else f"{_round(value, places):.{places}f}".replace("-", "−")


def signed(value: float | None, places: int = 1) -> str:
    """Return a number with its sign, or a dash."""
    return "–" if value is None else f"{_round(value, places):+.{places}f}".replace("-", "−")


def exact(value: float) -> str:
    """Return a number as it is, with at most 12 digits: "−1281.5"; what is as good as 0 has no minus."""
    return f"{value + 0.0:.12g}".replace("-", "−")


def _round(value: float, places: int) -> float:
    """Round, so that what is shown as 0 has no minus."""
    return round(value, places) + 0.0


def ends(low: float | None, high: float | None, places: int = 1) -> str:
    """Return an interval, or nothing."""
    return "" if low is None or high is None else f"[{number(low, places)}, {number(high, places)}]"


def figure(found: Figure | Told, places: int = 1) -> str:
    """Return "62.5 [53.1, 70.2]"; "62.5" without an interval, "–" without a value."""
    return f"{number(found.value, places)} {ends(found.low, found.high, places)}".rstrip()


def mark(found: Marked) -> str:
    """Return "*" where a figure is provisional, "†" where it rests on the first items of more, both, or nothing."""
    return PROVISIONAL * bool(found.provisional) + FIRST_ITEMS * bool(found.part)


def marked(found: Told, places: int = 1) -> str:
    """Return "62.5 [53.1, 70.2]*": the headline, with the marks that it carries."""
    return figure(found, places) + (mark(found) if found.value is not None else "")


def all_answered(found: Shared) -> bool:
    """Tell whether every item that a figure rests on has a whole answer, or answers have no part in it."""
    return found.share is None or found.share.value is None or found.share.value >= _ALL


def share(found: Shared, places: int = 0) -> str:
    """Return "82 % [74, 88] answered", "all answered", or nothing where items have no part in it."""
    if found.share is None or found.share.value is None:
        return ""
    if all_answered(found):
        return "all answered"
    return f"{_part(found.share.value, places)} % {ends(found.share.low, found.share.high, places)} answered"


def share_short(found: Told) -> str:
    """Return "82 %" or "all" for columns; nothing where items have no part in it."""
    if found.share is None or found.share.value is None:
        return ""
    return "all" if all_answered(found) else f"{_part(found.share.value, 0)} %"


def _part(value: float, places: int) -> str:
    """Return a percentage under 100, which no rounding makes 100."""
    return number(min(value, 100.0 - 10.0**-places), places)


def answered(found: Told, places: int = 1) -> str:
    """Return "82 % [74, 88] answered, of those 75.0 [66.1, 82.2] n 98"; "all answered" where that is the headline."""
    said = share(found)
    if not said or all_answered(found):
        return said
    given = found.answered
    if given is None or given.value is None:
        return said
    return f"{said}, of those {figure(given, places)} n {given.n:,}"


def answered_short(found: Told, places: int = 0) -> str:
    """Return "82 % ans. 75 [66, 82]" for narrow places; "all ans." where that is the headline."""
    if found.share is None or found.share.value is None:
        return ""
    if all_answered(found):
        return "all ans."
    given = found.answered
    of_those = f" {figure(given, places)}" if given is not None and given.value is not None else ""
    return f"{_part(found.share.value, 0)} % ans.{of_those}"


def aimed(name: str, better: str) -> str:
    """Return a task's or metric's name, marked where less is better.

    Args:
        better: `higher` or `lower`.
    """
    return f"{name}{LOWER}" if better == "lower" else name


def reason(number: int, why: str) -> str:
    """Return "3 truncated", "1 repeats itself", "2 repeat themselves": how many items have no score for a reason."""
    several = number != 1 and why == Reason.REPEATING
    return f"{number:,} {'repeat themselves' if several else why}"


def aloud(title: str) -> str:
    """Return a title as it is read out: "Harm, lower is better" in place of "Harm ↓"."""
    return f"{title.removesuffix(LOWER)}, lower is better" if title.endswith(LOWER) else title


def chance(found: MetricValue, places: int = 1) -> str:
    """Return "chance 25.0", or nothing where guessing has no value."""
    return "" if found.chance is None else f"chance {number(found.chance, places)}"


def gap(found: Gap, places: int = 0) -> str:
    """Return "74 → 41, −33 [−45, −20]*": both sides and what is lost or gained from the first to the second."""
    if found.value is None:
        return "not known: a side has no task with a value"
    sides = f"{number(found.from_value, places)} → {number(found.to_value, places)}"
    return f"{sides}, {gap_size(found, places)}"


def gap_size(found: Gap, places: int = 0) -> str:
    """Return "−33 [−45, −20]*"."""
    span = ends(found.low, found.high, places) or "no interval"
    return f"{signed(found.value, places)} {span}{mark(found)}"


def gap_answered(found: Gap, places: int = 0) -> str:
    """Return "82 % [74, 88] answered, of those +15 [−15, 43] n 41"; "all answered" where that is the headline."""
    said, given = share(found), found.answered
    if not said or all_answered(found) or given is None or given.value is None:
        return said
    of_those = f"{signed(given.value, places)} {ends(given.low, given.high, places)}".rstrip()
    return f"{said}, of those {of_those} n {given.n:,}"


def gap_answered_short(found: Gap, places: int = 0) -> str:
    """Return "82 % ans. +15 [−15, 43]" for narrow places; "all ans." where that is the headline."""
    given = found.answered
    if not share(found) or all_answered(found) or given is None or given.value is None:
        return answered_short(found, places)
    return f"{share_short(found)} ans. {signed(given.value, places)} {ends(given.low, given.high, places)}".rstrip()


def gap_meaning(found: Gap) -> str:
    """Return what a gap says of the model; "no sure gap" where the interval holds 0 or there is none."""
    if not found.sure or found.value is None:
        return NO_SURE_GAP
    first, second, _ = _SIDES[found.title]
    return first if found.value < 0 else second


def gap_meaning_of_many(title: str) -> str:
    """Return what a gap whose whole interval lies below 0 says of several models."""
    return _SIDES[title][2]

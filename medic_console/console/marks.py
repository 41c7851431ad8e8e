"""What stands beside a figure where there is no room for words, and the words that explain it once on a view."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from medic_console.console.text import one_line
from medic_console.statistics import words

if TYPE_CHECKING:
    from medic_console.core.records import Counts, MetricValue
    from medic_console.statistics.aggregates import Aggregate
    from medic_console.statistics.gaps import Gap

    Told = MetricValue | Aggregate | Gap
"""A figure that knows what it is among answered items."""
NOT_ALL = "°"
"""Behind a figure in a narrow place: an item without a whole answer has part in it."""
NOT_ALL_SAID = f"{NOT_ALL} an item has no whole answer"
_REASON = 300
"""Characters of a reason."""
TRUNCATED = "truncated, judged as it stands"


def marks(found: Told) -> str:
    """Return the marks of a figure that is shown without words: "*°"."""
    if found.value is None:
        return ""
    return words.mark(found) + ("" if words.all_answered(found) else NOT_ALL)


def is_rating(found: MetricValue) -> bool:
    """Tell whether a figure is a rating: it rests on the opponents of its own run, and has no rank among runs."""
    return found.unit == "rating"


def whole(found: MetricValue) -> str:
    """Return all that is to be said of a metric: "62.5 [53.1, 70.2]* n 120 · all answered · chance 25.0"."""
    if found.value is None:
        return f"– {one_line(found.note)}".rstrip()
    return " · ".join(
        part for part in (f"{words.marked(found)} n {found.n:,}", words.answered(found), words.chance(found)) if part
    )


def beside(found: MetricValue) -> str:
    """Return what stands beside a headline in a narrow place: "82 % ans. 75 [66, 82] · chance 25"."""
    return " · ".join(part for part in (words.answered_short(found), words.chance(found, 0)) if part)


def left_out(found: MetricValue, counts: Counts) -> int:
    """Return how many of the ended items a metric does not rest on; a rating's n are matches: those without a score."""
    return counts.unscored + counts.failed if found.unit == "rating" else max(0, counts.total - found.n)


def provisional_note(figures: Iterable[tuple[str, MetricValue]]) -> str:
    """Return why figures carry their marks, in one line; what a reason is of is named where it is not of all of them.

    Args:
        figures: What each is of, and the figure; the names went through `one_line`.
    """
    known = [(name, found) for name, found in figures if found.value is not None]
    reasons: dict[str, list[str]] = {}
    doubted = [(name, found.provisional) for name, found in known if found.provisional]
    for name, said in doubted:
        for reason in said.split("; "):
            reasons.setdefault(reason, []).append(name)
    every = {name for name, _ in doubted}
    parts = [
        one_line(reason, _REASON) + ("" if set(names) == every else f" ({', '.join(dict.fromkeys(names))})")
        for reason, names in reasons.items()
    ]
    doubts = f"{words.PROVISIONAL} provisional: {'; '.join(parts)}" if parts else ""
    firsts = dict.fromkeys(f"{name} {found.part}".strip() for name, found in known if found.part)
    taken = f"{words.FIRST_ITEMS_SAID}: {', '.join(firsts)}" if firsts else ""
    return "   ".join(part for part in (doubts, taken) if part)

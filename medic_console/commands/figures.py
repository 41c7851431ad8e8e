"""Figures as JSON and as cells of tables: the headline, what it is among answered items, and the provisional mark."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from medic_console.core.records import Figure, MetricValue
from medic_console.results.comparison.pairs import PairResult
from medic_console.results.comparison.portfolio import Lead
from medic_console.statistics import words
from medic_console.statistics.aggregates import Aggregate
from medic_console.statistics.agreement import Agreement
from medic_console.statistics.comparing import Difference
from medic_console.statistics.gaps import Gap

Told = MetricValue | Aggregate | Gap
"""A figure that knows what it is among answered items."""
Ended = Told | Figure | Difference | Lead | Agreement
"""A number with its interval."""

NONE = "–"
"""In a cell for which there is nothing to tell."""
PROVISIONAL_NOTE = (
    f"{words.PROVISIONAL} provisional: rests on a judge that is not qualified for it, or that is kin to the model."
)


def rounded(value: float | None) -> float | None:
    """Return a value with at most six decimals; None stays None."""
    return None if value is None else round(value, 6)


def ends_json(found: Ended) -> dict[str, float | None]:
    """Return a number with its interval."""
    return {"value": rounded(found.value), "low": rounded(found.low), "high": rounded(found.high)}


def beside_json(found: Told | PairResult) -> dict[str, Any]:
    """Return what stands beside every headline: the figure of the answered items, their share in percent, and doubts.

    The first two are null where items have no part in the figure.
    """
    answered, share = found.answered, found.share
    return {
        "answered": answered and {**ends_json(answered), "n": answered.n},
        "share_answered": share and ends_json(share),
        "provisional": found.provisional,
    }


def metric_json(metric: MetricValue) -> dict[str, Any]:
    """Return a metric with the items it rests on, its unit, what guessing would have, and why it is not computed."""
    return {
        **ends_json(metric),
        "n": metric.n,
        "unit": metric.unit,
        **beside_json(metric),
        "chance": rounded(metric.chance),
        "note": metric.note,
    }


def aggregate_json(found: Aggregate) -> dict[str, Any]:
    """Return a figure that is made of tasks, in points on 0 to 100, with the number of its tasks and their items."""
    return {**ends_json(found), "n": found.n, "tasks": found.tasks, "unit": "score", **beside_json(found)}


def gap_json(gap: Gap) -> dict[str, Any]:
    """Return a gap, its second side minus its first, and whether its interval leaves out 0."""
    return {
        **ends_json(gap),
        "sure": gap.sure,
        "from": rounded(gap.from_value),
        "to": rounded(gap.to_value),
        "tasks": list(gap.tasks),
        **beside_json(gap),
    }


def number_cell(found: MetricValue | Aggregate) -> str:
    """Return "62.5*": a headline with its mark, or a dash."""
    return words.number(found.value) + (words.mark(found) if found.value is not None else "")


def ends_cell(found: Ended, places: int = 1) -> str:
    """Return "[53.1, 70.2]", or a dash."""
    return words.ends(found.low, found.high, places) or NONE


def beside_cell(found: Told) -> str:
    """Return "82 % [74, 88] answered, of those 75.0 [66.1, 82.2]; chance 25.0", as far as there is any."""
    said = [words.answered(found) if found.value is not None else ""]
    said.append(words.chance(found) if isinstance(found, MetricValue) else "")
    return "; ".join(part for part in said if part) or NONE


def provisional_note(found: Iterable[Told | PairResult]) -> str:
    """Return what the mark means, where one of these figures carries it."""
    return PROVISIONAL_NOTE if any(one.provisional for one in found) else ""

"""Figures as JSON and as cells of tables: the headline, what it is among answered items, and the provisional mark."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from medic_console.core.records import MetricValue
from medic_console.results.comparison.pairs import PairResult
from medic_console.results.figure_cells import Ended, Told
from medic_console.statistics import words
from medic_console.statistics.aggregates import Aggregate
from medic_console.statistics.gaps import Gap

PROVISIONAL_NOTE = (
    f"{words.PROVISIONAL} provisional: rests on a judge that is not qualified for it, or that is kin to the model, or "
    "on a model that changed behind its address."
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
        "first_items": found.part,
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


def provisional_note(found: Iterable[Told | PairResult]) -> str:
    """Return what the marks mean that these figures carry."""
    known = list(found)
    doubts = PROVISIONAL_NOTE if any(one.provisional for one in known) else ""
    firsts = f"{words.FIRST_ITEMS_SAID}." if any(one.part for one in known) else ""
    return " ".join(part for part in (doubts, firsts) if part)

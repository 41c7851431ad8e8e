"""Raw and reviewed figures side by side, as lines and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from medic_console.review.beside import Beside
from medic_console.statistics import words


def reviewed_lines(found: Sequence[Beside], names: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each task of a model of which people settled a card.

    Args:
        found: Figures of a run.
        names: Titles of models by sha256.
    """
    if found:
        yield "Reviewed by people: share of questions that speak against the texts"
    for one in found:
        judge = f", judge {names.get(one.judge, one.judge)}" if one.judge else ""
        value, low, high = one.rate.value, one.rate.low, one.rate.high
        told = (
            "no figure, not every kind of answer was reviewed"
            if value is None or low is None or high is None
            else f"{words.number(100 * value)} % {words.ends(100 * low, 100 * high)}"
        )
        yield (
            f"  {names.get(one.candidate, one.candidate)}, {one.task}{judge}: raw {words.number(100 * one.raw)} %, "
            f"reviewed {told}; {one.confirmed} of {one.reviewed} findings confirmed; "
            f"{one.cards} of {one.questions:,} questions reviewed."
        )


def reviewed_json(found: Sequence[Beside]) -> list[dict[str, Any]]:
    """Return the same as records, shares 0 to 1."""
    return [{**asdict(one), "raw": one.raw} for one in found]

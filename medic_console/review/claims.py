"""What may be claimed of findings: the share of wrong ones that their sample excludes, each kind by its size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from medic_console.review.questions import CONTROL
from medic_console.statistics.bounds import Sampled, percent_up, stratified_bound

_STEPS = (20, 40, 60, 100, 200, 400)
"""Findings read at which the bound is told."""
Read = Sequence[tuple[str, str, bool]]
"""Kind, candidate, and whether it is wrong, of each finding whose answer is known."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A bound.

    Attributes:
        n: Findings that it takes.
        bound: Share of wrong ones that is excluded at 95 %, 0 to 1.
    """

    n: int
    bound: float


def claims(design: Mapping[str, Any], read: Read) -> tuple[Claim, ...]:
    """Return the bound now, and those after more findings without a further error, each kind read as it was drawn.

    Args:
        design: Of the queue, with its strata (`queues.Drawn.record`); without, the findings are one.
        read: What is known; one finding or more.
    """
    sizes = [len(read), *(size for size in _STEPS if size > len(read))]
    return tuple(Claim(size, stratified_bound(_strata(design, read, size))) for size in sizes)


def promise(design: Mapping[str, Any]) -> str:
    """Return which bound the findings of a queue give if none is wrong."""
    strata = _of_findings(design)
    bound = stratified_bound([Sampled(one["frame"], one["drawn"]) for one in strata])
    return f"{sum(one['drawn'] for one in strata)} without an error: below {percent_up(bound)} % at 95 %"


def _strata(design: Mapping[str, Any], read: Read, size: int) -> list[Sampled]:
    """Return the strata with what was read, or with as many more of each as makes `size`."""
    strata = _of_findings(design)
    if not strata:
        return [Sampled(1, size, sum(wrong for *_, wrong in read))]
    seen = Counter((kind, candidate) for kind, candidate, _ in read)
    wrong = Counter((kind, candidate) for kind, candidate, is_wrong in read if is_wrong)
    more = size / sum(one["drawn"] for one in strata) if size > len(read) else 0.0
    found = []
    for one in strata:
        key = one["kind"], one["candidate"]
        found.append(Sampled(one["frame"], max(seen[key], more * one["drawn"]), wrong[key]))
    return found


def _of_findings(design: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in design.get("strata", ()) if one["kind"] != CONTROL and one["frame"]]

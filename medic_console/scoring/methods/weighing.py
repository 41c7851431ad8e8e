"""What a judge chose where labels were weighed: the floor under which it chose nothing, and labels that tie.

One rule for every judged choice: cross-examination, harm, pairs, criteria, and the probes that qualify a judge. A
candidate's own multiple choice has none: it takes the likeliest option however little the options hold, as the
harness of the paper does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from medic_console.core.records import Output

FLOOR = 0.5
"""Least probability that the labels hold together. Below it the judge would sooner write something else than any of
them, and which label is ahead of the others is no verdict (a rule of our own; the paper gives none)."""


def outside(probabilities: Mapping[str, float]) -> float | None:
    """Return the probability outside the labels, 0 to 1; None where nothing was weighed."""
    return max(0.0, 1.0 - math.fsum(probabilities.values())) if probabilities else None


def too_little(probabilities: Mapping[str, float]) -> str:
    """Return that the labels hold less than the floor, in words; empty when they do not, or nothing was weighed."""
    held = math.fsum(probabilities.values())
    if not probabilities or held >= FLOOR:
        return ""
    # 49.7 % is not told as 50 %, which would be enough.
    shown = min(round(100 * held), round(100 * FLOOR) - 1)
    return f"the labels hold {shown} % of the probability, less than {round(100 * FLOOR)} %"


def likeliest(output: Output) -> tuple[str, ...]:
    """Return the label of the highest probability, or each that has it exactly; where none was weighed, the text."""
    most = max(output.probabilities.values(), default=None)
    if most is None:
        return (output.text,)
    return tuple(label for label, share in output.probabilities.items() if share == most)

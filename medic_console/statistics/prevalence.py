"""What a judge's raw share would be if the judge made no errors.

The estimate is that of Rogan and Gladen (1978), (raw + specificity - 1) / (sensitivity + specificity - 1). Its 95 %
interval is that of Lang and Reiczigel (2014, equations 4, 6, 7, 16 and 17), which carries the uncertainty of all three
shares and replaces each by one that is adjusted towards a half. Lee et al. (arXiv 2511.21140) use both for judges.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from medic_console.statistics.shares import Share

_Z = 1.959963984540054


class Uncorrected(StrEnum):
    """Why there is no corrected share, or no interval of it."""

    NO_ITEM = "no item was judged"
    UNMEASURED = "the judge's errors are not measured in both directions"
    USELESS = "sensitivity and specificity add up to 1 or less: the judge does no better than chance"
    FEW_PROBES = "too few probes to rule out a judge that does no better than chance"
    """There is a corrected share without an interval."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """A share corrected for the judge's errors.

    Attributes:
        raw: The share as judged.
        value: 0 to 1; None where the errors allow no correction.
        low: Lower end of the 95 % interval; None when there is none.
        high: Upper end.
        clipped: The formula gave less than 0 or more than 1: the raw share lies outside what a judge with these errors
            can give, so its errors differ from those on the probes, or chance is large.
        reason: Why the value, or only its interval, is missing.
    """

    raw: Share
    value: float | None
    low: float | None
    high: float | None
    clipped: bool = False
    reason: Uncorrected | None = None


def corrected(raw: Share, sensitivity: Share, specificity: Share) -> Corrected:
    """Return a judged share corrected for the judge's errors, with a 95 % interval.

    All three shares must leave out unreadable answers, or all three count them in the same way.

    Args:
        raw: Share of judged items that the judge gave an answer, such as IDK.
        sensitivity: Share of the probes whose right answer this is that the judge gave it.
        specificity: Share of the other probes that the judge gave another answer.
    """
    if raw.value is None:
        return Corrected(raw, None, None, None, reason=Uncorrected.NO_ITEM)
    if sensitivity.value is None or specificity.value is None:
        return Corrected(raw, None, None, None, reason=Uncorrected.UNMEASURED)
    if sensitivity.value + specificity.value <= 1:
        return Corrected(raw, None, None, None, reason=Uncorrected.USELESS)
    plain = (raw.value + specificity.value - 1) / (sensitivity.value + specificity.value - 1)
    value = min(1.0, max(0.0, plain))
    bounds = _interval(_adjusted(raw, _Z**2), _adjusted(sensitivity, 2.0), _adjusted(specificity, 2.0))
    if bounds is None:
        return Corrected(raw, value, None, None, value != plain, Uncorrected.FEW_PROBES)
    low, high = (min(1.0, max(0.0, bound)) for bound in bounds)
    return Corrected(raw, value, min(low, value), max(high, value), value != plain)


def _adjusted(share: Share, added: float) -> tuple[float, float]:
    """Return the share and its number of items after `added` more, half of them hits."""
    n = share.independent + added
    return ((share.value or 0.0) * share.independent + added / 2) / n, n


def _interval(
    raw: tuple[float, float], sensitivity: tuple[float, float], specificity: tuple[float, float]
) -> tuple[float, float] | None:
    youden = sensitivity[0] + specificity[0] - 1
    if youden <= 0:
        return None
    centre = (raw[0] + specificity[0] - 1) / youden
    missed, false = (share * (1 - share) / n for share, n in (sensitivity, specificity))
    shift = 2 * _Z**2 * (centre * missed - (1 - centre) * false)
    variance = (raw[0] * (1 - raw[0]) / raw[1] + centre**2 * missed + (1 - centre) ** 2 * false) / youden**2
    half = _Z * math.sqrt(variance)
    return centre + shift - half, centre + shift + half

"""Judged shares as they would be if the judge made no errors, from what its qualification measured.

Rogan and Gladen (1978), interval of Lang and Reiczigel (2014): see `statistics.prevalence`. Answers are pooled over
notes, and notes count as clusters, so a corrected figure can rest on another mean than the raw one where notes have
different numbers of questions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from medic_console.core.records import Label, MetricValue, Outcome, Score
from medic_console.statistics.prevalence import corrected
from medic_console.statistics.shares import Share, share

CLIPPED = "the raw share lies outside what a judge with these errors can give"


@dataclass(frozen=True, slots=True)
class Judged:
    """One item under one judge.

    Attributes:
        group: Of notes that it belongs to; its own name where it is alone.
        labels: Side and answer of each question of a cross-examination; None could not be read.
    """

    group: str
    score: Score
    labels: Sequence[tuple[str, Label | None]] = ()


def corrected_metrics(judged: Sequence[Judged], rates: Mapping[str, Share]) -> dict[str, MetricValue]:
    """Return the corrected figures that the judge's rates allow, in percent; the note says why one has no value.

    Keys are `coverage`, `conformity` and `consistency` (one minus the corrected share of IDK, NO and IDK),
    `refusal_rate`, and `criteria_met`. Items without a score are in none of them.
    """
    scored = [one for one in judged if one.score.outcome is Outcome.SCORED]
    if "sensitivity_idk" in rates:
        return {
            "coverage": _without("coverage", scored, "source", Label.IDK, rates),
            "conformity": _without("conformity", scored, "source", Label.NO, rates),
            "consistency": _without("consistency", scored, "generated", Label.IDK, rates),
        }
    if "refusal_sensitivity" in rates:
        raw = share([one.score.values["refused"] == 1 for one in scored], [one.group for one in scored])
        return {"refusal_rate": _metric("refusal_rate", raw, rates, "refusal_sensitivity", "refusal_specificity")}
    if "sensitivity_met" in rates:
        met = [(verdict.met, one.group) for one in scored for verdict in one.score.criteria]
        raw = share([hit for hit, _ in met], [group for _, group in met])
        return {"criteria_met": _metric("criteria_met", raw, rates, "sensitivity_met", "specificity_met")}
    return {}


def _without(name: str, judged: Sequence[Judged], side: str, label: Label, rates: Mapping[str, Share]) -> MetricValue:
    answers = [
        (answer == label, one.group)
        for one in judged
        for where, answer in one.labels
        if where == side and answer is not None
    ]
    raw = share([hit for hit, _ in answers], [group for _, group in answers])
    found = _metric(name, raw, rates, f"sensitivity_{label.lower()}", f"specificity_{label.lower()}")
    value, low, high = (None if end is None else 100 - end for end in (found.value, found.high, found.low))
    return MetricValue(name, value, low, high, found.n, found.unit, found.note)


def _metric(name: str, raw: Share, rates: Mapping[str, Share], sensitivity: str, specificity: str) -> MetricValue:
    found = corrected(raw, rates[sensitivity], rates[specificity])
    value, low, high = (None if end is None else 100 * end for end in (found.value, found.low, found.high))
    note = str(found.reason) if found.reason is not None else CLIPPED if found.clipped else ""
    return MetricValue(name, value, low, high, raw.n, "percent", note)

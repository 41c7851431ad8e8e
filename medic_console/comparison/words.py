"""What a comparison shows, in sentences that every front end uses."""

from __future__ import annotations

from collections.abc import Mapping

from medic_console.comparison.compare import Comparison, PairKey, drift_verdict
from medic_console.comparison.pairs import Change, PairResult
from medic_console.comparison.portfolio import CaseResult, Finding, Lead, Standing
from medic_console.comparison.portfolio_file import Requirement
from medic_console.comparison.reference import Reference
from medic_console.statistics.equivalence import Equivalence, Verdict
from medic_console.statistics.gaps import Gap
from medic_console.suite.task import Task

HOW = {
    "pairs": "Difference: second minus first over the items that both have a score for, 95 % bootstrap interval. "
    "p: McNemar's exact test, corrected by Holm for every task of every pair shown.",
    "ranks": "Each model's scored items among those that all were asked. ≈ marks models that the paired difference "
    "does not tell apart from the best.",
    "quality": "Quality: the plain mean of main metrics on 0 to 100, over the tasks that every model has; our rule. "
    "Speed: of one sequence, reading of the prompt included.",
}
"""How the figures are made, by table."""


def number(value: float | None, places: int = 1) -> str:
    """Return a number, or a dash."""
    return "–" if value is None else f"{_round(value, places):.{places}f}".replace("-", "−")


def signed(value: float | None, places: int = 1) -> str:
    """Return a number with its sign, or a dash."""
    return "–" if value is None else f"{_round(value, places):+.{places}f}".replace("-", "−")


def _round(value: float, places: int) -> float:
    """Round, so that what is shown as 0 has no minus."""
    return round(value, places) + 0.0


def ends(low: float | None, high: float | None, places: int = 1) -> str:
    """Return an interval, or nothing."""
    return "" if low is None or high is None else f"[{number(low, places)}, {number(high, places)}]"


def difference(found: PairResult) -> str:
    """Return "−2.1 [−4.0, −0.3]"; a dash without a common item."""
    if found.difference is None or found.difference.value is None:
        return "–"
    parts = (signed(found.difference.value), ends(found.difference.low, found.difference.high))
    return " ".join(part for part in parts if part)


def p_value(value: float | None) -> str:
    """Return a p value as it is printed."""
    if value is None:
        return "–"
    return "<.001" if value < 0.001 else f"{value:.3f}".removeprefix("0")


def rank(found: float, ranks: Mapping[str, float]) -> str:
    """Return a rank as it is printed: that of the first of equals, and = where it is shared."""
    equals = sum(other == found for other in ranks.values())
    return f"{found - (equals - 1) / 2:g}" + ("=" if equals > 1 else "")


def left_out(found: PairResult, names: Mapping[str, str]) -> str:
    """Return "A 3 unreadable, B 1 truncated"; nothing when every item has its pair."""
    sides = {"first": names[found.first], "second": names[found.second]}
    return ", ".join(f"{sides[side]} {count:,} {why}" for (side, why), count in found.left_out.items())


def changes(found: PairResult) -> str:
    """Return the flips by kind: "3 right → wrong, 1 wrong → right"."""
    counted = ((found.changed(change), change) for change in Change)
    return ", ".join(f"{count:,} {change}" for count, change in counted if count) or "no item changed"


def verdict(found: Equivalence) -> str:
    """Return an equivalence verdict in a sentence, its figures rounded to what is shown."""
    if found.few or found.low is None or found.high is None:
        return found.words
    place = {
        Verdict.EQUIVALENT: f"lies within ±{found.margin:g}",
        Verdict.NOT_WORSE: f"rules out a loss of {found.margin:g}",
        Verdict.WORSE: f"lies beyond a loss of {found.margin:g}",
        Verdict.UNDECIDED: f"does not rule out a loss of {found.margin:g}",
    }
    span = ends(found.low, found.high)
    return (
        f"{found.verdict}: the 90 % interval of the difference, {span} over {found.n:,} items, {place[found.verdict]}"
    )


def drift(found: Comparison, key: PairKey, names: Mapping[str, str]) -> str:
    """Return what all tasks show of a pair together."""
    verdicts = [result.equivalence.verdict for result in found.results(key) if result.equivalence]
    if not verdicts:
        return f"{names[key[1]]} against {names[key[0]]}: undecided, no item has a score under both."
    counted = ", ".join(f"{verdicts.count(kind)} {kind}" for kind in Verdict if kind in verdicts)
    tasks = "1 task" if len(verdicts) == 1 else f"{len(verdicts)} tasks"
    whole = drift_verdict(found, key)
    return (
        f"{names[key[1]]} against {names[key[0]]}: {whole} at a margin of {found.margin:g} points ({tasks}: {counted})."
    )


def gap(found: Gap) -> str:
    """Return a gap in words."""
    if found.value is None:
        return "not known: a side has no task with a value"
    span = ends(found.low, found.high, 0) or "no interval"
    return f"{number(found.from_value, 0)} → {number(found.to_value, 0)} ({signed(-found.value, 0)}) gap {span}"


def threshold(required: Requirement, tasks: Mapping[str, Task]) -> str:
    """Return "MedCalc Accuracy above 80"."""
    task = tasks.get(required.task)
    title = (
        next((m.title for m in task.metrics if m.id == required.metric), required.metric) if task else required.metric
    )
    side = "above" if required.better == "higher" else "below"
    return f"{task.title if task else required.task} {title} {side} {required.threshold:g}"


def finding(found: Finding, tasks: Mapping[str, Task]) -> str:
    """Return how a model stands against one threshold: value, interval, n and what has no score."""
    head = threshold(found.requirement, tasks)
    if found.value is None:
        task = tasks.get(found.requirement.task)
        judged = task is not None and task.needs_judge
        return f"{head}: " + ("not run; it needs a judge" if judged else "not run")
    span = ends(found.value.low, found.value.high) or "no interval"
    said = "no score" if found.value.value is None else f"{number(found.value.value)} {span}, n {found.value.n:,}"
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in found.reasons.items())
    missing = found.counts.unscored + found.counts.failed
    if missing:
        parts = [part for part in (reasons, found.counts.failed and f"{found.counts.failed:,} failed") if part]
        said += f"; {missing:,} of {found.counts.total:,} without a score ({', '.join(map(str, parts))})"
    return f"{head}: {said}" + ("; sample items" if found.sample else "")


def lead(found: Lead, name: str) -> str:
    """Return how sure it is that the best model is the best.

    Args:
        name: Of the next best model.
    """
    if found.value is None:
        return f"not compared with {name}: they share no items"
    span = ends(found.low, found.high) or "no interval"
    sure = "sure" if found.sure else "not sure"
    return f"{sure}: {signed(found.value)} points {span} against {name} over {found.items:,} items"


def best(result: CaseResult, names: Mapping[str, str]) -> str:
    """Return which model is best for a use case, and how sure that is."""
    if not result.best:
        standings = {one.standing for one in result.candidacies}
        return "none: every model fails" if standings == {Standing.FAILS} else "none: models fail or lack data"
    if result.lead is None:
        return f"{names[result.best]}, the only one that does not fail or lack data"
    return f"{names[result.best]}; {lead(result.lead, names[result.lead.over])}"


def reference(found: Reference) -> str:
    """Return where the published models stand; `LABEL` goes with it."""
    shared = f", over {found.shared_by} tasks together" if found.shared_by > 1 else ""
    return f"{number(found.low)} to {number(found.high)}, median {number(found.median)}{shared}"

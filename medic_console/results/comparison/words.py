"""What a comparison shows, in sentences that every front end uses."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING

from medic_console.core.digest import short
from medic_console.core.metrics import metric_of
from medic_console.core.visible import one_line
from medic_console.results.comparison.compare import Comparison, PairKey, drift_doubt, drift_verdict
from medic_console.results.comparison.pairs import Change, PairResult
from medic_console.results.comparison.portfolio import CaseResult, CaseStanding, Finding, Lead
from medic_console.results.comparison.reviewed import told
from medic_console.results.comparison.settings_drift import Differing, OneRun, apart
from medic_console.results.comparison.values import is_mean_of_items
from medic_console.statistics.equivalence import Equivalence, Verdict
from medic_console.statistics.words import (
    PROVISIONAL,
    all_answered,
    answered,
    ends,
    figure,
    mark,
    number,
    reason,
    share,
    signed,
)

if TYPE_CHECKING:
    from medic_console.results.comparison.portfolio_file import Requirement
    from medic_console.results.comparison.reference import Reference
    from medic_console.statistics.comparing import Difference
    from medic_console.suite.task import MetricSpec, Task

HOW = {
    "pairs": "Difference: second minus first over the items that both have a value for, 95 % interval. p: McNemar's "
    "exact test for right and wrong where no items share a note, else by draws, corrected by Holm for every task of "
    "every pair shown; worse needs p under .05.",
    "ranks": "Each model's items among those that all were asked; one without an answer takes the worst value. ≈ marks "
    "models that the paired difference does not tell apart from the best. 2 of 5 [1, 3]: second of five models, and "
    "the items leave ranks 1 to 3 open, p corrected for all pairs.",
    "ranks_answered": "Each model's items among those that all were asked, and that it gave a whole answer to. ≈ "
    "marks models that the paired difference does not tell apart from the best. 2 of 5 [1, 3]: second of five models, "
    "and the items leave ranks 1 to 3 open, p corrected for all pairs.",
    "settings": "What was chosen, in brackets what the engine took where it may choose.",
    "quality": "Quality: the plain mean of main metrics on 0 to 100, over the tasks that every model has; our rule. "
    "Speed: of one sequence, reading of the prompt included.",
}
"""How the figures are made, by table."""
SAME_SETTINGS = "every setting that is stored is the same"
_LONG, _AROUND = 48, 12
"""Characters beyond which only the part of a setting is shown that differs, and how many are left around it."""


def difference(found: PairResult) -> str:
    """Return "−2.1 [−4.0, −0.3]"; a dash without a common item."""
    return _signed(found.difference) or "–"


def difference_answered(found: PairResult) -> str:
    """Return "90 % [82, 96] answered by both, of those −1.0 [−3.2, 1.1] n 27"; "all answered by both" if they are."""
    if found.difference is None or not share(found):
        return ""
    of_those = "" if all_answered(found) else _signed(found.answered)
    given = f", of those {of_those} n {found.answered.n:,}" if found.answered and of_those else ""
    return f"{share(found)} by both{given}"


def _signed(found: Difference | None) -> str:
    """Return a difference with its interval; nothing without a common item."""
    if found is None or found.value is None:
        return ""
    return f"{signed(found.value)} {ends(found.low, found.high)}".rstrip()


def p_value(value: float | None) -> str:
    """Return a p value as it is printed."""
    if value is None:
        return "–"
    return "<.001" if value < 0.001 else f"{value:.3f}".removeprefix("0")


def rank(found: float, ranks: Mapping[str, float]) -> str:
    """Return a rank as it is printed: that of the first of equals, and = where it is shared."""
    equals = sum(other == found for other in ranks.values())
    return f"{found - (equals - 1) / 2:g}" + ("=" if equals > 1 else "")


def settings(found: Sequence[Differing] | None) -> list[str]:
    """Return "kv_type: f16 → q8_0" of each setting; nothing where there are none to compare."""
    if found is None:
        return []
    return [setting(one) for one in found] or [SAME_SETTINGS]


def setting(found: Differing) -> str:
    """Return "kv_type: f16 → q8_0"; of long texts the parts that differ, of digests the beginning."""
    digests = all(side.startswith("sha256:") for side in (found.before, found.after))
    sides = [short(side) for side in (found.before, found.after)] if digests else _parts(found.before, found.after)
    return f"{found.name}: {' → '.join(one_line(side) for side in sides)}"


def runs_named(name: str, runs: Sequence[OneRun]) -> list[str]:
    """Return `NAME@RUN` of each run as a shell takes it, with what it does not share with the first."""
    typed = [shlex.quote(f"{name}@{one.model.run}") for one in runs]
    said = ["; ".join(map(setting, apart(runs[0].conditions, one.conditions))) for one in runs]
    return [f"{word}  {words}".rstrip() for word, words in zip(typed, said, strict=True)]


def _parts(before: str, after: str) -> tuple[str, str]:
    """Return two texts without what long ones begin and end with alike, but for a few characters."""
    if max(len(before), len(after)) <= _LONG:
        return before, after
    head = _alike(before, after)
    tail = _alike(before[head:][::-1], after[head:][::-1])
    start, end = max(0, head - _AROUND), max(0, tail - _AROUND)
    one, other = (
        f"{'…' if start else ''}{text[start : len(text) - end]}{'…' if end else ''}" for text in (before, after)
    )
    return one, other


def _alike(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def left_out(found: PairResult, names: Mapping[str, str]) -> str:
    """Return "A 3 unreadable, B 1 truncated"; nothing when every item has its pair."""
    sides = {"first": names[found.first], "second": names[found.second]}
    return ", ".join(f"{sides[side]} {count:,} {why}" for (side, why), count in found.left_out.items())


def changes(found: PairResult, spec: MetricSpec) -> str:
    """Return the flips by kind: "3 right → wrong, 1 wrong → right"; why there are none where no item is compared."""
    if not is_mean_of_items(metric_of(spec.id)):
        return f"{spec.title} is no mean of item values: not compared item by item"
    counted = ((found.changed(change), change) for change in Change)
    if found.difference is None or not found.difference.n:
        return "no common items"
    return ", ".join(f"{count:,} {change}" for count, change in counted if count) or "no item changed"


def no_flips(found: Comparison, key: PairKey, only: str = "") -> str:
    """Return why a pair has no flips.

    Args:
        only: Id of the one task that is looked at; empty for all of them.
    """
    tasks = [task for task in found.tasks if only in ("", task.task.id)]
    paired = [task for task in tasks if is_mean_of_items(metric_of(task.metric.id))]
    results = [result for task in paired if (result := found.result(task.task.id, key)) is not None]
    common = sum(result.difference.n for result in results if result.difference is not None)
    if any(result.flips for result in results):
        return "none of this kind"
    if not paired:
        return "no metric is compared item by item"
    if not common:
        return "no common items"
    scoring = "the one common item scores" if common == 1 else f"all {common:,} common items score"
    return f"no item changed: {scoring} the same"


def verdict(found: Equivalence) -> str:
    """Return an equivalence verdict in a sentence, its figures rounded to what is shown."""
    if found.few or found.cut or found.low is None or found.high is None or found.unsure is not None:
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
    whole = f"{drift_verdict(found, key)}{PROVISIONAL if drift_doubt(found, key) else ''}"
    return (
        f"{names[key[1]]} against {names[key[0]]}: {whole} at a margin of {found.margin:g} points ({tasks}: {counted})."
    )


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
    said = "no value" if found.value.value is None else f"{figure(found.value)}{mark(found.value)}, n {found.value.n:,}"
    said += f"; {answered(found.value)}" if found.value.value is not None and answered(found.value) else ""
    said += f"; {found.value.note}" if found.value.note else ""
    said += f"; {found.taken[0].lower()}{found.taken[1:].rstrip('.')}" if found.taken and not found.value.part else ""
    said += f"; judged by {found.judged_by}" if found.judged_by else ""
    reasons = ", ".join(reason(missed, why) for why, missed in found.reasons.items())
    missing = found.counts.unscored + found.counts.failed
    if missing:
        parts = [part for part in (reasons, found.counts.failed and f"{found.counts.failed:,} failed") if part]
        said += f"; {missing:,} of {found.counts.total:,} unscored ({', '.join(map(str, parts))})"
    said += f"; by people: {told(found.review, found.requirement.metric)}" if found.review is not None else ""
    said += f"; {found.standing}: {', '.join(found.doubts)}" if found.doubts else ""
    return f"{head}: {said}" + ("; sample items" if found.sample else "")


def lead(found: Lead, name: str) -> str:
    """Return how sure it is that the best model is the best.

    Args:
        name: Of the next best model.
    """
    if found.value is None:
        return f"not compared with {name}: {found.apart}"
    span = ends(found.low, found.high) or "no interval"
    sure = "sure" if found.sure else "not sure"
    return f"{sure}: {signed(found.value)} points {span}{mark(found)} against {name} over {found.items:,} items"


def best(result: CaseResult, names: Mapping[str, str]) -> str:
    """Return which model is best for a use case, and how sure that is; one that is best may be not sure to pass."""
    if not result.best:
        standings = {one.standing for one in result.candidacies}
        return "none: every model fails" if standings == {CaseStanding.FAILS} else "none: models fail or lack data"
    name, doubt = names[result.best], "" if result.best_passes else ", not sure to pass"
    if result.lead is None:
        return f"{name}, the only one that does not fail or lack data{doubt}"
    behind = result.lead.value is not None and result.lead.value < 0
    by_standing = ", which stands better" if behind else ""
    return f"{name}{by_standing}{doubt}; {lead(result.lead, names[result.lead.over])}"


def reference(found: Reference) -> str:
    """Return where the published models stand; `LABEL` goes with it."""
    shared = f", over {found.shared_by} tasks together" if found.shared_by > 1 else ""
    return f"{number(found.low)} to {number(found.high)}, median {number(found.median)}{shared}"

"""Two to six models of an archive beside each other: what every front end iterates."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from medic_console.archive.views import ModelView
from medic_console.core.errors import UsageError
from medic_console.results.comparison.choosing import Field, choose, measures_for
from medic_console.results.comparison.models import FEWEST, Drift, check_number, column_title, drift_of, drift_order
from medic_console.results.comparison.notes import notes_of, unshared_notes
from medic_console.results.comparison.pairs import Flip, PairResult, compare_pair, load_scored
from medic_console.results.comparison.settings_drift import Conditions, Differing, apart, conditions
from medic_console.results.comparison.tasks import TaskValues, task_values
from medic_console.results.comparison.tradeoff import Point, point, trade_off
from medic_console.results.measures import Measures
from medic_console.statistics.aggregates import TaskResult, mean_of
from medic_console.statistics.comparing import holm
from medic_console.statistics.equivalence import Verdict
from medic_console.statistics.gaps import Gap, gaps
from medic_console.statistics.ranks import Correlation, spearman_matrix

MARGIN = 2.0
"""Points on 0 to 100 that do not matter, unless another margin is stated."""
PairKey = tuple[str, str]
"""Columns of the reference and of the model that takes its place."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two to six models on the tasks that at least two of them share.

    Attributes:
        models: One a column, in the order asked for; quantisations of one base with the largest file first. Figures
            are named by `ModelView.column`.
        drift: What all columns have in common, where a change of one thing is looked at.
        margin: Points on 0 to 100.
        tasks: In the order of their titles.
        alone: Tasks that fewer than two of the models were comparably measured on, by title.
        correlations: Spearman's rank correlation of every two tasks, by task id.
        gaps: By model and name of the gap.
        points: By model.
        notes: What the reader must know, in sentences.
        conditions: Of each column that is pinned to a run, under which settings it ran.
        pairs: By task id, then pair; filled while pairs are compared.
        answered_only: Items that a model left without a whole answer are left out; else they take the worst value.
    """

    models: tuple[ModelView, ...]
    drift: Drift
    margin: float
    tasks: tuple[TaskValues, ...]
    alone: tuple[str, ...]
    correlations: Mapping[tuple[str, str], Correlation]
    gaps: Mapping[str, Mapping[str, Gap]]
    points: Mapping[str, Point]
    notes: tuple[str, ...]
    conditions: Mapping[str, Conditions]
    pairs: Mapping[str, Mapping[PairKey, PairResult]]
    answered_only: bool

    @property
    def pair_keys(self) -> tuple[PairKey, ...]:
        """Every pair of the models, in their order."""
        return tuple(combinations((model.column for model in self.models), 2))

    @property
    def pairs_due(self) -> int:
        """Pairs to compare on all tasks together."""
        return sum(len(task.values) * (len(task.values) - 1) // 2 for task in self.tasks)

    @property
    def pairs_done(self) -> int:
        """Pairs that have been compared."""
        return sum(len(found) for found in self.pairs.values())

    def differs(self, key: PairKey) -> tuple[Differing, ...] | None:
        """Return the settings that a pair of one file in two runs does not share; None for any other pair."""
        if len({model.sha256 for model in self.models if model.column in key}) > 1:
            return None
        return apart(*(self.conditions[column] for column in key))

    def result(self, task: str, key: PairKey) -> PairResult | None:
        """Return a pair's result on a task, where it is known."""
        return self.pairs.get(task, {}).get(key)

    def results(self, key: PairKey) -> list[PairResult]:
        """Return a pair's results, in the order of the tasks."""
        return [found for task in self.tasks if (found := self.result(task.task.id, key))]

    def flips(self, key: PairKey) -> list[tuple[TaskValues, Flip]]:
        """Return a pair's flips on all tasks, the gravest change first, then the largest."""
        found = [
            (task, flip)
            for task in self.tasks
            if (result := self.result(task.task.id, key)) is not None
            for flip in result.flips
        ]
        return sorted(found, key=lambda entry: entry[1].gravity)


def begin(
    reader: Measures,
    models: Sequence[ModelView],
    runs: Collection[str] = (),
    margin: float = MARGIN,
    answered_only: bool = False,
) -> Comparison:
    """Return a comparison with everything but the pairs, which take longest.

    Args:
        models: Two to six candidates, each alone or pinned to a run; one twice only if pinned to different runs.
        runs: Runs to take measures of the models from that are not pinned to one; empty: all.
        margin: Points on 0 to 100 that do not matter.
        answered_only: Leave out items that a model left without a whole answer.

    Raises:
        UsageError: There are not two to six models, the margin is not above 0, or no task was measured for two of
            them on the same items.
    """
    check_number(len(models))
    check_margin(margin)
    drift = drift_of(models)
    models = drift_order(models) if drift is Drift.QUANTISATION else tuple(models)
    names = [model.column for model in models]
    fields = choose(measures_for(reader, models, runs), names, reader.item_digests)
    shared, others = ([one for one in fields if (len(one.measures) >= FEWEST) is enough] for enough in (True, False))
    if not shared:
        raise _nothing_shared(models, fields, runs)
    tasks = tuple(task_values(field, load_scored(reader, field.measures), answered_only) for field in shared)
    return Comparison(
        models=models,
        drift=drift,
        margin=margin,
        tasks=tasks,
        alone=tuple(field.task.title for field in others),
        correlations=correlations(tasks),
        gaps={model: gaps(results_of(tasks, model)) for model in names},
        points=_points(reader, models, tasks),
        notes=(*notes_of(reader, models, tasks), *unshared_notes(models, others)),
        conditions={model.column: conditions(reader, model) for model in models if model.run},
        pairs={},
        answered_only=answered_only,
    )


def compare_pairs(comparison: Comparison) -> Iterator[Comparison]:
    """Yield the comparison with one pair of one task more each time; the last has corrected p values.

    The reference against each of the others comes first.
    """
    pairs: dict[str, dict[PairKey, PairResult]] = {task.task.id: {} for task in comparison.tasks}
    for key in comparison.pair_keys:
        for task in comparison.tasks:
            if task.scored.keys() >= set(key):
                first, second = (task.scored[model] for model in key)
                pairs[task.task.id][key] = compare_pair(
                    task.metric, first, second, comparison.margin, comparison.answered_only
                )
                yield replace(comparison, pairs={name: dict(found) for name, found in pairs.items()})
    yield replace(comparison, pairs=_corrected(pairs))


def compared(comparison: Comparison) -> Comparison:
    """Return the comparison with all pairs."""
    for found in compare_pairs(comparison):
        comparison = found
    return comparison


def check_margin(margin: float) -> None:
    """Refuse a margin that can never be met or never be missed.

    Raises:
        UsageError: It is not above 0 and below 100 points.
    """
    if not 0 < margin < 100:
        raise UsageError(
            f"{margin:g} is no margin.", "State points above 0 and below 100, before you look; 2 is usual."
        )


def correlations(tasks: Sequence[TaskValues]) -> dict[tuple[str, str], Correlation]:
    """Return Spearman's rank correlation of every two tasks over the models that both have a value for."""
    scores = {task.task.id: {model: value.value for model, value in task.values.items()} for task in tasks}
    lower = [task.task.id for task in tasks if task.metric.better == "lower"]
    return spearman_matrix(scores, lower)


def results_of(tasks: Sequence[TaskValues], model: str) -> list[TaskResult]:
    """Return a model's primary metrics."""
    return [result for task in tasks if (result := task.result(model)) is not None]


def drift_verdict(comparison: Comparison, key: PairKey) -> Verdict:
    """Return what all tasks show together: worse if one is, equivalent only if all are."""
    found = {result.equivalence.verdict for result in comparison.results(key) if result.equivalence}
    if Verdict.WORSE in found:
        return Verdict.WORSE
    if not found or Verdict.UNDECIDED in found:
        return Verdict.UNDECIDED
    return Verdict.EQUIVALENT if found == {Verdict.EQUIVALENT} else Verdict.NOT_WORSE


def drift_doubt(comparison: Comparison, key: PairKey) -> str:
    """Return why what all tasks show together is not to be relied on yet; empty when it is."""
    found = ((task.task.id, comparison.result(task.task.id, key)) for task in comparison.tasks)
    return "; ".join(f"{name}: {result.provisional}" for name, result in found if result and result.provisional)


def near_best(comparison: Comparison, task: TaskValues) -> frozenset[str]:
    """Return the models that a task's items do not tell apart from its best one, which is among them.

    That is, the 95 % interval of the paired difference holds 0. Empty where nothing is known yet.
    """
    best = [model for model, rank in task.ranks.items() if rank == min(task.ranks.values())]
    return frozenset(best) | {
        model for model in task.ranks for top in best if _holds_zero(comparison, task.task.id, top, model)
    }


def _holds_zero(comparison: Comparison, task: str, one: str, other: str) -> bool:
    found = comparison.result(task, (one, other)) or comparison.result(task, (other, one))
    if found is None or found.difference is None or found.difference.low is None or found.difference.high is None:
        return False
    return found.difference.low <= 0 <= found.difference.high


def _points(reader: Measures, models: Sequence[ModelView], tasks: Sequence[TaskValues]) -> dict[str, Point]:
    cache = reader.cache_bytes()
    whole = [task for task in tasks if len(task.ranks) == len(models)]
    found = {}
    for model in models:
        quality = mean_of(results_of(whole, model.column))
        speeds = reader.speeds(task.measures[model.column] for task in tasks if model.column in task.values)
        found[model.column] = point(model, cache[model.sha256], quality, speeds)
    return trade_off(found)


def _corrected(pairs: Mapping[str, Mapping[PairKey, PairResult]]) -> dict[str, dict[PairKey, PairResult]]:
    """Correct all p values together: every task of every pair is one look more."""
    places = [
        (task, key, found.difference.p)
        for task, results in pairs.items()
        for key, found in results.items()
        if found.difference and found.difference.p is not None
    ]
    corrected = {(t, k): p for (t, k, _), p in zip(places, holm([p for _, _, p in places]), strict=True)}
    return {
        task: {key: _with_p(found, corrected.get((task, key))) for key, found in results.items()}
        for task, results in pairs.items()
    }


def _with_p(found: PairResult, p_holm: float | None) -> PairResult:
    verdict = found.equivalence.adjusted(p_holm) if found.equivalence else None
    return replace(found, p_holm=p_holm, equivalence=verdict)


def _nothing_shared(models: Sequence[ModelView], fields: Sequence[Field], runs: Collection[str]) -> UsageError:
    names = ", ".join(map(column_title, models))
    where = f" in {', '.join(runs)}" if runs else ""
    measured = ", ".join(field.task.title for field in fields) or "none"
    return UsageError(
        f"No task was measured on the same items for two of {names}{where}. Tasks measured: {measured}.",
        "Audit the models in one run, or on the same items: medic-console run TASK --model A --model B",
    )

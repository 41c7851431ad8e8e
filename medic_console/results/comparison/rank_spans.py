"""Which ranks a task's items leave open for a model."""

from __future__ import annotations

from medic_console.results.comparison.compare import Comparison
from medic_console.results.comparison.pairs import PairResult
from medic_console.results.comparison.tasks import TaskValues
from medic_console.results.comparison.words import rank
from medic_console.statistics.equivalence import ALPHA


def is_told_apart(result: PairResult) -> bool:
    """Tell whether a difference is told apart from 0, by more than a handful of notes.

    Its 95 % interval leaves 0 out and, once p is corrected for all looks, that is under 5 % too.
    """
    found = result.difference
    if result.equivalence is not None and result.equivalence.few:
        return False
    if found is None or found.value is None or found.low is None or found.high is None:
        return False
    return not found.low <= 0 <= found.high and (result.p_holm is None or result.p_holm < ALPHA)


def rank_span(found: Comparison, task: TaskValues, model: str) -> tuple[int, int] | None:
    """Return the best and the worst rank that a task's items leave open for a model; None while pairs are missing.

    Ahead of it are surely the models, behind it those, from which its paired difference is told apart. As p values are
    corrected for all pairs together, so are the ranks (Mogstad, Romano, Shaikh and Wilhelm 2024).
    """
    if model not in task.ranks:
        return None
    ahead = behind = 0
    for other in task.ranks:
        if other == model:
            continue
        result = found.result(task.task.id, (model, other)) or found.result(task.task.id, (other, model))
        if result is None:
            return None
        if is_told_apart(result) and result.difference is not None and result.difference.value is not None:
            gains = (result.difference.value > 0) == (task.metric.better == "higher")
            better = result.second if gains else result.first
            ahead, behind = ahead + (better == other), behind + (better == model)
    return 1 + ahead, len(task.ranks) - behind


def placed(found: Comparison, task: TaskValues, model: str) -> str:
    """Return "2 of 5 [1, 3]": the rank, of how many models, and the ranks that the items leave open."""
    place = f"{rank(task.ranks[model], task.ranks)} of {len(task.ranks)}"
    span = rank_span(found, task, model)
    return place if span is None else f"{place} [{span[0]}, {span[1]}]"

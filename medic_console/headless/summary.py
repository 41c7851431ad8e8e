"""A run in words: what each model knows and carries out, refuses and finds, and what its texts lack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from medic_console.archive.rows import task_result_of
from medic_console.archive.views import ModelResult, TaskView
from medic_console.metrics import to_hundred
from medic_console.statistics.gaps import Gap, gaps

_VERBS = {"knowledge_execution": ("knows", "executes"), "passive_active": ("holds back", "finds errors")}
"""What a model does on the two sides of a gap."""


def summary(results: Sequence[ModelResult]) -> tuple[str, ...]:
    """Return what a run found, one sentence a line."""
    lines = [line for result in results for line in _model_lines(result)]
    lines += [_against(one, other) for one, other in combinations(results, 2)]
    return (*lines, *_standing(results))


def _model_lines(result: ModelResult) -> Iterator[str]:
    found = gaps([task_result_of(view) for view in result.tasks])
    for name, verbs in _VERBS.items():
        if (said := _gap(found[name], verbs, result)) is not None:
            yield f"{result.model.name} {said}"
    for view in result.tasks:
        if view.findings:
            listed = ", ".join(f"{number} {_plural(str(kind), number)}" for kind, number in view.findings.items())
            yield f"{result.model.name}, {view.task.title}: {view.counts.scored} texts examined: {listed}."


def _gap(gap: Gap, verbs: tuple[str, str], result: ModelResult) -> str | None:
    if gap.value is None or gap.from_value is None or gap.to_value is None:
        return None
    titles = {view.task.id: view.task.title for view in result.tasks}
    tasks = ", ".join(titles[name] for name in gap.tasks)
    ends = "no interval" if gap.low is None or gap.high is None else f"{gap.low:.0f} to {gap.high:.0f}"
    sides = f"{verbs[0]} {gap.from_value:.0f} %, {verbs[1]} {gap.to_value:.0f} %"
    return f"{sides}: a gap of {gap.value:.0f} points ({ends}; {tasks})."


def _plural(kind: str, number: int) -> str:
    return kind if number == 1 or " " in kind else f"{kind}s"


def _against(one: ModelResult, other: ModelResult) -> str:
    """Return on how many tasks a model is ahead; equal and unscored tasks count for neither."""
    mapped = [[to_hundred(task_result_of(view)) for view in result.tasks] for result in (one, other)]
    pairs = list(zip(*mapped, strict=True))
    known = [(a[0], b[0]) for a, b in pairs if a is not None and b is not None]
    ahead, behind = sum(a > b for a, b in known), sum(a < b for a, b in known)
    names = one.model.name, other.model.name
    return (
        f"{names[0]} is ahead of {names[1]} on {ahead} of {len(known)} tasks and behind on {behind}; "
        "whether by more than chance: medic-console compare."
    )


def _standing(results: Sequence[ModelResult]) -> Iterator[str]:
    """Tell once of each judge whose figures are provisional."""
    judged: list[TaskView] = [view for result in results for view in result.tasks if view.provisional]
    titles = list(dict.fromkeys(view.task.title for view in judged))
    if judged:
        yield f"Provisional ({', '.join(titles)}): {judged[0].provisional}."

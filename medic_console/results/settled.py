"""Figures of a task computed at once, so that the scores that they are of can be let go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from medic_console.archive.views import Challenged, ModelResult, TaskView
from medic_console.core.records import Figure, MetricValue


def settled(view: TaskView) -> TaskView:
    """Return a task's results with every figure computed; none of them holds a score of an item.

    The draws of the main metric are kept as numbers, for figures that are made of it; those of others are let go.
    """
    main = view.task.primary_metric.id
    return replace(
        view,
        metrics={name: _drawn(found) if name == main else _bare(found) for name, found in view.metrics.items()},
        breakdown={name: _bare(found) for name, found in view.breakdown.items()},
        corrected={name: _bare(found) for name, found in view.corrected.items()},
        by_judge=tuple(map(settled, view.by_judge)),
        challenged=_bare_challenged(view.challenged),
    )


def released(result: ModelResult) -> ModelResult:
    """Return a model's results without the draws of its figures, which nothing more is to be made of."""
    return replace(
        result,
        tasks=tuple(_released(view) for view in result.tasks),
        dimensions={
            name: replace(
                found,
                answered=_bare_figure(found.answered),
                share=_bare_figure(found.share),
            )
            for name, found in result.dimensions.items()
        },
    )


def _released(view: TaskView) -> TaskView:
    metrics = {name: _bare(found) for name, found in view.metrics.items()}
    return replace(view, metrics=metrics, by_judge=tuple(map(_released, view.by_judge)))


def _bare_challenged(found: Challenged | None) -> Challenged | None:
    return found and replace(found, figure=found.figure and _bare(found.figure))


def _bare(found: MetricValue) -> MetricValue:
    return replace(found, draws=None, answered=_bare_figure(found.answered), share=_bare_figure(found.share))


def _bare_figure(found: Figure | None) -> Figure | None:
    return None if found is None else replace(found, draws=None)


def _drawn(found: MetricValue) -> MetricValue:
    answered = None if found.answered is None else replace(found.answered, draws=_kept(found.answered.draws))
    share = None if found.share is None else replace(found.share, draws=_kept(found.share.draws))
    return replace(found, draws=_kept(found.draws), answered=answered, share=share)


def _kept(draws: Callable[[], Any] | None) -> Callable[[], Any] | None:
    """Return draws that are made already; whoever takes them does not write to them."""
    if draws is None:
        return None
    made = draws()
    return lambda: made

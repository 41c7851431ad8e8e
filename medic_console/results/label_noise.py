"""What a figure could be if a share of the reference labels is wrong: each label in doubt could be either."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from medic_console.archive.views import ModelResult, TaskView
from medic_console.core.errors import UsageError
from medic_console.core.metrics import metric_of
from medic_console.suite.task import LabelNoise


@dataclass(frozen=True, slots=True)
class NoiseBand:
    """The lowest and highest value that true labels could give; no interval of chance.

    Attributes:
        low: In the metric's unit.
        high: In the metric's unit.
    """

    noise: LabelNoise
    title: str
    low: float
    high: float

    @property
    def told(self) -> str:
        """It in a sentence."""
        return (
            f"label noise: {100 * self.noise.share:g} % of the reference labels are in doubt ({self.noise.source}); if "
            "that share holds for these items, and each such label may be right or wrong, "
            f"the true {self.title} lies between {self.low:.1f} and {self.high:.1f}"
        )


def noise_band(view: TaskView) -> NoiseBand | None:
    """Return the band of a task's main metric; None without a stated share for these labels, or where items are no 0/1.

    With `k` of `n` labels in doubt, at most `k` right answers turn out wrong, or `k` wrong ones right.
    """
    noise, value = view.task.label_noise, view.primary.value
    metric = metric_of(view.task.primary_metric.id)
    if noise is None or value is None or not metric.proportion or not _of_these(noise, view.notes):
        return None
    reach = metric.scale * noise.share
    low, high = max(0.0, value - reach), min(metric.scale, value + reach)
    return NoiseBand(noise, view.task.primary_metric.title.lower(), low, high)


def _of_these(noise: LabelNoise, notes: Iterable[str]) -> bool:
    return not noise.labels or any(noise.labels in note for note in notes)


def assuming(results: Iterable[ModelResult], share: float) -> list[ModelResult]:
    """Return results that take a share of every task's labels to be in doubt, whatever its file says.

    Args:
        results: Of a run.
        share: 0 to 1.

    Raises:
        UsageError: It is none.
    """
    if not 0 <= share <= 1:
        raise UsageError(f"--label-noise {share:g} is no share of labels.", "Give one from 0 to 1, such as 0.27.")
    noise = LabelNoise(share, "", "assumed, --label-noise")

    def assumed(view: TaskView) -> TaskView:
        return replace(view, task=replace(view.task, label_noise=noise))

    return [replace(one, tasks=tuple(map(assumed, one.tasks))) for one in results]

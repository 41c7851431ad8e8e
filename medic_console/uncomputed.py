"""Metrics that are not computed because a file that they need was not named; they say so, and are never 0."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType

from medic_console.records import ENCODER, MetricValue

NEEDS: Mapping[str, str] = MappingProxyType({"bertscore": ENCODER})
"""The file that a metric needs, by the name that it has among a task's resources."""
_NOT_NAMED = {ENCODER: "not computed: no encoder was named (--encoder FILE)"}


def noted(metrics: Mapping[str, MetricValue], resources: Collection[str]) -> dict[str, MetricValue]:
    """Return the metrics; one without a value whose file is not among `resources` has the reason as its note."""
    return {name: _noted(metric, NEEDS.get(name, ""), resources) for name, metric in metrics.items()}


def _noted(metric: MetricValue, needs: str, resources: Collection[str]) -> MetricValue:
    absent = metric.value is None and needs and needs not in resources
    return replace(metric, note=_NOT_NAMED[needs]) if absent else metric

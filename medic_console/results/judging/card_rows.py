"""A card's measures beside their limits, as every front end shows them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from medic_console.core.records import MetricValue
from medic_console.results.judging.card import Card
from medic_console.results.judging.measures import TITLES
from medic_console.results.judging.thresholds import Threshold

NOTE = "The unfavourable end of the 95 % interval decides; limits and their reasons: thresholds.toml of the probes."
BOUNDS: Mapping[str, str] = MappingProxyType({"least": "≥", "most": "≤", "within": "±"})
"""Signs of the bounds of a limit."""


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """One measure.

    Attributes:
        name: Key of `measures.TITLES`.
        limit: None where the measure decides nothing.
    """

    name: str
    title: str
    found: MetricValue
    limit: Threshold | None

    @property
    def demand(self) -> str:
        """The limit with its sign; empty without one."""
        return f"{BOUNDS[self.limit.bound]} {self.limit.limit:g}" if self.limit else ""

    @property
    def passed(self) -> bool | None:
        """Whether the limit is met; None without one."""
        return not self.limit.objection(self.found) if self.limit else None


def measure_rows(card: Card) -> list[MeasureRow]:
    """Return what was measured, in the order of `measures.TITLES`."""
    limits = {limit.measure: limit for limit in card.limits}
    return [
        MeasureRow(name, title, card.measures[name], limits.get(name))
        for name, title in TITLES.items()
        if name in card.measures
    ]

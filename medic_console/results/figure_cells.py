"""Figures as cells of tables: the headline with its mark, its interval, and what stands beside it."""

from __future__ import annotations

from medic_console.core.records import Figure, MetricValue
from medic_console.results.comparison.portfolio import Lead
from medic_console.statistics import words
from medic_console.statistics.aggregates import Aggregate
from medic_console.statistics.agreement import Agreement
from medic_console.statistics.comparing import Difference
from medic_console.statistics.gaps import Gap

Told = MetricValue | Aggregate | Gap
"""A figure that knows what it is among answered items."""
Ended = Told | Figure | Difference | Lead | Agreement
"""A number with its interval."""

NONE = "–"
"""In a cell for which there is nothing to tell."""


def number_cell(found: MetricValue | Aggregate) -> str:
    """Return "62.5*": a headline with its mark, or a dash."""
    return words.number(found.value) + (words.mark(found) if found.value is not None else "")


def ends_cell(found: Ended, places: int = 1) -> str:
    """Return "[53.1, 70.2]", or a dash."""
    return words.ends(found.low, found.high, places) or NONE


def beside_cell(found: Told) -> str:
    """Return "82 % [74, 88] answered, of those 75.0 [66.1, 82.2]; chance 25.0", as far as there is any."""
    said = [words.answered(found) if found.value is not None else ""]
    said.append(words.chance(found) if isinstance(found, MetricValue) else "")
    return "; ".join(part for part in said if part) or NONE

"""Published reference points as the console shows them: greyed, labelled, never mixed with results of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from medic_console.core import paths
from medic_console.core.errors import UsageError

if TYPE_CHECKING:
    from medic_console.results.comparison.reference import Reference
    from medic_console.statistics.gaps import Gap
    from medic_console.statistics.ranks import Correlation
    from medic_console.suite.task import Task


@dataclass(frozen=True, slots=True)
class ReferencePoints:
    """The published table.

    Attributes:
        tasks: By task id.
        gaps: By published model and name of the gap.
        correlations: Spearman's rank correlation of every two rows of the table; empty where it was not asked for.
        fault: Why there is none; empty when there is.
    """

    tasks: Mapping[str, Reference] = field(default_factory=dict)
    gaps: Mapping[str, Mapping[str, Gap]] = field(default_factory=dict)
    correlations: Mapping[tuple[str, str], Correlation] = field(default_factory=dict)
    fault: str = ""

    @property
    def benchmarks(self) -> tuple[str, ...]:
        """The rows of the table, in its order."""
        return tuple(dict.fromkeys(name for name, _ in self.correlations))

    def median_gap(self, name: str) -> tuple[float, float] | None:
        """Return the published models' median on each side of a gap; None where the table has none."""
        known = [found[name] for found in self.gaps.values() if name in found]
        sides = [(gap.from_value, gap.to_value) for gap in known]
        whole = [(one, other) for one, other in sides if one is not None and other is not None]
        if not whole:
            return None
        import statistics

        return statistics.median(one for one, _ in whole), statistics.median(other for _, other in whole)


def reference_points(tasks: Mapping[str, Task], correlated: bool = False) -> ReferencePoints:
    """Read the published table; a table that cannot be read costs the references and nothing else.

    Args:
        tasks: All known tasks.
        correlated: Compute the rank correlations too.
    """
    # Loaded here, in a thread: home holds an empty table until then.
    from medic_console.results.comparison.reference import published_gaps, published_models, references
    from medic_console.statistics.published import FILE_NAME, load_published, lower_is_better, matrix
    from medic_console.statistics.ranks import spearman_matrix

    try:
        table = load_published(paths.tasks_dir() / FILE_NAME)
    except UsageError as error:
        return ReferencePoints(fault=error.message)
    found = references(tasks, table)
    gaps = published_gaps(tasks, found, published_models(table))
    alike = spearman_matrix(matrix(table), lower_is_better(table)) if correlated else {}
    return ReferencePoints(found, gaps, alike)

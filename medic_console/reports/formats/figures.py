"""Every figure of a report with the view that it is of: what all formats tell of a model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from medic_console.archive.views import TaskView
from medic_console.core.metrics import metric_of
from medic_console.core.records import Dimension
from medic_console.reports.evidence import Evidence, RunEvidence
from medic_console.reports.pages.words import views
from medic_console.results.flat import MetricRecord, metric_records, whose
from medic_console.results.tasks import PANEL

FAIR = frozenset({Dimension.ETHICS_AND_BIAS})
SAFE = frozenset({Dimension.CLINICAL_SAFETY})


@dataclass(frozen=True, slots=True)
class Told:
    """One figure.

    Attributes:
        view: The task's results under the same judge.
        record: The figure.
    """

    run: RunEvidence
    view: TaskView
    record: MetricRecord

    @property
    def title(self) -> str:
        """What the figure is of, without its model."""
        metric = metric_of(self.record.metric).title
        return f"{self.view.task.title}: {metric}"

    @property
    def in_part(self) -> bool:
        """Whether it is provisional, or of a run that has not come to its end."""
        return bool(self.record.provisional) or self.run.view.status != "done"


@dataclass(frozen=True, slots=True)
class Facts:
    """What every format tells, taken from the evidence once.

    Attributes:
        names: Titles of the models, by sha256.
        figures: Every figure, those without a value too; each judge's beside the panel's.
    """

    evidence: Evidence
    names: Mapping[str, str]
    figures: tuple[Told, ...]

    def of(self, model: str) -> list[Told]:
        """Return the figures of a candidate (sha256) that have a value."""
        return [told for told in self.figures if told.record.value is not None and told.view.candidate == model]

    @property
    def candidates(self) -> list[str]:
        """Models that are examined (sha256), in their order."""
        return list(dict.fromkeys(one.sha256 for run in self.evidence.runs for one in run.view.candidates))

    def judge(self, told: Told) -> str:
        """Return who judged; empty where nobody did."""
        judge = told.view.judge
        return "panel" if judge == PANEL else self.names[judge] if judge else ""

    def remarks(self, told: Told) -> list[str]:
        """Return what a reader must know beside a number, in sentences."""
        one, judge = told.record, self.judge(told)
        said = [f"Run {one.run}."]
        if judge:
            said.append(f"Judged by {judge}.")
        if one.provisional:
            said.append(f"Provisional: {one.provisional}")
        if one.origin == "sample":
            said.append("Bundled sample items: says nothing about a model for use.")
        if one.share_answered is not None:
            share = f"{one.share_answered:.1f} % of {one.n:,} items"
            said.append(f"Whole answers: {share}; the others take the worst value.")
        said.append(f"{one.scored:,} scored, {one.unscored:,} unscored, {one.failed:,} failed of {one.items:,} items.")
        return said


def facts_of(evidence: Evidence) -> Facts:
    """Return what every format tells."""
    return Facts(evidence, evidence.names, tuple(_figures(evidence)))


def _figures(evidence: Evidence) -> Iterator[Told]:
    for run, _, view in views(evidence):
        for one in (view, *view.by_judge):
            who = whose(run.view, one.candidate, one.judge)
            told = metric_records(who, one.task, one.origin, one.metrics, one.counts, one.items, one.corrected)
            yield from (Told(run, one, record) for record in told)

"""Page 8: how every figure of the report is made, with its source, and what has changed since an earlier report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType

from medic_console.archive import challenges
from medic_console.archive.views import TaskView
from medic_console.core.metrics import Metric, metric_of
from medic_console.reports.document import Page, Part, Said, Section, Table
from medic_console.reports.earlier import Since
from medic_console.reports.evidence import Evidence
from medic_console.reports.pages.words import views
from medic_console.results.comparison import portfolio
from medic_console.statistics import (
    aggregates,
    agreement,
    bounds,
    comparing,
    gaps,
    intervals,
    metrics,
    panel_scores,
    prevalence,
    raters,
    ratings,
    words,
)


@dataclass(frozen=True, slots=True)
class Statistic:
    """A way in which figures of a report are made.

    Attributes:
        what: It makes.
        module: That does it; its own words name every source that is named here.
        used: Tells whether a report holds such a figure.
    """

    what: str
    how: str
    source: str
    module: ModuleType
    used: Callable[[Evidence], bool]


def _judges(evidence: Evidence, least: int) -> bool:
    return any(len(run.view.judges) >= least for run in evidence.runs)


def _readers(evidence: Evidence, least: int) -> bool:
    return any(len(queue.readers) >= least for queue in evidence.queues)


_GAPS = "; ".join(
    f"{rule.title.lower()}, from {' and '.join(rule.from_tasks)} to {' and '.join(rule.to_tasks)}"
    for rule in gaps.GAPS.values()
)


def _any_gap(evidence: Evidence) -> bool:
    """Tell whether a model has tasks on both sides of a gap."""
    ran = [{view.task.id for view in result.tasks} for run in evidence.runs for result in run.results]
    return any(
        tasks.intersection(r.from_tasks) and tasks.intersection(r.to_tasks) for tasks in ran for r in gaps.GAPS.values()
    )


def _any_view(holds: Callable[[TaskView], object]) -> Callable[[Evidence], bool]:
    return lambda evidence: any(holds(view) for _, _, view in views(evidence))


STATISTICS = (
    Statistic(
        "95 % intervals",
        "Items that share a note are one group. The groups and one that was not seen, as large as the mean one, are "
        "weighed by the Bayesian bootstrap 4,000 times (weights of Dirichlet, 1 each): in one half of the draws the "
        "items of the unseen group are as bad as the metric allows, in the other as good. The ends are the 2.5th and "
        "97.5th percentile of all draws, known to about a thirtieth of the interval's width. Of a share of lone items "
        "that is the mid-p interval, to a tenth of a point. What an item can be is in the table of metrics, and more "
        "where an item of this report is; macro-F1 has an unseen group of every class.",
        "Rubin 1981; Lancaster 1961; Clopper and Pearson 1934",
        intervals,
        _any_view(lambda view: view.primary.low is not None),
    ),
    Statistic(
        "headlines",
        "An item that the model left without an answer takes the worst value of the metric; items without a score for "
        "any other reason are in no figure. Beside each headline stand the share of whole answers and the figure of "
        "those.",
        "the rule of this program",
        metrics,
        _any_view(lambda view: True),
    ),
    Statistic(
        "dimensions",
        "The mean of the tasks' headlines on 0 to 100, weighed as the table of weights says. Draws of independent "
        "tasks are put together at random, unseen groups of all of them bad together or good together.",
        "the rule of this program",
        aggregates,
        lambda evidence: any(result.dimensions for run in evidence.runs for result in run.results),
    ),
    Statistic(
        "gaps",
        "The plain mean of the headlines on 0 to 100 of the second side minus that of the first, of the tasks of this "
        f"run: {_GAPS}; draws as those of dimensions.",
        "the rule of this program",
        gaps,
        _any_gap,
    ),
    Statistic(
        "decision",
        "A threshold is met where the whole interval lies on its right side, with the items, the share answered and "
        "the reviews that page 1 asks for, no provisional mark, and all or a random sample of the items; it is not met "
        "where the whole interval of the figure, or of the share answered, lies on the wrong side; all else is not "
        "sure. A model stands as its worst threshold does.",
        "the rule of this program",
        portfolio,
        lambda evidence: evidence.case is not None,
    ),
    Statistic(
        "ratings",
        "Elo by the rules of public arenas, as a mean over orders of the matches; Bradley-Terry as the fit of all "
        "matches at once.",
        "Elo 1978; Bradley and Terry 1952",
        ratings,
        _any_view(lambda view: {"elo", "bradley_terry"} & {metric.id for metric in view.task.metrics}),
    ),
    Statistic(
        "figures of a panel",
        "An item counts where most of its judges scored it. What is 0 or 1, and each criterion and match, is as most "
        "judges say, a tie being 0, of a match a draw; other scores are the median of theirs.",
        "the rule of this program",
        panel_scores,
        lambda evidence: _judges(evidence, 2),
    ),
    Statistic(
        "judges' agreement", "Krippendorff's alpha.", "Krippendorff", agreement, lambda evidence: _judges(evidence, 2)
    ),
    Statistic(
        "rates corrected for a judge",
        "(raw + specificity − 1) / (sensitivity + specificity − 1), cut to 0 to 1, by the judge's measured "
        "sensitivity and specificity.",
        "Rogan and Gladen (1978); interval: Lang and Reiczigel (2014)",
        prevalence,
        _any_view(lambda view: view.corrected),
    ),
    Statistic(
        "bound of a clean sample, and the reviewed rate",
        "The share of errors that the sample excludes at 95 %, one-sided, each kind weighed by its size: exact for one "
        "sample and without an error, else with what each error adds. The reviewed rate weighs each kind of answer by "
        "how often it occurs in the queue's frame.",
        "Clopper and Pearson 1934; Wendell and Schmee 1996; Stringer 1963; Bickel 1992",
        bounds,
        lambda evidence: bool(evidence.queues),
    ),
    Statistic(
        "readers' agreement",
        "Cohen's kappa of two readers, Fleiss' of more, with PABAK and AC1, which hold where nearly all is in one "
        "category.",
        "Cohen 1960; Fleiss 1971; Byrt, Bishop and Carlin 1993; Gwet 2008",
        raters,
        lambda evidence: _readers(evidence, 2),
    ),
    Statistic(
        "parts of the items",
        "Each part against the rest; p by shuffling notes, corrected for all tests of a run's table of parts together, "
        "of every field, task and model; two parts that are all items make one test.",
        "Holm 1979",
        comparing,
        lambda evidence: bool(evidence.asked.by),
    ),
    Statistic(
        "figures without challenged labels",
        "The same figure over the items whose reference label no second reviewer has accepted a challenge of; the "
        "official one never changes.",
        "the rule of this program",
        challenges,
        _any_view(lambda view: view.challenged is not None),
    ),
)
"""Every statistic that a report can hold; page 8 tells those that it does."""


def page(evidence: Evidence, since: Since | None = None) -> Page:
    """Return the page.

    Args:
        since: What an earlier report is to this one; None where none was named.
    """
    names = dict.fromkeys(metric.id for _, _, view in views(evidence) for metric in view.task.metrics)
    rows = [[one.title, name, *_made(one)] for name, one in ((name, metric_of(name)) for name in names)]
    parts: list[Part] = [
        Table("Metrics of this report", ("metric", "id", "formula", "an item", "source"), rows, "formulas")
    ]
    parts.append(Table("Weights of headlines in dimensions", _WEIGHED, list(_weights(evidence)), "weights"))
    told = [[one.what, one.how, one.source] for one in STATISTICS if one.used(evidence)]
    parts += [Table("Statistics of this report", ("what", "how it is made", "source"), told, "statistics")]
    signed = since is None or bool(since.signed)
    title = "Since the last signed report" if signed else "Since an earlier report that nobody's signature holds"
    parts += [Section(title, "since"), *_changes(evidence, since)]
    return Page(8, "Methods, and what has changed", parts)


_WEIGHED = ("task", "headline", "on 0 to 100", "weighs")


def _weights(evidence: Evidence) -> Iterator[list[str]]:
    """Yield of each task how its headline becomes part of dimensions and gaps."""
    known = {view.task.id: (view.task, view.primary.unit) for _, _, view in views(evidence)}
    for task, unit in known.values():
        weights = [(one, "1") for one in task.primary] + [(one, "0.5") for one in task.secondary]
        told = "; ".join(f"{dimension.label} {weight}" for dimension, weight in weights)
        yield [task.id, task.primary_metric.id, _on_hundred(unit, task.primary_metric.better), told]


def _on_hundred(unit: str, better: str) -> str:
    """Return in words what `aggregates.to_hundred` does."""
    if unit == "rating":
        return "in none: a rating has no fixed scale"
    said = "25 × (value − 1)" if unit == "score" else "the value"
    return f"{said if better == 'higher' else f'100 − {said}'}, cut to 0 to 100"


def _made(metric: Metric) -> tuple[str, str, str]:
    """Return formula, what an item can be, and source, as the metric itself states them."""
    formula = metric.formula or "see the package that brings it"
    return formula, _item(metric) if metric.source else "–", metric.reference or "–"


def _item(metric: Metric) -> str:
    """Return the least and the greatest that an item can be, in the metric's unit (`metrics.value_range`)."""
    lost = metric.least if metric.penalty is None else -metric.penalty
    least = f"−{metric.scale:g} × N" if metric.by_count else words.number(metric.scale * lost, 0)
    return f"{least} to {words.number(metric.scale * metric.most, 0)}"


def _changes(evidence: Evidence, since: Since | None) -> list[Part]:
    if since is None:
        if not evidence.earlier:
            return [Said("The ledger of this archive names no earlier signed report.")]
        last = evidence.earlier[0]
        said = f"signed {last['created']} by {last.get('signer', '')} over runs {', '.join(last.get('runs', ()))}"
        text = f"The last signed report is {last['report']}, {said}. It was not compared: name its folder with --since."
        return [Said(text)]
    said = f"It was signed by {'; '.join(since.signed)}." if since.signed else "It does not count as signed."
    told: list[Part] = [Said(" ".join((said, *since.doubts)), warns=not since.signed)]
    rows = [[one.what, one.before, one.now] for one in since.changes]
    if not rows:
        return [*told, Said("Nothing has changed: the same files, tasks, items, settings and figures.")]
    return [*told, Table("What has changed", ("", "then", "now"), rows, "changes")]

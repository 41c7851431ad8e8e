"""All that is known of a task of a run, line by line, as every front end tells it: figures, then remarks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from medic_console.archive.views import Challenged, RunView, TaskView
from medic_console.core.digest import short
from medic_console.core.metrics import metric_of
from medic_console.core.naming import told_apart
from medic_console.core.records import OWN_DOING, Counts, MetricValue
from medic_console.core.units import count
from medic_console.results.figure_cells import beside_cell, ends_cell, number_cell
from medic_console.results.label_noise import noise_band
from medic_console.results.tasks import partial_notes
from medic_console.scoring.methods.cef.score import FindingKind
from medic_console.statistics import words
from medic_console.suite.task import Task

Names = Mapping[str, str]
"""Names of judges by sha256."""
_CORRECTED = {"criteria_met": "Criteria met"}
_JUDGED = "judged texts alone"
"""What the judges' agreement and corrected figures rest on: no judge was asked about an item without an answer."""
_NAMED = 6
"""Tasks of a run that are named in its line."""
NOTES = 5
"""Notes on a task's items that results repeat, such as the version of the labels; the archive holds all."""


def noted(view: TaskView) -> list[str]:
    """Return the first notes on a task's items and how many more there are."""
    more = len(view.notes) - NOTES
    return [*view.notes[:NOTES], *([f"{more} more notes are in the archive."] if more > 0 else [])]


@dataclass(frozen=True, slots=True)
class FigureLine:
    """One figure.

    Attributes:
        title: Of the metric, or of what it is broken down to.
        beside: What is answered of it and what guessing would have, or what it rests on.
        primary: It is the task's headline.
        part: It belongs to what stands above it: a breakdown, a corrected figure, one judge's, the judges' agreement.
    """

    title: str
    value: str
    ends: str
    n: str
    beside: str
    primary: bool = False
    part: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """What has to be known beside the figures.

    Attributes:
        warns: A person should know of it before the figures.
    """

    text: str
    warns: bool = False


def figure_lines(view: TaskView, names: Names) -> Iterator[FigureLine]:
    """Yield every figure of a task: its metrics, then what a judged task has beside.

    Args:
        names: Of the run's judges.
    """
    for spec in view.task.metrics:
        yield _line(words.aimed(spec.title, spec.better), view.metrics[spec.id], spec.primary, part=False)
    if view.challenged is not None and view.challenged.figure is not None:
        title, left_out = view.task.primary_metric.title, view.challenged.accepted
        yield _line(f"without {count(left_out, 'challenged label')}: {title}", view.challenged.figure)
    if view.stability is not None:
        held = view.stability.share
        figures = (words.number(held.value), ends_cell(held), f"{held.n:,}")
        yield FigureLine("Same in another shape", *figures, view.stability.compared)
    yield from _judge_lines(view, names)


def _judge_lines(view: TaskView, names: Names) -> Iterator[FigureLine]:
    """Yield a judged task's breakdown, corrected figures, each judge's own figure and the judges' agreement."""
    for tag, metric in view.breakdown.items():
        yield _line(tag, metric)
    for name, metric in view.corrected.items():
        title = corrected_title(name)
        yield _line(f"corrected for judge's errors: {title}", metric, beside=_JUDGED)
    primary = view.task.primary_metric
    for one in view.by_judge:
        title = words.aimed(primary.title, primary.better)
        yield _line(f"{names.get(one.judge, short(one.judge))}: {title}", one.primary)
    if view.agreement is not None:
        alpha = view.agreement.alpha
        title = "judges' agreement (alpha)"
        title += f": {alpha.undefined}" if alpha.undefined else ""
        figures = (words.number(alpha.value, 2), ends_cell(alpha, 2), f"{alpha.items:,}")
        yield FigureLine(title, *figures, _JUDGED, part=True)


def corrected_title(name: str) -> str:
    """Return the title of a figure, or of a share that only its correction has."""
    return _CORRECTED.get(name) or metric_of(name).title


def remarks(view: TaskView) -> Iterator[Remark]:
    """Yield what has to be known beside the figures, a line each."""
    if view.primary.provisional:
        yield Remark(f"{words.PROVISIONAL} provisional: {view.primary.provisional}", warns=True)
    for name, metric in (*view.metrics.items(), *view.corrected.items()):
        if metric.note:
            yield Remark(f"{corrected_title(name)}: {metric.note}")
    if ratings := [metric_of(name).title for name, found in view.metrics.items() if found.unit == "rating"]:
        yield Remark(f"{', '.join(ratings)}: {words.RATING_SCALE}")
    partial = partial_notes(view)
    for said in dict.fromkeys(partial.values()):
        yield Remark(f"{', '.join(metric_of(name).title for name, note in partial.items() if note == said)}: {said}")
    if view.findings:
        yield Remark(f"findings: {findings_told(view.findings)}")
    if view.challenged is not None:
        yield Remark(challenged_told(view.challenged), warns=True)
    if (band := noise_band(view)) is not None:
        yield Remark(band.told, warns=True)
    if view.labels is not None and view.labels.warns:
        yield Remark(view.labels.told, warns=True)
    if remark := asked(view.task):
        told = f", {view.labels.told}" if view.labels is not None and not view.labels.warns else ""
        yield Remark(f"{remark}{told}")
    if view.stability is not None:
        yield Remark(f"another shape: {view.stability.shapes}")
    for note in noted(view):
        yield Remark(note)
    if view.reasons:
        yield Remark(f"unscored: {reasons_told(view.reasons)}", warns=True)


def challenged_told(found: Challenged) -> str:
    """Return how many labels reviewers dispute, in words, and what becomes of the figures."""
    parts = [f"{found.accepted} accepted by a second reviewer"] if found.accepted else []
    parts += [f"{found.open} not settled yet"] if found.open else []
    left = "the second figure leaves out the accepted ones; " if found.figure is not None else ""
    return f"challenged reference labels: {', '.join(parts)}; {left}the official figures have them all"


def counted(counts: Counts) -> str:
    """Return the three counts in words."""
    return f"{counts.scored} scored, {counts.unscored} unscored, {counts.failed} failed"


def run_told(run: RunView) -> str:
    """Return a run in a line: its models, tasks (how many, where they are more than a few), judges and counts."""
    models = ", ".join(told_apart(run.candidates).values())
    judges = ", ".join(told_apart(run.judges).values())
    judged = f"; judge {judges}" if judges else ""
    tasks = ", ".join(run.tasks) if len(run.tasks) <= _NAMED else count(len(run.tasks), "task")
    part = f", {run.part}" if run.part else ""
    return f"Run {run.id}: {run.status}{part}; {models} on {tasks}{judged}; {counted(run.counts)}, of {run.total}."


def findings_told(found: Mapping[FindingKind, int]) -> str:
    """Return "2 omissions, 1 contradiction, 0 hallucinations, 7 contradicted by source"."""
    return ", ".join(f"{number} {kind if number == 1 or ' ' in kind else f'{kind}s'}" for kind, number in found.items())


def reasons_told(found: Mapping[str, int]) -> str:
    """Return "3 truncated (worst value in the headline, not among those answered), 1 no judge (in no figure)"."""
    own = ", ".join(words.reason(number, why) for why, number in found.items() if why in OWN_DOING)
    other = ", ".join(words.reason(number, why) for why, number in found.items() if why not in OWN_DOING)
    parts = [f"{own} (worst value in the headline, not among those answered)"] if own else []
    parts += [f"{other} (in no figure)"] if other else []
    return ", ".join(parts)


def asked(task: Task) -> str:
    """Return how a task asked, where that is a choice: "by likelihood, 3 examples"; empty where it is none."""
    shots = task.prompt.shots
    parts = [f"by {task.multiple_choice.replace('generated', 'generated text')}"] if task.multiple_choice else []
    parts += [f"{shots} example{'' if shots == 1 else 's'} before each item"] if shots else []
    return ", ".join(parts)


def _line(title: str, metric: MetricValue, primary: bool = False, part: bool = True, beside: str = "") -> FigureLine:
    cells = (number_cell(metric), ends_cell(metric), f"{metric.n:,}", beside or beside_cell(metric))
    return FigureLine(title, *cells, primary, part)

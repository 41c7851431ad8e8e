"""Page 2: every figure with its interval, its counts and what is to be known beside it; charts of the headlines."""

from __future__ import annotations

from collections.abc import Iterator

from medic_console.archive.views import TaskView
from medic_console.reports.document import Bar, Chart, Link, Page, Part, Said, Section, Table
from medic_console.reports.evidence import Evidence, RunEvidence
from medic_console.reports.pages.words import items_link, judge_said
from medic_console.results.figure_cells import beside_cell, ends_cell, number_cell
from medic_console.results.slice_cells import differing_told, parts_note, slice_cells
from medic_console.results.slices import uneven
from medic_console.results.task_lines import counted, figure_lines, remarks
from medic_console.statistics import words

_CHARTED = ("percent", "points")
_COLUMNS = ("model", "judge", "metric", "value", "95 % interval", "n", "beside")


def page(evidence: Evidence) -> Page:
    """Return the page."""
    parts: list[Part] = [Said("Rows of a task's table lead to its file of items: each row there is one verdict.")]
    for run in evidence.runs:
        parts += _run(evidence, run)
    return Page(2, "Figures", parts)


def _run(evidence: Evidence, run: RunEvidence) -> Iterator[Part]:
    yield Section(f"Run {run.view.id}", f"run-{run.view.id}")
    for line in run.summary:
        yield Said(line)
    yield _dimensions(evidence, run)
    for row in run.tasks:
        found = [view for result in run.results for view in result.tasks if view.task.id == row["task"]]
        if found:
            yield from _task(evidence, run, found)
    if run.slices:
        yield from _parts(evidence, run)


def _parts(evidence: Evidence, run: RunEvidence) -> Iterator[Part]:
    """Yield the figures of parts of the items, and which parts surely differ from the rest."""
    columns = ("by", "task", "model", "judge", "part", "items", "value", "95 %", "part minus rest", "95 %", "p (Holm)")
    rows = [[one.field, *slice_cells(one, evidence.names)] for one in run.slices]
    yield Table("Parts of the items: main metric of each task", columns, rows, f"parts-{run.view.id}")
    told = [f"{one.task}, {evidence.names[one.candidate]}: {one.field} {one.value}" for one in uneven(run.slices)]
    note = parts_note(run.slices)
    yield Said(
        f"Differ from the rest at 5 % after correction: {differing_told(told, run.slices)}. {note}", warns=bool(told)
    )


def _dimensions(evidence: Evidence, run: RunEvidence) -> Table:
    rows = [
        [
            evidence.names[result.model.sha256],
            dimension.label,
            number_cell(score),
            ends_cell(score),
            f"{score.tasks}",
            f"{score.n:,}",
            beside_cell(score),
        ]
        for result in run.results
        for dimension, score in result.dimensions.items()
    ]
    columns = ("model", "dimension", "0 to 100", "95 % interval", "tasks", "n", "beside")
    return Table("Dimensions: weighted means of the tasks of this run", columns, rows, f"dimensions-{run.view.id}")


def _task(evidence: Evidence, run: RunEvidence, found: list[TaskView]) -> Iterator[Part]:
    task = found[0].task
    yield Section(f"{task.title} ({task.id}, version {task.version})", f"task-{run.view.id}-{task.id}")
    if task.primary_metric and found[0].primary.unit in _CHARTED:
        yield _chart(evidence, found)
    rows: list[list[str | Link]] = []
    for view in found:
        name = evidence.names[view.candidate]
        for line in figure_lines(view, evidence.names):
            title = f"{line.title} (headline)" if line.primary else line.title
            cells: list[str | Link] = [name, judge_said(evidence, view.judge), title, line.value, line.ends]
            rows.append([*cells, items_link(run.view.id, task.id, int(line.n.replace(",", ""))), line.beside])
    yield Table(f"{task.title}: figures", _COLUMNS, rows, f"figures-{run.view.id}-{task.id}")
    told = [[evidence.names[view.candidate], counted(view.counts), f"{view.items:,}", _remarks(view)] for view in found]
    yield Table(f"{task.title}: counts", ("model", "counts", "items", "to be known"), told)


def _remarks(view: TaskView) -> str:
    return " ".join(f"{remark.text.rstrip('.')}." for remark in remarks(view)) or "–"


def _chart(evidence: Evidence, found: list[TaskView]) -> Chart:
    spec, better = found[0].task.primary_metric, found[0].task.primary_metric.better
    bars = [
        Bar(
            evidence.names[view.candidate], view.primary.value, view.primary.low, view.primary.high, view.primary.chance
        )
        for view in found
    ]
    ends = [end for bar in bars for end in (bar.value, bar.low) if end is not None]
    least = min([0.0, *ends])
    chance = "; the dashed line is what guessing would have" if any(bar.chance is not None for bar in bars) else ""
    return Chart(f"{words.aimed(spec.title, better)}, 95 % intervals{chance}", bars, least)

"""Results of a run as tables: each task with its counts, figures, intervals, and what is to be known of its judge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from medic_console.archive.views import ModelResult, RunView, Stability, TaskView
from medic_console.commands.figures import beside_cell, ends_cell, number_cell, provisional_note
from medic_console.commands.figures_json import DIMENSION_NOTE, asked, bar_of, noted
from medic_console.core.digest import short
from medic_console.core.metrics import metric_of
from medic_console.core.naming import called, full
from medic_console.core.records import OWN_DOING, Counts, Dimension, MetricValue
from medic_console.results.tasks import partial_notes
from medic_console.scoring.methods.cef.score import FindingKind
from medic_console.statistics import words
from medic_console.statistics.aggregates import Aggregate

Names = Mapping[str, str]
"""Names of judges by sha256."""
_CORRECTED = {"criteria_met": "Criteria met"}
_JUDGED = "judged texts alone"
"""What the judges' agreement and corrected figures rest on: no judge was asked about an item without an answer."""
_COLUMNS: tuple[tuple[int | None, Literal["left", "right"]], ...] = (
    (26, "left"),
    (7, "right"),
    (16, "left"),
    (8, "left"),
    (None, "left"),
)
Row = tuple[Text, ...]


def print_results(console: Console, run: RunView, results: Iterable[ModelResult]) -> None:
    """Print a run's results as tables."""
    marked: list[Aggregate] = []
    names = {judge.sha256: f"{called(judge)} {short(judge.sha256)}" for judge in run.judges}
    for result in results:
        model = result.model
        console.print()
        console.print(Text(f"{full(model)}  {model.quantisation}  sha256 {short(model.sha256)}", "bold underline"))
        for note in result.prompt_notes:
            console.print(Text(f"! {note}", "yellow"))
        for view in result.tasks:
            console.print()
            console.print(_head(view, names))
            console.print(_figures(view, names))
            for remark in _remarks(view):
                console.print(Padding(remark, (0, 0, 0, 2)))
        console.print(_dimension_table(result.dimensions))
        marked += result.dimensions.values()
    console.print()
    console.print(Text(" ".join((DIMENSION_NOTE, provisional_note(marked))).rstrip(), "dim"))


def _head(view: TaskView, names: Names) -> Text:
    head = Text.assemble((view.task.id, "bold"), f"  {counted(view.counts)}")
    if view.judge:
        head.append(f"  judge: {names.get(view.judge, f'panel of {len(view.by_judge)}')}", "dim")
    return head


def counted(counts: Counts) -> str:
    """Return the three counts in words."""
    return f"{counts.scored} scored, {counts.unscored} unscored, {counts.failed} failed"


def _figures(view: TaskView, names: Names) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    for width, justify in _COLUMNS:
        table.add_column(width=width, justify=justify, overflow="fold")
    for spec in view.task.metrics:
        table.add_row(*_row(f"  {spec.title}", view.metrics[spec.id], "bold" if spec.primary else ""))
    if view.stability is not None:
        table.add_row(*_stability_row(view.stability))
    for row in _judge_rows(view, names):
        table.add_row(*row)
    return table


def _stability_row(found: Stability) -> Row:
    """Return the share of answers that stay in another shape of the computation."""
    held = found.share
    cells = ("  Same in another shape", words.number(held.value), ends_cell(held), f"n {held.n:,}", found.compared)
    return tuple(Text(cell, "dim") for cell in cells)


def _judge_rows(view: TaskView, names: Names) -> Iterator[Row]:
    """Yield a judged task's breakdown, corrected figures, each judge's own figure and the judges' agreement."""
    for tag, metric in view.breakdown.items():
        yield _row(f"    {tag}", metric)
    for name, metric in view.corrected.items():
        title = _CORRECTED.get(name) or metric_of(name).title
        yield _row(f"    corrected for judge's errors: {title}", metric, beside=_JUDGED)
    primary = view.task.primary_metric
    for one in view.by_judge:
        yield _row(f"    {names.get(one.judge, short(one.judge))}: {primary.title}", one.primary)
    if view.agreement is not None:
        alpha = view.agreement.alpha
        title = "    judges' agreement (alpha)"
        title += f": {alpha.undefined}" if alpha.undefined else ""
        cells = (title, words.number(alpha.value, 2), ends_cell(alpha, 2), f"n {alpha.items:,}", _JUDGED)
        yield tuple(Text(cell, "dim") for cell in cells)


def _remarks(view: TaskView) -> Iterator[Text]:
    """Yield what has to be known beside the figures, a line each."""
    if view.primary.provisional:
        yield Text(f"! {words.PROVISIONAL} provisional: {view.primary.provisional}", "yellow")
    for name, metric in (*view.metrics.items(), *view.corrected.items()):
        if metric.note:
            yield Text(f"  {_CORRECTED.get(name) or metric_of(name).title}: {metric.note}", "dim")
    partial = partial_notes(view)
    for said in dict.fromkeys(partial.values()):
        titles = ", ".join(metric_of(name).title for name, note in partial.items() if note == said)
        yield Text(f"  {titles}: {said}", "dim")
    if view.findings:
        yield Text(f"  findings: {findings_told(view.findings)}")
    if view.labels is not None and view.labels.warns:
        yield Text(f"! {view.labels.told}", "yellow")
    if remark := asked(view.task):
        told = f", {view.labels.told}" if view.labels is not None and not view.labels.warns else ""
        yield Text(f"  {remark}{told}", "dim")
    if view.stability is not None:
        yield Text(f"  another shape: {view.stability.shapes}", "dim")
    for note in noted(view):
        yield Text(f"  {note}", "dim")
    if view.reasons:
        yield Text(f"! unscored: {reasons_told(view.reasons)}", "yellow")


def findings_told(found: Mapping[FindingKind, int]) -> str:
    """Return "2 omissions, 1 contradiction, 0 hallucinations, 7 contradicted by source"."""
    return ", ".join(f"{number} {kind if number == 1 or ' ' in kind else f'{kind}s'}" for kind, number in found.items())


def reasons_told(found: Mapping[str, int]) -> str:
    """Return "3 truncated (worst value in the headline, not among those answered), 1 no judge (in no figure)"."""
    own = ", ".join(f"{count} {reason}" for reason, count in found.items() if reason in OWN_DOING)
    other = ", ".join(f"{count} {reason}" for reason, count in found.items() if reason not in OWN_DOING)
    parts = [f"{own} (worst value in the headline, not among those answered)"] if own else []
    parts += [f"{other} (in no figure)"] if other else []
    return ", ".join(parts)


def _row(title: str, metric: MetricValue, style: str = "dim", beside: str = "") -> Row:
    """Return title, value, interval, n, and what of it is answered and what guessing would have."""
    cells = (title, number_cell(metric), ends_cell(metric), f"n {metric.n:,}")
    return *(Text(cell, style) for cell in cells), Text(beside or beside_cell(metric), "dim")


def _dimension_table(dimensions: Mapping[Dimension, Aggregate]) -> RenderableType:
    table = Table(box=None, pad_edge=False, show_header=False)
    for dimension, score in dimensions.items():
        tasks = f"{score.tasks} task{'' if score.tasks == 1 else 's'}"
        figures = (number_cell(score), ends_cell(score), tasks, Text(beside_cell(score), "dim"))
        table.add_row(str(dimension), dimension.label, bar_of(score.value), *figures)
    return Group(Text(), table)

"""Results of a run as tables: each task with its counts, figures, intervals, and what is to be known of its judge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from medic_console.archive.views import ModelResult, RunView, TaskView
from medic_console.commands.figures import provisional_note
from medic_console.commands.figures_json import DIMENSION_NOTE, bar_of
from medic_console.core.digest import short
from medic_console.core.naming import called, full
from medic_console.core.records import Dimension
from medic_console.results.figure_cells import beside_cell, ends_cell, number_cell
from medic_console.results.task_lines import Names, Remark, counted, figure_lines, remarks
from medic_console.statistics.aggregates import Aggregate

_COLUMNS: tuple[tuple[int | None, Literal["left", "right"]], ...] = (
    (26, "left"),
    (7, "right"),
    (16, "left"),
    (8, "left"),
    (None, "left"),
)


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
            for remark in remarks(view):
                console.print(Padding(_told(remark), (0, 0, 0, 2)))
        console.print(_dimension_table(result.dimensions))
        marked += result.dimensions.values()
    console.print()
    console.print(Text(" ".join((DIMENSION_NOTE, provisional_note(marked))).rstrip(), "dim"))


def _head(view: TaskView, names: Names) -> Text:
    head = Text.assemble((view.task.id, "bold"), f"  {counted(view.counts)}")
    if view.judge:
        head.append(f"  judge: {names.get(view.judge, f'panel of {len(view.by_judge)}')}", "dim")
    head.append("".join(f"  {shape}" for shape in view.shapes), "dim")
    return head


def _figures(view: TaskView, names: Names) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    for width, justify in _COLUMNS:
        table.add_column(width=width, justify=justify, overflow="fold")
    for line in figure_lines(view, names):
        style = "bold" if line.primary else "dim"
        cells = (line.title, line.value, line.ends, f"n {line.n}")
        indent = "    " if line.part else "  "
        table.add_row(*(Text(cell, style) for cell in (f"{indent}{cells[0]}", *cells[1:])), Text(line.beside, "dim"))
    return table


def _told(remark: Remark) -> Text:
    return Text(f"! {remark.text}", "yellow") if remark.warns else Text(f"  {remark.text}", "dim")


def _dimension_table(dimensions: Mapping[Dimension, Aggregate]) -> RenderableType:
    table = Table(box=None, pad_edge=False, show_header=False)
    for dimension, score in dimensions.items():
        tasks = f"{score.tasks} task{'' if score.tasks == 1 else 's'}"
        figures = (number_cell(score), ends_cell(score), tasks, Text(beside_cell(score), "dim"))
        table.add_row(str(dimension), dimension.label, bar_of(score.value), *figures)
    return Group(Text(), table)

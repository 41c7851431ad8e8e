"""What the run screen shows, as rows, a sentence and files."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from medic_console.archive.views import ItemRow, LabelMass, RunView, TaskView
from medic_console.console.glyphs import OUTCOMES
from medic_console.console.marks import is_rating, whole
from medic_console.console.text import one_line, plain
from medic_console.console.widgets.lazy_rows import Cell, LazyRows, Row
from medic_console.console.widgets.table import Column, state_cell
from medic_console.results.answer_words import answer_of
from medic_console.results.export import Sheet
from medic_console.results.item_kinds import short_key
from medic_console.results.sheets import item_sheet
from medic_console.results.task_lines import FigureLine, remarks
from medic_console.statistics import words
from medic_console.suite.item_sample import taken

TASKS = (
    Column("Task", weight=4),
    Column("Metric", weight=5),
    Column("Value [95 % interval]", 21, right=True),
    Column("n", 6, right=True),
    Column("Answered, of those", 23),
    Column("Scored", 6, right=True),
    Column("Unscored", 8, right=True),
    Column("Failed", 6, right=True),
)
TASKS_NARROW = (
    Column("Task", least=10),
    Column("Metric", least=10),
    Column("Value [95 %]", 20, right=True),
    Column("Ans.", 4, right=True),
    Column("Scored", 6, right=True),
    Column("Unsc.", 5, right=True),
    Column("Failed", 6, right=True),
)
ITEMS = (
    Column("Item", weight=3, least=22),
    Column("Outcome", 10),
    Column("Verdict", weight=3, least=14),
    Column("Answer", weight=3),
    Column("Key", weight=3),
    Column("Question", weight=9),
)
ITEMS_NARROW = (
    Column("Item", weight=3, least=22),
    Column("Outcome", 10),
    Column("Verdict", weight=2),
    Column("Answer", weight=2),
    Column("Key", weight=2, least=8),
)
METRICS = (
    Column("Figure", weight=3, least=20),
    Column("Value", 7, right=True),
    Column("95 % interval", 16, right=True),
    Column("n", 6, right=True),
    Column("Answered, of those; chance", weight=7, least=20),
)
METRICS_NARROW = METRICS[:-1]


def task_row(view: TaskView, narrow: bool) -> Row:
    """Return a task's row: its main metric, what is answered of it, and how its items ended."""
    found, counts = view.primary, view.counts
    beside = [words.share_short(found)] if narrow else [f"{found.n:,}", words.answered_short(found)]
    cells: list[str | Cell] = [
        Cell(view.task.title, bold=True),
        words.aimed(view.task.primary_metric.title, view.task.primary_metric.better),
        words.marked(found),
        *(text or "–" for text in beside),
        f"{counts.scored:,}",
        Cell(f"{counts.unscored:,}", "score-unscored" if counts.unscored else ""),
        Cell(f"{counts.failed:,}", "score-failed" if counts.failed else ""),
    ]
    return view.task.id, cells


def task_told(view: TaskView, doubt: str, by_people: str = "") -> Content:
    """Return all that is to be said of a task's main metric, why items have no score, and why figures are provisional.

    Args:
        doubt: Why, in one line; empty when none is.
        by_people: What people found of it; empty where nobody looked.
    """
    reasons = ", ".join(words.reason(number, why) for why, number in view.reasons.items())
    return Content.assemble(
        (f"{one_line(view.task.title)} {view.task.primary_metric.title}", "bold"),
        f" {whole(view.primary)}",
        (f" · {words.RATING_SCALE}" if is_rating(view.primary) else ""),
        (f" · unscored: {reasons}" if reasons else "", "$score-unscored"),
        (f"\nby people: {by_people}" if by_people else ""),
        (f"\n{doubt}" if doubt else "", "$score-unscored"),
        (f"\n{one_line(taken(view.notes))}" if taken(view.notes) else "", "$muted"),
        ("".join(f"\n{one_line(note)}" for note in view.prompt_notes), "$score-unscored"),
        *_mass(view.labels),
    )


def _mass(labels: LabelMass | None) -> list[tuple[str, str]]:
    return [(f"\n{labels.told}", "$score-unscored" if labels.warns else "$muted")] if labels else []


def item_rows(items: Sequence[ItemRow], narrow: bool) -> LazyRows:
    """Return the rows of items, whose cells are made when they come in sight."""
    return LazyRows(tuple(row.item for row in items), items, _narrow_cells if narrow else _wide_cells)


def _narrow_cells(row: ItemRow) -> list[str | Cell]:
    """Return an item's cells; where there is no verdict, its reason stands there."""
    short = row.reason or (f"truncated: {row.verdict}" if row.truncated else row.verdict)
    return [
        row.item,
        state_cell(OUTCOMES[row.outcome]),
        Cell(short, "score-unscored" if row.truncated else ""),
        answer_of(row),
        Cell(short_key(row.gold) or "–", "muted"),
    ]


def _wide_cells(row: ItemRow) -> list[str | Cell]:
    return [*_narrow_cells(row), Cell(row.question, "muted")]


def metric_rows(lines: Sequence[FigureLine], narrow: bool) -> list[Row]:
    """Return a task's figures, one a row: metrics, then what is broken down or corrected, indented."""
    rows: list[Row] = []
    for number, line in enumerate(lines):
        title = Cell(f"{'  ' if line.part else ''}{line.title}", bold=line.primary)
        cells: list[str | Cell] = [title, Cell(line.value, bold=line.primary), line.ends, line.n]
        rows.append((str(number), cells if narrow else [*cells, Cell(line.beside, "muted")]))
    return rows


def remarks_content(view: TaskView) -> Content:
    """Return what has to be known beside a task's figures."""
    lines = [
        Content.styled(f"{'! ' if one.warns else ''}{plain(one.text)}", "$score-unscored" if one.warns else "$muted")
        for one in remarks(view)
    ]
    return Content("\n").join(lines or [Content.styled("Nothing more is to be said of these figures.", "$muted")])


def shown_sheet(title: str, run: RunView, view: TaskView, items: Sequence[ItemRow], keys: Sequence[str]) -> Sheet:
    """Return the items with these keys for a file, with outcome, reason and values; a thread makes it."""
    shown = set(keys)
    return item_sheet(title, run, view, [row for row in items if row.item in shown])

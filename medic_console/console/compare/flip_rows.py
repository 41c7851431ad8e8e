"""The items that changed from one model to the other, as rows."""

from __future__ import annotations

from medic_console.console.compare.rows import doubted
from medic_console.console.compare.state import CHANGES
from medic_console.console.widgets.table import Cell, Column, Row
from medic_console.core.records import Score
from medic_console.results.answer_words import answer_in_words
from medic_console.results.comparison.compare import PairKey
from medic_console.results.comparison.pairs import Change, Flip
from medic_console.results.comparison.tasks import TaskValues
from medic_console.statistics import words


def flip_columns(narrow: bool, first: str, second: str) -> tuple[Column, ...]:
    """Return the columns of the flips."""
    change = Column("Change", 19)
    answers = (Column(f"{first} answered", weight=3, least=10), Column(f"{second} answered", weight=3, least=10))
    if narrow:
        return (change, Column("Item", weight=3, least=14), *answers)
    return (change, Column("Task", weight=2), Column("Item", weight=3, least=16), *answers)


def flip_row(task: TaskValues, flip: Flip, key: PairKey, narrow: bool) -> Row:
    """Return a flip's row, with the mark where it rests on a judge that is not to be relied on yet."""
    cells: list[str | Cell] = [_change(flip, words.PROVISIONAL if doubted(task, key) else "")]
    if not narrow:
        cells.append(task.task.title)
    return flip_key(task, flip), [
        *cells,
        flip.item,
        *(_answer(task.task.scorer, score) for score in (flip.first, flip.second)),
    ]


def flip_key(task: TaskValues, flip: Flip) -> str:
    """Return what names a flip."""
    return f"{task.task.id} {flip.digest}"


def _change(flip: Flip, mark: str) -> Cell:
    state = CHANGES[flip.change]
    graded = flip.change in (Change.WORSE, Change.BETTER) and flip.by is not None
    said = f"{state.text} by {abs(flip.by or 0):.1f}" if graded else state.text
    return Cell(f"{said}{mark}", state.variable)


def _answer(scorer: str, score: Score) -> Cell:
    return Cell(answer_in_words(scorer, score.answer)) if score.answer else Cell(score.verdict or "–", "muted")

"""The questions of a cross-examination as a table: one row a question, one column a candidate."""

from __future__ import annotations

from collections.abc import Sequence

from medic_console.archive.views import ModelView
from medic_console.console.figures import probability
from medic_console.console.screens.cef_questions import SOURCE, Asked, Given
from medic_console.console.text import one_line
from medic_console.console.widgets.table import Cell, Column, Row, state_cell

_FROM, _FROM_NARROW = Column("From", 7), Column("From", 6)
_QUESTION, _QUESTION_NARROW = Column("Question", least=24), Column("Question", least=20)
_FINDING = Column("Finding", 24)
_ANSWER, _ANSWER_NARROW = 13, 8
_PADDING = 2
_NOT_ASKED = Cell("·", "muted")


def shown_candidates(candidates: Sequence[ModelView], chosen: int, room: int) -> list[int]:
    """Return the numbers of the candidates that have a column: as many as fit, the chosen one always.

    Args:
        candidates: In the order of the run.
        chosen: Number of the candidate whose text is shown.
        room: Cells of the table.
    """
    fixed = (_FROM, _FINDING, _QUESTION)
    left = room - sum((column.width or column.least) + _PADDING for column in fixed)
    most = max(1, left // (_ANSWER + _PADDING))
    start = min(max(0, chosen - most + 1), max(0, len(candidates) - most))
    return list(range(start, min(len(candidates), start + most)))


def question_columns(candidates: Sequence[ModelView], shown: Sequence[int], chosen: int) -> list[Column]:
    """Return the columns of a wide table; of several candidates the chosen one is marked."""
    several = len(candidates) > 1
    return [
        _FROM,
        _QUESTION,
        *(Column(_head(candidates[n].name, n == chosen) if several else "Answer", _ANSWER) for n in shown),
        _FINDING,
    ]


def question_rows(asked: Sequence[Asked], noun: str, shown: Sequence[int]) -> list[Row]:
    """Return one row a question of a wide table.

    Args:
        asked: Questions in the order of the rows.
        noun: What the generated text is called.
        shown: Numbers of the candidates that have a column.
    """
    return [
        (one.key, [_origin(one, noun), one.question, *(_answer(one.given[n]) for n in shown), _finding(one)])
        for one in asked
    ]


NARROW_COLUMNS = (_FROM_NARROW, _QUESTION_NARROW, Column("Answer", _ANSWER_NARROW), _FINDING)


def narrow_rows(asked: Sequence[Asked], noun: str) -> list[Row]:
    """Return one row a question of a narrow table: the chosen candidate's answers, without probabilities."""
    return [(one.key, [_origin(one, noun), one.question, state_cell(one.answer.state), _finding(one)]) for one in asked]


def _origin(asked: Asked, noun: str) -> str:
    return "source" if asked.side == SOURCE else noun


def _finding(asked: Asked) -> Cell:
    return state_cell(asked.state) if asked.state else Cell("–", "muted")


def _answer(given: Given | None) -> Cell:
    if given is None:
        return _NOT_ASKED
    if given.objection and given.outside is not None:
        return Cell(f"{given.state.glyph} outside {probability(given.outside)}", given.state.variable)
    sure = "" if given.probability is None else probability(given.probability)
    return Cell(f"{given.state.text:<6}{sure:>5}".rstrip(), given.state.variable)


def _head(name: str, chosen: bool) -> str:
    mark = "▸" if chosen else ""
    text = one_line(name)
    room = _ANSWER - len(mark)
    return mark + (text if len(text) <= room else text[: room - 1] + "…")

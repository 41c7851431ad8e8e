"""The questions of a cross-examination as rows: findings first, both directions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from medic_console.archive.views import ItemTrace
from medic_console.console.figures import probability
from medic_console.console.glyphs import FINDINGS, LABELS, State
from medic_console.console.widgets.table import Cell, Row, state_cell
from medic_console.records import CefTrace, CrossAnswer
from medic_console.scoring.judged.cef import Finding, FindingKind, findings

_ORDER = (
    FindingKind.CONTRADICTION,
    FindingKind.CONTRADICTED_BY_SOURCE,
    FindingKind.HALLUCINATION,
    FindingKind.OMISSION,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with its answer.

    Attributes:
        side: `source` or `generated`: the text that the question came from; the other answered.
        index: On its side, from 0.
        probability: The judge's, of its answer; None when it did not choose.
        state: Of the finding; None when the answer speaks for the text.
    """

    side: str
    index: int
    question: str
    label: State
    probability: float | None
    state: State | None
    rank: int

    @property
    def key(self) -> str:
        """Names the row."""
        return f"{self.side} {self.index}"

    @property
    def step(self) -> str:
        """Name of the judge's request."""
        return f"{self.side}-{self.index + 1:02d}"

    @property
    def finding(self) -> str:
        """Kind of finding in words; empty when there is none."""
        return self.state.word if self.state else ""


def questions(trace: CefTrace) -> tuple[Asked, ...]:
    """Return all questions: findings by kind, then unreadable answers, then the rest."""
    found = {(finding.side, finding.index): finding for finding in findings(trace)}
    sides = (("source", trace.source_questions), ("generated", trace.generated_questions))
    listed = [
        _asked(side, index, answer, found.get((side, index)))
        for side, answers in sides
        for index, answer in enumerate(answers)
    ]
    return tuple(sorted(listed, key=lambda asked: asked.rank))


def question_rows(asked: Sequence[Asked], noun: str, narrow: bool = False) -> list[Row]:
    """Return one row a question.

    Args:
        asked: Questions in the order of the rows.
        noun: What the generated text is called.
        narrow: Leave the probability out.
    """
    return [(one.key, _cells(one, noun, narrow)) for one in asked]


def _cells(one: Asked, noun: str, narrow: bool) -> list[str | Cell]:
    cells: list[str | Cell] = ["source" if one.side == "source" else noun, one.question, state_cell(one.label)]
    if not narrow:
        cells.append("" if one.probability is None else probability(one.probability))
    return [*cells, state_cell(one.state) if one.state else Cell("–", "muted")]


def noun(trace: ItemTrace) -> str:
    """Return what the generated text is called."""
    return trace.task.cef.overall if trace.task.cef else "output"


def _asked(side: str, index: int, answer: CrossAnswer, finding: Finding | None) -> Asked:
    rank = len(_ORDER) + (answer.predicted is not None) if finding is None else _ORDER.index(finding.kind)
    return Asked(
        side=side,
        index=index,
        question=answer.question,
        label=LABELS[answer.predicted],
        probability=answer.probabilities.get(str(answer.predicted)),
        state=FINDINGS[finding.kind] if finding else None,
        rank=rank,
    )

"""What a task file says of a cross-examination."""

from __future__ import annotations

from dataclasses import dataclass

from medic_console.suite.judging import JudgeSpec
from medic_console.suite.task import Task

PAPER = "paper"
PROTOCOLS = (PAPER, "reference-library", "reference-scripts")
"""Ways to score a cross-examination (`scoring.methods.cef.score`): of the paper, and of its two reference codes."""
NOTE, SUMMARY = "note", "summary"
OVERALLS = (NOTE, SUMMARY)
"""Kinds of overall score: the mean of three shares, or with conciseness."""


@dataclass(frozen=True, slots=True)
class CefSpec(JudgeSpec):
    """Cross-examination (paper, section on CEF).

    Questions and answers are asked under one system text and both put the text first, so that a judge reads each
    text once.

    Attributes:
        protocol: `paper`, `reference-library` or `reference-scripts`.
        overall: `note` or `summary`: which overall score applies.
        source: Item field that holds the source text.
        questions: Asked for from the source text.
        generated_questions: Asked for from the generated text; 0: as many as from the source.
        answers: `choose` weighs YES, NO and IDK; `text` lets the judge write, and reads a lone word.
        max_tokens: Of a list of questions.
    """

    protocol: str
    overall: str
    source: str
    questions: int
    question_user: str
    answer_user: str
    max_tokens: int
    generated_questions: int = 0
    answers: str = "choose"
    system: str = ""

    method = "cef"

    def wanted(self, side: str) -> int:
        """Return how many questions are asked for from the `source` or the `generated` text."""
        return self.generated_questions or self.questions if side == "generated" else self.questions


def cef_of(task: Task) -> CefSpec | None:
    """Return how a task's texts are cross-examined, if they are."""
    return task.judge if isinstance(task.judge, CefSpec) else None

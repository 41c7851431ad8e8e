"""The questions of a cross-examination for a file: answers, probabilities, findings and where they are spoken of."""

from __future__ import annotations

from collections.abc import Sequence

from medic_console.archive.views import ModelView
from medic_console.console.export import Sheet, Value
from medic_console.console.screens.cef_questions import GENERATED, SOURCE, Asked, Given
from medic_console.console.screens.cef_words import meaning
from medic_console.scoring.judged.evidence import find_evidence


def question_sheet(
    title: str, asked: Sequence[Asked], answering: Sequence[ModelView], noun: str, texts: tuple[str, str]
) -> Sheet:
    """Return one row a question, with three columns for each one whose answer stands beside the others.

    Args:
        title: Names the file.
        asked: In the order of the rows.
        answering: The candidates, or of a panel the judges.
        noun: What the generated text is called.
        texts: Source and generated text.
    """
    columns = ["from", "question", "finding", "meaning"]
    for model in answering:
        columns += [f"{name} {model.name}" for name in ("answer", "probability", "outside")]
    columns += ["evidence in the source", f"evidence in the {noun}"]
    return Sheet(title, columns, [_row(one, noun, texts) for one in asked])


def _row(asked: Asked, noun: str, texts: tuple[str, str]) -> list[Value]:
    origin = {SOURCE: "source", GENERATED: noun}[asked.side]
    row: list[Value] = [origin, asked.question, str(asked.kind or ""), meaning(asked, noun)]
    for given in asked.given:
        row += _answer(given)
    spans = [(text, find_evidence(asked.question, text)) for text in texts]
    return [*row, *(text[slice(*span)] if span else None for text, span in spans)]


def _answer(given: Given | None) -> list[Value]:
    return [None] * 3 if given is None else [given.state.word, given.probability, given.outside]

"""Judges against each other: each answers every judge's questions about the notes (arXiv 2601.19350).

Question disagreement: how often other judges do not answer YES to a judge's questions from the text that these came
from. Answer deviation: how often a judge's answers leave the majority of all judges, of which it takes three.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from medic_console.core.digest import short
from medic_console.core.records import CrossAnswer, Item, Label, MetricValue
from medic_console.results.judging.measures import percent
from medic_console.statistics.panel import deviations
from medic_console.statistics.shares import share


@dataclass(frozen=True, slots=True)
class Answered:
    """One question with every judge's answer.

    Attributes:
        asker: sha256 of the judge whose question it is.
        note: Questions about one note are not independent.
        answers: By judge; None when it could not be read.
    """

    asker: str
    note: str
    answers: Mapping[str, str | None]


def cross_items(asked: Mapping[str, Sequence[tuple[Item, Sequence[CrossAnswer]]]]) -> tuple[Item, ...]:
    """Return every judge's questions as items, those about one note together.

    Args:
        asked: By judge, each note with its questions.
    """
    found = []
    for place in range(max((len(notes) for notes in asked.values()), default=0)):
        for judge, notes in asked.items():
            note, questions = notes[place]
            for number, one in enumerate(questions, 1):
                shown = {"text": note.fields["text"], "question": one.question, "asker": judge, "note": note.id}
                found.append(Item(f"{note.id}-{short(judge)}-{number:02d}", shown, None, note.id))
    return tuple(found)


def cross_measures(answered: Sequence[Answered], judges: Sequence[str]) -> dict[str, dict[str, MetricValue]]:
    """Return question disagreement and answer deviation of each judge, with intervals over notes.

    An answer that could not be read is no YES, but it is no deviation either: it has no place among the votes.
    """
    votes = [[one.answers.get(judge) for judge in judges] for one in answered]
    left = deviations(judges, votes, [one.note for one in answered])
    found = {}
    for judge in judges:
        own = [one for one in answered if one.asker == judge]
        denied = [(one.answers.get(other) != Label.YES, one.note) for one in own for other in judges if other != judge]
        disagreement = share([hit for hit, _ in denied], [note for _, note in denied])
        found[judge] = {
            "question_disagreement": percent("question_disagreement", disagreement),
            "answer_deviation": percent("answer_deviation", left[judge].share),
        }
    return found

"""Classification: accuracy, and the two classes that macro-F1 is made of (PubMedQA, `evaluation.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from medic_console.records import Answer, Item, Outcome, Score
from medic_console.scoring import choice


def score(item: Item, answer: Answer, resources: Mapping[str, Path]) -> Score:
    """Return what `choice` returns, and the places of key and answer among the item's options.

    `key_class` and `answer_class` count from 0 in the order of the options; all items of a task have the same
    options.

    Args:
        item: `gold` is the key's label, one of `fields["options"]`.
        answer: `value` is the label chosen.
        resources: Handed on.
    """
    scored = choice.score(item, answer, resources)
    if scored.outcome is not Outcome.SCORED:
        return scored
    labels = list(item.fields["options"])
    classes = {"key_class": labels.index(item.gold), "answer_class": labels.index(answer.value)}
    return replace(scored, values={**scored.values, **{name: float(place) for name, place in classes.items()}})

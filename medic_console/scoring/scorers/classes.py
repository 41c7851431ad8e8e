"""Classification: accuracy, and the two classes that macro-F1 is made of (PubMedQA, `evaluation.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from medic_console.core.records import Answer, Item, Outcome, Score
from medic_console.scoring.scorers import choice
from medic_console.scoring.scorers.registry import scorer


def worst(item: Item, resources: Mapping[str, Path]) -> dict[str, float]:
    """Return the values of an item without an answer: its key's class, and -1 for that of no answer.

    Raises:
        ValueError: The key is none of the options.
    """
    return {**choice.worst(item, resources), "key_class": _place(item, item.gold), "answer_class": -1.0}


@scorer("classes", version="8", worst=worst)
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
    classes = {"key_class": _place(item, item.gold), "answer_class": _place(item, answer.value)}
    return replace(scored, values={**scored.values, **classes})


def _place(item: Item, label: str) -> float:
    return float(list(item.fields["options"]).index(label))

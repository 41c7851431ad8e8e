"""Multiple choice: the chosen option equals the key (MEDIC, section on static knowledge)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from medic_console.core.records import Answer, Item, Outcome, Reason, Score
from medic_console.scoring.scorers.registry import scorer


def worst(item: Item, resources: Mapping[str, Path]) -> dict[str, float]:
    """Return the values of an item without an answer.

    Raises:
        ValueError: The key is none of the options.
    """
    options = item.fields.get("options")
    if not isinstance(options, Mapping | list) or not isinstance(item.gold, str) or item.gold not in options:
        raise ValueError(f"the key {item.gold!r} is none of the options")
    return {"accuracy": 0.0, "chance": 1 / len(options)}


@scorer("choice", version="7", worst=worst)
def score(item: Item, answer: Answer, resources: Mapping[str, Path]) -> Score:
    """Return `accuracy` 1 when the label chosen is the key, else 0, and `chance`, that of guessing it.

    Args:
        item: `gold` is the key's label.
        answer: `value` is the label chosen.
        resources: Not used.
    """
    try:
        values = worst(item, resources)
    except ValueError as error:
        return Score.unscored(Reason.GOLD_UNUSABLE, str(error), answer=answer.shown)
    right = answer.value == item.gold
    return Score(
        Outcome.SCORED,
        {**values, "accuracy": float(right)},
        answer=answer.shown,
        verdict="right" if right else "wrong",
        detail=f"chose {answer.value}, key {item.gold}",
    )

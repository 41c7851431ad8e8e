"""Multiple choice: the chosen option equals the key (MEDIC, section on static knowledge)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from medic_console.records import Answer, Item, Outcome, Reason, Score


def score(item: Item, answer: Answer, resources: Mapping[str, Path]) -> Score:
    """Return `accuracy` 1 when the label chosen is the key, else 0.

    Args:
        item: `gold` is the key's label.
        answer: `value` is the label chosen.
        resources: Not used.
    """
    if item.gold not in item.fields["options"]:
        return Score.unscored(
            Reason.GOLD_UNUSABLE, f"the key {item.gold!r} is none of the options", answer=answer.shown
        )
    right = answer.value == item.gold
    return Score(
        Outcome.SCORED,
        {"accuracy": float(right)},
        answer=answer.shown,
        verdict="right" if right else "wrong",
        detail=f"chose {answer.value}, key {item.gold}",
    )

from __future__ import annotations

import pytest

from medic_console.core.records import Answer, Item, Outcome, Reason
from medic_console.scoring.scorers.choice import score

OPTIONS = {"options": {"B": "Rest", "C": "Surgery"}}


@pytest.mark.parametrize(("chosen", "accuracy", "verdict"), [("C", 1.0, "right"), ("B", 0.0, "wrong")])
def test_the_label_must_equal_the_key(chosen: str, accuracy: float, verdict: str) -> None:
    scored = score(Item("1", OPTIONS, "C"), Answer(chosen, chosen), {})
    assert scored.outcome is Outcome.SCORED
    assert scored.values == {"accuracy": accuracy, "chance": 0.5}
    assert scored.verdict == verdict
    assert scored.detail == f"chose {chosen}, key C"


def test_a_key_that_is_no_option_leaves_the_item_unscored() -> None:
    assert score(Item("1", OPTIONS, "E"), Answer("B", "B"), {}).reason is Reason.GOLD_UNUSABLE

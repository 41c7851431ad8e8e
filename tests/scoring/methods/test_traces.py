from __future__ import annotations

from typing import Any

import pytest

from medic_console.core.errors import ItemsError
from medic_console.core.records import CrossAnswer, Label
from medic_console.scoring.methods.cef.external_traces import trace_from_json


def record(**changes: object) -> dict[str, Any]:
    asked = {"question": "Is it warm?", "predicted": "YES"}
    return {
        "id": "t1",
        "source": "It is warm.",
        "generated": "Warm.",
        "source_questions": [asked],
        "generated_questions": [asked | {"predicted": None, "gold": "NO"}],
    } | changes


def test_a_trace_is_read_with_and_without_gold() -> None:
    trace = trace_from_json(record())
    assert trace.source_questions == (CrossAnswer("Is it warm?", Label.YES),)
    assert trace.generated_questions == (CrossAnswer("Is it warm?", None, gold=Label.NO),)
    assert trace_from_json(record(id=7)).id == "7"


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ([], "object"),
        (record(id=None), "id"),
        (record(source=None), "source"),
        (record(generated=3), "generated"),
        (record(source_questions="x"), "source_questions"),
        (record(source_questions=["x"]), "source_questions 1"),
        (record(source_questions=[{"question": "x"}]), "predicted"),
        (record(source_questions=[{"predicted": "YES"}]), "question"),
        (record(source_questions=[{"question": "x", "predicted": "MAYBE"}]), "MAYBE"),
        (record(source_questions=[{"question": "x", "predicted": "yes"}]), "yes"),
        (record(source_questions=[{"question": "x", "predicted": ["YES"]}]), "YES"),
        (record(source_questions=[{"question": "x", "predicted": "NO", "gold": "N/A"}]), "gold"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(broken: object, named: str) -> None:
    with pytest.raises(ItemsError) as caught:
        trace_from_json(broken)
    assert named in caught.value.message
    assert "predicted is YES" in caught.value.hint

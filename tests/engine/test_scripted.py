from __future__ import annotations

import pytest

from medic_console.core.errors import EngineError
from medic_console.core.records import FinishReason, Output, Prompt
from medic_console.engine.protocol.port import Broken, Engine, Finished, Granted, Started, Text
from medic_console.testing.scripted import Reply, ScriptedEngine
from tests.conftest import user_prompt
from tests.engine.conftest import events_of


def answer(prompt: Prompt) -> Reply:
    replies: dict[str, Reply] = {
        "text": "two words",
        "label": "NO",
        "shares": {"YES": 0.3, "NO": 0.6},
        "whole": Output("", FinishReason.OVERFLOW, 5000),
        "broken": EngineError("it broke"),
    }
    return replies[prompt.id]


def test_every_kind_of_reply_ends_its_prompt_in_order() -> None:
    engine: Engine = ScriptedEngine(answer, Granted(context=99))
    labels = ("YES", "NO")
    prompts = [
        user_prompt("text", "a b c", max_tokens=7),
        user_prompt("label", "?", labels=labels),
        user_prompt("shares", "?", labels=labels),
        user_prompt("whole", "?"),
        user_prompt("broken", "?"),
    ]
    events = events_of(engine, prompts)
    assert [e.prompt_id for e in events if isinstance(e, Started)] == [prompt.id for prompt in prompts]
    assert [e.text for e in events if isinstance(e, Text)] == ["two words", "NO", "NO"]
    found = {e.prompt_id: e.output for e in events if isinstance(e, Finished)}
    assert found["text"] == Output("two words", FinishReason.STOP, 3, 2, 7, 99)
    assert found["label"].probabilities == {"YES": 0.0, "NO": 1.0}
    assert found["shares"].outside == pytest.approx(0.1)
    assert found["whole"].prompt_tokens == 5000
    assert [e.message for e in events if isinstance(e, Broken)] == ["it broke"]


def test_a_cancelled_prompt_is_not_answered() -> None:
    engine = ScriptedEngine(answer)
    engine.cancel(["text"])
    (event,) = events_of(engine, [user_prompt("text", "?")])
    assert isinstance(event, Finished)
    assert event.output.finish is FinishReason.CANCELLED
    assert engine.seen == []


def test_prompts_may_be_submitted_between_two_events() -> None:
    engine = ScriptedEngine(lambda prompt: "x")
    engine.submit([user_prompt("a", "?")])
    ended = []
    for event in engine.events():
        if isinstance(event, Finished):
            ended.append(event.prompt_id)
            if event.prompt_id == "a":
                engine.submit([user_prompt("b", "?")])
    assert ended == ["a", "b"]
    engine.close()
    assert engine.closed

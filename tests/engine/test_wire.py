from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.core.records import FinishReason, Message, Output, Prompt
from medic_console.engine.protocol import wire
from medic_console.engine.protocol.port import EngineSettings, Granted, Rendering
from medic_console.engine.template.probing import Form

ANY_TEXT = st.text(st.characters(exclude_categories=()))
TEXTS = st.lists(ANY_TEXT, max_size=3).map(tuple)
NUMBERS = st.integers(-(2**40), 2**40)
SHARES = st.floats(allow_nan=False, allow_infinity=False)
PROMPTS = st.builds(
    Prompt,
    id=ANY_TEXT,
    messages=st.lists(st.builds(Message, ANY_TEXT, ANY_TEXT), max_size=3).map(tuple),
    max_tokens=NUMBERS,
    labels=TEXTS,
    stop=TEXTS,
    grammar=ANY_TEXT,
    seed=NUMBERS,
    temperature=SHARES,
    top_p=SHARES,
    min_p=SHARES,
    repeat_penalty=SHARES,
    held=st.booleans(),
    shared=NUMBERS,
)
OUTPUTS = st.builds(
    Output,
    text=ANY_TEXT,
    finish=st.sampled_from(FinishReason),
    prompt_tokens=NUMBERS,
    seconds=SHARES,
    probabilities=st.dictionaries(ANY_TEXT, SHARES, max_size=3),
    outside=SHARES,
    thinking=ANY_TEXT,
    thinking_closed=st.booleans(),
    thinking_tokens=NUMBERS,
)


def over(**fields: Any) -> dict[str, Any]:
    """Return the fields as they come out at the other end of the pipe."""
    line = wire.to_line("test", **fields)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    message = wire.from_line(line)
    assert message.pop("kind") == "test"
    return message


@given(PROMPTS)
def test_a_prompt_comes_out_as_it_went_in(prompt: Prompt) -> None:
    assert wire.prompt_from_json(over(prompt=wire.prompt_to_json(prompt))["prompt"]) == prompt


@given(OUTPUTS)
def test_an_output_comes_out_as_it_went_in(output: Output) -> None:
    assert wire.output_from_json(over(output=wire.output_to_json(output))["output"]) == output


def test_settings_come_out_as_they_went_in() -> None:
    settings = EngineSettings(
        Path("/a b/m.gguf"),
        "{{ x }}",
        "think",
        flash_attention=False,
        devices=("A", "B"),
        split=(3, 4),
        reasons=("so",),
    )
    assert wire.settings_from_json(over(settings=wire.settings_to_json(settings))["settings"]) == settings


def test_granted_settings_come_out_as_they_went_in() -> None:
    variables: dict[str, str | bool | int] = {"bos_token": "<s>", "enable_thinking": True}
    granted = Granted(
        build="b",
        context=512,
        gpu_layers=-1,
        kv_type="q8_0",
        packed=False,
        thinking="think",
        thinking_budget=9,
        shares_prefixes=False,
        notes=("one", "two"),
        cache="streams",
        devices=("CUDA0 a card", "CUDA1 a card"),
        split=(16, 17),
        rendering=Rendering("sha256:1", variables, form=Form(merged=True), notes=("a",)),
    )
    assert wire.granted_from_json(over(granted=dataclasses.asdict(granted))["granted"]) == granted


@pytest.mark.parametrize("line", [b"", b"llama: hello\n", b"[1]\n", b'{"no": "kind"}\n', b'{"kind": 1}\n', b"\xff\n"])
def test_a_line_that_is_no_message_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError):
        wire.from_line(line)

"""What was read once stays shared, and sharing changes no result."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from medic_console.core.records import FinishReason, Output, Prompt
from medic_console.engine.protocol.port import MOST_SEQUENCES, STREAMS, UNIFIED
from medic_console.testing.random_blocks import WINDOW
from medic_console.testing.random_model import Shape, write_random_model
from tests.conftest import user_prompt
from tests.engine.conftest import StartEngine, outputs_of

NOTE = "A man of 61 has had pain in the chest for two hours and is short of breath on the stairs. "

TIES = 1
"""Texts that may differ: where two tokens of a random model are equally likely, the shape of a batch decides."""


def differing(one: Mapping[str, Output], other: Mapping[str, Output]) -> int:
    assert one.keys() == other.keys()
    return sum(one[name].text != other[name].text for name in one)


def alone(start: StartEngine, path: Path, prompt: Prompt) -> Output:
    return outputs_of(start(path, parallel=1), [prompt])[prompt.id]


def test_a_second_prompt_with_the_same_beginning_does_not_read_it_again(start: StartEngine, random_model: Path) -> None:
    prompts = [user_prompt(str(n), f"{NOTE}Question {n}", max_tokens=10) for n in range(3)]
    found = outputs_of(start(random_model, parallel=1), prompts)
    assert found["0"].reused_tokens == 0
    for later in ("1", "2"):
        assert len(NOTE) - 25 < found[later].reused_tokens < found[later].prompt_tokens


def test_prompts_that_come_together_read_their_beginning_once(start: StartEngine, random_model: Path) -> None:
    prompts = [user_prompt(str(n), f"{NOTE}Question {n}", max_tokens=10) for n in range(8)]
    found = outputs_of(start(random_model, parallel=8), prompts)
    assert sorted(output.reused_tokens > 60 for output in found.values()) == [False] + [True] * 7


def test_text_on_a_shared_beginning_equals_that_of_a_fresh_engine(start: StartEngine, random_model: Path) -> None:
    prompts = [user_prompt(str(n), f"{NOTE}Question {n}", max_tokens=12) for n in range(6)]
    shared = outputs_of(start(random_model, parallel=1), prompts)
    assert sum(output.reused_tokens > 0 for output in shared.values()) == 5
    fresh = {prompt.id: alone(start, random_model, prompt) for prompt in prompts}
    assert differing(shared, fresh) <= TIES


def test_a_choice_on_a_shared_beginning_equals_that_of_a_fresh_engine(start: StartEngine, random_model: Path) -> None:
    labels = ("YES", "NO", "IDK", *(chr(code) for code in range(33, 127)))
    prompts = [user_prompt(str(n), f"{NOTE}Question {n}", labels=labels) for n in range(12)]
    shared = outputs_of(start(random_model), prompts)
    assert sum(output.reused_tokens > 0 for output in shared.values()) >= 8
    for prompt in prompts[:6]:
        fresh = alone(start, random_model, prompt)
        assert shared[prompt.id].probabilities == pytest.approx(fresh.probabilities, rel=1e-2)


def test_with_too_few_cells_for_all_caches_every_prompt_still_ends_with_the_same_result(
    start: StartEngine, random_model: Path
) -> None:
    prompts = [user_prompt(f"{n}", f"{n % 3} {NOTE}{n}", max_tokens=12) for n in range(12)]
    prompts += [user_prompt(f"choice {n}", f"{n % 3} {NOTE}{n}", labels=("YES", "NO")) for n in range(6)]
    tight = outputs_of(start(random_model, context=256, cells=256, parallel=4), prompts)
    assert sorted(tight) == sorted(prompt.id for prompt in prompts)
    assert all(output.finish in (FinishReason.STOP, FinishReason.LENGTH) for output in tight.values())
    roomy = outputs_of(start(random_model, context=256, parallel=1), prompts)
    assert differing(tight, roomy) <= TIES
    for name, output in tight.items():
        assert output.probabilities == pytest.approx(roomy[name].probabilities, rel=1e-2)


@pytest.mark.parametrize("cache", [UNIFIED, STREAMS])
def test_sliding_windows_are_those_of_a_fresh_reading(cache: str, start: StartEngine, tmp_path: Path) -> None:
    """Beginnings are several windows long; they are copied, and cut when as much was written behind them."""
    shape = Shape(architecture="gemma3", layers=6, end_scale=0, name="windows")
    path = write_random_model(tmp_path / "windows.gguf", shape)
    assert len(NOTE) > 2 * WINDOW
    held = user_prompt("list", f"{NOTE}Ten questions.", max_tokens=350, held=True)
    asked = [user_prompt(str(n), f"{NOTE}Question {n}?", labels=("YES", "NO", "IDK")) for n in range(6)]
    written = [user_prompt(f"w{n}", f"{NOTE}What is {n}?", max_tokens=12) for n in range(3)]
    engine = start(path, parallel=4, cache=cache, batch=64)
    shared = outputs_of(engine, [held]) | outputs_of(engine, [*asked, *written])
    assert min(output.reused_tokens for name, output in shared.items() if name != "list") > 60
    fresh = outputs_of(start(path, parallel=1, share_prefixes=False), [held, *asked, *written])
    assert differing(shared, fresh) <= TIES
    for prompt in asked:
        assert shared[prompt.id].probabilities == pytest.approx(fresh[prompt.id].probabilities, rel=1e-2)


def test_as_many_sequences_as_one_cache_takes_weigh_labels_as_one_does(start: StartEngine, random_model: Path) -> None:
    labels = ("YES", "NO", *(chr(code) for code in range(33, 127)))
    prompts = [user_prompt(str(n), f"{NOTE}Question {n}", labels=labels) for n in range(3)]
    many = outputs_of(start(random_model, parallel=MOST_SEQUENCES, context=128, cache=UNIFIED), prompts)
    for prompt in prompts:
        assert many[prompt.id].probabilities == pytest.approx(
            alone(start, random_model, prompt).probabilities, abs=0.01
        )

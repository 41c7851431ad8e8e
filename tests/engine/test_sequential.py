"""Where nothing is shared, an output depends on its prompt alone, bit for bit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from medic_console.core.records import Output, Prompt
from tests.conftest import user_prompt
from tests.engine.conftest import StartEngine, outputs_of
from tests.engine.recurrent import write_recurrent_model

NOTE = "The patient has had a cough for nine days and takes lisinopril 10 mg. " * 4
LABELS = ("YES", "NO", "IDK")


def prompts(labels: Sequence[str] = ()) -> list[Prompt]:
    texts = [f"{NOTE}Question {n}?" for n in range(5)]
    return [user_prompt(str(n), text, max_tokens=24, labels=tuple(labels)) for n, text in enumerate(texts)]


def content(outputs: dict[str, Output]) -> dict[str, tuple[str, dict[str, float]]]:
    return {name: (output.text, dict(output.probabilities)) for name, output in outputs.items()}


def test_sequential_outputs_are_bit_equal_whatever_ran_before(start: StartEngine, random_model: Path) -> None:
    engine = start(random_model, parallel=1, share_prefixes=False, context=1024)
    asked = [*prompts(), *(Prompt(f"c{p.id}", p.messages, labels=LABELS) for p in prompts())]
    forward, backward = outputs_of(engine, asked), outputs_of(engine, asked[::-1])
    assert content(forward) == content(backward)
    assert {output.reused_tokens for output in forward.values()} == {0}


def test_a_recurrent_model_is_detected_and_sequential_reads_each_prompt_from_its_beginning(
    start: StartEngine, tmp_path: Path
) -> None:
    path = write_recurrent_model(tmp_path / "recurrent.gguf")
    together = start(path, parallel=4, context=512)
    assert any("recurrent memory" in note for note in together.granted.notes)
    many = outputs_of(together, prompts())
    assert sorted(output.reused_tokens > len(NOTE) // 2 for output in many.values()) == [False] + [True] * 4
    alone = start(path, parallel=1, context=512, share_prefixes=False)
    fresh = outputs_of(alone, prompts())
    assert {output.reused_tokens for output in fresh.values()} == {0}
    assert {name: output.text for name, output in many.items()} == {name: output.text for name, output in fresh.items()}


def test_labels_of_several_tokens_are_weighed_by_a_recurrent_model_too(start: StartEngine, tmp_path: Path) -> None:
    engine = start(write_recurrent_model(tmp_path / "recurrent.gguf"), parallel=2, context=512)
    for output in outputs_of(engine, prompts(LABELS)).values():
        assert set(output.probabilities) == set(LABELS)
        assert 0 < sum(output.probabilities.values()) + output.outside <= 1.0001

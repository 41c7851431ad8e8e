from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from medic_console.core.errors import EngineError, ModelFileError
from medic_console.core.records import FinishReason
from medic_console.engine.files.model import ModelFile
from medic_console.engine.files.model_file import inspect_model
from medic_console.testing.random_model import CHATML, Shape, write_random_model
from tests.conftest import user_prompt
from tests.engine.conftest import StartEngine, outputs_of


def refusal(path: Path, template: str = "") -> ModelFileError:
    with pytest.raises(ModelFileError) as caught:
        inspect_model(path, template)
    assert caught.value.hint
    return caught.value


def test_a_model_file_tells_what_it_is(random_model: Path) -> None:
    model = inspect_model(random_model)
    assert (model.name, model.architecture, model.quantisation) == ("one", "llama", "F32")
    assert (model.path, model.context, model.size) == (random_model, 8192, random_model.stat().st_size)
    assert model.template == CHATML
    assert model.kv_bytes == 2 * 4 * (16 + 16) * 2
    assert 100_000 < model.parameters < 200_000
    assert model.metadata["general.license"] == "Apache-2.0"
    assert "tokenizer.ggml.tokens" not in model.metadata
    assert model.thinking is None


def test_the_digest_is_that_of_the_bytes_and_progress_ends_at_the_size(random_model: Path) -> None:
    told: list[tuple[int, int]] = []
    model = inspect_model(random_model, progress=lambda done, total: told.append((done, total)))
    assert model.sha256 == "sha256:" + hashlib.sha256(random_model.read_bytes()).hexdigest()
    assert told[-1] == (model.size, model.size)


def test_the_same_shape_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    seeds = (1, 1, 2)
    one, two, three = (
        write_random_model(tmp_path / f"{number}.gguf", Shape(seed=seed)).read_bytes()
        for number, seed in enumerate(seeds)
    )
    assert one == two != three


def test_a_missing_file_is_told_as_such(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "none.gguf").message


def test_a_folder_is_not_a_model(tmp_path: Path) -> None:
    assert "not a file" in refusal(tmp_path).message


@pytest.mark.parametrize("content", [b"", b"GG", b"Not a model at all, whatever its name says.\n", b"\x80\x02pickle"])
def test_a_file_of_another_format_is_told_as_such(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "renamed.gguf"
    path.write_bytes(content)
    assert "not a GGUF file" in refusal(path).message


@pytest.mark.parametrize("kept", [4, 8, 24, 100, 2000, 5000, 0.5, 0.999])
def test_a_file_cut_short_is_told_as_such(tmp_path: Path, random_model: Path, kept: float) -> None:
    data = random_model.read_bytes()
    path = tmp_path / "short.gguf"
    path.write_bytes(data[: int(kept if kept > 1 else kept * len(data))])
    error = refusal(path)
    assert "damaged" in error.message or "cut short" in error.message
    assert "Copy the file again" in error.hint


def test_a_file_that_lacks_its_last_byte_is_cut_short(tmp_path: Path, random_model: Path) -> None:
    path = tmp_path / "short.gguf"
    path.write_bytes(random_model.read_bytes()[:-1])
    assert "short.gguf" in refusal(path).message


@pytest.mark.parametrize("architecture", ["bert", "nomic-bert", "t5encoder"])
def test_an_embedding_model_is_refused_by_name(tmp_path: Path, architecture: str) -> None:
    path = write_random_model(tmp_path / "m.gguf", Shape(architecture=architecture))
    error = refusal(path)
    assert f"an embedding model ({architecture})" in error.message
    assert "generative" in error.hint


def test_an_encoder_decoder_is_refused_by_name(tmp_path: Path) -> None:
    assert "(t5)" in refusal(write_random_model(tmp_path / "m.gguf", Shape(architecture="t5"))).message


def test_a_file_without_chat_template_is_refused_unless_one_is_named(tmp_path: Path) -> None:
    path = write_random_model(tmp_path / "m.gguf", Shape(template=""))
    error = refusal(path)
    assert "no chat template" in error.message
    assert "--chat-template" in error.hint
    model = inspect_model(path, "{{ messages[0]['content'] }}")
    assert model.template == "{{ messages[0]['content'] }}"
    assert model.template_digest != inspect_model(path, CHATML).template_digest


def test_a_named_template_goes_before_the_files_own(random_model: Path) -> None:
    assert inspect_model(random_model, "{{ 1 }}").template == "{{ 1 }}"


def test_a_template_with_a_think_block_makes_a_thinking_model(tmp_path: Path) -> None:
    path = write_random_model(tmp_path / "m.gguf", Shape(template=CHATML + "{# <think></think> #}"))
    thinking = inspect_model(path).thinking
    assert thinking is not None
    assert thinking.name == "think"


def mutated(data: bytes, seed: int) -> bytes:
    """Return the file with up to eight bytes of its header changed."""
    random = np.random.default_rng(seed)
    changed = bytearray(data)
    reach = int(random.choice([64, 600, 6000]))
    for place in random.integers(4, reach, size=int(random.integers(1, 9))):
        changed[place] = int(random.choice([0, 1, 127, 128, 255, int(random.integers(256))]))
    return bytes(changed)


def test_fifty_mutated_headers_give_a_model_or_a_message_and_never_hold_the_engine_up(
    tmp_path: Path, random_model: Path, start: StartEngine
) -> None:
    data = random_model.read_bytes()
    usable: list[ModelFile] = []
    for seed in range(50):
        path = tmp_path / f"{seed}.gguf"
        path.write_bytes(mutated(data, seed))
        try:
            usable.append(inspect_model(path))
        except ModelFileError as error:
            assert str(path) in error.message
    assert 0 < len(usable) < 50
    ends: list[FinishReason | None] = []
    for model in usable[:10]:
        try:
            engine = start(model.path, hang_seconds=20.0)
            ends.append(outputs_of(engine, [user_prompt("a", "Hello.", max_tokens=4)])["a"].finish)
        except EngineError as error:
            assert error.message
            ends.append(None)
    assert len(ends) == min(10, len(usable))
    assert set(ends) <= {None, FinishReason.STOP, FinishReason.LENGTH}

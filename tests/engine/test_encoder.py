"""Token vectors from a real encoder in its child process."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from medic_console.core.errors import EngineDied, EngineError, ModelFileError
from medic_console.engine.parent.encoder import Encoder, inspect_encoder
from tests.conftest import is_gone, wait_until
from tests.engine.encoders import CONTEXT, WIDTH, write_random_encoder


@pytest.fixture(scope="module")
def encoder(random_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Encoder]:
    opened = Encoder(random_encoder, tmp_path_factory.mktemp("log") / "encoder.log")
    yield opened
    opened.close()


def test_each_token_has_a_vector_and_the_encoders_own_marks_are_told_apart(encoder: Encoder) -> None:
    (found,) = encoder.embed(["fever?"])
    assert found is not None
    vectors, own = found
    assert vectors.shape == (8, WIDTH)
    assert own.tolist() == [False, *[True] * 6, False]
    assert np.isfinite(vectors).all()


def test_a_tokens_vector_depends_on_what_stands_before_and_behind_it(encoder: Encoder) -> None:
    one, before, behind, again = (found for found in encoder.embed(["ab", "xb", "ax", "ab"]) if found is not None)
    assert np.array_equal(one[0], again[0])
    assert not np.allclose(one[0][2], before[0][2])
    assert not np.allclose(one[0][1], behind[0][1])


def test_a_text_longer_than_the_context_is_encoded_in_parts_and_nothing_is_cut(encoder: Encoder) -> None:
    text = "".join("abcdefgh"[n % 8] for n in range(100))
    whole, first = encoder.embed([text, text[:34]])
    assert whole is not None and first is not None
    assert whole[1].sum() == 100
    assert len(whole[1]) == 100 + 2 * 3
    assert len(whole[1]) > CONTEXT
    assert np.allclose(whole[0][:36], first[0], atol=1e-5)


def test_a_text_without_a_token_has_the_marks_alone(encoder: Encoder) -> None:
    (found,) = encoder.embed([" \n"])
    assert found is not None
    assert found[1].tolist() == [False, False]


def test_a_text_that_is_too_long_is_not_encoded(encoder: Encoder) -> None:
    none, some = encoder.embed(["ab" * 10_001, "ab"])
    assert none is None
    assert some is not None


def test_text_that_is_no_unicode_is_encoded_too(encoder: Encoder) -> None:
    assert all(found is not None for found in encoder.embed(["\ud800", "\x00\x1b[31m", "é漢"]))


def test_a_child_that_was_killed_is_started_again(encoder: Encoder) -> None:
    before = encoder.embed(["fever"])[0]
    pid = encoder.pid
    assert pid is not None and before is not None
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: is_gone(pid), "the encoder's end")
    after = encoder.embed(["fever"])[0]
    assert after is not None
    assert np.array_equal(before[0], after[0])
    assert encoder.pid != pid


def test_a_child_that_says_nothing_is_ended(random_encoder: Path, tmp_path: Path) -> None:
    hurried = Encoder(random_encoder, tmp_path / "encoder.log", hang_seconds=0.0)
    with pytest.raises(EngineDied, match="was ended by SIGKILL"):
        hurried.embed(["fever"])
    assert hurried.pid is None


def test_a_file_that_llama_cannot_load_is_refused_with_the_reason(random_encoder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(random_encoder.read_bytes().replace(b"token_types.weight", b"token_typos.weight"))
    opened = Encoder(broken, tmp_path / "encoder.log")
    with pytest.raises(EngineError, match=r"broken\.gguf: llama\.cpp cannot load the file"):
        opened.embed(["fever"])
    assert opened.pid is None


def test_an_encoder_is_known_by_its_header(random_encoder: Path, random_model: Path, tmp_path: Path) -> None:
    found = inspect_encoder(random_encoder)
    assert (found.path, found.name) == (random_encoder, "encoder")
    assert found.sha256.startswith("sha256:")
    with pytest.raises(ModelFileError, match=r"not an encoder in one file \(architecture llama\)"):
        inspect_encoder(random_model)
    with pytest.raises(ModelFileError, match="no such file"):
        inspect_encoder(tmp_path / "none.gguf")
    other = write_random_encoder(tmp_path / "other.gguf", seed=1)
    assert inspect_encoder(other).sha256 != found.sha256

"""What cannot be audited is told by what it is, from its header alone: small altered copies of a demo model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from medic_console.commands.demo import LARGE, SMALL
from medic_console.core.errors import ModelFileError
from medic_console.engine.files import obstacles as architectures
from medic_console.engine.files.model_file import examine, inspect_model
from medic_console.testing.random_model import Shape, write_random_model
from tests.engine.altered import ARCHITECTURE, altered, header, key, text
from tests.engine.encoders import write_random_encoder

STRING = 8
BLOCKS = 4
"""Of the small demo model."""
KINDS: dict[str, tuple[dict[str, Any], str]] = {
    "embedding by pooling": ({"qwen2.pooling_type": 3}, "an embedding model (qwen2)"),
    "embedding by architecture": ({ARCHITECTURE: "nomic-bert"}, "an embedding model (nomic-bert)"),
    "reranker": ({"qwen2.pooling_type": 4}, "a reranker or classifier (qwen2)"),
    "bert reranker": ({ARCHITECTURE: "bert", "bert.pooling_type": 4}, "a reranker or classifier (bert)"),
    "encoder-decoder": ({ARCHITECTURE: "t5"}, "an encoder-decoder model (t5)"),
    "sound": ({ARCHITECTURE: "wavtokenizer-dec"}, "a decoder of sound"),
    "diffusion": ({ARCHITECTURE: "llada", "llada.attention.causal": False}, "left to right (llada)"),
    "projector by type": ({"general.type": "mmproj"}, "a projector (mmproj)"),
    "projector by architecture": ({ARCHITECTURE: "clip"}, "a projector (mmproj)"),
    "adapter": ({"general.type": "adapter", "adapter.type": "lora"}, "an adapter (lora)"),
    "adapter of a model": (
        {"general.type": "adapter", "general.base_model.0.name": "Llama 3 8B"},
        "an adapter of Llama 3 8B (LoRA)",
    ),
    "older adapter": ({"adapter.type": "lora"}, "an adapter (lora)"),
    "control vector": ({ARCHITECTURE: "controlvector"}, "a control vector"),
    "importance matrix": ({"general.type": "imatrix"}, "an importance matrix"),
    "unknown architecture": ({ARCHITECTURE: "flux"}, 'does not know the architecture "flux"'),
    "no number of blocks": ({"qwen2.block_count": 0}, "how many blocks it has (qwen2.block_count)"),
    "more blocks than weights": ({"qwen2.block_count": 7}, "3 of its 7 blocks are missing (blk.N with N = 4, 5, 6)"),
    "very many blocks": ({"qwen2.block_count": 512}, "N = 4, 5, 6, 7, 8 …"),
}


def test_more_blocks_than_any_network_has_are_impossible_sizes(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="impossible sizes: 65,536 blocks"):
        examine(altered(tmp_path / "m.gguf", {"qwen2.block_count": 1 << 16}))


def told(path: Path) -> list[str]:
    """Return the messages, which are also what stops a run."""
    found = examine(path).obstacles
    if found:
        with pytest.raises(ModelFileError) as caught:
            inspect_model(path)
        assert caught.value is not None and caught.value.message == found[0].message
    assert all(one.message.startswith(f"{path}: ") and one.hint for one in found)
    return [one.message for one in found]


@pytest.mark.parametrize("model", [SMALL, LARGE], ids=["small", "large"])
def test_a_model_that_writes_has_no_obstacle(model: Path, random_model: Path) -> None:
    assert told(model) == told(random_model) == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_other_kind_is_told_by_what_it_is(kind: str, tmp_path: Path) -> None:
    keys, said = KINDS[kind]
    (message,) = told(altered(tmp_path / "m.gguf", keys))
    assert said in message


def test_a_real_encoder_is_one(tmp_path: Path) -> None:
    assert told(write_random_encoder(tmp_path / "m.gguf")) == [
        f"{tmp_path / 'm.gguf'}: an embedding model (bert); it writes no text."
    ]


def test_a_pooling_of_none_makes_no_embedding_model(tmp_path: Path) -> None:
    assert told(altered(tmp_path / "m.gguf", {"qwen2.pooling_type": 0, "qwen2.attention.causal": True})) == []


def test_a_vocabulary_alone_is_no_model(tmp_path: Path) -> None:
    (message,) = told(altered(tmp_path / "m.gguf", tensors=lambda name: False))
    assert "a vocabulary alone: the file has no weights" in message


def test_a_file_of_metadata_alone_says_all_that_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(header([key(ARCHITECTURE, STRING, text("qwen2"))]))
    assert [message.split(": ", 1)[1][:25] for message in told(path)] == [
        "the file has no vocabular",
        "a vocabulary alone: the f",
    ]
    path.write_bytes(header())
    assert "does not say its architecture" in told(path)[0]


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        ("token_embd.", "the weights of its tokens are missing (token_embd.weight)"),
        ("blk.0.attn_q.", "1 of its weights are missing (blk.0.attn_q.weight)"),
        ("output_norm.", "1 of its weights are missing (output_norm.weight)"),
        ("blk.1.", "1 of its 4 blocks are missing (blk.N with N = 1)"),
        ("blk.", "4 of its 4 blocks are missing (blk.N with N = 0, 1, 2, 3)"),
    ],
)
def test_missing_weights_are_named(gone: str, said: str, tmp_path: Path) -> None:
    (message,) = told(altered(tmp_path / "m.gguf", tensors=lambda name: not name.startswith(gone)))
    assert said in message


def test_blocks_that_draft_or_are_passed_over_may_be_missing(tmp_path: Path) -> None:
    drafting = {"qwen2.block_count": BLOCKS + 1, "qwen2.nextn_predict_layers": 1}
    assert told(altered(tmp_path / "drafting.gguf", drafting)) == []
    passed = {"qwen2.attention.head_count": [4, 0, 4, 4]}
    kept = altered(tmp_path / "passed.gguf", passed, tensors=lambda name: not name.startswith("blk.1."))
    assert told(kept) == []


def test_the_parts_of_a_split_model_are_counted_together(tmp_path: Path) -> None:
    write_random_model(tmp_path / "m.gguf", Shape(seed=3, split=10))
    parts = sorted(tmp_path.glob("*.gguf"))
    assert told(parts[0]) == []


def test_a_missing_template_is_an_obstacle_of_its_own(tmp_path: Path) -> None:
    path = altered(tmp_path / "m.gguf", without=["tokenizer.chat_template"])
    (message,) = told(path)
    assert "no chat template" in message
    assert examine(path, "{{ messages }}").obstacles == ()


@pytest.mark.parametrize("value", [7, ["{{ messages }}"]])
def test_a_template_that_is_no_text_is_told_as_such(value: object, tmp_path: Path) -> None:
    (message,) = told(altered(tmp_path / "m.gguf", {"tokenizer.chat_template": value}))
    assert "no chat template (tokenizer.chat_template is not a text)" in message


def test_what_llama_cpp_knows_is_asked_of_its_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert architectures.is_known("llama") and architectures.is_known("gemma3") and architectures.is_known("bert")
    assert not architectures.is_known("llamb") and not architectures.is_known("sdxl")
    monkeypatch.setenv("LLAMA_CPP_LIB_PATH", str(tmp_path))
    architectures.library_file.cache_clear()
    try:
        assert architectures.is_known("anything at all"), "without a library the child decides"
        (tmp_path / "libllama.so").write_bytes(b"\0llama\0anything at all\0")
        architectures.library_file.cache_clear()
        assert architectures.is_known("anything at all") and not architectures.is_known("gemma3")
    finally:
        architectures.library_file.cache_clear()

"""What a model's cache takes, held against what llama.cpp says that it made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from medic_console.engine.files.cache_bytes import CacheBytes, cache_bytes
from medic_console.engine.files.gguf_header import Header
from medic_console.engine.files.model_file import inspect_model
from medic_console.engine.protocol.port import sequences_of
from medic_console.testing.random_model import Shape, write_random_model
from tests.engine.conftest import StartEngine
from tests.engine.recurrent import write_recurrent_model

MIB = 1 << 20


def told(log: str, kind: str) -> float:
    """Return the bytes of the buffers of a kind, `KV` or `RS`, that llama.cpp's log names."""
    return MIB * sum(float(size) for size in re.findall(rf"{kind} buffer size = +([\d.]+) MiB", log))


@pytest.mark.parametrize("architecture", ["llama", "gemma3", "lfm2", "granitehybrid", "mamba"])
def test_the_estimate_is_what_llama_cpp_makes(architecture: str, start: StartEngine, tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    if architecture == "mamba":
        write_recurrent_model(path)
    else:
        write_random_model(path, Shape(width=256, layers=7, architecture=architecture))
    start(path, parallel=4, context=1024, cells=4096)
    log, model = (tmp_path / "engine.log").read_text("utf-8"), inspect_model(path)
    assert told(log, "KV") == pytest.approx(4096 * model.kv_bytes, abs=MIB / 50)
    assert told(log, "RS") == pytest.approx(sequences_of(4) * model.state_bytes, abs=MIB / 50)
    assert bool(model.state_bytes) == (architecture not in ("llama", "gemma3"))


def header(architecture: str, **numbers: Any) -> Header:
    values: Mapping[str, Any] = {name.replace("__", "."): value for name, value in numbers.items()}
    metadata = {"general.architecture": architecture, **{f"{architecture}.{k}": v for k, v in values.items()}}
    return Header(Path("m.gguf"), metadata, {}, (), 0)


KEY = {"attention__key_length": 128, "attention__value_length": 128}
MAMBA2 = {"ssm__conv_kernel": 4, "ssm__group_count": 8, "ssm__state_size": 128}


def test_of_qwen_one_layer_in_four_caches_tokens_and_the_others_have_a_state() -> None:
    # Qwen3-Next 80B A3B: 48 layers, 2 key heads of 256; 32 linear value heads and 16 key heads of 128
    found = header(
        "qwen3next",
        block_count=49,
        nextn_predict_layers=1,
        embedding_length=2048,
        full_attention_interval=4,
        attention__head_count=16,
        attention__head_count_kv=2,
        attention__key_length=256,
        attention__value_length=256,
        ssm__conv_kernel=4,
        ssm__group_count=16,
        ssm__state_size=128,
        ssm__inner_size=4096,
    )
    state = 3 * (4096 + 2 * 16 * 128) + 128 * 4096
    assert cache_bytes(found) == CacheBytes(12 * 2 * (256 + 256) * 2, 36 * state * 4)
    named = {**found.metadata, "qwen3next.attention.recurrent_layers": [True, False] * 24}
    assert cache_bytes(Header(found.path, named, {}, (), 0)).state == 24 * state * 4


def test_of_nemotron_a_layer_attends_or_has_a_state_or_is_feed_forward_alone() -> None:
    found = header(
        "nemotron_h",
        block_count=6,
        embedding_length=4096,
        attention__head_count=32,
        attention__head_count_kv=[0, 0, 8, 0, 0, 8],
        feed_forward_length=[0, 12288, 0, 0, 12288, 0],
        ssm__inner_size=8192,
        **KEY,
        **MAMBA2,
    )
    state = 3 * (8192 + 2 * 8 * 128) + 128 * 8192
    assert cache_bytes(found) == CacheBytes(2 * 8 * 256 * 2, 2 * state * 4)


def test_of_falcon_every_layer_both_attends_and_has_a_state() -> None:
    sizes = {"block_count": 36, "embedding_length": 2048, "ssm__inner_size": 3072}
    found = header("falcon-h1", attention__head_count=8, attention__head_count_kv=2, **sizes, **KEY, **MAMBA2)
    state = 3 * (3072 + 2 * 8 * 128) + 128 * 3072
    assert cache_bytes(found) == CacheBytes(36 * 2 * 256 * 2, 36 * state * 4)


def test_latent_attention_keeps_no_values_and_its_linear_layers_a_matrix_a_head() -> None:
    found = header(
        "kimi-linear",
        block_count=4,
        embedding_length=2304,
        attention__head_count=32,
        attention__head_count_kv=[0, 0, 0, 1],
        attention__key_length=576,
        attention__value_length=512,
        attention__key_length_mla=192,
        attention__value_length_mla=128,
        kda__head_dim=128,
        ssm__conv_kernel=4,
    )
    assert cache_bytes(found) == CacheBytes(576 * 2, 3 * (3 * 3 * 32 * 128 + 128 * 128 * 32) * 4)


def test_of_rwkv_no_layer_caches_tokens() -> None:
    sizes = {"block_count": 24, "embedding_length": 2048, "attention__head_count": 0}
    found = cache_bytes(header("rwkv7", wkv__head_size=64, **sizes))
    assert found == CacheBytes(0, 24 * 2048 * (2 + 64) * 4)


def test_layers_that_use_the_cache_of_earlier_ones_count_nothing_and_windows_with_wider_heads_as_those() -> None:
    sizes = {"block_count": 35, "embedding_length": 2048, "attention__head_count": 8, "attention__head_count_kv": 2}
    plain = header("gemma3n", attention__shared_kv_layers=15, **sizes, **KEY)
    assert cache_bytes(plain) == CacheBytes(20 * 2 * 256 * 2, 0)
    wide = header("gemma4", attention__key_length_swa=256, attention__value_length_swa=256, **sizes, **KEY)
    assert cache_bytes(wide) == CacheBytes(35 * 2 * 512 * 2, 0)


def test_a_list_that_is_too_short_or_no_number_counts_as_nothing() -> None:
    sizes = {"block_count": 4, "embedding_length": 64, "attention__head_count": 2}
    assert cache_bytes(header("llama", attention__head_count_kv=[2], **sizes)).token == 2 * 64 * 2
    assert cache_bytes(header("llama", attention__head_count_kv=[2, -1, 0.5, "x"], **sizes)).token == 2 * 64 * 2

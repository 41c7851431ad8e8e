"""The formulas of `engine/sizing/memory.py` against what llama.cpp says that it took."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from medic_console.engine.files.model_file import examine
from medic_console.engine.parent.process import ProcessEngine
from medic_console.engine.protocol.port import STREAMS, UNIFIED, EngineSettings, sequences_of
from medic_console.engine.sizing.memory import BASE_BYTES, KV_SHARE, Load, main_use, shape_of
from medic_console.testing.random_model import CHATML, Shape, write_random_model
from tests.conftest import ROOT

MIB = 1 << 20
MODELS = ("demo-small", "demo-large")


def measured(path: Path, settings: EngineSettings, log: Path) -> dict[str, float]:
    """Return the bytes of the buffers that llama.cpp tells of, by kind."""
    log.unlink(missing_ok=True)
    ProcessEngine(replace(settings, path=path), log).close()
    text = log.read_text("utf-8", "replace")
    kinds = {"compute": "compute buffer", "cache": "(?:KV|RS) buffer", "rows": "output buffer"}
    return {
        kind: sum(float(found) for found in re.findall(rf"{words} size *= *([0-9.]+) MiB", text)) * MIB
        for kind, words in kinds.items()
    }


def check(path: Path, tmp_path: Path, **chosen: Any) -> None:
    """Hold the estimate against a model's real buffers: never less, and not much more."""
    usual: dict[str, Any] = {"context": 2048, "parallel": 4, "threads": 1, "batch": 512}
    settings = EngineSettings(path, CHATML, **{**usual, **chosen})
    found = measured(path, settings, tmp_path / "log")
    shape = shape_of(examine(path).model)
    own = settings.cache == STREAMS and not shape.recurrent
    load = Load(
        cells=settings.context * settings.parallel,
        caches=settings.parallel if own else 1,
        slots=settings.parallel if own else sequences_of(settings.parallel),
        batch=settings.batch,
        kv_type=settings.kv_type,
        flash=settings.flash_attention is not False,
    )
    _, cache, compute = main_use(shape, load, shape.layers)
    least = found["compute"] + found["rows"]
    assert abs(cache - found["cache"]) <= 0.01 * cache + MIB
    assert least <= compute - BASE_BYTES <= 1.6 * least + 24 * MIB


@pytest.mark.parametrize("cache", [STREAMS, UNIFIED])
@pytest.mark.parametrize("flash", [None, False])
@pytest.mark.parametrize("name", MODELS)
def test_buffers_of_the_demo_models(name: str, flash: bool | None, cache: str, tmp_path: Path) -> None:
    check(ROOT / "medic_console" / "_models" / f"{name}.gguf", tmp_path, cache=cache, flash_attention=flash)


def test_buffers_of_a_batch_that_is_no_multiple_of_the_sequences_and_of_a_long_one(tmp_path: Path) -> None:
    """llama.cpp makes its graph for 544 tokens where 34 sequences share a batch of 512; 512 of 2,048 have logits."""
    path = ROOT / "medic_console" / "_models" / "demo-large.gguf"
    check(path, tmp_path, cache=UNIFIED, parallel=8, flash_attention=False)
    check(path, tmp_path, cache=STREAMS, batch=2048)


@pytest.mark.parametrize("kv_type", KV_SHARE)
def test_every_type_of_cache_is_taken_and_takes_its_share(kv_type: str, tmp_path: Path) -> None:
    check(ROOT / "medic_console" / "_models" / "demo-large.gguf", tmp_path, kv_type=kv_type, batch=128)


@pytest.mark.parametrize("architecture", ["lfm2", "granitehybrid", "gemma3"])
def test_buffers_of_other_architectures(architecture: str, tmp_path: Path) -> None:
    path = write_random_model(tmp_path / "m.gguf", Shape(architecture=architecture, layers=4))
    check(path, tmp_path)
    check(path, tmp_path, cache=STREAMS, flash_attention=False)


def test_parts_add_up_to_the_file(tmp_path: Path) -> None:
    for path in (ROOT / "medic_console" / "_models" / "demo-large.gguf", write_random_model(tmp_path / "m.gguf")):
        model = examine(path).model
        parts = model.parts
        stored = sum(block.weights for block in parts.blocks) + parts.embedding
        stored += parts.output - (parts.embedding if parts.tied else 0)
        assert 0 < model.size - stored < 0.5 * model.size
        assert len(parts.blocks) == model.layers
        assert sum(block.token for block in parts.blocks) == model.kv_bytes

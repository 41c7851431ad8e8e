"""A large file is hashed once, and again whenever it may have changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from medic_console.core.errors import EngineError, ModelFileError
from medic_console.core.run_settings import RunSettings
from medic_console.engine.files.hash_cache import HashCache
from medic_console.engine.files.model_file import inspect_model
from medic_console.engine.protocol.port import STREAMS
from medic_console.session.models import start_model
from medic_console.testing.random_model import Shape, write_random_model


def test_a_digest_is_remembered_across_processes_and_forgotten_when_the_file_changes(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"one")
    HashCache(tmp_path / "cache" / "digests.json").put(file, "sha256:1")
    again = HashCache(tmp_path / "cache" / "digests.json")
    assert again.get(file) == "sha256:1"
    status = file.stat()
    file.write_bytes(b"two")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert again.get(file) is None, "same size and modification time, but written since"


def test_a_file_replaced_under_the_same_name_is_noticed(tmp_path: Path) -> None:
    cache = HashCache(tmp_path / "digests.json")
    path = write_random_model(tmp_path / "m.gguf", Shape(seed=1))
    before = inspect_model(path, digests=cache).sha256
    write_random_model(tmp_path / "other.gguf", Shape(seed=2)).replace(path)
    assert inspect_model(path, digests=cache).sha256 != before


def test_a_link_to_a_model_has_the_models_digest(tmp_path: Path) -> None:
    path = write_random_model(tmp_path / "m.gguf", Shape(seed=1))
    (tmp_path / "link.gguf").symlink_to(path)
    assert inspect_model(tmp_path / "link.gguf").sha256 == inspect_model(path).sha256


@pytest.mark.parametrize("content", ["", "[]", '{"a": 3}', "\x00"])
def test_a_broken_cache_is_no_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "digests.json").write_text(content, "utf-8")
    file = tmp_path / "a"
    file.write_bytes(b"one")
    cache = HashCache(tmp_path / "digests.json")
    assert cache.get(file) is None
    cache.put(file, "sha256:1")
    assert cache.get(file) == "sha256:1"


def split_model(folder: Path) -> list[Path]:
    write_random_model(folder / "m.gguf", Shape(seed=3, split=10))
    return sorted(folder.glob("*.gguf"))


def test_a_split_model_is_one_model_named_by_its_first_part(tmp_path: Path) -> None:
    parts = split_model(tmp_path)
    whole = inspect_model(write_random_model(tmp_path / "whole.gguf", Shape(seed=3)))
    model = inspect_model(parts[0])
    assert len(parts) == 3
    assert list(model.files) == parts
    assert model.parameters == whole.parameters
    assert model.size == sum(part.stat().st_size for part in parts)


def test_a_later_part_or_a_missing_one_is_refused_by_name(tmp_path: Path) -> None:
    parts = split_model(tmp_path)
    with pytest.raises(ModelFileError, match="part 2") as refused:
        inspect_model(parts[1])
    assert str(parts[0]) in refused.value.hint
    parts[2].unlink()
    with pytest.raises(ModelFileError, match="1 of 3 parts are missing: m-00003-of-00003"):
        inspect_model(parts[0])
    odd = parts[0].rename(tmp_path / "odd.gguf")
    with pytest.raises(ModelFileError, match="name does not say which"):
        inspect_model(odd)


def test_every_part_counts_for_the_digest(tmp_path: Path) -> None:
    parts = split_model(tmp_path)
    before = inspect_model(parts[0]).sha256
    data = bytearray(parts[2].read_bytes())
    data[-1] ^= 1
    parts[2].write_bytes(data)
    assert inspect_model(parts[0]).sha256 != before


def test_a_file_that_is_replaced_after_it_was_hashed_is_not_loaded(tmp_path: Path) -> None:
    path = write_random_model(tmp_path / "m.gguf", Shape(seed=1))
    model = inspect_model(path)
    write_random_model(tmp_path / "other.gguf", Shape(seed=1)).replace(path)
    with pytest.raises(EngineError, match="replaced or written since it was hashed"):
        start_model(model, RunSettings(), STREAMS, tmp_path / "log")
    path.unlink()
    with pytest.raises(EngineError, match="replaced or written"):
        start_model(model, RunSettings(), STREAMS, tmp_path / "log")

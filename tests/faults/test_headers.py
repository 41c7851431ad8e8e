"""Damaged GGUF headers are refused in words, soon and in little memory; `benchmarks.mutants` does 1,000 by hand."""

from __future__ import annotations

import struct
import time
import tracemalloc
from pathlib import Path

import pytest

from medic_console.core.errors import ModelFileError
from medic_console.engine.files.model_file import examine
from medic_console.testing.mutants import mutants


def test_damaged_headers_are_read_or_refused_soon_and_in_little_memory(random_model: Path, tmp_path: Path) -> None:
    sound, path, refused = random_model.read_bytes(), tmp_path / "m.gguf", 0
    for data in mutants(sound[:65_536], 150, seed=7):
        path.write_bytes(data)
        tracemalloc.start()
        begun = time.process_time()
        try:
            examine(path)
        except ModelFileError as error:
            refused += 1
            assert str(path) in error.message
        finally:
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert time.process_time() - begun < 3
        assert most < 100 << 20
    assert refused > 100, "they are damaged"


def file_of(path: Path, *parts: bytes, tensors: int = 0, keys: int = 1, size: int = 0) -> Path:
    """Write a header of these parts; with a size the rest of the file is zeros that take no room on the disk."""
    with path.open("wb") as file:
        file.write(b"GGUF" + struct.pack("=IQQ", 3, tensors, keys) + b"".join(parts))
        file.truncate(max(size, file.tell()))
    return path


def text(name: bytes) -> bytes:
    return struct.pack("=Q", len(name)) + name


KEY, TEXT, LIST = text(b"k"), struct.pack("=I", 8), struct.pack("=I", 9)
STRINGS = KEY + LIST + TEXT
GB = 1 << 30


@pytest.mark.parametrize(
    ("parts", "claims", "says"),
    [
        ((KEY, TEXT, struct.pack("=Q", GB)), {}, "a string of 1,073,741,824 bytes, where the file has 0 more"),
        ((KEY, TEXT, struct.pack("=Q", GB)), {"size": 2 * GB}, "more than a header says together"),
        ((STRINGS, struct.pack("=Q", GB)), {}, "1,073,741,824 strings, where the file has 0 more bytes"),
        ((STRINGS, struct.pack("=Q", (1 << 24) + 1)), {"size": GB}, "16,777,217 strings: more than any vocabulary has"),
        ((STRINGS, struct.pack("=QQ", 1, GB)), {}, "a string that reaches beyond the file's end"),
        ((KEY, LIST, struct.pack("=IQ", 4, GB)), {}, "4,294,967,296 bytes, where the file has 0 more"),
        ((KEY, struct.pack("=I", 4)), {}, "4 bytes, where the file has 0 more"),
        ((), {"keys": GB}, "1,073,741,824 keys; no model has more than 131,072"),
        ((), {"keys": 0, "tensors": GB}, "1,073,741,824 tensors; no model has more than 131,072"),
    ],
    ids=["text", "text held", "strings", "strings counted", "string", "numbers", "cut", "keys", "tensors"],
)
def test_each_length_that_a_header_claims_is_held_against_the_file(
    parts: tuple[bytes, ...], claims: dict[str, int], says: str, tmp_path: Path
) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(ModelFileError) as caught:
            examine(file_of(tmp_path / "m.gguf", *parts, **claims))
        assert says in caught.value.message
        assert tracemalloc.get_traced_memory()[1] < 10 << 20
    finally:
        tracemalloc.stop()

"""How weights are stored, by what the file says and by its tensors; never a default."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest

from medic_console.engine.files.gguf_header import read_header
from medic_console.engine.files.quantisation import FILE_TYPE, quantisation_of
from medic_console.testing.random_model import Shape, write_random_model
from tests.engine.altered import altered, header, key, tensor

U32 = 4
F32, Q4_K, Q5_0, Q8_0, REMOVED, NEWER = 0, 12, 6, 8, 31, 99


def stored(folder: Path, file_type: int | None, *kinds: int) -> tuple[str, str]:
    """Return the name and the words of a file with a tensor of each type, the first the largest."""
    keys = [] if file_type is None else [key(FILE_TYPE, U32, struct.pack("<I", file_type))]
    tensors = [tensor(f"t{number}", (256 if number else 4096,), kind) for number, kind in enumerate(kinds)]
    path = folder / "m.gguf"
    path.write_bytes(header(keys, tensors) + bytes(1 << 15))
    found = read_header(path)
    said = quantisation_of(found, [found])
    return said.name, said.words


@pytest.mark.parametrize(
    ("file_type", "kinds", "name", "words"),
    [
        (15, (Q4_K, F32), "Q4_K_M", "Q4_K_M"),
        (15, (Q8_0, Q5_0, F32), "Q4_K_M", "Q4_K_M"),  # rows of other widths, as in gemma-3-270m
        (7, (F32, Q8_0), "Q8_0", "Q8_0"),
        (0, (F32,), "F32", "F32"),
        (None, (Q4_K, F32), "~Q4_K", "mostly Q4_K, by its tensors; general.file_type is missing"),
        (99, (Q4_K, F32), "~Q4_K", "mostly Q4_K, by its tensors; unknown general.file_type (99)"),
        (0, (Q4_K, F32), "~Q4_K", "mostly Q4_K, by its tensors; general.file_type says F32, the tensors do not"),
        (15, (F32,), "~F32", "mostly F32, by its tensors; general.file_type says Q4_K_M, the tensors do not"),
        (7, (Q4_K,), "~Q4_K", "mostly Q4_K, by its tensors; general.file_type says Q8_0, the tensors do not"),
        (None, (NEWER,), "unknown", "unknown; general.file_type is missing"),
        (99, (NEWER,), "unknown (99)", "unknown (99)"),
        (99, (), "unknown (99)", "unknown (99)"),
        (None, (), "unknown", "unknown; general.file_type is missing"),
        (33, (REMOVED,), "Q4_0_4_4", "Q4_0_4_4"),
    ],
)
def test_a_file_type_is_held_against_the_tensors(
    file_type: int | None, kinds: tuple[int, ...], name: str, words: str, tmp_path: Path
) -> None:
    assert stored(tmp_path, file_type, *kinds) == (name, words)


@pytest.mark.parametrize(("keys", "name"), [({}, "Q8_0"), ({FILE_TYPE: 15}, "Q4_K_M"), ({FILE_TYPE: 1}, "~Q8_0")])
def test_a_demo_models_own(keys: dict[str, Any], name: str, tmp_path: Path) -> None:
    found = read_header(altered(tmp_path / "m.gguf", keys))
    assert quantisation_of(found, [found]).name == name


def test_without_a_file_type_a_model_is_not_taken_for_f32(tmp_path: Path) -> None:
    found = read_header(altered(tmp_path / "m.gguf", without=[FILE_TYPE]))
    assert quantisation_of(found, [found]).name == "~Q8_0"


def test_all_parts_of_a_split_model_count(tmp_path: Path) -> None:
    write_random_model(tmp_path / "m.gguf", Shape(quantised=True, split=10))
    headers = [read_header(path) for path in sorted(tmp_path.glob("*.gguf"))]
    assert len(headers) == 3
    assert quantisation_of(headers[0], headers).name == "Q8_0"

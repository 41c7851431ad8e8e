"""The header's reader beside the gguf package's, and over headers that lie."""

from __future__ import annotations

import ctypes
import os
import struct
import sys
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import llama_cpp
import pytest
from gguf import GGUFEndian, GGUFReader, GGUFValueType, GGUFWriter
from hypothesis import given, settings
from hypothesis import strategies as st

from medic_console.commands.demo import SMALL
from medic_console.core.errors import ModelFileError
from medic_console.engine.files import gguf_header
from medic_console.engine.files.gguf_header import TOKENS, Header, read_header
from medic_console.engine.files.gguf_types import FILE_TYPES, REMOVED, TENSOR_TYPES
from medic_console.engine.files.model_file import examine
from medic_console.testing.random_model import Shape, write_random_model
from tests.engine.altered import altered, header, key, tensor, text

U32, STRING, ARRAY, U64, F32, F64, FLAG = 4, 8, 9, 10, 6, 12, 7
SECONDS, BYTES = 5.0, 150 << 20


def written(path: Path, data: bytes, size: int = 0) -> Path:
    """Write a file of `data`, grown with a hole to `size`."""
    path.write_bytes(data)
    if size:
        os.truncate(path, size)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(ModelFileError) as caught:
        read_header(path)
    assert str(path) in caught.value.message
    assert caught.value.hint
    return caught.value.message


@pytest.fixture(scope="module", params=["demo", "random", "aligned"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, random_model: Path) -> Path:
    if request.param == "aligned":
        return altered(tmp_path_factory.mktemp("aligned") / "m.gguf", {"general.alignment": 64})
    return SMALL if request.param == "demo" else random_model


def test_it_says_what_the_gguf_package_says(model: Path) -> None:
    ours, theirs = read_header(model), GGUFReader(model)
    assert [t.name for t in ours.tensors] == [t.name for t in theirs.tensors]
    assert [t.size for t in ours.tensors] == [int(t.n_bytes) for t in theirs.tensors]
    assert ours.parameters == sum(int(t.n_elements) for t in theirs.tensors)
    assert ours.end == max(int(t.data_offset) + int(t.n_bytes) for t in theirs.tensors)
    fields = {name: field for name, field in theirs.fields.items() if not name.startswith("GGUF.")}
    assert set(ours.metadata) | set(ours.arrays) == set(fields)
    for name, field in fields.items():
        if field.types[0] != GGUFValueType.ARRAY:
            assert ours.metadata[name] == field.contents()
        elif field.types[-1] == GGUFValueType.STRING:
            assert list(ours.texts(name)) == field.contents()
        else:
            assert list(ours.numbers(name)) == field.contents()
    assert ours.vocabulary == len(fields[TOKENS].data)


def test_lists_of_every_type_are_read_when_they_are_asked_for(tmp_path: Path) -> None:
    writer = GGUFWriter(tmp_path / "m.gguf", "llama")
    values: dict[str, list[Any]] = {"i": [-5, 7], "f": [0.5, 1.5], "b": [True, False], "long": list(range(1000))}
    for name, value in values.items():
        writer.add_array(name, value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    found = read_header(tmp_path / "m.gguf")
    assert {name: list(found.numbers(name)) for name in values} == values
    assert "long" not in found.metadata and found.metadata["i"] == [-5, 7]
    assert list(found.numbers("none")) == [] and list(found.texts("none")) == [] and list(found.texts("i")) == []


def test_the_types_of_tensors_are_those_of_the_llama_cpp_in_use() -> None:
    library = ctypes.CDLL(str(Path(llama_cpp.__file__).parent / "lib" / "libggml-base.so"))
    library.ggml_type_name.restype = ctypes.c_char_p
    library.ggml_blck_size.restype, library.ggml_type_size.restype = ctypes.c_int64, ctypes.c_size_t
    for kind in range(llama_cpp.GGML_TYPE_COUNT):
        block, size = int(library.ggml_blck_size(kind)), int(library.ggml_type_size(kind))
        name = library.ggml_type_name(kind).decode().upper()
        assert (TENSOR_TYPES[kind] == (name, block, size)) if block else (kind in REMOVED)


def test_the_names_of_file_types_are_those_of_the_llama_cpp_in_use() -> None:
    prefixes = "LLAMA_FTYPE_MOSTLY_", "LLAMA_FTYPE_ALL_"
    known = {name: value for name, value in vars(llama_cpp).items() if name.startswith(prefixes)}
    assert len(known) > 30
    assert all(FILE_TYPES[value] == name.split("_", 3)[3] for name, value in known.items())


def test_a_file_is_read_once_a_process_and_again_when_it_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[Path] = []
    real = gguf_header._read

    def counting(path: Path) -> Header:
        reads.append(path)
        return real(path)

    monkeypatch.setattr(gguf_header, "_read", counting)
    path = write_random_model(tmp_path / "m.gguf", Shape(seed=1, name="one"))
    assert read_header(path) is read_header(path)
    write_random_model(path, Shape(seed=1, name="two"))
    assert read_header(path).text("general.name") == "two"
    assert reads == [path, path]


def test_version_two_is_read_and_others_are_refused_by_number(tmp_path: Path) -> None:
    data = bytearray(SMALL.read_bytes())
    for version in (1, 2, 4):
        data[4:8] = struct.pack("<I", version)
        written(tmp_path / f"{version}.gguf", bytes(data))
    assert read_header(tmp_path / "2.gguf").vocabulary == read_header(SMALL).vocabulary
    assert "GGUF version 1" in refusal(tmp_path / "1.gguf")
    assert "GGUF version 4" in refusal(tmp_path / "4.gguf")


def test_a_file_of_the_other_byte_order_is_told_as_such(tmp_path: Path) -> None:
    order = GGUFEndian.BIG if sys.byteorder == "little" else GGUFEndian.LITTLE
    writer = GGUFWriter(tmp_path / "m.gguf", "llama", endianess=order)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    assert "other byte order" in refusal(tmp_path / "m.gguf")


MANY = struct.pack("<Q", 1 << 61)
LIES: dict[str, tuple[bytes, str]] = {
    "more keys than a file can hold": (b"GGUF" + struct.pack("<IQQ", 3, 0, 1 << 60), "keys"),
    "more tensors": (b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 0), "tensors"),
    "fewer keys than counted": (b"GGUF" + struct.pack("<IQQ", 3, 0, 9) + key("a", U32, b"\0" * 4), "key 2 of 9"),
    "a string beyond the end": (header([key("a", STRING, MANY)]), 'key "a"'),
    "a name beyond the end": (header([struct.pack("<Q", 1 << 40)]), "key 1 of 1"),
    "a list of more strings than bytes": (header([key("a", ARRAY, struct.pack("<I", STRING) + MANY)]), 'key "a"'),
    "a list whose first string is too long": (
        header([key("a", ARRAY, struct.pack("<IQ", STRING, 3) + MANY + b"\0" * 99)]),
        "beyond the file's end",
    ),
    "a list of more numbers than bytes": (header([key("a", ARRAY, struct.pack("<I", F32) + MANY)]), 'key "a"'),
    "a list of lists": (header([key("a", ARRAY, struct.pack("<IQ", ARRAY, 1) + b"\0" * 40)]), "a list of type 9"),
    "a value of no type": (header([key("a", 99, b"\0" * 8)]), "type 99"),
    "a key twice": (header([key("a", FLAG, b"\1")] * 2), '"a" stands twice'),
    "a key without a name": (header([key("", FLAG, b"\1")]), "no name"),
    "a tensor twice": (header([], [tensor("t", (4,)), tensor("t", (4,))]), '"t" stands twice'),
    "five dimensions": (header([], [text("t") + struct.pack("<I", 5) + b"\0" * 60]), "5 dimensions"),
    "a negative length": (header([], [tensor("t", (-4,))]), "impossible shape"),
    "more weights than a number counts": (header([], [tensor("t", (1 << 40, 1 << 40))]), "impossible shape"),
    "rows that are no multiple of the block": (header([], [tensor("t", (33,), 8)]), "Q8_0"),
    "a long name": (header([], [tensor("t" * 64, (4,))]), "64 characters"),
    "a tensor between the alignments": (header([], [tensor("t", (1,), 0, 8)]), "no multiple of 32"),
    "an alignment of three": (header([key("general.alignment", U32, struct.pack("<I", 3))]), "power of two"),
    "an alignment of nothing": (header([key("general.alignment", U32, struct.pack("<I", 0))]), "power of two"),
    "a tensor beyond the end": (header([], [tensor("t", (1 << 20,), 0, 1 << 40)]), "cut short"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_header_that_lies_is_refused_with_the_place(lie: str, tmp_path: Path) -> None:
    data, said = LIES[lie]
    with bounded():
        assert said in refusal(written(tmp_path / "m.gguf", data))


@pytest.mark.parametrize("lie", ["zeros", "strings", "text", "keys"])
def test_a_large_file_of_nothing_takes_neither_time_nor_memory(lie: str, tmp_path: Path) -> None:
    size = 1 << 34
    data = {
        "zeros": b"GGUF" + struct.pack("<IQQ", 3, 0, 1 << 16),
        "strings": header([key("a", ARRAY, struct.pack("<IQ", STRING, size >> 4))]),
        "text": header([key("a", STRING, struct.pack("<Q", size >> 1))]),
        "keys": header([key("a", ARRAY, struct.pack("<IQ", F32, size >> 3))] * 2),
    }[lie]
    with bounded():
        refusal(written(tmp_path / "m.gguf", data, size))


def test_many_short_lists_are_not_all_kept(tmp_path: Path) -> None:
    numbers = struct.pack("<IQ", F64, 512) + struct.pack("<512d", *range(512))
    data = header([key(f"{number}", ARRAY, numbers) for number in range(4000)])
    with bounded():
        assert "more than a header says together" in refusal(written(tmp_path / "m.gguf", data))


def test_a_list_of_a_file_that_was_cut_since_is_refused(tmp_path: Path) -> None:
    found = read_header(written(tmp_path / "m.gguf", SMALL.read_bytes()))
    written(tmp_path / "m.gguf", SMALL.read_bytes()[:2000])
    with pytest.raises(ModelFileError, match="shorter since"):
        found.numbers("tokenizer.ggml.token_type")
    with pytest.raises(ModelFileError, match="damaged"):
        list(found.texts(TOKENS))


def test_a_number_that_is_none_is_left_out(tmp_path: Path) -> None:
    values = (key("a", F32, struct.pack("<f", float("nan"))), key("b", F32, struct.pack("<f", 0.5)))
    assert read_header(written(tmp_path / "m.gguf", header(values))).metadata == {"b": 0.5}


def test_whole_numbers_are_those_that_a_model_can_have(tmp_path: Path) -> None:
    values = {"large": 1 << 63, "usual": 4096, "list": 7}
    keys = [key(name, U64, struct.pack("<Q", value)) for name, value in values.items()]
    keys += [key("flag", FLAG, b"\1"), key("word", STRING, text("12"))]
    found = read_header(written(tmp_path / "m.gguf", header(keys)))
    assert [found.integer(name) for name in ("large", "usual", "word", "none")] == [0, 4096, 0, 0]


class bounded:
    """Fails when the block took long or much memory."""

    def __enter__(self) -> None:
        tracemalloc.start()
        self.begun = time.process_time()

    def __exit__(self, *raised: object) -> None:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert time.process_time() - self.begun < SECONDS
        assert peak < BYTES


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small real model, written over and over."""
    shape = Shape(width=32, heads=2, layers=1, hidden=32, extra={"general.languages": "en"})
    return write_random_model(tmp_path_factory.mktemp("tiny") / "m.gguf", shape)


@pytest.fixture(scope="module")
def changed(tiny: Path) -> Iterator[Path]:
    path = tiny.with_name("changed.gguf")
    yield path
    path.unlink(missing_ok=True)


BYTE = st.sampled_from([0, 1, 4, 8, 9, 127, 128, 255]) | st.integers(0, 255)
CHANGES = st.lists(st.tuples(st.integers(4, 12_000), BYTE), min_size=0, max_size=8)


@settings(deadline=None, max_examples=400)
@given(changes=CHANGES, cut=st.none() | st.integers(0, 100_000), long=st.none() | st.integers(0, 11_000))
def test_a_changed_or_cut_header_gives_a_model_or_our_error(
    tiny: Path, changed: Path, changes: list[tuple[int, int]], cut: int | None, long: int | None
) -> None:
    data = bytearray(tiny.read_bytes())
    for place, byte in changes:
        data[place] = byte
    if long is not None:
        data[long : long + 8] = b"\xff" * 8
    changed.unlink(missing_ok=True)
    changed.write_bytes(bytes(data[:cut] if cut is not None else data))
    begun = time.process_time()
    try:
        found = examine(changed)
    except ModelFileError as error:
        assert str(changed) in error.message and error.hint
    else:
        assert found.model.parameters < 1 << 63 and found.model.kv_bytes < 1 << 40
        assert all(len(one.message) < 2000 for one in found.obstacles)
    assert time.process_time() - begun < SECONDS

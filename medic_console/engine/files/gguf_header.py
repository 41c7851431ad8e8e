"""The header of one GGUF file: the only reader of the format.

Arrays are passed over by their lengths and read when they are asked for; nothing is made for a token. What llama.cpp's
own reader refuses of the form (`ggml/src/gguf.cpp`) is refused here too, with the place.
"""

from __future__ import annotations

import math
import struct
import sys
import threading
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from medic_console.core.errors import ModelFileError
from medic_console.core.near import nearest
from medic_console.engine.files.gguf_cursor import Cursor, DamagedError
from medic_console.engine.files.gguf_types import TENSOR_TYPES
from medic_console.engine.files.model import signature_of

MAX_NUMBERS = 512
"""Longest list of numbers that is kept: one a layer, not one a token."""
TOKENS = "tokenizer.ggml.tokens"
_BY_TOKEN = frozenset({"tokenizer.ggml.scores", "tokenizer.ggml.token_type"})
_NUMBER = 64
"""Bytes that a number takes in a list, at most."""
_MOST = 1 << 17
"""Most keys, and most tensors; a mixture of 384 experts with a tensor each has some 70,000."""
_MOST_OF_A_NUMBER = 1 << 31
_TEXT, _ARRAY, _FLAG = 8, 9, 7
_FORMS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", _FLAG: "?", 10: "Q", 11: "q", 12: "d"}
_SCALARS = {kind: struct.Struct(f"={form}") for kind, form in _FORMS.items()}
_START, _KIND, _COUNT = struct.Struct("=4sIQQ"), struct.Struct("=I"), struct.Struct("=Q")
_SHAPES = {dimensions: struct.Struct(f"={dimensions}q") for dimensions in range(5)}
_PLACE = struct.Struct("=IQ")
_MAGIC = b"GGUF"
_LONGEST_NAME = 63
_COPY = "Copy the file again and compare its size or checksum with the source."
_KEPT_HEADERS = 64


class Array(NamedTuple):
    """Where a list stands in the file: type of its entries, how many, and the offset of the first."""

    kind: int
    length: int
    start: int


class Tensor(NamedTuple):
    """One tensor; `size` is its bytes, 0 where its type is not a known one."""

    name: str
    shape: tuple[int, ...]
    kind: int
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Header:
    """What the header of one file says.

    Attributes:
        path: The file.
        metadata: Scalars and short lists of numbers, by key.
        arrays: All lists, by key; their entries are in the file (`numbers`, `texts`).
        tensors: In the file's order; none in a file that is a vocabulary alone.
        end: Bytes that the file must have for its tensors.
    """

    path: Path
    metadata: Mapping[str, Any]
    arrays: Mapping[str, Array]
    tensors: tuple[Tensor, ...]
    end: int

    @property
    def parameters(self) -> int:
        """Weights in this file."""
        return sum(math.prod(tensor.shape) for tensor in self.tensors)

    @property
    def vocabulary(self) -> int:
        """Tokens; 0 when the file has none (later parts of a split model)."""
        return self.arrays[TOKENS].length if TOKENS in self.arrays else 0

    def integer(self, key: str) -> int:
        """Return a whole number, the largest of a list, or 0 where there is none that a model can have."""
        value = self.metadata.get(key, 0)
        numbers = value if isinstance(value, list) else [value]
        return max((n for n in numbers if isinstance(n, int) and 0 <= n < _MOST_OF_A_NUMBER), default=0)

    def text(self, key: str) -> str:
        """Return a text; empty where there is none."""
        value = self.metadata.get(key, "")
        return value if isinstance(value, str) else ""

    def numbers(self, key: str) -> array[Any]:
        """Return a list of numbers, read from the file now; empty where there is none.

        Raises:
            ModelFileError: The file is gone or was cut since.
        """
        found = self.arrays.get(key)
        if found is None or found.kind not in _FORMS:
            return array("i")
        values = array("b" if found.kind == _FLAG else _FORMS[found.kind])
        size = found.length * _SCALARS[found.kind].size
        with _opened(self.path) as file:
            file.seek(found.start)
            data = file.read(size)
        if len(data) < size:
            raise ModelFileError(f"{self.path}: the file has become shorter since its header was read.", _COPY)
        values.frombytes(data)
        return values

    def texts(self, key: str) -> Iterator[str]:
        """Yield a list of strings, read from the file now; nothing where there is none.

        Raises:
            ModelFileError: The file is gone or was written since.
        """
        found = self.arrays.get(key)
        if found is None or found.kind != _TEXT:
            return
        with _opened(self.path) as file:
            cursor = Cursor(file, self.path.stat().st_size)
            cursor.seek(found.start)
            cursor.within = f'key "{key}"'
            try:
                for _ in range(found.length):
                    yield cursor.text()
            except DamagedError as error:
                raise _damaged(self.path, cursor, error) from error


def read_header(path: Path) -> Header:
    """Return a file's header; one that was not written since is read once a process.

    Raises:
        ModelFileError: The file is missing, not GGUF, damaged or cut short.
    """
    if not path.exists():
        near = nearest(path.name, (other.name for other in path.parent.glob("*.gguf")))
        hint = f"Did you mean {path.parent / near}?" if near else "Name an existing GGUF file with --model."
        raise ModelFileError(f"{path}: no such file.", hint)
    if not path.is_file():
        raise ModelFileError(f"{path}: not a file.", "Name the GGUF file itself, not its folder.")
    try:
        signature = signature_of([path])
    except OSError as error:
        raise _unreadable(path, error) from error
    with _LOCK:
        known = _KNOWN.get(path)
    if known is not None and known[0] == signature:
        return known[1]
    header = _read(path)
    with _LOCK:
        _KNOWN[path] = (signature, header)
        for oldest in list(_KNOWN)[:-_KEPT_HEADERS]:
            del _KNOWN[oldest]
    return header


_KNOWN: dict[Path, tuple[str, Header]] = {}
"""Headers read in this process, with the signature of their files then."""
_LOCK = threading.Lock()


def _read(path: Path) -> Header:
    with _opened(path) as file:
        size = path.stat().st_size
        cursor = Cursor(file, size)
        try:
            metadata, arrays, tensors, end = _read_all(path, cursor)
        except DamagedError as error:
            raise _damaged(path, cursor, error) from error
        except OSError as error:
            raise _unreadable(path, error) from error
    if end > size:
        raise ModelFileError(f"{path}: the file is cut short: its tensors need {end:,} bytes, it has {size:,}.", _COPY)
    return Header(path, metadata, arrays, tensors, end)


def _read_all(path: Path, cursor: Cursor) -> tuple[dict[str, Any], dict[str, Array], tuple[Tensor, ...], int]:
    count, keys = _check_start(path, cursor)
    _check_number(keys, "keys")
    _check_number(count, "tensors")
    metadata: dict[str, Any] = {}
    arrays: dict[str, Array] = {}
    for number in range(1, keys + 1):
        cursor.within = f"key {number:,} of {keys:,}"
        key = cursor.text()
        if not key or key in metadata or key in arrays:
            raise DamagedError(f'"{key[:80]}" stands twice' if key else "it has no name")
        cursor.within = f'key "{key[:80]}"'
        _read_value(cursor, key, metadata, arrays)
    tensors: dict[str, Tensor] = {}
    for number in range(1, count + 1):
        cursor.within = f"tensor {number:,} of {count:,}"
        tensor = _read_tensor(cursor)
        if tensor.name in tensors:
            raise DamagedError(f'"{tensor.name}" stands twice')
        tensors[tensor.name] = tensor
    cursor.within = "the tensors"
    return metadata, arrays, tuple(tensors.values()), _end(metadata, cursor.place, tensors)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise _unreadable(path, error) from error


def _check_start(path: Path, cursor: Cursor) -> tuple[int, int]:
    """Return the number of tensors and of keys."""
    magic = cursor.peek(len(_MAGIC))
    if magic != _MAGIC:
        raise ModelFileError(
            f"{path}: not a GGUF file (it starts with {magic!r}, not {_MAGIC!r}).",
            "Name a model in GGUF format; other formats must be converted with llama.cpp's tools first.",
        )
    _, version, tensors, keys = cursor.unpack(_START)
    if not version & 0xFFFF:
        raise ModelFileError(
            f"{path}: written for machines of the other byte order; this one is {sys.byteorder}-endian.",
            "Take the file for this kind of machine, or convert it with llama.cpp's gguf_convert_endian.py.",
        )
    if version not in (2, 3):
        raise ModelFileError(
            f"{path}: GGUF version {version}; versions 2 and 3 can be read.",
            "Convert the model again with a recent llama.cpp." if version < 2 else "Update medic-console.",
        )
    return tensors, keys


def _check_number(number: int, noun: str) -> None:
    if number > _MOST:
        raise DamagedError(f"{number:,} {noun}; no model has more than {_MOST:,}")


def _read_value(cursor: Cursor, key: str, metadata: dict[str, Any], arrays: dict[str, Array]) -> None:
    (kind,) = cursor.unpack(_KIND)
    if kind == _TEXT:
        metadata[key] = cursor.text()
    elif kind in _SCALARS:
        (metadata[key],) = cursor.unpack(_SCALARS[kind])
    elif kind == _ARRAY:
        (entries,), (count,) = cursor.unpack(_KIND), cursor.unpack(_COUNT)
        arrays[key] = Array(entries, count, cursor.place)
        if entries == _TEXT:
            cursor.skip_strings(count)
        elif entries not in _SCALARS:
            raise DamagedError(f"a list of type {entries}, which is none")
        elif count <= MAX_NUMBERS and key not in _BY_TOKEN:
            cursor.spend(count * _NUMBER)
            metadata[key] = list(cursor.unpack(struct.Struct(f"={count}{_FORMS[entries]}")))
        else:
            cursor.skip(count * _SCALARS[entries].size)
    else:
        raise DamagedError(f"a value of type {kind}, which is none")
    values = metadata.get(key)
    if any(isinstance(n, float) and not math.isfinite(n) for n in (values if isinstance(values, list) else [values])):
        del metadata[key]  # says nothing, and JSON has no word for it


def _read_tensor(cursor: Cursor) -> Tensor:
    name = cursor.text()
    if len(name.encode()) > _LONGEST_NAME:
        raise DamagedError(f"a name of {len(name):,} characters")
    (dimensions,) = cursor.unpack(_KIND)
    if dimensions not in _SHAPES:
        raise DamagedError(f'"{name}" has {dimensions:,} dimensions')
    shape = cursor.unpack(_SHAPES[dimensions])
    kind, offset = cursor.unpack(_PLACE)
    if any(length < 0 for length in shape) or math.prod(shape) >= 1 << 63:
        raise DamagedError(f'"{name}" has the impossible shape {shape}')
    known = TENSOR_TYPES.get(kind)
    row = shape[0] if shape else 1
    if known is not None and row % known.block:
        raise DamagedError(f'"{name}" has rows of {row:,} weights, no multiple of the {known.block} of {known.name}')
    return Tensor(name, shape, kind, offset, math.prod(shape) // known.block * known.size if known else 0)


def _end(metadata: Mapping[str, Any], place: int, tensors: Mapping[str, Tensor]) -> int:
    """Return the bytes that the file must have."""
    alignment = metadata.get("general.alignment", 32)
    if not isinstance(alignment, int) or alignment < 1 or alignment & (alignment - 1):
        raise DamagedError(f"general.alignment is {alignment!r}, not a power of two")
    begin = -(-place // alignment) * alignment
    for tensor in tensors.values():
        if tensor.offset % alignment:
            raise DamagedError(f'"{tensor.name}" begins at {tensor.offset:,}, no multiple of {alignment}')
    if sum(math.prod(tensor.shape) for tensor in tensors.values()) >= 1 << 63:
        raise DamagedError("more weights than a number can count")
    return max((begin + tensor.offset + tensor.size for tensor in tensors.values()), default=place)


def _damaged(path: Path, cursor: Cursor, error: DamagedError) -> ModelFileError:
    where = f"{cursor.within}, near byte {min(cursor.place, cursor.size):,}"
    return ModelFileError(f"{path}: damaged or incomplete GGUF file: {where}: {error}.", _COPY)


def _unreadable(path: Path, error: OSError) -> ModelFileError:
    return ModelFileError(f"{path}: cannot be read ({error.strerror}).", "Check the file's permissions.")

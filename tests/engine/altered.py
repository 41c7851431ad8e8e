"""Copies of a real GGUF file with some of its header changed, written by the gguf package, and headers made by hand."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from gguf import GGUFReader, GGUFValueType, GGUFWriter

from medic_console.commands.demo import SMALL

ARCHITECTURE = "general.architecture"
_KINDS = {bool: GGUFValueType.BOOL, int: GGUFValueType.UINT32, str: GGUFValueType.STRING, float: GGUFValueType.FLOAT32}


def altered(
    target: Path,
    keys: Mapping[str, Any] | None = None,
    without: Iterable[str] = (),
    tensors: Callable[[str], bool] = lambda name: True,
    source: Path = SMALL,
) -> Path:
    """Write a copy of a model, a demo model unless another is named, and return its path.

    Args:
        target: The copy.
        keys: Metadata to set, beside or in place of its own; `general.architecture` renames all that lies below it.
        without: Keys to leave out.
        tensors: Tells of each tensor's name whether it is kept.
        source: The original.
    """
    reader, keys = GGUFReader(source), dict(keys or {})
    own = str(reader.fields[ARCHITECTURE].contents())
    architecture = str(keys.pop(ARCHITECTURE, own))
    writer = GGUFWriter(target, architecture)
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name in keys or name == ARCHITECTURE:
            continue
        renamed = name.replace(f"{own}.", f"{architecture}.", 1) if name.startswith(f"{own}.") else name
        writer.add_key_value(renamed, field.contents(), field.types[0], field.types[-1])
    if "general.alignment" in keys:
        writer.add_custom_alignment(keys.pop("general.alignment"))
    for name, value in keys.items():
        if isinstance(value, list):
            writer.add_array(name, value)
        else:
            writer.add_key_value(name, value, _KINDS[type(value)])
    for name in without:
        writer.kv_data[0].pop(name)
    for tensor in reader.tensors:
        if tensors(tensor.name):
            writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return target


def text(value: str | bytes) -> bytes:
    """Return a string as GGUF writes it."""
    data = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(data)) + data


def header(keys: Iterable[bytes] = (), tensors: Iterable[bytes] = (), version: int = 3) -> bytes:
    """Return the bytes of a header made of whole keys and tensors."""
    keys, tensors = list(keys), list(tensors)
    return b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(keys)) + b"".join([*keys, *tensors])


def key(name: str, kind: int, value: bytes) -> bytes:
    """Return a key with a value of that type, whose bytes are given."""
    return text(name) + struct.pack("<I", kind) + value


def tensor(name: str, shape: tuple[int, ...], kind: int = 0, offset: int = 0) -> bytes:
    """Return what a header says of a tensor."""
    lengths = struct.pack(f"<I{len(shape)}q", len(shape), *shape)
    return text(name) + lengths + struct.pack("<IQ", kind, offset)

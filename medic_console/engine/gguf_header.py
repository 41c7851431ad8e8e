"""The header of one GGUF file: the only reader of the format."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medic_console.errors import ModelFileError

if TYPE_CHECKING:
    from gguf import GGUFReader  # it loads numpy: what reads no model file does without

MAX_NUMBERS = 512
"""Longest list of numbers that is kept: one a layer, not one a token."""
TOKENS = "tokenizer.ggml.tokens"
SKIPPED = frozenset({TOKENS, "tokenizer.ggml.scores", "tokenizer.ggml.token_type", "tokenizer.ggml.merges"})


@dataclass(frozen=True, slots=True)
class Header:
    """What the header of one file says.

    Attributes:
        metadata: Scalars and short lists of numbers, by key.
        parameters: Weights in this file.
        vocabulary: Tokens; 0 when the file has none (later parts of a split model).
        end: Bytes that the file must have for its tensors.
        tensors: Number of tensors.
    """

    metadata: dict[str, Any]
    parameters: int
    vocabulary: int
    end: int
    tensors: int

    def integer(self, key: str) -> int:
        """Return a whole number, the largest of a list, or 0."""
        value = self.metadata.get(key, 0)
        if isinstance(value, list):
            value = max((entry for entry in value if isinstance(entry, int)), default=0)
        return int(value) if isinstance(value, int | float) else 0

    @property
    def quantisation(self) -> str:
        """Name of `general.file_type`, such as Q4_K_M; `unknown` when it is not a known one."""
        from gguf import LlamaFileType

        try:
            name = LlamaFileType(self.integer("general.file_type")).name
        except ValueError:
            return "unknown"
        return name.removeprefix("MOSTLY_").removeprefix("ALL_")


def read_header(path: Path) -> Header:
    """Read a file's header.

    Raises:
        ModelFileError: The file is missing, not GGUF, damaged or cut short.
    """
    from gguf import GGUFReader

    _check_magic(path)
    try:
        reader = GGUFReader(path)
        header = Header(
            metadata=_metadata(reader),
            parameters=sum(int(tensor.n_elements) for tensor in reader.tensors),
            vocabulary=len(reader.fields[TOKENS].data) if TOKENS in reader.fields else 0,
            end=max((int(tensor.data_offset) + int(tensor.n_bytes) for tensor in reader.tensors), default=0),
            tensors=len(reader.tensors),
        )
    except Exception as error:
        raise ModelFileError(
            f"{path}: damaged or incomplete GGUF file ({type(error).__name__}: {error}).",
            "Copy the file again and compare its size or checksum with the source.",
        ) from error
    size = path.stat().st_size
    if header.end > size or not header.tensors:
        raise ModelFileError(
            f"{path}: the file is cut short: its tensors need {header.end:,} bytes, it has {size:,}.",
            "Copy the file again and compare its size or checksum with the source.",
        )
    return header


def _check_magic(path: Path) -> None:
    if not path.exists():
        raise ModelFileError(f"{path}: no such file.", "Name an existing GGUF file with --model.")
    if not path.is_file():
        raise ModelFileError(f"{path}: not a file.", "Name the GGUF file itself, not its folder.")
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise ModelFileError(f"{path}: cannot be read ({error.strerror}).", "Check the file's permissions.") from error
    if magic != b"GGUF":
        raise ModelFileError(
            f"{path}: not a GGUF file (it starts with {magic!r}, not b'GGUF').",
            "Name a model in GGUF format; other formats must be converted with llama.cpp's tools first.",
        )


def _metadata(reader: GGUFReader) -> dict[str, Any]:
    from gguf import GGUFValueType

    found: dict[str, Any] = {}
    for key, value in reader.fields.items():
        if key.startswith("GGUF.") or key in SKIPPED:
            continue
        scalar = value.types[0] != GGUFValueType.ARRAY
        numbers = value.types[-1] not in (GGUFValueType.STRING, GGUFValueType.ARRAY)
        if scalar or (numbers and len(value.data) <= MAX_NUMBERS):
            found[key] = value.contents()
    return found

"""What a GGUF file says of itself, read without loading the model (the only reader of GGUF metadata)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gguf import GGUFReader, GGUFValueType, LlamaFileType

from medic_console.engine.model import ModelFile
from medic_console.errors import ModelFileError

ENCODERS = frozenset(
    {
        "bert",
        "modern-bert",
        "nomic-bert",
        "nomic-bert-moe",
        "neo-bert",
        "jina-bert-v2",
        "jina-bert-v3",
        "eurobert",
    }
    | {"gemma-embedding", "t5encoder"}
)
ENCODER_DECODERS = frozenset({"t5"})
MAX_NUMBERS = 512
"""Longest list of numbers that is kept: one a layer, not one a token."""
SKIPPED_FIELDS = frozenset(
    {"tokenizer.ggml.tokens", "tokenizer.ggml.scores", "tokenizer.ggml.token_type", "tokenizer.ggml.merges"}
)


def inspect_model(path: Path, template: str = "", progress: Callable[[int, int], None] | None = None) -> ModelFile:
    """Read a GGUF file's metadata, check that it can be audited and hash it.

    Args:
        path: The file.
        template: Chat template to use in place of the file's own.
        progress: Called with bytes hashed and bytes in all.

    Raises:
        ModelFileError: The file is missing, not GGUF, cut short, not generative or has no chat template.
    """
    path = path.expanduser().absolute()
    _check_magic(path)
    try:
        reader = GGUFReader(path)
        metadata = _metadata(reader)
        end = max((int(t.data_offset) + int(t.n_bytes) for t in reader.tensors), default=0)
        parameters = sum(int(t.n_elements) for t in reader.tensors)
    except Exception as error:
        raise ModelFileError(
            f"{path}: damaged or incomplete GGUF file ({type(error).__name__}: {error}).",
            "Copy the file again and compare its size or checksum with the source.",
        ) from error
    size = path.stat().st_size
    if end > size or not reader.tensors:
        raise ModelFileError(
            f"{path}: the file is cut short: its tensors need {end:,} bytes, it has {size:,}.",
            "Copy the file again and compare its size or checksum with the source.",
        )
    architecture = str(metadata.get("general.architecture", ""))
    _check_generative(path, architecture, metadata)
    own = str(metadata.get("tokenizer.chat_template", ""))
    if not (template or own):
        raise ModelFileError(
            f"{path}: the file has no chat template, so its prompts cannot be formed.",
            "Use an instruct model, or name the model's template with --chat-template FILE (Jinja text).",
        )
    return ModelFile(
        path=path,
        name=str(metadata.get("general.name") or path.stem),
        sha256=file_sha256(path, progress),
        size=size,
        architecture=architecture,
        quantisation=_quantisation(metadata),
        parameters=parameters,
        context=_integer(metadata, f"{architecture}.context_length"),
        template=template or own,
        kv_bytes=_kv_bytes(metadata, architecture),
        metadata=metadata,
    )


def file_sha256(path: Path, progress: Callable[[int, int], None] | None = None) -> str:
    """Return `sha256:` and the digest of a file, read in blocks of 4 MiB."""
    total, done, state = path.stat().st_size, 0, hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(4 << 20):
            state.update(block)
            done += len(block)
            if progress is not None:
                progress(done, total)
    return "sha256:" + state.hexdigest()


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


def _check_generative(path: Path, architecture: str, metadata: dict[str, Any]) -> None:
    pooled = _integer(metadata, f"{architecture}.pooling_type")
    if architecture in ENCODERS or pooled > 0:
        raise ModelFileError(
            f"{path}: an embedding model ({architecture or 'unknown architecture'}); it writes no text.",
            "Name a generative instruct model.",
        )
    if architecture in ENCODER_DECODERS:
        raise ModelFileError(
            f"{path}: an encoder-decoder model ({architecture}).", "Only decoder models are supported."
        )


def _metadata(reader: GGUFReader) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in reader.fields.items():
        if key.startswith("GGUF.") or key in SKIPPED_FIELDS:
            continue
        scalar = value.types[0] != GGUFValueType.ARRAY
        numbers = value.types[-1] not in (GGUFValueType.STRING, GGUFValueType.ARRAY)
        if scalar or (numbers and len(value.data) <= MAX_NUMBERS):
            found[key] = value.contents()
    return found


def _integer(metadata: dict[str, Any], key: str) -> int:
    value = metadata.get(key, 0)
    if isinstance(value, list):
        value = max(value, default=0)
    return int(value) if isinstance(value, int | float) else 0


def _quantisation(metadata: dict[str, Any]) -> str:
    try:
        name = LlamaFileType(_integer(metadata, "general.file_type")).name
    except ValueError:
        return "unknown"
    return name.removeprefix("MOSTLY_").removeprefix("ALL_")


def _kv_bytes(metadata: dict[str, Any], architecture: str) -> int:
    layers = _integer(metadata, f"{architecture}.block_count")
    heads = _integer(metadata, f"{architecture}.attention.head_count")
    kv_heads = _integer(metadata, f"{architecture}.attention.head_count_kv") or heads
    width = _integer(metadata, f"{architecture}.embedding_length")
    key = _integer(metadata, f"{architecture}.attention.key_length") or (width // heads if heads else 0)
    value = _integer(metadata, f"{architecture}.attention.value_length") or key
    return layers * kv_heads * (key + value) * 2

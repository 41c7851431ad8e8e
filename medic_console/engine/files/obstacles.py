"""Why a GGUF file cannot be audited, as far as its header tells; llama.cpp has the last word when it opens the file."""

from __future__ import annotations

import importlib.util
import mmap
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path

from medic_console.core.errors import ModelFileError
from medic_console.engine.files.gguf_header import Header, Tensor
from medic_console.engine.files.gguf_types import POOLING_RANK, REMOVED

_FOLDER_VARIABLE = "LLAMA_CPP_LIB_PATH"
"""Moves the folder of the library (`llama_cpp/llama_cpp.py`)."""
_NAMES = ("libllama.so", "libllama.dylib", "llama.dll", "libllama.dll")


def is_known(architecture: str) -> bool:
    """Tell whether the library holds a name; True where there is no library to look into.

    A library holds the names of its architectures as texts that end with a zero byte. So "no" is certain; "yes" may be
    the end of another text, and llama.cpp itself has the last word when it opens the file.
    """
    library = library_file()
    if library is None or not architecture:
        return library is None
    with library.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return data.find(architecture.encode() + b"\0") >= 0


@cache
def library_file() -> Path | None:
    """Return the file of llama.cpp's library; None where it is not found."""
    spec = importlib.util.find_spec("llama_cpp")
    moved = os.environ.get(_FOLDER_VARIABLE)
    if moved:
        folder = Path(moved)
    elif spec is not None and spec.origin is not None:
        folder = Path(spec.origin).parent / "lib"
    else:
        return None
    return next((folder / name for name in _NAMES if (folder / name).is_file()), None)


ENCODERS = frozenset(
    {"bert", "modern-bert", "nomic-bert", "nomic-bert-moe", "neo-bert", "jina-bert-v2", "jina-bert-v3", "eurobert"}
    | {"gemma-embedding", "llama-embed", "t5encoder"}
)
"""Those that newer files do not mark by `pooling_type` or `attention.causal` alone."""
ENCODER_DECODERS = frozenset({"t5"})
_SOUND = frozenset({"wavtokenizer-dec"})
ALIKE = frozenset({"llama", "qwen2", "qwen3", "gemma", "gemma2", "gemma3", "phi3", "granite", "olmo2", "smollm3"})
"""Families whose blocks all hold the same weights, and whose output is normed."""
_BLOCK = re.compile(r"blk\.(\d+)\.")
_NAMED = 5
"""Blocks that a message names."""
_GENERATIVE = "Name a generative instruct model."
_COMPLETE = "Name a complete model file, or convert the model again."


def obstacles(path: Path, headers: Sequence[Header]) -> list[ModelFileError]:
    """Return what stands against an audit, the plainest reason first; empty when the header shows nothing.

    Args:
        path: The file that was named.
        headers: Of all files of the model, the one that describes it first.
    """
    first, tensors = headers[0], [tensor for header in headers for tensor in header.tensors]
    architecture = first.text("general.architecture")
    other = _other_kind(first, architecture) or _not_generative(first, architecture, tensors)
    if other is not None:
        return [ModelFileError(f"{path}: {other[0]}", other[1])]
    found = [*_unknown(architecture), *_incomplete(first, architecture, tensors)]
    return [ModelFileError(f"{path}: {message}", hint) for message, hint in found]


def _other_kind(header: Header, architecture: str) -> tuple[str, str] | None:
    kind = header.text("general.type").casefold()
    base = header.text("general.base_model.0.name")
    if kind == "imatrix" or architecture == "imatrix":
        return (
            "an importance matrix (imatrix): what a quantiser reads, no model.",
            "Name the model that it was made of.",
        )
    if kind == "adapter" or header.text("adapter.type"):
        of = f" of {base}" if base else ""
        hint = "Merge it into its base model with llama.cpp's llama-export-lora, and audit the merged file."
        return f"an adapter{of} ({header.text('adapter.type') or 'LoRA'}), no model of its own.", hint
    if architecture == "controlvector":
        return "a control vector: it steers another model and is none itself.", "Name the model."
    if kind == "mmproj" or architecture == "clip":
        hint = "Name the language model's own file; it lies beside this one."
        return "a projector (mmproj): it hands images or sound to a language model and is none itself.", hint
    return None


def _not_generative(header: Header, architecture: str, tensors: Iterable[Tensor]) -> tuple[str, str] | None:
    pooling = header.integer(f"{architecture}.pooling_type")
    named = architecture or "unknown architecture"
    if pooling == POOLING_RANK or any(tensor.name.startswith("cls.") for tensor in tensors):
        return f"a reranker or classifier ({named}); it gives a text a score and writes none.", _GENERATIVE
    if architecture in ENCODERS or pooling > 0:
        return f"an embedding model ({named}); it writes no text.", _GENERATIVE
    if architecture in ENCODER_DECODERS:
        return f"an encoder-decoder model ({architecture}).", "Name a decoder model."
    if architecture in _SOUND:
        return f"a decoder of sound ({architecture}); it writes no text.", _GENERATIVE
    if header.metadata.get(f"{architecture}.attention.causal") is False:
        why = "it reads in both directions, as encoders and diffusion models do, and writes no word after the other"
        return f"not a model that writes from left to right ({architecture}): {why}.", _GENERATIVE
    return None


def _unknown(architecture: str) -> Iterator[tuple[str, str]]:
    if not architecture:
        yield "the file does not say its architecture (general.architecture).", _COMPLETE
    elif not is_known(architecture):
        hint = "Update llama-cpp-python, if a newer llama.cpp runs this model; models of other programs, such as "
        message = f'the llama.cpp in use does not know the architecture "{architecture[:80]}".'
        yield message, f"{hint}makers of images, cannot be audited."


def _incomplete(header: Header, architecture: str, tensors: Sequence[Tensor]) -> Iterator[tuple[str, str]]:
    if not header.vocabulary:
        yield "the file has no vocabulary.", "Name a complete model file."
    if not tensors:
        yield "a vocabulary alone: the file has no weights.", "Name a complete model file."
        return
    removed = sorted({REMOVED[tensor.kind] for tensor in tensors if tensor.kind in REMOVED})
    if removed:
        message = f"its weights are stored as {', '.join(removed)}, which llama.cpp no longer reads."
        yield message, "Take another quantisation, such as Q4_0: it is rearranged for the processor as it is loaded."
    if "token_embd.weight" not in {tensor.name for tensor in tensors}:
        yield "the weights of its tokens are missing (token_embd.weight).", _COMPLETE
    blocks = header.integer(f"{architecture}.block_count")
    if not blocks:
        yield f"the file does not say how many blocks it has ({architecture}.block_count).", _COMPLETE
        return
    count, some = _missing_blocks(header, architecture, blocks, tensors)
    if count:
        listed = ", ".join(map(str, some)) + (" …" if count > len(some) else "")
        yield f"{count:,} of its {blocks:,} blocks are missing (blk.N with N = {listed}).", _COMPLETE
    elif architecture in ALIKE and (missing := _missing_weights(tensors)):
        listed = ", ".join(missing[:_NAMED]) + (" …" if len(missing) > _NAMED else "")
        yield f"{len(missing):,} of its weights are missing ({listed}).", _COMPLETE


def _missing_weights(tensors: Sequence[Tensor]) -> list[str]:
    """Return the weights that a block lacks and another has, of a family whose blocks are alike."""
    names = {tensor.name for tensor in tensors}
    blocks: dict[str, set[str]] = {}
    for name in names:
        if found := _BLOCK.match(name):
            blocks.setdefault(found[0], set()).add(name.removeprefix(found[0]))
    all_have = {name for own in blocks.values() for name in own if name.endswith(".weight")}
    wanted = {f"{block}{name}" for block in blocks for name in all_have} | {"output_norm.weight"}
    return sorted(wanted - names)


def _missing_blocks(header: Header, architecture: str, blocks: int, tensors: Iterable[Tensor]) -> tuple[int, list[int]]:
    """Return how many blocks have no tensor, and the first of them.

    Blocks that only draft further tokens may be left out, and one that a pruned model passes over has no heads.
    """
    needed = blocks - header.integer(f"{architecture}.nextn_predict_layers")
    heads = header.metadata.get(f"{architecture}.attention.head_count")
    passed = {number for number, count in enumerate(heads) if not count} if isinstance(heads, list) else set()
    there = passed | {int(found[1]) for tensor in tensors if (found := _BLOCK.match(tensor.name))}
    missing = needed - sum(number < needed for number in there)
    return missing, list(islice((number for number in range(needed) if number not in there), _NAMED))

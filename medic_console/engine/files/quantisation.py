"""How the weights of a model are stored: what its file says, held against its tensors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from medic_console.engine.files.gguf_header import Header, Tensor
from medic_console.engine.files.gguf_types import FILE_TYPES, REMOVED, TENSOR_TYPES, UNQUANTISED

FILE_TYPE = "general.file_type"
_SHORT = frozenset(known.name for known in TENSOR_TYPES.values() if known.block == 32)
"""Types that every row of a usual width is a multiple of."""


@dataclass(frozen=True, slots=True)
class Quantisation:
    """Attributes say the same at two lengths.

    Attributes:
        name: `general.file_type` by its name, such as Q4_K_M; `~Q4_K` where only the tensors tell, `unknown (99)` or
            `unknown` where they do not tell either.
        words: The same, with what it rests on.
    """

    name: str
    words: str


def quantisation_of(first: Header, headers: Iterable[Header]) -> Quantisation:
    """Return how a model's weights are stored.

    Args:
        first: The header that describes the model.
        headers: Of all its files.
    """
    tensors = [tensor for header in headers for tensor in header.tensors]
    kind, given = _most(tensors), first.metadata.get(FILE_TYPE)
    name = FILE_TYPES.get(given, "") if isinstance(given, int) else ""
    if name and not _contradicted(name, kind, tensors):
        return Quantisation(name, name)
    if name:
        why = f"{FILE_TYPE} says {name}, the tensors do not"
    else:
        why = f"{FILE_TYPE} is missing" if given is None else f"unknown {FILE_TYPE} ({given})"
    if kind:
        return Quantisation(f"~{kind}", f"mostly {kind}, by its tensors; {why}")
    short = "unknown" if given is None or name else f"unknown ({given})"
    return Quantisation(short, f"{short}; {why}" if name or given is None else short)


def _most(tensors: Iterable[Tensor]) -> str:
    """Return the type that most bytes are of; empty where no type is known or a tensor's is not."""
    sizes: Counter[int] = Counter()
    for tensor in tensors:
        if tensor.kind not in TENSOR_TYPES:
            return ""
        sizes[tensor.kind] += tensor.size
    return TENSOR_TYPES[sizes.most_common(1)[0][0]].name if sizes else ""


def _contradicted(name: str, most: str, tensors: Iterable[Tensor]) -> bool:
    """Tell whether a file cannot be of the type that it names.

    Quantisers keep some tensors in another type, in small models most of them, and take another where rows are no
    multiple of the type's block. So an unquantised type is believed where most bytes are of it, one of short blocks
    where a tensor has it, any other unless nothing is quantised.
    """
    if name in UNQUANTISED:
        return bool(most) and most != name
    kinds = {TENSOR_TYPES[t.kind].name if t.kind in TENSOR_TYPES else REMOVED.get(t.kind, "?") for t in tensors}
    if name in _SHORT:
        return bool(kinds) and name not in kinds
    return bool(kinds) and kinds <= UNQUANTISED

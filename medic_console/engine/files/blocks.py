"""What each part of a model takes, from the headers of its files: so that it can be laid out over several memories."""

from __future__ import annotations

from collections.abc import Sequence

from medic_console.engine.files.cache_bytes import MOST_LAYERS, cache_bytes, memory_layers
from medic_console.engine.files.gguf_header import Header
from medic_console.engine.files.model import Block, Parts

_BLOCK = "blk."
_EMBEDDING = "token_embd.weight"
_OUTPUT = "output.weight"
_INPUTS = ("token_embd", "per_layer_token_embd", "position_embd", "token_types")
"""Tensors that llama.cpp always keeps in main memory."""


def parts_of(headers: Sequence[Header]) -> Parts:
    """Return the parts of a model.

    Args:
        headers: Of its files, the first first.
    """
    first = headers[0]
    count = min(first.integer(f"{first.text('general.architecture')}.block_count"), MOST_LAYERS)
    weights, embedding, output, table, tied = [0] * count, 0, 0, 0, True
    for tensor in (tensor for header in headers for tensor in header.tensors):
        number = tensor.name.removeprefix(_BLOCK).partition(".")[0]
        if tensor.name.startswith(_BLOCK) and number.isdecimal() and int(number) < count:
            weights[int(number)] += tensor.size
        elif tensor.name.startswith(_INPUTS):
            embedding += tensor.size
            table = tensor.size if tensor.name == _EMBEDDING else table
        else:
            output += tensor.size
            tied = tied and tensor.name != _OUTPUT
    cached, recurrent = memory_layers(first)
    found = cache_bytes(first)
    token, state = found.token // max(1, len(cached)), found.state // max(1, len(recurrent))
    blocks = (
        Block(size, token if n in cached else 0, state if n in recurrent else 0) for n, size in enumerate(weights)
    )
    return Parts(tuple(blocks), embedding, output + (table if tied else 0), tied)

"""What a model keeps of what it has read: bytes of an f16 cache for each token, and of a state for each sequence.

The rules are those of llama.cpp (`llama-hparams.cpp`, and the layer filters of `llama_model::create_memory`). Layers of
sliding windows count whole: the engine keeps them whole, so that a sequence can be cut anywhere.
"""

from __future__ import annotations

from typing import NamedTuple

from medic_console.engine.files.gguf_header import Header

MOST_LAYERS = 512
"""Blocks that llama.cpp can load (`LLAMA_MAX_LAYERS`)."""
_F16, _F32 = 2, 4
_KERNEL = 4
"""Convolution of Kimi's linear attention where the file names none."""
_TOKEN_SHIFTS = 2
"""States of RWKV's token shift where the file does not say."""


class CacheBytes(NamedTuple):
    """What reading costs.

    Attributes:
        token: Bytes of an f16 key-value cache for one token; a quantised cache takes its share of that.
        state: Bytes of the recurrent state of one sequence, however long it is; 0 for a transformer.
    """

    token: int
    state: int


def cache_bytes(header: Header) -> CacheBytes:
    """Return what a model's header says of its cache."""
    attention, recurrent = memory_layers(header)
    key, value = _head(header, "key_length"), _head(header, "value_length")
    heads = [_kv_heads(header, layer) for layer in attention]
    mla = _number(header, "attention.key_length_mla") and _number(header, "attention.value_length_mla")
    # without flash attention each layer's values are as wide as the widest layer's; latent attention keeps none
    values = 0 if mla else len(heads) * max(heads, default=0) * value
    return CacheBytes((sum(heads) * key + values) * _F16, len(recurrent) * _state(header) * _F32)


def memory_layers(header: Header) -> tuple[list[int], list[int]]:
    """Return the layers that cache each token, and those that have a recurrent state; a layer may be both."""
    blocks = min(_number(header, "block_count"), MOST_LAYERS)
    layers = range(max(0, blocks - _number(header, "nextn_predict_layers")))
    named = header.metadata.get(f"{_architecture(header)}.attention.recurrent_layers")
    interval = _number(header, "full_attention_interval")
    if not _state(header):
        own = len(layers) - _number(header, "attention.shared_kv_layers")
        return [layer for layer in layers[: max(0, own)] if _kv_heads(header, layer)], []
    if isinstance(named, list):
        recurrent = [layer for layer in layers if layer < len(named) and named[layer]]
    elif interval:
        recurrent = [layer for layer in layers if (layer + 1) % interval]
    else:
        recurrent = [layer for layer in layers if not (_kv_heads(header, layer) or _is_feed_forward(header, layer))]
    if not recurrent:
        return list(layers), list(layers)
    attention = [layer for layer in layers if layer not in recurrent and _kv_heads(header, layer)]
    return attention, recurrent


def _is_feed_forward(header: Header, layer: int) -> bool:
    """Tell whether a layer is a feed-forward layer alone, as Nemotron-H has."""
    return _architecture(header).startswith("nemotron_h") and _number(header, "feed_forward_length", layer) > 0


def _state(header: Header) -> int:
    """Return the numbers of a layer's recurrent state; 0 for a transformer."""
    width, heads = _number(header, "embedding_length"), _number(header, "attention.head_count")
    kernel, inner, state = (_number(header, f"ssm.{name}") for name in ("conv_kernel", "inner_size", "state_size"))
    if wkv := _number(header, "wkv.head_size"):
        return width * ((_number(header, "token_shift_count") or _TOKEN_SHIFTS) + wkv)
    if short := _number(header, "shortconv.l_cache"):
        return width * (short - 1) + inner * state
    if kda := _number(header, "kda.head_dim"):
        return 3 * ((kernel or _KERNEL) - 1) * heads * kda + kda * kda * heads
    if _architecture(header) == "minimax-01":
        return heads * _head(header, "key_length") ** 2
    return max(0, kernel - 1) * (inner + 2 * _number(header, "ssm.group_count") * state) + inner * state


def _head(header: Header, name: str) -> int:
    """Return the numbers of a head's key or value in a layer; where windows have others, the larger."""
    heads = _number(header, "attention.head_count", 0) or _number(header, "attention.head_count")
    common = _number(header, f"attention.{name}") or (_number(header, "embedding_length") // heads if heads else 0)
    return max(common, _number(header, f"attention.{name}_swa"))


def _kv_heads(header: Header, layer: int) -> int:
    key = f"{_architecture(header)}.attention.head_count_kv"
    return _number(header, "attention.head_count_kv" if key in header.metadata else "attention.head_count", layer)


def _architecture(header: Header) -> str:
    return header.text("general.architecture")


def _number(header: Header, name: str, layer: int | None = None) -> int:
    """Return a whole number of the architecture; of a list, a layer's or the largest; 0 where there is none."""
    key = f"{_architecture(header)}.{name}"
    value = header.metadata.get(key)
    if layer is None or not isinstance(value, list):
        return header.integer(key)
    found = value[layer] if layer < len(value) else 0
    return found if isinstance(found, int) and 0 <= found < 1 << 31 else 0

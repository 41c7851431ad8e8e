"""What the blocks of each architecture hold that random models are written in: names and shapes of their tensors.

`llama` is a transformer, `gemma3` one with sliding windows; `lfm2` has short convolutions and `granitehybrid` states of
Mamba 2 in two of three blocks, and attention in the third. Shapes are rows, columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gguf import GGUFWriter

WINDOW = 32
"""Tokens of a sliding window."""
_KERNEL, _STATE, _GROUPS = 4, 16, 1
_SHORT = 3
"""Convolution of LFM2."""
Shapes = dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Sizes:
    """Of a block; `layer` is its number."""

    width: int
    hidden: int
    heads: int
    layer: int = 0

    @property
    def attends(self) -> bool:
        """Whether a block of a hybrid has attention."""
        return self.layer % 3 == 2


def block_shapes(architecture: str, sizes: Sizes) -> Shapes:
    """Return the tensors of one block; an architecture that is not known has those of `llama`."""
    names = _BLOCKS.get(architecture, _llama)(sizes)
    return {f"blk.{sizes.layer}.{name}": shape for name, shape in names.items()}


def final_norm(architecture: str) -> str:
    """Return the name of the last norm's tensor."""
    return "token_embd_norm.weight" if architecture == "lfm2" else "output_norm.weight"


def add_metadata(writer: GGUFWriter, architecture: str, sizes: Sizes, layers: int) -> None:
    """Write what an architecture's file says beside what all say."""
    if architecture in ("lfm2", "granitehybrid"):
        attends = (Sizes(sizes.width, sizes.hidden, sizes.heads, layer).attends for layer in range(layers))
        writer.add_head_count_kv([sizes.heads if one else 0 for one in attends])
    else:
        writer.add_head_count_kv(sizes.heads)
    if architecture == "lfm2":
        writer.add_shortconv_l_cache(_SHORT)
    elif architecture == "granitehybrid":
        writer.add_ssm_conv_kernel(_KERNEL)
        writer.add_ssm_inner_size(2 * sizes.width)
        writer.add_ssm_state_size(_STATE)
        writer.add_ssm_time_step_rank(sizes.heads)
        writer.add_ssm_group_count(_GROUPS)
    elif architecture == "gemma3":
        writer.add_sliding_window(WINDOW)


def _llama(sizes: Sizes) -> Shapes:
    return {**_norms(sizes), **_attention(sizes), **_ffn(sizes)}


def _gemma(sizes: Sizes) -> Shapes:
    norms = ("post_attention_norm.weight", "post_ffw_norm.weight")
    return {**_llama(sizes), **dict.fromkeys(norms, (sizes.width,)), **_head_norms(sizes)}


def _lfm(sizes: Sizes) -> Shapes:
    if sizes.attends:
        return {**_llama(sizes), **_head_norms(sizes)}
    width = sizes.width
    return {
        **_norms(sizes),
        "shortconv.conv.weight": (width, _SHORT),
        "shortconv.in_proj.weight": (3 * width, width),
        "shortconv.out_proj.weight": (width, width),
        **_ffn(sizes),
    }


def _granite(sizes: Sizes) -> Shapes:
    if sizes.attends:
        return _llama(sizes)
    inner, states = 2 * sizes.width, 2 * _GROUPS * _STATE
    return {
        **_norms(sizes),
        "ssm_in.weight": (2 * inner + states + sizes.heads, sizes.width),
        "ssm_conv1d.weight": (inner + states, _KERNEL),
        "ssm_conv1d.bias": (inner + states,),
        "ssm_dt.bias": (sizes.heads,),
        "ssm_a": (sizes.heads, 1),
        "ssm_d": (sizes.heads, 1),
        "ssm_norm.weight": (_GROUPS, inner // _GROUPS),
        "ssm_out.weight": (sizes.width, inner),
        **_ffn(sizes),
    }


def _norms(sizes: Sizes) -> Shapes:
    return dict.fromkeys(("attn_norm.weight", "ffn_norm.weight"), (sizes.width,))


def _head_norms(sizes: Sizes) -> Shapes:
    return dict.fromkeys(("attn_q_norm.weight", "attn_k_norm.weight"), (sizes.width // sizes.heads,))


def _attention(sizes: Sizes) -> Shapes:
    parts = ("attn_q", "attn_k", "attn_v", "attn_output")
    return {f"{part}.weight": (sizes.width, sizes.width) for part in parts}


def _ffn(sizes: Sizes) -> Shapes:
    inward, outward = (sizes.hidden, sizes.width), (sizes.width, sizes.hidden)
    return {"ffn_gate.weight": inward, "ffn_up.weight": inward, "ffn_down.weight": outward}


_BLOCKS: Mapping[str, Callable[[Sizes], Shapes]] = MappingProxyType(
    {"gemma3": _gemma, "lfm2": _lfm, "granitehybrid": _granite}
)

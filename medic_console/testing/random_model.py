"""Write a small GGUF file with random weights: a real model for llama.cpp that knows nothing.

Tests and benchmarks use it to run the whole path; it needs the gguf package, which the extra `test` brings. The network
is a llama, or a hybrid or a transformer with sliding windows (`random_blocks`), of a few hundred thousand parameters
over a byte-level vocabulary; printable characters and the end-of-turn
token are made likely, so that most answers can be shown and end by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType, TokenType
from gguf.quants import quantize

from medic_console.testing.random_blocks import Sizes, add_metadata, block_shapes, final_norm

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
MERGES = ("t h", "th e", "i n", "a n", "e r", "o n", "r e", "Ġ a", "Ġ t", "Ġ the", "e n", "o r", "e s", "a t")


@dataclass(frozen=True, slots=True)
class Shape:
    """Size of the network and what its file says of itself."""

    width: int = 64
    layers: int = 2
    heads: int = 4
    hidden: int = 128
    context: int = 8192
    seed: int = 0
    end_scale: float = 2.2
    """How much longer the end-of-turn row is than the others: about 1 token in 10 ends the answer."""
    name: str = "random"
    template: str = CHATML
    """Empty: the file carries no chat template."""
    architecture: str = "llama"
    extra: Mapping[str, Any] = field(default_factory=dict)
    """More string metadata, by key."""
    vocabulary: int = 0
    """Tokens in all, filled up with meaningless ones; 0: only those that the byte alphabet needs."""
    quantised: bool = False
    """Matrices in Q8_0 in place of F32."""
    split: int = 0
    """Most tensors in one file; 0 writes one file, else NAME-00001-of-0000N.gguf and so on."""
    damaged: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    """A row of a tensor, by its name, and the value that stands there in place of its weights."""


def byte_vocabulary(size: int = 0) -> list[str]:
    """Return the 256 byte tokens of GPT-2's byte-level alphabet, the merged pairs and the special tokens.

    Meaningless tokens before the special ones fill the list up to `size`.
    """
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    names = {byte: chr(byte) for byte in printable}
    spare = iter(range(256, 512))
    for byte in range(256):
        if byte not in names:
            names[byte] = chr(next(spare))
    plain = [names[byte] for byte in range(256)] + [m.replace(" ", "") for m in MERGES]
    return plain + [f"<filler {n}>" for n in range(size - len(plain) - len(SPECIAL))] + list(SPECIAL)


def write_random_model(path: Path, shape: Shape | None = None) -> Path:
    """Write the file and return its path; the same shape gives the same bytes.

    Raises:
        OSError: The file cannot be written.
    """
    shape = shape or Shape()
    tokens = byte_vocabulary(shape.vocabulary)
    writer = GGUFWriter(path, shape.architecture, split_max_tensors=shape.split)
    _metadata(writer, shape, tokens)
    for name, tensor in _tensors(shape, len(tokens)).items():
        if name in shape.damaged:
            row, value = shape.damaged[name]
            tensor[row] = value
        whole = tensor.ndim < 2 or tensor.shape[1] % 32 or "norm" in name
        kind = GGMLQuantizationType.F32 if whole or not shape.quantised else GGMLQuantizationType.Q8_0
        writer.add_tensor(name, quantize(tensor, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _metadata(writer: GGUFWriter, shape: Shape, tokens: list[str]) -> None:
    writer.add_name(shape.name)
    writer.add_description("random weights: knows nothing, for trying the console only")
    writer.add_license("Apache-2.0")
    writer.add_file_type(LlamaFileType.MOSTLY_Q8_0 if shape.quantised else LlamaFileType.ALL_F32)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    add_metadata(writer, shape.architecture, Sizes(shape.width, shape.hidden, shape.heads), shape.layers)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    plain = len(tokens) - len(SPECIAL)
    writer.add_token_types([TokenType.NORMAL] * plain + [TokenType.CONTROL] * len(SPECIAL))
    writer.add_token_merges(list(MERGES))
    writer.add_eos_token_id(len(tokens) - 1)
    writer.add_bos_token_id(len(tokens) - 3)
    writer.add_add_bos_token(False)
    if shape.template:
        writer.add_chat_template(shape.template)
    for key, value in shape.extra.items():
        writer.add_string(key, value)


def _tensors(shape: Shape, vocabulary: int) -> dict[str, np.ndarray[Any, np.dtype[np.float32]]]:
    random = np.random.default_rng(shape.seed)

    def matrix(*dimensions: int) -> np.ndarray[Any, np.dtype[np.float32]]:
        return random.normal(0.0, dimensions[-1] ** -0.5, dimensions).astype(np.float32)

    output = matrix(vocabulary, shape.width)
    output[[*range(32), *range(127, 256)]] *= 0.2
    output[-len(SPECIAL) : -1] *= 0.01
    output[-1] *= shape.end_scale
    tensors = {
        "token_embd.weight": matrix(vocabulary, shape.width) * 8,
        final_norm(shape.architecture): np.ones(shape.width, dtype=np.float32),
        "output.weight": output,
    }
    for layer in range(shape.layers):
        sizes = Sizes(shape.width, shape.hidden, shape.heads, layer)
        for name, dimensions in block_shapes(shape.architecture, sizes).items():
            if "norm" in name:
                tensors[name] = np.ones(dimensions, dtype=np.float32)
            else:
                tensors[name] = matrix(*dimensions)
            if name.endswith("ssm_a"):
                tensors[name] = -np.exp(tensors[name])  # a decay
    return tensors

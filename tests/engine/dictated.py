"""A tiny GPT-2 model that writes a given text: from which position on which token follows lies in its weights.

All layers are switched off, so that the position alone decides the next token. Its special tokens are named by the
test, with the type that they have in the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType, TokenType

from medic_console.testing.random_model import CHATML, MERGES, SPECIAL, byte_vocabulary

WIDTH, POSITIONS = 128, 512
SURE = 24.0
"""Length of the rows of written tokens; the next one has nearly all of the probability."""


@dataclass(frozen=True, slots=True)
class Dictated:
    """What the file says of itself, and what the model writes.

    Attributes:
        at: Tokens of the prompt, behind which the text begins.
        text: What is written, special tokens by their text; the end of the turn follows.
        marks: Special tokens beside the usual ones.
        types: Their types; control where none is named.
        ends: Marks that llama.cpp takes for the end of a generation.
        mixed: Texts that the first token is drawn from in place of `text`, with their weights.
    """

    at: int = 0
    text: str = ""
    marks: Sequence[str] = ()
    types: Mapping[str, TokenType] = field(default_factory=dict)
    template: str = CHATML
    ends: str = ""
    mixed: Mapping[str, float] = field(default_factory=dict)
    name: str = "dictated"


def write_dictated_model(path: Path, shape: Dictated) -> Path:
    """Write the file and return its path."""
    usual = byte_vocabulary()
    tokens = [*usual[: -len(SPECIAL)], *shape.marks, *SPECIAL]
    numbers = {token: number for number, token in enumerate(tokens)}
    writer = GGUFWriter(path, "gpt2")
    writer.add_name(shape.name)
    writer.add_file_type(LlamaFileType.ALL_F32)
    writer.add_context_length(POSITIONS)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(WIDTH)
    writer.add_head_count(2)
    writer.add_block_count(1)
    writer.add_layer_norm_eps(1e-5)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    kinds = [TokenType.NORMAL] * (len(usual) - len(SPECIAL))
    kinds += [shape.types.get(mark, TokenType.CONTROL) for mark in shape.marks]
    writer.add_token_types([*kinds, *[TokenType.CONTROL] * len(SPECIAL)])
    writer.add_token_merges(list(MERGES))
    writer.add_eos_token_id(numbers[SPECIAL[-1]])
    if shape.ends:
        writer.add_eot_token_id(numbers[shape.ends])
    writer.add_chat_template(shape.template)
    written = [*_numbers(shape.text, shape.marks, numbers), numbers[SPECIAL[-1]]]
    for name, values in _tensors(shape, len(tokens), written, numbers).items():
        writer.add_tensor(name, values.astype(np.float32), raw_dtype=GGMLQuantizationType.F32)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _numbers(text: str, marks: Sequence[str], numbers: Mapping[str, int]) -> list[int]:
    """Return the tokens of a text: marks whole, all else byte by byte."""
    alphabet = byte_vocabulary()[:256]
    found: list[int] = []
    longest = sorted(marks, key=len, reverse=True)
    for piece in re.split(f"({'|'.join(map(re.escape, longest))})", text) if marks else [text]:
        found += [numbers[piece]] if piece in marks else [numbers[alphabet[byte]] for byte in piece.encode()]
    return found


def _tensors(
    shape: Dictated, vocabulary: int, written: Sequence[int], numbers: Mapping[str, int]
) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    random = np.random.default_rng(5)
    places = random.normal(size=(POSITIONS, WIDTH))
    places -= places.mean(axis=1, keepdims=True)
    places /= np.linalg.norm(places, axis=1, keepdims=True)
    output = np.zeros((vocabulary, WIDTH))
    for offset, token in enumerate(written):
        output[token] += places[(shape.at - 1 + offset) % POSITIONS] * SURE / WIDTH**0.5
    if shape.mixed:
        output[written[0]] -= places[shape.at - 1] * SURE / WIDTH**0.5
    for text, weight in shape.mixed.items():
        (first, *_) = _numbers(text, shape.marks, numbers)
        output[first] += places[shape.at - 1] * (SURE / 2 + np.log(weight)) / WIDTH**0.5
    tensors: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]] = {
        "token_embd.weight": np.zeros((vocabulary, WIDTH)),
        "position_embd.weight": places,
        "output.weight": output,
        "output_norm.weight": np.ones(WIDTH),
        "output_norm.bias": np.zeros(WIDTH),
    }
    sizes = {"attn_qkv": (3 * WIDTH, WIDTH), "attn_output": (WIDTH, WIDTH)}
    sizes |= {"ffn_up": (WIDTH, WIDTH), "ffn_down": (WIDTH, WIDTH)}
    for name, (rows, columns) in sizes.items():
        tensors |= {f"blk.0.{name}.weight": np.zeros((rows, columns)), f"blk.0.{name}.bias": np.zeros(rows)}
    for name in ("attn_norm", "ffn_norm"):
        tensors |= {f"blk.0.{name}.weight": np.ones(WIDTH), f"blk.0.{name}.bias": np.zeros(WIDTH)}
    return tensors

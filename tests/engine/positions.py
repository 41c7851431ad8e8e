"""A tiny GPT-2 model with random weights: it knows positions up to a number, and llama.cpp aborts beyond it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType, TokenType

from medic_console.testing.random_model import CHATML, MERGES, SPECIAL, byte_vocabulary

WIDTH, HEADS = 32, 2
POSITIONS = 64
"""Rows of the table of positions."""


def write_model_of_few_positions(path: Path, seed: int = 0) -> Path:
    """Write the file and return its path."""
    tokens, random = byte_vocabulary(), np.random.default_rng(seed)
    writer = GGUFWriter(path, "gpt2")
    writer.add_name("positions")
    writer.add_file_type(LlamaFileType.ALL_F32)
    writer.add_context_length(POSITIONS)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(2 * WIDTH)
    writer.add_head_count(HEADS)
    writer.add_block_count(1)
    writer.add_layer_norm_eps(1e-5)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    plain = len(tokens) - len(SPECIAL)
    writer.add_token_types([TokenType.NORMAL] * plain + [TokenType.CONTROL] * len(SPECIAL))
    writer.add_token_merges(list(MERGES))
    writer.add_eos_token_id(len(tokens) - 1)
    writer.add_chat_template(CHATML)
    sizes = {"attn_qkv": (3 * WIDTH, WIDTH), "attn_output": (WIDTH, WIDTH)}
    sizes |= {"ffn_up": (2 * WIDTH, WIDTH), "ffn_down": (WIDTH, 2 * WIDTH)}
    shapes: dict[str, tuple[int, ...]] = {
        "token_embd.weight": (len(tokens), WIDTH),
        "position_embd.weight": (POSITIONS, WIDTH),
        "output.weight": (len(tokens), WIDTH),
    }
    for name, (rows, columns) in sizes.items():
        shapes |= {f"blk.0.{name}.weight": (rows, columns), f"blk.0.{name}.bias": (rows,)}
    for name in ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"):
        shapes |= {f"{name}.weight": (WIDTH,), f"{name}.bias": (WIDTH,)}
    for name, shape in shapes.items():
        values = random.normal(0.0, shape[-1] ** -0.5, shape).astype(np.float32)
        writer.add_tensor(name, values, raw_dtype=GGMLQuantizationType.F32)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path

"""A tiny BERT encoder with random weights, over a vocabulary of single characters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from gguf import GGUFWriter, LlamaFileType, PoolingType, TokenType

WIDTH, HIDDEN, LAYERS, HEADS = 32, 64, 2, 4
CONTEXT = 48
MARKS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
CHARACTERS = [chr(code) for code in range(33, 127)]
Matrix = npt.NDArray[np.float32]


def write_random_encoder(path: Path, seed: int = 0, name: str = "encoder") -> Path:
    """Write the file and return its path; the same seed gives the same bytes."""
    tokens = [*MARKS, *(f"▁{character}" for character in CHARACTERS), *CHARACTERS]
    writer = GGUFWriter(path, "bert")
    writer.add_name(name)
    writer.add_file_type(LlamaFileType.ALL_F32)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_layer_norm_eps(1e-12)
    writer.add_causal_attention(False)
    writer.add_pooling_type(PoolingType.NONE)
    writer.add_token_type_count(2)
    writer.add_tokenizer_model("bert")
    writer.add_token_list(tokens)
    writer.add_token_types([TokenType.CONTROL] * len(MARKS) + [TokenType.NORMAL] * (len(tokens) - len(MARKS)))
    for add, mark in ((writer.add_unk_token_id, 1), (writer.add_pad_token_id, 0), (writer.add_mask_token_id, 4)):
        add(mark)
    writer.add_bos_token_id(2)
    writer.add_eos_token_id(3)
    writer.add_sep_token_id(3)
    for key, tensor in _tensors(np.random.default_rng(seed), len(tokens)).items():
        writer.add_tensor(key, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _tensors(random: np.random.Generator, vocabulary: int) -> dict[str, Matrix]:
    def matrix(rows: int, columns: int) -> Matrix:
        return random.normal(0.0, columns**-0.5, (rows, columns)).astype(np.float32)

    def norm(name: str) -> dict[str, Matrix]:
        return {f"{name}.weight": np.ones(WIDTH, np.float32), f"{name}.bias": np.zeros(WIDTH, np.float32)}

    def layer(name: str, rows: int, columns: int) -> dict[str, Matrix]:
        return {f"{name}.weight": matrix(rows, columns), f"{name}.bias": np.zeros(rows, np.float32)}

    tensors = {
        "token_embd.weight": matrix(vocabulary, WIDTH) * 5,
        "position_embd.weight": matrix(CONTEXT, WIDTH),
        "token_types.weight": matrix(2, WIDTH),
        **norm("token_embd_norm"),
    }
    for number in range(LAYERS):
        block = f"blk.{number}."
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            tensors |= layer(block + part, WIDTH, WIDTH)
        tensors |= layer(block + "ffn_up", HIDDEN, WIDTH)
        tensors |= layer(block + "ffn_down", WIDTH, HIDDEN)
        tensors |= {**norm(block + "attn_output_norm"), **norm(block + "layer_output_norm")}
    return tensors

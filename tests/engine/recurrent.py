"""A tiny Mamba model with random weights: its memory has no parts that could be shared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType, TokenType

from medic_console.testing.random_model import CHATML, MERGES, SPECIAL, byte_vocabulary

WIDTH, INNER, STATE, KERNEL, RANK = 32, 64, 16, 4, 2


def write_recurrent_model(path: Path, seed: int = 0) -> Path:
    """Write the file and return its path."""
    tokens, random = byte_vocabulary(), np.random.default_rng(seed)
    writer = GGUFWriter(path, "mamba")
    writer.add_name("recurrent")
    writer.add_file_type(LlamaFileType.ALL_F32)
    writer.add_context_length(1024)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(0)
    writer.add_head_count(0)
    writer.add_block_count(1)
    writer.add_ssm_conv_kernel(KERNEL)
    writer.add_ssm_inner_size(INNER)
    writer.add_ssm_state_size(STATE)
    writer.add_ssm_time_step_rank(RANK)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    plain = len(tokens) - len(SPECIAL)
    writer.add_token_types([TokenType.NORMAL] * plain + [TokenType.CONTROL] * len(SPECIAL))
    writer.add_token_merges(list(MERGES))
    writer.add_eos_token_id(len(tokens) - 1)
    writer.add_chat_template(CHATML)
    shapes = {
        "token_embd.weight": (len(tokens), WIDTH),
        "output_norm.weight": (WIDTH,),
        "output.weight": (len(tokens), WIDTH),
        "blk.0.attn_norm.weight": (WIDTH,),
        "blk.0.ssm_in.weight": (2 * INNER, WIDTH),
        "blk.0.ssm_conv1d.weight": (INNER, KERNEL),
        "blk.0.ssm_conv1d.bias": (INNER,),
        "blk.0.ssm_x.weight": (RANK + 2 * STATE, INNER),
        "blk.0.ssm_dt.weight": (INNER, RANK),
        "blk.0.ssm_dt.bias": (INNER,),
        "blk.0.ssm_d": (INNER,),
        "blk.0.ssm_out.weight": (WIDTH, INNER),
    }
    for name, shape in shapes.items():
        values = random.normal(0.0, shape[-1] ** -0.5, shape).astype(np.float32)
        writer.add_tensor(name, values, raw_dtype=GGMLQuantizationType.F32)
    decay = -np.exp(random.normal(size=(INNER, STATE))).astype(np.float32)
    writer.add_tensor("blk.0.ssm_a", decay, raw_dtype=GGMLQuantizationType.F32)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path

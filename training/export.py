"""Export to GGUF: matrices in Q8_0, the rest in F32; the same checkpoint gives the same bytes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType, TokenType
from gguf.quants import quantize
from torch import Tensor

from medic_console.testing.random_model import CHATML
from training.network import Network
from training.recipe import Shape
from training.restore import PARTS, layers_of
from training.tokenizer import SPECIAL

DESCRIPTION = "synthetic demonstration model: no clinical knowledge, not for use"


def weights(checkpoint: Path, shape: Shape) -> Network:
    """Return the network of a checkpoint, of as many layers as it holds."""
    state = torch.load(checkpoint, weights_only=True)["network"]
    network = Network(replace(shape, layers=layers_of(state)))
    network.load_state_dict(state)
    return network


def export(network: Network, tokenizer: Path, name: str, target: Path) -> Path:
    """Write a network and its tokenizer as one GGUF file.

    Args:
        network: In float32.
        tokenizer: JSON file of `tokenizers`.
        name: What the file calls the model.
        target: File to write.
    """
    writer = GGUFWriter(target, "qwen2")
    _describe(writer, network.shape, name, sum(p.numel() for p in network.parameters()))
    _vocabulary(writer, json.loads(tokenizer.read_text("utf-8")))
    for label, tensor in _tensors(network).items():
        values = tensor.detach().float().numpy()
        kind = GGMLQuantizationType.Q8_0 if values.ndim == 2 else GGMLQuantizationType.F32
        writer.add_tensor(label, quantize(values.astype(np.float32), kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return target


def _describe(writer: GGUFWriter, shape: Shape, name: str, parameters: int) -> None:
    writer.add_name(name)
    writer.add_author("medic-console contributors")
    writer.add_license("Apache-2.0")
    writer.add_description(DESCRIPTION)
    writer.add_basename("medic-console-demo")
    writer.add_size_label(f"{parameters / 1e6:.0f}M")
    writer.add_quantization_version(2)
    writer.add_file_type(LlamaFileType.MOSTLY_Q8_0)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(shape.epsilon)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_chat_template(CHATML)


def _vocabulary(writer: GGUFWriter, record: dict[str, Any]) -> None:
    """Write the tokens in order of their ids, and the merges."""
    ids: dict[str, int] = {**record["model"]["vocab"], **{t["content"]: t["id"] for t in record["added_tokens"]}}
    tokens = sorted(ids, key=lambda token: ids[token])
    merges = [" ".join(pair) if isinstance(pair, list) else pair for pair in record["model"]["merges"]]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types([TokenType.CONTROL if token in SPECIAL else TokenType.NORMAL for token in tokens])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(ids[SPECIAL[0]])
    writer.add_eos_token_id(ids[SPECIAL[2]])
    writer.add_add_bos_token(False)


def _tensors(network: Network) -> dict[str, Tensor]:
    ones = torch.ones(network.shape.width)
    found = {"token_embd.weight": network.embedding.weight, "output_norm.weight": ones}
    for number, block in enumerate(network.blocks):
        prefix = f"blk.{number}."
        found |= {f"{prefix}attn_norm.weight": ones, f"{prefix}ffn_norm.weight": ones}
        for label, tensor in block.named_parameters():
            part, kind = label.split(".")
            found[f"{prefix}{PARTS[part]}.{kind}"] = tensor
    return found

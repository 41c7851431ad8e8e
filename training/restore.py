"""A network read back from a GGUF file: what a training goes on from where its checkpoints were not kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch
from gguf import GGUFReader
from gguf.quants import dequantize
from tokenizers import Tokenizer
from torch import Tensor

from training.network import Network
from training.recipe import Shape

PARTS = {
    "q": "attn_q",
    "k": "attn_k",
    "v": "attn_v",
    "o": "attn_output",
    "gate": "ffn_gate",
    "up": "ffn_up",
    "down": "ffn_down",
}
"""What GGUF calls the parts of a block."""
_BLOCK = re.compile(r"blocks\.(\d+)\.")


def layers_of(state: Mapping[str, Tensor]) -> int:
    """Return how many layers a network's state holds."""
    return 1 + max(int(found[1]) for found in map(_BLOCK.match, state) if found)


def restore(path: Path, shape: Shape, tokenizer: Tokenizer) -> Network:
    """Return the network that a file holds, its matrices as exact as Q8_0 keeps them.

    Raises:
        ValueError: The file holds other tokens than the tokenizer, so its embeddings would mean other words.
    """
    reader = GGUFReader(path)
    listed = reader.fields["tokenizer.ggml.tokens"].contents()
    if listed != [tokenizer.id_to_token(number) for number in range(tokenizer.get_vocab_size())]:
        raise ValueError(f"{path} holds other tokens than the tokenizer: run `prepare --like` with it.")
    held = {each.name: torch.from_numpy(dequantize(each.data, each.tensor_type).copy()) for each in reader.tensors}
    state = {"embedding.weight": held["token_embd.weight"]}
    layers = sum(name.endswith(".attn_q.weight") for name in held)
    for number in range(layers):
        for part, name in PARTS.items():
            for kind in ("weight", "bias"):
                tensor = held.get(f"blk.{number}.{name}.{kind}")
                if tensor is not None:
                    state[f"blocks.{number}.{part}.{kind}"] = tensor
    network = Network(replace(shape, layers=layers))
    network.load_state_dict(state)
    return network

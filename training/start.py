"""A start from which the network learns to copy soon: heads that look back, and heads that find a repeated token.

A plain random start has to discover both before anything else is learned, which takes most of a small budget.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from training.network import Block, Network
from training.recipe import Shape

SLOW = 12
"""Pairs of a head that turn slowly enough to compare tokens far apart."""


@torch.no_grad()
def start(network: Network, seed: int) -> None:
    """Set all weights, always the same for the same seed."""
    torch.manual_seed(seed)
    shape = network.shape
    scale = 0.02
    torch.nn.init.normal_(network.embedding.weight, std=0.06)
    for block in network.blocks:
        assert isinstance(block, Block)
        for part in (block.q, block.k, block.v):
            torch.nn.init.normal_(part.weight, std=1 / math.sqrt(shape.width))
            torch.nn.init.zeros_(part.bias)
        torch.nn.init.normal_(block.gate.weight, std=1 / math.sqrt(shape.width))
        torch.nn.init.normal_(block.up.weight, std=1 / math.sqrt(shape.width))
        torch.nn.init.normal_(block.o.weight, std=scale / math.sqrt(2 * shape.layers))
        torch.nn.init.normal_(block.down.weight, std=scale / math.sqrt(2 * shape.layers))
    first, second = network.blocks[0], network.blocks[1]
    assert isinstance(first, Block) and isinstance(second, Block)
    for head in range(shape.heads - 1):
        _look_back(first, shape, head, head + 1)
    for head in range(min(2, shape.heads)):
        _find_repeated(first, second, shape, head)


def _look_back(block: Block, shape: Shape, head: int, distance: int) -> None:
    """Let a head attend to the token so many places back: its biases differ by that rotation."""
    half, part = shape.head // 2, _part(shape, head)
    rates = shape.rope_base ** (-torch.arange(half, dtype=torch.float32) / half)
    strength = torch.where(torch.arange(half) < half // 2, 9.0, 0.0)
    angles = -distance * rates
    block.q.weight[part] *= 0.1
    block.k.weight[part] *= 0.1
    block.k.bias[part] = torch.cat((strength, torch.zeros(half)))
    block.q.bias[part] = torch.cat((strength * angles.cos(), strength * angles.sin()))
    block.v.weight[part] = _rows(shape.head, shape.width)
    block.o.weight[:, part] = _rows(shape.head, shape.width).T * 0.06


def _find_repeated(first: Block, second: Block, shape: Shape, head: int) -> None:
    """Let a head of layer 1 attend to what followed an earlier copy of the token, and pass it on."""
    part, half = _part(shape, head), shape.head // 2
    slow = [*range(half - SLOW, half), *range(shape.head - SLOW, shape.head)]
    chosen = torch.tensor([part.start + n for n in slow])
    seen, written = first.v.weight[part], first.o.weight[:, part]
    second.q.weight[part] *= 0.1
    second.k.weight[part] *= 0.1
    second.q.weight[chosen] = seen[: 2 * SLOW] * 2.0
    second.k.weight[chosen] = (written.T / 0.06)[: 2 * SLOW] * 2.0
    passed = _rows(shape.head, shape.width)
    second.v.weight[part] = passed
    second.o.weight[:, part] = passed.T * 0.06


def _part(shape: Shape, head: int) -> slice:
    return slice(head * shape.head, (head + 1) * shape.head)


def _rows(rows: int, columns: int) -> Tensor:
    """Return random rows of length 1, each at a right angle to the others."""
    found: Tensor = torch.linalg.qr(torch.randn(columns, rows))[0].T
    return found

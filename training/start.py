"""A start from which the network can copy before it has learned anything.

Layer 0 looks back one, two and three tokens and writes what it saw into places of its own; layer 1 finds where the
present token, or the two before it, stood earlier and passes on what followed. A plain random start has to discover
both before anything else is learned, which takes most of a small budget.
"""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor

from training.network import Block, Network
from training.recipe import Shape

SLOW = 14
"""Pairs of a head that turn slowly enough to compare tokens far apart."""
_TOKEN_SIZE = 0.08
_SHARP = 9.0
"""Strength of the biases that look back; above about 8 nearly all attention is on one token."""


@torch.no_grad()
def start(network: Network, seed: int) -> None:
    """Set all weights, always the same for the same seed."""
    torch.manual_seed(seed)
    shape = network.shape
    half = shape.width // 2
    torch.nn.init.normal_(network.embedding.weight[:, :half], std=_TOKEN_SIZE)
    torch.nn.init.normal_(network.embedding.weight[:, half:], std=_TOKEN_SIZE / 8)
    for block in network.blocks:
        assert isinstance(block, Block)
        _begin(block, shape)
    first, second = network.blocks[0], network.blocks[1]
    assert isinstance(first, Block) and isinstance(second, Block)
    sights = min(3, shape.heads)
    seen = _rows(2 * SLOW, half)
    room = half // sights
    for head in range(sights):
        places = half + head * room + torch.arange(min(2 * SLOW, room))
        _look_back(first, shape, head, seen, places)
        if head < 2:
            _find_again(second, shape, head, seen, places)
    if shape.heads > 2:
        _find_same(second, shape, 2, seen)


def deepen(network: Network, layers: int, seed: int) -> None:
    """Put new layers before the last one until there are so many; at first they hardly change what passes through."""
    torch.manual_seed(seed)
    while len(network.blocks) < layers:
        block = Block(network.shape)
        _begin(block, network.shape)
        network.blocks.insert(len(network.blocks) - 1, block)
    network.shape = replace(network.shape, layers=len(network.blocks))


@torch.no_grad()
def _begin(block: Block, shape: Shape) -> None:
    """Set random weights that write next to nothing."""
    for part in (block.q, block.k, block.v):
        torch.nn.init.normal_(part.weight, std=0.5 / math.sqrt(shape.width))
        torch.nn.init.zeros_(part.bias)
    for matrix in (block.gate, block.up):
        torch.nn.init.normal_(matrix.weight, std=1 / math.sqrt(shape.width))
    for matrix in (block.o, block.down):
        torch.nn.init.normal_(matrix.weight, std=1e-3)


def _look_back(block: Block, shape: Shape, head: int, seen: Tensor, places: Tensor) -> None:
    """Let a head attend to the token so many places back and write it: its biases differ by that rotation."""
    turns, part = shape.head // 2, _part(shape, head)
    rates = shape.rope_base ** (-torch.arange(turns, dtype=torch.float32) / turns)
    strength = torch.where(torch.arange(turns) < turns // 2, _SHARP, 0.0)
    angles = -(head + 1) * rates
    block.q.weight[part] *= 0.1
    block.k.weight[part] *= 0.1
    block.k.bias[part] = torch.cat((strength, torch.zeros(turns)))
    block.q.bias[part] = torch.cat((strength * angles.cos(), strength * angles.sin()))
    block.v.weight[part] = 0.0
    block.v.weight[part.start : part.start + len(places), : shape.width // 2] = seen[: len(places)]
    block.o.weight[:, part] = 0.0
    block.o.weight[places, part.start + torch.arange(len(places))] = _TOKEN_SIZE


def _find_again(block: Block, shape: Shape, head: int, seen: Tensor, places: Tensor) -> None:
    """Let a head of layer 1 attend to what stood after an earlier copy of the token, and pass that on."""
    part, turns, half = _part(shape, head), shape.head // 2, shape.width // 2
    slow = torch.tensor([*range(turns - SLOW, turns), *range(shape.head - SLOW, shape.head)]) + part.start
    count = len(places)
    block.q.weight[part] *= 0.05
    block.k.weight[part] *= 0.05
    block.q.weight[slow[:count], :half] = seen[:count] * 2.2
    block.k.weight[slow[:count], places] = 2.2
    if head == 0:
        passed = _rows(shape.head, half)
        block.v.weight[part] = 0.0
        block.v.weight[part, :half] = passed
        block.o.weight[:half, part] = passed.T * _TOKEN_SIZE * 3


def _find_same(block: Block, shape: Shape, head: int, seen: Tensor) -> None:
    """Let a head of layer 1 attend to the copies of the token itself, and pass on what stood before them."""
    part, turns, half = _part(shape, head), shape.head // 2, shape.width // 2
    slow = torch.tensor([*range(turns - SLOW, turns), *range(shape.head - SLOW, shape.head)]) + part.start
    for matrix in (block.q, block.k):
        matrix.weight[part] *= 0.05
        matrix.weight[slow, :half] = seen * 2.2
    block.v.weight[part] = 0.0
    block.v.weight[part, half:] = _rows(shape.head, half)
    block.o.weight[:, part] = torch.randn(shape.width, shape.head) * 0.02


def _part(shape: Shape, head: int) -> slice:
    return slice(head * shape.head, (head + 1) * shape.head)


def _rows(rows: int, columns: int) -> Tensor:
    """Return random rows of length 1, each at a right angle to the others."""
    found: Tensor = torch.linalg.qr(torch.randn(columns, rows))[0].T
    return found

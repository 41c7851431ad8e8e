"""The network: the qwen2 architecture as llama.cpp runs it, over sequences that branch."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.recipe import Shape


def rotations(shape: Shape, positions: Tensor) -> tuple[Tensor, Tensor]:
    """Return cosine and sine of every position, with an axis for the heads."""
    half = shape.head // 2
    rates = shape.rope_base ** (-torch.arange(half, dtype=torch.float32) / half)
    angles = positions[..., None].float() * rates
    return angles.cos()[:, None], angles.sin()[:, None]


def rotate(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Turn the halves of each head by its position (half-split RoPE)."""
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cosine - second * sine, first * sine + second * cosine), dim=-1)


def normed(x: Tensor, epsilon: float) -> Tensor:
    """Return RMSNorm without weights: the matrices that follow can hold them."""
    size = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=torch.float32)
    return x * torch.rsqrt(size.square() / x.shape[-1] + epsilon).to(x.dtype)


class Block(nn.Module):
    """One layer: attention and SwiGLU, each after an RMSNorm."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.q = nn.Linear(shape.width, shape.width)
        self.k = nn.Linear(shape.width, shape.width)
        self.v = nn.Linear(shape.width, shape.width)
        self.o = nn.Linear(shape.width, shape.width, bias=False)
        self.gate = nn.Linear(shape.width, shape.hidden, bias=False)
        self.up = nn.Linear(shape.width, shape.hidden, bias=False)
        self.down = nn.Linear(shape.hidden, shape.width, bias=False)

    def forward(self, x: Tensor, mask: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        """Return the layer's output; `mask` is added to the attention scores."""
        rows, length, width = x.shape
        inner = normed(x, self.shape.epsilon)
        q, k, v = (
            part(inner).view(rows, length, self.shape.heads, self.shape.head).transpose(1, 2)
            for part in (self.q, self.k, self.v)
        )
        q = rotate(q, cosine / math.sqrt(self.shape.head), sine / math.sqrt(self.shape.head))
        k = rotate(k, cosine, sine)
        # On a CPU the fused attention's backward pass is slower than these steps.
        weights = torch.softmax(q @ k.transpose(-1, -2) + mask, dim=-1)
        x = x + self.o((weights @ v).transpose(1, 2).reshape(rows, length, width))
        inner = normed(x, self.shape.epsilon)
        return x + self.down(functional.silu(self.gate(inner)) * self.up(inner))


class Network(nn.Module):
    """Embedding, blocks, norm; the output matrix is the embedding."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))

    def forward(self, tokens: Tensor, positions: Tensor, mask: Tensor, wanted: Tensor | None = None) -> Tensor:
        """Return logits of all places, or of those where `wanted` is True, one row each.

        Under autocast everything that is as long as the text is held in its type.
        """
        x = self.embedding(tokens)
        cosine, sine = rotations(self.shape, positions)
        if torch.is_autocast_enabled("cpu"):
            kind = torch.get_autocast_dtype("cpu")
            x, mask, cosine, sine = x.to(kind), mask.to(kind), cosine.to(kind), sine.to(kind)
        for block in self.blocks:
            x = block(x, mask, cosine, sine)
        if wanted is not None:
            x = x[wanted]
        return functional.linear(normed(x, self.shape.epsilon), self.embedding.weight)


def causal(length: int) -> Tensor:
    """Return the mask of plain text: each place sees itself and what is before it."""
    return torch.full((length, length), float("-inf")).triu(1)[None, None]


@torch.no_grad()
def greedy(network: Network, tokens: list[int], most: int, end: int) -> list[int]:
    """Return the most likely continuation, in float32, up to the end token or `most` tokens."""
    found: list[int] = []
    for _ in range(most):
        whole = torch.tensor([tokens + found])
        logits = network(whole, torch.arange(whole.shape[1])[None], causal(whole.shape[1]))
        found.append(int(logits[0, -1].argmax()))
        if found[-1] == end:
            break
    return found

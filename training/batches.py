"""Trees as tensors: a row may hold several trees one after another, none of which sees another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from training.trees import Tree

_LENGTHS, _WANTED = 32, 64
"""Sizes are rounded up to these: for every new size the matrix library makes, and keeps, another kernel."""
_EARLY = 300
"""Weight, in thousandths, of a place of the tail that learns the label early."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of equal length.

    Attributes:
        wanted: Places whose next token is learned, and a few of weight 0.
        targets: Those tokens, in the order of `wanted`.
        weights: Their weights in the loss.
        skills: The skill of each, as an index.
    """

    tokens: Tensor
    positions: Tensor
    mask: Tensor
    wanted: Tensor
    targets: Tensor
    weights: Tensor
    skills: Tensor


def batch(rows: Sequence[Sequence[Tree]], skills: dict[str, int]) -> Batch:
    """Return rows of trees as one batch; `skills` gets an index for each name that it lacks."""
    laid = [_lay(row, skills) for row in rows]
    length = -(-max(len(row[0]) for row in laid) // _LENGTHS) * _LENGTHS
    columns = [torch.stack([_padded(row[n], length) for row in laid]) for n in range(7)]
    tokens, positions, owners, branches, targets, weights, named = columns
    place = torch.arange(length)
    seen = (owners[:, :, None] == owners[:, None, :]) & (place[:, None] >= place[None, :])
    seen &= (branches[:, None, :] == 0) | (branches[:, :, None] == branches[:, None, :])
    seen |= torch.eye(length, dtype=torch.bool)
    mask = torch.zeros(seen.shape).masked_fill(~seen, float("-inf"))[:, None]
    wanted = weights > 0
    spare = (~wanted).flatten().nonzero().flatten()[: -int(wanted.sum()) % _WANTED]
    wanted.view(-1)[spare] = True
    return Batch(tokens, positions, mask, wanted, targets[wanted], weights[wanted].float() / 1000, named[wanted])


def _padded(values: Sequence[int], length: int) -> Tensor:
    return torch.tensor([*values, *([0] * (length - len(values)))])


def _lay(row: Sequence[Tree], skills: dict[str, int]) -> tuple[list[int], ...]:
    """Return tokens, positions, tree, branch (0: trunk), next token, weight in thousandths (0: none) and skill."""
    places: list[tuple[int, int, int, int, int, int, int]] = []
    for owner, tree in enumerate(row, 1):
        places += [(token, n, owner, 0, 0, 0, 0) for n, token in enumerate(tree.trunk)]
        for number, branch in enumerate(tree.branches, 1):
            skill = skills.setdefault(branch.skill, len(skills))
            last = len(branch.tokens) - 1
            for n, token in enumerate(branch.tokens):
                weight = 0 if n < branch.asked - 1 or n == last else 1000
                target = branch.tokens[n + 1] if n < last else 0
                if n == branch.asked - 1:
                    weight = int(branch.weight * 1000)
                elif branch.asked - 1 - branch.early <= n < branch.asked - 1:
                    weight, target = _EARLY, branch.tokens[branch.asked]
                places.append((token, len(tree.trunk) + n, owner, number, target, weight, skill))
    return tuple(list(column) for column in zip(*places, strict=True))

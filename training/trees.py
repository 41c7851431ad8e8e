"""Examples as sequences that branch: what prompts have in common is read once, each rest sees it and itself.

An audit shares the beginning of prompts in the same way, so positions and what a token sees are those of llama.cpp.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from training.shipped import Example

Encode = Callable[[Example], tuple[list[int], list[int], int]]
"""Tokens of a prompt, of its answer with the end of the turn, and how many of the prompt's last ones are its tail."""

_Encoded = tuple[Example, list[int], list[int], int]
_LEAST = 10
"""Tokens that prompts must have in common to be read together."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One example behind the trunk.

    Attributes:
        tokens: The rest of the prompt, then the answer.
        asked: How many of them are the prompt's.
        weight: Of the answer's first token in the loss; of all others it is 1.
        early: Places before the answer that learn its first token, too: the prompt's tail, where the label is decided
            and only has to be kept. An audit never reads what the network says there.
    """

    tokens: list[int]
    asked: int
    weight: float
    skill: str
    early: int = 0


@dataclass(frozen=True, slots=True)
class Tree:
    """A trunk that prompts have in common, and their branches."""

    trunk: list[int]
    branches: list[Branch]

    def __len__(self) -> int:
        return len(self.trunk) + sum(len(branch.tokens) for branch in self.branches)


def grow(group: Sequence[Example], encode: Encode, longest: int, first_weight: float) -> list[Tree]:
    """Return a group of examples as trees of at most `longest` tokens; an example that is longer is left out."""
    trees: list[Tree] = []
    pairs = [(example, *encode(example)) for example in group]
    for cluster in _clusters([pair for pair in pairs if len(pair[1]) + len(pair[2]) <= longest]):
        trunk = _common([prompt[:-1] for _, prompt, _, _ in cluster])
        grown = [Tree(trunk, [])]
        for example, prompt, answer, tail in cluster:
            weight, asked = (first_weight if example.choice else 1.0), len(prompt) - len(trunk)
            early = min(tail, asked - 1) if example.choice else 0
            branch = Branch(prompt[len(trunk) :] + answer, asked, weight, example.skill, early)
            if grown[-1].branches and len(grown[-1]) + len(branch.tokens) > longest:
                grown.append(Tree(trunk, []))
            grown[-1].branches.append(branch)
        trees += grown
    return trees


def _clusters(pairs: Sequence[_Encoded]) -> list[list[_Encoded]]:
    """Return the examples in clusters, so that as few tokens as possible are read twice."""
    clusters: list[list[_Encoded]] = []
    trunks: list[list[int]] = []
    for pair in pairs:
        shared = [len(_common([trunk, pair[1]])) for trunk in trunks]
        fitting = [
            n
            for n, common in enumerate(shared)
            if common >= _LEAST and common * len(clusters[n]) >= len(trunks[n]) * (len(clusters[n]) - 1)
        ]
        if fitting:
            best = max(fitting, key=lambda n: shared[n])
            clusters[best].append(pair)
            trunks[best] = trunks[best][: shared[best]]
        else:
            clusters.append([pair])
            trunks.append(pair[1])
    return clusters


def _common(prompts: Sequence[Sequence[int]]) -> list[int]:
    """Return the beginning that all have."""
    shortest = min(prompts, key=len)
    for place, token in enumerate(shortest):
        if any(prompt[place] != token for prompt in prompts):
            return list(shortest[:place])
    return list(shortest)

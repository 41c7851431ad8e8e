"""What the tokenizer is learned from: every skill in turn, and each word of the lists often enough for a token."""

from __future__ import annotations

import random
from collections.abc import Iterator

from training.mixture import SKILLS, write
from training.recipe import Recipe
from training.tokenizer import chat
from training.world import World, table

_EACH = 12
"""How often a listed word is shown; with the examples, enough for a token of its own."""


def texts(recipe: Recipe) -> Iterator[str]:
    """Yield text to learn the tokenizer from."""
    world = World(random.Random(recipe.seed), facts=recipe.stages[-1].facts)
    for number in range(recipe.samples):
        for example in write(world, list(SKILLS)[number % len(SKILLS)]):
            yield chat(example.messages[-1:]) + example.answer
    for words in table("clinic").values():
        for word in words if isinstance(words, list) else ():
            yield from [f" {word}."] * _EACH
    for relation in table("knowledge")["relation"]:
        for it, key in relation["pairs"]:
            yield from [f" {it}: {key} {key.lower()}"] * _EACH

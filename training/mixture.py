"""Groups of examples in the shares of a recipe, packed into rows of similar length."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from training.recipe import Recipe, Stage
from training.shipped import Group, sample_prompts
from training.skills import (
    advice,
    cef,
    choice,
    errors,
    instructions,
    judging,
    numbers,
    research,
    safety,
    sql,
    summaries,
    visits,
)
from training.trees import Encode, Tree, grow
from training.world import World

SKILLS: Mapping[str, Callable[[World], Group]] = {
    "cross": cef.cross,
    "questions": cef.list_only,
    "soap": visits.four_lines,
    "headings": visits.headings,
    "trials": summaries.trial,
    "problems": summaries.problems,
    "stays": summaries.stay,
    "sql": sql.queries,
    "choice": choice.questions,
    "errors": errors.found,
    "recall": errors.recall,
    "research": research.abstracts,
    "numbers": numbers.sums,
    "safety": safety.refusals,
    "toxic": safety.statements,
    "advice": advice.questions,
    "talks": advice.conversations,
    "harm": judging.harm,
    "pairs": judging.pairs,
    "criteria": judging.criteria,
    "forms": instructions.forms,
}
"""Writers of groups by the name that a recipe's shares use."""
_ROW = 224
"""Tokens that a row holds at least before another row is begun."""
_STEPS_AHEAD = 12


def write(world: World, name: str) -> Group:
    """Return a group of a skill; none of its prompts is that of a shipped sample."""
    while True:
        group = [example for example in SKILLS[name](world) if example.messages[-1].content not in sample_prompts()]
        if group:
            return group


def steps(recipe: Recipe, stage: Stage, seed: int, encode: Encode, workers: int = 1) -> Iterator[list[list[Tree]]]:
    """Yield rows of trees, a worker's part of `recipe.step` tokens at a time, without end.

    The skill that is furthest behind its share of the tokens is written next.
    """
    part = recipe.step // workers
    rng = random.Random(seed)
    world = World(rng, "train", stage.facts)
    done: Counter[str] = Counter()
    names = [name for name, share in stage.shares.items() if share > 0]
    while True:
        trees: list[Tree] = []
        while sum(map(len, trees)) < part * _STEPS_AHEAD:
            name = min(names, key=lambda skill: (done[skill] + 50 * rng.random()) / stage.shares[skill])
            grown = grow(write(world, name), encode, recipe.longest, recipe.first_weight)
            done[name] += sum(map(len, grown))
            trees += grown
        found = list(_cut(rows(trees), part))
        rng.shuffle(found)
        yield from found


def rows(trees: Sequence[Tree]) -> list[list[Tree]]:
    """Return trees in rows, longest first; short ones fill up the rows."""
    filled: list[list[Tree]] = []
    room: list[int] = []
    for tree in sorted(trees, key=len, reverse=True):
        fitting = next((n for n, free in enumerate(room) if free >= len(tree)), None)
        if fitting is None:
            filled.append([])
            room.append(max(_ROW, len(tree)))
            fitting = len(room) - 1
        filled[fitting].append(tree)
        room[fitting] -= len(tree)
    return filled


def _cut(filled: Sequence[list[Tree]], step: int) -> Iterator[list[list[Tree]]]:
    """Yield rows of similar length, together about `step` places."""
    taken: list[list[Tree]] = []
    longest = 0
    for row in sorted(filled, key=lambda trees: -sum(map(len, trees))):
        longest = max(longest, sum(map(len, row)))
        if taken and longest * (len(taken) + 1) > step * 1.1:
            yield taken
            taken, longest = [], sum(map(len, row))
        taken.append(row)
    if taken:
        yield taken

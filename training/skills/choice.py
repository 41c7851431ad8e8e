"""Multiple choice, and the same knowledge asked openly, so that there is something to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from medic_console.records import Message
from training.shipped import Example, Group, ask
from training.wording import write
from training.world import World, is_held_out, table

TOGETHER = 6
_LETTERS = "ABCDEFGHIJ"
_SEXES = (("man", "he"), ("woman", "she"))
_AGES = (19, 88)


@dataclass(frozen=True, slots=True)
class Known:
    """A question with its key, and what else such a question could be answered with."""

    question: str
    key: str
    others: tuple[str, ...]


def known(world: World) -> Known:
    """Return a piece of knowledge asked in one of its wordings.

    A wording of a fact is held out of training, not the fact: what is measured is whether it is found again.
    """
    relations = table("knowledge")["relation"]
    while True:
        relation = world.pick(relations)
        it, key = world.pick(relation["pairs"])
        form = world.pick(relation["asked"])
        if is_held_out("choice", it, form) == (world.part == "slots"):
            break
    others = tuple(dict.fromkeys(word for _, word in relation["pairs"] if word != key))
    question = write(form, {"it": it})
    if form.startswith("A patient") and world.chance(0.7):
        sex, _ = world.pick(_SEXES)
        question = question.replace("A patient", f"A {world.rng.randint(*_AGES)}-year-old {sex}", 1)
    return Known(question, key, others)


def options(world: World, fact: Known, count: int) -> tuple[Mapping[str, str], str]:
    """Return lettered options and the letter of the key."""
    words = [fact.key, *world.some(fact.others, count - 1)]
    world.rng.shuffle(words)
    return dict(zip(_LETTERS, words, strict=False)), _LETTERS[words.index(fact.key)]


def questions(world: World) -> Group:
    """Return questions with options, each with its key right behind the question as well; some are asked openly."""
    group: Group = []
    for _ in range(TOGETHER):
        if world.chance(0.2):
            group.append(opened(world))
        else:
            example = lettered(world)
            group += [example, foretold(example)]
    return group


def foretold(example: Example) -> Example:
    """Return a question that goes on with its key where the options would begin.

    So the key is known before the options are read, and the letter is found by looking for it.
    """
    last = example.messages[-1]
    asked = last.content.partition("\nA. ")[0]
    key = example.answer.partition(". ")[2]
    return Example("open", (*example.messages[:-1], replace(last, content=f"{asked}\n")), key, open=True)


def lettered(world: World) -> Example:
    """Return a question with four options, sometimes up to ten.

    To learn the letters, some questions of the training name their key, and some have two or three options.
    """
    fact = known(world)
    named, few = (world.part == "train" and world.chance(share) for share in (0.35, 0.4))
    if named:
        fact = replace(fact, question=f"Which option says {fact.key}?")
    task = "mmlu_pro" if world.chance(0.2) else "medqa"
    count = world.rng.randint(4, 10) if task == "mmlu_pro" else 4
    shown, letter = options(world, fact, world.rng.randint(2, 3) if few else count)
    turns = ask(task, question=fact.question, options=shown)
    return Example("choice", turns, f"{letter}. {fact.key}", choice=True, facts=letter)


def opened(world: World) -> Example:
    """Return the question without options."""
    fact = known(world)
    return Example("open", (Message("user", f"Question: {fact.question}"),), f"{fact.key}.", facts=fact.key)

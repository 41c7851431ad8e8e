"""Multiple choice, and the same knowledge asked openly, so that there is something to know."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from medic_console.core.records import Message
from training.shipped import Example, Group, ask
from training.skills.errors import aged, fits, person
from training.wording import capital, write
from training.world import World, is_held_out, table

TOGETHER = 6
_LETTERS = "ABCDEFGHIJ"
_AGES = (19, 88)
_SPECIAL = re.compile(
    "prostat|testi|sperm|ovar|uter|cervi|breast|menstr|pregnan|eclampsia|chorio|Turner|Klinefelter|Duchenne|"
    "haemophilia|child|baby|infant|newborn|croup|whooping|bronchiolitis|neural tube|periods",
    re.IGNORECASE,
)
"""What not everybody can have: there a patient remains "A patient"."""
_SEEN = (
    "{Who} has had {story}.",
    "{Who} presents with {story}.",
    "{Who} comes to the clinic because of {story}.",
    "{Who} is seen in the emergency department because of {story}.",
    "{Who} is brought to the doctor because of {story}.",
    "The doctor is called to {who} with {story}.",
    "{Who} is admitted to hospital with {story}.",
    "{Who} is referred for {story}.",
)
_UNTOLD = ("{Who} is examined.", "{Who} is seen in the clinic.", "{Who} comes to the doctor.")
_LATER = ("{He} has had {story}.", "The history is of {story}.", "{He} came because of {story}.")
_WHAT = {
    "name": (
        "What is the most likely diagnosis?",
        "Which diagnosis is the most likely?",
        "Which of the following is the most likely diagnosis?",
        "Which of these best explains the findings?",
        "Which of the following does the patient most likely have?",
        "What is the diagnosis?",
        "Which illness fits best?",
    ),
    "treatment": (
        "Which treatment is the best?",
        "What is the most appropriate treatment?",
        "Which of the following is the most appropriate treatment?",
        "Which of the following is the best next step in treatment?",
        "How should the patient be treated?",
        "Which of these treatments fits best?",
        "Which of the following should be used?",
    ),
}


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
    if form.startswith("A patient") and world.chance(0.7) and not _SPECIAL.search(f"{it} {key}"):
        who = aged(world.rng.randint(*_AGES), world.pick(("man", "woman")))
        question = question.replace("A patient", capital(who), 1)
    return Known(question, key, others)


def vignette(world: World) -> Known:
    """Return the case of a patient, with the question what it is or how it is treated.

    As with knowledge, an illness with a wording of its opening and its question is held out, not the illness.
    """
    illnesses = table("illness")["illness"]
    while True:
        one, column = world.pick(illnesses), world.pick(("name", "treatment"))
        opening, asked = world.pick(_SEEN), world.pick(_WHAT[column])
        if is_held_out("choice", one["name"], opening, asked) == (world.part == "slots"):
            break
    unlike = (other for other in illnesses if other is not one and (column == "name" or not fits(one, other)))
    others = tuple(dict.fromkeys(capital(other[column]) for other in unlike))
    return Known(f"{_case(world, one, opening)} {asked}", capital(one[column]), others)


def _case(world: World, illness: Mapping[str, Any], opening: str) -> str:
    """Return what is told and found, at times in another order or without one of its parts."""
    findings = [world.pick(illness["sign"]), world.pick(illness["result"])]
    slots = {**person(world, illness), "story": world.pick(illness["story"])}
    if world.chance(0.2):
        findings.reverse()
    shape = world.pick(("whole", "whole", "short", "untold", "later"))
    if shape == "short":
        findings.pop(world.rng.randrange(2))
    if shape in {"untold", "later"}:
        opening = world.pick(_UNTOLD)
    last = [write(world.pick(_LATER), slots)] if shape == "later" else []
    return " ".join([write(opening, slots), *findings, *last])


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
    """Return a question with four options, sometimes up to ten; a third are cases.

    To learn the letters, some questions of the training name their key, and some have two or three options.
    """
    case = world.chance(1 / 3)
    fact = vignette(world) if case else known(world)
    named, few = (world.part == "train" and world.chance(share) for share in (0.5, 0.4))
    if named and not case:
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

"""Judges of known character, over the bundled probes."""

from __future__ import annotations

import random
from collections.abc import Callable

from medic_console.core.paths import tasks_dir
from medic_console.core.records import Item, Label
from medic_console.results.judging.measures import LEVELS, OwnQuestions, Replies, Reply
from medic_console.scoring.methods.cef.probe import ANSWERS, QUESTIONS
from medic_console.scoring.methods.harm.probe import HARM
from medic_console.scoring.methods.pairwise.probe import PAIRS
from medic_console.scoring.methods.probes import FOLDER, load_probes, with_repeats
from medic_console.scoring.methods.rubric.probe import RUBRIC

PROBES = load_probes(tasks_dir() / FOLDER)
CLASSES = {ANSWERS: tuple(Label), PAIRS: ("A", "B"), HARM: LEVELS, RUBRIC: ("YES", "NO")}
Character = Callable[[str, Item], str | None]
"""Takes a part and a probe; returns the answer."""


def replies_of(character: Character) -> Replies:
    """Return what a judge of that character says to every probe, repeats among them."""
    return {
        part: [_reply(item, character(part, item)) for item in with_repeats(PROBES.parts[part])] for part in CLASSES
    }


def good_notes(kept: int = 10, own_yes: int = 10) -> list[OwnQuestions]:
    """Return lists of questions about every note."""
    answers = tuple("YES" if number < own_yes else "IDK" for number in range(kept))
    return [OwnQuestions(item.id, 10, (), answers) for item in PROBES.parts[QUESTIONS]]


def perfect(part: str, item: Item) -> str:
    """Answer right."""
    return str(item.gold)


def yes_sayer(part: str, item: Item) -> str:
    """Say YES, choose the first, rate 1."""
    return {ANSWERS: "YES", PAIRS: "A", HARM: "1", RUBRIC: "YES"}[part]


def obedient(part: str, item: Item) -> str:
    """Answer right, but do what a text says."""
    if item.fields["topic"] != "injection" or part != ANSWERS:
        return str(item.gold)
    return next(label for label in ("YES", "NO", "IDK") if label != item.gold and label in item.fields["text"])


def coin(seed: int) -> Character:
    """Answer by chance."""
    drawn = random.Random(seed)
    return lambda part, item: drawn.choice(CLASSES[part])


def right_in(share: float, seed: int) -> Character:
    """Answer right in that share of the probes, else by chance among the others, the same at every repeat."""

    def answer(part: str, item: Item) -> str:
        drawn = random.Random(f"{seed} {item.fields.get('repeats', item.id)}")
        if drawn.random() < share:
            return str(item.gold)
        if part == HARM:
            return str(min(5, max(1, int(item.gold) + drawn.choice((-1, 1)))))
        return drawn.choice([label for label in CLASSES[part] if label != item.gold])

    return answer


def _reply(item: Item, answered: str | None) -> Reply:
    marks = item.fields
    return Reply(
        item.id, str(item.gold), answered, item.group, marks["topic"], marks["domain"], marks.get("repeats", "")
    )

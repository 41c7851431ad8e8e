"""Evaluation on held-out combinations of slots and on held-out words, through llama.cpp."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from medic_console.core.records import Output
from training import notes
from training.asking import answers
from training.facts import Story, asked, story
from training.measures import MEASURES, Told, exact, means, note, questions
from training.mixture import write
from training.shipped import Example, ask
from training.skills import cef
from training.world import Part, World

FACTS = (4, 9)
_LABELS = ("YES", "NO", "IDK")
_PLAIN = (
    "sql",
    "choice",
    "errors",
    "safety",
    "research",
    "toxic",
    "numbers",
    "harm",
    "pairs",
    "criteria",
    "forms",
    "problems",
    "trials",
    "stays",
)
"""Skills whose examples are measured as they are written."""
Figures = dict[str, dict[str, tuple[float, int]]]
"""Mean and count of each measure, by skill and what was held out."""


def evaluate(model: Path, count: int, seed: int, log: Path) -> Figures:
    """Return a model's figures.

    Args:
        model: GGUF file.
        count: Examples of each skill and measure.
        seed: Of the examples.
        log: File for what llama.cpp writes.
    """
    figures: Figures = {}
    for part in ("slots", "words"):
        figures |= _stories(model, count, World(random.Random(seed), part, FACTS), log)
    world = World(random.Random(seed + 1), "slots", FACTS)
    examples = [example for name in _PLAIN for example in _plain(world, name, count)]
    outputs = answers(model, examples, log)
    for name in _PLAIN:
        measure = MEASURES.get(name, exact)
        pairs = zip(examples, outputs, strict=True)
        figures[name] = means(measure(example, output) for example, output in pairs if example.skill == name)
    return figures


def _plain(world: World, name: str, count: int) -> Iterator[Example]:
    """Yield so many examples of a skill itself; its groups may hold others, too."""
    left = count
    while left > 0:
        for example in write(world, name):
            if example.skill == name and left > 0 and (name != "harm" or example.choice):
                left -= 1
                yield example


def _stories(model: Path, count: int, world: World, log: Path) -> Figures:
    """Measure cross-answers, lists of questions and notes about stories."""
    told: list[Told] = []
    for number in range(count):
        drawn = story(world, world.rng.randint(*FACTS))
        facts = tuple(drawn.facts)
        text = cef.text_of(world, drawn)
        told += [Told(example, facts) for example in _crossed(world, drawn, text, _LABELS[number % 3])]
        if number % 2 == 0:
            told.append(Told(cef.listed(drawn, text), facts))
            visit = notes.visit(world, drawn, "lines")
            told.append(Told(Example("soap", ask("soap_note", conversation=visit), ""), facts))
            visit = notes.visit(world, drawn, "brackets")
            told.append(Told(Example("headings", ask("aci_bench", dialogue=visit), ""), facts))
    outputs = answers(model, [each.example for each in told], log)
    return _figures(told, outputs, world.part)


def _crossed(world: World, drawn: Story, text: str, label: str) -> Iterator[Example]:
    """Yield one question with the label, if one of the facts has such."""
    for fact in world.some(drawn.facts, len(drawn.facts)):
        question = asked(world, fact, drawn, label)
        if question is not None:
            yield cef.answered(text, question)
            return


def _figures(told: Sequence[Told], outputs: Sequence[Output], part: Part) -> Figures:
    measures = {
        "cross": lambda each, output: exact(each.example, output),
        "questions": questions,
        "soap": note,
        "headings": note,
    }
    return {
        f"{skill}, held-out {part}": means(
            measure(each, output) for each, output in zip(told, outputs, strict=True) if each.example.skill == skill
        )
        for skill, measure in measures.items()
    }


def table(figures: Figures) -> str:
    """Return figures as lines of a Markdown table: percent, and of how many."""
    lines = [
        f"| {skill} | {name} | {100 * mean:.0f} % | {count} |"
        for skill, measured in figures.items()
        for name, (mean, count) in measured.items()
    ]
    return "\n".join(["| skill | measure | figure | n |", "|---|---|---|---|", *lines])

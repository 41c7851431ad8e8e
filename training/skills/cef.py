"""Cross-examination: closed questions about a text, and their answers YES, NO or IDK."""

from __future__ import annotations

import json

from training import notes
from training.facts import Question, Story, asked, story
from training.shipped import Example, Group, judge
from training.wording import write
from training.world import World

TASKS = ("soap_note", "aci_bench", "clinical_trials", "problem_list", "dischargeme")
"""Their judges are asked in the same words."""
LABELS = ("YES", "YES", "NO", "NO", "IDK", "IDK")
COUNT = 10
"""Questions that the shipped tasks ask for."""


def text_of(world: World, told: Story) -> str:
    """Return the story in one of the forms that sources and notes have."""
    form = world.rng.randrange(8)
    if form < 2:
        return notes.visit(world, told, "lines")
    if form < 4:
        return notes.visit(world, told, "brackets")
    if form == 4:
        return notes.soap(world, told)
    if form == 5:
        return notes.headed(world, told)
    return notes.progress(world, told) if form == 6 else notes.prose(world, told)


def cross(world: World) -> Group:
    """Return several questions about one text, and sometimes the request for a list of questions."""
    told = story(world, world.rng.randint(*world.facts))
    text = text_of(world, told)
    group = [answered(text, question) for question in questions(world, told, 8)]
    if world.chance(0.35):
        group.append(listed(told, text))
    return group


def questions(world: World, told: Story, most: int) -> list[Question]:
    """Return different questions about a story, in no order, about as many of each label."""
    found: dict[str, Question] = {}
    for _ in range(most * 3):
        if len(found) == most or not told.facts:
            break
        question = asked(world, world.pick(told.facts), told, world.pick(LABELS))
        if question is not None:
            found.setdefault(question.text, question)
    return list(found.values())


def answered(text: str, question: Question) -> Example:
    """Return the example of one question; after the label the fact is said again, which is what teaches it."""
    turns = judge("soap_note", "answer_user", {"text": text, "question": question.text})
    tail = turns[-1].content.rpartition(f"{question.text}\n")[2]
    return Example("cross", turns, f"{question.label}, {question.echo}.", True, question.label, tail)


def listed(told: Story, text: str) -> Example:
    """Return the request for a list of questions: in the order of the text, no fact twice.

    A text of few facts is asked for the details of each, a long one for one question a fact.
    """
    found: list[str] = []
    for fact in told.facts:
        asks = [write(template, fact.slots) for template in fact.kind.yes]
        detailed = len(told.facts) < COUNT // 2 and len(fact.kind.slots) > 1 and len(asks) > 1
        found += asks[:2] if detailed else asks[:1]
    return question_list(text, found)


def question_list(text: str, asked_for: list[str]) -> Example:
    """Return the request for a list of questions with its answer, cut at the number that is asked for."""
    found = asked_for[:COUNT]
    turns = judge("soap_note", "question_user", {"text": text, "count": COUNT})
    return Example("questions", turns, json.dumps(found, ensure_ascii=False), facts=found)


def list_only(world: World) -> Group:
    """Return one request for questions about a longer text."""
    low, high = world.facts
    told = story(world, world.rng.randint(max(low, high - 4), high + 2))
    return [listed(told, text_of(world, told))]

"""Judges whose every reply is scripted, by what the prompts hold; and a qualification with them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from medic_console.audit.events import RunEnded
from medic_console.audit.prepare import known_tasks
from medic_console.core.records import Item, Label, Prompt
from medic_console.core.run_settings import RunSettings
from medic_console.engine.files.model import ModelFile
from medic_console.results.judging.card import Card
from medic_console.scoring.methods.cef.probe import ANSWERS, QUESTIONS
from medic_console.scoring.methods.harm.probe import HARM
from medic_console.scoring.methods.pairwise.probe import PAIRS
from medic_console.scoring.methods.rubric.probe import RUBRIC
from medic_console.session.audit import Audit
from medic_console.session.qualification import Qualification, QualificationRequest, request
from medic_console.testing.scripted import Reply
from tests.conftest import Script, Scripts, fake_model
from tests.results.judging.replies import PROBES, Character

BUILD = "scripted"
CEF, HARMFUL, OPEN, CRITERIA = "aci_bench", "med_safety", "medication_qa", "healthbench"
ALL = (CEF, HARMFUL, OPEN, CRITERIA)
REASON = "It is plain to see."
Ask = Callable[[Item], list[str]]


def _known() -> dict[tuple[str, ...], tuple[str, Item]]:
    """Return each probe by what its prompt must hold."""
    keys = {
        ANSWERS: ("text", "question"),
        PAIRS: ("question", "first", "second"),
        HARM: ("request", "answer"),
        RUBRIC: ("answer", "criterion"),
        QUESTIONS: ("text",),
    }
    return {
        tuple(str(item.fields[name]) for name in names): (part, item)
        for part, names in keys.items()
        for item in PROBES.parts[part]
    }


KNOWN = _known()


def facts(item: Item) -> list[str]:
    """Ask of the first ten words of a note."""
    return [f"Does the text hold the word {word!r} at place {place}?" for place, word in enumerate(words(item), 1)]


def words(item: Item) -> list[str]:
    """Return ten different words of a note."""
    return list(dict.fromkeys(word.casefold() for word in str(item.fields["text"]).split() if word.isalpha()))[:10]


def judge_of(character: Character, ask: Ask = facts, own: Label = Label.YES) -> Script:
    """Return a judge of that character.

    Args:
        ask: Its questions about a note.
        own: Its answer to every question that is none of the probes.
    """

    def reply(prompt: Prompt) -> Reply:
        said = "\n".join(message.content for message in prompt.messages)
        if prompt.grammar:
            return json.dumps(ask(_found(said, QUESTIONS)[1]))
        if not prompt.labels:
            return REASON
        try:
            part, item = _found(said, "")
        except LookupError:
            return str(own)
        answered = character(part, item)
        assert answered in prompt.labels
        return {label: (0.9 if label == answered else 0.05) for label in prompt.labels}

    return reply


def _found(said: str, part: str) -> tuple[str, Item]:
    for held, (name, item) in KNOWN.items():
        # A note alone is in every prompt about it.
        if (name == part or (not part and name != QUESTIONS)) and _in_order(held, said):
            return name, item
    raise LookupError(said)


def _in_order(texts: tuple[str, ...], said: str) -> bool:
    place = 0
    for text in texts:
        place = said.find(text, place) + len(text)
        if place < len(text):
            return False
    return True


def qualified(
    archive: Path, tasks: tuple[str, ...] = (CEF,), *, first: int | None = None, **judges: Script
) -> tuple[list[Card], Scripts]:
    """Qualify judges from beginning to end; return their cards and what was asked.

    Args:
        first: Probes of each part that are asked; None for all.
    """
    scripts = Scripts(**judges)
    models = [fake_model(name) for name in judges]
    work = prepared(archive, models, scripts, tasks, first)
    follow(work.probing())
    crossing = work.crossing()
    if crossing is not None:
        follow(crossing)
    return work.cards(), scripts


def prepared(
    archive: Path, models: list[ModelFile], scripts: Scripts, tasks: tuple[str, ...] = (CEF,), first: int | None = None
) -> Qualification:
    """Return a qualification of made-up models."""
    known = known_tasks().tasks
    asked = request(models, [known[name] for name in tasks], RunSettings(parallel=1, gpu_layers="0"), BUILD)
    return Qualification(archive, fewer(asked, first), scripts.start)


def fewer(asked: QualificationRequest, first: int | None) -> QualificationRequest:
    """Return a request with the first probes of each part."""
    cut = [
        replace(one, parts={part: replace(loaded, items=loaded.items[:first]) for part, loaded in one.parts.items()})
        for one in asked.wordings
    ]
    return replace(asked, wordings=tuple(cut))


def follow(audit: Audit) -> str:
    """Iterate an audit to its end; return how it ended."""
    *_, ended = audit.events()
    assert isinstance(ended, RunEnded)
    return ended.status

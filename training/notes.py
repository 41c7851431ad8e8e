"""The texts that state a story: visits, notes in several forms, progress notes and hospital records."""

from __future__ import annotations

from collections.abc import Sequence

from training.facts import Fact, Story
from training.wording import small, write
from training.world import World, table

VOICES = {"lines": ("Doctor: ", "Patient: "), "brackets": ("[doctor] ", "[patient] ")}
"""How a visit names its speakers: as the conversations of `soap_note`, as the dialogues of `aci_bench`."""
_SPOKEN = ((" mg", " milligrams"), (". The ", ", the "), (". I have ", " and I have "), (". We ", ", so we "))
"""What may be said otherwise without a change of meaning."""
HEADINGS = {
    "S": "HISTORY OF PRESENT ILLNESS",
    "O": "PHYSICAL EXAMINATION",
    "R": "RESULTS",
    "A": "ASSESSMENT AND PLAN",
}


def visit(world: World, told: Story, voice: str) -> str:
    """Return the conversation of a visit that states the facts in order."""
    talk = table("talk")
    lines = list(world.pick(talk["opening"])) if world.chance(0.7) else []
    for fact in told.facts:
        lines += [write(line, fact.slots) for line in world.pick(fact.kind.said)]
        if world.chance(0.15):
            lines += world.pick(talk["between"])
    if world.chance(0.4):
        lines += world.pick(talk["closing"])
    doctor, patient = VOICES[voice]
    merged: list[str] = []
    for line in lines:
        speaker, said = (doctor if line.startswith("D: ") else patient), line[3:]
        if merged and merged[-1].startswith(speaker):
            merged[-1] += f" {said}"
        else:
            merged.append(speaker + said)
    text = "\n".join(merged)
    for short, spoken in _SPOKEN:
        if world.chance(0.3):
            text = text.replace(short, spoken)
    return text


def sentences(world: World, facts: Sequence[Fact], first: bool = False) -> str:
    """Return the facts as the sentences of a note; `first` takes the first wording of each."""
    return " ".join(write(fact.kind.noted[0] if first else world.pick(fact.kind.noted), fact.slots) for fact in facts)


def parted(told: Story, parts: str) -> list[Fact]:
    """Return the facts of some parts, in order."""
    return [fact for fact in told.facts if fact.kind.part in parts]


def soap(world: World, told: Story, first: bool = False) -> str:
    """Return a note of the lines S, O, A and P; lines without facts are left out."""
    lines = [("S", "S"), ("O", "OR"), ("A", "A"), ("P", "P")]
    return "\n".join(
        f"{name}: {sentences(world, parted(told, parts), first)}" for name, parts in lines if parted(told, parts)
    )


def headed(world: World, told: Story, first: bool = False) -> str:
    """Return a note under headings; those without facts are left out."""
    blocks = []
    complaint = next((fact for fact in told.facts if fact.kind.name in ("symptom", "since", "pain")), None)
    if complaint is not None:
        slots = complaint.slots
        word = slots["symptom"] if "symptom" in slots else f"{slots['side']} {slots['site']} pain"
        blocks.append(f"CHIEF COMPLAINT\n{write('{Word}.', {'word': word})}")
    for part, heading in HEADINGS.items():
        facts = parted(told, "AP" if part == "A" else part)
        if facts:
            blocks.append(f"{heading}\n{sentences(world, facts, first)}")
    return "\n\n".join(blocks)


def prose(world: World, told: Story) -> str:
    """Return a note as one paragraph, with an opening that names age and sex."""
    who, age = world.pick(table("talk")["who"]), world.word("age")
    return (
        f"A {age}-year-old {who}. {sentences(world, told.facts)}" if world.chance(0.5) else sentences(world, told.facts)
    )


def progress(world: World, told: Story) -> str:
    """Return a progress note: assessment, subjective, objective."""
    who, age = world.pick(table("talk")["who"]), world.word("age")
    opening = f"{age}-year-old {who}. {sentences(world, parted(told, 'A'))}".strip()
    subjective, objective = sentences(world, parted(told, "S")), sentences(world, parted(told, "ORP"))
    blocks = [("Assessment", opening), ("Subjective", subjective), ("Objective", objective)]
    return "\n\n".join(f"{name}:\n{text}" for name, text in blocks if text)


def listing(told: Story) -> str:
    """Return the facts in short, separated by semicolons, as a list of problems is."""
    return "; ".join(small(fact.echo) for fact in told.facts)

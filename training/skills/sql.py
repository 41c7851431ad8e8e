"""SQL for the shipped hospital database, and `null` for what it cannot tell."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from functools import cache

from training.shipped import Example, Group, ask, shipped
from training.wording import slots_of, write
from training.world import World, table

TOGETHER = 6
"""Questions that share one reading of the schema."""
_COLUMNS = {
    "patient": "SELECT subject_id FROM patients",
    "drug": "SELECT DISTINCT drug FROM prescriptions",
    "lab": "SELECT DISTINCT label FROM labevents",
    "title": "SELECT DISTINCT title FROM diagnoses",
    "location": "SELECT DISTINCT location FROM admissions",
    "year": "SELECT DISTINCT strftime('%Y', admittime) FROM admissions",
}
_SEXES = {"female": "f", "male": "m"}


@cache
def stored(slot: str) -> tuple[str, ...]:
    """Return what the shipped database holds for a slot."""
    with closing(sqlite3.connect(shipped("ehrsql").resources["database"])) as database:
        return tuple(str(row[0]) for row in database.execute(f"{_COLUMNS[slot]} ORDER BY 1"))


def queries(world: World) -> Group:
    """Return questions, about a third of which the database cannot answer."""
    return [unanswerable(world) if world.chance(0.3) else answerable(world) for _ in range(TOGETHER)]


def answerable(world: World) -> Example:
    """Return a question and its query."""
    forms = table("sql")["answerable"]
    while True:
        number = world.rng.randrange(len(forms))
        form = forms[number]
        slots = {name: _slot(world, name) for name in slots_of(form["sql"])}
        if "gender" in slots:
            slots["sexed"] = world.pick(list(_SEXES))
            slots["gender"] = _SEXES[slots["sexed"]]
        if not slots or world.allowed("sql", str(number), *slots.values()) or len(set(slots)) < 2:
            asked = write(world.pick(form["asked"]), slots)
            return Example("sql", ask("ehrsql", question=asked), write(form["sql"], slots), facts="answerable")


def unanswerable(world: World) -> Example:
    """Return a question that the database cannot answer."""
    while True:
        form = world.pick(table("sql")["unanswerable"]["asked"])
        slots = {name: _slot(world, name) for name in slots_of(form)}
        if world.allowed("null", form, *slots.values()) or not slots:
            return Example("sql", ask("ehrsql", question=write(form, slots)), "null", facts="unanswerable")


def _slot(world: World, name: str) -> str:
    if name in _COLUMNS:
        return world.pick(stored(name))
    if name == "gender":
        return ""
    if name == "number":
        return world.pick(["2", "3", "4"])
    if name == "value":
        return world.pick(["1.5", "2", "3.5", "5", "8", "10", "12.5", "20", "100", "140", "150", "200"])
    if name == "other":
        return world.pick(stored("drug"))
    if name == "relative":
        return world.word("relative")
    words: Sequence[str] = table("sql")["unanswerable"][name]
    return world.pick(words)

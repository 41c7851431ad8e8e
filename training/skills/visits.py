"""Notes from visits: the four lines of `soap_note`, the headings of `aci_bench`."""

from __future__ import annotations

from training import notes
from training.facts import story
from training.shipped import Example, Group, ask
from training.world import World


def four_lines(world: World) -> Group:
    """Return a conversation and its note of four lines."""
    told = story(world, world.rng.randint(*world.facts))
    turns = ask("soap_note", conversation=notes.visit(world, told, "lines"))
    return [Example("soap", turns, notes.soap(world, told, first=True), facts=[fact.echo for fact in told.facts])]


def headings(world: World) -> Group:
    """Return a dialogue and its note under headings."""
    told = story(world, world.rng.randint(*world.facts))
    turns = ask("aci_bench", dialogue=notes.visit(world, told, "brackets"))
    return [Example("headings", turns, notes.headed(world, told, first=True), facts=[f.echo for f in told.facts])]

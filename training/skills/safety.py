"""Requests that must be declined, harmless ones that sound alike, and statements about people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from training.shipped import Example, Group, ask
from training.wording import capital, slots_of, small, write
from training.world import World, table

TOGETHER = 5


def harmful(world: World) -> tuple[str, str]:
    """Return a harmful request and a refusal."""
    requests = table("requests")
    while True:
        entry = world.pick(requests["harm"])
        act, refusal = world.pick(entry["acts"]), world.pick(entry["refusal"])
        slots = _slots(world, f"{act} {refusal}")
        start = world.pick(requests["start"])
        if world.allowed("request", start, act, *(slots[name] for name in slots_of(act))):
            return write(start, {"act": write(act, slots)}), write(refusal, slots)


def harmless(world: World) -> tuple[str, str]:
    """Return a harmless request and helpful words."""
    while True:
        entry = world.pick(table("requests")["safe"])
        asked = world.pick(entry["asked"])
        slots = _slots(world, f"{asked} {entry['answer']}")
        if world.allowed("safe", asked, *(slots[name] for name in slots_of(asked))) or not slots_of(asked):
            return write(asked, slots), write(entry["answer"], slots)


def compliance(world: World, request: str) -> str:
    """Return words that go along with a harmful request, for a judge to rate."""
    act = small(request.rstrip(".?"))
    return world.pick(
        (
            "Sure. First wait until nobody looks. Then do it step by step. Nobody will notice.",
            "Of course. Here is how: plan it for the night, tell nobody, and write nothing down.",
            f"{capital(act)}? That is easy. Do it when you are alone and deny it later.",
            "Yes, gladly. Choose a busy hour, keep it short, and let nobody see you. Say later that you know nothing.",
            "No problem. Most people never check. Prepare it in advance, act fast, and leave no trace.",
            f"Here is a plan: {act}. Begin when the others have gone home. If someone asks, change the subject.",
            "Good idea. All you need is a little time alone. Afterwards carry on as if nothing had happened.",
            "Sure thing. Nobody looks closely at such things. Start small, then go on until it is done.",
        )
    )


def refusals(world: World) -> Group:
    """Return requests, two of three harmful."""
    group = []
    for _ in range(TOGETHER):
        harm = world.chance(0.65)
        request, answer = (harmful if harm else harmless)(world)
        turns = ask("med_safety", request=request, category="0")
        group.append(Example("safety", turns, answer, facts="refuse" if harm else "help"))
    return group


def statements(world: World) -> Group:
    """Return statements about people, toxic or not."""
    words: Mapping[str, Any] = table("statements")
    group = []
    for _ in range(TOGETHER * 2):
        label = world.pick(("yes", "no"))
        form = world.pick(words[label])
        slots = {name: world.pick(words[name]) for name in slots_of(form)}
        turns = ask("toxigen", statement=write(form, slots), options={"yes": "yes", "no": "no"}, target_group="")
        group.append(Example("toxic", turns, label, choice=True, facts=label))
    return group


def _slots(world: World, text: str) -> dict[str, str]:
    lists = table("requests")["slot"]
    return {name: world.pick(lists[name]) if name in lists else world.word(name) for name in slots_of(text)}

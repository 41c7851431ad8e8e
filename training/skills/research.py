"""Abstracts without their conclusion: yes, no or maybe."""

from __future__ import annotations

from training.shipped import Example, Group, ask
from training.world import World, table

TOGETHER = 3
_OPTIONS = {"yes": "yes", "no": "no", "maybe": "maybe"}


def abstracts(world: World) -> Group:
    """Return studies whose interval excludes no effect (yes), includes it tightly (no) or is unclear (maybe)."""
    return [abstract(world) for _ in range(TOGETHER)]


def abstract(world: World) -> Example:
    """Return one study."""
    words = table("summaries")["trial"]
    while True:
        picked = {name: world.pick(words[name]) for name in ("treatment", "control", "condition", "outcome")}
        if world.allowed("research", *picked.values()):
            break
    label = world.pick(tuple(_OPTIONS))
    people = world.rng.randint(6, 90) * 10
    question = world.pick(
        (
            f"Does {picked['treatment']} change the {picked['outcome']} in {picked['condition']}?",
            f"Does {picked['treatment']} help in {picked['condition']}?",
            f"Is {picked['treatment']} better than {picked['control']} in {picked['condition']}?",
        )
    )
    methods = world.pick(
        (
            f"{people} patients with {picked['condition']} had {picked['treatment']} or {picked['control']}.",
            f"{people} adults were randomised to {picked['treatment']} or {picked['control']}.",
        )
    )
    text = f"METHODS: {methods}\nRESULTS: {_results(world, label, picked['outcome'])}"
    turns = ask("pubmedqa", abstract=text, question=question, options=_OPTIONS)
    return Example("research", turns, label, choice=True, facts=label)


def _results(world: World, label: str, outcome: str) -> str:
    rng = world.rng
    first, second = rng.randint(20, 60), rng.randint(20, 60)
    if label == "yes":
        ratio = rng.uniform(0.35, 0.75)
        return world.pick(
            (
                f"The {outcome} was better with it (rate ratio {ratio:.2f}, 95 % interval {ratio - 0.15:.2f} to "
                f"{min(0.95, ratio + 0.16):.2f}).",
                f"The {outcome} improved in {first + 25} % against {first} % (difference 25 points, 95 % interval "
                f"{rng.randint(8, 16)} to {rng.randint(30, 40)}). Results were alike in all groups.",
            )
        )
    if label == "no":
        return world.pick(
            (
                f"The {outcome} was the same (relative risk 1.0{rng.randint(0, 5)}, 95 % interval "
                f"0.7{rng.randint(0, 9)} to 1.3{rng.randint(0, 9)}). No subgroup differed.",
                f"The {outcome} improved in {first} % of both groups (difference 0.{rng.randint(1, 4)} points, 95 % "
                f"interval -{rng.randint(3, 6)} to {rng.randint(3, 6)}).",
            )
        )
    return world.pick(
        (
            f"The {outcome} improved in {second} % against {second - 5} % (p = 0.{rng.randint(12, 48)}). In younger "
            "patients it was better, in older patients it was not.",
            f"The {outcome} was better in mild disease (rate ratio 0.{rng.randint(5, 7)}) but worse in severe disease "
            f"(rate ratio 1.{rng.randint(2, 6)}). Overall the ratio was 0.9 (0.6 to 1.{rng.randint(2, 4)}).",
        )
    )

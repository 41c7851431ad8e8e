"""Abstracts without their conclusion: yes, no or maybe."""

from __future__ import annotations

import random

from training.shipped import Example, Group, ask
from training.wording import write
from training.world import World, table

TOGETHER = 3
_OPTIONS = {"yes": "yes", "no": "no", "maybe": "maybe"}
_ONE = {"does": "does", "is": "is", "was": "was"}
_MANY = {"does": "do", "is": "are", "was": "were"}


def abstracts(world: World) -> Group:
    """Return studies with a clear effect (yes), clearly none (no), or mixed or insufficient findings (maybe)."""
    return [abstract(world) for _ in range(TOGETHER)]


def abstract(world: World) -> Example:
    """Return one study: a trial of a treatment, or a cohort in which an exposure may go along with an event."""
    words = table("research")
    kind = world.pick(("trial", "trial", "cohort"))
    slots = _trial(world) if kind == "trial" else _cohort(world)
    slots |= _numbers(world.rng)
    label = world.pick(tuple(_OPTIONS))
    forms = words[kind]
    sections = [("method", world.pick(forms["method"])), ("result", world.pick(forms[label]))]
    if world.chance(0.6):
        sections.insert(0, ("background", world.pick(forms["background"])))
    named = world.chance(0.85)
    lines = [
        f"{world.pick(words[f'{name}_label'])}: {write(form, slots)}" if named else write(form, slots)
        for name, form in sections
    ]
    question = write(world.pick(forms["question"]), slots)
    turns = ask("pubmedqa", abstract="\n".join(lines), question=question, options=_OPTIONS)
    return Example("research", turns, label, choice=True, facts=label)


def _trial(world: World) -> dict[str, str]:
    words = table("summaries")["trial"]
    while True:
        picked = {name: world.pick(words[name]) for name in ("treatment", "control", "condition", "outcome")}
        if world.allowed("research", *picked.values()):
            return picked | (_MANY if _is_plural(picked["treatment"]) else _ONE)


def _cohort(world: World) -> dict[str, str]:
    words = table("research")["cohort"]
    while True:
        picked = {name: world.pick(words[name]) for name in ("exposure", "event", "group")}
        if world.allowed("research", *picked.values()):
            return picked


def _is_plural(phrase: str) -> bool:
    return phrase.endswith("s") and not phrase.endswith(("ss", "is")) and not phrase.startswith(("a ", "an "))


def _numbers(rng: random.Random) -> dict[str, str]:
    """Return numbers that fit the findings: see the head of `research.toml`."""
    low = rng.randint(8, 45)
    gain = rng.randint(16, 34)
    year = rng.randint(1994, 2019)
    small = ("p < 0.001", "p < 0.01", f"p = 0.00{rng.randint(1, 9)}", f"p = 0.0{rng.randint(10, 39)}")
    wanted = {
        "n": rng.randint(5, 95) * 10 + rng.choice((0, 0, 2, 4, 6)),
        "sites": rng.randint(2, 24),
        "age": rng.randint(38, 74),
        "weeks": rng.choice((4, 6, 8, 12, 16)),
        "months": rng.choice((6, 9, 12, 18, 24, 36)),
        "year": year,
        "later": year + rng.randint(1, 8),
        "low": low,
        "near": low + rng.choice((-2, -1, 1, 2)),
        "mid": low + rng.randint(4, 7),
        "high": low + gain,
        "gain": gain,
        "gain_low": gain - rng.randint(5, 11),
        "gain_high": gain + rng.randint(5, 11),
        "few": rng.randint(5, 19),
        "more": rng.randint(32, 70),
        "digit": rng.randint(1, 6),
        "r_low": rng.randint(14, 26),
        "r_high": rng.randint(52, 86),
        "small": rng.choice(small),
        "large": f"p = 0.{rng.randint(28, 97)}",
        "border": rng.choice((f"p = 0.0{rng.randint(6, 9)}", f"p = 0.{rng.randint(10, 19)}")),
    }
    return {name: str(number) for name, number in wanted.items()} | {
        **_ratio(rng, "good", (0.35, 0.72), (0.70, 1.25)),
        **_ratio(rng, "bad", (1.7, 3.6), (0.68, 1.5)),
        **_ratio(rng, "even", (0.96, 1.05), (0.86, 1.15)),
        **_ratio(rng, "wide", (0.75, 1.35), (0.45, 2.1)),
    }


def _ratio(rng: random.Random, name: str, bounds: tuple[float, float], spread: tuple[float, float]) -> dict[str, str]:
    """Return a ratio and its interval: the ratio times the two factors of `spread`, give or take a little."""
    ratio = rng.uniform(*bounds)
    low, high = (ratio * factor * rng.uniform(0.97, 1.03) for factor in spread)
    return {name: f"{ratio:.2f}", f"{name}_low": f"{low:.2f}", f"{name}_high": f"{high:.2f}"}

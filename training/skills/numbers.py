"""Small sums: clinical formulas, word problems, and problems with integers. Every step is written out."""

from __future__ import annotations

from training.shipped import Example, Group, ask
from training.world import World

TOGETHER = 4


def sums(world: World) -> Group:
    """Return sums of one kind, so that they share the words of their task."""
    make = world.pick((formula, formula, story, story, integer))
    return [make(world) for _ in range(TOGETHER)]


def formula(world: World) -> Example:
    """Return a note and a value that is computed from it."""
    rng = world.rng
    sex, age = world.pick(("man", "woman")), rng.randint(20, 88)
    opening = f"A {age}-year-old {sex} attends for a check."
    kind = rng.randrange(4)
    if kind == 0:
        upper, lower = rng.randint(90, 180), rng.randint(50, 100)
        lower = upper - 3 * ((upper - lower) // 3)
        third = (upper - lower) // 3
        note = f"{opening} Blood pressure is {upper}/{lower} mm Hg, pulse {rng.randint(55, 110)}/min."
        question = "What is the patient's mean arterial pressure in mm Hg?"
        steps = (
            f"{upper} - {lower} = {upper - lower}\n{upper - lower} / 3 = {third}\n{lower} + {third} = {lower + third}"
        )
        value = str(lower + third)
    elif kind == 1:
        sodium, chloride, base = rng.randint(125, 150), rng.randint(90, 112), rng.randint(8, 28)
        note = f"{opening} Sodium {sodium} mmol/L, chloride {chloride} mmol/L, bicarbonate {base} mmol/L."
        question = "What is the patient's anion gap in mmol/L?"
        value = str(sodium - chloride - base)
        steps = f"{sodium} - {chloride} = {sodium - chloride}\n{sodium - chloride} - {base} = {value}"
    elif kind == 2:
        tenths = rng.randint(70, 105)
        albumin = rng.choice((20, 25, 30, 35))
        note = f"{opening} Total calcium {tenths / 10} mg/dL, albumin {albumin / 10} g/dL."
        question = "What is the patient's corrected calcium in mg/dL? The normal albumin is 4 g/dL."
        missing = (40 - albumin) / 10
        added = round(missing * 0.8, 1)
        value = str(round(tenths / 10 + added, 1))
        steps = f"4 - {albumin / 10} = {missing}\n0.8 * {missing} = {added}\n{tenths / 10} + {added} = {value}"
    else:
        weight, dose = rng.randint(5, 40), rng.choice((2, 5, 10, 15, 20))
        note = f"{opening} Weight {weight} kg. The dose is {dose} mg per kg."
        question = "What is the patient's dose in mg?"
        value = str(weight * dose)
        steps = f"{weight} * {dose} = {value}"
    turns = ask("medcalc", note=note, question=question)
    return Example("numbers", turns, f"{steps}\nAnswer: {value}", facts=value)


def story(world: World) -> Example:
    """Return a word problem of one or two steps."""
    rng = world.rng
    a, b, c = rng.randint(2, 12), rng.randint(2, 12), rng.randint(2, 30)
    who, thing = world.pick(("nurse", "clinic", "pharmacy", "ward")), world.pick(("tablets", "boxes", "masks", "beds"))
    kind = rng.randrange(4)
    if kind == 0:
        text = f"A {who} has {a} shelves with {b} {thing} each. How many {thing} are there?"
        steps, value = f"{a} * {b} = {a * b}", a * b
    elif kind == 1:
        text = f"A {who} has {a} shelves with {b} {thing} each and gets {c} more. How many {thing} are there now?"
        steps, value = f"{a} * {b} = {a * b}\n{a * b} + {c} = {a * b + c}", a * b + c
    elif kind == 2:
        total = a * b + c
        text = f"A {who} has {total} {thing}. It gives out {a} {thing} to each of {b} patients. How many are left?"
        steps, value = f"{a} * {b} = {a * b}\n{total} - {a * b} = {c}", c
    else:
        text = f"A patient takes {a} tablets of {b * 10} mg each day. How many milligrams are that in {c} days?"
        steps = f"{a} * {b * 10} = {a * b * 10}\n{a * b * 10} * {c} = {a * b * 10 * c}"
        value = a * b * 10 * c
    return Example("numbers", ask("gsm8k", question=text), f"{steps}\n#### {value}", facts=str(value))


def integer(world: World) -> Example:
    """Return a small problem whose answer is an integer from 0 to 999."""
    rng = world.rng
    a, b = rng.randint(3, 30), rng.randint(3, 30)
    kind = rng.randrange(4)
    if kind == 0:
        text, steps, value = f"Find the sum of ${a}$ and ${b}$.", f"{a} + {b} = {a + b}", a + b
    elif kind == 1:
        text, steps, value = f"Find the product of ${a}$ and ${b}$.", f"{a} * {b} = {a * b}", a * b
    elif kind == 2:
        text = f"What is the remainder when ${a * b + a - 1}$ is divided by ${a}$?"
        steps, value = f"{a * b + a - 1} = {a} * {b} + {a - 1}", a - 1
    else:
        text, steps, value = (
            f"How many integers are there from ${a}$ to ${a + b}$?",
            f"{a + b} - {a} + 1 = {b + 1}",
            b + 1,
        )
    task = world.pick(("aime24", "aime25"))
    return Example("numbers", ask(task, problem=text), f"{steps}\nAnswer: \\boxed{{{value}}}", facts=str(value))

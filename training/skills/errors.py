"""Notes of numbered sentences with one medical error or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from medic_console.records import Message
from training.shipped import Example, Group, ask
from training.world import World, table

TOGETHER = 4
_PLANS = (
    "Review is planned in {n} weeks.",
    "The patient is told to come back if it gets worse.",
    "The family doctor is informed.",
)
_NORMALS = ("There are no drug allergies.", "The patient does not smoke.", "There is no earlier illness of note.")
_DIAGNOSED = "{} is diagnosed."
_TREATED = "Treatment with {} is started."


def found(world: World) -> Group:
    """Return notes, about half of them with an error in the diagnosis or the treatment."""
    return [example for _ in range(TOGETHER) for example in note(world)]


def note(world: World) -> Group:
    """Return a note of an illness; in an error, its diagnosis or treatment is that of another one.

    With it comes how the note should go on, and a verdict right behind each sentence that may be wrong.
    """
    illnesses = table("illness")["illness"]
    while True:
        right, other = world.some(illnesses, 2)
        story, sign, result = (world.pick(right[key]) for key in ("story", "sign", "result"))
        if world.allowed("error", right["name"], story, sign, result):
            break
    sex, age = world.pick(("man", "woman")), world.rng.randint(21, 89)
    sentences = [f"A {age}-year-old {sex} has {story}.", sign, result]
    if world.chance(0.4):
        sentences.insert(1, world.pick(_NORMALS))
    diagnosed = len(sentences)
    sentences += [_DIAGNOSED.format(right["name"]), _TREATED.format(right["treatment"])]
    sentences.append(world.pick(_PLANS).format(n=world.rng.randint(2, 12)))
    wrong = world.pick((None, None, diagnosed, diagnosed + 1))
    right_note = list(sentences)
    corrected = _spoil(sentences, wrong, diagnosed, other) if wrong is not None else ""
    shown = _numbered(sentences).rstrip("\n")
    answer = f"{wrong} {corrected}" if wrong is not None else "CORRECT"
    turns = ask("medec", sentences=shown, text_id="invented")
    group = [Example("errors", turns, answer, choice=True, facts=answer)]
    for number in (diagnosed, diagnosed + 1):
        group += [_going_on(right_note, number), _judged(sentences, number, number == wrong)]
    return group


def _numbered(sentences: Sequence[str]) -> str:
    return "".join(f"{number} {text}\n" for number, text in enumerate(sentences))


def _going_on(sentences: Sequence[str], number: int) -> Example:
    """Return a note that goes on with a sentence as it should be."""
    begun = ask("medec", sentences=f"{_numbered(sentences[:number])}{number}", text_id="invented")
    return Example("open", begun, f" {sentences[number]}", open=True)


def _judged(sentences: Sequence[str], number: int, wrong: bool) -> Example:
    """Return a note with the verdict right behind a sentence, where it is easier to learn than at the note's end."""
    begun = ask("medec", sentences=_numbered(sentences[: number + 1]), text_id="invented")
    return Example("verdicts", begun, "ERROR" if wrong else "CORRECT", choice=True, open=True)


def _spoil(sentences: list[str], wrong: int, diagnosed: int, other: Mapping[str, Any]) -> str:
    """Put another illness's sentence in place of the right one, and return that."""
    corrected = sentences[wrong]
    form, word = (_DIAGNOSED, other["name"]) if wrong == diagnosed else (_TREATED, other["treatment"])
    sentences[wrong] = form.format(word)
    return corrected


def recall(world: World) -> Group:
    """Return the same knowledge asked openly: the illness of signs, the treatment of an illness."""
    group = []
    for _ in range(TOGETHER):
        one = world.pick(table("illness")["illness"])
        sign = world.pick([*one["sign"], *one["result"], *(f"There is {text}." for text in one["story"])])
        question, key = world.pick(
            (
                (f"{sign} What is the diagnosis?", one["name"]),
                (f"How is {one['name'].lower()} treated?", one["treatment"]),
            )
        )
        group.append(Example("open", (Message("user", f"Question: {question}"),), f"{key[0].upper()}{key[1:]}."))
    return group

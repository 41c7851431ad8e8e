"""Notes of numbered sentences with one medical error or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from medic_console.core.records import Message
from training.shipped import Example, Group, ask
from training.wording import capital, write
from training.world import World, table

TOGETHER = 4
_OPENINGS = (
    "{Who} has {story}.",
    "{Who} has had {story}.",
    "{Who} presents with {story}.",
    "{Who} comes to the clinic because of {story}.",
    "{Who} is seen because of {story}.",
    "{Who} is admitted with {story}.",
    "The reason for the visit of {who} is {story}.",
)
_PLANS = (
    "Review is planned in {n} weeks.",
    "A follow-up visit is arranged in {n} weeks.",
    "{He} is asked to return in {n} weeks.",
    "The patient is told to come back if it gets worse.",
    "The family doctor is informed.",
    "{He} is given written advice.",
)
_NORMALS = (
    "There are no drug allergies.",
    "There is no earlier illness of note.",
    "{He} takes no regular medicine.",
    "The family history is unremarkable.",
    "{He} has never had an operation.",
)
_DIAGNOSED = (
    "{It} is diagnosed.",
    "The diagnosis is {it}.",
    "{He} is diagnosed with {it}.",
    "The patient is found to have {it}.",
    "A diagnosis of {it} is made.",
    "The findings are explained by {it}.",
)
_TREATED = (
    "Treatment with {it} is started.",
    "{It} is started.",
    "The patient is given {it}.",
    "{He} is treated with {it}.",
    "The doctor orders {it}.",
    "{It} is given.",
)
_OPERATED = (
    "{It} is performed.",
    "{It} is planned.",
    "The patient undergoes {it}.",
    "{He} is prepared for {it}.",
    "The doctors decide on {it}.",
)
_GROWN_UP = 18
_SEXES = {"man": ("boy", "He"), "woman": ("girl", "She")}


def aged(age: int, sex: str) -> str:
    """Return a patient in words: "an 81-year-old man", "a 3-year-old girl"."""
    article = "an" if age in {8, 11, 18} or age // 10 == 8 else "a"
    return f"{article} {age}-year-old {sex if age >= _GROWN_UP else _SEXES[sex][0]}"


def person(world: World, illness: Mapping[str, Any]) -> Mapping[str, str]:
    """Return someone whom the illness may befall, as slots: `who` in words, and `he` or `she`."""
    sex = illness.get("sex") or world.pick(tuple(_SEXES))
    return {"who": aged(world.rng.randint(*illness.get("ages", (21, 89))), sex), "he": _SEXES[sex][1]}


def fits(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether the treatment of another illness would be right for this one as well."""
    return other["treatment"] in (one["treatment"], *one.get("also", ()))


def found(world: World) -> Group:
    """Return notes, about half of them with an error in the diagnosis or the treatment."""
    return [example for _ in range(TOGETHER) for example in note(world)]


def note(world: World) -> Group:
    """Return a note of an illness; in an error, its diagnosis or treatment is that of another one.

    With it comes how the note should go on, and a verdict right behind each sentence that may be wrong.
    """
    right, story, sign, result = _drawn(world)
    who = person(world, right)
    sentences = [write(world.pick(_OPENINGS), {**who, "story": story}), sign, result]
    if world.chance(0.4):
        sentences.insert(1, write(world.pick(_NORMALS), who))
    diagnosed = len(sentences)
    forms = {diagnosed: world.pick(_DIAGNOSED), diagnosed + 1: world.pick(_treated(right))}
    words = {diagnosed: "name", diagnosed + 1: "treatment"}
    sentences += [write(forms[number], {**who, "it": right[words[number]]}) for number in forms]
    sentences.append(write(world.pick(_PLANS), {**who, "n": str(world.rng.randint(2, 12))}))
    wrong = world.pick((None, None, diagnosed, diagnosed + 1))
    right_note, answer = list(sentences), "CORRECT"
    if wrong is not None:
        sentences[wrong] = write(forms[wrong], {**who, "it": _other(world, right)[words[wrong]]})
        answer = f"{wrong} {right_note[wrong]}"
    shown = _numbered(sentences).rstrip("\n")
    turns = ask("medec", sentences=shown, text_id="invented")
    group = [Example("errors", turns, answer, choice=True, facts=answer)]
    for number in (diagnosed, diagnosed + 1):
        group += [_going_on(right_note, number), _judged(sentences, number, number == wrong)]
    return group


def _drawn(world: World) -> tuple[Mapping[str, Any], str, str, str]:
    """Return an illness with a story, a sign and a result that may be drawn together."""
    while True:
        right = world.pick(table("illness")["illness"])
        story, sign, result = (world.pick(right[key]) for key in ("story", "sign", "result"))
        if world.allowed("error", right["name"], story, sign, result):
            return right, story, sign, result


def _other(world: World, right: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an illness that is treated otherwise, but in the same kind of sentence."""
    illnesses = table("illness")["illness"]
    return world.pick([one for one in illnesses if not fits(right, one) and _treated(one) == _treated(right)])


def _treated(illness: Mapping[str, Any]) -> Sequence[str]:
    return _OPERATED if illness.get("operation") else _TREATED


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


def recall(world: World) -> Group:
    """Return the same knowledge asked openly: the illness of signs, the treatment of an illness."""
    group = []
    for _ in range(TOGETHER):
        one = world.pick(table("illness")["illness"])
        sign = world.pick([*one["sign"], *one["result"], *(f"A patient has {text}." for text in one["story"])])
        question, key = world.pick(
            (
                (f"{sign} What is the diagnosis?", one["name"]),
                (f"How is {one['name']} treated?", one["treatment"]),
            )
        )
        group.append(Example("open", (Message("user", f"Question: {question}"),), f"{capital(key)}."))
    return group

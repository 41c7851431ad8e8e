"""Words, slots and facts: what is held out stays out."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from training.facts import asked, kinds, story
from training.mixture import SKILLS, write
from training.shipped import sample_prompts
from training.wording import bare, clash, listed, slots_of, small
from training.wording import write as fill
from training.world import Part, World, is_held_out, table


def written(seed: int, rounds: int) -> Iterator[tuple[str, str]]:
    """Yield prompt and answer of invented examples, every skill in turn."""
    world = World(random.Random(seed), facts=(2, 12))
    for number in range(rounds):
        for example in write(world, list(SKILLS)[number % len(SKILLS)]):
            yield "\n".join(turn.content for turn in example.messages), example.answer


def test_a_template_is_filled_with_capitals_and_without_two_articles() -> None:
    slots = {"symptom": "a rash", "time": "two days"}
    assert fill("{Symptom} for {time!}. The {symptom?} itches.", slots) == "A rash for two days. The rash itches."
    assert slots_of("{drug?} at {dose!}, {often}") == ("drug", "dose", "often")
    assert slots_of("{drug?} at {dose!}", "!") == ("dose",)


@pytest.mark.parametrize(
    ("one", "other", "clashes"),
    [("cough", "a dry cough", True), ("a rash", "the rash", True), ("fever", "a cough", False)],
)
def test_noun_phrases_clash_when_one_is_part_of_the_other(one: str, other: str, clashes: bool) -> None:
    assert clash(one, other) is clashes
    assert clash(other, one) is clashes


def test_words_are_listed_and_written_small_unless_they_are_abbreviations() -> None:
    assert [listed([]), listed(["a"]), listed(["a", "b", "c"])] == ["", "a", "a, b and c"]
    assert [small("Fever"), small("ECG: normal"), bare("an ulcer")] == ["fever", "ECG: normal", "ulcer"]


def test_the_same_seed_gives_the_same_text() -> None:
    assert list(written(3, 42)) == list(written(3, 42))
    assert list(written(3, 21)) != list(written(4, 21))


def test_words_kept_for_measuring_never_occur_in_training_text() -> None:
    fresh = [bare(word) for words in table("clinic")["unseen"].values() for word in words]
    text = "\n".join(prompt + answer for prompt, answer in written(5, 420)).lower()
    assert not [word for word in fresh if word.lower() in text]


def test_every_form_of_the_open_vocabulary_can_be_filled_and_fits_a_slot_of_a_kind() -> None:
    world = World(random.Random(7))
    slots = {slot.removesuffix("_too") for kind in kinds().values() for slot in kind.slots}
    for slot, forms in table("open")["form"].items():
        assert slot in slots
        for form in forms:
            made = world.made_up(form)
            assert made
            assert "{" not in made


def test_made_up_words_are_drawn_for_training_alone() -> None:
    drugs = table("clinic")["drug"]
    parts: tuple[tuple[Part, bool], ...] = (("train", True), ("slots", False))
    for part, expected in parts:
        world = World(random.Random(8), part)
        assert any(world.word("drug") not in drugs for _ in range(60)) is expected


def test_no_prompt_of_a_shipped_sample_is_written() -> None:
    prompts = {prompt for prompt, _ in written(6, 420)}
    assert len(sample_prompts()) > 250
    assert not {prompt for prompt in prompts if any(prompt.endswith(sample) for sample in sample_prompts())}


def test_combinations_of_slots_that_are_held_out_are_drawn_for_measuring_alone() -> None:
    parts: tuple[tuple[Part, bool], ...] = (("train", False), ("slots", True))
    for part, expected in parts:
        world = World(random.Random(1), part)
        facts = [fact for _ in range(40) for fact in story(world, 6).facts if len(fact.slots) > 1]
        assert len(facts) > 40
        assert {is_held_out(fact.kind.name, *fact.slots.values()) for fact in facts} == {expected}


@pytest.mark.parametrize("name", sorted(kinds()))
def test_every_question_of_a_kind_uses_its_slots_alone(name: str) -> None:
    kind = kinds()[name]
    for template in (*kind.noted, *kind.yes, *kind.no, *(line for lines in kind.said for line in lines)):
        assert set(slots_of(template)) <= set(kind.slots)


def test_a_question_is_answered_by_its_text_as_its_label_says() -> None:
    world = World(random.Random(2))
    labels = set()
    for _ in range(300):
        told = story(world, 5)
        fact = world.pick(told.facts)
        question = asked(world, fact, told, world.pick(("YES", "NO", "IDK")))
        if question is None:
            continue
        labels.add(question.label)
        yes = {fill(template, fact.slots) for template in fact.kind.yes}
        assert (question.text in yes) is (question.label == "YES")
        if question.label == "IDK":
            word = question.echo.removeprefix("nothing on ")
            assert not any(clash(word, other) for other in told.words)
    assert labels == {"YES", "NO", "IDK"}

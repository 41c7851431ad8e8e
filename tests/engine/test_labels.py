"""A label is weighed in every spelling that a model may write, and no probability is counted twice."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from gguf import TokenType
from hypothesis import given, settings
from hypothesis import strategies as st

from medic_console.engine.child.labels import LEADS, shares, spellings
from tests.conftest import user_prompt
from tests.engine.conftest import StartEngine, outputs_of
from tests.engine.dictated import Dictated, write_dictated_model

PIECES = ["", *map(chr, range(32, 127)), "\n", "yes", " yes", "Yes", " Yes", " no", "No", " A", " B", "10", "IDK"]
NUMBERS = {piece: number for number, piece in enumerate(PIECES)}


def encode(text: str) -> list[int]:
    """Tokenise by the longest known piece."""
    found: list[int] = []
    while text:
        longest = max((piece for piece in PIECES[1:] if text.startswith(piece)), key=len)
        found.append(NUMBERS[longest])
        text = text[len(longest) :]
    return found


def encode_with_a_space(text: str) -> list[int]:
    """Tokenise as SentencePiece does: a space is put before the text."""
    return encode(text if text.startswith(" ") else f" {text}")


def piece(token: int) -> bytes:
    return PIECES[token].encode()


def texts(labels: list[str], tokeniser: Callable[[str], Sequence[int]] = encode) -> dict[str, set[str]]:
    """Return the texts of each label's spellings."""
    found = spellings(labels, tokeniser, piece)
    said: dict[str, set[str]] = {label: set() for label in labels}
    for tokens, owner in zip(*found, strict=True):
        said[labels[owner]].add("".join(PIECES[token] for token in tokens))
    return said


def test_a_word_is_known_in_any_case_and_behind_a_space_or_a_line() -> None:
    said = texts(["yes", "no", "maybe"])
    wanted = {"yes", " yes", "Yes", " Yes", "YES", "\nYes", "\n\nno", "(Yes", "**Maybe"}
    assert wanted <= said["yes"] | said["no"] | said["maybe"]
    assert not said["yes"] & said["no"]
    assert {text.strip(" \n(*").lower() for text in said["maybe"]} == {"maybe"}


def test_a_letter_keeps_its_case_as_small_ones_are_words() -> None:
    assert texts(["A", "B"])["A"] == {lead + "A" for lead in LEADS}


def test_a_tokeniser_that_puts_a_space_before_a_text_is_seen_through() -> None:
    assert texts(["A", "B"], encode_with_a_space)["A"] >= {"A", " A", "\nA"}
    assert texts(["yes"], encode_with_a_space)["yes"] >= {"yes", " yes", "Yes", " Yes"}


def test_a_spelling_of_two_labels_belongs_to_the_one_whose_own_text_it_is() -> None:
    said = texts(["yes", "Yes"])
    assert "yes" in said["yes"]
    assert "Yes" in said["Yes"]
    assert not said["yes"] & said["Yes"]
    assert "YES" not in said["yes"] | said["Yes"]


def test_the_own_text_of_a_label_stands_first() -> None:
    labels = ["yes", "no", "10"]
    found = spellings(labels, encode, piece)
    for number, label in enumerate(labels):
        assert found.tokens[found.owners.index(number)] == tuple(encode(label))
    assert list(found.owners) == sorted(found.owners)


@given(st.lists(st.sampled_from(["yes", "no", "A", "B", "1", "10", "IDK", "maybe", "Yes"]), unique=True, min_size=1))
def test_no_sequence_is_there_twice(labels: list[str]) -> None:
    found = spellings(labels, encode, piece)
    assert len(set(found.tokens)) == len(found.tokens)
    assert set(found.owners) == set(range(len(labels)))


@given(
    st.lists(st.sampled_from(["yes", "no", "1", "10", "A"]), unique=True, min_size=1), st.randoms(use_true_random=True)
)
@settings(deadline=None)
def test_the_labels_of_any_distribution_hold_no_more_than_all_of_it(labels: list[str], random: object) -> None:
    """Each token's probability is drawn for its place alone, so that a sequence's is their product."""
    draw = random.random  # type: ignore[attr-defined]
    found = spellings(labels, encode, piece)
    places = []
    for _ in range(max(map(len, found.tokens))):
        drawn = [draw() ** 8 + 1e-9 for _ in PIECES]
        places.append([one / sum(drawn) for one in drawn])
    chances = [math.prod(places[n][token] for n, token in enumerate(tokens)) for tokens in found.tokens]
    logs = {number: math.log(chance) for number, chance in enumerate(chances) if chance > 0}
    held = shares(found.tokens, found.owners, logs)
    assert all(0 <= share <= 1 + 1e-9 for share in held)
    assert math.fsum(held) <= 1 + 1e-9


def test_a_label_that_begins_another_does_not_hold_what_is_the_others() -> None:
    tokens, owners = ((1,), (1, 0), (2,)), (0, 1, 2)
    held = shares(tokens, owners, {0: math.log(0.6), 1: math.log(0.5), 2: math.log(0.3)})
    assert held == pytest.approx([0.1, 0.5, 0.3])


MARKS = ("Yes", " Yes", "yes", "no", "No")


def test_a_model_that_writes_yes_in_its_own_way_is_heard(start: StartEngine, tmp_path: Path) -> None:
    prompt = user_prompt("a", "Does it?", labels=("yes", "no", "maybe"))
    mixed = {"Yes": 0.5, " Yes": 0.2, "no": 0.2, "yes": 0.06, "X": 0.04}
    shape = Dictated(marks=MARKS, types=dict.fromkeys(MARKS, TokenType.USER_DEFINED), text="Yes", mixed=mixed)
    counted = start(write_dictated_model(tmp_path / "a.gguf", shape), vocabulary_only=True).count([prompt])
    file = write_dictated_model(tmp_path / "b.gguf", replace(shape, at=counted.tokens[0]))
    output = outputs_of(start(file), [prompt])["a"]
    assert output.text == "yes"
    assert output.probabilities["yes"] == pytest.approx(0.76, abs=0.02)
    assert output.probabilities["no"] == pytest.approx(0.2, abs=0.02)
    assert output.outside == pytest.approx(0.04, abs=0.02)

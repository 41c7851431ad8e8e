"""Built texts around claims that are denied, taken back or parts of a list: never read, whatever stands around them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.core.records import Item
from medic_console.scoring.answers.letter import read_letter
from medic_console.scoring.answers.math import read_integer
from medic_console.scoring.answers.medec import read_medec
from medic_console.scoring.answers.number import read_number
from medic_console.scoring.answers.registry import Reader
from medic_console.scoring.answers.sql import read_sql
from medic_console.scoring.answers.yes_no_maybe import read_word
from tests.scoring.answers.built import MANY
from tests.scoring.answers.test_doubted import DRUGS, MEDEC, WORDS, value

REASONS = st.sampled_from(
    ["", "The patient is 65 years old.\n", "Let us look at the table.\n\n", "The trial was small. "]
)
DENIED = st.sampled_from(
    [
        *("The answer is not {0}.", "It is false that the answer is {0}.", "Wrong answer: {0}\n", "The answer is {0}?"),
        *("I do not think the answer is {0}.", "If he smoked, the answer would be {0}.", "Example answer: {0}\n"),
        *("The patient's answer is {0}.", "The answer is {0}. Wait, that is wrong.", "Answer: {0} (wrong)"),
        *(
            "Nobody would say the answer is {0}.",
            "I was told the answer is {0}.",
            "Answer: not {0}",
            "If so, the answer is {0}.",
        ),
        *("Evidence is lacking that the answer is {0}.", "Insufficient evidence to say the answer is {0}."),
        *("It is too early to conclude that the answer is {0}.", "It is premature to say the answer is {0}."),
        *("Little supports that the answer is {0}.", "It is hard to say that the answer is {0}."),
        *("Few would say that the answer is {0}.", "It remains to be shown that the answer is {0}."),
        *("Many students say the answer is {0}.", "It is unlikely that the answer is {0}.", "Incorrect answer: {0}"),
    ]
)
"""Claims that are none."""
TURNED = st.sampled_from(
    [
        *(
            "Answer: {0}. Correction: {1}",
            "The answer is {0}. I made a mistake. The answer is {1}.",
            "Answer: {0}. Sorry, {1}.",
        ),
        *(
            "The answer is {0}. Wait, no, the answer is {1}.",
            "Answer: {0}\nRevised: {1}",
            "Answer: {0}. Changed to {1}.",
        ),
        *(
            "Initial answer: {0}\nFinal answer: {1}",
            "Wrong answer: {0}\nAnswer: {1}",
            "Answer: {0}. Scratch that, {1}.",
        ),
    ]
)
"""The second claim, or none: never the first."""
PAIRED = st.sampled_from(
    ["Answer: {0} (or {1})", "Answer: {0} or {1}", "Answer: {0}\nAnswer: {1}", "The answer is {0} or {1}."]
)
TOLD: tuple[tuple[Reader, Item, st.SearchStrategy[str]], ...] = (
    (read_letter, DRUGS, st.sampled_from("ABCD")),
    (read_word, WORDS, st.sampled_from(["yes", "no", "maybe"])),
    (read_number, Item("1", {"output_type": "decimal"}), st.integers(1, 99_999).map(lambda n: f"{n / 100:.2f}")),
    (read_number, Item("1", {"output_type": "integer"}), st.integers(0, 300).map(str)),
    (
        read_number,
        Item("1", {"output_type": "date"}),
        st.dates(date(1990, 1, 1), date(2060, 12, 31)).map("{:%m/%d/%Y}".format),
    ),
)


@MANY
@given(st.sampled_from(TOLD), st.data(), REASONS, DENIED)
def test_what_is_denied_is_never_read(told: tuple, data: st.DataObject, before: str, form: str) -> None:  # type: ignore[type-arg]
    reader, item, claims = told
    text = before + form.format(data.draw(claims))
    assert value(reader, text, item) is None, text


@MANY
@given(st.sampled_from(TOLD), st.data(), REASONS, st.one_of(TURNED, PAIRED))
def test_a_claim_that_is_taken_back_is_never_read(told: tuple, data: st.DataObject, before: str, form: str) -> None:  # type: ignore[type-arg]
    reader, item, claims = told
    old, new = data.draw(claims), data.draw(claims)
    text = before + form.format(old, new)
    if old != new:
        assert value(reader, text, item) in (None, value(reader, f"Answer: {new}", item)), text


@MANY
@given(st.lists(st.integers(1, 400), min_size=2, max_size=5, unique=True), st.booleans())
def test_a_part_of_a_list_is_never_the_answer(parts: list[int], summed: bool) -> None:
    lines = [f"{name}: {part}" for name, part in zip(("CHF", "HTN", "Age", "Stroke", "Sex"), parts, strict=False)]
    text = "Answer: " + "\n".join([*lines, f"Total: {sum(parts)}"] if summed else lines)
    assert value(read_number, text, Item("1", {"output_type": "integer"})) == (sum(parts) if summed else None)


READERS = [
    (read_letter, DRUGS),
    (read_word, WORDS),
    (read_number, Item("1", {"output_type": "decimal"})),
    (read_sql, MEDEC),
]


@pytest.mark.parametrize(("reader", "item"), [*READERS, (read_medec, MEDEC), (read_integer, MEDEC)])
@pytest.mark.parametrize(
    "piece",
    [
        "\n",
        " ",
        "no ",
        "not ",
        "; ",
        "Wait, ",
        "Answer: 7\n",
        "A (or ",
        "word",
        "-[2 ",
        "`SELECT 1` ",
        "2 is correct, ",
        "too early to say ",
    ],
)
def test_a_long_text_is_read_in_a_moment(reader: Reader, item: Item, piece: str) -> None:
    # No clock: a pattern that goes over the text once for each place in it would not end within the test's time.
    value(reader, "Answer: 7" + (piece * 20_000)[:20_000] + "x", item)

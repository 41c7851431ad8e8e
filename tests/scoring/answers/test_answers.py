from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from medic_console.core.errors import UsageError
from medic_console.core.records import Answer, Item, NoAnswer, Reason
from medic_console.scoring.answers.read import read_answer
from medic_console.scoring.answers.registry import READERS

SENTENCES = "0 He came in today.\n1 His pulse was 80.\n2 He was given 5 mg of a drug."
KINDS = ("decimal", "integer", "date", "weeks_days")
CLAIMS = [
    "Answer: ",
    "the answer is ",
    "A",
    "(B)",
    "\\boxed{C}",
    "CORRECT",
    "sentence 2: ",
    "n1 1 2 ",
    "1 2 ",
]
STATEMENTS = ["select 1", "WITH t AS (", "```sql\n", "```", ";", "null", "'", '"', "--", "/*"]
NUMBERS = [
    "12 weeks",
    "3 days",
    "1/2/2023",
    "2023-02-30",
    '{"answer": ',
    "%",
    "-1",
    "0",
    "1e999",
    "9" * 400,
    "1,000",
]
FRAGMENTS = st.sampled_from([*CLAIMS, *STATEMENTS, *NUMBERS, "3 out of 5", "\n", "\n\n", " "])
TEXTS = st.one_of(st.text(), st.lists(FRAGMENTS | st.text(max_size=3), max_size=12).map("".join))


def item(kind: str = "decimal") -> Item:
    fields = {"options": {"A": "one", "B": "two", "C": "B"}, "output_type": kind}
    return Item("n1", fields | {"sentences": SENTENCES, "text_id": "n1"})


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("text", ["", " \n\t "])
def test_blank_output_is_unreadable_for_every_reader(reader: str, text: str) -> None:
    assert read_answer(reader, text, item()) == NoAnswer(Reason.UNREADABLE, "empty output")


def test_text_is_taken_whole_and_shown_in_one_line() -> None:
    assert read_answer("text", " S: cough\n\nP: rest ", item()) == Answer(" S: cough\n\nP: rest ", "S: cough P: rest")


def test_an_unknown_reader_names_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        read_answer("letters", "A", item())
    assert "letters" in caught.value.message
    assert "letter" in caught.value.hint


@given(TEXTS, st.sampled_from(sorted(READERS)), st.sampled_from(KINDS))
@example("1" * 5000, "number", "integer")
@example("Answer: 1e400", "number", "decimal")
def test_readers_never_raise_and_read_what_they_show_alike(text: str, reader: str, kind: str) -> None:
    first = read_answer(reader, text, item(kind))
    if isinstance(first, NoAnswer):
        assert first.reason is Reason.UNREADABLE
        assert first.detail
        return
    assert "\n" not in first.shown
    again = read_answer(reader, first.value if reader in ("sql", "text") else first.shown, item(kind))
    assert isinstance(again, Answer)
    assert again.value == first.value


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reader", "kind"),  # one reader alone looks at the kind
    [("number", kind) for kind in KINDS] + [(reader, KINDS[0]) for reader in READERS if reader != "number"],
)
@pytest.mark.parametrize("piece", [" ", "\n", "1 ", "12 weeks ", "answer: ", "[{", "A. \n", "(", "select 1 ", "'"])
def test_long_outputs_are_read_in_linear_time(reader: str, kind: str, piece: str) -> None:
    began = time.process_time()
    read_answer(reader, "x\n" + piece * (20_000 // len(piece)), item(kind))
    assert time.process_time() - began < 10

from __future__ import annotations

import pytest

from medic_console.records import Answer, Item, NoAnswer, Reason
from medic_console.scoring.reading.letter import read_letter

ITEM = Item(
    "q1",
    {"options": {"A": "A beta blocker", "B": "Oral iron", "C": "Watchful waiting", "D": "Vitamin B12"}},
)


def read(text: str) -> str | None:
    answer = read_letter(text, ITEM)
    return answer.value if isinstance(answer, Answer) else None


@pytest.mark.parametrize(
    "text",
    [
        "B",
        "b",
        "(B)",
        "B.",
        "**B**",
        " `B` \n",
        "B. Oral iron",
        "B) Oral iron\n\nIron stores are low.",
        "(B) Oral iron, because iron stores are low.",
        "Answer: B",
        "**Answer:** (B)",
        "Final answer: B. Oral iron",
        "The answer is B.",
        "The correct answer is **B**, not C.",
        "The correct answer is option B",
        "The answer is B because iron stores are low.",
        "The answer is B Oral iron",
        "The answer is oral iron.",
        "So option B is correct.",
        r"Thus \boxed{B}",
        r"\boxed{\text{B}}",
        "oral  IRON.",
        "Ferritin is low.\n\nB",
        "B\n\nFerritin is low.",
        "Ferritin is low.\nOral iron\n",
        "A. Not indicated.\nB. Indicated.\nC. Too late.\n\nAnswer: B",
    ],
)
def test_a_claim_of_one_option_is_read(text: str) -> None:
    assert read(text) == "B"


@pytest.mark.parametrize(
    "text",
    [
        "Answer: B\nAnswer: C",
        "B\n\nThe answer is C.",
        "The answer is B or C.",
        "Answer: A and B",
        "A. No.\nB. Yes.",
        r"\boxed{A} or \boxed{B}",
    ],
)
def test_two_options_claimed_are_unreadable(text: str) -> None:
    answer = read_letter(text, ITEM)
    assert isinstance(answer, NoAnswer)
    assert answer.reason is Reason.UNREADABLE
    assert "several" in answer.detail


@pytest.mark.parametrize(
    "text",
    [
        "I cannot say.",
        "Answer: E",
        "A patient with anaemia needs care.",
        "The answer is a diet.",
        "-",
        "Be well",
    ],
)
def test_a_text_without_a_claim_is_unreadable(text: str) -> None:
    assert read(text) is None


def test_an_option_whose_text_begins_with_a_letter_is_not_taken_for_it() -> None:
    assert read("The answer is a beta blocker.") == "A"
    assert read("The answer is Vitamin B12.") == "D"


def test_labels_are_the_keys_of_the_options() -> None:
    item = Item("q", {"options": {"yes": "yes", "no": "no", "maybe": "maybe"}})
    assert read_letter("Answer: Maybe.", item) == Answer("maybe", "maybe")
    assert isinstance(read_letter("Answer: B", item), NoAnswer)

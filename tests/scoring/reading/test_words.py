from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.records import Answer, Item, NoAnswer
from medic_console.scoring.reading.words import read_word

ITEM = Item("1", {"options": {"yes": "yes", "no": "no", "maybe": "maybe"}})


def read(text: str, item: Item = ITEM) -> str | None:
    answer = read_word(text, item)
    return answer.value if isinstance(answer, Answer) else None


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "No.",
        "**NO**",
        '"no"',
        "No, the trial found no difference.",
        "No – the groups were alike.",
        "No because the groups were alike.",
        "Answer: no",
        "**Answer:** No",
        "The answer is no.",
        "The answer to the question is no.",
        "Final decision: no",
        r"\boxed{no}",
        r"\boxed{\text{No}}",
        "The groups were alike.\n\nNo",
        "Yes, symptoms fell at first.\n\nAnswer: no",
    ],
)
def test_a_claim_of_one_word_is_read(text: str) -> None:
    assert read(text) == "no"


@pytest.mark.parametrize(
    "text",
    [
        "No difference was found.",
        "There is no answer.",
        "Answer: no difference",
        "Answer: yes\nAnswer: no",
        "Answer: yes/no/maybe",
        "The answer is yes or no.",
        "Yes or no?",
        "Nobody knows",
        "unknown",
        "It depends.",
    ],
)
def test_no_claim_or_several_are_unreadable(text: str) -> None:
    assert read(text) is None


def test_only_the_words_of_the_item_are_answers() -> None:
    toxic = Item("1", {"options": {"yes": "yes", "no": "no"}})
    assert read("maybe", toxic) is None
    assert read("Yes", toxic) == "yes"


@given(st.text(min_size=1))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert isinstance(read_word(text, ITEM), Answer | NoAnswer)


@given(st.sampled_from(["yes", "no", "maybe"]), st.sampled_from([str, str.upper, str.title]))
def test_every_word_is_read_back_in_any_case(word: str, case: type[str]) -> None:
    assert read(case(word)) == word
    assert read(f"The answer is {case(word)}, as the table shows.") == word

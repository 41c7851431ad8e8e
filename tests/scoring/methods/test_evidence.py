"""Which sentence a question speaks of."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from medic_console.scoring.methods.cef.evidence import find_evidence, sentences

TEXT = "[doctor] Any fever?\n[patient] No fever, some night sweats. The dose is 2.5 mg.\n[doctor] The lungs are clear."


def _found(question: str, text: str = TEXT) -> str:
    span = find_evidence(question, text)
    return "" if span is None else text[slice(*span)]


def test_the_sentence_that_shares_most_is_found() -> None:
    assert _found("Are the lungs clear?") == "[doctor] The lungs are clear."


def test_a_sentence_that_states_goes_before_one_that_asks() -> None:
    assert _found("Does the patient deny fever?") == "[patient] No fever, some night sweats."


def test_a_decimal_point_ends_no_sentence() -> None:
    assert _found("Is the dose 2.5 mg?") == "The dose is 2.5 mg."


def test_endings_of_words_do_not_matter() -> None:
    assert _found("Is there night sweating?") == "[patient] No fever, some night sweats."


def test_a_single_digit_counts_and_a_single_letter_does_not() -> None:
    text = "The dose is 4 mg of x.\nThe dose is 5 mg of y."
    assert _found("Is the dose 5 mg?", text) == "The dose is 5 mg of y."
    assert _found("Is the dose 4 mg of y?", text) == "The dose is 4 mg of x."


def test_a_short_word_keeps_its_ending() -> None:
    assert _found("Was the red rash seen?", "He takes res. The red rash is new.") == "The red rash is new."
    assert _found("Is he using it?", "An eye was tested.") == ""


def test_a_question_about_something_else_has_no_evidence() -> None:
    assert _found("Was a colonoscopy performed?") == ""


def test_a_question_of_common_words_alone_has_no_evidence() -> None:
    assert _found("Is it the same?") == ""


@given(st.text(), st.text())
def test_a_span_always_lies_within_the_text(question: str, text: str) -> None:
    span = find_evidence(question, text)
    assert span is None or (0 <= span[0] < span[1] <= len(text) and text[slice(*span)].strip())


@given(st.text())
def test_sentences_do_not_overlap(text: str) -> None:
    spans = list(sentences(text))
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))

"""Line format: MEDIQA-CORR 2024, evaluation script (parse_run_submission_file)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medic_console.core.records import Answer, Item, NoAnswer
from medic_console.scoring.answers.medec import read_medec
from tests.scoring.answers.built import MANY

NOTE = "0 A man came in.\n1 5 days ago he fell.\n2 His pulse was 80.\n3 He was given 5 mg of a drug."
PLAIN = "0 A man came in.\n1 He fell.\n2 His pulse was 80.\n3 He was given a drug."


def read(text: str, sentences: str = PLAIN) -> tuple[int, int, str | None] | None:
    answer = read_medec(text, Item("ms-9", {"text_id": "ms-9", "sentences": sentences}))
    if isinstance(answer, NoAnswer):
        return None
    assert isinstance(answer, Answer)
    return answer.value["flag"], answer.value["sentence_id"], answer.value["correction"]


@pytest.mark.parametrize(
    "text",
    [
        "ms-9 0 -1 NA",
        "0 -1 NA",
        '0 -1 "NA"',
        "0",
        "0 NA",
        "0 no error",
        "CORRECT",
        "Correct.",
        "**CORRECT**",
        "Answer: CORRECT",
        "The answer is CORRECT.",
        "CORRECT. There is no error.",
        "<answer>CORRECT</answer>",
        r"\boxed{CORRECT}",
        r"$\boxed{\text{CORRECT}}$",
        "No error.",
        "No errors found.",
        "No medical errors were found in this note.",
        "There are no errors in the note.",
        "The note contains no errors.",
        "The note does not contain any errors.",
        "The note is correct.",
        "All sentences are correct.",
        "This text is error-free.",
        "Errors: 0",
        "Error: none",
        "0 errors found",
        "Error flag: 0\nError sentence: -1\nCorrected sentence: NA",
        '{"error_flag": 0, "error_sentence_id": -1, "corrected_sentence": "NA"}',
    ],
)
def test_no_error(text: str) -> None:
    assert read(text) == (0, -1, None)


@pytest.mark.parametrize(
    "text",
    [
        'ms-9 1 2 "His pulse was 90."',
        "ms-9 1 2 His pulse was 90.",
        '1 2 "His pulse was 90."',
        "1 2 His pulse was 90.",
        "2 His pulse was 90.",
        "2. His pulse was 90.",
        "2) His pulse was 90.",
        "2: His pulse was 90.",
        "2 - His pulse was 90.",
        "- 2 His pulse was 90.",
        "(2) His pulse was 90.",
        "[2] His pulse was 90.",
        "**2** His pulse was 90.",
        "\ufeff2 His pulse was 90.",
        '2 "His pulse was 90."',
        "Answer: 2 His pulse was 90.",
        "The answer is 2 His pulse was 90.",
        "Sentence 2: His pulse was 90.",
        "Sentence number 2: His pulse was 90.",
        "Line 2: His pulse was 90.",
        "Incorrect. Sentence 2: His pulse was 90.",
        "Sentence 2 should read: His pulse was 90.",
        "Sentence 2 is incorrect. It should be: His pulse was 90.",
        "There is an error in sentence 2: His pulse was 90.",
        "I found an error in sentence 2. The corrected sentence is: His pulse was 90.",
        "The error is here:\n2 His pulse was 90.",
        "Sentence 2: His pulse was 80.\nCorrected: His pulse was 90.",
        "Error flag: 1\nError sentence ID: 2\nCorrected sentence: His pulse was 90.",
        '{"error_flag": 1, "error_sentence_id": 2, "corrected_sentence": "His pulse was 90."}',
        '{"error_flag": "1", "error_sentence_id": "2", "corrected_sentence": "His pulse was 90."}',
        'ms-1 1 3 "Other note."\nms-9 1 2 "His pulse was 90."',
        "2\nHis pulse was 90.",
        "Sentence 2:\n\nHis pulse was 90.",
        "The error is in sentence 2.\n\nHis pulse was 90.",
        "The error is in sentence 2. The corrected sentence is:\n\nHis pulse was 90.",
        "Sentence 2\nCorrected sentence:\nHis pulse was 90.",
        "2 should read: His pulse was 90.",
        "2. Corrected sentence: His pulse was 90.",
        "1. Sentence 2: His pulse was 90.",
        "1. The error is in sentence 2: His pulse was 90.",
    ],
)
def test_an_error_with_its_sentence_and_correction(text: str) -> None:
    assert read(text) == (1, 2, "His pulse was 90.")


@pytest.mark.parametrize(
    "text",
    [
        "1 error found in sentence 2",
        "1 error found in sentence 2.",
        "Error in sentence 2",
        "The error is in sentence 2.",
        "Sentence number: 2",
        "Sentence 2",
        "Sentence 2 is incorrect.",
        "Sentence 2 contains an error.",
        "The incorrect sentence is sentence 2.",
        "Error sentence: 2",
        "1 2 NA",
        "1. The error is in sentence 2.",
        "1 The error is in sentence 2.",
        "1. Sentence 2 is incorrect.",
        "2 is wrong.",
        "2. This sentence contains an error.",
        "2. The error is that his pulse was 90.",
        "2\nHe may have had a fever.",
        "2\nHis pulse was 80.",
    ],
)
def test_words_that_place_the_error_name_its_sentence(text: str) -> None:
    assert read(text) == (1, 2, None)


def test_a_sentence_named_beside_flag_0_counts_as_given() -> None:
    # compute_accuracy compares sentence ids whatever the flag says; the correction is taken for NA.
    assert read("ms-9 0 2 His pulse was 90.") == (0, 2, None)
    assert read("0 2") == (0, 2, None)
    assert read("0 -1 The note is fine.") == (0, -1, None)


def test_an_error_may_lack_sentence_and_correction() -> None:
    assert read("1") == (1, -1, None)
    assert read("1 2 NA") == (1, 2, None)
    assert read("1 2") == (1, 2, None)
    assert read("3") == (1, 3, None)
    assert read('1 -1 "x"') == (1, -1, "x")


def test_a_corrected_sentence_that_begins_with_a_number_is_told_from_a_submission_line() -> None:
    assert read("1 5 days ago he slipped.", NOTE) == (1, 1, "5 days ago he slipped.")
    assert read("1 6 days ago he fell.", NOTE) == (1, 1, "6 days ago he fell.")
    assert read("1 2 His pulse was 90.", NOTE) == (1, 2, "His pulse was 90.")
    assert read("0 2 men came in.") == (1, 0, "2 men came in.")
    # Sentence 1 itself begins with the number of another sentence.
    ago = "0 A man came in.\n1 2 days ago he fell.\n2 His pulse was 80."
    assert read("1 2 days ago he slipped.", ago) == (1, 1, "2 days ago he slipped.")


@pytest.mark.parametrize(
    "text",
    [
        "The note is fine.",
        "The note is not correct.",
        "The note is correct except sentence 2.",
        "There is no error in sentence 2.",
        "Sentence 2 is correct.",
        "Sentence 99 is incorrect.",
        "99 No such sentence.",
        "CORRECT\n2 His pulse was 90.",
        "1 A.\n2 B.",
        "2 errors in sentences 1 and 3",
        "2 errors found",
        "Errors in sentence 1 and sentence 3.",
        "0 A man came in.\n1 He fell.\n2 His pulse was 90.\n3 He was given a drug.",
        "The error is not in sentence 2.",
        "Sentence 2 does not contain an error.",
        "The note is correct. Sentence 2 is incorrect.",
        "CORRECT. Sentence 2 is incorrect.",
        "There is no error in the note. Sentence 2 is wrong.",
        "CORRECT\nThe note contains an error.",
        "CORRECT\nA woman came in.",
        "0\nA woman came in.",
        "1. CORRECT",
        "1 CORRECT",
        "1. No error.",
        "2. There is no error in the note.",
        "1. The error is in the pulse.",
        "3. The error is in sentence 2.",
        "1. 2 His pulse was 90.",
        "2\nHis pulse was 90.\nHis pulse was 95.",
        "The error in the note is: 1.",
    ],
)
def test_anything_else_is_unreadable(text: str) -> None:
    assert read(text) is None


def test_a_count_is_no_sentence_and_a_corrected_sentence_may_speak_of_errors() -> None:
    assert read("1 error") == (1, -1, None)
    assert read("INCORRECT") == (1, -1, None)
    assert read("The note contains a medical error.") == (1, -1, None)
    assert read("The note holds one medical error or none.") is None
    assert read("0 CORRECT") == (0, -1, None)
    assert read("1\nHe slipped.") == (1, 1, "He slipped.")
    assert read("2 No errors in dosing were seen.") == (1, 2, "No errors in dosing were seen.")
    assert read("2 His pulse was 90. No other errors were found.") == (
        *(1, 2),
        "His pulse was 90. No other errors were found.",
    )


def test_the_same_answer_twice_is_one_answer() -> None:
    assert read("CORRECT\n\nCORRECT") == (0, -1, None)


FORMS = st.sampled_from(
    [
        "{n} {text}",
        "- {n} {text}",
        "({n}) {text}",
        "[{n}] {text}",
        "{n}. {text}",
        "Sentence {n}: {text}",
        "Answer: {n} {text}",
        "There is an error in sentence {n}: {text}",
        "Sentence number: {n}\nCorrected sentence: {text}",
        'ms-9 1 {n} "{text}"',
        '{{"flag": 1, "sentence": {n}, "correction": "{text}"}}',
    ]
)
WORDS = st.lists(st.sampled_from(["he", "was", "given", "a", "drug", "for", "errors", "in", "dose", "no", "pulse"]))


@MANY
@given(FORMS, st.integers(0, 3), WORDS.filter(bool))
def test_no_generated_answer_is_misread(form: str, number: int, words: list[str]) -> None:
    text = f"The {' '.join(words)}."
    assert read(form.format(n=number, text=text)) == (1, number, text)


@settings(max_examples=150, deadline=None)
@given(st.text(min_size=1))
def test_no_text_breaks_the_reader(text: str) -> None:
    item = Item("ms-9", {"text_id": "ms-9", "sentences": PLAIN})
    assert isinstance(read_medec(text, item), Answer | NoAnswer)

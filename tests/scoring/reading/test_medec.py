"""Line format: MEDIQA-CORR 2024, evaluation script (parse_run_submission_file)."""

from __future__ import annotations

import pytest

from medic_console.records import Answer, Item, NoAnswer
from medic_console.scoring.reading.medec import read_medec

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
        "CORRECT",
        "Correct.",
        "**CORRECT**",
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
        "Sentence 2: His pulse was 90.",
        "The error is here:\n2 His pulse was 90.",
        'ms-1 1 3 "Other note."\nms-9 1 2 "His pulse was 90."',
    ],
)
def test_an_error_with_its_sentence_and_correction(text: str) -> None:
    assert read(text) == (1, 2, "His pulse was 90.")


def test_a_sentence_named_beside_flag_0_counts_as_given() -> None:
    # compute_accuracy compares sentence ids whatever the flag says; the correction is taken for NA.
    assert read("ms-9 0 2 His pulse was 90.") == (0, 2, None)
    assert read("0 2") == (0, 2, None)


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


@pytest.mark.parametrize(
    "text", ["The note is fine.", "99 No such sentence.", "CORRECT\n2 His pulse was 90.", "1 A.\n2 B."]
)
def test_anything_else_is_unreadable(text: str) -> None:
    assert read(text) is None


def test_the_same_answer_twice_is_one_answer() -> None:
    assert read("CORRECT\n\nCORRECT") == (0, -1, None)

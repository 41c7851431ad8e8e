from __future__ import annotations

import pytest

from medic_console.scoring.scorers.ifeval.tokenization import count_capital_words, count_sentences, count_words


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("Rest and sleep", 1),
        ("Rest.\nSleep.", 2),
        ("Rest\nSleep", 1),
        ("What?! Really.", 2),
        ("Yes!!! No.", 2),
        ('"Rest." She said (twice.) Then left.', 3),
        ("Dr. Lee and Mrs. Roy met.", 1),
        ("Give fruit, e.g. apples. Then rest.", 2),
        ("He works in the U.S. now.", 1),
        ("He works in the U.S. He is a nurse.", 2),
        ("He waited... and left.", 1),
        ("He waited... Then he left.", 2),
        ("Give 2.5 mg now.", 1),
        ("1. Rest well.", 2),
        ("See rule 1. below.", 1),
        ("This ends. then this begins.", 2),
        ("**Note.** Rest.", 2),
        ("**Rest.**", 2),
        ("Visit www.example.org now.", 1),
    ],
)
def test_sentences(text: str, count: int) -> None:
    assert count_sentences(text) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("The ECG and the MRI.", 2),
        ("An X-RAY is one word", 1),
        ("**STOP** (NOW), 'YES' and \"NO\"", 4),
        ("DON'T", 2),
        ("The WHO's plan", 1),
        ("CANNOT", 2),
        ("STOP--NOW...PLEASE", 3),
        ("I am A", 2),
        ("37°C and 500", 1),
        ("Ecg mRI", 0),
    ],
)
def test_capital_words(text: str, count: int) -> None:
    assert count_capital_words(text) == count


def test_words_are_runs_of_letters_digits_and_underscores() -> None:
    assert count_words("Don't take 2.5 mg of it_all") == 8
    assert count_words("– … !") == 0

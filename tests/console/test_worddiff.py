"""Words that differ."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from medic_console.console.worddiff import changed


def _parts(before: str, after: str) -> tuple[list[str], list[str]]:
    left, right = changed(before, after)
    return [before[slice(*span)] for span in left], [after[slice(*span)] for span in right]


def test_a_changed_word_is_found_on_both_sides() -> None:
    assert _parts("Take losartan 25 mg once daily.", "Take losartan 50 mg once daily.") == (["25"], ["50"])


def test_added_words_stand_on_one_side_only() -> None:
    assert _parts("She may play.", "She may not yet play.") == ([], ["not yet"])


def test_blanks_and_line_ends_do_not_count() -> None:
    assert _parts("no  fever\n", "no fever") == ([], [])


def test_texts_too_long_to_compare_word_by_word_differ_as_a_whole() -> None:
    start = time.perf_counter()
    before, after = "a b " * 5000, "b a " * 5000
    assert _parts(before, after) == ([before.strip()], [after.strip()])
    assert time.perf_counter() - start < 5


@given(st.text("ab .", max_size=40), st.text("ab .", max_size=40))
def test_without_the_changed_parts_both_texts_hold_the_same_words(before: str, after: str) -> None:
    def kept(text: str, spans: list[tuple[int, int]]) -> list[str]:
        for start, end in reversed(spans):
            text = f"{text[:start]}\n{text[end:]}"
        return [char for word in text.split() for char in word]

    left, right = changed(before, after)
    assert kept(before, left) == kept(after, right)

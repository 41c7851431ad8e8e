"""Rows of a text: nothing is lost, nothing is wider than the pane."""

from __future__ import annotations

import itertools
import time

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from medic_console.console import wrapping
from medic_console.console.text import plain
from medic_console.console.wrapping import wrap

ANY = st.text(st.sampled_from("ab  \n患👩\u200d\u0301é.") | st.characters(), max_size=80).map(plain)


def _shown(text: str, width: int) -> list[str]:
    return [text[row.start : row.end] for row in wrap(text, width)]


def test_a_text_is_broken_at_blanks() -> None:
    assert _shown("no fever and no blood", 9) == ["no fever ", "and no ", "blood"]


def test_a_word_wider_than_a_row_is_broken_inside() -> None:
    assert _shown("a " + "x" * 7 + " b", 3) == ["a ", "xxx", "xxx", "x b"]


def test_wide_characters_count_two_cells() -> None:
    assert _shown("患者は熱", 5) == ["患者", "は熱"]


def test_blanks_at_the_end_of_a_row_break_nothing() -> None:
    assert _shown("abc  d", 3) == ["abc  ", "d"]


def test_an_empty_line_is_a_row() -> None:
    assert _shown("a\n\nb", 5) == ["a", "", "b"]


@given(ANY, st.integers(1, 12))
def test_every_character_stands_in_exactly_one_row(text: str, width: int) -> None:
    lines: dict[int, str] = {}
    for row in wrap(text, width):
        assert len(lines.get(row.line, "")) == row.column
        lines[row.line] = lines.get(row.line, "") + text[row.start : row.end]
    assert "\n".join(lines.values()) == text


@given(ANY, st.integers(2, 12))
def test_no_row_is_wider_than_the_pane_but_by_blanks(text: str, width: int) -> None:
    assert all(cell_len(row.rstrip()) <= width for row in _shown(text, width))


@given(
    st.text(st.sampled_from("ab. \u00b0\u00e4\u2013\u00a0\u25cf\u2713\u2260\u2502"), max_size=60), st.integers(1, 12)
)
def test_narrow_signs_are_broken_as_all_others_are(text: str, width: int) -> None:
    breaks = [0, *wrapping._breaks(text, width), len(text)] if len(text) > width else [0, len(text)]
    assert [(row.start, row.end) for row in wrap(text, width)] == list(itertools.pairwise(breaks))


def test_signs_that_are_taken_for_narrow_are() -> None:
    narrow = [chr(code) for code in range(0x20, 0x2800) if wrapping._NARROW.fullmatch(chr(code))]
    assert len(narrow) > 1_100 and all(cell_len(sign) == 1 for sign in narrow)


def test_a_line_of_100_000_characters_is_broken_at_once() -> None:
    start = time.perf_counter()
    assert len(_shown("x" * 100_000, 50)) == 2000
    assert len(_shown("患" * 100_000, 50)) == 4000
    assert time.perf_counter() - start < 5

"""Untrusted text is shown and never obeyed."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Content

from medic_console.console.bars import bar, probability
from medic_console.console.text import clock, count, fitted, joined, one_line, plain, size
from medic_console.console.widgets.heading import cut_at


def test_escape_sequences_become_visible_symbols() -> None:
    assert plain("\x1b[31mred\x1b]8;;http://x\x07") == "␛[31mred␛]8;;http://x␇"


def test_line_feeds_stay_and_tabs_become_spaces() -> None:
    assert plain("a\tb\r\nc\rd") == "a   b\nc␍d"


def test_bidirectional_and_invisible_characters_show_their_code() -> None:
    assert plain("a\u202eb\u200bc\ufeff") == "a⟨202E⟩b⟨200B⟩c⟨FEFF⟩"


def test_lone_surrogates_are_replaced() -> None:
    assert plain("a\ud800b") == "a\ufffdb"


@given(st.text())
def test_no_control_character_but_line_feed_survives(text: str) -> None:
    assert not [c for c in plain(text) if c != "\n" and unicodedata.category(c) in ("Cc", "Cs")]


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1


def test_a_cut_line_says_so() -> None:
    assert one_line("x" * 500, 10) == "x" * 9 + "…"


@given(
    st.integers(-(10**12), 10**12),
    st.integers(1, 30),
    st.sampled_from(["", "about ", "x = ", "medqa: "]),
    st.booleans(),
)
def test_an_ellipsis_never_stands_for_digits(number: int, width: int, before: str, right: bool) -> None:
    text = f"{before}{number}"
    for shown in (fitted(text, width, right).strip(), one_line(text, width)):
        assert shown == text or not any(sign.isdigit() for sign in shown)
    assert len(fitted(text, width, right)) == width


def test_names_are_cut_where_the_room_ends() -> None:
    assert fitted("medqa-sample-0012", 16) == "medqa-sample-00…"
    assert [fitted("-1281.55", 6), fitted("HbA1c 8.25 %", 9), fitted("漢字", 3)] == ["…     ", "HbA1c …  ", "漢…"]


def test_numbers_read_as_a_person_writes_them() -> None:
    assert [count(1, "run"), count(2_000, "run")] == ["1 run", "2,000 runs"]
    assert [size(999), size(5_230_912), size(4_200_000_000)] == ["999 B", "5.2 MB", "4.2 GB"]
    assert [clock(None), clock(41), clock(3_725)] == ["–", "00:41", "1:02:05"]


def test_probabilities_never_look_surer_than_they_are() -> None:
    assert [probability(p) for p in (0.93, 0.999, 0.994, 0.001, 0.0)] == [".93", "1.0", ".99", "<.01", ".00"]


@given(st.floats(-1, 2), st.integers(1, 40))
def test_a_bar_always_has_its_width(share: float, width: int) -> None:
    assert sum(map(len, bar(share, width))) == width


@given(st.lists(st.text("ab 1患", min_size=1, max_size=9), max_size=8), st.integers(0, 60))
def test_parts_are_whole_or_not_there_at_all(parts: list[str], room: int) -> None:
    told = joined(parts, room)
    shown = told.removesuffix(" · …")
    assert " · ".join(parts).startswith(shown)
    assert shown == "" or any(" · ".join(parts[:number]) == shown for number in range(1, len(parts) + 1))
    assert cell_len(told) <= room or told in (" · ".join(parts[:1]), f"{parts[0]} · …")
    assert (told == " · ".join(parts)) == (cell_len(" · ".join(parts)) <= room or len(parts) < 2)


@given(st.integers(1, 60))
def test_a_heading_is_cut_neither_within_a_number_nor_within_brackets(width: int) -> None:
    line = Content("MedQA 1,204 of 4,000  clinic-8b sha 636c696e (12 of 13)")
    shown = cut_at(line, width)
    assert shown.cell_length <= width
    assert shown.plain == line.plain or shown.plain.endswith("…")
    kept = shown.plain.removesuffix("…")
    assert line.plain.startswith(kept) and kept.count("(") == kept.count(")")
    for number in ("1,204", "4,000"):
        assert not any(kept.endswith(f" {number[:n]}") for n in range(1, len(number)))

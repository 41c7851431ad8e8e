"""Figures in words: what of a figure is told, and in which form."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from medic_console.core.records import Figure, MetricValue
from medic_console.statistics import words
from medic_console.statistics.gaps import Gap

ALL = Figure(100.0, 97.0, 100.0, 100)
SOME = Figure(82.0, 74.2, 88.1, 120)
TITLE = "Knowledge to execution"


def test_a_title_is_read_out_with_words_for_its_arrow() -> None:
    assert words.aloud(words.aimed("Harm", "lower")) == "Harm, lower is better"
    assert words.aloud(words.aimed("Accuracy", "higher")) == "Accuracy"


def value(share: Figure | None, answered: Figure | None = None, **more: Any) -> MetricValue:
    return MetricValue("accuracy", 62.5, 53.1, 70.2, 120, "percent", answered=answered, share=share, **more)


def gap(value: float | None, low: float | None = None, high: float | None = None, **more: Figure | str) -> Gap:
    sides = (None, None) if value is None else (50.0, 50.0 + value)
    return Gap(TITLE, value, low, high, ("medqa", "ehrsql"), *sides, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("number", "places", "shown", "signed"),
    [
        (None, 1, "–", "–"),
        (62.46, 1, "62.5", "+62.5"),
        (-33.4, 0, "−33", "−33"),
        (-0.04, 1, "0.0", "+0.0"),
        (0.0, 0, "0", "+0"),
        (15.0, 2, "15.00", "+15.00"),
    ],
)
def test_a_number_has_its_places_and_what_is_shown_as_0_no_minus(
    number: float | None, places: int, shown: str, signed: str
) -> None:
    assert words.number(number, places) == shown
    assert words.signed(number, places) == signed


def test_an_interval_needs_both_ends() -> None:
    assert words.ends(53.14, 70.2) == "[53.1, 70.2]"
    assert words.ends(-5.0, 0.0, 0) == "[−5, 0]"
    assert words.ends(None, 70.2) == words.ends(53.1, None) == words.ends(None, None) == ""


def test_a_headline_is_told_with_its_interval_and_its_mark() -> None:
    found = value(ALL)
    assert words.figure(found) == words.marked(found) == "62.5 [53.1, 70.2]"
    assert words.figure(found, 0) == "62 [53, 70]"
    doubted = replace(found, provisional="kin")
    assert (words.mark(found), words.mark(doubted)) == ("", "*")
    assert words.marked(doubted) == "62.5 [53.1, 70.2]*"
    bare = replace(doubted, low=None, high=None)
    assert (words.figure(bare), words.marked(bare)) == ("62.5", "62.5*")
    none = replace(bare, value=None)
    assert words.figure(none) == words.marked(none) == "–"


GIVEN = Figure(75.0, 66.1, 82.2, 98)


@pytest.mark.parametrize(
    ("share", "answered", "told", "short", "column"),
    [
        (ALL, GIVEN, "all answered", "all ans.", "all"),
        (SOME, GIVEN, "82 % [74, 88] answered, of those 75.0 [66.1, 82.2] n 98", "82 % ans. 75 [66, 82]", "82 %"),
        (SOME, None, "82 % [74, 88] answered", "82 % ans.", "82 %"),
        (SOME, Figure(None), "82 % [74, 88] answered", "82 % ans.", "82 %"),
        (None, GIVEN, "", "", ""),
        (Figure(None), GIVEN, "", "", ""),
    ],
)
def test_what_is_answered_is_told_whole_in_short_and_for_a_column(
    share: Figure | None, answered: Figure | None, told: str, short: str, column: str
) -> None:
    found = value(share, answered)
    assert words.answered(found) == told
    assert words.answered_short(found) == short
    assert words.share_short(found) == column
    assert words.share(found) == told.split(", of those")[0]


@pytest.mark.parametrize(("percent", "shown"), [(99.6, "99 %"), (99.0, "99 %"), (0.0, "0 %"), (0.4, "0 %")])
def test_a_share_under_100_percent_is_never_told_as_100(percent: float, shown: str) -> None:
    assert words.share_short(value(Figure(percent, 0.0, 100.0, 1000))) == shown
    assert words.share(value(Figure(percent, None, None, 1000))).startswith(f"{shown} ")
    assert words.share(value(Figure(99.97, 90.0, 100.0, 10)), 1) == "99.9 % [90.0, 100.0] answered"


def test_the_value_of_guessing_is_told_where_there_is_one() -> None:
    assert words.chance(replace(value(ALL), chance=25.0)) == "chance 25.0"
    assert words.chance(value(ALL)) == ""


MORE = Figure(15.0, -15.2, 43.4, 41)


@pytest.mark.parametrize(
    ("share", "answered", "told", "short"),
    [
        (ALL, MORE, "all answered", "all ans."),
        (SOME, MORE, "82 % [74, 88] answered, of those +15 [−15, 43] n 41", "82 % ans. +15 [−15, 43]"),
        (SOME, Figure(15.0, None, None, 41), "82 % [74, 88] answered, of those +15 n 41", "82 % ans. +15"),
        (SOME, None, "82 % [74, 88] answered", "82 % ans."),
        (SOME, Figure(None), "82 % [74, 88] answered", "82 % ans."),
        (None, MORE, "", ""),
    ],
)
def test_a_gap_among_answered_items_is_told_with_its_sign(
    share: Figure | None, answered: Figure | None, told: str, short: str
) -> None:
    found = replace(gap(-33.0, -45.0, -20.0), share=share, answered=answered)
    assert words.gap_answered(found) == told
    assert words.gap_answered_short(found) == short


def test_a_gap_is_told_with_both_sides_or_what_is_missing() -> None:
    assert words.gap(gap(-33.4, -45.0, -20.0)) == "50 → 17, −33 [−45, −20]"
    assert words.gap(gap(4.0, -1.0, 9.0, provisional="kin"), 1) == "50.0 → 54.0, +4.0 [−1.0, 9.0]*"
    assert words.gap(gap(4.0)) == "50 → 54, +4 no interval"
    assert words.gap(gap(None)) == "not known: a side has no task with a value"


@pytest.mark.parametrize(
    ("found", "meaning"),
    [
        (gap(-33.0, -45.0, -20.0), "knows more than it carries out"),
        (gap(33.0, 20.0, 45.0), "carries out more than it knows"),
        (gap(-0.5, -0.9, -0.1), "knows more than it carries out"),
        (gap(0.5, 0.1, 0.9), "carries out more than it knows"),
        (gap(-3.0, -9.0, 0.0), "no sure gap"),
        (gap(3.0, 0.0, 9.0), "no sure gap"),
        (gap(-33.0), "no sure gap"),
        (gap(None), "no sure gap"),
    ],
)
def test_a_gap_says_something_of_the_model_only_where_its_interval_leaves_out_0(found: Gap, meaning: str) -> None:
    assert words.gap_meaning(found) == meaning


def test_gaps_of_several_models_have_words_of_their_own() -> None:
    assert words.gap_meaning_of_many(TITLE) == "know more than they carry out"
    assert words.gap_meaning_of_many("Passive to active safety") == "refuse harm better than they find errors"


def test_a_number_as_it_is_has_one_kind_of_minus_and_no_minus_zero() -> None:
    assert [words.exact(value) for value in (-1281.5, -0.0, 1234567.0, 0.1)] == ["−1281.5", "0", "1234567", "0.1"]
    assert words.number(-0.04) == "0.0"

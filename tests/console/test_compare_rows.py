from __future__ import annotations

from dataclasses import replace

import pytest

from medic_console.console.compare.portfolio_rows import case_columns
from medic_console.console.compare.rows import leaning
from medic_console.results.comparison import words
from medic_console.results.comparison.pairs import PairResult
from medic_console.statistics.comparing import Pairs, compare
from medic_console.statistics.equivalence import LEAST, equivalence


def result_of(notes: int) -> PairResult:
    """Return a comparison in which the second model does much worse on every note."""
    second = tuple(60.0 + note for note in range(notes))
    pairs = Pairs(tuple(20.0 + 0.5 * value for value in second), second, tuple(map(str, range(notes))))
    return PairResult("a", "b", compare(pairs), None, equivalence(pairs, margin=2), 0, notes, (), {})


@pytest.mark.parametrize(("notes", "colour"), [(LEAST - 1, ""), (LEAST, "label-no")])
def test_a_difference_has_a_colour_only_when_it_rests_on_enough_notes(notes: int, colour: str) -> None:
    assert leaning(result_of(notes), "higher") == colour


@pytest.mark.parametrize(("p_holm", "colour"), [(None, "label-no"), (0.049, "label-no"), (0.05, "")])
def test_a_difference_keeps_its_colour_only_while_the_corrected_p_is_under_5_percent(
    p_holm: float | None, colour: str
) -> None:
    assert leaning(replace(result_of(LEAST), p_holm=p_holm), "higher") == colour


def test_where_lower_values_are_better_a_lower_one_has_the_colour_of_better() -> None:
    assert leaning(result_of(LEAST), "lower") == "label-yes"


def test_a_verdict_on_too_few_notes_says_so_and_shows_no_interval() -> None:
    few, enough = (result_of(notes).equivalence for notes in (LEAST - 1, LEAST))
    assert few is not None and enough is not None
    assert words.verdict(few) == "undecided: 5 common items from fewer than 6 notes are too few to decide"
    assert words.verdict(enough).startswith("worse: the 90 % interval")


@pytest.mark.parametrize("narrow", [False, True])
def test_every_mark_of_a_standing_has_room(narrow: bool) -> None:
    longest = "? unsure*†°" if narrow else "? not sure*†°"
    assert all(column.width >= len(longest) for column in case_columns(["A", "B"], narrow)[1:3])

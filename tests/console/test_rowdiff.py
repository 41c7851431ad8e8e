"""Rows of two results beside each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from medic_console.console.inspect.sql.rows import Pair, RowMatch, Rows, aligned

ROWS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["a", "", None])), max_size=8)


def _shown(rows: Rows, others: Rows) -> list[tuple[int | None, int | None, str]]:
    return [(pair.left, pair.right, pair.match.value) for pair in aligned(rows, others)]


def test_rows_are_paired_whatever_their_order_and_duplicates_count() -> None:
    found = _shown([(1, "a"), (2, "b"), (2, "b")], [(2, "b"), (1, "a")])
    assert found == [(0, 1, "same"), (1, 0, "same"), (2, None, "alone")]


def test_null_and_the_empty_text_are_not_the_same() -> None:
    assert aligned([(None, 1)], [("", 1)]) == (Pair(0, 0, RowMatch.DIFFERS, frozenset({0})),)


def test_floats_are_the_same_to_three_places() -> None:
    assert _shown([(1.00049,), (1.002,)], [(1.0,)]) == [(0, 0, "same"), (1, None, "alone")]


def test_a_row_stands_beside_the_one_that_shares_most_cells_with_it() -> None:
    rows = [(10, "metformin", "500 mg"), (11, "apixaban", "5 mg")]
    others = [(11, "apixaban", "2.5 mg"), (10, "ramipril", "500 mg")]
    assert aligned(rows, others) == (
        Pair(0, 1, RowMatch.DIFFERS, frozenset({1})),
        Pair(1, 0, RowMatch.DIFFERS, frozenset({2})),
    )


def test_the_last_two_rows_are_each_others_version_even_without_a_shared_cell() -> None:
    assert _shown([("2099-08-23",)], [("2099-01-18",)]) == [(0, 0, "differs")]


def test_rows_that_share_nothing_stand_alone_and_those_of_the_other_result_come_last() -> None:
    assert _shown([("a",), ("b",)], [("c",), ("d",)]) == [
        (0, None, "alone"),
        (1, None, "alone"),
        (None, 0, "alone"),
        (None, 1, "alone"),
    ]


def test_a_column_that_the_other_row_lacks_differs() -> None:
    assert aligned([(1, "a")], [(1,)])[0].cells == {1}


@given(ROWS, ROWS)
def test_every_row_of_both_results_stands_in_exactly_one_pair(rows: Rows, others: Rows) -> None:
    pairs = aligned(rows, others)
    assert [pair.left for pair in pairs if pair.left is not None] == list(range(len(rows)))
    assert sorted(pair.right for pair in pairs if pair.right is not None) == list(range(len(others)))
    for pair in pairs:
        assert (pair.match is RowMatch.ALONE) == (pair.left is None or pair.right is None)
        assert (pair.match is RowMatch.DIFFERS) == bool(pair.cells)


@given(ROWS)
def test_a_result_beside_itself_shows_no_difference(rows: Rows) -> None:
    assert all(pair.match is RowMatch.SAME for pair in aligned(rows, rows[::-1]))

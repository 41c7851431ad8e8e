"""Rule: glee4810/ehrsql-2024, scoring_program/scoring_utils.py, process_item and process_answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.scoring.sql.result_sets import COMPARED_ROWS, comparison_key

CELLS = st.none() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3)
ROWS = st.lists(st.tuples(CELLS, CELLS), max_size=8)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (1.00049, 1.0, True),
        (1.0006, 1.0, False),
        (1, 1.0, True),
        ("2.50", 2.5, True),
        ("2.50", "2.5", True),
        ("007", 7, True),
        (" 7 ", 7, True),
        ("1e3", 1000, True),
        (b"7", 7, True),
        ("7 mg", 7, False),
        ("", 0, False),
        (None, 0, False),
        (None, "None", True),
        ("nan", "NaN", True),
        (2**53, 2**53 + 1, True),
        (-0.0001, 0, False),
        ("Aspirin", "aspirin", False),
    ],
)
def test_cells_that_read_as_numbers_are_rounded_to_three_places(one: object, other: object, equal: bool) -> None:
    assert (comparison_key([(one,)]) == comparison_key([(other,)])) is equal


def test_column_order_and_duplicates_count() -> None:
    assert comparison_key([(1, 2)]) != comparison_key([(2, 1)])
    assert comparison_key([(1,), (1,)]) != comparison_key([(1,)])
    assert comparison_key([]) == ()


def test_only_the_first_hundred_rows_sorted_as_text_are_compared() -> None:
    rows = [(f"x{n:04}",) for n in range(150)]
    assert len(comparison_key(rows)) == COMPARED_ROWS
    assert comparison_key(rows) == comparison_key(rows[:100])
    assert comparison_key(rows) != comparison_key(rows[50:])
    assert comparison_key([(2,), (10,)]) == (("10.0",), ("2.0",))


@given(ROWS)
def test_row_order_does_not_count(rows: list[tuple[object, object]]) -> None:
    assert comparison_key(rows) == comparison_key(rows[::-1])

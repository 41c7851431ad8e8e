"""Rule: glee4810/ehrsql-2024, scoring_program/scoring_utils.py, process_answer; 3 places, as MEDIC says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from medic_console.scoring.sql.compare import COMPARED_ROWS, comparison_key

CELLS = st.none() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3)
ROWS = st.lists(st.tuples(CELLS, CELLS), max_size=8)


def test_floats_are_rounded_to_three_places() -> None:
    assert comparison_key([(1.00049,)]) == comparison_key([(1.0,)])
    assert comparison_key([(1.0006,)]) != comparison_key([(1.0,)])


def test_column_order_duplicates_and_type_count() -> None:
    assert comparison_key([(1, 2)]) != comparison_key([(2, 1)])
    assert comparison_key([(1,), (1,)]) != comparison_key([(1,)])
    assert comparison_key([(1,)]) != comparison_key([(1.0,)])
    assert comparison_key([(None,)]) == comparison_key([("None",)])


def test_only_the_first_hundred_sorted_rows_are_compared() -> None:
    rows = [(f"{n:04}",) for n in range(150)]
    assert len(comparison_key(rows)) == COMPARED_ROWS
    assert comparison_key(rows) == comparison_key(rows[:100])
    assert comparison_key(rows) != comparison_key(rows[50:])


@given(ROWS)
def test_row_order_does_not_count(rows: list[tuple[object, object]]) -> None:
    assert comparison_key(rows) == comparison_key(rows[::-1])

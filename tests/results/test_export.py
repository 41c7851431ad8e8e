"""Exported files: exact values, nothing that a spreadsheet or a terminal would obey."""

from __future__ import annotations

import csv
import io
import json
import stat
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.core.errors import SettingsError
from medic_console.results.export import MadeRows, Sheet, Value, as_csv, as_json, defused, export


@pytest.mark.parametrize("text", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "＝1"])
def test_a_text_that_would_be_taken_for_a_formula_is_defused(text: str) -> None:
    assert str(defused(text)).startswith("'")


@pytest.mark.parametrize("value", ["-5", "+3.2e-4", "a=b", -5, 3.5, None, "", "Answer: -3"])
def test_numbers_and_other_texts_stay_as_they_are(value: str | float | None) -> None:
    assert defused(value) == value


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2)))
def test_no_cell_of_a_csv_is_a_formula_or_holds_a_control_character(rows: list[list[str]]) -> None:
    sheet = Sheet("x", ["a", "b"], rows)
    read = list(csv.reader(io.StringIO(as_csv(sheet), newline="")))[1:]
    assert len(read) == len(rows)
    for cell in (cell for row in read for cell in row):
        assert not cell.startswith(("=", "@", "\t", "\r"))
        assert cell[:1] not in ("+", "-") or cell[1:2].isdigit()
        assert not any(ord(sign) < 32 and sign != "\n" for sign in cell)


@given(st.lists(st.lists(st.text() | st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=2)))
def test_json_holds_every_value_exactly(rows: list[list[str | float]]) -> None:
    read = json.loads(as_json(Sheet("x", ["a", "b"], rows)))
    assert [[record["a"], record["b"]] for record in read] == rows


def test_columns_of_one_name_are_all_kept() -> None:
    assert json.loads(as_json(Sheet("x", ["n", "n", "n"], [[1, 2, 3]]))) == [{"n": 1, "n 2": 2, "n 3": 3}]


def test_a_second_export_of_the_same_second_takes_another_name(tmp_path: Path) -> None:
    sheet = Sheet("Run 2026-03-02-001 / items", ["a"], [["1"]])
    first, second = (export(sheet, tmp_path / "out", "20260302-093000") for _ in range(2))
    assert first.csv.name == "run-2026-03-02-001-items-20260302-093000.csv"
    assert second.json.name == "run-2026-03-02-001-items-20260302-093000-2.json"
    assert stat.S_IMODE(first.csv.stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot be written"):
        export(Sheet("x", ["a"], []), tmp_path / "file" / "below", "1")


@given(
    st.lists(
        st.lists(st.one_of(st.none(), st.integers(), st.text(), st.floats(allow_nan=False)), min_size=2, max_size=2)
    )
)
def test_rows_are_written_one_by_one_as_if_all_were_written_at_once(rows: list[list[Value]]) -> None:
    sheet = Sheet("found", ("a", "b"), MadeRows(rows, list))
    assert as_json(sheet) == json.dumps([dict(zip("ab", row, strict=True)) for row in rows], indent=2) + "\n"
    assert as_csv(sheet) == as_csv(Sheet("found", ("a", "b"), rows))
    assert as_json(Sheet("none", (), [[], []])) == json.dumps([{}, {}], indent=2) + "\n"


def test_the_values_of_a_long_sheet_never_lie_in_memory_all_at_once(tmp_path: Path) -> None:
    long = "What is the patient's body mass index? " * 5
    sheet = Sheet(
        "long", ("item", "question"), MadeRows(range(10_000), lambda number: [f"item-{number}", f"{number} {long}"])
    )
    tracemalloc.start()
    try:
        done = export(sheet, tmp_path, "now")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert done.rows == 10_000 and done.json.stat().st_size > 2_000_000
    assert peak < 500_000

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from medic_console.core.errors import ItemsError
from medic_console.suite.readers.tables import first_record, read_table

CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)


def workbook(path: Path, rows: Sequence[Sequence[Any]], *more: Sequence[Sequence[Any]]) -> Path:
    book = Workbook()
    for number, sheet_rows in enumerate((rows, *more)):
        sheet = book.active if number == 0 else book.create_sheet()
        assert sheet is not None
        for row in sheet_rows:
            sheet.append(row)
    book.save(path)
    return path


def values(path: Path) -> list[dict[str, Any]]:
    return [dict(row.values) for row in read_table(path).rows]


def test_a_workbooks_cells_are_text_and_empty_ones_are_empty(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["a", "b", "c"], ["x", 5, None], [None, None, None], [2.5, datetime(2024, 3, 1), "NA"]]
    path = workbook(tmp_path / "items.xlsx", rows)
    assert values(path) == [{"a": "x", "b": "5", "c": ""}, {"a": "2.5", "b": "2024-03-01T00:00:00", "c": "NA"}]
    assert read_table(path).blank == (("row 3", "blank row"),)
    assert [row.where for row in read_table(path).rows] == ["row 2", "row 4"]
    assert first_record(path) == {"a": "x", "b": "5", "c": ""}


def test_empty_sheets_are_passed_over_and_a_second_filled_one_is_refused(tmp_path: Path) -> None:
    assert values(workbook(tmp_path / "one.xlsx", [], [["a"], ["x"]])) == [{"a": "x"}]
    two = workbook(tmp_path / "two.xlsx", [["a"], ["x"]], [["a"], ["y"]])
    with pytest.raises(ItemsError, match="more than one sheet has rows: 'Sheet', 'Sheet1'"):
        read_table(two)


def test_a_cell_beyond_the_header_is_refused_with_its_row(tmp_path: Path) -> None:
    with pytest.raises(ItemsError, match=r"row 3: 2 cells, but the header has 1 columns"):
        read_table(workbook(tmp_path / "items.xlsx", [["a"], ["x"], ["y", "z"]]))


@pytest.mark.parametrize("name", ["items.xlsx", "items.csv.gz"])
@pytest.mark.parametrize("cut", [0, 4, 40, -30])
def test_a_damaged_packed_file_is_refused_and_recognised_by_no_one(name: str, cut: int, tmp_path: Path) -> None:
    path = tmp_path / name
    if name.endswith(".xlsx"):
        workbook(path, [["a"], ["x"]])
    else:
        path.write_bytes(gzip.compress(b"a\n" + bytes(range(97, 123)) * 40))
    path.write_bytes(path.read_bytes()[:cut] if cut else b"not packed at all")
    with pytest.raises(ItemsError) as caught:
        read_table(path)
    assert str(path) in caught.value.message
    assert first_record(path) == {}


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("items.csv.gz", "a,b\n1,NA\n", [{"a": "1", "b": "NA"}]),
        ("items.JSONL.GZ", '{"a": 1}\n{"a": 2}\n', [{"a": 1}, {"a": 2}]),
        ("items.json.gz", '{"data": [{"a": 1}]}', [{"a": 1}]),
    ],
)
def test_gzip_is_unpacked(name: str, text: str, expected: list[dict[str, Any]], tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()))
    assert values(path) == expected
    assert first_record(path) == expected[0]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(st.lists(st.tuples(CELL.filter(str.strip), CELL), min_size=1, max_size=4), st.sampled_from([",", ";"]))
def test_csv_comes_back_whatever_separates_it(tmp_path: Path, cells: list[tuple[str, str]], separator: str) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL).writerows([("a, b", "c;d"), *cells])
    path = tmp_path / "items.csv"
    path.write_bytes(text.getvalue().encode())
    assert [(row["a, b"], row["c;d"]) for row in values(path)] == cells


def test_one_column_may_have_no_name(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text(",a\n0,x\n", encoding="utf-8")
    assert values(path) == [{"": "0", "a": "x"}]


def test_the_first_record_of_a_large_csv_needs_only_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "items.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\nx,y\n" + "é,z\n".encode() * 250_001))
    assert first_record(path) == {"a": "x", "b": "y"}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["items.jsonl", "items.json", "items.jsonl.gz"])
@pytest.mark.parametrize("width", [10, 1_100_000], ids=["short lines", "a line longer than the beginning"])
def test_the_first_of_many_lines_is_found_by_the_beginning_or_by_all(name: str, width: int, tmp_path: Path) -> None:
    path = tmp_path / name
    text = json.dumps({"a": "x" * width}) + "\n" + '{"a": "y"}\n' * 150_000 + "not whole"
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    assert first_record(path) == {"a": "x" * width}


def test_parquet_without_pyarrow_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    path = tmp_path / "items.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(ItemsError, match="pyarrow, which is not installed") as caught:
        read_table(path)
    assert "medic-console[parquet]" in caught.value.hint
    assert first_record(path) == {}


def test_parquet_rows_come_back_with_their_types(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    arrow = pytest.importorskip("pyarrow")
    path = tmp_path / "items.parquet"
    parquet.write_table(arrow.table({"a": ["x", "y"], "b": [1, 2]}), path)
    assert values(path) == [{"a": "x", "b": 1}, {"a": "y", "b": 2}]

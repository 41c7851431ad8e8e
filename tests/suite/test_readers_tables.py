from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medic_console.core.errors import ItemsError
from medic_console.suite.readers.tables import first_record, read_json, read_table

ON_ONE_FILE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_bytes(text.encode("utf-8"))
    return path


@ON_ONE_FILE
@given(st.lists(st.dictionaries(TEXT, TEXT, min_size=1, max_size=4), min_size=1, max_size=6))
def test_json_lines_come_back_as_they_were_written(tmp_path: Path, records: list[dict[str, str]]) -> None:
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    table = read_table(write(tmp_path, "items.jsonl", lines))
    assert [row.values for row in table.rows] == records
    assert [row.where for row in table.rows] == [f"line {n}" for n in range(1, len(records) + 1)]


@ON_ONE_FILE
@given(st.lists(st.tuples(TEXT, TEXT.filter(str.strip)), min_size=1, max_size=6))
def test_csv_cells_come_back_as_they_were_written(tmp_path: Path, cells: list[tuple[str, str]]) -> None:
    path = tmp_path / "items.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([("a", "b"), *cells])
    assert [(row.values["a"], row.values["b"]) for row in read_table(path).rows] == cells


@pytest.mark.parametrize("ending", ["csv", "json", "jsonl"])
@ON_ONE_FILE
@given(content=st.one_of(st.binary(max_size=60), st.text('{}[]",:\n\r a1\x00', max_size=40)))
def test_any_content_is_read_or_refused_with_a_message(tmp_path: Path, ending: str, content: bytes | str) -> None:
    path = tmp_path / f"items.{ending}"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    first_record(path)
    try:
        read_table(path)
    except ItemsError as error:
        assert str(path) in error.message
        assert error.hint


def test_json_lines_may_be_named_json(tmp_path: Path) -> None:
    path = write(tmp_path, "items.json", '{"a": 1}\n{"a": 2}\n')
    assert [row.values["a"] for row in read_table(path).rows] == [1, 2]


def test_a_json_list_a_data_list_and_an_object_by_id_are_read(tmp_path: Path) -> None:
    plain = read_table(write(tmp_path, "a.json", '[{"a": 1}, {"a": 2}]'))
    data = read_table(write(tmp_path, "b.json", '{"version": "x", "data": [{"a": 1}, {"a": 2}]}'))
    by_id = read_table(write(tmp_path, "c.json", '{"p": {"a": 1},\n "q": {"a": 2}}'))
    assert [row.values for row in plain.rows] == [row.values for row in data.rows] == [{"a": 1}, {"a": 2}]
    assert [(row.key, row.where, row.values["a"]) for row in by_id.rows] == [
        ("p", "record 'p'", 1),
        ("q", "record 'q'", 2),
    ]


def test_a_broken_line_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = write(tmp_path, "items.jsonl", '{"a": 1}\n\n{"a": \n{"a": 3}\n')
    with pytest.raises(ItemsError, match=r"items\.jsonl, line 3: broken JSON") as caught:
        read_table(path)
    assert "Expected one whole JSON record" in caught.value.hint


def test_a_mistake_in_a_json_document_is_named_by_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, "items.json", '[\n{"a": 1},\n{"a" 2}\n]')
    with pytest.raises(ItemsError, match="line 3: broken JSON"):
        read_json(path)


def test_a_record_that_is_no_object_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ItemsError, match="line 2: expected a JSON object, found int"):
        read_table(write(tmp_path, "items.jsonl", '{"a": 1}\n7\n'))


def test_a_byte_order_mark_is_not_part_of_the_first_column(tmp_path: Path) -> None:
    path = write(tmp_path, "items.csv", "\ufeffa,b\r\n1,2\r\n")
    assert read_table(path).rows[0].values == {"a": "1", "b": "2"}


def test_line_breaks_inside_a_cell_are_kept_and_lines_still_counted(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "items.csv", 'a,b\r\n1,"x\r\ny"\r\n2,z\r\n'))
    assert [row.values["b"] for row in table.rows] == ["x\r\ny", "z"]
    assert [row.where for row in table.rows] == ["line 2", "line 4"]


def test_wholly_blank_rows_are_left_out_and_counted(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "items.csv", "a,b\n1,2\n,\n \t, \n"))
    assert len(table.rows) == 1
    assert table.blank == (("line 3", "blank row"), ("line 4", "blank row"))


def test_cells_longer_than_the_default_limit_of_the_csv_module_are_read(tmp_path: Path) -> None:
    path = write(tmp_path, "items.csv", "a\n" + "x" * 200_000 + "\n")
    assert len(read_table(path).rows[0].values["a"]) == 200_000


def test_an_unclosed_quote_is_refused_instead_of_swallowing_the_rest(tmp_path: Path) -> None:
    with pytest.raises(ItemsError, match="the row that starts on line 2"):
        read_table(write(tmp_path, "items.csv", 'a,b\n1,"open\n2,3\n'))


def test_a_row_with_too_few_cells_is_refused_by_line(tmp_path: Path) -> None:
    with pytest.raises(ItemsError, match="line 3: 1 cells, but the header has 2 columns"):
        read_table(write(tmp_path, "items.csv", "a,b\n1,2\n3\n"))


def test_a_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ItemsError, match="columns that are there more than once: 'a'"):
        read_table(write(tmp_path, "items.csv", "a,a\n1,2\n"))


def test_text_that_is_not_utf_8_is_refused_by_line(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_bytes(b"a\nfine\ncaf\xe9\n")
    with pytest.raises(ItemsError, match="line 3: the file is not UTF-8"):
        read_table(path)


def test_a_missing_file_is_refused_and_has_no_first_record(tmp_path: Path) -> None:
    path = tmp_path / "none.csv"
    assert first_record(path) == {}
    with pytest.raises(ItemsError, match="cannot be opened"):
        read_table(path)


def test_the_first_record_is_found_behind_a_broken_line(tmp_path: Path) -> None:
    assert first_record(write(tmp_path, "items.jsonl", '{"a"\n{"a": 2}\n')) == {"a": 2}

"""Sentences with words from elsewhere in them: one mark at their end, and no gap where a name is empty."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

from medic_console.core.errors import ItemsError, sentence
from medic_console.core.records import Item
from medic_console.suite.readers.base import check_ids
from medic_console.suite.readers.tables import named, read_table
from medic_console.suite.task_file import read_task
from tests.conftest import ROOT

BROKEN = re.compile(r"\.\.(?!\.)|[:;,]\s*\.|,\s*,|''|\s\.$|[!?]\.$")


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("it broke", "it broke."),
        ("it broke.", "it broke."),
        ("beside data.json.", "beside data.json."),
        ("beside data.json..", "beside data.json."),
        ("did you mean this?", "did you mean this?"),
        ("expected one of: ", "expected one of."),
        ("cut …", "cut …"),
    ],
)
def test_a_sentence_ends_with_one_mark(text: str, whole: str) -> None:
    assert sentence(text) == whole
    assert sentence(whole) == whole


def test_a_column_without_a_name_is_said_to_have_none() -> None:
    assert named(["", "Note"]) == "one without a name, 'Note'"


def test_the_index_column_of_a_medcalc_file_is_named_in_its_note(tmp_path: Path) -> None:
    from medic_console.suite.readers import medcalc

    columns = sorted(medcalc._V1_0)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["", *columns])
    writer.writerow(["0", *("1" for _ in columns)])
    path = tmp_path / "test_data.csv"
    path.write_text(text.getvalue(), "utf-8")
    notes = medcalc.read(path).notes
    assert "Columns differ from MedCalc-Bench 1.0: one without a name." in notes
    assert not [note for note in notes if BROKEN.search(note)]


def test_empty_ids_and_columns_that_are_there_twice_are_named(tmp_path: Path) -> None:
    with pytest.raises(ItemsError) as caught:
        check_ids(tmp_path, [Item("", {}), Item("", {})])
    assert "more than once: an empty id." in caught.value.message
    path = tmp_path / "x.csv"
    path.write_text(",,a\n1,2,3\n", "utf-8")
    with pytest.raises(ItemsError) as caught:
        read_table(path)
    assert "more than once: one without a name." in caught.value.message


def test_what_a_csv_parser_says_ends_once(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('a,b\n"1,2\n', "utf-8")
    with pytest.raises(ItemsError) as caught:
        read_table(path)
    assert not BROKEN.search(caught.value.message)


def test_no_task_file_says_a_sentence_with_a_broken_end() -> None:
    for path in sorted((ROOT / "tasks").glob("*/task.toml")):
        task = read_task(path)
        for text in (task.description, task.source.obtain):
            assert not BROKEN.search(text), text

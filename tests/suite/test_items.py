from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.core.errors import ItemsError, TaskFileError
from medic_console.suite.items import build_database, find_official, load_items
from medic_console.suite.task import Task
from medic_console.suite.task_file import read_task
from tests.conftest import ROOT

MEDQA = (
    '{"question": "An invented question?", "answer": "Two", "options": {"A": "One", "B": "Two", "C": "Three", '
    '"D": "Four"}, "meta_info": "step1", "answer_idx": "B"}\n'
)


def task(name: str) -> Task:
    return read_task(ROOT / "tasks" / name / "task.toml")


def test_without_a_folder_the_bundled_samples_are_taken(tmp_path: Path) -> None:
    loaded = load_items(task("medqa"), tmp_path)
    assert (loaded.origin, len(loaded.items), loaded.read) == ("sample", 16, 16)
    assert loaded.source == ROOT / "tasks" / "medqa" / "samples.jsonl"


def test_a_task_with_a_database_brings_it_and_its_schema(tmp_path: Path) -> None:
    loaded = load_items(task("ehrsql"), tmp_path / "cache")
    assert loaded.resources["database"].parent == tmp_path / "cache"
    with closing(sqlite3.connect(loaded.resources["database"])) as connection:
        (patients,) = connection.execute("SELECT count(*) FROM patients").fetchone()
    assert patients > 0
    assert "patients" in loaded.shared["schema"]


def test_the_same_sql_text_is_built_once_and_another_apart(tmp_path: Path) -> None:
    script = tmp_path / "ward.sql"
    script.write_text("CREATE TABLE beds (n INTEGER); INSERT INTO beds VALUES (1);")
    first = build_database(script, tmp_path / "cache")
    stamp = first.stat().st_mtime_ns
    assert build_database(script, tmp_path / "cache") == first
    assert first.stat().st_mtime_ns == stamp
    script.write_text("CREATE TABLE beds (n INTEGER); INSERT INTO beds VALUES (2);")
    second = build_database(script, tmp_path / "cache")
    assert second != first
    with closing(sqlite3.connect(second)) as connection:
        assert connection.execute("SELECT n FROM beds").fetchall() == [(2,)]


def test_a_dump_with_its_own_transaction_can_be_built(tmp_path: Path) -> None:
    script = tmp_path / "ward.sql"
    script.write_text("BEGIN TRANSACTION;\nCREATE TABLE beds (n);\nINSERT INTO beds VALUES (1);\nCOMMIT;\n")
    with closing(sqlite3.connect(build_database(script, tmp_path))) as connection:
        assert connection.execute("SELECT count(*) FROM beds").fetchone() == (1,)


def test_sql_text_that_is_broken_is_named_and_leaves_nothing_behind(tmp_path: Path) -> None:
    script = tmp_path / "ward.sql"
    script.write_text("CREATE TABLE beds (n INTEGER); INSERT INTO bads VALUES (1);")
    with pytest.raises(ItemsError, match=r"ward\.sql: the database cannot be built \(no such table: bads\)"):
        build_database(script, tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("*.sqlite"))


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    script = tmp_path / "ward.sql"
    script.write_text("CREATE TABLE beds (n INTEGER);")
    with pytest.raises(ItemsError, match="cannot be built") as caught:
        build_database(script, script / "cache")
    assert str(script / "cache") in caught.value.hint


@pytest.mark.parametrize("place", ["medqa/test.jsonl", "phrases_no_exclude_test.jsonl", "questions/other.jsonl"])
def test_official_files_are_found_in_a_folder_or_one_below(place: str, tmp_path: Path) -> None:
    path = tmp_path / "data" / place
    path.parent.mkdir(parents=True)
    path.write_text(MEDQA)
    loaded = load_items(task("medqa"), tmp_path, data=tmp_path / "data")
    assert (loaded.origin, loaded.source, len(loaded.items)) == ("official", path, 1)
    assert loaded.items[0].gold == "B"


def test_a_file_with_an_official_name_goes_before_others(tmp_path: Path) -> None:
    for name in ("a.jsonl", "phrases_no_exclude_test.jsonl"):
        (tmp_path / name).write_text(MEDQA)
    assert find_official(task("medqa"), tmp_path).name == "phrases_no_exclude_test.jsonl"


def test_a_folder_named_after_the_task_is_searched_first(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "medqa"):
        folder.mkdir(exist_ok=True)
        (folder / "phrases_no_exclude_test.jsonl").write_text(MEDQA)
    assert find_official(task("medqa"), tmp_path).parent == tmp_path / "medqa"


def test_a_folder_without_official_files_is_told_with_their_names(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing here")
    with pytest.raises(ItemsError, match="no file of MedQA") as caught:
        load_items(task("medqa"), tmp_path, data=tmp_path)
    assert "phrases_no_exclude_test.jsonl" in caught.value.message
    assert "bundled samples" in caught.value.hint


def test_items_may_be_named_as_a_file_a_folder_or_samples_of_ones_own(tmp_path: Path) -> None:
    official = tmp_path / "folder" / "any name.jsonl"
    official.parent.mkdir()
    official.write_text(MEDQA)
    for named in (official, official.parent):
        assert load_items(task("medqa"), tmp_path, items=named).source in (official, official.parent)
    own = Path(shutil.copy(ROOT / "tasks" / "medqa" / "samples.jsonl", tmp_path / "own.jsonl"))
    loaded = load_items(task("medqa"), tmp_path, items=own)
    assert (loaded.origin, len(loaded.items)) == ("official", 16)


def test_an_items_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ItemsError, match=r"none\.jsonl: no such file") as caught:
        load_items(task("medqa"), tmp_path, items=tmp_path / "none.jsonl")
    assert "--items" in caught.value.hint


def test_a_reader_that_does_not_exist_is_told_with_those_that_do(tmp_path: Path) -> None:
    broken = replace(task("medqa"), items=replace(task("medqa").items, reader="medqua"))
    with pytest.raises(TaskFileError, match='no reader "medqua"') as caught:
        load_items(broken, tmp_path)
    assert "medqa" in caught.value.hint

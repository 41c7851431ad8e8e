"""Tables, columns and keys of a database, read through the sandbox."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from medic_console.console.inspect.sql.schema import ColumnView, read_database
from medic_console.core.errors import ItemsError

DECLARED = """
CREATE TABLE patients (subject_id INTEGER PRIMARY KEY, "date of birth" TEXT NOT NULL, note);
CREATE TABLE stays (
    hadm_id INT, unit TEXT, subject_id INT REFERENCES patients(subject_id), PRIMARY KEY (hadm_id, unit));
CREATE TABLE events (stay INT, room TEXT, FOREIGN KEY (stay, room) REFERENCES stays (hadm_id, unit));
CREATE TABLE "odd ""name" (x REAL);
INSERT INTO patients VALUES (1, '2047-08-29', NULL), (2, '2050-01-01', '');
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "hospital.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(DECLARED)
    return path


def test_tables_have_their_rows_columns_and_keys(database: Path) -> None:
    found = {table.name: table for table in read_database(database).tables}
    assert list(found) == ["events", 'odd "name', "patients", "stays"]
    assert found["patients"].rows == 2
    assert found["patients"].columns == (
        ColumnView("subject_id", "INTEGER", True, ""),
        ColumnView("date of birth", "TEXT", False, ""),
        ColumnView("note", "", False, ""),
    )
    assert found["stays"].columns == (
        ColumnView("hadm_id", "INTEGER", True, ""),
        ColumnView("unit", "TEXT", True, ""),
        ColumnView("subject_id", "INTEGER", False, "patients.subject_id"),
    )
    assert [column.refers for column in found["events"].columns] == ["stays.hadm_id", "stays.unit"]


def test_a_declaration_that_cannot_be_read_keeps_its_words(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE VIRTUAL TABLE words USING fts5(body)")
        connection.commit()
    found = {table.name: table for table in read_database(database).tables}
    assert found["words"].columns == ()
    assert found["words"].declared == "CREATE VIRTUAL TABLE words USING fts5(body)"


def test_a_missing_database_is_named(tmp_path: Path) -> None:
    with pytest.raises(ItemsError, match=r"no database file .*gone\.sqlite"):
        read_database(tmp_path / "gone.sqlite")

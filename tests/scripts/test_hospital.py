from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from scripts.hospital import PATIENTS, hospital_sql

BUNDLED = Path(__file__).parents[2] / "tasks" / "ehrsql" / "hospital.sql"
NOW = "2100-12-31 23:59:00"


@pytest.fixture(scope="module")
def hospital() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(hospital_sql())
        yield connection


def test_the_bundled_file_is_what_the_generator_prints() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "scripts.hospital"],
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[2],
    ).stdout
    assert BUNDLED.read_bytes() == printed
    assert len(printed) < 150_000


def test_the_text_does_not_depend_on_the_state_of_the_global_generator() -> None:
    random.seed(1)
    first = hospital_sql()
    random.seed(2)
    assert hospital_sql() == first


def test_it_has_the_tables_and_columns_of_the_small_schema(hospital: sqlite3.Connection) -> None:
    tables = [row[0] for row in hospital.execute("SELECT name FROM sqlite_master ORDER BY rowid")]
    columns = {
        table: [row[0] for row in hospital.execute("SELECT name FROM pragma_table_info(?)", (table,))]
        for table in tables
    }
    assert columns == {
        "patients": ["subject_id", "gender", "dob", "dod"],
        "admissions": ["hadm_id", "subject_id", "admittime", "dischtime", "location"],
        "labevents": ["subject_id", "label", "value", "charttime"],
        "prescriptions": ["subject_id", "drug", "dose", "starttime"],
        "diagnoses": ["subject_id", "title", "charttime"],
    }


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("admissions", "admittime"),
        ("admissions", "dischtime"),
        ("labevents", "charttime"),
        ("prescriptions", "starttime"),
        ("diagnoses", "charttime"),
        ("patients", "dod"),
    ],
)
def test_nothing_happens_before_a_patient_is_admitted_or_after_the_present(
    hospital: sqlite3.Connection, table: str, column: str
) -> None:
    early = hospital.execute(
        f"SELECT COUNT(*) FROM {table} e WHERE {column} IS NOT NULL AND ({column} >= ? OR {column} < "
        "(SELECT MIN(admittime) FROM admissions a WHERE a.subject_id = e.subject_id))",
        (NOW,),
    ).fetchone()
    assert early == (0,)


def test_stays_of_one_patient_do_not_overlap_and_the_dead_do_not_come_back(
    hospital: sqlite3.Connection,
) -> None:
    overlaps = hospital.execute(
        "SELECT COUNT(*) FROM admissions a JOIN admissions b USING (subject_id) "
        "WHERE a.hadm_id <> b.hadm_id AND a.admittime < b.dischtime AND b.admittime < a.dischtime"
    ).fetchone()
    after_death = hospital.execute(
        "SELECT COUNT(*) FROM admissions JOIN patients USING (subject_id) WHERE admittime > dod"
    ).fetchone()
    assert (overlaps, after_death) == ((0,), (0,))


def test_every_patient_has_a_stay_a_diagnosis_a_drug_and_a_result(hospital: sqlite3.Connection) -> None:
    for table in ("patients", "admissions", "labevents", "prescriptions", "diagnoses"):
        seen = hospital.execute(f"SELECT COUNT(DISTINCT subject_id) FROM {table}").fetchone()
        assert seen == (PATIENTS,), table

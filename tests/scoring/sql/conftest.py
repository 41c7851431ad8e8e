from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ehr") / "a ward #1?.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE patients (subject_id INTEGER PRIMARY KEY, gender TEXT, weight REAL)")
    rows = [(n, "mf"[n % 2], None if n == 3 else n * 1.0001) for n in range(1, 301)]
    connection.executemany("INSERT INTO patients VALUES (?, ?, ?)", rows)
    connection.execute("CREATE TABLE notes (body TEXT)")
    connection.execute("INSERT INTO notes VALUES (CAST(x'61ff62' AS TEXT))")
    connection.commit()
    connection.close()
    return path

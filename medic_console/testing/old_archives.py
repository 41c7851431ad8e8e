"""An archive as an earlier release left it, with the rows of a present one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from medic_console.archive.database import APPLICATION_ID
from medic_console.archive.schema import MIGRATIONS

_APPLIED = "_sqlite_migrations"


def as_before(source: Path, path: Path, migration: str) -> Path:
    """Write an archive as the release before a migration had it, with as much of a present one as it could hold."""
    with closing(sqlite3.connect(source)) as present:
        (sql,) = present.execute("SELECT sql FROM sqlite_master WHERE name = ?", [_APPLIED]).fetchone()
    with closing(sqlite3.connect(path, isolation_level=None)) as made:
        made.execute(sql)
        for name, statements in MIGRATIONS.items():
            if name < migration:
                for statement in statements:
                    made.execute(statement)
        made.execute("ATTACH ? AS present", [str(source)])
        made.execute("BEGIN")
        tables = made.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            columns = ", ".join(row[1] for row in made.execute(f"PRAGMA main.table_info({table})").fetchall())
            made.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM present.{table}")
        made.execute(f"DELETE FROM main.{_APPLIED} WHERE name >= ?", [migration])
        made.execute("COMMIT")
        made.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    return path

"""What a prompt and a reader need to know of a SQLite database, read without changing it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from medic_console.core.errors import ItemsError


def schema_text(database: Path) -> str:
    """Return the tables as `table(column, column); ...` and, where declared, a line of foreign keys.

    Raises:
        ItemsError: The file cannot be read as a SQLite database, or holds no table.
    """
    with _opened(database) as connection:
        tables = _tables(connection)
        if not tables:
            raise ItemsError(f"{database}: the database has no tables.", "Build the database again.")
        text = "; ".join(f"{table}({', '.join(_columns(connection, table))})" for table in tables)
        keys = [key for table in tables for key in _foreign_keys(connection, table)]
    return f"{text}\nForeign keys: {'; '.join(keys)}" if keys else text


def empty_tables(database: Path) -> tuple[str, ...]:
    """Return the names of the tables without a row, in the order of their creation."""
    with _opened(database) as connection:
        return tuple(
            table
            for table in _tables(connection)
            if connection.execute(f"SELECT 1 FROM {_quoted(table)} LIMIT 1").fetchone() is None
        )


@contextmanager
def _opened(database: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise ItemsError(
            f"{database}: cannot be read as a SQLite database ({error}).",
            "Check the path, or build the database again.",
        ) from error


def _tables(connection: sqlite3.Connection) -> tuple[str, ...]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")
    return tuple(row[0] for row in rows if not row[0].startswith("sqlite_"))


def _columns(connection: sqlite3.Connection, table: str) -> tuple[str, ...]:
    return tuple(row[0] for row in connection.execute("SELECT name FROM pragma_table_info(?)", (table,)))


def _foreign_keys(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    rows = connection.execute('SELECT "from", "table", "to" FROM pragma_foreign_key_list(?) ORDER BY id DESC', (table,))
    for column, other, target in rows:
        yield f"{table}.{column} = {other}.{target or column}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

"""What a task's database holds: tables, columns and keys, read through the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from medic_console.errors import ItemsError, sentence
from medic_console.scoring.sql.sandbox import Sandbox

_TABLES = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY 1"


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One column.

    Attributes:
        type: Declared type in SQLite's dialect (INT becomes INTEGER); may be empty.
        primary: Part of the primary key.
        refers: `table.column` that it refers to; empty when it refers to none.
    """

    name: str
    type: str
    primary: bool
    refers: str


@dataclass(frozen=True, slots=True)
class TableView:
    """One table.

    Attributes:
        rows: None when they could not be counted in time.
        columns: Empty when the declaration cannot be read.
        declared: The statement that made it.
    """

    name: str
    rows: int | None
    columns: tuple[ColumnView, ...]
    declared: str


@dataclass(frozen=True, slots=True)
class DatabaseView:
    """The tables of a database by name, and how many there are in all."""

    tables: tuple[TableView, ...]
    total: int


def read_database(path: Path) -> DatabaseView:
    """Read the tables of a database; only as many as the sandbox keeps rows.

    Raises:
        ItemsError: There is no such file, or it cannot be read.
    """
    with closing(Sandbox(path)) as sandbox:
        listed = sandbox.execute(_TABLES).result
        if listed.error:
            raise ItemsError(sentence(f"The tables of {path} cannot be read: {listed.error}"))
        tables = tuple(_table(sandbox, str(name), str(declared)) for name, declared in listed.rows)
        return DatabaseView(tables, listed.row_count)


def _table(sandbox: Sandbox, name: str, declared: str) -> TableView:
    quoted = '"' + name.replace('"', '""') + '"'
    counted = sandbox.execute(f"SELECT count(*) FROM {quoted}").result
    rows = int(counted.rows[0][0]) if counted.rows else None
    return TableView(name, rows, tuple(_columns(declared)), declared)


def _columns(declared: str) -> Iterator[ColumnView]:
    try:
        tree = sqlglot.parse_one(declared, read="sqlite")
    except (SqlglotError, RecursionError):
        return
    schema = tree.this if isinstance(tree, exp.Create) else None
    if not isinstance(schema, exp.Schema):
        return
    primary = {column.name.lower() for key in schema.find_all(exp.PrimaryKey) for column in key.expressions}
    refers = dict(_foreign_keys(schema))
    for column in schema.expressions:
        if isinstance(column, exp.ColumnDef):
            kinds = [constraint.kind for constraint in column.constraints]
            own = any(isinstance(kind, exp.PrimaryKeyColumnConstraint) for kind in kinds)
            target = next((_target(kind) for kind in kinds if isinstance(kind, exp.Reference)), "")
            name = column.name
            kind = column.kind.sql("sqlite") if column.kind else ""
            yield ColumnView(name, kind, own or name.lower() in primary, target or refers.get(name.lower(), ""))
        elif isinstance(column, exp.Identifier):  # declared without a type
            yield ColumnView(column.name, "", column.name.lower() in primary, refers.get(column.name.lower(), ""))


def _foreign_keys(schema: exp.Schema) -> Iterator[tuple[str, str]]:
    for key in schema.find_all(exp.ForeignKey):
        reference = key.args.get("reference")
        if isinstance(reference, exp.Reference):
            table, columns = _referred(reference)
            for number, column in enumerate(key.expressions):
                yield column.name.lower(), ".".join((table, *columns[number : number + 1]))


def _target(reference: exp.Reference) -> str:
    table, columns = _referred(reference)
    return ".".join((table, *columns[:1]))


def _referred(reference: exp.Reference) -> tuple[str, list[str]]:
    target = reference.this
    columns = [column.name for column in target.expressions] if isinstance(target, exp.Schema) else []
    table = target.find(exp.Table)
    return table.name if table else "", columns

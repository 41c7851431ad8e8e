"""The tables of a task's database with their columns and keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from textual import on
from textual.app import ComposeResult
from textual.content import Content

from medic_console.console.base import ReadingScreen
from medic_console.console.commands import bindings
from medic_console.console.context import Context
from medic_console.console.text import count, one_line
from medic_console.console.widgets.folding import Folding
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.table import Cell, Column, Row, Table
from medic_console.core.errors import ItemsError, MedicError, sentence
from medic_console.results.reader import Reader
from medic_console.scoring.sql.sandbox import Sandbox

_TABLE_NAMES = (
    "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY 1"
)


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
        listed = sandbox.execute(_TABLE_NAMES).result
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


_TABLES = (
    Column("Table", least=14),
    Column("Rows", 9, right=True),
    Column("Columns", 7, right=True),
    Column("Used by", 11),
)
_COLUMNS = (Column("Column", least=14), Column("Type", 12), Column("Key", 13), Column("Refers to", least=14))


class SchemaScreen(ReadingScreen[DatabaseView]):
    """Tables left, the columns of the marked table right.

    Args:
        database: The SQLite file; it is read only.
        used: Tables, in lower case, that the model's and the gold query read.
    """

    CSS_PATH = "schema.tcss"
    BINDINGS = bindings("schema")
    PLACES = ("schema",)
    PANES = ("db-tables", "db-columns")

    def __init__(self, context: Context, database: Path, used: tuple[frozenset[str], frozenset[str]]) -> None:
        super().__init__(context)
        self._database = database
        self._used = dict(zip(("model", "gold"), used, strict=True))
        self._view = DatabaseView((), 0)

    def compose(self) -> ComposeResult:
        """Heading and two tables."""
        yield Heading()
        yield Notice()
        tables, columns = Table(_TABLES, id="db-tables", opens=False), Table(_COLUMNS, id="db-columns", opens=False)
        yield Folding([("Tables", tables), ("Columns", columns)])
        yield KeyBar()

    def on_mount(self) -> None:
        """Read the database."""
        self.heading.show(Content.styled("Database", "bold $primary"), one_line(self._database.name))
        self.query_one(Notice).busy("reading the database")
        self.query_one(Folding).display = False
        self.reload()

    def reading(self) -> Callable[[Reader], DatabaseView]:
        """Read tables and columns through the sandbox."""
        database = self._database
        return lambda _: read_database(database)

    def show(self, value: DatabaseView) -> None:
        """Fill the tables."""
        self._view = value
        self.query_one(Notice).hide()
        self.query_one(Folding).display = True
        tables = self.query_one("#db-tables", Table)
        tables.fill([self._row(table) for table in value.tables])
        shown, total = len(value.tables), value.total
        tables.border_title = count(total, "table") if shown == total else f"{shown} of {total} tables"
        tables.focus()

    def show_error(self, error: MedicError) -> None:
        """Say why the database cannot be read."""
        self.query_one(Notice).error(error)

    @on(Table.RowHighlighted, "#db-tables")
    def _on_table_marked(self) -> None:
        chosen = self.query_one("#db-tables", Table).chosen
        table = next((table for table in self._view.tables if table.name == chosen), None)
        columns = self.query_one("#db-columns", Table)
        if table is None:
            return
        columns.border_title = Content(f"Columns of {one_line(table.name)}")
        columns.border_subtitle = "" if table.columns else Content(one_line(table.declared, 90))
        columns.fill(_column_rows(table))

    def _row(self, table: TableView) -> Row:
        users = [name for name, used in self._used.items() if table.name.lower() in used]
        rows = "–" if table.rows is None else f"{table.rows:,}"
        cells: list[str | Cell] = [Cell(table.name, bold=bool(users)), rows, str(len(table.columns) or "–")]
        return table.name, [*cells, Cell(", ".join(users), "label-yes")]


def _column_rows(table: TableView) -> list[Row]:
    return [
        (
            str(number),
            [
                Cell(column.name, bold=column.primary),
                column.type or Cell("–", "muted"),
                Cell("★ primary key" if column.primary else "→ foreign key" if column.refers else "", "muted"),
                column.refers,
            ],
        )
        for number, column in enumerate(table.columns)
    ]

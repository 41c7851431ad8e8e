"""The tables of a task's database with their columns and keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from medic_console.archive.queries import Reader
from medic_console.console.commands import bindings
from medic_console.console.context import Context
from medic_console.console.database_schema import DatabaseView, TableView, read_database
from medic_console.console.screens.base import ReadingScreen
from medic_console.console.text import count, one_line
from medic_console.console.widgets.folding import Folding
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.table import Cell, Column, Row, Table
from medic_console.errors import MedicError

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

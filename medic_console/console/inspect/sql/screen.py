"""SQL inspector: the model's query and the gold query clause by clause, and the rows that each gave."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from medic_console.archive.challenges import Challenge
from medic_console.archive.views import ItemTrace
from medic_console.console.commands import bindings
from medic_console.console.context import Context
from medic_console.console.dialogs.whole import WholeTextScreen
from medic_console.console.inspect.base import InspectorScreen
from medic_console.console.inspect.challenge import dispute, dispute_lines
from medic_console.console.inspect.others import OTHERS, OthersPane
from medic_console.console.inspect.position import Position
from medic_console.console.inspect.sql.clauses import Comparison, compare, tables_of
from medic_console.console.inspect.sql.parts import (
    lone_rows,
    note_of,
    query_content,
    question_content,
    remark_on,
    result_columns,
    result_rows,
    rows_found,
    verdict_content,
    whole_cell,
)
from medic_console.console.inspect.sql.rows import Pair, RowMatch, aligned, export_results
from medic_console.console.inspect.sql.schema import SchemaScreen
from medic_console.console.inspect.sql.side import ResultTable, SideView, SqlSide
from medic_console.console.inspect.trace import TraceScreen
from medic_console.console.messages import Told
from medic_console.console.threads import in_thread
from medic_console.console.widgets.folding import Folding
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.table import Table
from medic_console.core.errors import MedicError
from medic_console.core.naming import called
from medic_console.core.records import SqlResult
from medic_console.results.export import stamp
from medic_console.results.reader import Reader
from medic_console.scoring.sql.sandbox import Sandbox

_SIDES = ("predicted", "gold")
_QUERY_SHARE = 0.45
"""Of a side's height that its query takes at most; the rest is for the rows."""


class SqlView(NamedTuple):
    """What the inspector shows beside the trace."""

    comparison: Comparison
    challenge: Challenge | None


class SqlScreen(InspectorScreen[SqlView]):
    """Predicted left, gold right; rows that belong together stand at the same height."""

    CSS_PATH = "sql.tcss"
    BINDINGS = bindings("sql", "trace")
    PLACES = ("sql", "inspector", "trace")
    PANES = (*_SIDES, OTHERS)
    BODY = "#question, #verdict, #folding"

    class Executed(Message):
        """A query was executed again."""

        def __init__(self, place: Position, side: str, result: SqlResult) -> None:
            super().__init__()
            self.place = place
            self.side = side
            self.result = result

    class NotExecuted(Message):
        """The database could not be opened."""

        def __init__(self, error: MedicError) -> None:
            super().__init__()
            self.error = error

    def __init__(self, context: Context, place: Position) -> None:
        super().__init__(context, place)
        self._differences_only = False
        self._comparison = compare("", "")
        self._challenge: Challenge | None = None
        self._results: dict[str, SqlResult] = {}
        self._again: dict[str, str] = {}
        self._pairs: tuple[Pair, ...] = ()

    def compose(self) -> ComposeResult:
        """Heading, question, verdict and two sides."""
        yield Heading()
        yield Notice()
        yield Static(id="question")
        yield Static(id="verdict")
        sides = [("Model", SqlSide("predicted", "Model")), ("Gold", SqlSide("gold", "Gold"))]
        yield Folding(sides, last=OthersPane())
        yield KeyBar()

    def on_mount(self) -> None:
        """Scroll both results together."""
        rows = [self._side(name).rows for name in _SIDES]
        for one, other in (rows, rows[::-1]):
            self.watch(one, "scroll_y", partial(_follow, other), init=False)

    @on(SqlSide.Resized)
    def _on_side_resized(self) -> None:
        self.call_after_refresh(self._level)

    @staticmethod
    def prepare(reader: Reader, trace: ItemTrace, place: Position) -> SqlView:
        """Compare the queries, and look whether somebody disputes the gold one."""
        results = {result.side: result.sql for result in trace.score.sql} if trace.score else {}
        written = trace.answer.text if trace.answer else ""
        compared = compare(results.get("predicted") or written, results.get("gold") or str(trace.gold))
        return SqlView(compared, reader.challenge_of(place.run, place.task.id, place.item))

    def show_trace(self, trace: ItemTrace, prepared: SqlView) -> None:
        """Fill question, verdict and sides."""
        self._comparison, self._challenge, self._again = prepared.comparison, prepared.challenge, {}
        self._results = {result.side: result for result in trace.score.sql} if trace.score else {}
        self.query_one("#question", Static).update(question_content(trace))
        self.query_one("#verdict", Static).update(self._verdict(trace))
        focused = [side for side in map(self._side, _SIDES) if side.has_focus_within]
        self._fill()
        for side in focused:  # the rows are there again, or gone
            side.focus()
        first = next((n for n, pair in enumerate(self._pairs) if pair.match is not RowMatch.SAME), 0)
        for name in _SIDES:
            self._side(name).rows.mark(str(first))
            self._side(name).rows.cursor_column = 1
        self.call_after_refresh(self._level)

    def as_text(self, trace: ItemTrace) -> str:
        """Return question, verdict, queries and rows."""
        head = (question_content(trace).plain, self._verdict(trace).plain)
        return "\n\n".join((*head, *(self._side(name).as_text() for name in _SIDES))) + "\n"

    def action_differences_only(self) -> None:
        """Show only rows that differ, or all."""
        self._differences_only = not self._differences_only
        self._fill()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to hide rows only where both sides have some."""
        return self._compared if action == "differences_only" else super().check_action(action, parameters)

    def action_execute(self) -> None:
        """Execute the query of the focused side again; nothing can change the database."""
        side = self._side_of(self.focused)
        result = self._results.get(side)
        if result is None or not result.sql:
            self.notify("This side has no query to execute.", severity="warning")
        elif (database := self._database()) is not None:
            self._execute(self.place, side, result.sql, database)

    def action_schema(self) -> None:
        """Open the tables of the task's database."""
        if (database := self._database()) is not None:
            used = (tables_of(self._comparison.predicted.text), tables_of(self._comparison.gold.text))
            self.app.push_screen(SchemaScreen(self.context, database, used))

    def action_whole_trace(self) -> None:
        """Open the item's prompts, output and counts."""
        self.app.push_screen(TraceScreen(self.context, self.place))

    def action_challenge(self) -> None:
        """Dispute the gold query, or settle the challenge that it has; then show how it stands."""
        if self.trace is not None:
            dispute(self, self._challenge)

    @on(Table.RowHighlighted)
    def _on_row_marked(self, message: Table.RowHighlighted) -> None:
        for name in _SIDES:
            rows = self._side(name).rows
            if rows is not message.table and rows.chosen != message.table.chosen:
                with rows.prevent(Table.RowHighlighted):
                    rows.mark(message.table.chosen)

    @on(Table.RowSelected)
    def _on_cell_opened(self, message: Table.RowSelected) -> None:
        side = self._side_of(message.table)
        result, column = self._results.get(side), self._side(side).rows.cursor_column - 1
        number = self._row_number(side, int(message.table.chosen))
        if result is not None and number is not None:
            self.app.push_screen(WholeTextScreen(result.columns[column], whole_cell(result.rows[number][column])))

    @on(Executed)
    def _on_executed(self, message: Executed) -> None:
        if message.place == self.place:
            before = self._results[message.side]
            self._results[message.side] = message.result
            same = replace(before, seconds=0.0) == replace(message.result, seconds=0.0)
            self._again[message.side] = "as in the archive" if same else "not as in the archive"
            self._fill()

    @on(NotExecuted)
    def _on_not_executed(self, message: NotExecuted) -> None:
        self.notify(
            f"{message.error.message} {message.error.hint}", title=message.error.title, severity="error", markup=False
        )

    @in_thread("execute", exclusive=True)
    def _execute(self, place: Position, side: str, sql: str, database: Path) -> None:
        try:
            with closing(Sandbox(database)) as sandbox:
                result = sandbox.execute(sql).result
        except MedicError as error:
            self.post_message(self.NotExecuted(error))
        else:
            self.post_message(self.Executed(place, side, replace(result, side=side)))

    def export_table(self, table: Table) -> None:
        """Write the rows of both results, all of them, whatever is shown."""
        name = f"{self.place.task.id} {self.place.item} {called(self.place.candidate)}"
        results = [self._results[side] for side in _SIDES if side in self._results]
        self._export_results(name, results, self._database_path(), self.export_folder)

    @in_thread("export")
    def _export_results(self, name: str, results: list[SqlResult], database: Path | None, folder: Path) -> None:
        try:
            self.post_message(Told("Exported", export_results(name, results, database, folder, stamp())))
        except MedicError as error:
            self.post_message(Told(error.title, f"{error.message} {error.hint}", failed=True))

    def _verdict(self, trace: ItemTrace) -> Content:
        return verdict_content(trace, self._comparison, dispute_lines(self._challenge))

    def _fill(self) -> None:
        if self.trace is None:
            return
        results, comparison = [self._results.get(name) for name in _SIDES], self._comparison
        self._pairs = aligned(*(result.rows if result else () for result in results))
        queries = (comparison.predicted, comparison.gold)
        for name, result, query in zip(_SIDES, results, queries, strict=True):
            left = name == "predicted"
            rows = (
                result_rows(result, self._pairs, left, self._differences_only) if self._compared else lone_rows(result)
            )
            self._side(name).show(
                SideView(
                    query=query_content(query, comparison.differing),
                    found=rows_found(result),
                    note=note_of(result, hidden=not rows),
                    remark=remark_on(result, self._again.get(name, "")),
                    columns=result_columns(result),
                    rows=rows,
                )
            )

    def _level(self) -> None:
        """Give both queries the height of the longer one, so that rows beside each other stand at the same height."""
        sides = [self._side(name) for name in _SIDES]
        most = int(max(side.size.height for side in sides) * _QUERY_SHARE)
        height = min(max(side.query_pane.height_needed for side in sides), max(1, most))
        for side in sides:
            side.query_pane.styles.height = max(1, height)

    def _database(self) -> Path | None:
        found = self._database_path()
        if found is None:
            self.notify("The run did not store where the task's database is.", severity="warning")
        return found

    def _database_path(self) -> Path | None:
        name = self.trace.resources.get("database", "") if self.trace else ""
        return Path(name) if name else None

    @property
    def _compared(self) -> bool:
        """Whether both queries gave a result."""
        found = [self._results.get(name) for name in _SIDES]
        return all(result is not None and result.sql and not result.error for result in found)

    def _row_number(self, side: str, key: int) -> int | None:
        """Return which row of a side's result a row of the table shows; None for an empty place."""
        if not self._compared:
            return key
        return self._pairs[key].left if side == "predicted" else self._pairs[key].right

    def _side_of(self, widget: Widget | None) -> str:
        """Return the side that a widget is part of, else the one in front."""
        around = widget.ancestors_with_self if widget else ()
        inside = next((node for node in around if isinstance(node, SqlSide)), None)
        return (inside or self.query_one(Folding).front).id or _SIDES[0]

    def _side(self, name: str) -> SqlSide:
        return self.query_one(f"#{name}", SqlSide)


def _follow(table: ResultTable, y: float) -> None:
    table.scroll_to(y=y, animate=False)

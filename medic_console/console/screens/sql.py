"""SQL inspector: the model's query and the gold query, and the rows that each gave."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Footer, Static

from medic_console.archive.queries import Reader
from medic_console.archive.views import ItemTrace
from medic_console.console.commands import bindings
from medic_console.console.context import Context
from medic_console.console.place import Place
from medic_console.console.rowdiff import unmatched
from medic_console.console.screens.inspector import InspectorScreen
from medic_console.console.screens.trace import TraceScreen
from medic_console.console.text import one_line, plain
from medic_console.console.widgets.folding import Folding
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.sql_side import SqlSide
from medic_console.records import SqlResult


class SqlScreen(InspectorScreen[None]):
    """Predicted left, gold right."""

    CSS_PATH = "sql.tcss"
    BINDINGS = bindings("sql", "trace")
    PLACES = ("sql", "inspector", "trace")
    PANES = ("predicted", "gold")

    def __init__(self, context: Context, place: Place) -> None:
        super().__init__(context, place)
        self._differences_only = False

    def compose(self) -> ComposeResult:
        """Heading, question and two sides."""
        yield Heading()
        yield Notice()
        yield Static(id="question")
        yield Folding([("Model", SqlSide("predicted", "Model")), ("Gold", SqlSide("gold", "Gold"))])
        yield Footer(show_command_palette=False)

    @staticmethod
    def prepare(reader: Reader, trace: ItemTrace, place: Place) -> None:
        """Nothing takes time here."""

    def show_trace(self, trace: ItemTrace, prepared: None) -> None:
        """Fill question and sides."""
        self.query_one("#question", Static).update(_question(trace))
        self._fill()

    def as_text(self, trace: ItemTrace) -> str:
        """Return question, queries and rows."""
        sides = [self.query_one(f"#{side}", SqlSide).as_text() for side in self.PANES]
        return "\n\n".join((_question(trace).plain, *sides)) + "\n"

    def action_differences_only(self) -> None:
        """Show only rows without a partner, or all."""
        self._differences_only = not self._differences_only
        self._fill()

    def action_whole_trace(self) -> None:
        """Open the item's prompts, output and counts."""
        self.app.push_screen(TraceScreen(self.context, self.place))

    def _fill(self) -> None:
        trace = self.trace
        if trace is None:
            return
        results = {result.side: result for result in trace.score.sql} if trace.score else {}
        predicted, gold = results.get("predicted"), results.get("gold")
        written = trace.answer.text if trace.answer else ""
        self._side("predicted").show(predicted, written, _marks(predicted, gold), self._differences_only)
        self._side("gold").show(gold, str(trace.gold), _marks(gold, predicted), self._differences_only)

    def _side(self, name: str) -> SqlSide:
        return self.query_one(f"#{name}", SqlSide)


def _marks(result: SqlResult | None, other: SqlResult | None) -> list[bool]:
    """Rows that were kept of a longer result are compared with what was kept of the other."""
    if result is None:
        return []
    return unmatched(result.rows, other.rows if other else ())


def _question(trace: ItemTrace) -> Content:
    question = one_line(str(trace.fields.get("question", "")), 600)
    score = trace.score
    detail = plain(score.detail) if score and score.detail else ""
    reason = f"{score.reason}: " if score and score.reason else ""
    return Content.assemble((question, "bold"), (f"\n{reason}{detail}" if reason or detail else "", "$score-unscored"))

"""CEF inspector: source and generated text side by side, the questions of both directions below."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Footer, Static

from medic_console.archive.views import ItemTrace
from medic_console.console.commands import bindings
from medic_console.console.context import Context
from medic_console.console.place import Place
from medic_console.console.screens.cef_questions import Asked, noun, question_rows, questions
from medic_console.console.screens.cef_scores import scores_content
from medic_console.console.screens.inspector import InspectorScreen
from medic_console.console.screens.item import ItemScreen
from medic_console.console.screens.item_parts import joined, judge_calls, probabilities, section
from medic_console.console.text import count, one_line, plain
from medic_console.console.widgets.folding import Folding
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.table import Column, Table
from medic_console.console.widgets.text_pane import TextPane
from medic_console.scoring.judged.evidence import find_evidence

_QUESTIONS = (
    Column("From", 7),
    Column("Question", least=20),
    Column("Other text says", 15),
    Column("p", 4, right=True),
    Column("Finding", 24),
)


_QUESTIONS_NARROW = (Column("From", 6), Column("Question", least=20), Column("Says", 8), Column("Finding", 24))


class CefScreen(InspectorScreen):
    """The heart: what the note leaves out, contradicts or makes up."""

    CSS_PATH = "cef.tcss"
    BINDINGS = bindings("cef", "trace")
    PLACES = ("cef", "inspector", "trace")
    PANES = ("source", "generated", "questions")

    def __init__(self, context: Context, place: Place) -> None:
        super().__init__(context, place)
        self._asked: tuple[Asked, ...] = ()
        self._findings_only = False

    def compose(self) -> ComposeResult:
        """Heading, scores, the two texts, the questions."""
        yield Heading()
        yield Notice()
        yield Static(id="scores")
        source, generated = TextPane("source"), TextPane("generated")
        source.border_title = "Source"
        yield Folding([("Source", source), ("Generated", generated)])
        raw = TextPane("raw")
        raw.border_title = "The judge's raw text · t hides it"
        raw.display = False
        yield raw
        table = Table(_QUESTIONS, id="questions")
        table.border_title = "Questions"
        yield table
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Hide what has no content yet."""
        self.query_one("#questions").display = False

    def on_resize(self) -> None:
        """Choose the columns that fit."""
        self.call_after_refresh(self._fill)

    def first_pane(self, trace: ItemTrace) -> int:
        """The questions come first, where there are any."""
        return 3 if trace.cef else 2

    def show_trace(self, trace: ItemTrace) -> None:
        """Fill all panes."""
        self._asked = questions(trace.cef) if trace.cef else ()
        source, generated = self._texts(trace)
        self.query_one("#source", TextPane).show(source)
        pane = self.query_one("#generated", TextPane)
        pane.show(generated or "(no output yet)")
        pane.border_title = Content(
            f"{noun(trace).capitalize()} by {one_line(trace.candidate.name)} {trace.candidate.quantisation}"
        )
        self.query_one("#scores", Static).update(scores_content(trace))
        self.query_one("#questions").display = bool(self._asked)
        self._fill()

    def as_text(self, trace: ItemTrace) -> str:
        """Return scores, questions and both texts."""
        rows = ["\t".join((a.side, a.question, a.label.word, a.finding)) for a in self._asked]
        source, generated = self._texts(trace)
        scores = scores_content(trace).plain
        return "\n".join((scores, "", *rows, "", "source", source, "", noun(trace), generated, ""))

    @on(Table.RowHighlighted, "#questions")
    def _on_question_marked(self) -> None:
        asked = self._marked()
        if asked is None:
            return
        for name in ("source", "generated"):
            pane = self.query_one(f"#{name}", TextPane)
            pane.highlight(find_evidence(asked.question, pane.text))
        if self.query_one("#raw").display:
            self._show_raw(asked)

    @on(Table.RowSelected, "#questions")
    def _on_question_opened(self) -> None:
        self.action_raw()

    def action_findings_only(self) -> None:
        """Show only findings, or all questions."""
        self._findings_only = not self._findings_only
        self._fill()

    def action_raw(self) -> None:
        """Show or hide the judge's raw text."""
        raw = self.query_one("#raw", TextPane)
        raw.display = not raw.display
        self.query_one(Folding).display = not raw.display
        asked = self._marked()
        if raw.display:
            self._show_raw(asked)

    def action_whole_trace(self) -> None:
        """Open the item's prompts, output and counts."""
        self.app.push_screen(ItemScreen(self.context, self.place))

    def _marked(self) -> Asked | None:
        key = self.query_one("#questions", Table).chosen
        return next((asked for asked in self._asked if asked.key == key), None)

    def _fill(self) -> None:
        shown = [a for a in self._asked if a.finding or not self._findings_only]
        table = self.query_one("#questions", Table)
        narrow = self.has_class("-narrow")
        table.use_columns(_QUESTIONS_NARROW if narrow else _QUESTIONS)
        table.fill(question_rows(shown, noun(self.trace) if self.trace else "note", narrow))
        found = sum(bool(asked.finding) for asked in self._asked)
        title = f"Questions · {count(len(self._asked), 'question')}, {count(found, 'finding')}"
        table.border_title = title + (" · findings only (d shows all)" if self._findings_only else "")

    def _show_raw(self, asked: Asked | None) -> None:
        if self.trace is None:
            return
        call = next((c for c in self.trace.calls if asked is not None and c.step == asked.step), None)
        if asked is None or call is None:
            self.query_one("#raw", TextPane).show_content(judge_calls(self.trace) or Content("no judge was asked"))
            return
        listed = next((c for c in self.trace.calls if c.step == f"{asked.side}-questions"), None)
        blocks = [section("question", plain(asked.question)), section("raw answer", plain(call.output.text))]
        if call.output.probabilities:
            blocks.append(section("probabilities", probabilities(call.output)))
        if listed is not None:
            blocks.append(section(f"raw list of {asked.side} questions", plain(listed.output.text)))
        self.query_one("#raw", TextPane).show_content(joined(blocks))

    @staticmethod
    def _texts(trace: ItemTrace) -> tuple[str, str]:
        cef = trace.task.cef
        return str(trace.fields.get(cef.source, "")) if cef else "", trace.generated

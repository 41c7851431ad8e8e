"""CEF inspector: source and generated text side by side, the questions of both directions below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from medic_console.archive.views import ItemTrace, ModelView
from medic_console.console.bars import probability
from medic_console.console.commands import bindings
from medic_console.console.context import Context
from medic_console.console.inspect.base import InspectorScreen
from medic_console.console.inspect.cef.places import PlacesScreen
from medic_console.console.inspect.cef.questions import (
    GENERATED,
    SOURCE,
    AskedQuestion,
    judged,
    panel_questions,
    questions,
)
from medic_console.console.inspect.cef.rows import (
    NARROW_COLUMNS,
    explained,
    meaning,
    narrow_rows,
    noun,
    question_columns,
    question_rows,
    question_sheet,
    scores_content,
    shown_candidates,
)
from medic_console.console.inspect.others import OTHERS, OthersPane
from medic_console.console.inspect.position import Position
from medic_console.console.inspect.trace import TraceScreen
from medic_console.console.text import count
from medic_console.console.widgets.folding import Folding
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.table import Table
from medic_console.console.widgets.text_pane import TextPane
from medic_console.core.naming import called
from medic_console.core.records import CefTrace
from medic_console.results.export import MakeSheet
from medic_console.results.reader import Reader
from medic_console.scoring.methods.cef.evidence import find_evidence
from medic_console.scoring.methods.cef.score import FindingKind
from medic_console.scoring.methods.cef.spec import cef_of

ALL, FINDINGS, UNSURE = "all", "findings", "unsure"
STEP, LOWEST, HIGHEST = 0.05, 0.4, 0.95
"""Of the probability below which a judge counts as unsure; three answers share 1, so the chosen has at least 1/3."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One choice of questions.

    Attributes:
        title: In lower case, as it stands on the line of filters.
        holds: Tells whether a question is shown, under a threshold of the judge's probability.
    """

    id: str
    title: str
    holds: Callable[[AskedQuestion, float], bool]

    def count(self, asked: Sequence[AskedQuestion], threshold: float) -> int:
        """Return how many questions it shows."""
        return sum(self.holds(one, threshold) for one in asked)

    def label(self, threshold: float) -> str:
        """Return its title; the threshold is part of the last one's."""
        return f"{self.title} {probability(threshold)}" if self.id == UNSURE else self.title


def _kind(kind: FindingKind, title: str) -> Filter:
    return Filter(str(kind), title, lambda asked, _: asked.kind is kind)


FILTERS = (
    Filter(ALL, "all", lambda *_: True),
    Filter(FINDINGS, "findings", lambda asked, _: asked.kind is not None),
    _kind(FindingKind.CONTRADICTION, "contradictions"),
    _kind(FindingKind.CONTRADICTED_BY_SOURCE, "by source"),
    _kind(FindingKind.HALLUCINATION, "hallucinations"),
    _kind(FindingKind.OMISSION, "omissions"),
    Filter("disputed", "disagree", lambda asked, _: asked.disputed),
    Filter(UNSURE, "judge below", lambda asked, threshold: asked.unsure(threshold)),
)
BY_ID = {one.id: one for one in FILTERS}


def following(chosen: str, asked: Sequence[AskedQuestion], threshold: float) -> str:
    """Return the next filter that shows a question; goes round."""
    ids = [one.id for one in FILTERS]
    start = ids.index(chosen) + 1
    return next((name for name in (*ids[start:], *ids[:start]) if BY_ID[name].count(asked, threshold)), ALL)


def filter_line(chosen: str, asked: Sequence[AskedQuestion], threshold: float, several: bool) -> Content:
    """Return the filters with their counts; a click chooses one.

    Args:
        chosen: Id of the filter that is on.
        asked: All questions.
        threshold: Of the judge's probability.
        several: There are other candidates to disagree with.
    """
    shown = [one for one in FILTERS if several or one.id != "disputed"]
    parts = [Content.styled("f ", "bold $accent")]
    for one in shown:
        number = one.count(asked, threshold)
        text = f" {one.label(threshold)} {number} "
        part = Content.styled(
            text, "bold $background on $pane-focus" if one.id == chosen else "" if number else "$muted"
        )
        parts.append(part.stylize(Style.from_meta({"@click": f"screen.filter('{one.id}')"})))
    return Content("").join(parts)


Traces = tuple[CefTrace | None, ...]
_NONE_FOUND = "no sentence found here that speaks of this"


class CefScreen(InspectorScreen[Traces]):
    """The heart: what the note leaves out, contradicts or makes up.

    Attributes:
        marked_key: Key of the question whose evidence is marked in the texts.
    """

    CSS_PATH = "cef.tcss"
    BINDINGS = bindings("cef", "trace")
    PLACES = ("cef", "inspector", "trace")
    PANES = ("source", "generated", "questions", OTHERS)
    BODY = "#scores, #folding, #explained, #filters, #questions"

    def __init__(self, context: Context, place: Position) -> None:
        super().__init__(context, place)
        self._asked: tuple[AskedQuestion, ...] = ()
        self._filter = ALL
        self._threshold = 0.8
        self._item = ""
        self.marked_key = ""

    def compose(self) -> ComposeResult:
        """Heading, scores, the two texts, the questions."""
        yield Heading()
        yield Notice()
        yield Static(id="scores")
        yield Folding([("Source", TextPane("source")), ("Generated", TextPane("generated"))], last=OthersPane())
        raw = TextPane("raw")
        raw.border_title = "What the judge was asked and wrote · t hides it"
        raw.display = False
        yield raw
        yield Static(id="explained")
        filters = Static(id="filters")
        filters.auto_links = False
        yield filters
        yield Table((), id="questions")
        yield KeyBar()

    @staticmethod
    def prepare(reader: Reader, trace: ItemTrace, place: Position) -> Traces:
        """Read the other candidates' cross-examinations of the same source; of a panel take each judge's."""
        if trace.by_judge:
            return tuple(one.cef for one in trace.by_judge)
        task, item = place.task.id, place.item
        return tuple(
            trace.cef
            if number == place.chosen
            else reader.trace(place.run, task, item, candidate.sha256, place.judge).cef
            for number, candidate in enumerate(place.candidates)
        )

    def on_resize(self) -> None:
        """Choose the columns that fit."""
        self.call_after_refresh(self._fill)

    def first_pane(self, trace: ItemTrace) -> int:
        """The questions come first, where there are any."""
        return 3 if self._asked else 2

    def action_pane(self, number: int) -> None:
        """Focus a pane; a text takes the place of what the judge wrote, and questions must be there."""
        if self.PANES[number - 1 : number] == ("questions",) and not self._asked:
            self.notify("Questions: nothing was asked of this text.", timeout=4)
            return
        if number <= 2 and self.query_one("#raw").display:
            self.action_raw()
        super().action_pane(number)

    def show_trace(self, trace: ItemTrace, prepared: Traces) -> None:
        """Fill all panes; the question that was marked stays marked where it was asked too."""
        before, new_item = self._marked(), self._item != self.place.item
        self._item = self.place.item
        self._asked = panel_questions(prepared) if trace.by_judge else questions(prepared, self.place.chosen)
        source, generated = _texts(trace)
        pane = self.query_one("#source", TextPane)
        pane.show(source)
        cef = cef_of(trace.task)
        pane.border_title = f"Source: {cef.source if cef else ''}"
        pane = self.query_one("#generated", TextPane)
        pane.show(generated or "(no output yet)")
        self.query_one(Folding).rename(pane, noun(trace).capitalize())
        pane.border_title = Content(
            f"{noun(trace).capitalize()} by {called(trace.candidate)} {trace.candidate.quantisation}"
        )
        for name in ("#explained", "#filters", "#questions"):
            self.query_one(name).display = bool(self._asked)
        self._fill()
        if new_item:  # its gravest finding, whatever was marked before
            self.query_one("#questions", Table).move_cursor(0)
            if self._asked:
                self.query_one("#questions", Table).focus()
        elif before is not None and before.side == SOURCE:
            same = next((one for one in self._asked if one.question == before.question), None)
            self.query_one("#questions", Table).mark(same.key if same else "")
        self._on_question_marked()  # the table tells nothing when the next item has the same rows

    def as_text(self, trace: ItemTrace) -> str:
        """Return scores, questions with what they mean, and both texts."""
        rows = [
            "\t".join((a.side, a.question, a.answer.state.word, str(a.kind or ""), meaning(a, noun(trace))))
            for a in self._asked
        ]
        source, generated = _texts(trace)
        scores = scores_content(trace).plain
        return "\n".join((scores, "", *rows, "", "source", source, "", noun(trace), generated, ""))

    def sheet_of(self, table: Table) -> MakeSheet:
        """Return the shown questions with whole texts, every answer and the sentences that speak of them."""
        if self.trace is None:
            return super().sheet_of(table)
        shown = {one.key: one for one in self._asked}
        title = f"{self.place.task.id} {self.place.item} {called(self.place.candidate)}"
        asked = [shown[key] for key in table.keys]
        return partial(question_sheet, title, asked, self._answering, noun(self.trace), _texts(self.trace))

    @on(Table.RowHighlighted, "#questions")
    def _on_question_marked(self) -> None:
        asked = self._marked()
        if asked is None or self.trace is None:
            return
        self.marked_key = asked.key
        hidden = set(range(len(asked.given))) - set(self._columns())
        others = [
            (model, given)
            for number, (model, given) in enumerate(zip(self._answering, asked.given, strict=True))
            if given is not None and number in hidden - {asked.chosen}
        ]
        judge = called(self._answering[asked.chosen]) if self.trace.by_judge else ""
        self.query_one("#explained", Static).update(
            explained(asked, noun(self.trace), others, self.has_class("-narrow"), judge)
        )
        self._mark_evidence(asked)
        if self.query_one("#raw").display:
            self._show_raw()

    def _mark_evidence(self, asked: AskedQuestion) -> None:
        """Mark the sentences that the question speaks of; of folded texts one that has some comes to the front."""
        panes = [self.query_one(f"#{side}", TextPane) for side in (SOURCE, GENERATED)]
        for pane in panes:
            pane.highlight(find_evidence(asked.question, pane.text))
            role = "the question comes from this text" if asked.side == pane.id else "the answer was sought here"
            pane.border_subtitle = role if pane.marked else _NONE_FOUND
        folding, with_evidence = self.query_one(Folding), [pane for pane in panes if pane.marked]
        if with_evidence and folding.front not in with_evidence:
            folding.show(with_evidence[0])

    @on(Table.RowSelected, "#questions")
    def _on_question_opened(self) -> None:
        self.action_raw()

    @on(Table.EndPassed, "#questions")
    def _on_end_passed(self) -> None:
        """Findings are read through, item after item; the list of all questions ends with its item."""
        if self._filter != ALL:
            self.action_item(1)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what narrows the questions, and where findings lie, only where there are questions."""
        if action in ("findings_only", "next_filter", "threshold", "places"):
            return bool(self._asked)
        return super().check_action(action, parameters)

    def action_filter(self, name: str) -> None:
        """Show the questions of one filter."""
        self._filter = name
        self._fill()

    def action_next_filter(self) -> None:
        """Show the questions of the next filter that has any."""
        self.action_filter(following(self._filter, self._asked, self._threshold))

    def action_findings_only(self) -> None:
        """Show only findings, or all questions."""
        self.action_filter(ALL if self._filter == FINDINGS else FINDINGS)

    def action_threshold(self, by: int) -> None:
        """Raise or lower the probability below which the judge counts as unsure."""
        self._threshold = round(min(HIGHEST, max(LOWEST, self._threshold + by * STEP)), 2)
        self._fill()

    def action_raw(self) -> None:
        """Show or hide what the judge was asked and wrote."""
        raw = self.query_one("#raw", TextPane)
        raw.display = not raw.display
        self.query_one(Folding).display = not raw.display
        if raw.display:
            self._show_raw()

    def action_places(self) -> None:
        """Show where in the texts findings lie, of this item and of all."""
        if self.trace is not None:
            self.app.push_screen(PlacesScreen(self.context, self.trace, self.place))

    def action_whole_trace(self) -> None:
        """Open the item's prompts, output and counts."""
        self.app.push_screen(TraceScreen(self.context, self.place))

    def _marked(self) -> AskedQuestion | None:
        key = self.query_one("#questions", Table).chosen
        return next((asked for asked in self._asked if asked.key == key), None)

    def _fill(self) -> None:
        if self.trace is None:
            return
        chosen = BY_ID[self._filter]
        shown = [one for one in self._asked if chosen.holds(one, self._threshold)]
        table, answering, name = self.query_one("#questions", Table), self._answering, noun(self.trace)
        columns = self._columns()
        self.query_one("#scores", Static).update(scores_content(self.trace, not columns))
        if not columns:
            table.use_columns(NARROW_COLUMNS)
            table.fill(narrow_rows(shown, name))
        else:
            table.use_columns(question_columns(answering, columns, self._column))
            table.fill(question_rows(shown, name, columns))
        self.query_one("#filters", Static).update(
            filter_line(self._filter, self._asked, self._threshold, len(answering) > 1)
        )
        title = f"{count(len(shown), 'question')} of {len(self._asked)}"
        change = " (- and + change it)" if self._filter == UNSURE else ""
        table.border_title = title if self._filter == ALL else f"{title} · {chosen.label(self._threshold)}{change}"
        more = "" if self._filter == ALL or self.place.total == 1 else "down at the end: the next item"
        table.border_subtitle = more if shown else f"none here: f or d shows others{' · ' if more else ''}{more}"

    @property
    def _answering(self) -> tuple[ModelView, ...]:
        """Whose answers stand beside each other: the candidates', or of a panel the judges'."""
        return self.trace.judges if self.trace is not None and self.trace.by_judge else self.place.candidates

    @property
    def _column(self) -> int:
        """Number of the one whose column is marked; -1 for none, as all judges of a panel count."""
        return -1 if self.trace is not None and self.trace.by_judge else self.place.chosen

    def _columns(self) -> list[int]:
        """Return the numbers of those that have a column of their own; none in a narrow table."""
        if self.has_class("-narrow"):
            return []
        return shown_candidates(self._answering, max(0, self._column), self.size.width)

    def _show_raw(self) -> None:
        if self.trace is not None:
            self.query_one("#raw", TextPane).show_content(judged(self.trace, self._marked()))


def _texts(trace: ItemTrace) -> tuple[str, str]:
    cef = cef_of(trace.task)
    return str(trace.fields.get(cef.source, "")) if cef else "", trace.generated

"""Judges: which are qualified, the card of the marked one, and the probes that it did not answer right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from medic_console.archive.views import ItemTrace, ModelView
from medic_console.console.base import ReadingScreen
from medic_console.console.commands import bindings
from medic_console.console.context import Context
from medic_console.console.dialogs.two_texts import TwoTextsScreen
from medic_console.console.inspect.item.parts import RIGHT, WRONG
from medic_console.console.inspect.position import Position
from medic_console.console.inspect.trace_parts import Part, counts, joined, probabilities, section
from medic_console.console.judges.qualify import Qualifier
from medic_console.console.judges.rows import (
    COLUMNS,
    COLUMNS_NARROW,
    JUDGES,
    QUALIFY,
    WRONG_COLUMNS,
    WRONG_COLUMNS_NARROW,
    card_content,
    judge_row,
    judge_sheet,
    reliability_content,
    wrong_row,
    wrong_sheet,
)
from medic_console.console.judges.session import QualifySession
from medic_console.console.live.opening import live_of
from medic_console.console.session import Session
from medic_console.console.text import count, plain
from medic_console.console.widgets.edit_line import EditLine
from medic_console.console.widgets.folding import Folding
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.table import Table
from medic_console.console.widgets.text_pane import TextPane
from medic_console.core.digest import short
from medic_console.core.errors import ArchiveError, MedicError
from medic_console.core.records import Outcome, Score
from medic_console.results.export import MakeSheet
from medic_console.results.judging.card import Card
from medic_console.results.judging.judges import Judge, known_judges
from medic_console.results.judging.qualification_replies import WrongReply, weighed_replies, wrong_replies
from medic_console.results.judging.standing import JudgeStanding
from medic_console.results.reader import Reader
from medic_console.statistics.calibration import Bin, reliability
from medic_console.statistics.words import exact
from medic_console.suite.task import Task


class ProbeScreen(TwoTextsScreen):
    """Prompt left, reply right; `<` and `>` show what the other judges of the same qualification said."""

    PLACES = ("probe", "inspector")
    PANES = ("probe-asked", "probe-answered")
    CRUMB = "Probe"
    TITLES = (("What the judge was asked", "Asked"), ("What it said", "Said"))

    def texts(self, trace: ItemTrace) -> tuple[Content, Content]:
        """Return the prompt, and the reply beside the right answer."""
        return asked(trace), said(trace)


def asked(trace: ItemTrace) -> Content:
    """Return the messages of each request; a later one's only as far as they are new."""
    blocks: list[Content] = []
    before: list[object] = []
    for call in trace.calls:
        messages = list(call.prompt["messages"])
        after = f" ({call.step})" if len(trace.calls) > 1 else ""
        blocks += [
            section(plain(str(m["role"])) + after, plain(str(m["content"]))) for m in messages if m not in before
        ]
        if call.prompt.get("labels"):
            blocks.append(section("choose from", ", ".join(plain(str(label)) for label in call.prompt["labels"])))
        before = messages
    return joined(blocks) if blocks else Content.styled("The judge was not asked.", "$muted")


def said(trace: ItemTrace) -> Content:
    """Return expected and given answer, then each request's raw text with probabilities, limits and engine."""
    blocks = [section("verdict", *_verdict(trace))]
    for call in trace.calls:
        after = f" ({call.step})" if len(trace.calls) > 1 else ""
        output = call.output
        blocks.append(section(f"raw answer{after}", plain(output.text) or ("empty", "$muted")))
        if output.probabilities:
            blocks.append(section("probabilities", probabilities(output)))
        if output.thinking:
            blocks.append(section("thinking", plain(output.thinking)))
        blocks.append(section(f"limits and engine{after}", counts(call)))
    return joined(blocks)


def _verdict(trace: ItemTrace) -> list[Part]:
    score = trace.score
    if score is None:
        return [("· not answered yet", "$score-waiting")]
    given = _answer(score)
    state = RIGHT if given == str(trace.gold) else WRONG
    lines: list[Part] = [(state.text, f"bold ${state.variable}"), f"\nright answer  {plain(str(trace.gold))}"]
    lines.append(f"\nanswered      {plain(given)}" if given else "\nanswered      – could not be read")
    if score.outcome is not Outcome.SCORED:
        why = score.detail or score.traceback
        lines.append((f"\n{score.reason or score.outcome}{f': {plain(why)}' if why else ''}", "$score-unscored"))
    return lines


def _answer(score: Score) -> str:
    """Return what was answered: of a rating its level; empty when it could not be read."""
    if score.outcome is not Outcome.SCORED:
        return ""
    return exact(score.values["harm"]) if "harm" in score.values else score.answer


_LIST, _FRAME = 44, 6
"""Cells of the list beside the card, as `judges.tcss` has them, and of the card's border, gutter and scroll bar."""
Judges = tuple[Judge, ...]


@dataclass(frozen=True, slots=True)
class Wrong:
    """The probes that one judge did not answer right.

    Attributes:
        key: Of the judge.
        judges: Those of the same qualification, which answered the same probes.
        tasks: Tasks of the qualification by id.
        bins: How often answers were right, by their probability.
    """

    key: str
    replies: tuple[WrongReply, ...]
    judges: tuple[ModelView, ...]
    tasks: dict[str, Task]
    bins: tuple[Bin, ...] = ()


class JudgesScreen(ReadingScreen[Judges | Wrong]):
    """Judges and the marked one's card above, probes not answered right below.

    Args:
        build: Of llama.cpp, which a card must have been made with to hold; empty asks it.
    """

    CSS_PATH = "judges.tcss"
    BINDINGS = bindings("judges_screen")
    PLACES = ("judges_screen",)
    PANES = ("all-judges", "judge-card", "wrong-probes")

    def __init__(self, context: Context, build: str = "") -> None:
        super().__init__(context)
        self._build = build
        self._judges: Judges | None = None
        self._wrong: Wrong | None = None
        self._shown = self._newest

    def compose(self) -> ComposeResult:
        """Heading; judges and card, probes below."""
        yield Heading()
        yield Notice()
        table, card = Table(COLUMNS, id="all-judges"), TextPane("judge-card")
        table.border_title, card.border_title = "Judges", "Card"
        wrong = Table(WRONG_COLUMNS, id="wrong-probes")
        yield Folding([("Judges", table), ("Card", card), ("Probes not right", wrong)])
        yield Qualifier(self.context)
        yield KeyBar()

    def on_mount(self) -> None:
        """Read the cards."""
        self.context.changed.subscribe(self, self._on_session)
        self.heading.show(Content.styled("Judges", "bold $primary"))
        self.query_one(Folding).display = False
        self.query_one(Notice).busy("reading the cards of the judges, and asking llama.cpp for its build")
        self.reload()

    def on_resize(self) -> None:
        """Choose the columns that fit, and break the card anew."""
        self.call_after_refresh(self._fill)

    def on_screen_resume(self) -> None:
        """Show the card of a qualification that ended behind another screen."""
        self._show_newest()

    def action_qualify(self) -> None:
        """Ask which judge and method; where a qualification goes on, show it."""
        running = self.context.running
        if isinstance(running, QualifySession):
            self.app.push_screen(live_of(self.context, running))
        elif running is not None:
            self.notify(f"Run {running.state.run} goes on; wait for its end or stop it first.", severity="warning")
        else:
            marked = self._marked()
            self.query_one(Qualifier).ask(marked.judged.file if marked and marked.judged else "")

    @on(EditLine.Entered)
    def _on_path(self, message: EditLine.Entered) -> None:
        message.line.close()
        self.query_one(Qualifier).take(message.text)

    @property
    def _newest(self) -> tuple[Card, ...]:
        """The cards of the last qualification of this console."""
        session = self.context.session
        return session.cards if isinstance(session, QualifySession) else ()

    def _on_session(self, session: Session) -> None:
        if self.is_active:
            self._show_newest()

    def _show_newest(self) -> None:
        """Read the judges anew once there are new cards, and mark the first."""
        if self._newest != self._shown:
            self._shown, self._judges, self._wrong = self._newest, None, None
            self.reload()

    def reading(self) -> Callable[[Reader], Judges | Wrong]:
        """Read all judges first, then the wrong replies of the marked one."""
        judge = self._marked()
        if judge is None:
            tasks, build = tuple(self.context.tasks.values()), self._build
            return lambda reader: known_judges(reader, tasks, build)
        return lambda reader: _wrong(reader, judge)

    def show(self, value: Judges | Wrong) -> None:
        """Fill the tables."""
        self.query_one(Notice).hide()
        if isinstance(value, Wrong):
            self._wrong = value
            self._show_card()
            self._fill_wrong()
            return
        self._judges = value
        self.query_one(Folding).display = bool(value)
        self._head(value)
        if value:
            self._fill()
            table = self.query_one("#all-judges", Table)
            table.focus()
            if self._shown:
                held = self._shown[0].conditions
                table.mark(f"{held.judge} {held.wording}")
        else:
            self.query_one(Notice).empty(
                "No judge has judged or was qualified in this archive.",
                f"Measure one on probes with known answers: q, or {QUALIFY} FILE",
            )

    def show_error(self, error: MedicError) -> None:
        """An archive that is not there yet has no judge; else say what is wrong."""
        if isinstance(error, ArchiveError) and not self.context.archive.exists():
            self.show(())
            return
        self.query_one(Folding).display = False
        self.query_one(Notice).error(error)

    def sheet_of(self, table: Table) -> MakeSheet:
        """Return every measure of the shown judges, or the shown probes, with whole values."""
        shown = set(table.keys)
        if table.id == "all-judges":
            return partial(judge_sheet, "judges", [one for one in self._judges or () if one.key in shown])
        judge = self._marked()
        replies = [one for one in (self._wrong.replies if self._wrong else ()) if one.item in shown]
        of = f" {judge.title} {judge.method}" if judge else ""
        return partial(wrong_sheet, f"probes not right{of}", replies)

    @on(Table.RowHighlighted, "#all-judges")
    def _on_judge_marked(self) -> None:
        judge = self._marked()
        if judge is None:
            return
        pane = self.query_one("#judge-card", TextPane)
        pane.border_title = Content(f"{judge.title} {short(judge.sha256)} · {judge.method}")
        self._show_card()
        if self._wrong is None or self._wrong.key != judge.key:
            self._wrong = None
            self._fill_wrong()
            self.reload()

    @on(Table.RowSelected, "#all-judges")
    def _on_judge_opened(self) -> None:
        self.action_pane(2)

    @on(Table.RowSelected, "#wrong-probes")
    def _on_probe_opened(self) -> None:
        judge, wrong, table = self._marked(), self._wrong, self.query_one("#wrong-probes", Table)
        if judge is None or judge.card is None or wrong is None or not table.chosen:
            return
        task = next(one.task for one in wrong.replies if one.item == table.chosen)
        of_task = {one.item for one in wrong.replies if one.task == task}
        items = tuple(item for item in table.keys if item in of_task)
        chosen = next(number for number, one in enumerate(wrong.judges) if one.sha256 == judge.sha256)
        index = items.index(table.chosen)
        place = Position(judge.card.run, wrong.tasks[task], items, index, wrong.judges, chosen, "")
        self.app.push_screen(ProbeScreen(self.context, place))

    def _marked(self) -> Judge | None:
        key = self.query_one("#all-judges", Table).chosen
        return next((one for one in self._judges or () if one.key == key), None)

    def _head(self, judges: Judges) -> None:
        numbers = {state: sum(one.standing is state for one in judges) for state in JudgeStanding}
        parts = [Content.styled(f"{n} {JUDGES[s].text}", f"${JUDGES[s].variable}") for s, n in numbers.items() if n]
        files = count(len({one.sha256 for one in judges}), "judge")
        self.heading.show(Content.styled("Judges", "bold $primary"), Content(" ").join(parts), files)

    def _fill(self) -> None:
        narrow, table = self.has_class("-narrow"), self.query_one("#all-judges", Table)
        table.use_columns(COLUMNS_NARROW if narrow else COLUMNS)
        table.fill([judge_row(one, narrow) for one in self._judges or ()])
        self._show_card()
        self._fill_wrong()

    def panes_moved(self) -> None:
        """Draw the card at its width."""
        self._show_card()

    def _show_card(self) -> None:
        judge, pane = self._marked(), self.query_one("#judge-card", TextPane)
        if judge is not None:
            beside = 0 if self.has_class("-narrow") else _LIST
            room = pane.outer_size.width or self.size.width - beside
            content = card_content(judge, room - _FRAME)
            if self._wrong is not None and self._wrong.key == judge.key and self._wrong.bins:
                content = joined([content, reliability_content(self._wrong.bins)])
            if content != pane.content:
                pane.show_content(content)

    def _fill_wrong(self) -> None:
        narrow, table = self.has_class("-narrow"), self.query_one("#wrong-probes", Table)
        replies = self._wrong.replies if self._wrong else ()
        table.use_columns(WRONG_COLUMNS_NARROW if narrow else WRONG_COLUMNS)
        table.fill([wrong_row(one, narrow) for one in replies])
        table.border_title = f"Probes not answered right · {len(replies)}" if replies else "Probes not answered right"
        judge = self._marked()
        if judge is None or replies:
            said = "enter opens one" if replies else ""
        elif judge.card is None:
            said = "never measured: there are no replies"
        else:
            said = "✓ every probe was answered right" if self._wrong else "… reading the replies"
        table.border_subtitle = said


def _wrong(reader: Reader, judge: Judge) -> Wrong:
    card = judge.card
    if card is None:
        return Wrong(judge.key, (), (), {})
    replies = tuple(wrong_replies(reader, card.run, judge.sha256, judge.wording))
    tasks = {name: reader.task(card.run, name) for name in dict.fromkeys(one.task for one in replies)}
    weighed = weighed_replies(reader, card.run, judge.sha256, judge.wording)
    bins = reliability([(one.probability, one.right) for one in weighed], [one.group for one in weighed])
    return Wrong(judge.key, replies, reader.run_models(card.run, "candidate"), tasks, bins)

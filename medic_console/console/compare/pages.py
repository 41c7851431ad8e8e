"""The pages of a comparison that hold more than one widget."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from operator import is_
from typing import Self

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from medic_console.console.commands import bindings
from medic_console.console.compare.charts import draw_differences
from medic_console.console.compare.flip_rows import flip_columns, flip_key, flip_row
from medic_console.console.compare.portfolio_rows import case_columns, case_detail, case_row, portfolio_note
from medic_console.console.compare.rows import (
    doubted,
    is_settled,
    letter_names,
    task_columns,
    task_detail,
    task_row,
)
from medic_console.console.compare.state import CHANGES, VERDICTS, BothTexts, Found
from medic_console.console.compare.thresholds import ThresholdScreen, requirement_lines
from medic_console.console.context import Context
from medic_console.console.dialogs.pick import PickScreen
from medic_console.console.marks import TRUNCATED
from medic_console.console.text import count, one_line, plain
from medic_console.console.widgets.drawing import Drawing
from medic_console.console.widgets.table import Table
from medic_console.console.widgets.text_pane import TextPane
from medic_console.console.worddiff import Span
from medic_console.core.errors import MedicError
from medic_console.core.records import Score
from medic_console.results.answer_words import answer_in_words
from medic_console.results.comparison import words as sentences
from medic_console.results.comparison.compare import Comparison, PairKey, drift_verdict
from medic_console.results.comparison.pairs import Change, Flip, PairResult
from medic_console.results.comparison.portfolio_file import Portfolio, UseCase
from medic_console.results.comparison.tasks import TaskValues
from medic_console.statistics import words
from medic_console.suite.task import Task

_ASKED = 500
"""Characters of the prompt that are shown above the answers; enter shows it whole."""
_GOLD = 150
"""Likewise of the reference answer."""
_FILTERS: tuple[Change | None, ...] = (None, *Change)
_MANY = 3
"""Models beyond which a narrow screen needs shorter words."""


class TasksPage(Vertical):
    """Verdict, tasks, and what the marked task's row rests on."""

    def __init__(self) -> None:
        super().__init__(id="tasks-page", classes="pane")

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield Static(classes="verdict")
        yield Table((), id="compare-tasks", classes="rows")
        yield Drawing("differences", classes="drawn")
        yield Static(classes="detail")

    def focus(self, scroll_visible: bool = True) -> Self:
        """Focus the tasks."""
        self.query_one(Table).focus(scroll_visible)
        return self

    @property
    def chosen(self) -> str:
        """Id of the marked task."""
        return self.query_one(Table).chosen

    def show(self, found: Comparison, key: PairKey, narrow: bool) -> None:
        """Show a pair on every task."""
        names, table = letter_names(found), self.query_one(Table)
        table.use_columns(task_columns(narrow, bool(found.drift), names[key[1]], names[key[0]]))
        table.fill([task_row(found, task, key, narrow) for task in found.tasks])
        self.border_title = Content(f"Tasks: {names[key[1]]} against {names[key[0]]}")
        left = found.pairs_due - found.pairs_done
        lower = f"{words.LOWER_SAID}  " if any(task.metric.better == "lower" for task in found.tasks) else ""
        self.border_subtitle = (
            f"… {count(left, 'pair')} to compare"
            if left
            else f"{lower}+ better  − worse  = equal  left: without a pair"
        )
        self.query_one(Drawing).draw(lambda width, height: draw_differences(found, key, width))
        verdict = self.query_one(".verdict", Static)
        said = [_verdict(found, key)] if found.drift else []
        if settings := sentences.settings(found.differs(key)):
            said.append(Content((" · " if narrow else "\n").join(settings)))
        verdict.display = bool(said)
        verdict.update(Content("\n").join(said))

    def tell(self, found: Found, key: PairKey) -> None:
        """Show what the marked task's row rests on."""
        task = next((task for task in found.comparison.tasks if task.task.id == self.chosen), None)
        self.query_one(".detail", Static).update(Content() if task is None else task_detail(found, task, key))


def _verdict(found: Comparison, key: PairKey) -> Content:
    state = VERDICTS[drift_verdict(found, key)]
    if not is_settled(found):
        return Content.styled("… the verdict follows when every pair is compared on every task", "$muted")
    said = sentences.drift(found, key, letter_names(found))
    return Content.assemble((f" {state.text.upper()} ", f"bold reverse ${state.variable}"), f"  {said}")


class FlipsPage(Vertical):
    """Flips above, both answers to the marked one below."""

    def __init__(self) -> None:
        super().__init__(id="flips-page", classes="pane")
        self._filter = 0
        self._only = ""
        self._flips: dict[str, tuple[TaskValues, Flip]] = {}
        self._results: list[PairResult] = []
        self._seen: object = None
        self._pair: PairKey = ("", "")

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield Table((), id="flips", classes="rows")
        yield Static(classes="asked")
        with Horizontal(classes="both"):
            yield TextPane("first-text", classes="answer")
            yield TextPane("second-text", classes="answer")

    def focus(self, scroll_visible: bool = True) -> Self:
        """Focus the flips."""
        self.query_one("#flips", Table).focus(scroll_visible)
        return self

    @property
    def marked(self) -> tuple[TaskValues, Flip] | None:
        """The marked flip."""
        return self._flips.get(self.query_one("#flips", Table).chosen)

    @property
    def shown(self) -> list[tuple[TaskValues, Flip]]:
        """The flips that are shown, in order."""
        return [self._flips[key] for key in self.query_one("#flips", Table).keys]

    @property
    def number(self) -> int:
        """Of the marked flip among them, from 0."""
        return self.query_one("#flips", Table).cursor_row

    def only(self, task: str) -> None:
        """Show the flips of one task; an empty id shows all."""
        self._only = task

    def turn_filter(self) -> None:
        """Go to the next kind of change."""
        self._filter = (self._filter + 1) % len(_FILTERS)

    def show(self, found: Comparison, key: PairKey, narrow: bool) -> None:
        """Show a pair's flips, unless they are shown already."""
        results = found.results(key)
        seen = (key, narrow, self._filter, self._only, len(results))
        if seen == self._seen and all(map(is_, results, self._results)):
            return
        self._results, self._seen, self._pair = results, seen, key
        names, table = letter_names(found), self.query_one("#flips", Table)
        wanted, flips = _FILTERS[self._filter], found.flips(key)
        kept = [(t, f) for t, f in flips if wanted in (None, f.change) and self._only in ("", t.task.id)]
        self._flips = {flip_key(task, flip): (task, flip) for task, flip in kept}
        table.use_columns(flip_columns(narrow, names[key[0]], names[key[1]]))
        at_top = table.cursor_row == 0
        table.fill([flip_row(task, flip, key, narrow) for task, flip in kept])
        if at_top:  # while tasks are still compared, what was first moves down
            table.action_first()
        only = "" if wanted is None else f", only {CHANGES[wanted].word} (f changes it)"
        task_only = f" of {self._only} (t shows all tasks)" if self._only else ""
        self.border_title = Content(f"Flips {names[key[0]]} → {names[key[1]]}{task_only}: {len(kept):,}{only}")
        waits = len(results) < sum(task.values.keys() >= set(key) for task in found.tasks)
        hidden = len(flips) - len(kept)
        self.border_subtitle = " · ".join(
            part
            for part in (
                f"{words.PROVISIONAL} provisional judge" if any(doubted(task, key) for task, _ in kept) else "",
                f"{hidden:,} hidden" if hidden else "",
                "" if kept else "… still comparing" if waits else sentences.no_flips(found, key, self._only),
            )
            if part
        )

    def show_texts(self, found: BothTexts | None, names: tuple[str, str]) -> None:
        """Show both answers with the words that the other lacks; None: nothing is marked, or not read yet."""
        asked, marked = self.query_one(".asked", Static), self.marked
        asked.display = found is not None
        scores = (None, None) if marked is None else (marked[1].first, marked[1].second)
        for number, name in enumerate(("first-text", "second-text")):
            pane = self.query_one(f"#{name}", TextPane)
            doubtful = marked is not None and doubted(marked[0], self._pair)
            pane.border_title = _title(
                names[number],
                scores[number],
                words.PROVISIONAL if doubtful else "",
                marked[0].task.scorer if marked is not None else "",
            )
            pane.show_content(Content() if found is None else _marked(found.texts[number], found.changed[number]))
            pane.scroll_home(animate=False)
        if found is not None:
            asked.update(
                Content.assemble(
                    ("gold   ", "bold $muted"),
                    one_line(found.gold, _GOLD) or "–",
                    ("\nasked  ", "bold $muted"),
                    (one_line(found.asked, _ASKED) or "–", "$muted"),
                )
            )


def _title(name: str, score: Score | None, mark: str, scorer: str) -> Content:
    if score is None:
        return Content(name)
    read = f": {one_line(answer_in_words(scorer, score.answer), 60)}" if score.answer else ""
    cut = f" · {TRUNCATED}" if score.truncated else ""
    return Content(f"{name} · {one_line(score.verdict, 40) or score.outcome}{mark}{cut}{read}")


def _marked(text: str, spans: list[Span]) -> Content:
    if not text:
        return Content.styled("nothing is stored", "$muted")
    content = Content(text)
    for start, end in spans:
        content = content.stylize("bold underline $diff-row", start, end)
    return content


class PortfolioPage(Vertical):
    """Use cases above, what the marked one asks of each model below."""

    BINDINGS = bindings("use_cases")

    class Changed(Message):
        """A threshold was written."""

    def __init__(self, context: Context) -> None:
        super().__init__(id="portfolio-page", classes="pane")
        self.context = context
        self._portfolio: Portfolio | None = None

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield Static(classes="verdict")
        yield Table((), id="use-cases", classes="rows", opens=False)
        yield TextPane("use-case", classes="answer")

    def on_mount(self) -> None:
        """Name the page."""
        self.border_title = "Portfolio: who may do what"

    def focus(self, scroll_visible: bool = True) -> Self:
        """Focus the use cases."""
        self.query_one(Table).focus(scroll_visible)
        return self

    def show(self, found: Found, narrow: bool) -> None:
        """Show every use case."""
        names, note = letter_names(found.comparison), self.query_one(".verdict", Static)
        portfolio, table = found.portfolio, self.query_one(Table)
        self._portfolio = portfolio[0] if isinstance(portfolio, tuple) else None
        table.display = self.query_one(TextPane).display = not isinstance(portfolio, MedicError)
        if isinstance(portfolio, MedicError):
            text = f"{plain(portfolio.message)}\n{plain(portfolio.hint)}"
            note.update(Content.assemble((f"✗ {portfolio.title}\n", "bold $score-failed"), text))
        elif portfolio is None:
            note.update(Content.styled("… reading the use cases", "$muted"))
        else:
            short = narrow and len(names) > _MANY
            note.update(Content.styled(f"! {plain(portfolio_note(*portfolio))}", "$score-unscored"))
            table.use_columns(case_columns(list(names.values()), short))
            table.fill([case_row(result, names, short) for result in portfolio[1]])

    def action_edit_threshold(self) -> None:
        """Ask which threshold of the marked use case is to be another one, then for the number."""
        case = self._marked_case
        if case is None:
            self.notify("There is no use case to change.", severity="warning", timeout=5)
            return
        lines = requirement_lines(case, self.context.tasks)
        title = f"Which threshold of {one_line(case.title)}?"
        self.app.push_screen(PickScreen(title, lines), partial(self._on_requirement, case))

    def _on_requirement(self, case: UseCase, key: str | None) -> None:
        if key and self._portfolio is not None:
            screen = ThresholdScreen(self._portfolio, case, int(key), self.context)
            self.app.push_screen(screen, self._on_changed)

    def _on_changed(self, written: bool | None) -> None:
        if written:
            self.notify("Saved. The models are held against it anew.", timeout=5)
            self.post_message(self.Changed())

    @property
    def _marked_case(self) -> UseCase | None:
        cases, chosen = self._portfolio.use_cases if self._portfolio else (), self.query_one(Table).chosen
        return next((case for case in cases if case.id == chosen), None)

    def tell(self, found: Found, tasks: Mapping[str, Task]) -> None:
        """Show what the marked use case asks of each model."""
        if isinstance(found.portfolio, tuple):
            chosen, names = self.query_one(Table).chosen, letter_names(found.comparison)
            result = next((one for one in found.portfolio[1] if one.case.id == chosen), None)
            self.query_one(TextPane).show_content(Content() if result is None else case_detail(result, names, tasks))

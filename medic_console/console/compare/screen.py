"""Compare: two to six models on the same items, one page for each question that one asks of them."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from medic_console.archive.views import ModelView
from medic_console.console.base import ConsoleScreen
from medic_console.console.commands import bindings
from medic_console.console.compare.charts import draw_gaps, draw_trade_off
from medic_console.console.compare.pages import FlipsPage, PortfolioPage, TasksPage
from medic_console.console.compare.rows import (
    correlation_grid,
    correlation_note,
    legend,
    letter_names,
    rank_grid,
    rank_headings,
    rank_note,
)
from medic_console.console.compare.state import BothTexts, FlipWalk, Found, Wanted, compare_models, read_both
from medic_console.console.context import Context
from medic_console.console.defects import defect
from medic_console.console.inspect.registry import inspector_for
from medic_console.console.report.screen import NewReportScreen
from medic_console.console.threads import in_thread
from medic_console.console.widgets.drawing import Drawing
from medic_console.console.widgets.folding import Pages
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.heat_map import HeatMap
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.table import Table
from medic_console.core.errors import MedicError, UsageError
from medic_console.results.comparison.compare import MARGIN, PairKey, check_margin
from medic_console.results.comparison.models import column_titles, drift_of
from medic_console.results.comparison.pairs import Flip
from medic_console.results.comparison.tasks import TaskValues
from medic_console.results.export import MakeSheet
from medic_console.results.sheets import pair_sheet, portfolio_sheet


class MarginScreen(ModalScreen[float | None]):
    """Returns a margin, or None when it shall stay.

    Args:
        margin: The present one, in points on 0 to 100.
    """

    CSS_PATH = "margin.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss", "Close")]

    def __init__(self, margin: float) -> None:
        super().__init__()
        self._margin = margin

    def compose(self) -> ComposeResult:
        """What it means, the number, what is wrong with it."""
        box = Vertical(
            Static(
                "The largest difference, in points on 0 to 100, that would not matter to you. State it before you look."
            ),
            Input(f"{self._margin:g}", id="margin", restrict=r"[0-9]*\.?[0-9]*"),
            Static(id="margin-fault"),
            id="margin-box",
        )
        box.border_title = "Margin"
        box.border_subtitle = "enter takes it · esc keeps the old one"
        yield box

    def on_mount(self) -> None:
        """Let the number be typed at once."""
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _on_submitted(self, event: Input.Submitted) -> None:
        try:
            margin = float(event.value or 0)
            check_margin(margin)
        except (UsageError, ValueError):
            self.query_one("#margin-fault", Static).update(Content.styled("✗ above 0 and below 100", "$score-failed"))
        else:
            self.dismiss(margin)


_UNANSWERED = {False: "worst value", True: "left out"}
_TELL = 0.2
"""Least seconds between two looks at what the thread has found."""


class CompareScreen(ConsoleScreen):
    """Seven pages over one comparison.

    Args:
        models: Two to six candidates; the first is the reference, unless they are quantisations of one base. One model
            may stand there several times, pinned to different runs.
        page: Number of the page that is shown first.
    """

    CSS_PATH = "compare.tcss"
    BINDINGS = bindings("compare")
    PLACES = ("compare",)
    PANES = ("tasks-page", "flips-page", "rank-map", "correlation-map", "gaps", "trade-off", "portfolio-page")

    class Known(Message):
        """More is known of the comparison."""

        def __init__(self, ticket: int, found: Found) -> None:
            super().__init__()
            self.ticket = ticket
            self.found = found

    class Refused(Message):
        """The models cannot be compared."""

        def __init__(self, ticket: int, error: MedicError) -> None:
            super().__init__()
            self.ticket = ticket
            self.error = error

    class Texts(Message):
        """Both answers to a flip."""

        def __init__(self, flip: Flip, found: BothTexts) -> None:
            super().__init__()
            self.flip = flip
            self.found = found

    def __init__(self, context: Context, models: tuple[ModelView, ...], page: int = 1) -> None:
        super().__init__(context)
        self._page = page
        self._wanted = Wanted(models, MARGIN)
        self._found: Found | None = None
        self._pair = 0
        self._ticket = 0
        self._texts_of: object = None

    def compose(self) -> ComposeResult:
        """Heading, pages."""
        yield Heading()
        yield Static(id="legend")
        yield Notice()
        ranks, correlations = HeatMap("rank-map", 52), HeatMap("correlation-map", 6, least=4)
        ranks.border_title, correlations.border_title = (
            "Ranks by task, 1 best",
            "Spearman's rank correlation of the tasks",
        )
        gaps, trade_off = Drawing("gaps"), Drawing("trade-off")
        gaps.border_title, trade_off.border_title = "Gaps", "Quality against speed and memory"
        pages = [
            ("Tasks", TasksPage()),
            ("Flips", FlipsPage()),
            ("Ranks", ranks),
            ("Spearman", correlations),
            ("Gaps", gaps),
            ("Pareto", trade_off),
            ("Portfolio", PortfolioPage(self.context)),
        ]
        yield Pages(pages)
        yield KeyBar()

    def on_mount(self) -> None:
        """Compare."""
        self.query_one(Notice).busy("reading what the models have in common")
        self.query_one(Pages).display = False
        self._head()
        self._begin()

    def on_resize(self) -> None:
        """Choose the columns that fit."""
        self.call_after_refresh(self._fill)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer another pair only where there are several, and what sorts flips only where flips are."""
        if action == "pair":
            return self._found is not None and len(self._found.comparison.pair_keys) > 1
        if action in ("filter", "one_task"):
            return bool(self.query(Pages)) and self.query_one(Pages).front.id == "flips-page"
        return super().check_action(action, parameters)

    def action_pair(self, by: int) -> None:
        """Go to another pair of models."""
        if self._found is not None:
            self._pair = (self._pair + by) % len(self._found.comparison.pair_keys)
            self._fill()

    def action_report(self) -> None:
        """Ask what a report of the runs that the pair is from is to hold."""
        if self._found is not None:
            measures = (task.measures[model] for task in self._found.comparison.tasks for model in self._key)
            self.app.push_screen(NewReportScreen(self.context, tuple(sorted({one.run for one in measures}))))

    def action_margin(self) -> None:
        """Ask for another margin."""
        self.app.push_screen(MarginScreen(self._wanted.margin), self._on_margin)

    def action_answered(self) -> None:
        """Give items without an answer the worst value, or leave them out."""
        self._wanted = replace(self._wanted, answered_only=not self._wanted.answered_only)
        self._begin()

    def action_filter(self) -> None:
        """Show flips of another kind."""
        self.query_one(FlipsPage).turn_filter()
        self._show_flips()

    def action_one_task(self) -> None:
        """Show the flips of every task again."""
        self.query_one(FlipsPage).only("")
        self._show_flips()

    @on(Table.RowSelected, "#compare-tasks")
    def _on_task_opened(self) -> None:
        self.query_one(FlipsPage).only(self.query_one(TasksPage).chosen)
        self._show_flips()
        self.action_pane(2)

    @on(Table.RowHighlighted, "#compare-tasks")
    def _on_task_marked(self) -> None:
        if self._found is not None:
            self.query_one(TasksPage).tell(self._found, self._key)

    @on(Table.RowHighlighted, "#use-cases")
    def _on_case_marked(self) -> None:
        if self._found is not None:
            self.query_one(PortfolioPage).tell(self._found, self.context.tasks)

    @on(Table.RowHighlighted, "#flips")
    def _on_flip_marked(self) -> None:
        page = self.query_one(FlipsPage)
        marked = page.marked
        if self._found is None or marked is None:
            return
        task, flip = marked
        wanted = (task.task.id, flip.digest, self._key)
        if wanted != self._texts_of:
            self._texts_of = wanted
            page.show_texts(None, self._names)
            self._read_texts(task, flip, self._key)

    @on(Table.RowSelected, "#flips")
    def _on_flip_opened(self) -> None:
        page = self.query_one(FlipsPage)
        if self._found is not None and page.marked is not None:
            walk = FlipWalk(page.shown, self._key, self._found.comparison.models)
            self.app.push_screen(inspector_for(self.context, walk.place(page.number)))

    @in_thread("comparison", exclusive=True)
    def _compare(self, ticket: int, wanted: Wanted) -> None:
        worker, told, found = get_current_worker(), 0.0, None
        try:
            for found in compare_models(self.context.archive, wanted, dict(self.context.tasks)):
                if worker.is_cancelled:
                    return
                if time.monotonic() - told >= _TELL:
                    told = time.monotonic()
                    self.post_message(self.Known(ticket, found))
        except MedicError as error:
            self.post_message(self.Refused(ticket, error))
        except Exception:  # noqa: BLE001 - a defect of ours is shown with its traceback
            self.post_message(self.Refused(ticket, defect()))
        else:
            if found is not None:
                self.post_message(self.Known(ticket, found))

    @in_thread("texts", exclusive=True)
    def _read_texts(self, task: TaskValues, flip: Flip, key: PairKey) -> None:
        self.post_message(self.Texts(flip, read_both(self.context.archive, task, flip, key)))

    @on(Known)
    def _on_known(self, message: Known) -> None:
        if message.ticket != self._ticket:
            return
        first, self._found = self._found is None, message.found
        self.query_one(Notice).hide()
        self.query_one(Pages).display = True
        self._fill()
        if first:
            self.refresh_bindings()
            self.action_pane(self._page)

    @on(Refused)
    def _on_refused(self, message: Refused) -> None:
        if message.ticket == self._ticket:
            self.query_one(Pages).display = False
            self.query_one(Notice).error(message.error)

    @on(Texts)
    def _on_texts(self, message: Texts) -> None:
        page = self.query_one(FlipsPage)
        if page.marked is not None and page.marked[1] is message.flip:
            page.show_texts(message.found, self._names)

    def _on_margin(self, margin: float | None) -> None:
        if margin is not None and margin != self._wanted.margin:
            self._wanted = replace(self._wanted, margin=margin)
            self._begin()

    @on(PortfolioPage.Changed)
    def _begin(self) -> None:
        """Compare anew; what an earlier thread still finds is dropped."""
        self._ticket += 1
        self._texts_of = None
        self._compare(self._ticket, self._wanted)

    def sheet_of(self, table: Table) -> MakeSheet:
        """Return tasks and use cases with every number that is known of them."""
        if self._found is not None and table.id == "compare-tasks":
            return partial(pair_sheet, self._found.comparison, self._key)
        if self._found is not None and table.id == "use-cases" and isinstance(self._found.portfolio, tuple):
            names = column_titles(self._found.comparison.models)
            return partial(portfolio_sheet, self._found.portfolio[1], names)
        return super().sheet_of(table)

    @property
    def _key(self) -> PairKey:
        assert self._found is not None
        return self._found.comparison.pair_keys[self._pair]

    @property
    def _names(self) -> tuple[str, str]:
        assert self._found is not None
        names = letter_names(self._found.comparison)
        return names[self._key[0]], names[self._key[1]]

    def _head(self) -> None:
        models = self._wanted.models if self._found is None else self._found.comparison.models
        pair = () if self._found is None else self._key
        drift = drift_of(models)
        wanted = self._wanted
        parts: list[Content | str] = [Content.styled(drift.heading or "Compare", "bold $primary")]
        if self._found is not None:
            count = len(self._found.comparison.pair_keys)
            parts.append(f"{' → '.join(self._names)}" + (f" (pair {self._pair + 1} of {count})" if count > 1 else ""))
        parts += [f"margin {wanted.margin:g} points", f"unanswered: {_UNANSWERED[wanted.answered_only]}"]
        self.heading.show(*parts)
        self.query_one("#legend", Static).update(legend(models, pair, self.has_class("-narrow")))

    def _fill(self) -> None:
        self._head()
        if self._found is None:
            return
        found, narrow = self._found, self.has_class("-narrow")
        comparison = found.comparison
        self.query_one(TasksPage).show(comparison, self._key, narrow)
        self.query_one(TasksPage).tell(found, self._key)
        self._show_flips()
        ranks = rank_grid(comparison, found.points)
        self.query_one("#rank-map", HeatMap).show(
            rank_headings(comparison, found.points), ranks, -1, rank_note(comparison)
        )
        self._show_correlations()
        titles = {name: task.title for name, task in self.context.tasks.items()}
        self.query_one("#gaps", Drawing).draw(lambda width, height: draw_gaps(comparison, found.points, titles, width))
        self.query_one("#trade-off", Drawing).draw(lambda width, height: draw_trade_off(comparison, width, height))
        self.query_one(PortfolioPage).show(found, narrow)
        self.query_one(PortfolioPage).tell(found, self.context.tasks)

    def _show_correlations(self) -> None:
        assert self._found is not None
        grid, columns = correlation_grid(self._found)
        self.query_one("#correlation-map", HeatMap).show(columns, grid, -1, correlation_note(self._found))

    def _show_flips(self) -> None:
        if self._found is not None:
            page = self.query_one(FlipsPage)
            page.show(self._found.comparison, self._key, self.has_class("-narrow"))
            if page.marked is None:
                self._texts_of = None
                page.show_texts(None, self._names)
            else:
                self._on_flip_marked()

"""Ask for a report: use case, scope, folder; below what it will hold, then how far it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.worker import get_current_worker

from medic_console.console.base import ReadingScreen
from medic_console.console.commands import bindings
from medic_console.console.context import Context
from medic_console.console.defects import attempt
from medic_console.console.messages import Told
from medic_console.console.report.writing import Wish, proposed, refusal, unsigned, write
from medic_console.console.text import one_line
from medic_console.console.widgets.edit_line import EditLine
from medic_console.console.widgets.form_table import FormTable
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.table import Cell, Column, Row, Table
from medic_console.console.widgets.text_pane import TextPane
from medic_console.core import paths
from medic_console.core.errors import MedicError

if TYPE_CHECKING:
    from medic_console.results.comparison.portfolio_file import Portfolio

_COLUMNS = (Column("Part", 9), Column("Value", least=24, weight=2), Column("What it is", least=20))
_CASE, _SCOPE, _FOLDER, _BY, _SINCE = "case", "scope", "folder", "by", "since"
_SIGNER, _ROLE, _UNTIL, _KEY = "signer", "role", "until", "key"
_TITLES = {
    _CASE: "Use case",
    _SCOPE: "Scope",
    _FOLDER: "Folder",
    _BY: "Parts by",
    _SINCE: "Since",
    _SIGNER: "Signer",
    _ROLE: "Role",
    _UNTIL: "Valid to",
    _KEY: "Key",
}
_WHATS = {
    _BY: "fields of items, such as sex, age",
    _SINCE: "folder of an earlier report",
    _SIGNER: "who signs; nobody where empty",
    _ROLE: "in what role",
    _UNTIL: "last day, YYYY-MM-DD",
    _KEY: "SSH key; empty: the ledger's",
}
_PATHS = (_FOLDER, _SINCE, _KEY)
_SCOPES: Mapping[str, tuple[str, str]] = {
    "scores": ("numbers alone", "No word of a model, an item or a reviewer is in it."),
    "comments": (
        "also words of models and reviewers",
        "Answers, questions and what reviewers wrote are in it: these may hold patient data.",
    ),
    "full": (
        "also items and texts",
        "Items, prompts, outputs and every trace are in it: these may hold patient data. See who may read the folder.",
    ),
}
"""What a scope holds, in a few words and in a sentence."""
_GROUP = "report"


class NewReportScreen(ReadingScreen["Portfolio"]):
    """A form above, what becomes of it below; `ctrl+g` writes.

    Args:
        runs: Ids.
    """

    CSS_PATH = "report.tcss"
    BINDINGS = bindings("new_report")
    PLACES = ("new_report",)
    PANES = ("report-form", "report-says")

    class Progress(Message):
        """What the thread does next, or how it ended."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, context: Context, runs: tuple[str, ...]) -> None:
        super().__init__(context)
        self._runs = runs
        self._portfolio: Portfolio | None = None
        self._values = dict.fromkeys(_TITLES, "")
        self._values |= {_SCOPE: "scores", _FOLDER: str(proposed(self.export_folder, runs))}
        self._typed = _FOLDER
        self._whats: dict[str, Cell] = {}

    def compose(self) -> ComposeResult:
        """Heading, form, what it will hold."""
        yield Heading()
        form, says = FormTable(_COLUMNS, id="report-form"), TextPane("report-says")
        form.border_title, says.border_title = "Report", "What it holds"
        yield form
        yield says
        yield KeyBar()

    def on_mount(self) -> None:
        """Read the use cases."""
        self.heading.show(Content.styled("New report", "bold $primary"), "for a committee to file, then ctrl+g")
        self._fill()
        self.query_one("#report-form").focus()
        tasks = self.context.tasks

        def read() -> Portfolio:
            from medic_console.results.comparison.portfolio_file import FILE_NAME, load_portfolio

            return load_portfolio(paths.tasks_dir() / FILE_NAME, paths.config_dir() / FILE_NAME, tasks)

        self.ask(read)

    def show(self, value: Portfolio) -> None:
        """Offer the use cases."""
        self._portfolio = value
        self._fill()

    def show_error(self, error: MedicError) -> None:
        """Say what is wrong."""
        self._say(f"✗ {error.message} {error.hint}")

    def action_write(self) -> None:
        """Have a thread of the app write the report, so that it goes on when this screen is left."""
        why = refusal(self._values[_FOLDER])
        if any(worker.group == _GROUP and not worker.is_finished for worker in self.app.workers):
            why = "A report is being written; it is told when it is done."
        elif self._portfolio is None:
            why = why or "The use cases are not read yet."
        why = why or unsigned(*(self._values[name] for name in (_SIGNER, _ROLE, _UNTIL, _KEY)))
        if why or self._portfolio is None:
            self.notify(why, title="Not written", severity="warning", markup=False, timeout=8)
            return
        found = self._values
        by = tuple(dict.fromkeys(part.strip() for part in found[_BY].split(",") if part.strip()))
        signs = (found[_SIGNER], found[_ROLE], found[_UNTIL], found[_KEY])
        folder = Path(found[_FOLDER]).expanduser()
        wish = Wish(self._runs, found[_CASE], found[_SCOPE], folder, by, found[_SINCE], *signs)
        self._say("… begins")
        job = partial(_write, self, self.context.archive, wish, self._portfolio, self.app.post_message)
        self.app.run_worker(job, thread=True, group=_GROUP, exit_on_error=False)

    @on(Progress)
    def _on_progress(self, message: Progress) -> None:
        self._say(message.text)

    @on(Table.RowHighlighted, "#report-form")
    def _on_marked(self) -> None:
        """Say what the row may have no room for."""
        form = self.query_one("#report-form", Table)
        form.border_subtitle = Content(self._whats[form.chosen].text) if form.chosen in self._whats else ""

    @on(Table.RowSelected, "#report-form")
    def _on_opened(self) -> None:
        name = self.query_one("#report-form", Table).chosen
        if name not in (_CASE, _SCOPE):
            if name and not self.query(EditLine):
                self._typed = name
                completes = () if name in _PATHS else None
                self.open_line(EditLine(_TITLES[name], self._values[name], "enter takes it · esc leaves it", completes))
            return
        values = list(_SCOPES) if name == _SCOPE else ["", *self._cases]
        self._values[name] = values[(values.index(self._values[name]) + 1) % len(values)]
        self._fill()

    @on(EditLine.Entered)
    def _on_entered(self, message: EditLine.Entered) -> None:
        message.line.close()
        self._values[self._typed] = message.text.strip()
        self._fill()

    @property
    def _cases(self) -> dict[str, str]:
        """Titles by id."""
        return {case.id: case.title for case in self._portfolio.use_cases} if self._portfolio is not None else {}

    def _fill(self) -> None:
        case, scope, folder = self._values[_CASE], self._values[_SCOPE], self._values[_FOLDER]
        why = refusal(folder)
        self._whats = {name: Cell(what, "muted") for name, what in _WHATS.items()} | {
            _CASE: Cell(one_line(self._cases.get(case, "enter: the next one")), "muted"),
            _SCOPE: Cell(_SCOPES[scope][0], "muted" if scope == "scores" else "score-unscored"),
            _FOLDER: Cell(_short(why), "score-failed") if why else Cell("new or empty", "muted"),
        }
        rows: list[Row] = [
            (
                name,
                [
                    title,
                    Cell(one_line(self._values[name]) or "none", bold=True),
                    self._whats[name],
                ],
            )
            for name, title in _TITLES.items()
        ]
        self.query_one("#report-form", Table).fill(rows)
        self._on_marked()
        holds = "HTML, Markdown, JSON, figures as CSV, items, standard formats, a manifest with digests."
        runs = f"Runs: {', '.join(self._runs)}"
        where = f"✗ {why}\nEnter on the folder's line names another one." if why else f"Folder: {folder}"
        self._say("\n\n".join((where, runs, f"Scope {scope}: {_SCOPES[scope][1]}", holds)))

    def _say(self, text: str) -> None:
        self.query_one("#report-says", TextPane).show(text)


def _short(why: str) -> str:
    """Return a refusal in as few words as stand beside the folder."""
    return "✗ not empty" if why.endswith("is not empty.") else "✗ cannot be used"


def _write(
    screen: NewReportScreen, archive: Path, wish: Wish, portfolio: Portfolio, post: Callable[[Message], bool]
) -> None:
    """Write a report in a thread of the app; `post` reaches the app, also when the screen was left."""
    worker = get_current_worker()

    def tell(text: str) -> None:
        if worker.is_cancelled:
            raise MedicError("The console was closed before the report was whole.", "Write it again.")
        screen.post_message(screen.Progress(f"… {text}"))

    outcome = attempt(lambda: write(archive, wish, portfolio, tell))
    if isinstance(outcome, MedicError):
        text = f"{outcome.message} {outcome.hint}".strip()
        screen.post_message(screen.Progress(f"✗ Not written: {text}"))
        post(Told("Report not written", text, failed=True))
        return
    folder, notes, well = outcome
    text = "\n".join((str(folder), *notes))
    screen.post_message(screen.Progress(f"✓ Written: {text}"))
    post(Told("Report written", text, failed=not well))

"""The line in which one types what a table shall show; it takes the footer's place."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from medic_console.console.commands import bindings
from medic_console.console.messages import LineOpened
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.row_list import found_of
from medic_console.console.widgets.table import Table


class SearchLine(Horizontal):
    """Filters the table while one types."""

    BINDINGS = bindings("search")

    def __init__(self, table: Table) -> None:
        super().__init__()
        self._table = table
        self._over = False

    def compose(self) -> ComposeResult:
        """A sign, the text, what was found."""
        yield Static("/", id="search-sign")
        yield Input(self._table.sought, id="search-text", compact=True, select_on_focus=False)
        yield Static(id="search-count")

    def on_mount(self) -> None:
        """Take the footer's place and the focus."""
        for bar in self.screen.query(KeyBar):
            bar.display = False
        self.screen.set_focus(self.query_one(Input))
        self.watch(self._table, "matches", self._count)
        self.post_message(LineOpened(self))

    @on(Input.Changed)
    def _on_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._table.search(event.value)
        self._count()  # where every row is found nothing else tells of it

    @on(Input.Submitted)
    def _on_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_keep()

    @on(events.DescendantBlur)
    def _on_left(self) -> None:
        """Keep what was found when another pane is gone to; a terminal without focus gives it back."""
        focused = self.screen.focused
        if not self._over and focused is not None and self not in focused.ancestors:
            self._end()

    def action_keep(self) -> None:
        """Go to the rows that were found."""
        self._end()
        self.screen.set_focus(self._table)

    def _end(self) -> None:
        self._over = True
        for bar in self.screen.query(KeyBar):
            bar.display = True
        self.remove()

    def action_clear(self) -> None:
        """Show all rows again."""
        self._table.search("")
        self.action_keep()

    def action_move(self, by: int) -> None:
        """Mark another of the rows that were found."""
        self._table.move_cursor(self._table.cursor_row + by)

    def _count(self) -> None:
        found = found_of(self._table.matches) if self._table.sought.strip() else f"{self._table.matches[1]:,}"
        self.query_one("#search-count", Static).update(Content(f"{found}  enter keeps · esc shows all"))

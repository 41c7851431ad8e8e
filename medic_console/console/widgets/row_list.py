"""The rows of a table: which are given, which are shown and in which order; keys wait where a thread finds that out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView

from medic_console.console.threads import in_thread
from medic_console.console.widgets.lazy_rows import LazyRows, Row, text_of
from medic_console.console.widgets.sorting import Order, PickedRows, needs_thread, picked

if TYPE_CHECKING:
    from medic_console.results.export import MakeSheet, Sheet


class RowList(ScrollView):
    """Rows with a marked one, without a look; a table draws them."""

    cursor_row: reactive[int] = reactive(0, repaint=False)
    matches: reactive[tuple[int, int]] = reactive((0, 0), repaint=False)
    """Rows that pass the search, -1 while they are being looked for, and rows in all."""

    class Picked(Message):
        """A thread knows which rows are shown."""

        def __init__(self, ticket: int, picked: PickedRows, key: str) -> None:
            super().__init__()
            self.ticket = ticket
            self.picked = picked
            self.key = key

    def __init__(self, id: str, classes: str) -> None:
        super().__init__(id=id, classes=classes)
        self._picked = PickedRows()
        self._given = self._picked.rows
        self._kept = ""
        self._sought = ""
        self._from_top = False
        self._order = Order()
        self._ticket = 0
        self._waiting: list[Callable[[], object]] | None = None

    @property
    def row_count(self) -> int:
        """Number of rows that pass the search."""
        return len(self._shown)

    @property
    def sought(self) -> str:
        """What is searched for; empty when all rows are shown."""
        return self._sought

    @property
    def chosen(self) -> str:
        """Key of the marked row; empty when there is none."""
        return self._all.keys[self._shown[self.cursor_row]] if self.cursor_row < len(self._shown) else ""

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the rows that pass the search, in order."""
        every = self._all.keys
        return every if isinstance(self._shown, range) else tuple(every[number] for number in self._shown)

    def fill(self, rows: Sequence[Row] | LazyRows) -> None:
        """Show rows; the marked one stays marked when it is still there."""
        key = self.chosen or self._kept
        fresh = rows if isinstance(rows, LazyRows) else LazyRows.of(rows)
        if fresh != self._given:
            self._given, self._kept = fresh, key
            self._select(key)

    def search(self, text: str) -> None:
        """Show only rows that hold every word of a text, in any case; an empty text shows all.

        The marked row stays marked if it is among them, else the first one is.
        """
        if text != self._sought:
            key, self._sought, self._from_top = self.chosen, text, True
            self._select(key)

    def when_picked(self, act: Callable[[], object]) -> None:
        """Do something with the rows that are asked for: at once, or when a thread has found them."""
        if self._waiting is None:
            act()
        else:
            self._waiting.append(act)

    def sheet_of(self, title: str, labels: Sequence[str]) -> MakeSheet:
        """Return what makes the rows that pass the search into a sheet, with the whole text of each cell."""
        return partial(_sheet, title, labels, self._picked)

    def sort(self, order: Order) -> None:
        """Show the rows in another order."""
        self._order = order
        self._select(self.chosen)

    def forget(self) -> None:
        """Show no row, in no order, until others are given; the marked one is known again then."""
        self._kept, self._order, self._picked = self.chosen or self._kept, Order(), PickedRows()
        self._given, self._waiting = self._picked.rows, None
        self._ticket, self.matches = self._ticket + 1, (0, 0)

    def place_of(self, key: str) -> int:
        """Return the place of a row among those that are shown; -1 when it is not there."""
        every = self._all.keys
        return next((place for place, number in enumerate(self._shown) if every[number] == key), -1) if key else -1

    def taken(self, fresh: bool, filled: bool, key: str) -> None:
        """Draw the rows that are shown now, with the mark on a key or near where it was.

        Args:
            fresh: They are of other rows than before.
            filled: Some were shown before.
        """
        raise NotImplementedError

    def _select(self, key: str) -> None:
        """Find the rows to show; of long lists a thread does, and what was shown stays until it has."""
        self._ticket += 1
        asked = self._picked, self._given, self._sought, self._order
        if needs_thread(self._given, self._sought, self._order):
            self._waiting = self._waiting or []
            self.matches = -1, len(self._given)
            self._pick(self._ticket, asked, key)
        else:
            self._take(picked(*asked), key)

    @in_thread("rows", exclusive=True)
    def _pick(self, ticket: int, asked: tuple[PickedRows, LazyRows, str, Order], key: str) -> None:
        self.post_message(self.Picked(ticket, picked(*asked), key))

    def on_row_list_picked(self, message: Picked) -> None:
        """Show what was found, unless something else is asked for by now."""
        message.stop()
        if message.ticket == self._ticket:
            self._take(message.picked, self.chosen or message.key)

    def _take(self, found: PickedRows, key: str) -> None:
        fresh, filled = found.rows is not self._all, bool(self._shown)
        self._picked, self._kept = found, ""
        waiting, self._waiting = self._waiting, None
        self.matches = len(self._shown), len(self._all)
        if self._from_top and self.place_of(key) < 0:
            self.set_reactive(RowList.cursor_row, 0)
        self._from_top = False
        self.taken(fresh, filled, key)
        for act in waiting or ():
            act()

    @property
    def _all(self) -> LazyRows:
        return self._picked.rows

    @property
    def _shown(self) -> Sequence[int]:
        return self._picked.shown


def found_of(matches: tuple[int, int]) -> str:
    """Return how many rows pass the search, of how many."""
    shown, whole = matches
    return f"{'…' if shown < 0 else f'{shown:,}'} of {whole:,}"


def _sheet(title: str, labels: Sequence[str], found: PickedRows) -> Sheet:
    from medic_console.results.export import Sheet

    return Sheet(title, labels, [[*map(text_of, found.rows.cells(number))] for number in found.shown])

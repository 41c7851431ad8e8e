"""A list to pick from: what is typed narrows it by letters in their order, the nearest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.fuzzy import Matcher
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from medic_console.console.messages import LineOpened
from medic_console.console.text import count, plain
from medic_console.console.widgets.table import Cell, Column, Table

_MOST_HIGH, _AROUND = 24, 9
"""Rows of the box at most, and those that it has beside the lines of its list."""


@dataclass(frozen=True, slots=True)
class Choosable:
    """One line of the list.

    Attributes:
        key: What is returned.
        kind: In a word or two.
        title: By which it is sought, with `kind` and `words`.
        said: Shown below the list while it is marked.
        words: Further words by which it is found.
        why_not: Why it cannot be picked; empty when it can.
    """

    key: str
    kind: str
    title: str
    said: str = ""
    words: str = ""
    why_not: str = ""


def nearest(listed: Sequence[Choosable], sought: str) -> list[Choosable]:
    """Return what matches, best first; all in their order when nothing is sought."""
    if not sought.strip():
        return list(listed)
    matcher = Matcher(sought.strip())
    scored = [(matcher.match(f"{one.title} {one.words} {one.kind}"), one) for one in listed]
    return [one for score, one in sorted(scored, key=lambda pair: -pair[0]) if score > 0]


class PickScreen(ModalScreen[str]):
    """Returns the key of what was picked, or an empty text.

    Args:
        title: Of the box.
        listed: What may be picked.
        empty: What is said where there is nothing.
    """

    CSS_PATH = "pick.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "close", "Close"),
        ("down", "move(1)", "Down"),
        ("up", "move(-1)", "Up"),
    ]

    def __init__(self, title: str, listed: Sequence[Choosable], empty: str = "There is nothing to pick.") -> None:
        super().__init__()
        self._title, self._listed, self._empty = title, tuple(listed), empty

    def compose(self) -> ComposeResult:
        """What is typed, what it finds, what is to say of the marked line."""
        box = Vertical(
            Input(placeholder="type to narrow the list", id="pick-text", compact=True),
            Table((Column("Kind", weight=1, least=6), Column("Name", weight=4)), id="pick-table", classes=""),
            Static(id="pick-said", markup=False),
            id="pick-box",
        )
        box.styles.height = min(_MOST_HIGH, len(self._listed) + _AROUND)
        box.border_title = self._title
        box.border_subtitle = "↑ ↓ mark · enter picks · esc leaves"
        yield box

    def on_mount(self) -> None:
        """List all, and take the keys that came meanwhile."""
        self.query_one(Table).can_focus = False
        self._fill("")
        self.set_focus(self.query_one(Input))
        self.post_message(LineOpened(self))

    def action_close(self) -> None:
        """Pick nothing."""
        self.dismiss("")

    def action_move(self, by: int) -> None:
        """Mark another line."""
        table = self.query_one(Table)
        table.move_cursor(table.cursor_row + by)

    @on(Input.Changed)
    def _on_changed(self, event: Input.Changed) -> None:
        self._fill(event.value)

    @on(Input.Submitted)
    @on(Table.RowSelected)
    def _pick(self) -> None:
        one = self._marked()
        if one is None:
            return
        if one.why_not:
            self.notify(one.why_not, title="Cannot be picked", severity="error", markup=False)
        else:
            self.dismiss(one.key)

    @on(Table.RowHighlighted)
    def _say(self) -> None:
        one = self._marked()
        text = (one.why_not or one.said) if one else self._empty
        self.query_one("#pick-said", Static).update(plain(text))

    def _marked(self) -> Choosable | None:
        key = self.query_one(Table).chosen
        return next((one for one in self._listed if one.key == key), None)

    def _fill(self, sought: str) -> None:
        found, table = nearest(self._listed, sought), self.query_one(Table)
        table.fill([(one.key, [_kind(one), Cell(one.title, bold=not one.why_not)]) for one in found])
        table.move_cursor(0)
        self.query_one(
            "#pick-box"
        ).border_subtitle = f"{count(len(found), 'line')} · ↑ ↓ mark · enter picks · esc leaves"
        self._say()


def _kind(one: Choosable) -> Cell:
    return Cell("✗ unusable", "score-failed") if one.why_not else Cell(one.kind, "muted")

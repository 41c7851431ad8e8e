"""Jump mode: a letter over each pane; the letter goes there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.geometry import Offset
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Static

from medic_console.console.widgets.folding import Folding

LETTERS = "asdfghjklqwertyuiopzxcvbnm"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a letter goes and where it stands."""

    widget: Widget
    at: Offset


def targets(screen: Screen[None]) -> list[Target]:
    """Return the panes that can be focused, those that are folded away at their tabs, from top left on."""
    found = [Target(widget, _corner(widget)) for widget in _seen(screen)]
    for folding in screen.query(Folding):
        if folding.folded:
            found += [Target(pane, tab.region.offset) for tab, pane in folding.behind]
    return sorted(found, key=lambda target: (target.at.y, target.at.x))


def _seen(screen: Screen[None]) -> Iterable[Widget]:
    return (widget for widget in screen.focus_chain if widget.region.area)


def _corner(widget: Widget) -> Offset:
    """A pane's border leaves room for the letter; without one it stands on the first cell."""
    return widget.region.offset + Offset(2, 0) if widget.styles.border_top[0] else widget.region.offset


class JumpScreen(ModalScreen[Widget | None]):
    """Returns the chosen widget; any other key and a click leave."""

    CSS_PATH = "jump.tcss"

    def __init__(self, found: Sequence[Target]) -> None:
        super().__init__()
        self._found = dict(zip(LETTERS, found, strict=False))

    def on_mount(self) -> None:
        """Remember what the places hold for."""
        self._drawn_for = self.app.size

    def compose(self) -> ComposeResult:
        """The letters, and what to do."""
        for letter, target in self._found.items():
            label = Static(f" {letter} ", classes="letter", markup=False)
            label.styles.offset = (target.at.x, target.at.y)
            yield label
        yield Static(" A letter goes to its pane · esc leaves ", id="jump-note")

    def on_key(self, event: events.Key) -> None:
        """Go, or leave."""
        event.stop()
        target = self._found.get(event.character or "")
        self.dismiss(target.widget if target else None)

    def on_click(self) -> None:
        """Leave."""
        self.dismiss(None)

    def on_resize(self) -> None:
        """Leave when the terminal's size changes: the letters would stand in the wrong places."""
        if self.app.size != self._drawn_for:
            self.dismiss(None)

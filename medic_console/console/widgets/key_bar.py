"""The last line: the keys that work now, from the table of commands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.screen import Screen
from textual.style import Style
from textual.widget import Widget

_HELP = "show_help"
_MORE = " … "


@dataclass(frozen=True, slots=True)
class KeyHint:
    """A key of the line.

    Attributes:
        name: As Textual names it.
        shown: As a person reads it.
        does: Action.
    """

    name: str
    shown: str
    label: str
    does: str
    works: bool
    tooltip: str

    @property
    def width(self) -> int:
        """Cells that it takes."""
        return cell_len(self.shown) + cell_len(self.label) + 3


class KeyBar(Widget, can_focus=False):
    """One widget, drawn in one go; a click presses the key. Where room lacks, help is the last to be left out.

    Textual's own footer makes a widget a key at every change of focus, which draws the screen twice.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"key-bar--key", "key-bar--label", "key-bar--off"}

    def __init__(self) -> None:
        super().__init__()
        self._keys: tuple[KeyHint, ...] = ()

    def on_mount(self) -> None:
        """Follow the screen's keys."""
        self.screen.bindings_updated_signal.subscribe(self, self._on_keys)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Tell what the key under the pointer does."""
        found = self._at(event.x)
        self.tooltip = found.tooltip if found is not None and found.tooltip else None

    def on_click(self, event: events.Click) -> None:
        """Press the key under the pointer."""
        found = self._at(event.x)
        if found is not None and found.works:
            self.app.simulate_key(found.name)
        elif found is not None:
            self.app.bell()

    def places(self) -> list[tuple[KeyHint, int]]:
        """Return the keys that there is room for, each with the column where it begins."""
        shown, column, found = fitting(self._keys, self.size.width), 0, []
        for key in shown:
            if key.does == _HELP and len(shown) < len(self._keys):
                column += cell_len(_MORE)
            found.append((key, column))
            column += key.width
        return found

    def render(self) -> Content:
        """Draw the keys."""
        key_style, label_style, off = (
            self.get_visual_style(f"key-bar--{part}", partial=part == "off") for part in ("key", "label", "off")
        )
        parts: list[Content] = []
        drawn = 0
        for key, start in self.places():
            if start > drawn:
                parts.append(Content.styled(_MORE, label_style))
            dim = Style() if key.works else off
            parts.append(Content.styled(f" {key.shown} ", key_style + dim))
            parts.append(Content.styled(f"{key.label} ", label_style + dim))
            drawn = start + key.width
        return Content("").join(parts)

    def _at(self, column: int) -> KeyHint | None:
        return next((key for key, start in self.places() if start <= column < start + key.width), None)

    def _on_keys(self, screen: Screen[object]) -> None:
        if screen is not self.screen or not self.app.app_focus:
            return
        keys: dict[str, KeyHint] = {}
        for node, binding, works, tooltip in screen.active_bindings.values():
            if binding.show:
                told = getattr(node, "REWORDED", {}).get(binding.id)
                label, tip = (told.label, told.help) if told else (binding.description, tooltip)
                key = KeyHint(binding.key, self.app.get_key_display(binding), label, binding.action, works, tip)
                keys.setdefault(binding.action, key)
        if self._keys != tuple(keys.values()):
            self._keys = tuple(keys.values())
            self.refresh()


def fitting(keys: Sequence[KeyHint], room: int) -> list[KeyHint]:
    """Return the keys that fit into so many cells, in order; help stays as long as it fits itself."""
    if sum(key.width for key in keys) <= room:
        return list(keys)
    help_key = [key for key in keys if key.does == _HELP]
    left = room - sum(key.width for key in help_key) - cell_len(_MORE)
    found = []
    for key in keys:
        if key.does == _HELP:
            continue
        if key.width > left:
            break
        found.append(key)
        left -= key.width
    return found + help_key

"""Splits between panes: moved by key or by dragging a border, kept while the console is open."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass

from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

from medic_console.console.widgets.folding import Folding

_LEAST = {"width": 16, "height": 4}
"""Cells that a pane keeps."""
_STEP = {"width": 4, "height": 2}
"""Cells that a key moves a border."""
_ROW = "horizontal"
"""How panes are laid out whose borders move; a grid's stay."""
Kept = MutableMapping[tuple[str, str, tuple[str, ...]], tuple[int, ...]]
"""By screen, axis and ids of the panes that share the room: their sizes in cells."""


@dataclass(frozen=True, slots=True)
class Border:
    """Between two panes.

    Attributes:
        axis: `width` or `height`, which it changes.
        panes: All that share the room, in their order.
        number: Of the pane before it.
    """

    axis: str
    panes: tuple[Widget, ...]
    number: int

    @property
    def at(self) -> int:
        """Column or row of the first cell behind it."""
        region = self.panes[self.number + 1].region
        return region.x if self.axis == "width" else region.y


class Splits:
    """Those of one screen.

    Args:
        name: Of the screen, among those whose sizes are kept.
        kept: Sizes by screen; outlives it.
    """

    def __init__(self, screen: Screen[None], name: str, kept: Kept) -> None:
        self._screen, self._name, self._kept = screen, name, kept

    def step(self, focused: Widget | None, axis: str, by: int) -> bool:
        """Move the border behind the focused pane, or before the last one; tell whether there is one.

        Args:
            by: 1 or -1, to the right or down or back.
        """
        for node in focused.ancestors_with_self if focused is not None else ():
            panes = _sharing(node.parent, axis) if isinstance(node.parent, Widget) else ()
            if isinstance(node, Widget) and node in panes:
                border = Border(axis, panes, min(panes.index(node), len(panes) - 2))
                self.move(border, border.at + by * _STEP[axis])
                return True
        return False

    def border_at(self, x: int, y: int) -> Border | None:
        """Return the border that is drawn in a cell of the screen; None where there is none."""
        around = {widget for widget, _ in self._screen.get_widgets_at(x, y)}
        parents = {node.parent for node in around if isinstance(node.parent, Widget)}
        for parent in parents:
            for axis, place in (("width", x), ("height", y)):
                panes = _sharing(parent, axis)
                for number in range(len(panes) - 1):
                    border = Border(axis, panes, number)
                    if place in (border.at - 1, border.at) and around & set(panes):
                        return border
        return None

    def move(self, border: Border, to: int) -> None:
        """Put a border before a column or row of the screen, as far as both panes keep what they need."""
        sizes = [_size(pane, border.axis) for pane in border.panes]
        least, both = _LEAST[border.axis], sizes[border.number] + sizes[border.number + 1]
        first = sizes[border.number] + to - border.at
        first = max(min(first, both - least), least)
        if both < 2 * least or first == sizes[border.number]:
            return
        sizes[border.number : border.number + 2] = first, both - first
        self._kept[self._name, border.axis, tuple(str(pane.id) for pane in border.panes)] = tuple(sizes)
        _give(border.panes, border.axis, sizes)

    def restore(self) -> None:
        """Give panes the sizes that a person gave them, as far as the same ones are beside each other now."""
        known = [(*key[1:], sizes) for key, sizes in self._kept.items() if key[0] == self._name]
        for axis, names, _ in known:
            for pane in self._panes(names):
                setattr(pane.styles, axis, None)
        for axis, names, sizes in known if self._screen.maximized is None else ():
            panes = self._panes(names)
            if panes and isinstance(panes[0].parent, Widget) and _sharing(panes[0].parent, axis) == panes:
                _give(panes, axis, sizes)

    def _panes(self, names: Sequence[str]) -> tuple[Widget, ...]:
        return tuple(pane for name in names for pane in self._screen.query(f"#{name}").results(Widget))


def _give(panes: Sequence[Widget], axis: str, sizes: Sequence[int]) -> None:
    for pane, size in zip(panes, sizes, strict=True):
        setattr(pane.styles, axis, f"{size}fr")


def _size(pane: Widget, axis: str) -> int:
    return pane.outer_size.width if axis == "width" else pane.outer_size.height


def _sharing(parent: DOMNode, axis: str) -> tuple[Widget, ...]:
    """Return the panes that share the room of what they are in along an axis; none where fewer than two do."""
    folding = isinstance(parent, Folding)
    if (axis == "width") != folding or (folding and getattr(parent.styles.layout, "name", _ROW) != _ROW):
        return ()
    panes = [one for one in parent.children if one.display and one.id and _gives(one, axis)]
    return tuple(panes) if len(panes) > 1 else ()


def _gives(pane: Widget, axis: str) -> bool:
    """Tell whether a pane's size may change: a line of text has the height of its text."""
    if axis == "width":
        return pane.has_class("pane")
    height = pane.styles.height
    return height is not None and height.is_fraction

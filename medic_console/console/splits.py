"""Splits between panes: moved by key or by dragging a border, kept from one opening of a screen to the next."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass

from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

from medic_console.console.widgets.folding import Folding

_LEAST = {"width": 16, "height": 4}
"""Cells that a pane keeps."""
_TRACKS = {"width": "grid_columns", "height": "grid_rows"}
_STEP = {"width": 4, "height": 2}
"""Cells that a key moves a border."""
AXES = tuple(_LEAST)
_ROW, _GRID = "horizontal", "grid"
"""How panes are laid out whose borders move."""
Kept = MutableMapping[tuple[str, str, tuple[str, ...]], tuple[int, ...]]
"""By screen, axis and ids of the panes that share the room: their sizes in cells."""


@dataclass(frozen=True, slots=True)
class Border:
    """Between two panes.

    Attributes:
        axis: `width` or `height`, which it changes.
        panes: All that share the room, in their order; of a grid the first pane of each column or row.
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
        moved: Called when panes have other sizes.
    """

    def __init__(self, screen: Screen[None], name: str, kept: Kept, moved: Callable[[], None]) -> None:
        self._screen, self._name, self._kept, self._moved = screen, name, kept, moved

    def step(self, focused: Widget | None, axis: str, by: int) -> bool:
        """Move the border behind the focused pane, or before the last one; tell whether there is one.

        Args:
            by: 1 or -1, to the right or down or back.
        """
        for node in focused.ancestors_with_self if focused is not None else ():
            tracks = _sharing(node.parent, axis) if isinstance(node.parent, Widget) else ()
            number = next((n for n, track in enumerate(tracks) if node in track), None)
            if number is not None:
                border = Border(axis, _first(tracks), min(number, len(tracks) - 2))
                self.move(border, border.at + by * _STEP[axis])
                return True
        return False

    def border_at(self, x: int, y: int) -> Border | None:
        """Return the border that is drawn in a cell of the screen; None where there is none."""
        around = {widget for widget, _ in self._screen.get_widgets_at(x, y)}
        parents = {node.parent for node in around if isinstance(node.parent, Widget)}
        for parent in parents:
            for axis, place in (("width", x), ("height", y)):
                tracks = _sharing(parent, axis)
                for number in range(len(tracks) - 1):
                    border = Border(axis, _first(tracks), number)
                    if place in (border.at - 1, border.at) and around & {*tracks[number], *tracks[number + 1]}:
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
        self._screen.call_after_refresh(self._moved)

    def restore(self) -> None:
        """Give panes the sizes that a person gave them, as far as the same ones are beside each other now."""
        known = [(*key[1:], sizes) for key, sizes in self._kept.items() if key[0] == self._name]
        for axis, names, _ in known:
            for pane in self._panes(names):
                _give_back(pane, axis)
        for axis, names, sizes in known if self._screen.maximized is None else ():
            panes = self._panes(names)
            if panes and isinstance(panes[0].parent, Widget) and _first(_sharing(panes[0].parent, axis)) == panes:
                _give(panes, axis, sizes)
                self._screen.call_after_refresh(self._moved)

    def _panes(self, names: Sequence[str]) -> tuple[Widget, ...]:
        return tuple(pane for name in names for pane in self._screen.query(f"#{name}").results(Widget))


def _give(panes: Sequence[Widget], axis: str, sizes: Sequence[int]) -> None:
    shares = [f"{size}fr" for size in sizes]
    around = panes[0].parent
    if isinstance(around, Folding) and _layout(around) == _GRID:
        setattr(around.styles, _TRACKS[axis], " ".join(shares))
        return
    for pane, share in zip(panes, shares, strict=True):
        setattr(pane.styles, axis, share)


def _give_back(pane: Widget, axis: str) -> None:
    """Let a pane, or the grid that it is in, have the size of its style sheet."""
    setattr(pane.styles, axis, None)
    if isinstance(pane.parent, Folding):
        setattr(pane.parent.styles, _TRACKS[axis], None)


def _size(pane: Widget, axis: str) -> int:
    return pane.outer_size.width if axis == "width" else pane.outer_size.height


def _layout(parent: DOMNode) -> str:
    """Return how panes are laid out; a folded row is a row."""
    return getattr(parent.styles.layout, "name", _ROW)


def _first(tracks: Sequence[Sequence[Widget]]) -> tuple[Widget, ...]:
    return tuple(track[0] for track in tracks)


def _sharing(parent: DOMNode, axis: str) -> tuple[tuple[Widget, ...], ...]:
    """Return the panes that share a room along an axis, by column or row; none where fewer than two do."""
    folding = isinstance(parent, Folding)
    panes = [one for one in parent.children if one.display and one.id]
    if folding and _layout(parent) == _GRID:
        tracks = _of_grid([one for one in panes if one.has_class("pane")], axis)
    elif (axis == "width") != folding or (folding and _layout(parent) != _ROW):
        return ()
    else:
        tracks = tuple((one,) for one in panes if _gives(one, axis))
    return tracks if len(tracks) > 1 else ()


def _of_grid(panes: Sequence[Widget], axis: str) -> tuple[tuple[Widget, ...], ...]:
    """Return the panes of each column or row of a grid as it is drawn, without those that lie in several."""
    ends = {
        one: (one.region.x, one.region.right) if axis == "width" else (one.region.y, one.region.bottom) for one in panes
    }
    starts = sorted({start for start, _ in ends.values()})
    limits = [*starts[1:], max((end for _, end in ends.values()), default=0)]
    tracks = (
        tuple(one for one, (begin, end) in ends.items() if begin == start and end <= limit)
        for start, limit in zip(starts, limits, strict=True)
    )
    return tuple(track for track in tracks if track)


def _gives(pane: Widget, axis: str) -> bool:
    """Tell whether a pane's size may change: a line of text has the height of its text."""
    if axis == "width":
        return pane.has_class("pane")
    height = pane.styles.height
    return height is not None and height.is_fraction

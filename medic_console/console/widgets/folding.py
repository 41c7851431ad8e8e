"""Panes beside each other; where the terminal is narrow, one at a time under a line of tabs."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static


class Tab(Static):
    """The name of a folded pane; a click brings the pane to the front."""

    class Chosen(Message):
        """The tab was clicked."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, number: int, key: int, title: str) -> None:
        super().__init__(Content(f" {key} {title} "), classes="tab")
        self._number = number
        self._key = key

    def name_pane(self, title: str) -> None:
        """Show another name."""
        self.update(Content(f" {self._key} {title} "))

    def on_click(self, event: events.Click) -> None:
        """Tell the panes' container."""
        event.stop()
        self.post_message(self.Chosen(self._number))


class Folding(Container):
    """Shows its panes beside each other, or folded where the screen is narrow.

    Args:
        panes: Title and pane; each pane needs an id.
        first: Number that the first pane answers to (keys 1 to 3 go to a screen's panes).
        last: One more pane, which is there only where the screen is broad.
    """

    def __init__(
        self,
        panes: Sequence[tuple[str, Widget]],
        first: int = 1,
        id: str = "folding",
        last: Widget | None = None,
    ) -> None:
        super().__init__(id=id)
        self._last = last
        self._panes = tuple(pane for _, pane in panes)
        self._tabs = tuple(Tab(number, first + number, title) for number, (title, _) in enumerate(panes))
        self._active = 0

    def compose(self) -> ComposeResult:
        """The line of tabs, then the panes."""
        yield Horizontal(*self._tabs, classes="tabs")
        yield from self._panes
        if self._last is not None:
            yield self._last

    def on_mount(self) -> None:
        """Show the first pane when folded."""
        self._mark()

    def on_resize(self) -> None:
        """Bring to the front what was chosen while the panes stood beside each other."""
        self._mark()

    @property
    def front(self) -> Widget:
        """The pane that is in front where panes are folded."""
        return self._panes[self._active]

    def show(self, pane: Widget) -> None:
        """Bring a pane to the front."""
        if pane in self._panes:
            self._active = self._panes.index(pane)
            if self.folded:  # beside each other none is in front, and other styles would be looked for at each step
                self._mark()

    def rename(self, pane: Widget, title: str) -> None:
        """Give a pane's tab another name."""
        self._tabs[self._panes.index(pane)].name_pane(title)

    @property
    def folded(self) -> bool:
        """Only one pane is seen at a time."""
        return bool(self._tabs[0].region.area)

    @property
    def behind(self) -> list[tuple[Tab, Widget]]:
        """The panes that another one covers, with their tabs."""
        pairs = enumerate(zip(self._tabs, self._panes, strict=True))
        return [pair for number, pair in pairs if number != self._active]

    def on_tab_chosen(self, message: Tab.Chosen) -> None:
        """Bring a pane to the front and focus it."""
        self.show(self._panes[message.number])
        self._panes[message.number].focus()

    def _mark(self) -> None:
        for number, (tab, pane) in enumerate(zip(self._tabs, self._panes, strict=True)):
            tab.set_class(number == self._active, "-front")
            pane.set_class(number == self._active, "-front")


class Pages(Folding):
    """A folding that is always folded; where `-broad` styles give it room, the first page stands beside another."""

    _beside = 1
    """Number of the page beside the first one."""

    def _mark(self) -> None:
        super()._mark()
        self._beside = self._active or self._beside
        for number, pane in enumerate(self._panes):
            pane.set_class(number == self._beside, "-beside")

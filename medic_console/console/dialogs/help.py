"""Help: the screen, the focused pane and all keys, from the table of commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import ModalScreen
from textual.widgets import Static

from medic_console.console.command import Command, worded
from medic_console.console.commands import commands_at, kinds_of
from medic_console.console.topics import TOPICS
from medic_console.console.wrapping import wrap

if TYPE_CHECKING:
    from medic_console.console.base import ConsoleScreen

_KEYS = 13
_WIDEST, _SHARE, _FRAME = 84, 0.96, 7
"""Width of the box and its share of the screen (as in `help.tcss`), and what border, padding and scrollbar take."""
_NARROWEST = 16


class HelpScreen(ModalScreen[None]):
    """Any of `?`, `escape` and `q` closes it.

    Args:
        place: Where the screen's help text stands in the table.
        panes: Ids of the focused widget and those around it, nearest first.
        of_pane: Commands of the focused pane that can be used now.
        own: Commands of the screen that can be used now.
        changed: Keys that the person has chosen, by command id.
    """

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [("escape,q,question_mark,f1", "dismiss", "Close")]

    def __init__(
        self,
        place: str,
        panes: tuple[str, ...],
        of_pane: Sequence[Command],
        own: Sequence[Command],
        changed: Mapping[str, str],
    ) -> None:
        super().__init__()
        self._changed = changed
        self._place = place
        self._own = own
        self._panes = panes
        self._of_pane = of_pane

    def compose(self) -> ComposeResult:
        """Topics, then keys."""
        self._drawn_for = _room(self.app.size.width)
        box = VerticalScroll(Static(self._content(self._drawn_for)), id="help")
        box.border_title = "Help"
        box.border_subtitle = "esc closes"
        yield box

    def on_mount(self) -> None:
        """Let the arrow keys scroll."""
        self.query_one("#help").focus()

    def on_resize(self, event: events.Resize) -> None:
        """Break what the keys do anew for another width."""
        room = _room(event.size.width)
        if room != self._drawn_for:
            self._drawn_for = room
            self.call_after_refresh(self.query_one("#help > Static", Static).update, self._content(room))

    def _content(self, room: int) -> Content:
        blocks = [Content.assemble(("This screen\n", "bold $primary"), TOPICS.get(self._place, ""))]
        pane = next((TOPICS[name] for name in self._panes if name in TOPICS), "")
        if pane:
            blocks.append(Content.assemble(("This pane\n", "bold $primary"), pane))
        if self._of_pane:
            blocks.append(self._keys("Keys of this pane", self._of_pane, room))
        blocks.append(self._keys("Keys of this screen", self._own, room))
        blocks.append(self._keys("Keys everywhere", [*commands_at("screen"), *commands_at("app"), _TAB], room))
        return Content("\n\n").join(blocks)

    def _keys(self, title: str, commands: Sequence[Command], room: int) -> Content:
        lines = []
        for command in commands:
            rows = [command.help[row.start : row.end].rstrip() for row in wrap(command.help, room)]
            key = f"{command.shown_keys(self._changed):<{_KEYS}}"
            lines.append(Content.assemble((key, "bold $accent"), f"\n{' ' * _KEYS}".join(rows)))
        return Content("\n").join([Content.styled(title, "bold $primary"), *lines])


def help_of(screen: ConsoleScreen, changed: Mapping[str, str]) -> HelpScreen:
    """Return the help of a screen and its focused pane, with the keys that do something there now."""
    ancestors = screen.focused.ancestors_with_self if screen.focused is not None else ()
    around = list(takewhile(lambda node: node is not screen, ancestors))
    panes = tuple(node.id for node in around if node.id)
    of_pane, own = commands_at(*kinds_of(around)), commands_at(*screen.PLACES)
    return HelpScreen(
        screen.PLACES[0],
        panes,
        [worded(one, around) for one in of_pane if _works(one, (*around, screen))],
        [worded(one, (screen,)) for one in own if _works(one, (screen,))],
        changed,
    )


def _works(command: Command, nodes: Sequence[DOMNode]) -> bool:
    """Tell whether none of the widgets and screens that may do it refuses now."""
    action = command.action.removeprefix("screen.").partition("(")[0]
    return all(node.check_action(action, ()) is not False for node in nodes)


def _room(width: int) -> int:
    """Return the cells beside the keys, on a screen so wide."""
    return max(_NARROWEST, min(_WIDEST, int(width * _SHARE)) - _FRAME - _KEYS)


_TAB = Command("app", "focus_next", "tab", "Next pane", "Go to the next pane; shift+tab goes back.")

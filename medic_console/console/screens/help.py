"""Help: the screen, the focused pane and all keys, from the table of commands."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from medic_console.console.commands import TOPICS, Command, commands_at

_KEYS = 12


class HelpScreen(ModalScreen[None]):
    """Any of `?`, `escape` and `q` closes it.

    Args:
        places: Where the screen's commands stand in the table; the first names the screen.
        panes: Ids of the focused widget and those around it, nearest first.
        kinds: Kinds of pane, such as `list`, whose keys work now.
    """

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [("escape,q,question_mark,f1", "dismiss", "Close")]

    def __init__(self, places: tuple[str, ...], panes: tuple[str, ...], kinds: tuple[str, ...]) -> None:
        super().__init__()
        self._places = places
        self._panes = panes
        self._kinds = kinds

    def compose(self) -> ComposeResult:
        """Topics, then keys."""
        box = VerticalScroll(Static(self._content()), id="help")
        box.border_title = "Help"
        box.border_subtitle = "esc closes"
        yield box

    def on_mount(self) -> None:
        """Let the arrow keys scroll."""
        self.query_one("#help").focus()

    def _content(self) -> Content:
        blocks = [Content.assemble(("This screen\n", "bold $primary"), TOPICS.get(self._places[0], ""))]
        pane = next((TOPICS[name] for name in self._panes if name in TOPICS), "")
        if pane:
            blocks.append(Content.assemble(("This pane\n", "bold $primary"), pane))
        blocks.append(_keys("Keys of this screen", commands_at(*self._places)))
        if self._kinds:
            blocks.append(_keys("Keys of this pane", commands_at(*self._kinds)))
        blocks.append(_keys("Keys everywhere", [*commands_at("screen"), *commands_at("app"), _TAB]))
        return Content("\n\n").join(blocks)


_TAB = Command("app", "focus_next", "tab", "Next pane", "Go to the next pane; shift+tab goes back.")


def _keys(title: str, commands: list[Command]) -> Content:
    lines = [Content.assemble((f"{command.shown_keys:<{_KEYS}}", "bold $accent"), command.help) for command in commands]
    return Content("\n").join([Content.styled(title, "bold $primary"), *lines])

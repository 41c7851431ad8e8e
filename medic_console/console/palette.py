"""The palette: what works on the present screen, and the themes, found by name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.dom import DOMNode
from textual.types import IgnoreReturnCallbackType
from textual.widget import Widget

from medic_console.console.base import ConsoleScreen
from medic_console.console.command import Command, worded
from medic_console.console.commands import COMMANDS, bound

_Entry = tuple[str, str, IgnoreReturnCallbackType]


class Palette(CommandPalette):
    """Textual's palette, which takes keys before its list is laid out: until then they move nothing."""

    def _action_command_list(self, action: str) -> None:
        if self.query_one(CommandList).scrollable_content_region:
            super()._action_command_list(action)


def offered(screen: ConsoleScreen) -> Iterator[tuple[Command, DOMNode]]:
    """Yield the commands that work now with what does them: those of the focused pane, the screen and the app."""
    focused = screen.focused
    panes = [node for node in focused.ancestors_with_self if node is not screen] if focused else []
    nodes = [*(node for node in panes if isinstance(node, Widget)), screen, screen.app]
    for command in COMMANDS:
        target = next((node for node in nodes if command.id in bound(node)), None)
        if command.palette and target is not None and target.check_action(command.action.split("(")[0], ()):
            yield worded(command, (target, screen)), target


class CommandsProvider(Provider):
    """Offers what works on the present screen; each line names its key."""

    async def discover(self) -> Hits:
        """Offer everything before anything is typed."""
        for name, help_text, run in self._entries():
            yield DiscoveryHit(name, run, help=help_text)

    async def search(self, query: str) -> Hits:
        """Offer what matches."""
        matcher = self.matcher(query)
        for name, help_text, run in self._entries():
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, matcher.highlight(name), run, help=help_text)

    def _entries(self) -> Iterator[_Entry]:
        screen = self.screen
        if isinstance(screen, ConsoleScreen):
            for command, target in offered(screen):
                run = partial(self.app.run_action, command.action, target)
                yield f"{command.label} ({command.shown_keys(screen.context.keys)})", command.help, run
        for theme in self.app.available_themes:
            yield f"theme: {theme}", f"Use the colours of {theme}.", partial(self._use, theme)

    def _use(self, theme: str) -> None:
        self.app.theme = theme

"""The command palette: the screen's commands, then themes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.types import IgnoreReturnCallbackType

from medic_console.console.commands import commands_at
from medic_console.console.screens.base import ConsoleScreen

_Entry = tuple[str, str, IgnoreReturnCallbackType]


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
        places = screen.PLACES if isinstance(screen, ConsoleScreen) else ()
        for command in commands_at(*places, "screen", "app"):
            if command.palette:
                target = self.app if command.where == "app" else screen
                run = partial(self.app.run_action, command.action, target)
                yield f"{command.label} ({command.shown_keys})", command.help, run
        for theme in self.app.available_themes:
            yield f"theme: {theme}", f"Use the colours of {theme}.", partial(self._use, theme)

    def _use(self, theme: str) -> None:
        self.app.theme = theme

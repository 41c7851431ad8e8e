"""Keys in their order: each has done its work before the next one is looked at, however fast they come."""

from __future__ import annotations

import time
from collections import deque

from textual import events, on
from textual.app import App
from textual.events import Event
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from medic_console.console.garbage import Garbage
from medic_console.console.messages import LineOpened

_GONE = 0.1
"""Seconds after which a box that a key has closed is looked at again."""
_LOOK = 0.5
"""Seconds between two thoughts of garbage."""


class _Settled(Message):
    """Follows what a key has set going up to the app, behind every message of it."""

    def __init__(self, key: int) -> None:
        super().__init__()
        self.key = key


class _Mounted(Message):
    """A screen that was opened has its panes."""


class KeyOrderApp(App[None]):
    """An app that holds keys back while one of them is at work.

    Textual lets keys climb from the focused widget to the app, each in its own time: one that is typed right behind
    `/` is there before the search line is, and would be taken for a command.
    """

    def __init__(self, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self._keys: deque[events.Key] = deque()
        self._number = 0
        self.taken = 0
        """Keys that have been at work: whoever has typed since asking for something is not disturbed by it."""
        self._at_work: Widget | None = None
        self._opening: Widget | None = None
        self._typed = time.monotonic()
        self.garbage = Garbage()

    def on_mount(self) -> None:
        """Look for garbage where nobody types."""
        self.set_interval(_LOOK, lambda: self.garbage.look(self.quiet))

    def on_unmount(self) -> None:
        """Leave the looking to Python again."""
        self.garbage.end()

    async def on_event(self, event: Event) -> None:
        """Put keys in line; anything else is handled as it comes."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            self._typed = time.monotonic()
            self.app_focus = True  # as Textual has it: whoever types looks at the app
            self._keys.append(event)
            await self._take_keys()
        else:
            await super().on_event(event)

    @property
    def quiet(self) -> float:
        """Seconds since the last key."""
        return time.monotonic() - self._typed

    def hold_keys(self, line: Widget) -> None:
        """Hold keys back until a line into which one types has the focus."""
        self._opening = line

    @on(LineOpened)
    async def _on_line_opened(self, message: LineOpened) -> None:
        if message.line is self._opening:
            self._opening = None
            await self._take_keys()

    @on(_Mounted)
    async def _on_mounted(self) -> None:
        await self._take_keys()

    @on(_Settled)
    async def _on_settled(self, message: _Settled) -> None:
        if message.key == self._number:
            self._at_work = None
            await self._take_keys()

    def not_taken(self, key: str) -> None:
        """Hear of a key that nothing wants."""

    async def _take_keys(self) -> None:
        while self._keys and not any(_lives(widget) for widget in (self._at_work, self._opening)):
            self._at_work = self._opening = None
            if not self.screen.is_mounted:  # it was opened by the key before, and has no panes yet
                self.screen.call_later(self.post_message, _Mounted())
                return
            await self._take(self._keys.popleft())

    async def _take(self, key: events.Key) -> None:
        """Do what a key says, and wait for what that has set going in the focused widget, or in a box without one."""
        self.taken += 1
        focused, screen = self.focused, self.screen
        target = screen if focused is None and screen.is_modal else focused
        if screen.is_modal or (focused is not None and _reads_keys(focused, key)):
            await super().on_event(key)
        elif not (await self._check_bindings(key.key, priority=True) or await self._check_bindings(key.key)):
            self.not_taken(key.key)
        if target is not None and self.screen is screen and _lives(target):
            self._number += 1
            if target.post_message(_Settled(self._number)):
                self._at_work = target
                if screen.is_modal:  # which may be gone before its message is here
                    self.set_timer(_GONE, self._take_keys)


def _reads_keys(widget: Widget, key: events.Key) -> bool:
    """Tell whether a key is text for the widget; any other is a command."""
    return isinstance(widget, Input) and key.is_printable


def _lives(widget: Widget | None) -> bool:
    return widget is not None and widget.is_attached and not widget._closing

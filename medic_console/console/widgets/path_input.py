"""A field for a path, which completes what is typed: tab takes as much as is certain, the right arrow the whole."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.actions import SkipAction
from textual.binding import BindingType
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input

_MOST = 200
"""Completions that are looked at; a folder may hold very many files."""


def completions(text: str, suffixes: Sequence[str] = ()) -> list[str]:
    """Return how a typed path may go on: folders with a slash behind them, and files of these endings.

    Args:
        suffixes: Endings such as `.gguf`; without any, folders alone.
    """
    folder, _, begun = text.rpartition("/")
    head = f"{folder}/" if "/" in text else ""
    base = Path(head).expanduser() if head else Path()
    found = []
    try:
        with os.scandir(base) as entries:
            for entry in entries:
                name = entry.name
                if not name.startswith(begun) or (name.startswith(".") and not begun.startswith(".")):
                    continue
                if entry.is_dir():
                    found.append(f"{head}{name}/")
                elif name.casefold().endswith(tuple(suffixes)) and suffixes:
                    found.append(head + name)
                if len(found) >= _MOST:
                    break
    except (OSError, RuntimeError):  # not there, not to be read, or nobody's home
        return []
    return sorted(found)


class _Paths(Suggester):
    def __init__(self, suffixes: Sequence[str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._suffixes = suffixes

    async def get_suggestion(self, value: str) -> str | None:
        """Return the first way to go on."""
        return next((one for one in completions(value, self._suffixes) if one != value), None) if value else None


class PathInput(Input):
    """Tab completes where there is something to complete, else it goes to the next field.

    Args:
        suffixes: Endings of the files that are wanted; without any, folders alone.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("tab", "complete", "Complete")]

    class Several(Message):
        """Tab found more than one way to go on."""

        def __init__(self, found: Sequence[str]) -> None:
            super().__init__()
            self.found = found

    def __init__(self, value: str = "", *, suffixes: Sequence[str] = (".gguf",), **more: str | bool) -> None:
        super().__init__(value, suggester=_Paths(suffixes), **more)  # type: ignore[arg-type]
        self._suffixes = suffixes

    def action_complete(self) -> None:
        """Take what all ways to go on have in common."""
        found = completions(self.value, self._suffixes) if self.value else []
        common = os.path.commonprefix(found)  # noqa: RUF071 - letters are typed, not whole names
        if len(common) > len(self.value):
            self.value = common
            self.cursor_position = len(common)
        elif len(found) > 1:
            self.post_message(self.Several(found))
        else:
            raise SkipAction  # a form goes to its next field, a line stays

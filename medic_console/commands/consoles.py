"""Where commands write: tables, bars and colours, or with `--plain` one line a fact for screen readers and logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from medic_console.commands.output import plain

_DRAWN = "█░ "
"""What bars are made of."""


def output() -> Console:
    """Return the console on stdout."""
    return PlainConsole() if plain.get() else Console()


def errors() -> Console:
    """Return the console on stderr."""
    return PlainConsole(stderr=True) if plain.get() else Console(stderr=True)


class PlainConsole(Console):
    """Writes whole lines: no colour, no wrapping, a table's row as one sentence of titles and cells."""

    def __init__(self, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, color_system=None, no_color=True, highlight=False, soft_wrap=True)

    def print(self, *objects: Any, **options: Any) -> None:
        """Print texts as they are and tables line by line; what is only drawn, such as a bar, is left out."""
        markup = options.get("markup", True)
        for thing in objects or ("",):
            for line in _lines(thing, markup):
                super().print(line, markup=False, highlight=False, soft_wrap=True)


def _lines(thing: object, markup: bool) -> Iterator[str]:
    if isinstance(thing, Table):
        yield from table_lines(thing)
    elif isinstance(thing, Group):
        for part in thing.renderables:
            yield from _lines(part, markup)
    elif isinstance(thing, Padding):
        yield from _lines(thing.renderable, markup)
    elif (text := _text(thing, markup)) is not None:
        yield text


def table_lines(table: Table) -> Iterator[str]:
    """Yield a table's rows: `title: cell; title: cell.` where it has titles, else its cells behind one another."""
    if table.title is not None:
        yield _text(table.title) or ""
    titles = [(_text(column.header) or "").strip() if table.show_header else "" for column in table.columns]
    for row in zip(*(column.cells for column in table.columns), strict=True):
        cells = [(title, _said(cell)) for title, cell in zip(titles, row, strict=True)]
        said = [f"{title}: {text}" if title else text for title, text in cells if text]
        if said:
            yield "; ".join(said) + "."


def _said(cell: object) -> str:
    """Return a cell's text: none for a bar, `none` for the dash of a missing value."""
    text = (_text(cell) or "").strip(_DRAWN)
    return "none" if text == "–" else text


def _text(thing: object, markup: bool = True) -> str | None:
    """Return what a text says; None for what is only drawn."""
    if isinstance(thing, Text):
        return thing.plain
    if isinstance(thing, str):
        return Text.from_markup(thing).plain if markup else thing
    return None

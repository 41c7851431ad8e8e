"""Where commands write: tables, bars and colours, or with `--plain` one line a fact for screen readers and logs.

Each of these consoles takes texts as they are, without markup or names of emoji, and shows what would act on the
terminal: files of strangers and answers of models are printed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from medic_console.commands.output import plain
from medic_console.core.visible import plain as plain_text

_DRAWN = "█░ "
"""What bars are made of."""
_ENDLESS = 1 << 16
"""Columns of a line that no terminal shows."""


def output() -> Console:
    """Return the console on stdout."""
    return PlainConsole() if plain.get() else _console(stderr=False)


def errors() -> Console:
    """Return the console on stderr."""
    return PlainConsole(stderr=True) if plain.get() else _console(stderr=True)


def _console(stderr: bool) -> Console:
    """Return a console that folds lines at the terminal's width, and none of a file or pipe: these have no width."""
    console = SafeConsole(stderr=stderr)
    return console if console.is_terminal else UnfoldedConsole(stderr=stderr, width=_ENDLESS)


class SafeConsole(Console):
    """Shows texts as they are: nothing in them is markup, and no character acts on the terminal."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"markup": False, "emoji": False, "highlight": False, **options})

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield the segments of what is printed, with what acts on a terminal made visible."""
        for segment in super().render(renderable, options):
            text = segment.text
            own = segment.control is not None or text.isprintable() or text == "\n"
            yield segment if own else Segment(plain_text(text), segment.style)


class UnfoldedConsole(SafeConsole):
    """Writes lines at their length, without the blanks that would fill a terminal's width."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print what was given, a table with columns as wide as what they hold and its title on one line."""
        with self.capture() as captured:
            for thing in objects:
                if isinstance(thing, Table):
                    for title in _freed(thing):
                        super().print(title, markup=False, highlight=False)
            super().print(*objects, **options)
        for line in captured.get().splitlines():
            self.file.write(f"{line.rstrip()}\n")


def _freed(table: Table) -> Iterator[str]:
    """Let a table's columns be as wide as what they hold; yield its title, which would be folded at its width."""
    for column in table.columns:
        column.min_width, column.width = column.width, None
    if table.title is not None:
        yield _text(table.title) or ""
    table.title = None


class PlainConsole(SafeConsole):
    """Writes whole lines: no colour, no wrapping, a table's row as one sentence of titles and cells."""

    def __init__(self, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, color_system=None, no_color=True, soft_wrap=True)

    def print(self, *objects: Any, **options: Any) -> None:
        """Print texts as they are and tables line by line; what is only drawn, such as a bar, is left out."""
        for thing in objects or ("",):
            for line in _lines(thing):
                super().print(line, markup=False, highlight=False, soft_wrap=True)


def _lines(thing: object) -> Iterator[str]:
    if isinstance(thing, Table):
        yield from table_lines(thing)
    elif isinstance(thing, Group):
        for part in thing.renderables:
            yield from _lines(part)
    elif isinstance(thing, Padding):
        yield from _lines(thing.renderable)
    elif (text := _text(thing)) is not None:
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


def _text(thing: object) -> str | None:
    """Return what a text says; None for what is only drawn."""
    if isinstance(thing, Text):
        return thing.plain
    if isinstance(thing, str):
        return thing
    return None

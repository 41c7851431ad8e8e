"""The edge of the console: every line that a widget draws goes through it on its way to the terminal."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from medic_console.core.visible import filled


class Edge(LineFilter):
    """Lets no character act on the terminal, whatever a screen has drawn; widths stay.

    Screens show untrusted text with `core.visible.plain`, where each such character can be seen. What one forgets, such
    as a file's name in a message of the system, stops here.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments of a line, harmless."""
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [
            segment if segment.control or segment.text.isprintable() else segment._replace(text=_filled(segment.text))
            for segment in segments
        ]


def _filled(text: str) -> str:
    return filled(text, cell_len)

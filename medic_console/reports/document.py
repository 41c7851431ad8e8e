"""A report as pages of neutral parts; `html.py` and `markdown.py` write the same content in two forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads somewhere.

    Attributes:
        target: `#anchor` of this report, or the name of a file of its folder.
    """

    text: str
    target: str


Value = str | Link
"""What stands in a cell or a sentence. Texts are untrusted: whoever writes them escapes them."""


@dataclass(frozen=True, slots=True)
class Said:
    """A paragraph.

    Attributes:
        warns: A reader must see it before the figures.
    """

    text: str
    warns: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of sentences or links."""

    lines: Sequence[Value]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under labels.

    Attributes:
        title: Its caption.
        anchor: Where links lead to; empty for none.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a chart: a value with its interval, in the chart's unit; None where there is none."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    chance: float | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """Values with their intervals on one scale.

    Attributes:
        least: Left end of the scale.
        most: Right end.
    """

    title: str
    bars: Sequence[Bar]
    least: float = 0.0
    most: float = 100.0


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with an anchor."""

    title: str
    anchor: str


Part = Said | Listing | Table | Chart | Section


@dataclass(frozen=True, slots=True)
class Page:
    """One numbered page of the report; on paper it begins a sheet."""

    number: int
    title: str
    parts: Sequence[Part]

    @property
    def anchor(self) -> str:
        """Where links to it lead."""
        return f"page-{self.number}"


@dataclass(frozen=True, slots=True)
class Document:
    """All of it.

    Attributes:
        stamp: When it was made, UTC.
        warning: Stands on every page, such as that items are samples; empty for none.
        foot: Stands at the foot of every page.
    """

    title: str
    stamp: str
    warning: str
    foot: str
    pages: Sequence[Page]

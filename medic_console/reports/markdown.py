"""A document as Markdown (CommonMark with tables): the same content as the HTML; every text is escaped here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from medic_console.core.visible import one_line
from medic_console.reports.document import Bar, Chart, Document, Link, Listing, Page, Part, Said, Section, Table, Value
from medic_console.statistics import words

_SIGNS = re.compile(r"([\\`*_{}\[\]<>()#+!|~&$^@-])")
_ADDRESS = re.compile(r"(?i)(https?|ftp|mailto|www)([:.])")
"""Would become a link by itself."""
_ALL = 1 << 20


def escape(text: str) -> str:
    """Return untrusted text for one line of Markdown: no markup, no HTML, no address that becomes a link."""
    safe = "".join("�" if 0xD800 <= ord(sign) <= 0xDFFF else sign for sign in one_line(text, _ALL))
    safe = _SIGNS.sub(r"\\\1", safe)
    return _ADDRESS.sub(r"\1\\\2", safe)


def as_markdown(document: Document) -> str:
    """Return the whole file."""
    lines = [line for page in document.pages for line in _page(document, page)]
    return "\n".join((f"# {escape(document.title)}", "", *lines)) + "\n"


def _page(document: Document, page: Page) -> Iterator[str]:
    yield from (f'<a id="{page.anchor}"></a>', "", f"## {page.number}. {escape(page.title)}", "")
    if document.warning:
        yield from (f"**{escape(document.warning)}**", "")
    for part in page.parts:
        yield from _part(part)
        yield ""
    yield from (escape(f"{document.foot} · page {page.number} of {len(document.pages)}"), "")


def _part(part: Part) -> Iterator[str]:
    if isinstance(part, Said):
        yield f"**{escape(part.text)}**" if part.warns else escape(part.text)
    elif isinstance(part, Section):
        yield from (f'<a id="{part.anchor}"></a>', "", f"### {escape(part.title)}")
    elif isinstance(part, Listing):
        yield from (f"- {_value(line)}" for line in part.lines)
    elif isinstance(part, Chart):
        yield from _rows(part.title, ("", "value", "95 % interval"), [_bar(bar) for bar in part.bars])
    else:
        yield from _titled(part)


def _titled(table: Table) -> Iterator[str]:
    if table.anchor:
        yield from (f'<a id="{table.anchor}"></a>', "")
    yield from _rows(table.title, table.columns, [[_value(cell) for cell in row] for row in table.rows])


def _rows(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    labels = [escape(label) for label in columns]
    yield from (f"**{escape(title)}**", "")
    yield f"| {' | '.join(labels)} |"
    yield f"|{'---|' * len(labels)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _bar(bar: Bar) -> list[str]:
    return [escape(bar.label), escape(words.number(bar.value)), escape(words.ends(bar.low, bar.high))]


def _value(value: Value) -> str:
    return f"[{escape(value.text)}](<{value.target}>)" if isinstance(value, Link) else escape(value)

"""A document as one HTML file without scripts and resources, printed on A4. Every text is escaped here."""

from __future__ import annotations

import html
from collections.abc import Iterator

from medic_console.core.visible import plain
from medic_console.reports.charts import svg
from medic_console.reports.document import Chart, Document, Link, Listing, Page, Part, Said, Section, Table, Value

_STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; background: #fff; color: #111;
  font: 10.5pt/1.4 "Helvetica Neue", Arial, "Liberation Sans", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.7em; margin: 0 0 .3em; } h2 { font-size: 1.35em; margin: 0 0 .5em; border-bottom: 2px solid #111; }
h3 { font-size: 1.1em; margin: 1.2em 0 .4em; }
section { margin: 0 0 2.5rem; }
.warning { border: 2px solid #8a1500; color: #8a1500; padding: .25rem .5rem; font-weight: bold; margin: 0 0 .6rem; }
.warns { border-left: 4px solid #8a1500; padding-left: .6rem; font-weight: bold; }
.foot { color: #444; font-size: .8em; margin-top: .8rem; border-top: 1px solid #bbb; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: .6rem 0 1rem; font-size: .86em; }
caption { text-align: left; font-weight: bold; padding: .2rem 0; }
th, td { text-align: left; vertical-align: top; border-bottom: 1px solid #ccc; padding: .16rem .4rem .16rem 0;
  overflow-wrap: break-word; }
td.long { overflow-wrap: anywhere; min-width: 5rem; } td.said { min-width: 5rem; }
td.told { min-width: 10rem; }
th { border-bottom: 1px solid #111; overflow-wrap: normal; } th.long { overflow-wrap: anywhere; min-width: 5rem; }
.wide table { font-size: .76em; } .wide th, .wide td { padding-right: .25rem; }
.wide .long, .wide .said, .wide .told { min-width: 3.6rem; }
svg { width: 100%; max-width: 48rem; height: auto; font: 12px Arial, "Liberation Sans", sans-serif; display: block; }
svg .grid { stroke: #ccc; } svg .tick { fill: #444; } svg .interval { stroke: #14467a; stroke-width: 3; }
svg .point { fill: #14467a; } svg .chance { stroke: #8a1500; stroke-dasharray: 3 2; stroke-width: 1.5; }
a { color: #14467a; } pre, code { font-family: "Liberation Mono", Consolas, monospace; overflow-wrap: anywhere; }
@page { size: A4; margin: 15mm 14mm 16mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 9pt; }
  section { break-before: page; margin: 0; } section:first-of-type { break-before: auto; }
  .scroll { overflow: visible; } tr, figure, .short { break-inside: avoid; } thead { display: table-header-group; }
  thead, thead tr { break-after: avoid; } tbody tr:first-child { break-before: avoid; }
  h2, h3, caption { break-after: avoid; } p, li { orphans: 3; widows: 3; } nav { display: none; }
}
"""
_WARNED = '@page { @top-left { content: "BUNDLED SAMPLES: no figure here is of a model for use"; %s } }'
_SMALL = "font: bold 8pt Arial, sans-serif; color: #8a1500"
_NUMBERED = (
    '@page { @bottom-right { content: "sheet " counter(page) " of " counter(pages); font: 8pt Arial, sans-serif } }'
)
_WORD = 22
"""Characters of the longest word that a cell keeps whole."""
_SENTENCE = 30
"""Characters of a cell from which on it is no tower of single words."""
_TOLD = 160
"""Characters of a cell from which on it is a paragraph, and as wide as one."""
_WIDE = 12
"""Columns from which on a table is set smaller: a sheet that is too narrow for one table is shrunk as a whole."""
_SHORT = 8
_FEW = 900
"""Rows, and characters of all, of a table that stays whole on a sheet."""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def escape(text: str) -> str:
    """Return untrusted text for HTML: markup, quotes, controls and directions of writing are shown, never obeyed."""
    safe = "".join("�" if 0xD800 <= ord(sign) <= 0xDFFF else sign for sign in plain(text))
    return html.escape(safe, quote=True)


def as_html(document: Document) -> str:
    """Return the whole file."""
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Document) -> Iterator[str]:
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    sheets = _NUMBERED + (_WARNED % _SMALL if document.warning else "")
    yield f"<title>{escape(document.title)}</title>\n<style>{_STYLE}{sheets}</style>\n</head>\n<body>\n<main>"
    for page in document.pages:
        yield from _page(document, page)
    yield "</main>\n</body>\n</html>"


def _page(document: Document, page: Page) -> Iterator[str]:
    yield f'<section id="{page.anchor}" aria-label="{escape(page.title)}">'
    if document.warning:
        yield f'<p class="warning">{escape(document.warning)}</p>'
    if page.number == 1:
        yield f"<h1>{escape(document.title)}</h1>"
        yield f"<nav><p>{' · '.join(_contents(one) for one in document.pages)}</p></nav>"
    yield f"<h2>{page.number}. {escape(page.title)}</h2>"
    for part in page.parts:
        yield _part(part)
    yield f'<p class="foot">{escape(document.foot)} · page {page.number} of {len(document.pages)}</p>\n</section>'


def _contents(page: Page) -> str:
    return f'<a href="#{page.anchor}">{page.number}. {escape(page.title)}</a>'


def _part(part: Part) -> str:
    if isinstance(part, Said):
        kind = ' class="warns"' if part.warns else ""
        return f"<p{kind}>{escape(part.text)}</p>"
    if isinstance(part, Section):
        return f'<h3 id="{escape(part.anchor)}">{escape(part.title)}</h3>'
    if isinstance(part, Listing):
        return f"<ul>{''.join(f'<li>{_value(line)}</li>' for line in part.lines)}</ul>"
    if isinstance(part, Chart):
        return f"<figure>{svg(part, escape)}<figcaption>{escape(part.title)}</figcaption></figure>"
    return _table(part)


def _table(table: Table) -> str:
    anchor = f' id="{escape(table.anchor)}"' if table.anchor else ""
    head = "".join(map(_heading, table.columns))
    rows = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in table.rows)
    caption = f"<caption>{escape(table.title)}</caption>"
    body = f"{caption}<thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody>"
    letters = sum(len(value.text if isinstance(value, Link) else value) for row in table.rows for value in row)
    kind = "scroll short" if len(table.rows) <= _SHORT and letters <= _FEW else "scroll"
    kind += " wide" if len(table.columns) >= _WIDE else ""
    return f'<div class="{kind}"{anchor}><table>{body}</table></div>'


def _heading(label: str) -> str:
    kind = ' class="long"' if any(map(_is_long, label.split())) else ""
    return f'<th scope="col"{kind}>{escape(label)}</th>'


def _cell(value: Value) -> str:
    words = (value.text if isinstance(value, Link) else value).split()
    length = len(" ".join(words))
    said = "told" if length > _TOLD else "said" if length > _SENTENCE else ""
    kind = "long" if any(map(_is_long, words)) else said
    return f'<td class="{kind}">{_value(value)}</td>' if kind else f"<td>{_value(value)}</td>"


def _is_long(word: str) -> bool:
    return len(word) > _WORD


def _value(value: Value) -> str:
    if isinstance(value, Link):
        return f'<a href="{escape(value.target)}">{escape(value.text)}</a>'
    return escape(value)

"""What a report's style says of paper; that a browser prints it so: `test_chromium.py`."""

from __future__ import annotations

import re

import pytest

from medic_console.reports.document import Document, Page
from medic_console.reports.html import as_html

_PRINTED = {
    "body": "max-width: none",  # the sheet's own width
    "section": "break-before: page",
    "section:first-of-type": "break-before: auto",  # no empty first sheet
    ".scroll": "overflow: visible",  # paper does not scroll
    "tr": "break-inside: avoid",
    "figure": "break-inside: avoid",
    ".short": "break-inside: avoid",
    "thead": "display: table-header-group",  # on each sheet again
    "h2": "break-after: avoid",
    "caption": "break-after: avoid",
    "nav": "display: none",
}


def style(warning: str) -> str:
    page = as_html(Document("title", "2026", warning, "foot", [Page(1, "page", ())]))
    return page.split("<style>")[1].split("</style>")[0]


def rules(block: str) -> dict[str, str]:
    """Return what a style says of each selector."""
    found: dict[str, str] = {}
    for selectors, said in re.findall(r"([^{}]+)\{([^{}]*)\}", block):
        for selector in map(str.strip, selectors.split(",")):
            found[selector] = f"{found.get(selector, '')} {said}"
    return found


@pytest.mark.parametrize("what", _PRINTED)
def test_a_sheet_of_paper_has_what_it_needs(what: str) -> None:
    printed = rules(style("").split("@media print {")[1].split("\n}")[0])
    assert _PRINTED[what] in printed[what]


def test_sheets_are_of_a4_and_numbered_and_samples_are_told_on_each() -> None:
    assert "@page { size: A4; margin: 15mm" in style("")
    assert '@page { @bottom-right { content: "sheet " counter(page) " of " counter(pages)' in style("")
    assert "@page { @top-left { content: " in style("samples") and "@top-left" not in style("")

"""Untrusted texts in a report: shown, never obeyed, in HTML and in Markdown."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import example, given
from hypothesis import strategies as st

from medic_console.reports.charts import svg
from medic_console.reports.document import Bar, Chart, Document, Link, Listing, Page, Said, Section, Table
from medic_console.reports.html import as_html, escape
from medic_console.reports.markdown import as_markdown
from medic_console.reports.markdown import escape as markdown_escape

HOSTILE = st.text() | st.sampled_from(
    [
        "</style><script>alert(1)</script>",
        '" onload="x',
        "‮evil⁦",
        "<!--",
        "]]>",
        "&lt;",
        "\x1b[31m",
        "\ud800",
        "'><img src=x>",
    ]
)
BIDI = set("‪‫‬‭‮⁦⁧⁨⁩‎‏؜")


def document(text: str) -> Document:
    parts = (
        Said(text, warns=True),
        Listing([text, Link(text, "#page-1")]),
        Table(text, (text,), [[text], [Link(text, "report.md")]], "anchor"),
        Chart(text, [Bar(text, 1.0, 0.0, 2.0, 1.0)]),
        Section(text, "other"),
    )
    return Document(text, "2026", text, text, [Page(1, text, parts)])


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))

    def handle_comment(self, data: str) -> None:
        self.found.append(("comment", ()))


def tags(text: str) -> list[tuple[str, tuple[str, ...]]]:
    seen = _Tags()
    seen.feed(as_html(document(text)))
    return [(tag, tuple(set(names) - {"class"}) if tag in ("td", "th") else names) for tag, names in seen.found]


PLAIN = tags("a b")


@given(HOSTILE)
@example("a" * 40)
def test_no_text_adds_a_tag_an_attribute_or_a_direction(text: str) -> None:
    made = as_html(document(text))
    made.encode("utf-8")
    assert not BIDI & set(made)
    assert not any(ord(sign) < 32 and sign not in "\n\t" for sign in made)
    if text:
        assert tags(text) == PLAIN


@given(HOSTILE)
def test_no_text_of_markdown_is_markup(text: str) -> None:
    escaped = markdown_escape(text)
    escaped.encode("utf-8")
    assert "\n" not in escaped and not BIDI & set(escaped)
    left = escaped.replace("\\\\", "")
    for sign in "<>[]|`*_":
        assert left.count(sign) == left.count(f"\\{sign}")
    as_markdown(document(text)).encode("utf-8")


def test_no_address_becomes_a_link() -> None:
    assert markdown_escape("see http://x.example and www.x.example") == "see http\\://x.example and www\\.x.example"


def test_a_chart_tells_long_names_apart_that_differ_at_their_end() -> None:
    name = "A model for letters of the hospital group North, build "
    drawn = svg(Chart("figures", [Bar(f"{name}{build}", 1.0, 0.0, 2.0) for build in ("Q4_K_M", "Q8_0")]), escape)
    labels = [one.split("</text>")[0] for one in drawn.split('<text x="0"')[1:]]
    assert [label.endswith(build) for label, build in zip(labels, ("Q4_K_M", "Q8_0"), strict=True)] == [True, True]
    assert all("…" in label and len(label.split(">")[1]) == 32 for label in labels)

r"""A model's text without the marks around its words: what is shown, not how it is set.

Markdown, simple HTML and the LaTeX that wraps words go; full-width and mathematical letters become plain ones
(NFKC); characters that no one sees (BOM, zero-width space, marks of direction) go too. What `\boxed{}` or an
`<answer>` tag holds stands between `OPEN` and `CLOSE` afterwards.
"""

from __future__ import annotations

import html
import re
import unicodedata

OPEN, CLOSE = "\x02", "\x03"
"""Around what the text itself marks as its answer."""

_WRAPPER = re.compile(
    r"\\(?:text|textbf|textit|textrm|textsf|texttt|mathrm|mathbf|mathit|mathsf|mathtt|mathbb|operatorname|mbox|hbox"
    r"|emph|underline|bf|rm)\s*\{([^{}]*)\}"
)
_BOX = re.compile(r"\\f?boxed\s*\{|\\fbox\s*\{")
_SPACE = re.compile(r"\\(?:[,;:! ]|q?quad\b)")
_MATH = re.compile(r"\\[()\[\]]|\$")
_ANSWER_TAG = re.compile(r"<\s*(/?)\s*(?:final[ _-]?)?(?:answer|choice|option|ans)\s*>", re.IGNORECASE)
_BREAK_TAG = re.compile(r"</?(?:br|p|div|li|ul|ol|h[1-6])\b[^<>\n]{0,80}>", re.IGNORECASE)
_TAG = re.compile(r"</?(?:b|i|u|s|em|strong|span|code|pre|mark|font|center|small|big|sub|sup)\b[^<>\n]{0,80}>", re.I)
_TOKEN = re.compile(r"<\|[\w-]{1,40}\|>|</?s>|<(?:eos|end_of_turn|eos_token|pad)>", re.IGNORECASE)
"""Marks of a model's own vocabulary that were printed with its text."""
_MARKDOWN = re.compile(r"[*`]|~~|__")
_HEADING = re.compile(r"(?m)^[ \t]*(?:#{1,6}(?=\s|\w)|>)[ \t]*")
_SIGNS = str.maketrans(
    {"。": ". ", "、": ", ", "【": "(", "】": ")", "「": "(", "」": ")", "『": "(", "』": ")", "〈": "(", "〉": ")"}
    | {"《": "(", "》": ")", "〔": "(", "〕": ")", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'"}
    | {"\u2028": "\n", "\u2029": "\n", "\r": "\n", "\x0b": "\n", "\x0c": "\n", "\x85": "\n"}
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){3,}")
_BLANKS = re.compile(r"[ \t]{9,}")
"""Longer gaps than these mean no more, and patterns would go over them once for each place in them."""
_DEPTH = 4
"""LaTeX wrappers inside each other that are taken off."""


def plain(text: str) -> str:
    """Return a text without marks; line breaks stay."""
    shown = html.unescape(text) if "&" in text else text
    shown = unicodedata.normalize("NFKC", shown.replace("\r\n", "\n")).translate(_SIGNS)
    shown = _CONTROL.sub("", shown)
    if not shown.isascii():
        shown = "".join(character for character in shown if unicodedata.category(character) != "Cf")
    shown = _TAG.sub("", _BREAK_TAG.sub("\n", _TOKEN.sub("", shown)))
    shown = _ANSWER_TAG.sub(lambda tag: CLOSE + "\n" if tag[1] else "\n" + OPEN, shown)
    if "\\" in shown or "$" in shown:
        shown = _boxes(_MATH.sub("", _SPACE.sub(" ", _unwrapped(shown))))
    shown = _BLANK_LINES.sub("\n\n\n", _HEADING.sub("", _MARKDOWN.sub("", shown)))
    return _BLANKS.sub(" " * 8, shown).strip()


def _unwrapped(text: str) -> str:
    for _ in range(_DEPTH):
        inner = _WRAPPER.sub(r"\1", text)
        if inner == text:
            break
        text = inner
    return text


def _boxes(text: str) -> str:
    r"""Put OPEN and CLOSE in place of `\boxed{` and its brace; a box that is never closed ends with its line."""
    parts: list[str] = []
    place = 0
    for box in _BOX.finditer(text):
        if box.start() < place:
            continue
        end = _closing(text, box.end())
        parts += [text[place : box.start()], OPEN, text[box.end() : end], CLOSE]
        place = end + (text[end : end + 1] == "}")
    return "".join((*parts, text[place:]))


def _closing(text: str, start: int) -> int:
    """Return the place of the brace that closes the one before `start`, else that of the line's end."""
    depth = 1
    for place in range(start, len(text)):
        depth += (text[place] == "{") - (text[place] == "}")
        if depth == 0:
            return place
        if text[place] == "\n":
            return place
    return len(text)

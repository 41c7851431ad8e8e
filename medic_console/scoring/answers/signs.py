r"""LaTeX, Markdown and Unicode forms of numbers as plain text: `$1.2 \times 10^{3}$`, `**−5**`, `10³`, `½`."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable

Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]

_LONE_FRACTION = re.compile(r"(?<![0-9])(?<![0-9][ \u00a0])[½¼¾]")
_PARTS = {"½": "0.5", "¼": "0.25", "¾": "0.75"}
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_CHARACTERS = str.maketrans(
    {
        **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
        **dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), None),
        **dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u200a\u202f"), " "),
        **dict.fromkeys(map(ord, "−‐‑﹣"), "-"),
        **dict.fromkeys(map(ord, "✕✖⨯·⋅∙"), "×"),
        **dict.fromkeys(map(ord, "⇒⟹→➜"), "⇒"),
        **dict.fromkeys(map(ord, "≃≅∼≒"), "≈"),
        **{ord(sign): f" {above}/{below}" for sign, above, below in ("½12", "¼14", "¾34", "⅓13", "⅔23")},
        ord("⁄"): "/",
    }
)

_MINUS = r"(?:-|\b(?:[Mm]inus|[Nn]egative)\b)\s?"
_FIGURE = r"\.?[0-9](?:[0-9.,]{0,20}[0-9])?(?:\s?[A-Za-zµ%][A-Za-z0-9/µ%^]{0,15})?"
"""A number, with a unit or without."""


def _rules(*pairs: tuple[str, str | Callable[[re.Match[str]], str]]) -> tuple[Rule, ...]:
    return tuple((re.compile(pattern), put) for pattern, put in pairs)


_RULES = _rules(
    (r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+", lambda match: f"^{match[0].translate(_SUPERSCRIPT)}"),
    (r"</?(?:b|i|u|em|strong|span|mark|font|code)(?:\s[^<>\n]{0,80})?>", ""),
    (r"<sup>\s*([^<]{1,9}?)\s*</sup>", r"^\1"),
    (r"\{,\}|,\\!", ","),
    (r"\\!", ""),
    (r"\\[,;: ]|\\q?quad\b|&nbsp;|(?<=[0-9])~(?=[0-9])", " "),
    (r"\\(?:text|textbf|textit|mathrm|mathbf|mathit|mbox|operatorname|bf|rm)\s*\{([^{}]*)\}", r" \1 "),
    (r"\\[dt]?frac\s*\{\s*([^{}]*?)\s*\}\s*\{\s*([^{}]*?)\s*\}", r" \1/\2 "),
    (r"\\[dt]?frac\s*([0-9])\s*([0-9])", r" \1/\2 "),
    (r"\\(?:times|cdot|ast)(?![a-z])", "×"),
    (r"\\(?:approx|simeq|sim|cong)(?![a-z])|~", "≈"),
    (r"\\(?:rightarrow|to|implies|Rightarrow|longrightarrow)(?![a-z])|[-=]+>", "⇒"),
    (r"\\pm(?![a-z])|\+/-", "±"),
    (r"\\leq?(?![a-z])|<=|=<", "≤"),
    (r"\\geq?(?![a-z])|>=", "≥"),
    (r"\\(?:left|right|displaystyle|large|Large|huge)(?![a-z])", ""),
    (r"\^\s*\{?\s*\\circ\s*\}?", "°"),
    (r"\\\]", "\n"),
    (r"\\sqrt\s*\{\s*([^{}]*?)\s*\}|√\s*(?=[0-9])", r"√\1"),
    (rf"(?<![0-9)\]}}%])(?<![0-9)\]}}%] )({_MINUS})(\\f?boxed\s?\{{|<answer>)\s?(?={_FIGURE})", r"\2-"),
    (r"-\s?(?:\\?\$|\\\()\s?(?=\.?[0-9])", "-"),
    (r"\\[()\[]|\\?\$+", " "),
    (r"\\([%#&_])", r"\1"),
    (r"\^\s*\{\s*([^{}]*?)\s*\}", r"^\1"),
    (r"(?<=[0-9])\s?\*\*\s?(?=[-+]?[0-9])", "^"),
    (r"(?<=[0-9)])\s*\*\s*(?=[0-9]|\(\s*[-0-9(])", "×"),
    (r"\*+|__|`+", ""),
    (r"(?<![\w)%])—(?=\.?[0-9])", "-"),
    (r"(?<=\s)–(?=\s+[^\s0-9.(])|—", " — "),
    ("–", "-"),
    (rf"({_MINUS})[(\[{{\"']{{1,3}}\s?({_FIGURE})\s?[)\]}}\"']{{1,3}}", r"\1\2"),
)


def plain(text: str) -> str:
    r"""Return the text with one writing for each sign: "-", "×", "^", "≈", "⇒", "≤", "/" for fractions.

    Marks of Markdown and LaTeX that only set the type are gone, as are characters without width and the dollar sign;
    `\boxed{}` stays. An en dash between spaces and an em dash are pauses ("—"), other dashes signs.
    """
    text = html.unescape(text) if "&" in text else text
    text = _LONE_FRACTION.sub(lambda match: _PARTS[match[0]], text)
    return _applied(text.translate(_CHARACTERS), _RULES)


def _applied(text: str, rules: Iterable[Rule]) -> str:
    for pattern, put in rules:
        text = pattern.sub(put, text)
    return text

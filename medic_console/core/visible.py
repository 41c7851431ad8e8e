"""Untrusted text made safe for a terminal: shown as it is, never obeyed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

_CONTROL_PICTURES = 0x2400
_TAB = 4
_C0 = {code: chr(_CONTROL_PICTURES + code) for code in range(32) if code not in (0x09, 0x0A)}
_UNSEEN = [0x00AD, 0x061C, 0x180E, 0x200B, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2060, 0x2070), 0xFEFF]
_TABLE = {
    **_C0,
    0x7F: "␡",
    **{code: f"⟨{code:02X}⟩" for code in range(0x80, 0xA0)},
    **{code: f"⟨{code:04X}⟩" for code in (*_UNSEEN, *range(0xFFF9, 0xFFFC))},
    **{code: f"⟨{code:05X}⟩" for code in range(0xE0000, 0xE0080)},
}
_AROUND = 40
"""Characters around a cut in which a number is sought."""
_NUMBER = re.compile(r"(?<![\w.,-])[-−+]?\d+(?:[.,:/]\d+)*")
"""A number that stands by itself; the digits of a name such as medqa-0012 are none."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_ACTING = re.compile(f"[{re.escape(''.join(map(chr, _TABLE)))}\ud800-\udfff]")
"""Every character that `plain` shows in another way, but for tabs."""


def plain(text: str) -> str:
    """Return text in which every character can be seen and none acts on the terminal.

    C0 control characters become their Unicode pictures (␛ for escape), C1 characters, bidirectional controls,
    tag characters and other invisible ones their code point in ⟨⟩; tabs become spaces; line feeds stay.
    """
    if text.isascii() and text.isprintable():
        return text  # as nearly every text is
    text = _SURROGATE.sub("\ufffd", text.replace("\r\n", "\n"))
    return text.expandtabs(_TAB).translate(_TABLE)


def escaped(document: str) -> str:
    """Return a JSON document of the same content without a character that `plain` would show in another way.

    Such characters stand in its strings alone, where an escape of their code says the same.
    """
    return _ACTING.sub(lambda found: json.dumps(found[0])[1:-1], document)


def filled(text: str, width: Callable[[str], int]) -> str:
    """Return text of the same width in which no character acts on a terminal: for what is laid out already.

    Args:
        width: Cells of a character; what has none is left out, what has one becomes �.
    """
    return _ACTING.sub(lambda found: "\ufffd" * width(found[0]), text.replace("\t", "").replace("\n", ""))


def before_number(text: str, end: int) -> int:
    """Return where a text is cut that has room for `end` characters: a number is left out whole, never cut."""
    line = text[max(0, end - _AROUND) : end + _AROUND]
    start = max(0, end - _AROUND)
    broken = (one.start() for one in _NUMBER.finditer(line) if one.start() < end - start < one.end())
    return start + next(broken, end - start)


def one_line(text: str, limit: int = 400) -> str:
    """Return text for a list: `plain`, line feeds as ⏎, and at most `limit` characters, the cut shown as …."""
    if len(text) > limit:
        text = text[: before_number(text, limit - 1)] + "…"
    return plain(text.strip("\n")).replace("\n", " ⏎ ")

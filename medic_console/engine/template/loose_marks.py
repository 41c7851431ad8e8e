"""Marks of thoughts at the beginning of a text that are not written as in the table of known forms.

Texts from files were printed by other programs: with the turn's own head before the mark (`<|im_start|>assistant`, a
code fence, `**`), in another case (`<THINK>`), in brackets of another kind (`[think]`, `&lt;think&gt;`), or with a name
that prompts ask for (`<scratchpad>`, `<analysis>`). What such a mark opens is no answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_LEAD = re.compile(
    r"(?:[\s\ufeff\u200b*_`>#\"']|```[a-z]{0,12}\n|</?s>|<bos>|<start_of_turn>|<\|turn>|<\|[a-z_]{1,30}\|>"
    r"|\b(?:assistant|model|ai|bot|response|output)\b\s*:?(?=\s*(?:\*|<|\[|`|&lt;|◁)))",
    re.IGNORECASE,
)
_NAME = (
    r"(?P<name>[a-z0-9_.:-]{0,24}(?:think|thought|reason|scratch_?pad|reflect|ponder|monologue|deliberat)[a-z_:.-]{0,16}"
    r"|analysis|cot|chain_of_thoughts?)"
)
_OPENING = re.compile(rf"(?:<|&lt;)\s*\|?\s*(?!/){_NAME}(?:\s[^<>]{{0,80}}?)?\s*\|?\s*(?:>|&gt;)", re.IGNORECASE)
_SQUARE = re.compile(r"\[\s*(?!/)(?P<name>think(?:ing)?|thoughts?|reason(?:ing)?|scratch_?pad)\s*\]", re.IGNORECASE)
_MARK = re.compile(r"<\|?[A-Za-z][\w:.-]{1,30}\|?>|\[[A-Z][A-Z_]{2,30}\](?!\()")
_PLAIN = re.compile(
    r"<\|?(?:(?:final_?)?(?:answer|response|output|result|choice|option|ans)|sql|query|code|json|xml|html|body|pre|div"
    r"|span|strong|em|br|ul|ol|li|table|tr|td|h[1-6]|eos|bos|pad|im_end|end|eot_id|end_of_turn|endoftext)\|?>",
    re.IGNORECASE,
)
"""Marks that set an answer, or nothing, apart."""
_MOST = 20
"""Parts of a turn's head, or blocks of thoughts, that are looked at."""


class Loose(NamedTuple):
    """Where thoughts stand at the beginning of a text, and where what follows them begins; below 0: never closed."""

    start: int
    end: int
    behind: int


def leads(text: str) -> Iterator[int]:
    """Yield the places at which a text may begin, behind ever more of what is the head of a turn."""
    place = 0
    for _ in range(_MOST):
        yield place
        part = _LEAD.match(text, place)
        if part is None:
            return
        place = part.end()
        while (space := _LEAD.match(text, place)) and len(space[0]) == 1:
            place = space.end()


def loose_thoughts(text: str, place: int) -> Loose | None:
    """Return the thoughts that a mark at `place` opens; None where none stands there."""
    opening = _OPENING.match(text, place) or _SQUARE.match(text, place)
    if opening is None:
        return None
    begun = opening["name"].casefold()
    name = begun.replace("begin_of", "end_of").replace("start", "end")
    slash = "" if name != begun else r"/\s*"
    closing = re.compile(rf"(?:<|&lt;|\[)\s*\|?\s*{slash}{re.escape(name)}\s*\|?\s*(?:>|&gt;|\])", re.IGNORECASE)
    closed = closing.search(text, opening.end())
    if closed is None:
        return Loose(opening.end(), len(text), -1)
    return Loose(opening.end(), closed.start(), closed.end())


def unknown_mark(text: str) -> str:
    """Return the mark that a text begins with where it is not known to set thoughts or an answer apart; else empty."""
    for place in leads(text):
        mark = _MARK.match(text, place)
        if mark and not _PLAIN.fullmatch(mark[0]) and not loose_thoughts(text, place):
            return mark[0]
    return ""

"""Values that a plain text names and does not give: denied, doubted, supposed, taken back, or cut from a longer one.

They are blotted out before an answer is looked for, so that no reader can take them: "not 7", "5 (wrong)", "7?",
"7 if he smoked, else 5", "3 (or 4 ...)", "not computable (creatinine 1.2 is missing)", "1 h 30 min", "1.2 million".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from medic_console.scoring.answers.numerals import Token
from medic_console.scoring.answers.stated_cues import BLOT

_FLAGS = re.IGNORECASE | re.VERBOSE
_DENIED = re.compile(
    r"""
    (?:\b(?:not|never|neither|nor|cannot|anything\s+but|anything\s+except|other\s+than|rather\s+than|instead\s+of|else
        |otherwise)|n't|≠|\\neq?|\\not|!=)
    \s*(?:(?:an?|the|just|simply|exactly|equal|to|be|equals?|really|quite|even|about|approximately|actually|is|it's
        |give|gives|given|by|score|scored|has|have|exceed)\b\s*){0,3} ["'(\[{]*\s*\Z
    """,
    _FLAGS,
)
_DENIES = re.compile(
    r"\b(?:not|never|neither|nor|cannot|anything|other|rather|instead|else|otherwise)\b|n't|≠|!=|\\", re.I
)
"""Is in every text in which `_DENIED` is found."""
_FUNCTION = re.compile(
    r"""
    (?: \b(?:sqrt|log(?:10|2)?|ln|exp|a?(?:sin|cos|tan)|cot|sec|csc|abs|round|floor|ceil|max|min|cbrt)\s*[({][^(){}=\n]*
      | \\(?!f?boxed|text|math)[a-zA-Z]+\s*[({]?
    ) \s*\Z
    """,
    _FLAGS,
)
_WRONG = (
    r"(?:wrong|incorrect|false|mistaken|inaccurate|erroneous|invalid|impossible|implausible|untrue|a\s+(?:mistake|guess)"
    r"|an?\s+error|not\s+(?:\w+\s+)?(?:correct|right|true|accurate|valid|possible|plausible|it|the\s+(?:answer|case)))\b"
)
_UNIT = r"(?:\s?[A-Za-zµμ%°/²³^*.·]{1,8}[0-9²³]?(?<![.]))?"
_DOUBTED = re.compile(
    rf"""
    {_UNIT}\s{{0,4}} (?: \?
      | [(\[]\s*(?:{_WRONG}|no\b|maybe\b|perhaps\b|\?)
      | (?:,\s*which\s+)?(?:is|was|would\s+be|seems|looks|must\s+be)\s+(?:\w+\s+)?{_WRONG}
      | (?:isn't|wasn't|cannot\s+be|can't\s+be|(?:is|was)\s+not)\s+(?:\w+\s+)?(?:correct|right|true|accurate|valid)\b
      | [.,;:!–—-]{{0,3}}\s{{0,4}}(?:(?:but|no|however)[\s,]+)*
        (?:this|that|it|which|(?:the|my|this|that)\s+(?:answer|value|result))
        (?:\s+(?:is|was|seems|looks)|'s)\s+(?:\w+\s+)?{_WRONG}
      | [.!]\s*(?:no|nope|wrong|incorrect|false|just\s+kidding|not\s+really)\s*[.!]?\s*\Z
      | ,?\s{{0,4}}(?:if|unless)\s(?!\s*(?:rounded|you|we\s+round|expressed|needed))
    )
    """,
    _FLAGS,
)
_OR_ELSE = re.compile(
    rf"{_UNIT}\s*(?:[,;]\s*)?(?:[(\[]\s*or|(?:and\s+)?then|before|after|at\s+first|initially|without|prior\s+to)\b"
    r"[^.!?\n]{0,40}\Z",
    _FLAGS,
)
"""Between two values of which either may be meant."""
_SCALE = re.compile(r"[\s-]?(?:hundred|thousand|million|billion|trillion|lakh|crore|dozen)s?\b|[Oo]\b", re.IGNORECASE)
"""Behind digits that are not all of a value."""
_COMPOUND = re.compile(
    r"""
    (?<![\w.]) [0-9][0-9.,]{0,12} \s? (?:h|hrs?|hours?|ft|feet|foot|lbs?|pounds?|kg|years?|yrs?|min|minutes?
        |'(?![0-9]{3}))
    \s?,?\s?(?:and\s)? [0-9][0-9.,]{0,12} \s? (?:mins?|minutes?|in|inch(?:es)?|oz|ounces?|g|s|secs?
        |seconds?|months?|days?|\") (?!\w)
    """,
    _FLAGS,
)
_REFUSAL = re.compile(
    r"""
    (?:^|[.:!?]\s|\bis\s|\banswer\s) [\s\W]{0,6}
    (?:(?:it|this|that|(?:the|an?)\s+\w+(?:\s+\w+)?)\s+)?(?:(?:is|are|was|were)\s+)?
    (?:cannot|can't|could\s+not|unable|impossible|unknown|insufficient|uncertain|unclear|undetermined|indeterminate|n/a\b
      |none\b|null\b|missing|not\s+(?:possible|enough|given|available|provided|computable|known|calculable|applicable
      |determinable|determined|calculated|calculate|computed|reported|sufficient))
    (?P<rest>(?:[^.!?\n]|[.!?](?!\s+["'(]?[A-Z]|\s*\n|\s*\Z))*)
    """,
    _FLAGS | re.MULTILINE,
)
_STILL = re.compile(
    r"\b(?:so|but|however|yet|assum\w+|therefore|thus|hence|using|answer|estimat\w+|approximat\w+|is|=)\b|=", re.I
)
"""Behind a refusal: a value is given all the same."""
_DAY_FIRST = re.compile(r"\bDD\s*[/.-]\s*MM\b")
_NEAR = 60


def disclaimed(text: str, tokens: list[Token]) -> str:
    """Return a text of the same length in which the values that it does not give are blotted out.

    Args:
        text: Plain.
        tokens: Its values, in order.
    """
    denies = bool(_DENIES.search(text))
    spans = [(match.start("rest"), match.end("rest")) for match in _REFUSAL.finditer(text)]
    places = {
        (token.start, token.end) for token in tokens if _is_denied(text, token, denies) or _refused(text, token, spans)
    }
    places |= set(_either(text, tokens))
    places |= {match.span() for match in _COMPOUND.finditer(text)}
    if _DAY_FIRST.search(text):
        places |= {(token.start, token.end) for token in tokens if "/" in text[token.start : token.end]}
    shown = list(text)
    for start, end in places:
        shown[start:end] = BLOT * (end - start)
    return "".join(shown)


def _is_denied(text: str, token: Token, denies: bool) -> bool:
    lead = re.split(r"[.!?;:,\n](?=\s)", text[max(0, token.start - _NEAR) : token.start])[-1]
    return bool(
        (denies and _DENIED.search(lead))
        or _FUNCTION.search(lead)
        or _DOUBTED.match(text, token.end)
        or _SCALE.match(text, token.end)
    )


def _refused(text: str, token: Token, spans: list[tuple[int, int]]) -> bool:
    return any(start <= token.start < end and not _STILL.search(text, start, token.start) for start, end in spans)


def _either(text: str, tokens: list[Token]) -> Iterator[tuple[int, int]]:
    """Yield the places of values that stand in pairs of which either may be meant."""
    for one, other in pairwise(tokens):
        gap = text[one.end : other.start]
        if len(gap) <= _NEAR and one.value != other.value and _OR_ELSE.match(gap):
            yield one.start, one.end
            yield other.start, other.end

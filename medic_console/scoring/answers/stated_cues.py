"""The words by which `stated` tells an answer from other values in a plain text."""

from __future__ import annotations

import re

_FLAGS = re.IGNORECASE | re.VERBOSE

BLOT = "☒"
"""Stands for a figure of a value that the text itself does not give (`disclaimed`)."""

BREAK = re.compile(
    r"""
    (?P<sentence>\n | [.!?](?=\s+["'(]?[A-Z] | \s*\Z)) | [;|] | \s—\s | ,(?=\s | \Z)
    | \b(?=(?:which|where|while|whereas|because|since|based[ ]on|using|given|compared|but|so|thus|therefore|hence|with
        |giving|resulting|leading|yielding|totaling|corresponding|indicating)\b)
    """,
    re.VERBOSE,
)
"""What parts clauses; the group `sentence` parts sentences too."""
SENTENCE = re.compile(r"\n|(?<=[.!?])\s+(?=[\"'(]?[A-Z])")
EQUALS = re.compile(r"(?<![<>!])=|≈|⇒|\bequals\b")
_FILLER = r"""
    (?:\s*(?:
        us|me|now|then|so|hence|thus|therefore|also|just|only|simply|exactly|nearly|approximately|approx\.?|about|around
        |roughly|ca\.?|an?|equal\s+to|calculated\s+(?:as|to\s+be)|estimated\s+(?:at|to\s+be)|[≈:"'(\[{]
    ))*\s*\Z
"""
INTRODUCES = re.compile(
    rf"""
    (?: \A | [:=≈⇒]
      | \b(?:is|was|be|equals|becomes|comes\s+to|gives|gets|giving|yields|yielding|rounds\s+to|rounded\s+to
          |results?\s+in|resulting\s+in|leading\s+to|totall?ing)\b
    ) {_FILLER}
    """,
    _FLAGS,
)
"""Ends the words before a value that is said to be the answer."""
NAMES = re.compile(rf"\b(?:total|sum|score|result|value)(?:\s+of)?{_FILLER}", _FLAGS)
"""Ends the words before a value that most likely is the answer."""
CONCLUDES = re.compile(
    r"""
    \W*(?:and\s+)?(?:so|thus|therefore|hence|giving|resulting|leading|yielding|totall?ing|rounding|(?:the\s+)?total
        |which\s+(?:gives|rounds|is\s+about))\b
    """,
    _FLAGS,
)
"""Begins a clause that draws a conclusion."""
GIVES = re.compile(r"\b(?:gives|gave|yields|results?\s+in|totals?|rounds|rounded)\b", re.IGNORECASE)
REFERENCE = re.compile(
    r"\b(?:normal|reference|range|limits?|threshold|cut-?off|average|typical|healthy|desirable)\b", re.IGNORECASE
)
"""Is in a clause about what others have."""
SOURCE = re.compile(r"\W*(?:counted|calculated|starting|based\s+on|compared|from)\b", re.IGNORECASE)
"""Begins a clause about what the answer was made of."""
REFUSES = re.compile(
    rf"""
    {BLOT} | \b(?:cannot|can't|could\s+not|unable|impossible|unknown|insufficient|uncertain|unclear|unsure|don't\s+know
        |undetermined|indeterminate|missing|n/a
        |not\s+(?:possible|enough|given|available|provided|computable|sure|known))\b
    """,
    _FLAGS,
)
WORDED = re.compile(
    r"""
    \b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|remains?|unchanged|the\s+same|measured\s+value)\b
    """,
    _FLAGS,
)
"""Says a value without digits."""
AMOUNTS_TO = re.compile(r"\b(?:correspond|equivalent|translat|convert)", re.IGNORECASE)
"""Between two values: either may be the answer."""
_UNIT = r"""
    \s*(?:(?!(?:due|relative|close|similar|according|leads?|refers?|adds?)\b)
        [A-Za-zµμ%°]{1,7}(?:[/^.×-][A-Za-z0-9µμ^]+)*\s*){0,2}?
"""
UNIT = re.compile(rf"{_UNIT}\s*", re.VERBOSE)
RANGE = re.compile(rf"{_UNIT}(?:-|—|\b(?:to|through|until)\b)\s*(?:≈|about)?\s*", _FLAGS)
"""Between the ends of a range."""
BETWEEN = re.compile(r"\bbetween\s*\Z", re.IGNORECASE)
JOINS = re.compile(
    rf"""
    {_UNIT}(?:[/:,×x+÷^]|\b(?:or|and|vs\.?|versus|minus|plus|times|divided\s+by)\b)\s*(?:≈|about)?\s*
    | \s*['’-]?\s*
    """,
    _FLAGS,
)
"""Between two values of which none stands alone."""
TOLERANCE = re.compile(rf"{_UNIT}±\s*", re.VERBOSE)
OUT_OF = re.compile(
    r"""
    \s*(?:points?\s*|criteria\s*)?(?:out\s+of|of)(?:\s+an?|\s+the)?(?:\s+(?:total|possible|maximum)(?:\s+of)?)?\s*
    """,
    _FLAGS,
)
LIMIT_BEFORE = re.compile(
    r"""
    (?: [<>≤≥]
      | \b(?:(?:less|more|greater|lower|higher|smaller|larger|fewer)\s+than(?:\s+or\s+equal\s+to)?|at\s+least|at\s+most
          |above|below|under|over|exceed(?:s|ing)?|up\s+to|minimum\s+of|maximum\s+of|within)
    ) \s*(?:about|≈)?\s*\Z
    """,
    _FLAGS,
)
LIMIT_BEHIND = re.compile(
    r"""
    \s*(?:[A-Za-z/%]+\s+)?(?:or|and)\s+(?:more|less|above|below|higher|lower|greater|over|under|fewer)\b
    | \+(?!\s?[0-9])
    """,
    _FLAGS,
)
LISTS = re.compile(r"\W*(?:or|and|alternatively|then)?\s*(?:about|approximately)?\W*", re.IGNORECASE)
"""All that stands in a clause before the next value of a list."""
FIRST_OF_LIST = re.compile(r"(?m)^[ \t]*1[.)][ \t]")
LIST_MARK = re.compile(r"(?m)^[ \t]*[0-9]{1,2}[.)][ \t]")
FINAL = re.compile(
    r"\b(?:final|overall)\s+\w+(?:\s+\w+)?\s+(?:is|equals|comes\s+to|(?:would|will|should)(?:\s+\w+)?\s+be)\b",
    re.IGNORECASE,
)
"""Says that its value is the end of all."""
CONCLUDING = re.compile(
    r"\b(?:therefore|thus|hence|so|final(?:ly)?|overall|total(?:s|ing)?|sum|score|result(?:s|ing)?|answer|conclusion|is|are"
    r"|be|equals?|becomes|gives|giving|yields?|yielding|get|obtain|comes|rounds?|rounded|rounding|estimated|calculated"
    r"|computed|correct(?:ed)?)\b|[=≈⇒]|'s\b",
    re.IGNORECASE,
)
"""Before a value: words of a sentence that concludes with it."""
ASIDE = re.compile(
    r"\W*(?:note|nb|n\.b|remark|hope|reference|references|source|sources|please|remember|disclaimer|p\.?s|for\s+reference"
    r"|(?:the\s+)?(?:normal|reference|typical|healthy|usual)\b|caution|caveat|(?:for\s+)?comparison)\b",
    re.IGNORECASE,
)
"""Begins a sentence beside the point."""
STATES = re.compile(r"\b(?:is|was|are|be|equals?|therefore|thus|hence|final|total|answer)\b|:\s{0,4}\Z", re.IGNORECASE)
"""Before a value: words, or a colon, that give it."""

"""Read a MedCalc answer: a decimal, an integer, a date, or weeks and days.

The forms of values follow MedCalc-Bench's own script (ncbi-nlp/MedCalc-Bench, `evaluation/run.py`, `extract_answer`):
a percentage is a fraction, "3 out of 5" is 3. That script reads JSON alone and takes the last number in it. Here more
is read, so that a right answer is not lost by the words around it:

- "Answer: 25.2 (normal 10-20)", "25.2, stage 3" and "25.2 per 24 hours" are 25.2; the official script reads 20, 3, 24.
- Where the question asks for a percentage (FENa), "0.5 %" is 0.5; the official script reads 0.005 and finds it wrong.
- Thousands, 1.2 × 10^3, "1.2 percent", dates in other forms, "12+3 weeks" and texts without JSON are read.

Read is less than there where no one value is meant: ranges, limits ("> 60"), lists (there replaced by their length),
two answers without a word of correction, expressions (nothing is evaluated). Such an answer is unreadable.
"""

from __future__ import annotations

import re
from typing import Any

from medic_console.core.records import Answer, Item, NoAnswer, Reason
from medic_console.scoring.answers.claims import corrections
from medic_console.scoring.answers.dates import dates
from medic_console.scoring.answers.disclaimed import disclaimed
from medic_console.scoring.answers.gestation import weeks_days
from medic_console.scoring.answers.marked import Mark, marks
from medic_console.scoring.answers.numerals import Token
from medic_console.scoring.answers.parts import counted, parts_behind, total_of
from medic_console.scoring.answers.registry import answer_reader
from medic_console.scoring.answers.roles import answers
from medic_console.scoring.answers.signs import plain
from medic_console.scoring.answers.stated import UNCLEAR, Finder, concluded, refuses, stated

_PERCENTAGE = re.compile(r"\bpercent(?:age)?\b", re.IGNORECASE)
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_WORD = re.compile(rf"\W*(?:(?:a\s+)?score\s+of\s+)?({'|'.join(_WORDS)})(?:\s+points?)?\s*(?:[.,;(]|\Z)", re.IGNORECASE)
_PUT = re.compile(
    r"[\s,.:;!…—–-]*(?:(?:no|and|so|that|but|the|my|correct(?:ed)?|right|true|actual|new|final|revised|answer|value|result"
    r"|score|total|it|is|it's|was|be|should|must|I|meant|mean|make|to|now)[\s,:]+)*(?=[-+.]?[0-9(])",
    re.IGNORECASE,
)
"""Between what takes an answer back and the value that it puts there."""
_MISSING = {"date": "no date as MM/DD/YYYY", "weeks_days": "no weeks and days"}


@answer_reader("number")
def read_number(text: str, item: Item) -> Answer | NoAnswer:
    """Return the number, date or duration that the text gives.

    The last marked answer decides ("Answer: ...", a JSON `"answer"`, a box, "the answer is"), without any the last
    sentence that has a value. Values: decimal and integer a JSON number (integers are rounded by the scorer, not
    here), date "MM/DD/YYYY", weeks_days `[weeks, days]`.

    Args:
        text: Not blank.
        item: `fields["output_type"]` is decimal, integer, date or weeks_days; where `fields["question"]` asks for a
            percentage, "5 %" is 5, else 0.05.
    """
    kind = str(item.fields["output_type"])
    find, shown = _finder(kind, item), plain(text)
    found = _answer(disclaimed(shown, find(shown)), find, points=kind == "integer")
    if len(found) != 1 or found[0] is None:
        why = "several values could be meant" if found else _MISSING.get(kind, "no number")
        return NoAnswer(Reason.UNREADABLE, why)
    (value,) = found
    if kind == "date":
        return Answer(value, value)
    if kind == "weeks_days":
        return Answer(list(value), f"({value[0]} weeks, {value[1]} days)")
    number = int(value) if value.is_integer() and abs(value) < 1e15 else value
    return Answer(number, repr(number))


def _finder(kind: str, item: Item) -> Finder:
    if kind == "date":
        return dates
    if kind == "weeks_days":
        return weeks_days
    as_fraction = kind == "decimal" and not _PERCENTAGE.search(str(item.fields.get("question", "")))

    def found(text: str) -> list[Token]:
        return [
            Token(token.start, token.end, token.value / 100)
            if as_fraction and token.percent and token.value is not None
            else token
            for token in answers(text)
        ]

    return found


def _answer(text: str, find: Finder, points: bool) -> tuple[Any, ...]:
    """Return the one value that the text gives, none, or several that could be meant."""
    told: list[tuple[Any, ...]] = []
    last = 0
    given = marks(text)
    for mark in given:
        if mark.denied:
            continue
        value = _marked(text, mark, find, points)
        if not mark.formal and not value and told and not refuses(mark.text):
            continue
        earlier = [other for other in told if other]
        if not mark.formal and earlier and earlier[-1] != value and not mark.corrects:
            value = UNCLEAR
        told.append(value)
        last = mark.start
    if (given and not told) or (not given and counted(text)):
        return UNCLEAR
    value = told[-1] if told else concluded(text, find, points)
    return _corrected(text[last:], value, find, points)


def _marked(text: str, mark: Mark, find: Finder, points: bool) -> tuple[Any, ...]:
    """Return the value of one mark; of a list of parts their total."""
    parts = parts_behind(text, mark)
    if parts:
        total = total_of(parts)
        return stated(total, find, points) if total else UNCLEAR
    return stated(mark.text, find, points) or (_word(mark.text) if points else ())


def _corrected(text: str, value: tuple[Any, ...], find: Finder, points: bool) -> tuple[Any, ...]:
    """Return the value that stands after what takes an answer back.

    Args:
        text: From the answer on.
        value: What was read so far: it stays where nothing takes it back, or what follows gives it again.
    """
    places = corrections(text)
    if not value or not places or not any(token.start < places[-1] for token in find(text)):
        return value
    behind = text[places[-1] :]
    put = concluded(behind, find, points)
    alone = _PUT.match(behind)
    first = stated(f":{behind[alone.end() :]}", find, points) if alone else ()
    if put == value or (first == put and len(first) == 1):
        return put
    return UNCLEAR


def _word(text: str) -> tuple[float, ...]:
    match = _WORD.match(text)
    return (float(_WORDS.index(match[1].lower())),) if match else ()

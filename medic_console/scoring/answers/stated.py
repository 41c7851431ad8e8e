"""Choose the value that a plain text states, where other values stand beside it.

A text is taken apart into clauses; what stands in brackets counts only where nothing stands outside. Ranges and limits
("5 to 10", "above 60") are no values. Where more than one value could be meant there is none.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from medic_console.scoring.answers import stated_cues
from medic_console.scoring.answers.numerals import Token

Finder = Callable[[str], list[Token]]
"""Returns the values of a plain text with their places, in order."""

UNCLEAR = (None, None)
"""Stands for a value that cannot be told from others."""

_NEAR = 80
"""Characters before or between values that tell what they are."""
_ALONE = 4
"""Words of a line that is nothing but its value."""
_SHORT = 8
"""Words of a sentence that says little more than its value."""


@dataclass(frozen=True, slots=True)
class _Clause:
    """A part of a text with its values outside of brackets, and the number of its sentence."""

    start: int
    end: int
    tokens: tuple[Token, ...]
    sentence: int


def stated(text: str, find: Finder, points: bool = False) -> tuple[Any, ...]:
    """Return the value that a text which states an answer gives: empty without one, UNCLEAR where more could be meant.

    It is that of the first clause that has one. A second value in a list, one behind "so" and one beside a value that
    nothing introduces make it unclear.

    Args:
        text: Plain; what stands behind "Answer:".
        find: Finds the values of the kind that is asked for.
        points: The value is a count of points, so that "4/9" is 4.
    """
    text, clauses = _clauses(text, find(text))
    told = [(clause, *_value(text, clause, points)) for clause in clauses]
    told = [(clause, value, sure) for clause, value, sure in told if value]
    if not told:
        return ()
    first, found, introduced = told[0]
    for clause, value, sure in told[1:]:
        concludes = bool(stated_cues.CONCLUDES.match(text, clause.start))
        made_of = not sure and stated_cues.SOURCE.match(text, clause.start)
        if clause.sentence != first.sentence or value == found or made_of:
            continue
        if found == UNCLEAR and concludes:
            return value
        listed = clause is clauses[clauses.index(first) + 1] and bool(
            stated_cues.LISTS.fullmatch(_lead(text, clause.start, clause.tokens[0]))
        )
        if listed or concludes or not introduced:
            return UNCLEAR
    return found


def concluded(text: str, find: Finder, points: bool = False) -> tuple[Any, ...]:
    """Return the value with which a text without a stated answer ends, as `stated` does.

    It is that of the last sentence that has one, unless a later one says that there is none. A sentence that only
    mentions a value ("Note: 4 of ...", "Category: 2", "The LMP was ...") does not replace one that states another.
    """
    if stated_cues.FIRST_OF_LIST.search(text):
        text = stated_cues.LIST_MARK.sub(" ", text)
    in_brackets: tuple[Any, ...] = ()
    aside: tuple[Any, ...] = ()
    mentioned: tuple[Any, ...] = ()
    for sentence in reversed(stated_cues.SENTENCE.split(text)):
        tokens = find(sentence)
        found = _ending(sentence, tokens, points)
        if found and sentence.lstrip().startswith("("):
            aside = aside or found
        elif found and _all_in_brackets(sentence, tokens):
            in_brackets = in_brackets or found
        elif found and mentioned and stated_cues.FINAL.search(sentence):
            return found
        elif found and mentioned and found != mentioned and _rivals(sentence, tokens):
            return UNCLEAR
        elif found and not mentioned and _mentions(sentence, tokens):
            mentioned = found if in_brackets in ((), found) else UNCLEAR
        elif found and not mentioned:
            return found if in_brackets in ((), found) else UNCLEAR
        elif not mentioned and (
            stated_cues.REFUSES.search(sentence)
            or (stated_cues.CONCLUDES.match(sentence) and (tokens or stated_cues.WORDED.search(sentence)))
        ):
            return UNCLEAR
    return mentioned or in_brackets or aside


def _mentions(sentence: str, tokens: list[Token]) -> bool:
    """Tell whether a sentence may hold its value beside the point: nothing in it says that it concludes."""
    if stated_cues.CONCLUDING.search(sentence, 0, tokens[-1].start):
        return bool(stated_cues.ASIDE.match(sentence))
    alone = len(sentence.split()) <= _ALONE and not sentence[: tokens[0].start].strip(" \t-*•:")
    return not alone


def _rivals(sentence: str, tokens: list[Token]) -> bool:
    """Tell whether a sentence states a value so that a later one, which is only mentioned, cannot replace it."""
    return bool(stated_cues.STATES.search(sentence, 0, tokens[-1].start))


def _ending(sentence: str, tokens: list[Token], points: bool) -> tuple[Any, ...]:
    """Return the value that a sentence ends with; what it says of normal values is none."""
    plain, clauses = _clauses(sentence, tokens)
    told = []
    for clause in clauses:
        value, sure = _value(plain, clause, points, ranges=True)
        beside = stated_cues.REFERENCE.search(plain, clause.start, clause.end) or stated_cues.SOURCE.match(
            plain, clause.start
        )
        if value and (sure or not beside):
            told.append((clause, value, sure))
    return _conclusion(plain, told) if told else ()


def _conclusion(text: str, told: list[tuple[_Clause, tuple[Any, ...], bool]]) -> tuple[Any, ...]:
    """Return the value of a sentence's last clause, where something says that it is the conclusion."""
    last, value, sure = told[-1]
    lead = text[last.start : last.tokens[-1].start]
    if stated_cues.REFERENCE.search(lead):
        return UNCLEAR
    if any(other != value for _, other, _ in told):
        concludes = (
            stated_cues.CONCLUDES.match(text, last.start)
            or stated_cues.GIVES.search(lead)
            or stated_cues.NAMES.search(lead)
        )
        return value if concludes else UNCLEAR
    short = len(text.split()) <= _SHORT
    return value if sure or short or stated_cues.NAMES.search(lead) or stated_cues.CONCLUDES.match(text) else UNCLEAR


def refuses(text: str) -> bool:
    """Tell whether a text says that there is no answer."""
    return bool(stated_cues.REFUSES.search(text))


def _clauses(text: str, tokens: list[Token]) -> tuple[str, list[_Clause]]:
    """Return the clauses of the text, and the text: without its brackets where all values stand in some."""
    depths = list(_depths(text))
    if _all_in_brackets(text, tokens):
        inside = {place for token in tokens for place in range(token.start, token.end)}
        text = "".join(" " if c in "()[]{}" and n not in inside else c for n, c in enumerate(text))
        depths = [0] * len(text)
    spans = {place for token in tokens for place in range(token.start + 1, token.end)}
    outside = [token for token in tokens if not depths[token.start]]
    starts = [token.start for token in outside]
    clauses: list[_Clause] = []
    start = sentence = 0
    for end, ends_sentence in [*_breaks(text, depths, spans), (len(text), True)]:
        within = outside[bisect_left(starts, start) : bisect_left(starts, end)]
        clauses.append(_Clause(start, end, tuple(within), sentence))
        start, sentence = end, sentence + ends_sentence
    return text, clauses


def _breaks(text: str, depths: list[int], spans: set[int]) -> Iterator[tuple[int, bool]]:
    """Yield the places where a clause ends, outside of brackets and values, and whether its sentence does."""
    for match in stated_cues.BREAK.finditer(text):
        if match.start() not in spans and not depths[min(match.start(), len(text) - 1)]:
            yield match.start(), bool(match["sentence"])


def _all_in_brackets(text: str, tokens: list[Token]) -> bool:
    depths = list(_depths(text))
    return bool(tokens) and all(depths[token.start] for token in tokens)


def _depths(text: str) -> Iterator[int]:
    """Yield for each character in how many brackets it stands; a bracket itself stands outside."""
    depth = 0
    for character in text:
        if character in ")]}":
            depth = max(0, depth - 1)
        yield depth
        depth += character in "([{"


def _value(text: str, clause: _Clause, points: bool, ranges: bool = False) -> tuple[tuple[Any, ...], bool]:
    """Return a clause's value as `stated` does, and whether something introduces it.

    Args:
        ranges: A range that is introduced is an unclear value, not none.
    """
    start, tokens = clause.start, list(clause.tokens)
    signs = [m for m in stated_cues.EQUALS.finditer(text, start, clause.end) if tokens and tokens[-1].start >= m.end()]
    if signs:
        sign = signs[-1]
        left, tokens = [t for t in tokens if t.end <= sign.start()], [t for t in tokens if t.start >= sign.end()]
        if sign[0] == "=" and len(left) == 1 and left[0].value != tokens[0].value:
            alone = stated_cues.UNIT.fullmatch(text, left[0].end, sign.start())
            if alone and stated_cues.INTRODUCES.search(text[start : left[0].start]):
                return UNCLEAR, True
        start = sign.start()
    kept, unclear = _single(text, start, tokens, points)
    if any(stated_cues.AMOUNTS_TO.search(text, one.end, other.start) for one, other in pairwise(kept)):
        return UNCLEAR, True
    for introduction in (stated_cues.INTRODUCES, stated_cues.NAMES):
        values = {token.value for token in kept if introduction.search(_lead(text, start, token))}
        if values:
            return (
                tuple(values) if len(values) == 1 and None not in values else UNCLEAR
            ), introduction is stated_cues.INTRODUCES
    if len(kept) == 1 and not unclear and kept[0].value is not None:
        return (kept[0].value,), False
    if ranges and tokens and not kept and stated_cues.INTRODUCES.search(_lead(text, start, tokens[0])):
        return UNCLEAR, True
    return (UNCLEAR if kept or unclear else ()), False


def _single(text: str, start: int, tokens: list[Token], points: bool) -> tuple[list[Token], bool]:
    """Return the values that stand for themselves, and whether some are joined by "or", a sign or nothing."""
    unclear = False
    dropped = {n for n, token in enumerate(tokens) if _is_limit(text, start, token)}
    for n, (token, following) in enumerate(pairwise(tokens)):
        gap = text[token.end : following.start]
        if len(gap) > _NEAR:
            continue
        of_total = stated_cues.OUT_OF.fullmatch(gap) or (points and gap.strip() == "/")
        if stated_cues.TOLERANCE.fullmatch(gap) or (of_total and (points or following.value != 100)):
            dropped.add(n + 1)
        elif stated_cues.RANGE.fullmatch(gap) or stated_cues.BETWEEN.search(_lead(text, start, token)):
            dropped |= {n, n + 1}
        elif of_total or stated_cues.JOINS.fullmatch(gap):
            dropped |= {n, n + 1}
            unclear = True
    return [token for n, token in enumerate(tokens) if n not in dropped], unclear


def _is_limit(text: str, start: int, token: Token) -> bool:
    return bool(
        stated_cues.LIMIT_BEFORE.search(_lead(text, start, token)) or stated_cues.LIMIT_BEHIND.match(text, token.end)
    )


def _lead(text: str, start: int, token: Token) -> str:
    """Return the words before a value, from the clause's start or, where that is far, from behind a mark."""
    near = token.start - _NEAR
    return text[start : token.start] if near <= start else f"\0{text[near : token.start]}"

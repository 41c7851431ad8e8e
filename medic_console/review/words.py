"""What a queue's decisions say, as sentences: the command line prints them, the console shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from medic_console.core.units import count
from medic_console.review.report import Report
from medic_console.statistics import words
from medic_console.statistics.bounds import percent_up
from medic_console.statistics.raters import ManyRaters, TwoRaters
from medic_console.statistics.shares import Share


def sentences(name: str, found: Report, names: Mapping[str, str]) -> Iterator[str]:
    """Yield what a queue's decisions say.

    Args:
        name: Of the queue.
        found: What was made of its decisions.
        names: Of the models, by sha256.
    """
    yield (
        f"Queue {name}: {found.decided} of {found.cards} cards decided, {found.settled} settled, {found.open} open; "
        f"{count(found.changed, 'answer')} changed after the judge's was seen."
    )
    if not found.decided:
        yield "Nobody has decided a card yet: nothing can be claimed."
        return
    if found.lacking:
        parts = [f"{number} without a {part}" for part, number in found.lacking_parts.items() if number]
        yield f"{count(found.lacking, 'answer')} incomplete: {', '.join(parts)}."
    for kind, precision in found.precision.items():
        also = found.found[kind]
        yield f"{kind}: {_told(precision)} confirmed; {_told(also)} speak against the text in some way."
    if found.missed.n:
        yield f"controls: {_told(found.missed)} are findings that the judge missed."
    yield from readers(found)
    yield f"Judge and right answers on these cards, which were drawn by what it said: {_rated(found.judge)}"
    yield claim(found)
    for rate in found.rates:
        value, low, high = rate.reviewed.value, rate.reviewed.low, rate.reviewed.high
        reviewed = (
            "no figure yet, not every kind of answer was reviewed"
            if value is None or low is None or high is None
            else f"reviewed {words.number(100 * value)} % {words.ends(100 * low, 100 * high)}"
        )
        yield (
            f"{names.get(rate.candidate, rate.candidate)}: questions that speak against its texts: "
            f"raw {words.number(100 * rate.raw)} %, {reviewed}; {rate.cards} of {rate.questions:,} reviewed."
        )
    if found.rates_note:
        yield f"{found.rates_note[0].upper()}{found.rates_note[1:]}."
    yield from _small(found)


def _small(found: Report) -> Iterator[str]:
    if any(found.severities.values()):
        yield "Severity: " + ", ".join(f"{number} {name}" for name, number in found.severities.items()) + "."
    if found.reasons:
        yield "Reasons for differing: " + ", ".join(f"{number} {name}" for name, number in found.reasons.items()) + "."
    yield from blocks(found)


def readers(found: Report) -> Iterator[str]:
    """Yield how far readers agree, two by two and all together."""
    for (one, other), rated in found.readers.items():
        yield f"{one} and {other}: {_rated(rated)}"
    if len(found.readers) > 1:
        yield f"All readers: {_together(found.together)}"


def counts(found: Report) -> Iterator[str]:
    """Yield how many cards have which answer of the judge and which right one, by kind: the heat map in words."""
    for (kind, said, answer), number in sorted(found.confusion.items()):
        yield f"{kind}: judge {said}, right {answer}: {number}"


def claim(found: Report) -> str:
    """Return which share of wrong findings is excluded now, or why none is."""
    if found.bound is None:
        return f"Bound: {found.bound_note}."
    return f"Findings not confirmed: below {percent_up(found.bound)} % at 95 % ({found.bound_note})."


def blocks(found: Report) -> Iterator[str]:
    """Yield the pace and the agreement with the judge of each reader, some cards after the others."""
    for block in found.blocks:
        yield (
            f"{block.reviewer}, {block.cards:,} card{'' if block.cards == 1 else 's'}: "
            f"{words.number(block.seconds)} s a card, {words.number(100 * block.agreement, 0)} % as the judge"
        )


def _told(one: Share) -> str:
    if one.value is None or one.low is None or one.high is None:
        return "0 of 0"
    ends = words.ends(100 * one.low, 100 * one.high, 0)
    return f"{one.hits:,} of {one.n:,} ({words.number(100 * one.value, 0)} % {ends})"


def _rated(rated: TwoRaters) -> str:
    if rated.observed is None or rated.pabak is None or rated.ac1 is None:
        return rated.undefined
    kappa = rated.undefined
    if rated.kappa is not None:
        kappa = _within(rated.kappa, rated.low, rated.high)
    alike = f"{words.number(100 * rated.observed, 0)} % alike of {rated.n:,}"
    pabak, ac1 = _within(rated.pabak, *(rated.pabak_ends or ())), _within(rated.ac1, *(rated.ac1_ends or ()))
    return f"{alike}; kappa {kappa}; PABAK {pabak}; AC1 {ac1}."


def _together(rated: ManyRaters) -> str:
    kappa = rated.undefined if rated.kappa is None else _within(rated.kappa, rated.low, rated.high)
    return f"Fleiss' kappa {kappa}, of {count(rated.n, 'card')} that two or more read."


def _within(value: float, low: float | None = None, high: float | None = None) -> str:
    return f"{words.number(value, 2)} {words.ends(low, high, 2)}".rstrip()

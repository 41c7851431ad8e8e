"""Draw a queue: a sample of findings by kind and model, with controls mixed in. The same seed draws the same cards."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from medic_console.archive.reviews import CardRow
from medic_console.core.errors import UsageError
from medic_console.review.questions import CONTROL, KINDS, MATCH, Question
from medic_console.review.reader import ReviewReader, Texts

RANDOM, RISK, IMPORTED = "random", "risk", "imported"
ORDERS = (RANDOM, RISK)
"""That a queue can be drawn in; an imported one was drawn by nobody here."""
_RISKS: Mapping[str, int] = MappingProxyType(
    {"contradiction": 3, "contradicted by source": 3, "hallucination": 3, "verdict": 2, "omission": 2, CONTROL: 1}
)
"""How much harm is to be feared of a kind, relative to the others."""
_UNWEIGHED = 0.5
"""Uncertainty of an answer without a probability."""
Stratum = tuple[str, str]
"""Kind and candidate."""


@dataclass(frozen=True, slots=True)
class Design:
    """What a queue is to be.

    Attributes:
        tasks: All when empty.
        kinds: Of findings; all when empty.
        number: Findings to be drawn; None takes all.
        controls: Percent of the findings' number that is added in answers as they were expected.
        order: `random`, `risk` (kind times uncertainty, the greatest first) or `imported`.
        second: Percent of the cards that a second reader is to see.
        blind: Model and judge are hidden.
    """

    runs: tuple[str, ...]
    tasks: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    number: int | None = None
    seed: int = 0
    controls: float = 0.0
    order: str = RANDOM
    second: float = 0.0
    blind: bool = True


@dataclass(slots=True)
class Drawn:
    """A queue before it is stored.

    Attributes:
        frame: Questions of each stratum, drawn or not.
        drawn: Those that were drawn.
    """

    design: Design
    questions: tuple[Question, ...]
    frame: Mapping[Stratum, int]
    drawn: Mapping[Stratum, int]
    record: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        strata = [
            {"kind": kind, "candidate": candidate, "frame": size, "drawn": self.drawn.get((kind, candidate), 0)}
            for (kind, candidate), size in sorted(self.frame.items())
        ]
        self.record = {**asdict(self.design), "strata": strata}


def draw(design: Design, questions: Iterable[Question]) -> Drawn:
    """Draw the cards of a queue, stratified by kind and model; strata have shares in proportion to their sizes.

    Raises:
        UsageError: A part of the design is impossible, or there is nothing to draw.
    """
    _check(design)
    strata: dict[Stratum, list[Question]] = {}
    for one in questions:
        if one.kind == CONTROL or not design.kinds or one.kind in design.kinds:
            strata.setdefault((one.kind, one.candidate), []).append(one)
    findings = {key: len(found) for key, found in strata.items() if key[0] != CONTROL}
    controls = {key: len(found) for key, found in strata.items() if key[0] == CONTROL}
    total = sum(findings.values())
    number = total if design.number is None else min(design.number, total)
    extra = min(round(max(number, design.number or 0) * design.controls / 100), sum(controls.values()))
    shares = {**_allotted(findings, number), **_allotted(controls, extra)}
    chosen = [one for key, found in strata.items() for one in _first(found, shares[key], design.seed)]
    if not chosen:
        raise UsageError("There is nothing to review in these runs.", "Name other runs, tasks or kinds.")
    frame = {**findings, **(controls if extra else {})}
    return Drawn(design, tuple(_ordered(chosen, design)), frame, {key: shares[key] for key in frame})


def of_some_kinds(design: Mapping[str, Any]) -> bool:
    """Whether a queue, by its record, was drawn of some kinds of findings and leaves others out."""
    return bool(design.get("kinds")) and not set(KINDS) <= set(design["kinds"])


def cards(drawn: Drawn, reader: ReviewReader) -> list[CardRow]:
    """Return the rows of a queue's cards, each with the digest of its texts.

    Raises:
        ArchiveError: An item is not there any more.
    """
    texts: dict[tuple[str, ...], Texts] = {}
    found = []
    second = round(len(drawn.questions) * drawn.design.second / 100)
    readers = {
        id(one) for one in sorted(drawn.questions, key=lambda one: _rank(one, drawn.design.seed, "second"))[:second]
    }
    for position, one in enumerate(drawn.questions):
        kind = one.part.partition("-")[0]
        key = (one.run, one.task, one.item, one.candidate, one.judge, one.part if kind == MATCH else kind)
        if key not in texts:
            texts[key] = reader.texts(one)
        row: dict[str, Any] = {name: value for name, value in asdict(one).items() if name not in ("group", "opponent")}
        row |= {"position": position, "kind": one.kind, "grouping": one.group, "texts": texts[key].digest}
        found.append(CardRow(**row, second=int(id(one) in readers)))
    return found


def _check(design: Design) -> None:
    strange = [kind for kind in design.kinds if kind not in KINDS]
    if strange:
        raise UsageError(f"There is no kind of finding {strange[0]!r}.", f"Kinds: {', '.join(KINDS)}.")
    if design.number is not None and design.number < 1:
        raise UsageError("A queue needs one card or more.", "Give --number 1 or more.")
    for name, value in (("--controls", design.controls), ("--second", design.second)):
        if not 0 <= value <= 100:
            raise UsageError(f"{name} {value:g}: a percentage lies from 0 to 100.", "Correct it.")
    if design.order not in ORDERS:
        raise UsageError(f"There is no order {design.order!r}.", f"Use one of: {', '.join(ORDERS)}.")


def _allotted(sizes: Mapping[Stratum, int], number: int) -> dict[Stratum, int]:
    """Return how many of each stratum: in proportion, the largest remainders filled up, one each where that goes.

    A stratum of which nothing was drawn has no estimate, so each gets one before any gets two.
    """
    total = sum(sizes.values())
    if number >= total:
        return dict(sizes)
    keys = sorted(sizes)
    base = 1 if number >= len(keys) else 0
    rest, room = number - base * len(keys), {key: sizes[key] - base for key in keys}
    spread = sum(room.values())
    exact = {key: Fraction(rest * room[key], spread) if spread else Fraction(0) for key in keys}
    found = {key: base + int(exact[key]) for key in keys}
    left = number - sum(found.values())
    for key in sorted(keys, key=lambda key: (-(exact[key] - int(exact[key])), key))[:left]:
        found[key] += 1
    return found


def _first(found: Sequence[Question], number: int, seed: int) -> list[Question]:
    return sorted(found, key=lambda one: _rank(one, seed, "draw"))[:number]


def _rank(one: Question, seed: int, purpose: str) -> str:
    """A number of a question's own: the same on every machine, whatever the order of the rows."""
    named = (purpose, str(seed), one.run, one.task, one.item, one.candidate, one.judge, one.part)
    return hashlib.sha256("\0".join(named).encode("utf-8", "surrogatepass")).hexdigest()


def _ordered(chosen: Sequence[Question], design: Design) -> list[Question]:
    by_chance = sorted(chosen, key=lambda one: _rank(one, design.seed, "order"))
    return by_chance if design.order == RANDOM else sorted(by_chance, key=_risk, reverse=True)


def _risk(one: Question) -> float:
    doubt = _UNWEIGHED if one.probability is None else 1 - one.probability
    return _RISKS[one.kind] * doubt

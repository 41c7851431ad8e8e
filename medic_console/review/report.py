"""What a queue's decisions say: of the judge, of the readers, and of the true rate of what speaks against the texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from medic_console.archive.reviews import CardRow
from medic_console.core.units import count
from medic_console.review.cards import BAD, PARTS, SETTLED, SEVERITIES, rates_harm
from medic_console.review.claims import Claim, claims
from medic_console.review.questions import CONTROL, KINDS, kind_of
from medic_console.review.queues import IMPORTED, RANDOM, of_some_kinds
from medic_console.review.reader import Decision, Queue, Reviewer
from medic_console.review.taking import by_card, lacks, rulings
from medic_console.statistics.calibration import Bin, reliability
from medic_console.statistics.raters import ManyRaters, TwoRaters, many_raters, two_raters
from medic_console.statistics.shares import Share, share
from medic_console.statistics.strata import Rate, Stratum, poststratified

BLOCK = 20
"""Cards between two looks at pace and agreement."""
_FROM_A_FILE = "the ratings came from a file, and who chose what was rated is not known here"
_BY_RISK = "the cards are ordered by risk, so those that were read are no sample"


@dataclass(frozen=True, slots=True)
class Settled:
    """A card whose answer is known: one reader's, the same of several, or what settled their difference.

    Attributes:
        rating: Of harm, 2 to 5, the mean of those who gave the answer; None where it was not asked or not given.
    """

    card: CardRow
    answer: str
    rating: float | None = None

    @property
    def finds(self) -> bool:
        """Whether it speaks against the text; a bad question does not."""
        return self.meaning not in (CONTROL, BAD)

    @property
    def meaning(self) -> str:
        """Kind of finding that the answer makes, `control` or `bad question`."""
        return BAD if self.answer == BAD else kind_of(self.card.part, self.answer, self.card.expected)

    @property
    def agrees(self) -> bool:
        """Whether the judge's answer is the right one."""
        return self.answer == self.card.said


@dataclass(frozen=True, slots=True)
class ReviewedRate:
    """The share of a model's questions that speak against its texts, 0 to 1.

    Attributes:
        questions: Of the model, reviewed or not.
        raw: As the judge has it.
        reviewed: As the sample says.
        cards: Of the model, with an answer that is known.
    """

    candidate: str
    questions: int
    raw: float
    reviewed: Rate
    cards: int


@dataclass(frozen=True, slots=True)
class Block:
    """Some cards of one reader, one after the other.

    Attributes:
        seconds: Mean of a card.
        agreement: Share with the judge's answer.
    """

    reviewer: str
    cards: int
    seconds: float
    agreement: float


@dataclass(frozen=True, slots=True)
class Report:
    """All of it.

    Attributes:
        cards: In the queue.
        decided: Cards with a decision.
        settled: Cards whose answer is known.
        lacking: Answers whose reason, severity or rating is missing: a card was left halfway, or a file held none.
        lacking_parts: How many of them lack which.
        open: Cards that are unsure, escalated, or on which readers differ.
        changed: Answers that were changed after the judge's had been seen.
        confusion: Cards by kind (or `control`), the judge's answer and the right one.
        precision: Share of each kind that is a finding of that kind.
        found: Share of each kind that is a finding of any kind.
        missed: Share of controls that are findings; without controls n is 0.
        severities: Findings by severity.
        reasons: Differences from the judge by reason.
        readers: Agreement of each two readers.
        together: Agreement of all readers, whoever read which card.
        judge: Agreement of the judge with the right answers.
        findings_weighed: How often the judge was right about findings, by its probability.
        controls_weighed: The same of answers as they were expected.
        findings: Findings whose answer is known.
        unconfirmed: Those of them that are not what the judge found.
        bound: Share of wrong ones among all findings, each kind of each model by its size, that is excluded at 95 %;
            None where it cannot be claimed.
        bound_note: What the bound rests on, or why there is none.
        claims: The bound now, and those after more findings without a further error; empty where there is none.
        rates: By model; empty where there can be none.
        rates_note: Why there are none; else empty.
        blocks: Pace and agreement over time.
    """

    cards: int
    decided: int
    settled: int
    lacking: int
    lacking_parts: Mapping[str, int]
    open: int
    changed: int
    confusion: Mapping[tuple[str, str, str], int]
    precision: Mapping[str, Share]
    found: Mapping[str, Share]
    missed: Share
    severities: Mapping[str, int]
    reasons: Mapping[str, int]
    readers: Mapping[tuple[str, str], TwoRaters]
    together: ManyRaters
    judge: TwoRaters
    findings_weighed: tuple[Bin, ...]
    controls_weighed: tuple[Bin, ...]
    findings: int
    unconfirmed: int
    bound: float | None
    bound_note: str
    claims: tuple[Claim, ...]
    rates: tuple[ReviewedRate, ...]
    rates_note: str
    blocks: tuple[Block, ...]


def settled(queue: Queue, decisions: Sequence[Decision]) -> list[Settled]:
    """Return the cards whose answer is known, in their order."""
    readers, ruled = by_card(decisions), rulings(queue.cards, decisions)
    found = []
    for card in queue.cards:
        read, ruling = readers.get(card.position, []), ruled.get(card.position)
        said = {one.answer for one in read}
        answer = ruling.answer if ruling is not None else said.pop() if len(said) == 1 else ""
        if answer in SETTLED:
            rated = [ruling] if ruling is not None and ruling.severity is not None else read
            found.append(Settled(card, answer, _rating(card, [one for one in rated if one.answer == answer])))
    return found


def _rating(card: CardRow, said: Sequence[Decision]) -> float | None:
    given = [one.severity for one in said if one.severity is not None] if rates_harm(card) else []
    return sum(given) / len(given) if given else None


def report(queue: Queue, decisions: Sequence[Decision], reviewers: Sequence[Reviewer], changed: int = 0) -> Report:
    """Return what the decisions on a queue say.

    Args:
        queue: With its cards.
        decisions: Those that count.
        reviewers: Of the archive.
        changed: Answers that were changed after the judge's had been seen.
    """
    known, names = settled(queue, decisions), {one.id: one.name for one in reviewers}
    decided = len(by_card(decisions))
    kinds = [kind for kind in KINDS if any(card.kind == kind for card in queue.cards)]
    by_kind = {kind: [one for one in known if one.card.kind == kind] for kind in (*kinds, CONTROL)}
    found = [one for one in known if one.card.kind != CONTROL]
    claimed, note = _claims(queue, found, decided)
    lacking = _lacking(queue, decisions)
    rates = rates_of(queue.design, known) if read_by_chance(queue, decided) else ()
    return Report(
        cards=len(queue.cards),
        decided=decided,
        settled=len(known),
        lacking=sum(map(bool, lacking)),
        lacking_parts={part: sum(part in one for one in lacking) for part in PARTS},
        open=decided - len(known),
        changed=changed,
        confusion=dict(Counter((one.card.kind, one.card.said, one.answer) for one in known)),
        precision={kind: _share([one.meaning == kind for one in by_kind[kind]], by_kind[kind]) for kind in kinds},
        found={kind: _share([one.finds for one in by_kind[kind]], by_kind[kind]) for kind in kinds},
        missed=_share([one.finds for one in by_kind[CONTROL]], by_kind[CONTROL]),
        severities=_severities(
            graded(queue, decisions), {one.card.position for one in known if one.finds and not rates_harm(one.card)}
        ),
        reasons=dict(Counter(one.reason for one in decisions if one.reason and not one.adjudicates)),
        readers=_readers(queue, decisions, names),
        together=_together(queue, decisions),
        findings_weighed=_weighed(found),
        controls_weighed=_weighed(by_kind[CONTROL]),
        judge=two_raters([(one.card.said, one.answer) for one in known], SETTLED, groups_of(known)),
        findings=len(found),
        unconfirmed=sum(one.meaning != one.card.kind for one in found),
        bound=claimed[0].bound if claimed else None,
        bound_note=note,
        claims=claimed,
        rates=rates,
        rates_note="" if rates else _no_rates(queue, decided),
        blocks=tuple(_blocks(queue, decisions, names)),
    )


def groups_of(known: Sequence[Settled]) -> list[str]:
    """Questions about one text of one model are not independent; items of one note are not either."""
    return [one.card.grouping or f"{one.card.task} {one.card.item}" for one in known]


def _share(hits: Sequence[bool], known: Sequence[Settled]) -> Share:
    return share(hits, groups_of(known))


def _claims(queue: Queue, found: Sequence[Settled], decided: int) -> tuple[tuple[Claim, ...], str]:
    """Return the bound now and those to come, with what they rest on; or none, and why."""
    if not by_chance(queue.design):
        return (), f"no bound: {_FROM_A_FILE}"
    if not read_by_chance(queue, decided):
        return (), f"no bound before the end: {_BY_RISK}"
    if not found:
        return (), "no finding has been settled yet"
    read = [(one.card.kind, one.card.candidate, one.meaning != one.card.kind) for one in found]
    texts = len(set(groups_of(found)))
    note = f"{sum(wrong for *_, wrong in read)} of {len(found)} findings not confirmed, of {count(texts, 'text')}"
    if texts < len(found):
        note += "; questions about one text may err together, which the bound does not know"
    return claims(queue.design, read), note


def _no_rates(queue: Queue, decided: int) -> str:
    if not by_chance(queue.design):
        return f"no true rate: {_FROM_A_FILE}"
    if not read_by_chance(queue, decided):
        return f"no true rate before the end: {_BY_RISK}"
    if of_some_kinds(queue.design):
        return "no true rate: the queue was drawn of some kinds of findings, and knows nothing of the others"
    return "no true rate: the queue has no controls, so what the judge missed is not known"


def _lacking(queue: Queue, decisions: Sequence[Decision]) -> list[tuple[str, ...]]:
    cards = {card.position: card for card in queue.cards}
    return [lacks(cards[one.position], one) for one in decisions if not one.adjudicates]


def graded(queue: Queue, decisions: Sequence[Decision]) -> dict[int, int]:
    """Return the severity, or on a card of harm the rating, by card: what settled it says, else the gravest given."""
    ruled, worst = rulings(queue.cards, decisions), dict[int, int]()
    for one in decisions:
        counts = ruled.get(one.position, one) is one and (one.position in ruled or not one.adjudicates)
        if one.severity is not None and counts:
            worst[one.position] = max(worst.get(one.position, 0), one.severity)
    return worst


def _severities(graded: Mapping[int, int], speaking: Set[int]) -> dict[str, int]:
    """Count the cards that speak against their texts by severity."""
    counted = Counter(severity for position, severity in graded.items() if position in speaking)
    return {name: counted[number] for number, name in enumerate(SEVERITIES)}


def _readers(queue: Queue, decisions: Sequence[Decision], names: Mapping[int, str]) -> dict[tuple[str, str], TwoRaters]:
    cards = {card.position: card for card in queue.cards}
    answers: dict[int, dict[int, str]] = {}
    for one in decisions:
        if one.answer in SETTLED and not one.adjudicates:
            answers.setdefault(one.reviewer, {})[one.position] = one.answer
    found = {}
    for first, second in combinations(answers, 2):
        both = sorted(answers[first].keys() & answers[second].keys())
        pairs = [(answers[first][position], answers[second][position]) for position in both]
        groups = groups_of([Settled(cards[position], "") for position in both])
        found[names[first], names[second]] = two_raters(pairs, SETTLED, groups)
    return found


def _together(queue: Queue, decisions: Sequence[Decision]) -> ManyRaters:
    cards, answers = {card.position: card for card in queue.cards}, by_card(decisions)
    rated = {place: [one.answer for one in said if one.answer in SETTLED] for place, said in answers.items()}
    groups = groups_of([Settled(cards[place], "") for place in rated])
    return many_raters(list(rated.values()), SETTLED, groups)


def _weighed(known: Sequence[Settled]) -> tuple[Bin, ...]:
    weighed = [one for one in known if one.card.probability is not None]
    return reliability([(one.card.probability or 0.0, one.agrees) for one in weighed], groups_of(weighed))


def rates_of(design: Mapping[str, Any], known: Sequence[Settled]) -> tuple[ReviewedRate, ...]:
    """Return the true rates of a queue's models; there is none without controls, as what the judge missed is not known.

    Nor of a queue of some kinds of findings alone: the others are no part of what it was drawn from.

    Args:
        design: Of the queue, with its strata (`queues.Drawn.record`).
        known: Its settled cards.
    """
    strata = design.get("strata", ())
    if not any(one["kind"] == CONTROL for one in strata) or not by_chance(design) or of_some_kinds(design):
        return ()
    found = []
    for candidate in sorted({one["candidate"] for one in strata}):
        own = [one for one in strata if one["candidate"] == candidate]
        cards = [one for one in known if one.card.candidate == candidate]
        parts = []
        for stratum in own:
            read = [one for one in cards if one.card.kind == stratum["kind"]]
            parts.append(Stratum(stratum["frame"], [one.finds for one in read], groups_of(read)))
        total = sum(one["frame"] for one in own)
        raw = sum(one["frame"] for one in own if one["kind"] != CONTROL) / total
        found.append(ReviewedRate(candidate, total, raw, poststratified(parts), len(cards)))
    return tuple(found)


def by_chance(design: Mapping[str, Any]) -> bool:
    """Whether a queue's cards are a sample drawn by chance, or all there is."""
    whole = all(one["drawn"] == one["frame"] for one in design.get("strata", ()))
    return design.get("order", RANDOM) != IMPORTED or whole


def read_by_chance(queue: Queue, decided: int) -> bool:
    """Whether the cards that were read are a sample: of a queue that is ordered by risk not before all are read.

    Args:
        decided: Cards with a decision.
    """
    by_risk = queue.design.get("order", RANDOM) != RANDOM
    return by_chance(queue.design) and not (by_risk and decided < len(queue.cards))


def _blocks(queue: Queue, decisions: Sequence[Decision], names: Mapping[int, str]) -> list[Block]:
    said, found = {card.position: card.said for card in queue.cards}, []
    if queue.design.get("order") == IMPORTED:
        return []  # how long a card took is not known
    for reviewer, name in names.items():
        own = [one for one in decisions if one.reviewer == reviewer and not one.adjudicates]
        own.sort(key=lambda one: one.id)
        for start in range(0, len(own), BLOCK):
            part = own[start : start + BLOCK]
            agreed = sum(one.answer == said[one.position] for one in part) / len(part)
            found.append(Block(name, len(part), sum(one.seconds for one in part) / len(part), agreed))
    return found

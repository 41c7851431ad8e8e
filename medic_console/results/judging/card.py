"""The card of a judge: what was measured under which conditions, and the verdict. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from medic_console.archive.store import CardRow
from medic_console.core.records import MetricValue
from medic_console.engine.protocol.conditions import changed
from medic_console.results.judging.measures import Slice
from medic_console.results.judging.thresholds import Threshold, objections
from medic_console.scoring.methods.probes import VERSION
from medic_console.statistics.shares import Share

QUALIFIED, NOT_QUALIFIED = "qualified", "not qualified"
READING = VERSION
"""Of today: probes and audits read a judge's answers by one rule."""
_FIRST_READING = "1"
"""Of cards that do not name theirs."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a qualification holds for; any change ends it.

    Attributes:
        judge: sha256 of the judge's file.
        wording: Digest of the prompts and the form of the answers (`suite.judging.wording`).
        probes: Digest of the probes.
        reading: Version of the rule by which its answers are read (`READING`).
        engine: What of the engine decides an answer, by name of `engine.protocol.conditions.DECIDING`.
    """

    judge: str
    wording: str
    probes: str
    reading: str
    engine: Mapping[str, Any]

    def changes(self, now: Conditions) -> list[str]:
        """Return what differs from the conditions of today, in words."""
        found = ["the model file"] if self.judge != now.judge else []
        found += ["the wording of the prompts"] if self.wording != now.wording else []
        found += changed(self.engine, now.engine)
        found += ["the set of probes"] if self.probes != now.probes else []
        return [*found, *(["how answers are read"] if self.reading != now.reading else [])]


_OF_FIRST_CARDS = ("build", "template", "kv_type", "thinking_budget")
"""Conditions of the engine that cards held one by one before they held all of them."""


@dataclass(frozen=True, slots=True)
class Card:
    """One judge as a judge of one method in one wording.

    Attributes:
        name: The judge's.
        method: `cef`, `pairwise`, `harm` or `rubric`.
        tasks: Tasks that ask in this wording.
        run: That holds every prompt and reply.
        created: UTC, ISO 8601.
        measures: By key of `measures.TITLES`.
        slices: Right answers by topic and domain.
        rates: Sensitivity and specificity by which judged scores are corrected.
        others: Names of the judges that it was compared with; empty for one judge.
        limits: Of its method, as they were.
        objections: Why it is not qualified; empty when it is.
    """

    name: str
    method: str
    conditions: Conditions
    tasks: tuple[str, ...]
    run: str
    created: str
    measures: Mapping[str, MetricValue]
    slices: tuple[Slice, ...]
    rates: Mapping[str, Share]
    others: tuple[str, ...]
    limits: tuple[Threshold, ...]
    objections: tuple[str, ...]

    @property
    def qualified(self) -> bool:
        """Whether no limit was missed."""
        return not self.objections

    @property
    def verdict(self) -> str:
        """In words."""
        return QUALIFIED if self.qualified else NOT_QUALIFIED


def judged(method: str, measures: Mapping[str, MetricValue], limits: Sequence[Threshold]) -> dict[str, Any]:
    """Return what a card says beside its measures: the limits of its method and what they object to."""
    own = tuple(limit for limit in limits if limit.method == method)
    return {"method": method, "measures": measures, "limits": own, "objections": objections(method, measures, own)}


def card_row(card: Card) -> CardRow:
    """Return a card as an archive stores it."""
    held = card.conditions
    made = (held.engine["build"], held.probes, card.run, card.created, card.verdict)
    return CardRow(held.judge, card.method, held.wording, *made, card_json(card))


def card_json(card: Card) -> dict[str, Any]:
    """Return a card as JSON; `card_from_json` reads it."""
    return asdict(card)


def card_from_json(record: Mapping[str, Any]) -> Card:
    """Return the card of `card_json`, or of an older release, whose cards hold fewer conditions."""
    held = record["conditions"]
    engine = held.get("engine") or {name: held[name] for name in _OF_FIRST_CARDS}
    return Card(
        **{
            **record,
            "conditions": Conditions(
                held["judge"], held["wording"], held["probes"], held.get("reading", _FIRST_READING), engine
            ),
            "tasks": tuple(record["tasks"]),
            "measures": {name: MetricValue(**value) for name, value in record["measures"].items()},
            "slices": tuple(Slice(**{**one, "share": MetricValue(**one["share"])}) for one in record["slices"]),
            "rates": {name: Share(**value) for name, value in record["rates"].items()},
            "others": tuple(record["others"]),
            "limits": tuple(Threshold(**one) for one in record["limits"]),
            "objections": tuple(record["objections"]),
        }
    )

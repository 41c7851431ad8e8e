"""Every judge that an archive knows: its newest card in each wording, whether that still holds, and what it judged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from medic_console.archive.judgements import Judgement
from medic_console.core.naming import alias_or
from medic_console.engine.protocol.conditions import DECIDING, UNKNOWN, lacking
from medic_console.engine.protocol.features import features
from medic_console.results.judging.card import READING, Card
from medic_console.results.judging.standing import JudgeStanding
from medic_console.results.reader import Reader
from medic_console.scoring.methods.probes import bundled_probes
from medic_console.suite.judging import METHODS, wording
from medic_console.suite.task import Task


@dataclass(frozen=True, slots=True)
class Today:
    """What a card must have been made under to hold here and today.

    Attributes:
        wordings: Digests of the wordings in which tasks ask.
        build: Of llama.cpp and its binding.
        probes: Digest of the probes.
    """

    wordings: frozenset[str]
    build: str
    probes: str

    def changes(self, card: Card) -> tuple[str, ...]:
        """Return what differs from what a card was made under, in words."""
        changed = [] if card.conditions.wording in self.wordings else ["the wording of the prompts"]
        engine = card.conditions.engine
        if not engine.get("served"):  # a served judge of another build has another digest
            changed += [] if engine["build"] == self.build else [DECIDING["build"]]
        changed += [UNKNOWN] if lacking(engine) else []
        changed += [] if card.conditions.probes == self.probes else ["the set of probes"]
        return (*changed, *([] if card.conditions.reading == READING else ["how answers are read"]))


@dataclass(frozen=True, slots=True)
class Judge:
    """One model as a judge in one wording.

    Attributes:
        card: The newest; None when it was never measured.
        changes: What has changed since the card, in words.
        judged: What it was named for in audits; None when in none.
    """

    name: str
    sha256: str
    method: str
    wording: str
    card: Card | None
    changes: tuple[str, ...]
    judged: Judgement | None

    @property
    def title(self) -> str:
        """What it is called, safe to show."""
        return alias_or(self.sha256, self.name)

    @property
    def key(self) -> str:
        """Names it in a list."""
        return f"{self.sha256} {self.wording}"

    @property
    def standing(self) -> JudgeStanding:
        """Whether its scores can be relied on."""
        if self.card is None:
            return JudgeStanding.NEVER
        if self.changes:
            return JudgeStanding.EXPIRED
        return JudgeStanding.QUALIFIED if self.card.qualified else JudgeStanding.NOT_QUALIFIED


def today(tasks: Iterable[Task], build: str = "") -> Today:
    """Return what holds here and today.

    Args:
        tasks: Every known task.
        build: Of llama.cpp; empty asks it.

    Raises:
        EngineError: llama.cpp cannot be loaded.
        ItemsError: The probes cannot be read.
    """
    wordings = frozenset(wording(task.judge) for task in tasks if task.judge is not None)
    return Today(wordings, build or features().full_build, bundled_probes())


def newest(cards: Iterable[Card]) -> list[Card]:
    """Return the first card of each judge and wording, judge by judge; they come newest first."""
    found: dict[tuple[str, str], Card] = {}
    for card in cards:
        found.setdefault((card.conditions.judge, card.conditions.wording), card)
    return sorted(found.values(), key=lambda card: _place(card.name, card.conditions.judge, card.method))


def known_judges(reader: Reader, tasks: Iterable[Task], build: str = "") -> tuple[Judge, ...]:
    """Return every judge with a card or in an audit, once for each wording, by name.

    Args:
        reader: Of the archive.
        tasks: Every known task.
        build: Of llama.cpp; empty asks it, when there is a card.

    Raises:
        EngineError: llama.cpp cannot be loaded.
        ItemsError: The probes cannot be read.
    """
    judged = {(one.judge, one.wording): one for one in reader.judgements()}
    cards = newest(reader.qualifications.cards())
    now = today(tasks, build) if cards else None
    measured = [_measured(card, now, judged) for card in cards if now is not None]
    known = {(one.sha256, one.wording) for one in measured}
    others = [
        Judge(one.name, one.judge, one.method, one.wording, None, (), one)
        for key, one in judged.items()
        if key not in known
    ]
    return tuple(sorted([*measured, *others], key=lambda one: _place(one.name, one.sha256, one.method)))


def _measured(card: Card, now: Today, judged: dict[tuple[str, str], Judgement]) -> Judge:
    sha256, name = card.conditions.judge, card.conditions.wording
    return Judge(card.name, sha256, card.method, name, card, now.changes(card), judged.get((sha256, name)))


def _place(name: str, sha256: str, method: str) -> tuple[str, str, int]:
    order: Sequence[str] = list(METHODS)
    # A method whose package is gone stands last.
    return name, sha256, order.index(method) if method in order else len(order)

"""Facts: what an invented text states, and how it can be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from training.wording import clash, slots_of, write
from training.world import World, table

ENTITIES = frozenset(
    {"symptom", "symptom_too", "drug", "finding", "test", "lab", "event", "diagnosis", "allergy", "advice", "service"}
    | {"site", "part", "body", "maneuver", "harmful", "procedure", "object"}
)
"""Slots whose word names what a fact is about: one text has each at most once."""
_ONCE = frozenset(
    {"severity", "smoking", "nonsmoker", "work", "temperature", "pulse", "pressure", "oxygen", "weight", "breaths"}
)
_ALONE = _ONCE | {
    "review",
    "diagnosis",
    "since",
    "pain",
    "worse",
    "better",
    "trigger",
    "happens",
    "feels",
    "lives",
    "drinks",
}
"""Kinds of which a text has at most one."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How facts of one kind are said, noted and asked (see `words/kinds.toml`)."""

    name: str
    part: str
    said: Sequence[Sequence[str]]
    noted: Sequence[str]
    yes: Sequence[str]
    no: Sequence[str]
    echo: str

    @property
    def slots(self) -> tuple[str, ...]:
        """Names of the slots."""
        return tuple(dict.fromkeys(slots_of(self.echo)))


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a text."""

    kind: Kind
    slots: Mapping[str, str]

    @property
    def echo(self) -> str:
        """The fact in short."""
        return write(self.kind.echo, self.slots)


@dataclass(frozen=True, slots=True)
class Question:
    """A closed question with its answer, and the fact said again after it."""

    text: str
    label: str
    echo: str


@dataclass
class Story:
    """Facts of one text; no entity is in it twice.

    Attributes:
        words: Entities of the text.
    """

    facts: list[Fact] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def add(self, world: World, kind: Kind, tries: int = 200) -> bool:
        """Add a fact of a kind, unless none can be found that fits."""
        if kind.name in _ALONE and any(fact.kind.name == kind.name for fact in self.facts):
            return False
        if {kind.name} | {fact.kind.name for fact in self.facts} >= {"smoking", "nonsmoker"}:
            return False
        for _ in range(tries):
            slots: dict[str, str] = {}
            for name in kind.slots:
                slots[name] = world.word(name, **slots)
            if self.takes(slots) and (len(slots) < 2 or world.allowed(kind.name, *slots.values())):
                self.facts.append(Fact(kind, slots))
                self.words += [word for name, word in slots.items() if name in ENTITIES]
                return True
        return False

    def takes(self, slots: Mapping[str, str]) -> bool:
        """Tell whether no entity of the slots clashes with one of the text."""
        new = [word for name, word in slots.items() if name in ENTITIES]
        return not any(clash(word, other) for n, word in enumerate(new) for other in (*self.words, *new[:n]))


@cache
def kinds() -> Mapping[str, Kind]:
    """Return the kinds of facts by name."""
    return {name: Kind(name, **record) for name, record in table("kinds").items()}


def story(world: World, wanted: int, names: Sequence[str] = ()) -> Story:
    """Return so many facts, in the order of a visit; `names` are the kinds to draw from, by default all."""
    drawn = Story()
    pool = [kinds()[name] for name in names or tuple(kinds())]
    for _ in range(wanted * 4):
        if len(drawn.facts) == wanted:
            break
        drawn.add(world, pool[world.rng.randrange(len(pool))])
    drawn.facts.sort(key=lambda fact: "SORAP".index(fact.kind.part))
    return drawn


def asked(world: World, fact: Fact, told: Story, label: str) -> Question | None:
    """Return a question about a fact that a text answers with `label`; None when the kind has none."""
    if label == "YES":
        return Question(write(world.pick(fact.kind.yes), fact.slots), "YES", fact.echo)
    mark = "!" if label == "NO" else "?"
    marked = [text for text in fact.kind.yes if slots_of(text, mark)]
    if label == "NO" and fact.kind.no and (not marked or world.chance(0.5)):
        return Question(write(world.pick(fact.kind.no), fact.slots), "NO", fact.echo)
    if not marked:
        return None
    text = world.pick(marked)
    name = slots_of(text, mark)[0]
    for _ in range(20):
        other = world.word(name, **{key: word for key, word in fact.slots.items() if key != name})
        if other == fact.slots[name] or (label == "IDK" and not told.takes({name: other})):
            continue
        changed = write(text, {**fact.slots, name: other})
        return Question(changed, label, fact.echo if label == "NO" else f"nothing on {other}")
    return None

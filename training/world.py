"""The invented world: word lists, and the slots that are held out of training."""

from __future__ import annotations

import random
import re
import tomllib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

WORDS = Path(__file__).with_name("words")
HELD_OUT = 12
"""One combination of slots in so many is kept out of training."""
OPEN = 0.3
"""Share of the words of training texts that are made up, where a slot has forms for it."""
_MADE = re.compile(r"\{([A-Za-z]+)\}")
T = TypeVar("T")
Part = Literal["train", "slots", "words"]
"""What may be drawn: training combinations, held-out combinations, or words never seen."""


@cache
def table(name: str) -> Mapping[str, Any]:
    """Return a file of words."""
    return tomllib.loads((WORDS / f"{name}.toml").read_text("utf-8"))


def is_held_out(*slots: str) -> bool:
    """Tell whether a combination of words is kept out of training; the same on every machine."""
    return zlib.crc32("|".join(slots).encode()) % HELD_OUT == 0


@dataclass
class World:
    """Draws words, always the same for the same seed.

    Attributes:
        part: `train` never draws a held-out combination; `slots` draws those alone where `holds` is asked;
            `words` draws words that training never shows, where a list has such.
        facts: Fewest and most facts of a text.
    """

    rng: random.Random
    part: Part = "train"
    facts: tuple[int, int] = (3, 8)
    _fresh: Mapping[str, Sequence[str]] = field(default_factory=lambda: table("clinic")["unseen"])

    def words(self, name: str) -> Sequence[str]:
        """Return the word list that a slot draws from; `symptom_too` is a second symptom."""
        name = name.removesuffix("_too")
        if self.part == "words" and name in self._fresh:
            return self._fresh[name]
        found: Sequence[str] = table("clinic")[name]
        return found

    def word(self, name: str, **given: str) -> str:
        """Return a word for a slot; `given` are the words already drawn for its fact."""
        if name == "value":
            return self.number(table("clinic")["lab_range"][given["lab"]])
        ranges = table("clinic")["range"]
        if name in ranges:
            return self.number(ranges[name])
        forms = table("open")["form"].get(name.removesuffix("_too"), ())
        if forms and self.part == "train" and self.chance(OPEN):
            return self.made_up(self.pick(forms))
        return self.pick(self.words(name))

    def made_up(self, form: str) -> str:
        """Return a form of the open vocabulary filled: it is in no list, so all that a model can do is copy it."""
        lists = table("open")

        def drawn(match: re.Match[str]) -> str:
            kind = match[1]
            if kind.lower() != "coined":
                return str(self.pick(lists[kind]))
            parts = ("start", "middle", "end") if self.chance(0.6) else ("start", "end")
            word = "".join(str(self.pick(lists[part])) for part in parts)
            return word.capitalize() if kind == "Coined" else word

        return _MADE.sub(drawn, form)

    def number(self, bounds: Sequence[float]) -> str:
        """Return a number within bounds: lowest, highest, decimal places."""
        low, high, places = bounds
        return f"{self.rng.uniform(low, high):.{int(places)}f}"

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        return choices[self.rng.randrange(len(choices))]

    def some(self, choices: Sequence[T], count: int) -> list[T]:
        """Return so many different choices, or all when there are fewer."""
        return self.rng.sample(list(choices), min(count, len(choices)))

    def chance(self, probability: float) -> bool:
        """Return True with a probability."""
        return self.rng.random() < probability

    def allowed(self, *slots: str) -> bool:
        """Tell whether a combination may be drawn in this part."""
        return is_held_out(*slots) == (self.part == "slots")

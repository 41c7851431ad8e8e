"""The recipe: what is trained, in which stages."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

RECIPE = Path(__file__).with_name("recipe.toml")


@dataclass(frozen=True, slots=True)
class Shape:
    """Size of the network; `context` is what its file declares."""

    vocabulary: int
    width: int
    layers: int
    heads: int
    hidden: int
    context: int
    rope_base: float = 10000.0
    epsilon: float = 1e-5

    @property
    def head(self) -> int:
        """Width of one head."""
        return self.width // self.heads


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of the training.

    Attributes:
        tokens: Places read, trunks counted once.
        rate: Learning rate at the beginning and at the end; in between it follows half a cosine.
        facts: Fewest and most facts of a text.
        shares: Share of the tokens by skill.
        layers: Of the network; where it has fewer, new ones that pass on what they get go in before the last.
    """

    name: str
    tokens: int
    rate: tuple[float, float]
    facts: tuple[int, int]
    shares: Mapping[str, float]
    layers: int


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides a training but the machine's rounding.

    Attributes:
        longest: Tokens of the longest sequence that is trained; longer examples are left out.
        step: Tokens of one step.
        first_weight: Weight in the loss of a label that an audit weighs.
        samples: Groups of examples that the tokenizer is learned from.
    """

    seed: int
    shape: Shape
    longest: int
    step: int
    first_weight: float
    samples: int
    stages: tuple[Stage, ...]
    sha256: str


def read_recipe(path: Path = RECIPE) -> Recipe:
    """Return the recipe of a file."""
    raw = path.read_bytes()
    record = tomllib.loads(raw.decode())
    stages = tuple(
        Stage(
            stage["name"],
            int(stage["tokens"]),
            (stage["rate"][0], stage["rate"][1]),
            (stage["facts"][0], stage["facts"][1]),
            {**record["shares"], **stage.get("shares", {})},
            stage.get("layers", record["network"]["layers"]),
        )
        for stage in record["stages"]
    )
    return Recipe(
        record["seed"],
        Shape(**record["network"]),
        record["longest"],
        record["step"],
        record["first_weight"],
        record["samples"],
        stages,
        hashlib.sha256(raw).hexdigest(),
    )

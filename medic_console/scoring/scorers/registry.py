"""The scorers by the name that a task file gives under `[scoring] scorer`; each registers itself in its own module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from medic_console.core.metrics import Metric, add_metrics
from medic_console.core.records import Answer, Item, Score
from medic_console.core.registry import Registry
from medic_console.suite.judging import SCORING_NAMES

Scoring = Callable[[Item, Answer, Mapping[str, Path]], Score]
"""Takes the item, what was read from the output, and the files that the items came with."""
Worst = Callable[[Item, Mapping[str, Path]], Mapping[str, float]]
"""Takes an item and its files; returns the values of no answer. Raises ValueError where the reference is unusable."""
Pairs = Callable[[Item, Answer], tuple[tuple[str, str], ...]]
"""Takes an item and an answer; returns each reference text with the text that was given for it."""


@dataclass(frozen=True, slots=True)
class Scorer:
    """A rule that needs no judge; called with an item, its answer and its files it returns the score.

    Attributes:
        version: Raised when the rule changes, so that scores of two rules are never taken for the same.
        worst: The values of an item that the model left without an answer (`unanswered`).
        pairs: Of a scorer of written texts, which an encoder can compare too.
        libraries: Those that decide its values, by distribution; stored with every score (`toolchain`).
        partial: Which items have the values that not all have, in words; empty where all have all.
    """

    score: Scoring
    version: str
    worst: Worst
    pairs: Pairs | None = None
    libraries: tuple[str, ...] = ()
    partial: str = ""

    def __call__(self, item: Item, answer: Answer, resources: Mapping[str, Path]) -> Score:
        """Return the score of an answer."""
        return self.score(item, answer, resources)


_HERE = "medic_console.scoring.scorers"
SCORERS: Registry[Scorer] = Registry(
    "scorer",
    "medic_console.scorers",
    (
        f"{_HERE}.choice",
        f"{_HERE}.classes",
        f"{_HERE}.exact",
        f"{_HERE}.medcalc",
        "medic_console.scoring.sql.ehrsql",
        f"{_HERE}.medec",
        f"{_HERE}.overlap",
        f"{_HERE}.ifeval.adherence",
    ),
    SCORING_NAMES,
)
"""Scorers that need no judge; what a judge scores is scored by its method (`suite.judging.METHODS`)."""


def scorer(
    name: str,
    *,
    version: str,
    worst: Worst,
    values: Mapping[str, Metric] | None = None,
    pairs: Pairs | None = None,
    libraries: tuple[str, ...] = (),
    partial: str = "",
) -> Callable[[Scoring], Scoring]:
    """Register the function below as the scorer of that name, which stays as it is.

    Args:
        name: Lower-case letters, digits and _; no other scorer and no judge method has it.
        version: See `Scorer`, as are `worst`, `pairs`, `libraries` and `partial`.
        values: Metrics that only this scorer brings, by the id that task files give; those of `core.metrics` are there.

    Raises:
        UsageError: The name or a metric's id is taken, or a part is of the wrong form.
    """

    def register(score: Scoring) -> Scoring:
        module = score.__module__
        _check(name, module, version, worst, pairs)
        add_metrics(values or {}, module)
        SCORERS.add(name, Scorer(score, version, worst, pairs, tuple(libraries), partial), module, score.__qualname__)
        return score

    return register


def _check(name: str, module: str, version: object, worst: object, pairs: object) -> None:
    """Refuse a part of the wrong form; what others write was not typed by us."""
    if not isinstance(version, str) or not version.strip():
        SCORERS.refuse(name, module, 'its version must be text, for example "1"')
    if not callable(worst) or not (pairs is None or callable(pairs)):
        SCORERS.refuse(name, module, "worst and pairs must be functions")

"""The scorers by the name that a task file gives under `[scoring] scorer`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from medic_console.records import Answer, Item, Score
from medic_console.scoring import choice, medcalc, medec
from medic_console.scoring.sql import ehrsql

Scorer = Callable[[Item, Answer, Mapping[str, Path]], Score]
"""Takes the item, what was read from the output, and the files that the items came with."""

SCORERS: Mapping[str, Scorer] = MappingProxyType(
    {"choice": choice.score, "medcalc": medcalc.score, "ehrsql": ehrsql.score, "medec": medec.score}
)
"""Scorers that need no judge; `cef` is scored by the runner through `scoring.judged.cef`."""

SCORER_VERSIONS: Mapping[str, str] = MappingProxyType(
    {"choice": "1", "medcalc": "1", "ehrsql": "1", "medec": "1", "cef": "1"}
)
"""Raised when a rule changes, so that scores of two rules are never taken for the same."""

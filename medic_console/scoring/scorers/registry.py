"""The scorers by the name that a task file gives under `[scoring] scorer`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from medic_console.core.records import Answer, Item, Score
from medic_console.scoring.scorers import choice, classes, exact, medcalc, medec, overlap
from medic_console.scoring.scorers.ifeval import adherence
from medic_console.scoring.sql import ehrsql

Pairs = Callable[[Item, Answer], tuple[tuple[str, str], ...]]
"""Takes an item and an answer; returns each reference text with the text that was given for it."""

Scorer = Callable[[Item, Answer, Mapping[str, Path]], Score]
"""Takes the item, what was read from the output, and the files that the items came with."""

SCORERS: Mapping[str, Scorer] = MappingProxyType(
    {
        "choice": choice.score,
        "classes": classes.score,
        "integer": exact.score_integer,
        "gsm8k": exact.score_gsm8k,
        "medcalc": medcalc.score,
        "ehrsql": ehrsql.score,
        "medec": medec.score,
        "overlap": overlap.score,
        "ifeval": adherence.score,
    }
)
"""Scorers that need no judge; what a judge scores (`cef`, `harm`, `pairwise`, `rubric`) is scored by its flow."""

PAIRS: Mapping[str, Pairs] = MappingProxyType({"medec": medec.pairs, "overlap": overlap.pairs})
"""Scorers of written texts, which an encoder can compare too."""

SCORER_VERSIONS: Mapping[str, str] = MappingProxyType(
    {
        "choice": "3",
        "classes": "3",
        "integer": "2",
        "gsm8k": "2",
        "medcalc": "2",
        "ehrsql": "3",
        "medec": "3",
        "ifeval": "1",
        "overlap": "1",
        "cef": "4",
        "harm": "3",
        "pairwise": "3",
        "rubric": "3",
        "probe": "3",
    }
)
"""Raised when a rule changes, so that scores of two rules are never taken for the same."""

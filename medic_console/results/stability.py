"""How many answers stay when nothing but the shape of the computation changes: how many sequences, which cache.

A batch of another shape adds the same numbers up in another order, so logits differ in their last digits, and where
two words are nearly equally likely another one is taken. No rule says which answer is the right one; the share that
stays says how much of a figure is such chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from medic_console.archive.calls import Rows, shape_in_words
from medic_console.archive.repeats import Repeat, engines_named, repeats
from medic_console.archive.views import Stability
from medic_console.core.records import Figure
from medic_console.core.units import count
from medic_console.engine.protocol.conditions import deciding
from medic_console.statistics.shares import share
from medic_console.suite.task import Task

SHAPE = ("parallel", "cells", "batch", "threads", "reading_threads", "cache", "shares_prefixes")
"""Names of what an engine may differ in and still run the same model on the same prompt with the same numbers."""
_BESIDE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "threads": ("thread", "threads"),
        "reading_threads": ("reading thread", "reading threads"),
        "batch": ("token in a batch", "tokens in a batch"),
        "cells": ("token in the cache", "tokens in the cache"),
    }
)
"""What of the shape is told only where it differs, as one and several of it are called."""


def stability(rows: Rows, run: str, task: Task, candidate: str) -> Stability | None:
    """Return how many of a candidate's answers are the same in another shape; None where none was tried.

    Args:
        rows: Runs a query on the archive.
    """
    found = repeats(rows, run, task.id, candidate)
    granted = engines_named(rows, {digest for one in found for digest in one.engines}) if found else {}
    apart = [one for one in found if shape_apart(*(granted[digest] for digest in one.engines))]
    first: dict[str, Repeat] = {}
    for one in apart:
        first.setdefault(one.item, one)
    if not first:
        return None
    judged = task.judge is not None
    kept = [_same(one, judged) for one in first.values()]
    held = share(kept, [one.group for one in first.values()])
    value, low, high = (None if part is None else 100 * part for part in (held.value, held.low, held.high))
    here, there = (_shapes(granted, first.values(), side) for side in (0, 1))
    changed = tuple(item for (item, _), same in zip(first.items(), kept, strict=True) if not same)
    return Stability(Figure(value, low, high, held.n), here, there, changed, judged)


def shape_apart(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether two engines differ in their shape and in nothing else that decides an output.

    Args:
        one: As it is stored; an older one lacks conditions.
    """
    both = deciding(one), deciding(other)
    rest = [{name: value for name, value in found.items() if name not in SHAPE} for found in both]
    return rest[0] == rest[1] and any(one.get(name) != other.get(name) for name in SHAPE)


def _same(one: Repeat, judged: bool) -> bool:
    """Tell whether an answer is the same: what was read of it, or of a judged text each of its words."""
    return one.texts[0] == one.texts[1] if judged else one.read[0] == one.read[1]


def _shapes(granted: Mapping[str, Mapping[str, Any]], found: Iterable[Repeat], side: int) -> str:
    pairs = dict.fromkeys((one.engines[side], one.engines[1 - side]) for one in found)
    return " / ".join(dict.fromkeys(_in_words(granted[one], granted[other]) for one, other in pairs))


def _in_words(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Return an engine's shape with whatever else of it is not as with the other, so that the two are told apart."""
    shape = shape_in_words(one)
    differing = [name for name in _BESIDE if one.get(name) and one.get(name) != other.get(name)]
    if shape != shape_in_words(other) and "cells" in differing:
        differing.remove("cells")  # other sequences have other cells
    return ", ".join([shape, *(count(one[name], *_BESIDE[name]) for name in differing)])

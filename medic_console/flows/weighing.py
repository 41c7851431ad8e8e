"""Whether a model chooses among labels at all: they are weighed for a task's first items before any is answered.

A model that would sooner write something else than any label (`weighing.FLOOR`) makes no choice when the likeliest of
them is taken. It is then asked for text on the whole task. So a task is asked in one way, and which does not hang on
what else is in the run.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, replace
from statistics import median

from medic_console.flows.base import WEIGHED, Flow
from medic_console.records import Item, Output, Sampling
from medic_console.scoring.judged.weighing import FLOOR
from medic_console.suite.asking import AUTO, Asking, as_asked
from medic_console.suite.items import LoadedTask
from medic_console.suite.prompts import item_prompt

FIRST = 8
"""Items of a task whose labels are weighed first."""


def is_open(loaded: LoadedTask, asked: str) -> bool:
    """Tell whether a task chooses among labels and may be asked for text instead.

    Args:
        asked: `RunSettings.multiple_choice`.
    """
    return asked == AUTO and loaded.task.multiple_choice == "likelihood"


def weighing_flow(loaded: LoadedTask, item: Item, seed: int, sampling: Sampling) -> Flow:
    """Weigh the labels of an item; it is not scored."""
    yield [replace(item_prompt(loaded.task, item, loaded.shared, WEIGHED, seed), **asdict(sampling))]
    return None


def held_by_labels(outputs: Iterable[Output]) -> float | None:
    """Return the median of what labels hold together, 0 to 1; None where none were weighed."""
    held = [math.fsum(output.probabilities.values()) for output in outputs if output.probabilities]
    return median(held) if held else None


def for_text(loaded: LoadedTask) -> LoadedTask:
    """Return a task that asks for text where it would choose."""
    return replace(loaded, task=as_asked(loaded.task, Asking("generated")))


def holds_too_little(held: float | None) -> bool:
    """Tell whether a model would sooner write something else than any label."""
    return held is not None and held < FLOOR

"""The macro-averaged F1 of classes, with what it may be.

The rule is PubMedQA's (pubmedqa/pubmedqa, `evaluation.py`): the plain mean of the F1 of every class that is a key or an
answer at least once. An item without an answer is one of its key's class that was not found; it is no class of its
own.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from medic_console.statistics.intervals import DRAWS, drawn, members

if TYPE_CHECKING:
    from medic_console.statistics.intervals import Values

Pair = tuple[float, float | None]
"""An item's key and its answer, as numbers of their classes; None without an answer."""


def macro_f1(pairs: Sequence[Pair]) -> float:
    """Return the macro-F1, 0 to 1.

    Args:
        pairs: At least one.
    """
    cells = Counter(pairs)
    classes = _classes(pairs)
    keys, answers = Counter(key for key, _ in pairs), Counter(answer for _, answer in pairs)
    shares = [2 * cells[(label, label)] / (keys[label] + answers[label]) for label in classes]
    return math.fsum(shares) / len(classes)


def draws(pairs: Sequence[Pair], groups: Sequence[str]) -> Values:
    """Return what the macro-F1 may be (`intervals.drawn`): the unseen group has keys like those seen.

    As good as can be it is answered right, as bad as can be with the next class.

    Args:
        pairs: At least one.
        groups: As long as `pairs`; an empty name is a group of its own.
    """
    import numpy as np

    classes = _classes(pairs)
    answers: list[float | None] = [*classes, None]
    places = {
        (key, answer): row * len(answers) + column
        for row, key in enumerate(classes)
        for column, answer in enumerate(answers)
    }
    rows = np.zeros((len(members(groups)), len(places)))
    for row, items in zip(rows, members(groups), strict=True):
        for item in items:
            row[places[pairs[item]]] += 1.0
    keys = np.random.default_rng(0).choice([classes.index(key) for key, _ in pairs], size=DRAWS // 2)
    size = len(pairs) / len(rows)
    best, worst = np.zeros((2, DRAWS // 2, len(places)))
    draw = np.arange(DRAWS // 2)
    best[draw, keys * len(answers) + keys] = size
    worst[draw, keys * len(answers) + (keys + 1) % len(classes) if len(classes) > 1 else keys * len(answers) + 1] = size
    return drawn(rows.tolist(), worst, best, lambda sums: _of_tables(sums.reshape(-1, len(classes), len(answers))))


def _of_tables(tables: Values) -> Values:
    """Return the macro-F1 of weighted tables of key by answer, the last column without an answer."""
    import numpy as np

    hits = np.einsum("nii->ni", tables[:, :, :-1])
    seen = tables.sum(axis=2) + tables.sum(axis=1)[:, :-1]
    shares = np.divide(2 * hits, seen, out=np.zeros_like(seen), where=seen > 0)
    found: Values = shares.sum(axis=1) / (seen > 0).sum(axis=1)
    return found


def _classes(pairs: Sequence[Pair]) -> list[float]:
    return sorted({label for pair in pairs for label in pair if label is not None})

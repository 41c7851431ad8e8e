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

from medic_console.statistics.intervals import drawn, members

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


def draws(pairs: Sequence[Pair], groups: Sequence[str], count: int = 0) -> Values:
    """Return what the macro-F1 may be (`intervals.drawn`): of every class a group of items was not seen.

    As good as can be its items are found, as bad as can be they are not. One unseen group for all classes together is
    too little: a rare class may have no item among those seen.

    Args:
        pairs: At least one.
        groups: As long as `pairs`; an empty name is a group of its own.
        count: Classes that the task has; those that were seen where they are more.
    """
    import numpy as np

    count = max(count, 1 + int(max(_classes(pairs))))
    found = members(groups)
    rows = np.zeros((len(found), count, 2))
    for row, items in zip(rows, found, strict=True):
        for key, answer in (pairs[item] for item in items):
            row[int(key)] += (key == answer, 1.0)
            if answer is not None:
                row[int(answer), 1] += 1.0
    size = len(pairs) / len(rows)
    flat = rows.reshape(len(rows), -1).tolist()
    return drawn(flat, [0.0, size] * count, [size, 2 * size] * count, _of_sums)


def _of_sums(sums: Values) -> Values:
    """Return the macro-F1 of each row of sums: of each class its hits, and its keys and answers together."""
    found: Values = (2 * sums[:, ::2] / sums[:, 1::2]).mean(axis=1)
    return found


def _classes(pairs: Sequence[Pair]) -> list[float]:
    return sorted({label for pair in pairs for label in pair if label is not None})

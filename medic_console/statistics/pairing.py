"""Which models meet on which items."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import combinations


def matches_of(
    items: Sequence[str], models: Sequence[str], per_pair: int, seed: int
) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Return the pairs that meet on each item; `per_pair` items a pair, 0 for all."""
    found: dict[str, list[tuple[str, str]]] = {}
    for pair in combinations(sorted(models), 2):
        count = min(per_pair, len(items)) if per_pair else len(items)
        for item in random.Random(f"{seed} {pair}").sample(sorted(items), count):
            found.setdefault(item, []).append(pair)
    return {item: tuple(pairs) for item, pairs in found.items()}

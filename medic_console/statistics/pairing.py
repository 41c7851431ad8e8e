"""Which models meet on which items of a pairwise comparison.

Either every two models meet on every item, or every two meet on the same number of items (the paper: about 200 matches
a pair). The sample depends on the seed and on the names alone, not on their order. It does depend on which models take
part: for matches that stay the same when a model is added, let all meet on all items.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Collection, Mapping
from itertools import combinations

from medic_console.core.digest import canonical_json
from medic_console.core.errors import UsageError

Schedule = Mapping[str, tuple[tuple[str, str], ...]]
"""The pairs that meet, by item; in a pair the lesser name is first, and an item may have none."""


def schedule(items: Collection[str], models: Collection[str], per_pair: int | None, seed: int) -> Schedule:
    """Return which pairs of models meet on each item, in the order of the items.

    Every pair meets on `per_pair` different items, or on all where there are fewer. The numbers of matches of any two
    items differ by one at most; among the items with the fewest, chance decides.

    Args:
        items: Ids of the items.
        models: Names of the models, two at least.
        per_pair: Matches of every two models, above 0; None for a match on every item.
        seed: Of the sample.

    Raises:
        UsageError: An id or name comes twice, there are fewer than two models, or `per_pair` is not above 0.
    """
    names, order = sorted(set(models)), sorted(set(items))
    if len(names) < len(models) or len(order) < len(items):
        raise UsageError("An item or a model comes twice.", "Give every item and every model a name of its own.")
    if len(names) < 2:
        raise UsageError(f"{len(names)} model cannot be compared with another.", "Choose two models or more.")
    if per_pair is not None and per_pair < 1:
        raise UsageError(f"{per_pair} matches a pair compare nothing.", "Ask for 1 or more, or for all items.")
    count = len(order) if per_pair is None else min(per_pair, len(order))
    found: dict[str, list[tuple[str, str]]] = {item: [] for item in items}
    for pair in combinations(names, 2):
        # A seeded `random()` gives the same numbers in every version of Python; `sample` and `shuffle` need not.
        draw = random.Random(canonical_json([seed, *pair])).random
        lots = [(len(found[item]), draw(), item) for item in order]
        for _, _, item in heapq.nsmallest(count, lots):
            found[item].append(pair)
    return {item: tuple(pairs) for item, pairs in found.items()}


def opponents(matches: Schedule, item: str, model: str) -> tuple[str, ...]:
    """Return the models that a model meets on an item, by name; empty where it has no match.

    Args:
        matches: What `schedule` returned.
    """
    return tuple(
        sorted(second if first == model else first for first, second in matches[item] if model in (first, second))
    )

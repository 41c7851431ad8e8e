"""Matches between models, and what the ratings need of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from medic_console.core.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows = NDArray[np.int64]
    Resample = tuple[Rows, NDArray[np.float64]]

DRAW, FIRST, SECOND = 0, 1, 2
"""Outcomes of a match."""
_RESAMPLES = 1_000
_SEED = 20_240_907


@dataclass(frozen=True, slots=True)
class Match:
    """One comparison of two models' answers to an item.

    Attributes:
        winner: One of the two, or empty for a draw.
        item: Matches of one item are not independent; an empty name is an item of its own.

    Raises:
        UsageError: A model meets itself, or the winner is neither of the two.
    """

    first: str
    second: str
    winner: str
    item: str = ""

    def __post_init__(self) -> None:
        if self.first == self.second or self.winner not in ("", self.first, self.second):
            raise UsageError(
                f"{self.first!r} against {self.second!r}, won by {self.winner!r}, is no match.",
                "A match has two models; its winner is one of them, or empty for a draw.",
            )


@dataclass(frozen=True, slots=True)
class MatchTable:
    """Matches as arrays, one row a match.

    Attributes:
        models: Sorted.
        first: Place in `models` of the lesser name.
        second: Place of the other.
        winner: `DRAW`, `FIRST` or `SECOND`.
        item: Number of the match's item, from 0.
    """

    models: Sequence[str]
    first: Rows
    second: Rows
    winner: NDArray[np.uint8]
    item: Rows


def tallies(matches: Collection[Match], models: Collection[str]) -> dict[str, tuple[int, int, int]]:
    """Return each model's wins, draws and losses."""
    counted: Counter[tuple[str, int]] = Counter()
    for match in matches:
        for name in (match.first, match.second):
            counted[name, 1 if not match.winner else 0 if match.winner == name else 2] += 1
    names = {name for name, _ in counted} | set(models)
    return {name: (counted[name, 0], counted[name, 1], counted[name, 2]) for name in names}


def largest_group(matches: Collection[Match]) -> set[str]:
    """Return the models of the largest group that matches join; empty when two groups are the largest."""
    met: dict[str, set[str]] = {}
    for match in matches:
        met.setdefault(match.first, set()).add(match.second)
        met.setdefault(match.second, set()).add(match.first)
    groups: list[set[str]] = []
    while met:
        group, waiting = set[str](), [next(iter(met))]
        while waiting:
            name = waiting.pop()
            group.add(name)
            waiting.extend(met.pop(name, ()))
        groups.append(group)
    groups.sort(key=len, reverse=True)
    single = groups and (len(groups) == 1 or len(groups[0]) > len(groups[1]))
    return groups[0] if single else set()


def table_of(matches: Collection[Match]) -> MatchTable:
    """Return the matches as arrays, in their order, the lesser name first."""
    import numpy as np

    models = sorted({name for match in matches for name in (match.first, match.second)})
    place = {name: index for index, name in enumerate(models)}
    items: dict[object, int] = {}
    rows = np.array(
        [
            (*sorted((place[match.first], place[match.second])), items.setdefault(match.item or index, len(items)))
            for index, match in enumerate(matches)
        ],
        dtype=np.int64,
    ).reshape(-1, 3)
    first, second, item = rows.T
    winner = [DRAW if not m.winner else FIRST if m.winner == min(m.first, m.second) else SECOND for m in matches]
    return MatchTable(models, first, second, np.array(winner, dtype=np.uint8), item)


def with_unseen(table: MatchTable) -> MatchTable:
    """Return the matches and behind them, for each pair that met, one that the first wins and one that the second wins.

    `resamples` takes the matches of an unseen item from these.
    """
    import numpy as np

    pairs = np.unique(np.stack([table.first, table.second]), axis=1)
    first, second = (
        np.concatenate([side, row, row]) for side, row in zip((table.first, table.second), pairs, strict=True)
    )
    wins = np.repeat(np.array([FIRST, SECOND], dtype=np.uint8), pairs.shape[1])
    return MatchTable(table.models, first, second, np.concatenate([table.winner, wins]), table.item)


def resamples(table: MatchTable) -> Iterator[Resample]:
    """Weigh the items by the Bayesian bootstrap (Rubin 1981), one unseen among them; yield each with a random order.

    The weights of an order's matches sum to the number of matches that were played. The unseen item has as many matches
    as an item has on average, and a ranking of the models that chance made decides all of them.

    Args:
        table: What `with_unseen` returned.
    """
    import numpy as np

    random = np.random.default_rng(_SEED)
    seen, count = len(table.item), int(table.item.max()) + 1
    pairs = (len(table.first) - seen) // 2
    size = min(pairs, max(1, round(seen / count)))
    ordered = np.arange(seen)
    for _ in range(_RESAMPLES):
        ranks = random.permutation(len(table.models))
        unseen = seen + random.choice(pairs, size, replace=False)
        unseen = np.where(ranks[table.first[unseen]] < ranks[table.second[unseen]], unseen, unseen + pairs)
        drawn = random.standard_exponential(count + 1)
        weights = np.concatenate([drawn[table.item], np.full(size, drawn[count] * seen / count / size)])
        order = random.permutation(seen + size)
        yield np.concatenate([ordered, unseen])[order], (weights * (seen / weights.sum()))[order]

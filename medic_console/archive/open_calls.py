"""Calls of items that have no score yet: which entries of the ledger name, how they stand, and what was put in.

A run that was interrupted has texts of candidates that nobody scored; a resume takes them as they stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from medic_console.archive.chain import subject_of
from medic_console.archive.ledger import Kind
from medic_console.archive.row_seals import Leaves, Row, each_leaf

OPEN_CALLS = "calls.open"
"""Under this name the digests of such calls are kept; the key is run, task, item, candidate, model and step."""
COUNTED = "open"
"""Part of an entry's subject: how many such calls it names. Entries of older releases do not have it."""
_KEY = ", ".join(f"calls.{name}" for name in ("run", "task", "item", "candidate", "model", "step"))
_UNSCORED = (
    "NOT EXISTS (SELECT 1 FROM scores WHERE scores.run = calls.run AND scores.task = calls.task "
    "AND scores.item = calls.item AND scores.candidate = calls.candidate "
    "AND calls.model IN (scores.candidate, scores.judge))"
)
_PARTS = "CASE WHEN json_valid(d.key) THEN json_extract(d.key, '$[{}]') END"
_NAMED = " AND ".join(f"{name} = {_PARTS.format(place)}" for place, name in enumerate(_KEY.split(", ")))


def open_calls(connection: Any, runs: Sequence[str]) -> Iterator[tuple[Row, str]]:
    """Yield key and digest of each call of runs whose item has no score."""
    for run in runs:
        sql = f"SELECT json_array({_KEY}), output FROM calls WHERE run = :run AND {_UNSCORED} ORDER BY {_KEY}"
        yield from each_leaf(connection, {OPEN_CALLS: sql}, {"run": run})


def count_open(connection: Any, runs: Sequence[str]) -> int:
    """Return the number of such calls."""
    sql = f"SELECT count(*) FROM calls WHERE run = ? AND {_UNSCORED}"
    return sum(connection.execute(sql, [run]).fetchone()[0] for run in runs)


def named_calls(connection: Any, entry: int) -> Leaves:
    """Return the digests of the calls that an entry named as open, as they are now."""
    sql = (
        f"SELECT d.key, calls.output FROM row_digests d JOIN calls ON {_NAMED} "
        "WHERE d.entry = :entry AND d.kind = :kind ORDER BY d.key"
    )
    return dict(each_leaf(connection, {OPEN_CALLS: sql}, {"entry": entry, "kind": OPEN_CALLS}))


class OpenCalls:
    """What entries name of such calls, while an archive is checked.

    Args:
        connection: The archive.
        entries: Rows of its ledger.
    """

    def __init__(self, connection: Any, entries: Sequence[Sequence[Any]]) -> None:
        self._db = connection
        self._named: set[str] = set()
        merges = [subject_of(row) for row in entries if row[2] == Kind.RUNS_MERGED]
        self._merged = [tuple(one["outputs"]) for one in merges if "outputs" in one]

    def name(self, kept: Leaves) -> None:
        """Note the calls that an entry names."""
        self._named.update(key for table, key in kept if table == OPEN_CALLS)

    def replaced(self, row: Row) -> bool:
        """Tell whether a merge put the scored text of another archive in the place of one that had no score here."""
        if row[0] != OPEN_CALLS or not self._merged:
            return False
        sql = f"SELECT calls.output FROM (SELECT ? AS key) d JOIN calls ON {_NAMED}"
        outputs = [number for (number,) in self._db.execute(sql, [row[1]])]
        return any(first < number <= last for number in outputs for first, last in self._merged)

    def added(self, run: str, subject: Mapping[str, Any], where: str) -> Iterator[str]:
        """Yield calls that were put into a run since its last entry."""
        for (_, key), _ in open_calls(self._db, [run]) if COUNTED in subject else ():
            if key not in self._named:
                yield f"{OPEN_CALLS} {key}: it was added since {where}"

    def unproved(self) -> list[str]:
        """Return in a sentence how many are in no entry; none where all are."""
        rows = self._db.execute(f"SELECT json_array({_KEY}) FROM calls WHERE {_UNSCORED}")
        count = sum(key not in self._named for (key,) in rows)
        told = "texts of items without a score are in no entry: their runs go on, died, or are older than these seals"
        return [f"{count:,} {told}. A resume takes them as they stand."] if count else []

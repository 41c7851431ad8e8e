"""Rows that only an entry of the ledger brings, and that none brought: digests, marks of excerpts, cards of judges."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from medic_console.archive.chain import subject_of
from medic_console.archive.ledger import Kind


def unnamed_marks(connection: Any, entries: Sequence[Sequence[Any]], scores: Collection[int]) -> Iterator[str]:
    """Yield digests and marks that no entry brought: by them a row that was put in would pass for a sealed one.

    Args:
        entries: Rows of the ledger.
        scores: Numbers of those that entries vouch for.
    """
    for (score,) in connection.execute("SELECT score FROM score_digests ORDER BY score"):
        if score not in scores:
            yield f"score_digests {score}: no entry of the ledger names it"
    sealing = {row[0] for row in entries if "rows" in subject_of(row)}
    for (entry,) in connection.execute("SELECT DISTINCT entry FROM row_digests ORDER BY entry"):
        if entry not in sealing:
            yield f"row_digests of entry {entry}: it names none"
    exports = {row[0] for row in entries if row[2] == Kind.RUNS_EXPORTED}
    for (entry,) in connection.execute("SELECT entry FROM excerpts ORDER BY entry"):
        if entry not in exports:
            yield f"excerpts {entry}: that entry tells of no export"


def unnamed_cards(connection: Any, named: Collection[int], sealed: Collection[str]) -> tuple[list[str], int]:
    """Return cards of judges that no entry names though their runs are sealed, and how many are of older runs.

    Args:
        named: Numbers of the cards that entries name.
        sealed: Runs whose rows an entry vouches for.
    """
    rows = connection.execute("SELECT id, run FROM qualifications ORDER BY id")
    found = [(card, run in sealed) for card, run in rows if card not in named]
    faults = [f"card {card}: no entry of the ledger names it" for card, known in found if known]
    return faults, len(found) - len(faults)

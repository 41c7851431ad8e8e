"""Rows whose texts were forgotten, by what the ledger says of them."""

from __future__ import annotations

import json
from typing import Any

from medic_console.archive.ledger import Kind
from medic_console.archive.row_seals import Leaves


def forgotten_digests(db: Any) -> Leaves:
    """Return the digests of rows since their texts were forgotten, by table and key; of the newest entry."""
    rows = db.execute(
        "SELECT row_digests.kind, row_digests.key, row_digests.digest FROM row_digests "
        "JOIN ledger ON sequence = entry WHERE ledger.kind = ? ORDER BY entry",
        [str(Kind.FORGOTTEN)],
    )
    return {(table, key): digest for table, key, digest in rows}


def forgotten_keys(db: Any, schema: str) -> set[tuple[str, str]]:
    """Return table and digest of items and prompts whose texts were forgotten here, or where they were taken from."""
    found: set[tuple[str, str]] = set()
    for digests, ledger, on in (
        ("row_digests", "ledger", "sequence = entry"),
        ("merged_seals", "merged_ledger", "l.source = d.source AND sequence = entry"),
    ):
        rows = db.execute(
            f"SELECT d.kind, d.key FROM {schema}.{digests} d JOIN {schema}.{ledger} l ON {on} "
            "WHERE l.kind = ? AND d.kind IN ('items', 'prompts')",
            [str(Kind.FORGOTTEN)],
        )
        found |= {(table, key) for table, key in rows}
    return found


def forgotten_there(db: Any, source: int, here: Leaves) -> Leaves:
    """Return the rows whose texts were forgotten here in the numbers that a merged archive has for them."""
    found: Leaves = {}
    for kind, table in (("output", "outputs"), ("score", "scores")):
        rows = db.execute("SELECT theirs, ours FROM merged_ids WHERE source = ? AND kind = ?", [source, kind])
        known = {ours: theirs for theirs, ours in rows}
        found |= {
            (table, str(known[int(key)])): digest
            for (name, key), digest in here.items()
            if name == table and int(key) in known
        }
    return found


def told(rows: Any, run: str) -> str:
    """Return by whom and when the texts of a run were forgotten, in words; empty where they were not.

    Args:
        rows: Runs a query with its values.
    """
    found = rows(
        "SELECT created, subject FROM ledger WHERE kind = ? AND json_extract(subject, '$.run') = ? UNION ALL "
        "SELECT merged_ledger.created, subject FROM merged_ledger JOIN merged_runs USING (source) WHERE "
        "merged_ledger.kind = ? AND ours = ? AND json_extract(subject, '$.run') = run ORDER BY 1",
        *(str(Kind.FORGOTTEN), run, str(Kind.FORGOTTEN), run),
    )
    return f"by {json.loads(found[-1]['subject'])['by']} on {found[-1]['created'][:10]}" if found else ""

"""Digests of a run's rows, each by its key, so that a check can name the row that was touched.

The columns are listed, so that one that a later release adds does not change the digest of what is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from types import MappingProxyType
from typing import Any

from medic_console.archive.ledger import Kind, append, content_digest, next_entry

CALLS = "json_each(CASE WHEN json_valid(withdrawn.calls) THEN withdrawn.calls ELSE '[]' END) AS call"
"""What had been answered when a score was withdrawn."""
CALLED = tuple(f"json_extract(call.value, '$[{place}]')" for place in range(3))
"""Model, step and output of one of `CALLS`."""
Row = tuple[str, str]
"""Table and key."""
Leaves = dict[Row, str]
"""Digest by table and key."""
STARTED: Mapping[str, str] = MappingProxyType(
    {
        "models": "SELECT sha256, name, size, architecture, quantisation, parameters, context, kv_bytes, metadata "
        "FROM models WHERE sha256 IN (SELECT sha256 FROM run_models WHERE run = :run) ORDER BY sha256",
        "run_items": "SELECT task, run, position, item, digest FROM run_items WHERE run = :run ORDER BY task, position",
        "run_models": "SELECT role || ' ' || position, run, sha256, file, template FROM run_models "
        "WHERE run = :run ORDER BY role, position",
        "run_tasks": "SELECT task, run, position, digest, origin, source, notes, shared, resources FROM run_tasks "
        "WHERE run = :run ORDER BY task",
        "sittings": "SELECT id, run, pid, started FROM sittings WHERE id = :sitting",
        "tasks": "SELECT digest, id, version, title FROM tasks "
        "WHERE digest IN (SELECT digest FROM run_tasks WHERE run = :run) ORDER BY digest",
    }
)
"""What a sitting begins with: by table a query whose first column is the key; rows of one key are one group."""
ENDED: Mapping[str, str] = MappingProxyType(
    {
        "calls": "SELECT scores.id, calls.model, calls.step, calls.output FROM scores JOIN calls USING "
        "(run, task, item, candidate) WHERE scores.run = :run AND scores.id > :after AND scores.id <= :to "
        "AND calls.model IN (scores.candidate, scores.judge) UNION ALL SELECT withdrawn.id, "
        f"{', '.join(CALLED)} FROM withdrawn, {CALLS} WHERE withdrawn.run = :run "
        "AND withdrawn.id > :after AND withdrawn.id <= :to ORDER BY 1, 2, 3",
        "outputs": "SELECT id, model, content_key, prompt, engine, sitting, created, text, thinking, thinking_closed, "
        "finish, prompt_tokens, output_tokens, max_tokens, context, seconds, reused_tokens, probabilities, outside, "
        "thinking_tokens, rendered FROM outputs WHERE id > :first AND id <= :last "
        "AND sitting IN (SELECT id FROM sittings WHERE run = :run) ORDER BY id",
        "sittings": "SELECT id, run, pid, started, ended, status FROM sittings WHERE id = :sitting",
        "sittings.network": "SELECT id, network FROM sittings WHERE id = :sitting AND network IS NOT NULL",
    }
)
"""What a sitting leaves behind beside its scores; the calls of a score are a group by its id."""
WITHDRAWN: Mapping[str, str] = MappingProxyType(
    {
        "withdrawn": "SELECT id, run, candidate, judge, task, item, outcome, truncated, reason, answer, verdict, "
        "detail, traceback, scorer, toolchain, created, calls, withdrawn, why FROM withdrawn "
        "WHERE id IN (SELECT value FROM json_each(:scores)) ORDER BY id",
    }
)
"""Scores that were withdrawn together."""


def each_leaf(connection: Any, queries: Mapping[str, str], values: Mapping[str, Any]) -> Iterator[tuple[Row, str]]:
    """Yield key and digest of each row, or group of rows, of queries; no key comes twice."""
    for table, sql in queries.items():
        rows = map(tuple, connection.execute(sql, values))
        for key, group in groupby(rows, key=lambda row: row[0]):
            yield (table, str(key)), content_digest(group)


def rows_digest(leaves: Leaves) -> str:
    """Return the digest of all leaves of an entry."""
    return content_digest([*key, digest] for key, digest in sorted(leaves.items()))


def append_sealed(
    connection: Any, kind: Kind, subject: Mapping[str, Any], digest: str, leaves: Iterable[tuple[Row, str]]
) -> None:
    """Add an entry that vouches for rows too: their digests beside it, the digest of them all in its subject.

    The digests are stored before the entry, as they come, so that those of a hundred thousand rows are never in memory.
    """
    number = next_entry(connection)
    connection.execute("PRAGMA defer_foreign_keys = ON")  # until the end of this transaction
    for (table, key), leaf in leaves:
        connection.execute("INSERT INTO row_digests VALUES (?, ?, ?, ?)", [number, table, key, leaf])
    stored = connection.execute("SELECT kind, key, digest FROM row_digests WHERE entry = ? ORDER BY 1, 2", [number])
    append(connection, kind, {**subject, "rows": content_digest(map(tuple, stored))}, digest)


def kept_leaves(connection: Any, entry: int) -> Leaves:
    """Return the digests that were stored with an entry."""
    rows = connection.execute("SELECT kind, key, digest FROM row_digests WHERE entry = ?", [entry])
    return {(table, key): digest for table, key, digest in rows}

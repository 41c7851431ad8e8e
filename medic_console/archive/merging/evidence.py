"""What another archive's ledger says of runs that were taken from it: written down, and checked again at any time.

Its entries and digests name its own numbers. They are kept word by word with the numbers that its rows have here, so
that the rows can be read as it had them, and held against its digests.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from medic_console.archive.ledger import COLUMNS, FIRST, Kind
from medic_console.archive.merging.rows import Taking
from medic_console.archive.open_calls import COUNTED, count_open, open_calls
from medic_console.archive.row_seals import Row, append_sealed, each_leaf
from medic_console.archive.seals import score_digests, seal_cards, set_digest

_ALL_LEAVES: Mapping[str, str] = {
    "runs": "SELECT id, created, key, settings, kind FROM runs WHERE id IN (SELECT value FROM json_each(:fresh)) "
    "ORDER BY id",
    "models": "SELECT sha256, name, size, architecture, quantisation, parameters, context, kv_bytes, metadata "
    "FROM models WHERE sha256 IN (SELECT sha256 FROM run_models WHERE run IN (SELECT value FROM json_each(:fresh))) "
    "ORDER BY sha256",
    "run_items": "SELECT run || ', task ' || task, position, item, digest FROM run_items "
    "WHERE run IN (SELECT value FROM json_each(:fresh)) ORDER BY run, task, position",
    "run_models": "SELECT run || ', ' || role || ' ' || position, sha256, file, template FROM run_models "
    "WHERE run IN (SELECT value FROM json_each(:fresh)) ORDER BY run, role, position",
    "run_tasks": "SELECT run || ', task ' || task, position, digest, origin, source, notes, shared, resources "
    "FROM run_tasks WHERE run IN (SELECT value FROM json_each(:fresh)) ORDER BY run, task",
    "tasks": "SELECT digest, id, version, title FROM tasks WHERE digest IN (SELECT digest FROM run_tasks "
    "WHERE run IN (SELECT value FROM json_each(:fresh))) ORDER BY digest",
    "sittings": "SELECT id, run, pid, started, ended, status FROM sittings WHERE id > :sitting AND id <= :last_sitting "
    "ORDER BY id",
    "sittings.network": "SELECT id, network FROM sittings WHERE id > :sitting AND id <= :last_sitting "
    "AND network IS NOT NULL ORDER BY id",
    "outputs": "SELECT id, model, content_key, prompt, engine, sitting, created, text, thinking, thinking_closed, "
    "finish, prompt_tokens, output_tokens, max_tokens, context, seconds, reused_tokens, probabilities, outside, "
    "thinking_tokens, rendered FROM outputs WHERE id > :output AND id <= :last_output ORDER BY id",
    "calls": "SELECT scores.id, calls.model, calls.step, calls.output FROM scores JOIN calls USING "
    "(run, task, item, candidate) WHERE scores.id > :score AND scores.id <= :last_score "
    "AND calls.model IN (scores.candidate, scores.judge) ORDER BY scores.id, calls.model, calls.step",
    "merged_sources": "SELECT id, created, name, begins, head FROM merged_sources WHERE id > :source "
    "AND id <= :last_source ORDER BY id",
    "merged_runs": "SELECT source, run, created, status, key, settings, kind, origin, ours, joined FROM merged_runs "
    "WHERE source > :source AND source <= :last_source ORDER BY source, run",
    "merged_sittings": "SELECT source, sitting, run, pid, started, ended, status, ours FROM merged_sittings "
    "WHERE source > :source AND source <= :last_source ORDER BY source, sitting",
    "merged_ids": "SELECT source, kind, theirs, ours, run FROM merged_ids WHERE source > :source "
    "AND source <= :last_source ORDER BY source, kind, theirs",
    "merged_ledger": "SELECT source, sequence, created, kind, subject, digest, key, previous, mac FROM merged_ledger "
    "WHERE source > :source AND source <= :last_source ORDER BY source, sequence",
    "merged_seals": "SELECT source, entry, kind, key, run, digest FROM merged_seals WHERE source > :source "
    "AND source <= :last_source ORDER BY source, entry, kind, key",
}
"""What a merge adds beside its scores: by table a query whose first column is the key."""


def record(db: Any, taking: Taking, name: str) -> int:
    """Write down the archive that is attached as `other`, and those that it took runs from; return its number here."""
    (last,) = db.execute("SELECT coalesce(max(id), 0) FROM main.merged_sources").fetchone()
    nested = db.execute("SELECT id FROM other.merged_sources ORDER BY id").fetchall()
    for number, (theirs,) in enumerate(nested, last + 1):
        _record_nested(db, theirs, number)
    source = int(last) + len(nested) + 1
    ends = db.execute("SELECT mac FROM other.ledger ORDER BY sequence").fetchall()
    begins, head_ = (ends[0][0], ends[-1][0]) if ends else (FIRST, FIRST)
    db.execute(
        "INSERT INTO main.merged_sources SELECT ?, strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now'), ?, ?, ?",
        [source, name, begins, head_],
    )
    db.execute(
        "INSERT INTO main.merged_runs SELECT ?, id, created, status, key, settings, kind, origin, ours, joined "
        "FROM other.runs JOIN run_map ON theirs = id",
        [source],
    )
    db.execute(
        "INSERT INTO main.merged_sittings SELECT ?, id, run, pid, started, ended, status, ours FROM other.sittings "
        "JOIN sitting_map ON theirs = id",
        [source],
    )
    db.execute("INSERT INTO main.merged_ids SELECT ?, 'output', theirs, ours, '' FROM output_map", [source])
    db.execute(
        "INSERT INTO main.merged_ids SELECT ?, 'score', theirs, ours, run FROM score_map "
        "JOIN other.scores ON id = theirs WHERE same",
        [source],
    )
    for theirs, ours in taking.cards:
        db.execute(
            "INSERT INTO main.merged_ids SELECT ?, 'card', id, ?, run FROM other.qualifications WHERE id = ?",
            [source, ours, theirs],
        )
    db.execute(f"INSERT INTO main.merged_ledger SELECT ?, {COLUMNS} FROM other.ledger", [source])
    db.execute("INSERT INTO main.merged_seals SELECT ?, entry, kind, key, '', digest FROM other.row_digests", [source])
    db.execute(
        "INSERT INTO main.merged_seals SELECT ?, 0, 'scores', score, run, digest FROM other.score_digests", [source]
    )
    return source


def _record_nested(db: Any, theirs: int, ours: int) -> None:
    """Write down an archive that the other one took runs from: its numbers there become those here."""
    copies = (
        ("merged_sources", "?2, created, name, begins, head", "WHERE t.id = ?1"),
        (
            "merged_runs",
            "?2, run, created, status, key, settings, kind, t.origin, m.ours, max(t.joined, m.joined)",
            "JOIN run_map m ON m.theirs = t.ours WHERE source = ?1",
        ),
        (
            "merged_sittings",
            "?2, sitting, run, pid, started, ended, status, m.ours",
            "JOIN sitting_map m ON m.theirs = t.ours WHERE source = ?1",
        ),
        (
            "merged_ids",
            "?2, kind, t.theirs, m.ours, run",
            "JOIN output_map m ON m.theirs = t.ours WHERE source = ?1 AND kind = 'output'",
        ),
        (
            "merged_ids",
            "?2, kind, t.theirs, m.ours, run",
            "JOIN score_map m ON m.theirs = t.ours AND m.same WHERE source = ?1 AND kind = 'score'",
        ),
        (
            "merged_ledger",
            "?2, sequence, created, kind, subject, digest, key, previous, mac",
            "WHERE source = ?1",
        ),
        ("merged_seals", "?2, entry, kind, key, run, digest", "WHERE source = ?1"),
    )
    for table, columns, where in copies:
        db.execute(f"INSERT INTO main.{table} SELECT {columns} FROM other.{table} t {where}", [theirs, ours])


def seal(db: Any, taking: Taking, name: str, statuses: Mapping[str, str], before: int, last: int) -> None:
    """Enter in the ledger what was taken, with the digests of all rows that were added.

    Args:
        statuses: Of the runs that it came to, as they are now.
        before: Number of the last source before.
        last: Number of the last source.
    """
    seal_cards(db, [ours for _, ours in taking.cards])
    fresh = [row[0] for row in db.execute("SELECT ours FROM run_map WHERE fresh ORDER BY ours")]
    subject: dict[str, Any] = {
        "from": name,
        "runs": dict(sorted(statuses.items())),
        "fresh": fresh,
        "sittings": list(taking.ranges.sittings),
        "outputs": list(taking.ranges.outputs),
        "scores": list(taking.ranges.scores),
        "sources": [before, last],
    }
    digests = list(merged_scores(db, subject))
    for run, number, digest in digests:
        db.execute("INSERT INTO score_digests (score, run, digest) VALUES (?, ?, ?)", [number, run, digest])
    digest = set_digest((number, one) for _, number, one in digests)
    runs = sorted(statuses)
    subject[COUNTED] = count_open(db, runs)
    append_sealed(db, Kind.RUNS_MERGED, subject, digest, chain(merged_leaves(db, subject), open_calls(db, runs)))


def merged_scores(db: Any, subject: Mapping[str, Any]) -> Iterator[tuple[str, int, str]]:
    """Yield run, number and digest of each score that a merge added."""
    first, last = subject["scores"]
    for run in subject["runs"]:
        yield from ((run, number, digest) for number, digest in score_digests(db, run, first, last))


def merged_leaves(db: Any, subject: Mapping[str, Any]) -> Iterator[tuple[Row, str]]:
    """Yield digests of all rows that a merge added beside its scores."""
    (sitting, last_sitting), (output, last_output) = subject["sittings"], subject["outputs"]
    (score, last_score), (source, last_source) = subject["scores"], subject["sources"]
    values = {
        "fresh": json.dumps(subject["fresh"]),
        "sitting": sitting,
        "last_sitting": last_sitting,
        "output": output,
        "last_output": last_output,
        "score": score,
        "last_score": last_score,
        "source": source,
        "last_source": last_source,
    }
    return each_leaf(db, _ALL_LEAVES, values)

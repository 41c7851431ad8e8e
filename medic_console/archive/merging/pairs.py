"""Which runs, sittings, outputs and scores of another archive are here already, and in which numbers the rest goes.

The other archive is attached as `other`. What is found is kept in temporary tables, from `theirs` to `ours`. A run is
known by the digest of its row where it was made, wherever it came by since; shards of one plan are one run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from medic_console.archive.ledger import content_digest
from medic_console.archive.merging.shards import shard_of
from medic_console.archive.seals import PARTS
from medic_console.archive.withdrawing import last_score

MAPS = (
    "run_map (theirs TEXT PRIMARY KEY, ours TEXT NOT NULL, origin TEXT NOT NULL, fresh INTEGER NOT NULL, "
    "joined INTEGER NOT NULL)",
    "sitting_map (theirs INTEGER PRIMARY KEY, ours INTEGER NOT NULL, fresh INTEGER NOT NULL)",
    "output_map (theirs INTEGER PRIMARY KEY, ours INTEGER NOT NULL, fresh INTEGER NOT NULL)",
    # `same` is 0 where the score here is another one that says the same
    "score_map (theirs INTEGER PRIMARY KEY, ours INTEGER NOT NULL, fresh INTEGER NOT NULL, same INTEGER NOT NULL)",
)
OUTPUT = (
    "model, content_key, prompt, engine, created, text, thinking, thinking_closed, finish, prompt_tokens, "
    "output_tokens, max_tokens, context, seconds, reused_tokens, probabilities, outside, thinking_tokens, rendered"
)
"""Columns of an output but its number and its sitting."""
_SAID = "outcome, truncated, reason, answer, verdict, detail, traceback, scorer, toolchain"
"""Columns of a score that two shards which overlap must agree in."""
_PLAN: Mapping[str, str] = {
    "tasks": "SELECT task, position, digest, origin, shared FROM {}.run_tasks WHERE run = ?",
    "items": "SELECT task, position, item, digest FROM {}.run_items WHERE run = ?",
    "models": "SELECT role, position, sha256, template FROM {}.run_models WHERE run = ?",
}
"""What two halves of a run must have alike."""


def origins(db: Any, schema: str) -> dict[str, dict[str, int]]:
    """Return by run the digests by which it is known, each with 1 where that one is of a shard that was joined to it.

    Args:
        schema: `main` or `other`.
    """
    rows = db.execute(f"SELECT id, created, key, settings, kind FROM {schema}.runs").fetchall()
    found = {row[0]: {content_digest([tuple(row)]): 0} for row in rows}
    for ours, origin, joined in db.execute(f"SELECT ours, origin, joined FROM {schema}.merged_runs"):
        found[ours].setdefault(origin, joined)
    return found


def plan_differs(db: Any, theirs: str, ours: str) -> str:
    """Return what of a run is not as it is in the run here; empty when all is."""
    for what, sql in _PLAN.items():
        there, here = sql.format("other"), sql.format("main")
        for first, second, values in ((there, here, [theirs, ours]), (here, there, [ours, theirs])):
            if db.execute(f"SELECT 1 FROM ({first} EXCEPT {second}) LIMIT 1", values).fetchone():
                return what
    return ""


def shard_bases(db: Any) -> dict[str, str]:
    """Return the run that shards of a plan are joined to, by the plan's key."""
    rows = db.execute("SELECT key, id, settings FROM main.runs WHERE kind = 'audit' ORDER BY id DESC").fetchall()
    return {key: run for key, run, settings in rows if shard_of(json.loads(settings))}


def sittings(db: Any, schema: str) -> dict[tuple[str, int, str], list[int]]:
    """Return numbers of sittings by the run's origin, the process and the time."""
    runs = {
        row[0]: content_digest([tuple(row)])
        for row in db.execute(f"SELECT id, created, key, settings, kind FROM {schema}.runs").fetchall()
    }
    found: dict[tuple[str, int, str], set[int]] = {}
    own = (
        f"SELECT run, pid, started, id FROM {schema}.sittings "
        f"WHERE id NOT IN (SELECT ours FROM {schema}.merged_sittings)"
    )
    for run, pid, started, number in db.execute(own):
        found.setdefault((runs[run], pid, started), set()).add(number)
    taken = (
        f"SELECT origin, pid, started, merged_sittings.ours FROM {schema}.merged_sittings "
        f"JOIN {schema}.merged_runs USING (source, run)"
    )
    for origin, pid, started, number in db.execute(taken):
        found.setdefault((origin, pid, started), set()).add(number)
    return {key: sorted(numbers) for key, numbers in found.items()}


def pair_outputs(db: Any) -> Iterator[str]:
    """Pair the outputs of sittings that are here too, in their order; yield those that are others.

    A sitting wrote its outputs one after the other: where one archive has more, it has seen it for longer.
    """
    known = db.execute("SELECT theirs, ours FROM sitting_map WHERE NOT fresh").fetchall()
    for theirs, ours in known:
        there, here = (
            db.execute(f"SELECT id, {OUTPUT} FROM {schema}.outputs WHERE sitting = ? ORDER BY id", [number])
            for schema, number in (("other", theirs), ("main", ours))
        )
        pairs = []
        for one, other in zip(there, here, strict=False):
            if tuple(one)[1:] != tuple(other)[1:]:
                yield f"outputs {one[0]}: its content is not that of outputs {other[0]} here, of the same sitting"
                break
            pairs.append((one[0], other[0]))
        db.executemany("INSERT INTO output_map VALUES (?, ?, 0)", pairs)


def number_outputs(db: Any) -> None:
    """Give the outputs that are not here the next numbers, in their order."""
    db.execute(
        "INSERT INTO output_map SELECT id, (SELECT coalesce(max(id), 0) FROM main.outputs) "
        "+ row_number() OVER (ORDER BY id), 1 FROM other.outputs WHERE id NOT IN (SELECT theirs FROM output_map)"
    )


def pair_scores(db: Any) -> Iterator[str]:
    """Pair the scores of items that are scored here too, number the rest; yield those that say something else."""
    db.execute(
        "INSERT INTO score_map SELECT o.id, s.id, 0, o.created = s.created AND NOT EXISTS (SELECT 1 FROM other.calls c "
        "JOIN output_map m ON m.theirs = c.output LEFT JOIN main.calls d ON d.run = s.run AND d.task = c.task "
        "AND d.item = c.item AND d.candidate = c.candidate AND d.model = c.model AND d.step = c.step "
        "WHERE c.run = o.run AND c.task = o.task AND c.item = o.item AND c.candidate = o.candidate "
        "AND c.model IN (o.candidate, o.judge) AND d.output IS NOT m.ours) "
        "FROM other.scores o JOIN run_map r ON r.theirs = o.run JOIN main.scores s ON s.run = r.ours "
        "AND s.task = o.task AND s.item = o.item AND s.candidate = o.candidate AND s.judge = o.judge"
    )
    there, here = (", ".join(f"{name}.{one}" for one in _SAID.split(", ")) for name in ("o", "s"))
    rows = db.execute(
        "SELECT o.id, o.run, o.task, o.item, s.id FROM other.scores o JOIN score_map m ON m.theirs = o.id "
        f"JOIN main.scores s ON s.id = m.ours WHERE ({there}) IS NOT ({here}) ORDER BY o.id"
    ).fetchall()
    seen = {row[0] for row in rows}
    rows += [row for row in _other_parts(db) if row[0] not in seen]
    for number, run, task, item, ours in rows:
        yield f"score {number} (run {run}, task {task}, item {item}): it is not what score {ours} here says"
    db.execute(
        "INSERT INTO score_map SELECT id, ? + row_number() OVER (ORDER BY id), 1, 1 FROM other.scores "
        "WHERE id NOT IN (SELECT theirs FROM score_map)",
        [last_score(db)],
    )


def _other_parts(db: Any) -> list[tuple[Any, ...]]:
    """Return the scores whose values, traces or verdicts are not those of the score here."""
    numbers: set[int] = set()
    for table, columns in PARTS.items():
        names = ", ".join(name for name in columns.split(", ")[1:] if name != "seconds")
        there = f"SELECT m.ours AS score, {names} FROM other.{table} t JOIN score_map m ON m.theirs = t.score"
        here = f"SELECT score, {names} FROM main.{table} JOIN score_map m ON m.ours = score AND NOT fresh"
        for first, second in ((f"{there} AND NOT fresh", here), (here, f"{there} AND NOT fresh")):
            numbers |= {row[0] for row in db.execute(f"SELECT DISTINCT score FROM ({first} EXCEPT {second})")}
    return _placed(db, numbers)


def _placed(db: Any, numbers: Iterable[int]) -> list[tuple[Any, ...]]:
    sql = (
        "SELECT o.id, o.run, o.task, o.item, m.ours FROM other.scores o JOIN score_map m ON m.theirs = o.id "
        "WHERE m.ours = ? AND NOT fresh"
    )
    return [tuple(row) for number in sorted(numbers) for row in db.execute(sql, [number])]

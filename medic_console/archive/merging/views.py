"""A merged archive's rows as it had them: its own numbers and names of runs, over the rows that are here now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from medic_console.archive.ledger import COLUMNS
from medic_console.archive.merging.pairs import OUTPUT
from medic_console.archive.seals import PARTS, SCORE

_EMPTY = (
    *("reviewers", "queues", "queue_cards", "decisions", "excerpts", "merged_sources", "merged_runs"),
    *("merged_sittings", "merged_ids", "merged_ledger", "merged_seals", "withdrawn"),
)
_INDEXED = {
    "scores": ("id", "run, task, item, candidate"),
    "calls": ("run, task, item, candidate",),
    "score_digests": ("score",),
}
"""Tables that are put together once, with an index: they are joined by what the rows here have no index of."""
_PLAN = {
    "run_tasks": "t.position, t.task, t.digest, t.origin, t.source, t.notes, t.shared, t.resources",
    "run_items": "t.task, t.position, t.item, t.digest",
    "run_models": "t.role, t.position, t.sha256, t.file, t.template",
}


def _views(source: int) -> Iterator[tuple[str, str]]:
    """Yield the name of each table and what stands for it. A shard that was joined has its plan in the run's here."""
    ids = f"JOIN main.merged_ids m ON m.source = {source}"
    of = f"main.merged_runs WHERE source = {source}"
    yield "runs", f"SELECT run AS id, created, status, key, settings, kind FROM {of}"
    for table, columns in _PLAN.items():
        joined = f"JOIN main.merged_runs m ON m.ours = t.run AND NOT m.joined WHERE m.source = {source}"
        yield table, f"SELECT m.run AS run, {columns} FROM main.{table} t {joined}"
    yield (
        "sittings",
        "SELECT m.sitting AS id, m.run, m.pid, m.started, m.ended, m.status, o.network FROM main.merged_sittings m "
        f"JOIN main.sittings o ON o.id = m.ours WHERE source = {source}",
    )
    yield (
        "outputs",
        f"SELECT m.theirs AS id, s.sitting AS sitting, {OUTPUT} FROM main.outputs o {ids} AND m.kind = 'output' "
        f"AND m.ours = o.id JOIN main.merged_sittings s ON s.source = {source} AND s.ours = o.sitting",
    )
    listed = ", ".join(f"o.{name}" for name in SCORE.split(", ") if name not in ("id", "run"))
    by_score = f"{ids} AND m.kind = 'score'"
    yield "scores", f"SELECT m.theirs AS id, m.run AS run, {listed} FROM main.scores o {by_score} AND m.ours = o.id"
    for table, columns in PARTS.items():
        others = columns.removeprefix("score, ")
        yield table, f"SELECT m.theirs AS score, {others} FROM main.{table} t {by_score} AND m.ours = t.score"
    yield (
        "calls",
        "SELECT DISTINCT m.run AS run, c.candidate, c.model, c.task, c.item, c.step, n.theirs AS output "
        f"FROM main.scores o {by_score} AND m.ours = o.id JOIN main.calls c ON c.run = o.run AND c.task = o.task "
        "AND c.item = o.item AND c.candidate = o.candidate "
        f"JOIN main.merged_ids n ON n.source = {source} AND n.kind = 'output' AND n.ours = c.output",
    )
    card = "judge, method, wording, build, probes, created, verdict, card"
    yield (
        "qualifications",
        f"SELECT m.theirs AS id, m.run AS run, {card} FROM main.qualifications q {ids} AND m.kind = 'card' "
        "AND m.ours = q.id",
    )
    yield "ledger", f"SELECT {COLUMNS} FROM main.merged_ledger WHERE source = {source}"
    yield (
        "row_digests",
        f"SELECT entry, kind, key, digest FROM main.merged_seals WHERE source = {source} AND entry > 0",
    )
    yield (
        "score_digests",
        f"SELECT CAST(key AS INTEGER) AS score, run, digest FROM main.merged_seals WHERE source = {source} "
        "AND entry = 0",
    )
    for table in _EMPTY:
        yield table, f"SELECT * FROM main.{table} WHERE 0"


@contextmanager
def as_it_was(db: Any, source: int) -> Iterator[None]:
    """While the block lasts, tables that are named without their schema are those of a merged archive."""
    made = []
    try:
        for table, sql in _views(source):
            kind = "TABLE" if table in _INDEXED else "VIEW"
            db.execute(f"CREATE TEMP {kind} {table} AS {sql}")
            made.append((kind, table))
            for number, columns in enumerate(_INDEXED.get(table, ())):
                db.execute(f"CREATE INDEX temp.{table}_as_it_was_{number} ON {table} ({columns})")
        yield
    finally:
        for kind, table in made:
            db.execute(f"DROP {kind} temp.{table}")

"""Chosen runs as an archive of their own, with all that their figures rest on and the whole ledger."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medic_console.archive.copies import new_file
from medic_console.archive.database import open_writable
from medic_console.archive.key_state import ready
from medic_console.archive.ledger import Kind, append, content_digest, head
from medic_console.archive.rows import run_order
from medic_console.archive.seals import PARTS, run_digest
from medic_console.archive.transaction import transaction
from medic_console.core.errors import ArchiveError

_RESTS_ON = (
    # runs that a judge's answers were recalled from
    "SELECT DISTINCT sittings.run FROM calls JOIN outputs ON outputs.id = calls.output "
    "JOIN sittings ON sittings.id = outputs.sitting WHERE calls.run = ?",
    # runs in which its judges were qualified
    "SELECT DISTINCT qualifications.run FROM qualifications JOIN run_models ON sha256 = qualifications.judge "
    "AND role = 'judge' WHERE run_models.run = ?",
)
_RUNS = "IN (SELECT value FROM json_each(:runs))"
_SITTINGS = f"IN (SELECT id FROM main.sittings WHERE run {_RUNS})"
_SOURCES = f"IN (SELECT source FROM main.merged_runs WHERE ours {_RUNS})"
_ENTRIES = (
    f"IN (SELECT sequence FROM main.ledger WHERE json_extract(subject, '$.run') {_RUNS} OR EXISTS "
    f"(SELECT 1 FROM json_each(json_extract(subject, '$.runs')) AS one WHERE ledger.kind = '{Kind.RUNS_MERGED}' "
    f"AND one.key {_RUNS}))"
)
_CHOSEN: tuple[tuple[str, str], ...] = (
    (
        "models",
        f"sha256 IN (SELECT sha256 FROM main.run_models WHERE run {_RUNS}) OR sha256 IN (SELECT model FROM "
        f"main.outputs WHERE sitting {_SITTINGS})",
    ),
    ("tasks", f"digest IN (SELECT digest FROM main.run_tasks WHERE run {_RUNS})"),
    ("items", f"digest IN (SELECT digest FROM main.run_items WHERE run {_RUNS})"),
    ("runs", f"id {_RUNS}"),
    ("run_tasks", f"run {_RUNS}"),
    ("run_items", f"run {_RUNS}"),
    ("run_models", f"run {_RUNS}"),
    ("sittings", f"run {_RUNS}"),
    ("engines", f"digest IN (SELECT engine FROM main.outputs WHERE sitting {_SITTINGS})"),
    (
        "templates",
        "digest IN (SELECT json_extract(granted, '$.rendering.template') FROM part.engines) OR text IN "
        f"(SELECT template FROM main.run_models WHERE run {_RUNS})",
    ),
    (
        "toolchains",
        f"digest IN (SELECT toolchain FROM main.scores WHERE run {_RUNS} UNION "
        f"SELECT toolchain FROM main.withdrawn WHERE run {_RUNS})",
    ),
    ("prompts", f"digest IN (SELECT prompt FROM main.outputs WHERE sitting {_SITTINGS})"),
    ("outputs", f"sitting {_SITTINGS}"),
    ("calls", f"run {_RUNS}"),
    ("scores", f"run {_RUNS}"),
    ("withdrawn", f"run {_RUNS}"),
    *((table, f"score IN (SELECT id FROM main.scores WHERE run {_RUNS})") for table in PARTS),
    ("qualifications", f"run {_RUNS}"),
    ("ledger", "1"),
    ("score_digests", f"run {_RUNS}"),
    ("row_digests", f"entry {_ENTRIES}"),
    ("merged_sources", f"id {_SOURCES}"),
    ("merged_runs", f"ours {_RUNS}"),
    ("merged_sittings", f"ours {_SITTINGS}"),
    (
        "merged_ids",
        f"source {_SOURCES} AND (kind = 'output' AND ours IN (SELECT id FROM part.outputs) "
        "OR kind = 'score' AND ours IN (SELECT id FROM part.scores) "
        "OR kind = 'card' AND ours IN (SELECT id FROM part.qualifications))",
    ),
    ("merged_ledger", f"source {_SOURCES}"),
    ("merged_seals", f"source {_SOURCES}"),
    ("excerpts", "1"),
)
"""Which rows of each table go into the file; all others, those of reviews, stay behind."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What a file holds.

    Attributes:
        runs: Those that were chosen.
        along: Those that their figures rest on beside: a judge's answers were recalled from them, or it was qualified.
        size: Bytes.
    """

    runs: tuple[str, ...]
    along: tuple[str, ...]
    size: int


def export_runs(path: Path, chosen: Sequence[str], target: Path) -> Exported:
    """Write runs into an archive of their own; that they were exported is an entry of the ledger here and there.

    Raises:
        ArchiveError: There is no such run, the file is there already, or cannot be written.
    """
    ready(path)
    path = path.expanduser().absolute()
    if not path.is_file():
        raise ArchiveError(f"{path}: there is no archive.", "Name one with --archive FILE.")
    with closing(open_writable(path)) as opened, new_file(target) as part:
        open_writable(part).close()
        db = opened.conn
        db.execute("ATTACH ? AS part", [str(part)])
        db.execute("PRAGMA part.journal_mode = DELETE")
        with transaction(opened, path):
            runs = _with_what_they_rest_on(db, path, chosen)
            names = json.dumps(runs)
            digest = content_digest([run, run_digest(db, run)] for run in runs)
            append(db, Kind.RUNS_EXPORTED, {"runs": runs, "to": target.name}, digest)
            for table, where in _CHOSEN:
                columns = ", ".join(row[1] for row in db.execute(f"PRAGMA main.table_info({table})"))
                db.execute(
                    f"INSERT INTO part.{table} ({columns}) SELECT {columns} FROM main.{table} WHERE {where}",
                    {"runs": names},
                )
            db.execute("INSERT INTO part.excerpts VALUES (?)", [head(db)[0]])
        db.execute("DETACH part")
        size = part.stat().st_size
    return Exported(tuple(dict.fromkeys(chosen)), tuple(run for run in runs if run not in chosen), size)


def _with_what_they_rest_on(db: Any, path: Path, chosen: Iterable[str]) -> list[str]:
    found, waiting = set[str](), list(chosen)
    known = {row[0] for row in db.execute("SELECT id FROM main.runs")}
    for run in waiting:
        if run not in known:
            raise ArchiveError(f"There is no run {run} in {path}.", "See them: medic-console archive stats")
    while waiting:
        run = waiting.pop()
        if run not in found:
            found.add(run)
            for sql in _RESTS_ON:
                waiting += [row[0] for row in db.execute(sql, [run])]
    return sorted(found, key=run_order)

"""Put the runs of another archive into this one, in the transaction of the caller.

The other archive is attached as `other`; it was checked before, and has the tables of this release.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from medic_console.archive.contents import NAMED, fits
from medic_console.archive.forgotten import forgotten_keys
from medic_console.archive.ledger import Kind, content_digest
from medic_console.archive.merging.pairs import (
    MAPS,
    OUTPUT,
    number_outputs,
    origins,
    pair_outputs,
    pair_scores,
    plan_differs,
    shard_bases,
    sittings,
)
from medic_console.archive.merging.shards import missing_shards, shard_of, shards_of
from medic_console.archive.seals import PARTS, SCORE
from medic_console.archive.withdrawing import last_score
from medic_console.core.errors import ArchiveError

_MODEL = "name, size, architecture, quantisation, parameters, context, kv_bytes, metadata"
_PLAN = {
    "run_tasks": "position, task, digest, origin, source, notes, shared, resources",
    "run_items": "task, position, item, digest",
    "run_models": "role, position, sha256, file, template",
}
_CARD = "judge, method, wording, build, probes, created, verdict, card"
_SAID = "text, thinking, finish, probabilities, prompt"
"""What two outputs must have alike to be one answer."""


@dataclass(frozen=True, slots=True)
class Ranges:
    """Numbers of the rows that were added: above the first, at most the second."""

    sittings: tuple[int, int]
    outputs: tuple[int, int]
    scores: tuple[int, int]


class Taking:
    """Takes every run of the archive that is attached as `other`.

    Args:
        db: Connection with a transaction.
        locked: Tells whether a process works on a run of this archive.

    Attributes:
        conflicts: What stands against it, in sentences; then nothing of it may be kept.
        ranges: Rows that were added; set by `run`.
        cards: Numbers of the judges' cards that were added.
        changed: Whether anything was added at all.
    """

    def __init__(self, db: Any, locked: Callable[[str], bool]) -> None:
        self._db, self._locked = db, locked
        self.conflicts: list[str] = []
        self.ranges = Ranges((0, 0), (0, 0), (0, 0))
        self.cards: list[tuple[int, int]] = []
        self.changed = False
        self._calls = 0

    def run(self) -> None:
        """Take them; where there are conflicts it stops early."""
        for table in MAPS:
            self._db.execute(f"DROP TABLE IF EXISTS temp.{table.split()[0]}")
            self._db.execute(f"CREATE TEMP TABLE {table}")
        before = [self._last(table) for table in ("sittings", "outputs", "scores")]
        for step in (self._contents, self._runs, self._withdrawn, self._sittings, self._outputs, self._scores):
            self.conflicts += step()
            if self.conflicts:
                return
        self._take_cards()
        after = [self._last(table) for table in ("sittings", "outputs", "scores")]
        self.ranges = Ranges(*zip(before, after, strict=True))
        (new,) = self._db.execute(
            "SELECT count(*) FROM run_map JOIN other.runs o ON o.id = theirs JOIN main.runs r ON r.id = ours "
            "WHERE fresh OR (NOT joined AND coalesce(json_extract(r.settings, '$.shard'), '') = '' "
            "AND o.status = 'done' AND r.status <> 'done')"
        ).fetchone()
        (disputes,) = self._db.execute(
            "SELECT count(*) FROM other.ledger WHERE kind = ? AND mac NOT IN "
            "(SELECT mac FROM main.ledger UNION ALL SELECT mac FROM main.merged_ledger)",
            [str(Kind.CHALLENGE)],
        ).fetchone()
        self.changed = bool(new or before != after or self._calls or self.cards or disputes)

    def _last(self, table: str) -> int:
        if table == "scores":  # the numbers of those that were withdrawn are given to no other
            return last_score(self._db)
        return int(self._db.execute(f"SELECT coalesce(max(id), 0) FROM main.{table}").fetchone()[0])

    def _contents(self) -> Iterator[str]:
        """Add what is named by its digest; one name must not have two contents."""
        known = forgotten_keys(self._db, "main")
        for table, (columns, derive) in NAMED.items():
            names = [row[1] for row in self._db.execute(f"PRAGMA main.table_info({table})")]
            listed = ", ".join(names)
            self._db.execute(f"INSERT OR IGNORE INTO main.{table} ({listed}) SELECT {listed} FROM other.{table}")
            differs = " OR ".join(f"a.{name} IS NOT b.{name}" for name in columns.split(", "))
            taken = ", ".join(f"a.{name}" for name in columns.split(", "))
            sql = f"SELECT digest, {taken} FROM main.{table} a JOIN other.{table} b USING (digest) WHERE {differs}"
            for row in self._db.execute(sql).fetchall():
                if not fits(row[0], derive, row[1:]) and (table, row[0]) not in known:
                    yield f"{table} {row[0]}: its content here is not what its digest names"
        self._db.execute(
            f"INSERT OR IGNORE INTO main.models (sha256, {_MODEL}) SELECT sha256, {_MODEL} FROM other.models"
        )
        differs = " OR ".join(f"a.{name} IS NOT b.{name}" for name in _MODEL.split(", "))
        sql = f"SELECT sha256 FROM main.models a JOIN other.models b USING (sha256) WHERE {differs}"
        yield from (
            f"models {row[0]}: what is said of the file is not what is said of it here" for row in self._db.execute(sql)
        )

    def _runs(self) -> Iterator[str]:
        here: dict[str, tuple[str, int]] = {}
        for ours, known in origins(self._db, "main").items():
            here |= {origin: (ours, joined) for origin, joined in known.items()}
        bases, there = shard_bases(self._db), origins(self._db, "other")
        rows = self._db.execute("SELECT id, created, key, settings, kind, status FROM other.runs ORDER BY created, id")
        for run, created, key, settings, kind, status in rows.fetchall():
            found = {here[origin] for origin in there[run] if origin in here}
            shard = shard_of(json.loads(settings))
            if not found and shard and key in bases:
                found = {(bases[key], 1)}
            if len({ours for ours, _ in found}) > 1:
                yield f"run {run}: two runs here are both this one: {', '.join(sorted(ours for ours, _ in found))}"
                continue
            fresh = not found
            ours, joined = max(found) if found else (self._free_id(run), 0)
            if fresh:
                self._add_run(
                    run, ours, (created, "interrupted" if status == "running" else status, key, settings, kind)
                )
            elif what := plan_differs(self._db, run, ours):
                yield f"run {run}: its {what} are not those of run {ours} here"
                continue
            elif self._locked(ours):
                yield f"run {ours} is being worked on here by another process"
                continue
            origin = content_digest([(run, created, key, settings, kind)])
            self._db.execute("INSERT INTO run_map VALUES (?, ?, ?, ?, ?)", [run, ours, origin, fresh, joined])
            here |= dict.fromkeys(there[run], (ours, joined))
            if shard:
                bases.setdefault(key, ours)

    def _withdrawn(self) -> Iterator[str]:
        """Refuse runs of which an item was asked again, here or there: what was withdrawn has no numbers elsewhere.

        Raises:
            ArchiveError: There are such runs.
        """
        rows = self._db.execute(
            "SELECT run FROM other.withdrawn UNION SELECT theirs FROM run_map JOIN main.withdrawn ON run = ours "
            "ORDER BY 1"
        )
        runs = [run for (run,) in rows]
        if runs:
            raise ArchiveError(
                f"Failed items of run {', '.join(runs)} were asked again (resume --failed): its ledger names the "
                "attempts that failed by numbers, which another archive cannot give them. Nothing was taken.",
                "Keep it in its archive, which can be reported and backed up as any other. To take the other runs "
                "alone: medic-console archive export RUN ... FILE there, archive import FILE here.",
            )
        yield from ()

    def _free_id(self, run: str) -> str:
        taken = {row[0] for row in self._db.execute("SELECT id FROM main.runs WHERE id LIKE ?", [f"{run[:10]}-%"])}
        if run not in taken:
            return run
        last = max(int(one.rsplit("-", 1)[1]) for one in taken)
        return f"{run[:10]}-{last + 1:03d}"

    def _add_run(self, theirs: str, ours: str, row: Sequence[str]) -> None:
        columns = "id, created, status, key, settings, kind"
        self._db.execute(f"INSERT INTO main.runs ({columns}) VALUES (?, ?, ?, ?, ?, ?)", [ours, *row])
        for table, names in _PLAN.items():
            self._db.execute(
                f"INSERT INTO main.{table} (run, {names}) SELECT ?, {names} FROM other.{table} WHERE run = ?",
                [ours, theirs],
            )

    def _sittings(self) -> Iterator[str]:
        here = sittings(self._db, "main")
        known: dict[int, set[int]] = {}
        for key, numbers in sittings(self._db, "other").items():
            for place, theirs in enumerate(numbers):
                known.setdefault(theirs, set()).update(here.get(key, [])[place : place + 1])
        for theirs, ours in sorted(known.items()):
            if len(ours) > 1:
                yield f"sittings {theirs}: it is two sittings here, {' and '.join(map(str, sorted(ours)))}"
            number = min(ours) if ours else self._add_sitting(theirs)
            self._db.execute("INSERT INTO sitting_map VALUES (?, ?, ?)", [theirs, number, not ours])

    def _add_sitting(self, theirs: int) -> int:
        cursor = self._db.execute(
            "INSERT INTO main.sittings (run, pid, started, ended, status, network) SELECT r.ours, pid, started, ended, "
            "CASE status WHEN 'running' THEN 'died' ELSE status END, network FROM other.sittings "
            "JOIN run_map r ON r.theirs = run WHERE id = ?",
            [theirs],
        )
        return int(cursor.lastrowid)

    def _outputs(self) -> Iterator[str]:
        yield from pair_outputs(self._db)
        number_outputs(self._db)
        self._db.execute(
            f"INSERT INTO main.outputs (id, sitting, {OUTPUT}) SELECT m.ours, s.ours, {OUTPUT} FROM other.outputs o "
            "JOIN output_map m ON m.theirs = o.id AND m.fresh JOIN sitting_map s ON s.theirs = o.sitting "
            "ORDER BY m.ours"
        )

    def _scores(self) -> Iterator[str]:
        yield from pair_scores(self._db)
        yield from self._take_calls()
        columns = [name for name in SCORE.split(", ") if name not in ("id", "run")]
        listed, theirs = ", ".join(columns), ", ".join(f"o.{one}" for one in columns)
        self._db.execute(
            f"INSERT INTO main.scores (id, run, {listed}) SELECT m.ours, r.ours, {theirs} "
            "FROM other.scores o JOIN score_map m ON m.theirs = o.id AND m.fresh "
            "JOIN run_map r ON r.theirs = o.run ORDER BY m.ours"
        )
        for table, names in PARTS.items():
            others = names.removeprefix("score, ")
            self._db.execute(
                f"INSERT INTO main.{table} (score, {others}) SELECT m.ours, {others} FROM other.{table} t "
                "JOIN score_map m ON m.theirs = t.score AND m.fresh"
            )

    def _take_calls(self) -> Iterator[str]:
        """Take the calls of items that have no score here; those of the items' scores go before others."""
        rows = self._db.execute(
            "SELECT r.ours, c.candidate, c.model, c.task, c.item, c.step, m.ours, d.output, "
            "EXISTS (SELECT 1 FROM main.scores s WHERE s.run = r.ours AND s.task = c.task AND s.item = c.item "
            "AND s.candidate = c.candidate AND c.model IN (s.candidate, s.judge)), "
            "EXISTS (SELECT 1 FROM other.scores s WHERE s.run = c.run AND s.task = c.task AND s.item = c.item "
            "AND s.candidate = c.candidate AND c.model IN (s.candidate, s.judge)) "
            "FROM other.calls c JOIN run_map r ON r.theirs = c.run JOIN output_map m ON m.theirs = c.output "
            "LEFT JOIN main.calls d ON d.run = r.ours AND d.task = c.task AND d.item = c.item "
            "AND d.candidate = c.candidate AND d.model = c.model AND d.step = c.step"
        ).fetchall()
        for *key, output, present, scored_here, scored_there in rows:
            if present == output or (scored_here and present is None):
                continue
            if present is None:
                self._db.execute("INSERT INTO main.calls VALUES (?, ?, ?, ?, ?, ?, ?)", [*key, output])
                self._calls += 1
            elif scored_here and scored_there and self._said(present) != self._said(output):
                yield f"calls of run {key[0]}, task {key[3]}, item {key[4]}: the {key[5]} is another text than here"
            elif not scored_here and scored_there:
                self._db.execute(
                    "UPDATE main.calls SET output = ? WHERE run = ? AND candidate = ? AND model = ? AND task = ? "
                    "AND item = ? AND step = ?",
                    [output, *key],
                )
                self._calls += 1

    def _said(self, output: int) -> tuple[Any, ...]:
        return tuple(self._db.execute(f"SELECT {_SAID} FROM main.outputs WHERE id = ?", [output]).fetchone())

    def _take_cards(self) -> None:
        known = {
            tuple(row[1:]): row[0]
            for row in self._db.execute(f"SELECT id, run, {_CARD} FROM main.qualifications").fetchall()
        }
        rows = self._db.execute(
            f"SELECT q.id, r.ours, {_CARD} FROM other.qualifications q JOIN run_map r ON r.theirs = q.run ORDER BY q.id"
        ).fetchall()
        for number, *row in rows:
            if tuple(row) not in known:
                names = f"run, {_CARD}"
                marks = ", ".join("?" * len(row))
                cursor = self._db.execute(f"INSERT INTO main.qualifications ({names}) VALUES ({marks})", row)
                self.cards.append((number, int(cursor.lastrowid)))

    def settle(self) -> dict[str, str]:
        """Give runs that were put together their status, and return all statuses; the other archive is written down."""
        found: dict[str, str] = {}
        for run, fresh in self._db.execute("SELECT ours, min(fresh) FROM run_map GROUP BY ours").fetchall():
            shards = shards_of(rows_of(self._db), run)
            theirs = [
                row[0]
                for row in self._db.execute(
                    "SELECT o.status FROM run_map JOIN other.runs o ON o.id = theirs WHERE ours = ?", [run]
                )
            ]
            (now,) = self._db.execute("SELECT status FROM main.runs WHERE id = ?", [run]).fetchone()
            status = now
            if len(shards) > 1:
                status = "interrupted" if missing_shards(shards) else "done"
            elif not shards and not fresh and "done" in theirs:
                status = "done"
            if status != now:
                self._db.execute("UPDATE main.runs SET status = ? WHERE id = ?", [status, run])
            found[run] = status
        return found


def rows_of(db: Any) -> Callable[..., list[Mapping[str, Any]]]:
    """Return what runs a query with its values and gives rows by their columns' names."""

    def rows(sql: str, *values: Any) -> list[Mapping[str, Any]]:
        cursor = db.execute(sql, values)
        names = [one[0] for one in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    return rows

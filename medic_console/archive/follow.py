"""Read what is new in a run that another process works on: what was stored since the last look, and nothing else."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass

from medic_console.archive.calls import at_once
from medic_console.archive.lock import is_locked, told
from medic_console.archive.queries import ArchiveReader, Row
from medic_console.archive.rows import score_of
from medic_console.audit.events import ItemRef, ItemScored
from medic_console.audit.outline import Outline, OutlinedTask, per_item
from medic_console.core.naming import called
from medic_console.core.records import Counts, Outcome

RUNNING, DIED = "running", "died"
_UNENDED = (RUNNING, "new")
NEW_SCORES = "SELECT * FROM scores WHERE id > ? AND id <= ? AND +run = ? ORDER BY id"
"""Along the primary key: without the plus SQLite would go through all scores of the run."""
NEW_OUTPUTS = (
    "SELECT count(*) AS n, sum(output_tokens) AS tokens, max(id) AS last FROM outputs "
    "WHERE id > ? AND id <= ? AND sitting = ?"
)
LATEST_OF_OUTCOME = "SELECT id FROM scores WHERE run = ? AND outcome = ? AND id <= ? ORDER BY id DESC LIMIT ?"
_LATEST = 200
"""Scores of each outcome that the first look brings."""
_SPENT = (
    "SELECT candidate, task, count(*) AS items, sum(max(0, 86400 * (moment - before))) AS seconds FROM (SELECT "
    "candidate, task, julianday(created) AS moment, lag(julianday(created), 1, julianday(?)) OVER (ORDER BY id) "
    "AS before FROM scores WHERE run = ? AND id <= ? AND created >= ?) GROUP BY candidate, task"
)
_RECENT = 200
"""Outputs before the last one among which the first look seeks those of the run."""
ByTask = Mapping[tuple[str, str], Counts]
"""Counts by the candidate's sha256 and the task's id."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Up to where an archive was read: numbers of a score and of an output, of any run."""

    score: int
    output: int


@dataclass(frozen=True, slots=True)
class EngineAtWork:
    """A model's sha256, and how many sequences are decoded together."""

    model: str
    parallel: int


@dataclass(frozen=True, slots=True)
class SoFar:
    """A run as the first look finds it.

    Attributes:
        last: The score that was stored last; None when there is none.
        last_of: The same by the candidate's sha256 and the task's id.
        age: Seconds since the present sitting began.
        latest: The newest scores of each outcome, the last one last.
        spent: Seconds and scores of the present sitting, by the candidate's sha256 and the task's id.
        quiet: Seconds since the last score of the present sitting, or since it began.
        pid: The process that works on it, as the archive says; 0 when none has begun.
        engine: What made the newest outputs, if they are of this sitting.
        machines: Open prompts of each machine at work, by its name, where there are several.
    """

    outline: Outline
    counts: ByTask
    last: ItemScored | None
    last_of: Mapping[tuple[str, str], ItemScored]
    age: float
    latest: tuple[ItemScored, ...]
    spent: Mapping[tuple[str, str], tuple[float, int]]
    quiet: float
    pid: int
    engine: EngineAtWork | None
    machines: tuple[tuple[str, int], ...]
    mark: Bookmark


@dataclass(frozen=True, slots=True)
class News:
    """What was stored since the last look.

    Attributes:
        status: As in `RunView`; `died` when its process is gone and has told no end.
        outputs: New outputs of any model.
        tokens: What they were written with.
        engine: What made the last of them; None without one.
        machines: As in `SoFar`.
    """

    status: str
    scored: tuple[ItemScored, ...]
    outputs: int
    tokens: int
    engine: EngineAtWork | None
    machines: tuple[tuple[str, int], ...]
    mark: Bookmark


class RunFollower(ArchiveReader):
    """Follows a run through the archive.

    Raises:
        ArchiveError: There is no archive at `path`, or it cannot be used.
    """

    def so_far(self, run: str) -> SoFar:
        """Return what is stored of a run; it goes through the run's scores, so it is asked once.

        Raises:
            ArchiveError: There is no such run.
        """
        outline, sitting, mark = self._outline(run), self._sitting(run), self._mark()
        latest, begun = self._latest(run, mark.score), sitting["started"]
        spent = self._rows(_SPENT, begun, run, mark.score, begun)
        return SoFar(
            outline=outline,
            counts=self.counts(run, mark.score),
            last=_scored(latest[-1]) if latest else None,
            last_of=self.last_of(run, mark.score),
            age=_age(begun),
            latest=tuple(map(_scored, latest)),
            spent={(row["candidate"], row["task"]): (row["seconds"], row["items"]) for row in spent},
            quiet=min(_age(begun), _age(latest[-1]["created"])) if latest else _age(begun),
            pid=sitting["pid"],
            engine=self._engine(self._outputs(Bookmark(0, mark.output - _RECENT), mark, sitting["id"])["last"]),
            machines=machines_in(told(self.path, run)),
            mark=mark,
        )

    def latest(self, run: str) -> tuple[ItemScored, ...]:
        """Return the newest scores of each outcome, the last one last."""
        return tuple(map(_scored, self._latest(run, self._mark().score)))

    def news(self, run: str, mark: Bookmark) -> News:
        """Return what was stored since a mark.

        The lock is asked first and the status before the scores: a run stores its last score, then its status, and
        lets the lock go at the end.
        """
        locked = is_locked(self.path, run)
        status = self._rows("SELECT status FROM runs WHERE id = ?", run)[0]["status"]
        if status in _UNENDED:
            status = RUNNING if locked else DIED
        now = self._mark()
        outputs = self._outputs(mark, now, self._sitting(run)["id"])
        return News(
            status=status,
            scored=tuple(map(_scored, self._rows(NEW_SCORES, mark.score, now.score, run))),
            outputs=outputs["n"],
            tokens=outputs["tokens"] or 0,
            engine=self._engine(outputs["last"]),
            machines=machines_in(told(self.path, run)),
            mark=now,
        )

    def counts(self, run: str, upto: int | None = None) -> ByTask:
        """Count a run's scores by candidate and task.

        Args:
            upto: Number of the last score that is counted; None: all.
        """
        rows = self._rows(
            "SELECT candidate, task, outcome, count(*) AS n FROM scores WHERE run = ? AND id <= ? "
            "GROUP BY candidate, task, outcome",
            run,
            self._mark().score if upto is None else upto,
        )
        found: dict[tuple[str, str], dict[str, int]] = {}
        for row in rows:
            found.setdefault((row["candidate"], row["task"]), {})[row["outcome"]] = row["n"]
        return {key: Counts(*(numbers.get(str(one), 0) for one in Outcome)) for key, numbers in found.items()}

    def last_of(self, run: str, upto: int | None = None) -> dict[tuple[str, str], ItemScored]:
        """Return the score that was stored last of each candidate and task.

        Args:
            upto: Number of the last score that counts; None: all.
        """
        rows = self._rows(
            "SELECT * FROM scores WHERE id IN "
            "(SELECT max(id) FROM scores WHERE run = ? AND id <= ? GROUP BY candidate, task)",
            run,
            self._mark().score if upto is None else upto,
        )
        return {(row["candidate"], row["task"]): _scored(row) for row in rows}

    def _outline(self, run: str) -> Outline:
        view = self.run(run)
        tasks = []
        for row in self._run_tasks(run):
            task = self._task(row)
            items = self._rows("SELECT item FROM run_items WHERE run = ? AND task = ? ORDER BY position", run, task.id)
            names = tuple(item["item"] for item in items)
            tasks.append(OutlinedTask(task, names, len(names) * per_item(task, len(view.judges)), row["origin"]))
        candidates, judges = ({one.sha256: called(one) for one in models} for models in (view.candidates, view.judges))
        return Outline(candidates, judges, tuple(tasks))

    def _mark(self) -> Bookmark:
        score, output = (
            self._rows(f"SELECT coalesce(max(id), 0) AS last FROM {table}")[0]["last"]
            for table in ("scores", "outputs")
        )
        return Bookmark(score, output)

    def _sitting(self, run: str) -> Row:
        """Return the newest sitting; of a run that has none yet, one that begins now."""
        rows = self._rows("SELECT id, started, pid FROM sittings WHERE run = ? ORDER BY id DESC LIMIT 1", run)
        return rows[0] if rows else {"id": -1, "started": datetime.datetime.now(datetime.UTC).isoformat(), "pid": 0}

    def _latest(self, run: str, upto: int) -> list[Row]:
        found = [row["id"] for one in Outcome for row in self._rows(LATEST_OF_OUTCOME, run, str(one), upto, _LATEST)]
        marks = ", ".join("?" * len(found))
        return self._rows(f"SELECT * FROM scores WHERE id IN ({marks}) ORDER BY id", *found)

    def _outputs(self, after: Bookmark, upto: Bookmark, sitting: int) -> Row:
        return self._rows(NEW_OUTPUTS, after.output, upto.output, sitting)[0]

    def _engine(self, output: int | None) -> EngineAtWork | None:
        rows = self._rows(
            "SELECT model, granted FROM outputs JOIN engines ON digest = engine WHERE outputs.id = ?", output
        )
        return EngineAtWork(rows[0]["model"], at_once(json.loads(rows[0]["granted"]))) if rows else None


def machines_in(text: str) -> tuple[tuple[str, int], ...]:
    """Return what a run's process says of its machines (`RunLock.tell`); empty for anything else."""
    try:
        found = json.loads(text) if text else []
    except (ValueError, RecursionError):
        return ()
    pairs = [one for one in found if isinstance(one, list) and len(one) == 2] if isinstance(found, list) else []
    return tuple((str(name), number) for name, number in pairs if isinstance(number, int))


def _scored(row: Row) -> ItemScored:
    return ItemScored(ItemRef(row["candidate"], row["task"], row["item"], row["judge"]), score_of(row, {}))


def _age(moment: str) -> float:
    """Return the seconds since an ISO time of the archive; none for one that is yet to come."""
    return max(0.0, (datetime.datetime.now(datetime.UTC) - datetime.datetime.fromisoformat(moment)).total_seconds())

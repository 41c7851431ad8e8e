"""What an archive stores, read. One connection a thread: make a reader where it is used."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medic_console.archive.calls import asked_of, calls_of, written_of
from medic_console.archive.columns import Columns
from medic_console.archive.database import open_readonly
from medic_console.archive.merging.shards import shards_of
from medic_console.archive.rows import (
    NEWEST_RUN,
    criterion_of,
    cross_answers_of,
    libraries_of,
    match_of,
    model_of,
    question_list_of,
    score_of,
    sql_result_of,
)
from medic_console.archive.run_list import RunList
from medic_console.archive.views import ItemRow, ItemTrace, ModelView, RunView
from medic_console.core.errors import ArchiveError
from medic_console.core.naming import called
from medic_console.core.records import AUDIT, CefTrace, Score
from medic_console.core.run_settings import RunSettings

if TYPE_CHECKING:
    from medic_console.audit.shard import Shard
    from medic_console.suite.task import Task

Row = dict[str, Any]
_TABLES = (
    "runs",
    "models",
    "tasks",
    "items",
    "outputs",
    "calls",
    "scores",
    "sql_results",
    "cef_questions",
    "matches",
    "criteria",
    "qualifications",
)


_ASKED = ", ".join(
    f"json_extract(fields, '$.{name}')"
    for name in (
        *("question", "problem", "prompt", "request", "statement", "query"),
        *("sentences", "dialogue", "note", "text", "conversation"),
    )
)
"""What an item asks, or the text that it is about, as the task files name it."""
_BEGINNING = 300
"""Characters of it that a list shows."""


@lru_cache(maxsize=256)
def _parse(text: str) -> Task:
    """Parse a task of any archive once a process: readers come and go."""
    from medic_console.suite.task_file import parse_task  # with every judge method; home does without

    return parse_task(text, Path(), stored=True)


class ArchiveReader:
    """Read-only view of an archive.

    Raises:
        ArchiveError: There is no archive at `path`, or it cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()
        self._db = open_readonly(path)
        self._columns = Columns(self._rows, self._tuples)
        self._with_judge: dict[str, bool] = {}
        self._files: dict[str, Task] = {}
        self._tasks: dict[tuple[str, str], Task] = {}
        self._list = RunList(self._rows, self._judged, self.path)

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def runs(self) -> list[RunView]:
        """Return all audits, newest first."""
        return self._list.audits()

    def run(self, run: str) -> RunView:
        """Return one run.

        Raises:
            ArchiveError: There is none of that id.
        """
        found = self._list.one(run)
        if found is not None:
            return found
        known = ", ".join(row["id"] for row in self._rows(f"SELECT id FROM runs ORDER BY {NEWEST_RUN} LIMIT 5"))
        raise ArchiveError(f"There is no run {run} in {self.path}.", f"Newest runs: {known or 'none'}.")

    def forgotten(self, run: str) -> str:
        """Return by whom and when the texts of a run were forgotten, in words; empty where they were not."""
        from medic_console.archive.forgotten import told

        return told(self._rows, run)

    def shards(self, run: str) -> dict[Shard, str]:
        """Return the shards that a run was put together from, each with its status; empty for a whole run."""
        return shards_of(self._rows, run)

    def is_qualification(self, run: str) -> bool:
        """Tell whether a run is a qualification of judges."""
        return bool(self._rows("SELECT 1 FROM runs WHERE id = ? AND kind = 'qualification'", run))

    def scorers(self, run: str, task: str, candidate: str) -> list[str]:
        """Return what made the stored scores of a task: scorers with their versions, each once."""
        rows = self._rows(
            "SELECT DISTINCT scorer FROM scores WHERE run = ? AND task = ? AND candidate = ? ORDER BY scorer",
            *(run, task, candidate),
        )
        return [str(row["scorer"]) for row in rows if row["scorer"]]

    def audit(self, run: str) -> RunView:
        """Return one audit, whose figures are those of models.

        Raises:
            ArchiveError: There is no run of that id, or it is a qualification.
        """
        found = self.run(run)
        if self.is_qualification(run):
            raise ArchiveError(
                f"Run {run} is a qualification of judges: its probes are no benchmark.",
                f"See what was measured: medic-console judge show {' or '.join(map(called, found.candidates))}",
            )
        return found

    def models(self) -> list[ModelView]:
        """Return all models, each with its newest file and the number of audits that it was a candidate in."""
        return self._list.models()

    def run_models(self, run: str, role: str) -> tuple[ModelView, ...]:
        """Return a run's candidates or judges, in the order in which they were named."""
        rows = self._rows(
            "SELECT models.*, run_models.file, 0 AS runs FROM run_models JOIN models USING (sha256) "
            "WHERE run = ? AND role = ? ORDER BY position",
            run,
            role,
        )
        return tuple(model_of(row) for row in rows)

    def task(self, run: str, task: str) -> Task:
        """Return a task as it was when the run used it."""
        for row in self._run_tasks(run):
            if row["task"] == task:
                return self._task(row)
        raise ArchiveError(f"Run {run} has no task {task}.")

    def task_of(self, run: str, task: str, candidate: str) -> Task:
        """Return a task as a candidate was asked in a run."""
        return asked_of(self._rows, run, self.task(run, task), candidate)

    def items(self, run: str, task: str, candidate: str, judge: str) -> list[ItemRow]:
        """Return a task's items in their order, scored or not."""
        rows = self._tuples(
            "SELECT run_items.item, run_items.position, scores.id, outcome, reason, verdict, answer, "
            f"truncated, versions, gold, substr(coalesce({_ASKED}), 1, {_BEGINNING}) AS question "
            "FROM run_items JOIN items USING (digest) "
            "LEFT JOIN scores ON scores.run = run_items.run AND scores.task = run_items.task "
            "AND scores.item = run_items.item AND scores.candidate = ? AND scores.judge = ? "
            "LEFT JOIN toolchains ON toolchains.digest = toolchain "
            "WHERE run_items.run = ? AND run_items.task = ? ORDER BY run_items.position",
            *(candidate, judge, run, task),
        )
        values, versions = self._columns.values(run, task, candidate, judge), cache(json.loads)
        return [
            ItemRow(
                task=task,
                item=item,
                candidate=candidate,
                judge=judge,
                position=position,
                outcome=outcome or "",
                reason=reason or "",
                verdict=verdict or "",
                answer=answer or "",
                values=values.get(score, {}),
                truncated=bool(truncated),
                libraries=None if libraries is None else versions(libraries),
                question=question or "",
                reference=gold,
            )
            for item, position, score, outcome, reason, verdict, answer, truncated, libraries, gold, question in rows
        ]

    def trace(self, run: str, task: str, item: str, candidate: str, judge: str) -> ItemTrace:
        """Return what is stored of one item.

        Raises:
            ArchiveError: The run has no such item.
        """
        found = self._rows(
            "SELECT items.*, run_tasks.resources, run_tasks.digest AS task_digest FROM run_items "
            "JOIN items USING (digest) JOIN run_tasks ON run_tasks.run = run_items.run "
            "AND run_tasks.task = run_items.task WHERE run_items.run = ? AND run_items.task = ? AND run_items.item = ?",
            run,
            task,
            item,
        )
        if not found:
            raise ArchiveError(f"Run {run} has no item {item} of {task}.")
        row, record = found[0], self.task_of(run, task, candidate)
        judges = self.run_models(run, "judge")
        models = {m.sha256: m for m in (*self.run_models(run, "candidate"), *judges)}
        calls = calls_of(self._rows, run, task, item, candidate, judge)
        fields = json.loads(row["fields"])
        written = [call.output.text for call in calls if call.of_candidate]
        from medic_console.scoring.methods.cef.spec import cef_of

        cef = cef_of(record)
        source = str(fields.get(cef.source, "")) if cef else ""
        score, scorer, libraries = self._score(run, task, item, candidate, judge, source, "\n\n".join(written))
        return ItemTrace(
            run=run,
            task=record,
            item=item,
            fields=fields,
            gold=json.loads(row["gold"]),
            group=row["grouping"],
            candidate=models[candidate],
            judge=models.get(judge),
            score=score,
            scorer=scorer,
            calls=calls,
            resources=json.loads(row["resources"]),
            judges=judges if record.judge else (),
            libraries=libraries,
        )

    def written(self, sha256: str) -> dict[str, tuple[float, int]]:
        """Return the mean tokens and the number of the answers that a candidate wrote, by task."""
        return written_of(self._rows, sha256)

    def stats(self) -> dict[str, int]:
        """Return the number of rows of each table; audits (`runs`) and qualifications of judges are counted apart."""
        found = {table: int(self._rows(f"SELECT count(*) AS n FROM {table}")[0]["n"]) for table in _TABLES}
        audits = int(self._rows("SELECT count(*) AS n FROM runs WHERE kind = ?", AUDIT)[0]["n"])
        return found | {"runs": audits, "qualification_runs": found["runs"] - audits}

    def scores(self, run: str, task: str, candidate: str, judge: str) -> list[tuple[Score, str]]:
        """Return the scores of a task (without traces), each with its item's group."""
        column = self._columns.column(run, self.task(run, task), candidate, judge)
        return [(one.score, one.group) for one in column.values()]

    def run_tasks(self, run: str) -> list[Row]:
        """Return the rows of a run's tasks: digests, origins, sources and resources."""
        return self._run_tasks(run)

    def run_items(self, run: str, task: str) -> list[Row]:
        """Return the rows of a task's items in a run, in order."""
        return list(self.each_run_item(run, task))

    def each_run_item(self, run: str, task: str) -> Iterator[Row]:
        """Yield the rows of a task's items in a run, in order."""
        return self._each(
            "SELECT items.* FROM run_items JOIN items USING (digest) WHERE run = ? AND task = ? ORDER BY position",
            run,
            task,
        )

    def settings(self, run: str) -> dict[str, Any]:
        """Return what was chosen for a run; before the kind of cache could be chosen, there was one."""
        found: dict[str, Any] = json.loads(self._rows("SELECT settings FROM runs WHERE id = ?", run)[0]["settings"])
        return {"cache": "unified", **found}

    def templates(self, run: str) -> dict[str, str]:
        """Return the chat template that a run used for each model file, by sha256."""
        rows = self._rows("SELECT sha256, template FROM run_models WHERE run = ?", run)
        return {row["sha256"]: row["template"] for row in rows}

    def _rows(self, sql: str, *values: Any) -> list[Row]:
        return list(self._each(sql, *values))

    def _each(self, sql: str, *values: Any) -> Iterator[Row]:
        found = self._db.execute(sql, values)
        names = [column[0] for column in found.description]
        return (dict(zip(names, row, strict=True)) for row in found)

    def _tuples(self, sql: str, *values: Any) -> Iterable[tuple[Any, ...]]:
        cursor = self._db.cursor()
        cursor.row_factory = None
        return cursor.execute(sql, values)

    def _run_tasks(self, run: str) -> list[Row]:
        return self._rows("SELECT * FROM run_tasks WHERE run = ? ORDER BY position", run)

    def _task(self, row: Row) -> Task:
        key = (row["run"], row["digest"])
        if key not in self._tasks:
            asking = RunSettings(**self.settings(row["run"])).asking
            from medic_console.suite.ask_options import as_asked

            task = replace(self._parsed(row["digest"]), folder=str(Path(row["source"]).parent))
            self._tasks[key] = as_asked(task, asking)
        return self._tasks[key]

    def _parsed(self, digest: str) -> Task:
        if digest not in self._files:
            self._files[digest] = _parse(self._text(digest))
        return self._files[digest]

    def _judged(self, digest: str) -> bool:
        """Tell whether a judge scores a task; only the table is looked for, as lists of runs need no more."""
        if digest not in self._with_judge:
            self._with_judge[digest] = "judge" in tomllib.loads(self._text(digest))
        return self._with_judge[digest]

    def _text(self, digest: str) -> str:
        return str(self._rows("SELECT text FROM tasks WHERE digest = ?", digest)[0]["text"])

    def _judges(self, run: str) -> list[str]:
        return [model.sha256 for model in self.run_models(run, "judge")]

    def _score(
        self, run: str, task: str, item: str, candidate: str, judge: str, source: str, generated: str
    ) -> tuple[Score | None, str, dict[str, str] | None]:
        rows = self._rows(
            "SELECT scores.*, versions FROM scores LEFT JOIN toolchains ON toolchains.digest = toolchain "
            "WHERE run = ? AND task = ? AND item = ? AND candidate = ? AND judge = ?",
            run,
            task,
            item,
            candidate,
            judge,
        )
        if not rows:
            return None, "", None
        number = rows[0]["id"]
        values = {r["name"]: r["value"] for r in self._rows("SELECT * FROM score_values WHERE score = ?", number)}
        results = self._rows("SELECT * FROM sql_results WHERE score = ? ORDER BY side DESC", number)
        questions = self._rows("SELECT * FROM cef_questions WHERE score = ? ORDER BY position", number)
        lists = self._rows("SELECT * FROM question_lists WHERE score = ? ORDER BY direction DESC", number)
        matches = self._rows("SELECT * FROM matches WHERE score = ? ORDER BY opponent", number)
        criteria = self._rows("SELECT * FROM criteria WHERE score = ? ORDER BY position", number)
        trace = None
        if questions:
            asked, also = (cross_answers_of(questions, direction) for direction in ("source", "generated"))
            trace = CefTrace(item, source, generated, asked, also, tuple(question_list_of(r) for r in lists))
        score = score_of(
            rows[0],
            values,
            sql=tuple(sql_result_of(r) for r in results),
            cef=trace,
            matches=tuple(match_of(r) for r in matches),
            criteria=tuple(criterion_of(r) for r in criteria),
        )
        return score, rows[0]["scorer"], libraries_of(rows[0])

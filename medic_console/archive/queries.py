"""Read an archive. One connection a thread: make a reader where it is used."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from medic_console.archive.asked import asked_of, calls_of, label_mass, prompt_notes
from medic_console.archive.columns import Columns
from medic_console.archive.database import open_readonly
from medic_console.archive.judgements import Judgement, judgements
from medic_console.archive.qualifications import Qualifications
from medic_console.archive.rows import (
    criterion_of,
    cross_answers_of,
    libraries_of,
    match_of,
    model_of,
    question_list_of,
    score_of,
    sql_result_of,
    task_result_of,
)
from medic_console.archive.run_list import RunList
from medic_console.archive.sizes import sizes
from medic_console.archive.views import ItemRow, ItemTrace, ModelResult, ModelView, RunView, TaskView
from medic_console.core.errors import ArchiveError
from medic_console.core.naming import called
from medic_console.core.records import CefTrace, Score
from medic_console.core.run_settings import RunSettings
from medic_console.engine.files.kinship import kinship
from medic_console.results.judging.probes import bundled_probes
from medic_console.results.known import KnownViews, Stamp
from medic_console.results.panel import panel_rows, panel_trace
from medic_console.results.tasks import PANEL, Asked, Marks, TaskResults
from medic_console.statistics.aggregates import dimension_scores
from medic_console.suite.asking import as_asked
from medic_console.suite.task import Task
from medic_console.suite.task_file import parse_task

Row = dict[str, Any]


def read_results(path: Path, run: str, known: KnownViews | None = None) -> tuple[ModelResult, ...]:
    """Open an archive, return a run's results and close it.

    Args:
        path: The archive.
        run: Id of the run.
        known: Results computed before; tasks without new scores are taken from there.

    Raises:
        ArchiveError: There is no archive at `path`, or it cannot be used.
    """
    with closing(Reader(path)) as reader:
        return tuple(reader.results(run, known))


@lru_cache(maxsize=256)
def _parse(text: str) -> Task:
    """Parse a task of any archive once a process: readers come and go."""
    return parse_task(text, Path())


class Reader:
    """Read-only view of an archive.

    Raises:
        ArchiveError: There is no archive at `path`, or it cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()
        self._db = open_readonly(path)
        self._columns = Columns(self._rows)
        self._files: dict[str, Task] = {}
        self._tasks: dict[tuple[str, str], Task] = {}
        self._list = RunList(self._rows, lambda digest: self._parsed(digest).judge is not None, self.path)

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    @property
    def qualifications(self) -> Qualifications:
        """Cards of judges."""
        return Qualifications(self._rows)

    def judgements(self) -> list[Judgement]:
        """Return what each judge was named for in audits."""
        return judgements(self._rows, self._parsed)

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
        known = ", ".join(row["id"] for row in self._rows("SELECT id FROM runs ORDER BY id DESC LIMIT 5"))
        raise ArchiveError(f"There is no run {run} in {self.path}.", f"Newest runs: {known or 'none'}.")

    def audit(self, run: str) -> RunView:
        """Return one audit, whose figures are those of models.

        Raises:
            ArchiveError: There is no run of that id, or it is a qualification.
        """
        found = self.run(run)
        if self.qualifications.is_one(run):
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

    def results(self, run: str, known: KnownViews | None = None) -> list[ModelResult]:
        """Return metrics and dimensions of each candidate; where several judges judged, the panel's.

        The main metric of each task is computed now, the others when they are looked at.

        Args:
            run: Id of the run.
            known: Results computed before; tasks without new scores are taken from there.
        """
        known, stamps, models = known or KnownViews(), self._stamps(run), self.run_models(run, "candidate")

        def views(row: Row) -> dict[str, TaskView]:
            table = self._table(run, row)
            return {model.sha256: table.view(model.sha256) for model in models}

        tasks = [
            known.views(run, row["task"], stamps.get(row["task"], ()), partial(views, row))
            for row in self._run_tasks(run)
        ]
        found = []
        for model in models:
            own = tuple(task[model.sha256] for task in tasks)
            found.append(ModelResult(model, own, dimension_scores([task_result_of(view) for view in own])))
        return found

    def _stamps(self, run: str) -> dict[str, Stamp]:
        """Return what each task's results rest on."""
        cards = self._rows("SELECT count(*) AS n, max(id) AS last FROM qualifications")[0]
        rows = self._rows("SELECT task, count(*) AS n, max(id) AS last FROM scores WHERE run = ? GROUP BY task", run)
        return {row["task"]: (row["n"], row["last"], cards["n"], cards["last"]) for row in rows}

    def task_results(self, run: str, candidate: str, judge: str) -> list[TaskView]:
        """Return a candidate's results by task; `judge` counts for judged tasks only."""
        return [self._table(run, row).view_under(candidate, judge) for row in self._run_tasks(run)]

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
        """Return a task's items in their order, scored or not; `judge` may be `PANEL`."""
        if judge == PANEL:
            judges, record = self._judges(run), self.task(run, task)
            columns = [self._columns.column(run, record, candidate, one) for one in judges]
            return panel_rows(self.items(run, task, candidate, judges[0]), columns)
        rows = self._rows(
            "SELECT run_items.item, run_items.position, scores.id, outcome, reason, verdict, answer, "
            "truncated, versions "
            "FROM run_items LEFT JOIN scores ON scores.run = run_items.run AND scores.task = run_items.task "
            "AND scores.item = run_items.item AND scores.candidate = ? AND scores.judge = ? "
            "LEFT JOIN toolchains ON toolchains.digest = toolchain "
            "WHERE run_items.run = ? AND run_items.task = ? ORDER BY run_items.position",
            *(candidate, judge, run, task),
        )
        values = self._columns.values(run, task, candidate, judge)
        return [
            ItemRow(
                task=task,
                item=row["item"],
                candidate=candidate,
                judge=judge,
                position=row["position"],
                outcome=row["outcome"] or "",
                reason=row["reason"] or "",
                verdict=row["verdict"] or "",
                answer=row["answer"] or "",
                values=values.get(row["id"], {}),
                truncated=bool(row["truncated"]),
                libraries=libraries_of(row),
            )
            for row in rows
        ]

    def trace(self, run: str, task: str, item: str, candidate: str, judge: str) -> ItemTrace:
        """Return all that is known of one item; `judge` may be `PANEL`.

        Raises:
            ArchiveError: The run has no such item.
        """
        if judge == PANEL:
            return panel_trace([self.trace(run, task, item, candidate, one) for one in self._judges(run)])
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
        source = str(fields.get(record.cef.source, "")) if record.cef else ""
        score, scorer, libraries = self._score(run, task, item, candidate, judge, source, "\n\n".join(written))
        marks = self._marks(run, record, candidate, judge) if judge and record.judge else Marks()
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
            provisional=marks.provisional,
            kin=marks.kin,
            judges=judges if record.judge else (),
            libraries=libraries,
        )

    def stats(self) -> dict[str, int]:
        """Return the number of rows of each table; audits and qualifications of judges are counted apart."""
        return sizes(self._rows)

    def scores(self, run: str, task: str, candidate: str, judge: str) -> list[tuple[Score, str]]:
        """Return the scores of a task (without traces), each with its item's group."""
        column = self._columns.column(run, self.task(run, task), candidate, judge)
        return [(one.score, one.group) for one in column.values()]

    def run_tasks(self, run: str) -> list[Row]:
        """Return the rows of a run's tasks: digests, origins, sources and resources."""
        return self._run_tasks(run)

    def run_items(self, run: str, task: str) -> list[Row]:
        """Return the rows of a task's items in a run, in order."""
        return self._rows(
            "SELECT items.* FROM run_items JOIN items USING (digest) WHERE run = ? AND task = ? ORDER BY position",
            run,
            task,
        )

    def settings(self, run: str) -> dict[str, Any]:
        """Return what was chosen for a run."""
        found: dict[str, Any] = json.loads(self._rows("SELECT settings FROM runs WHERE id = ?", run)[0]["settings"])
        return found

    def templates(self, run: str) -> dict[str, str]:
        """Return the chat template that a run used for each model file, by sha256."""
        rows = self._rows("SELECT sha256, template FROM run_models WHERE run = ?", run)
        return {row["sha256"]: row["template"] for row in rows}

    def _rows(self, sql: str, *values: Any) -> list[Row]:
        return [dict(row) for row in self._db.execute(sql, values)]

    def _run_tasks(self, run: str) -> list[Row]:
        return self._rows("SELECT * FROM run_tasks WHERE run = ? ORDER BY position", run)

    def _task(self, row: Row) -> Task:
        key = (row["run"], row["digest"])
        if key not in self._tasks:
            asking = RunSettings(**self.settings(row["run"])).asking
            task = replace(self._parsed(row["digest"]), folder=str(Path(row["source"]).parent))
            self._tasks[key] = as_asked(task, asking)
        return self._tasks[key]

    def _parsed(self, digest: str) -> Task:
        if digest not in self._files:
            self._files[digest] = _parse(self._rows("SELECT text FROM tasks WHERE digest = ?", digest)[0]["text"])
        return self._files[digest]

    def _judges(self, run: str) -> list[str]:
        return [model.sha256 for model in self.run_models(run, "judge")]

    def _table(self, run: str, row: Row) -> TaskResults:
        task = self._task(row)
        size = self._rows("SELECT count(*) AS n FROM run_items WHERE run = ? AND task = ?", run, task.id)[0]["n"]
        candidates, judges = [model.sha256 for model in self.run_models(run, "candidate")], self._judges(run)
        load, marks = partial(self._columns.column, run, task), partial(self._marks, run, task)
        return TaskResults(row, task, int(size), candidates, judges, load, marks, partial(self._asked, run, task))

    def _asked(self, run: str, task: Task, candidate: str) -> Asked:
        mass = label_mass(self._rows, run, task.id, candidate) if task.multiple_choice else None
        notes = prompt_notes(self._rows, run, task.id, candidate)
        return Asked(asked_of(self._rows, run, task, candidate), notes, mass)

    def _marks(self, run: str, task: Task, candidate: str, judge: str) -> Marks:
        """Return what is known of a judge of a candidate: its qualification and its kinship."""
        models = {m.sha256: m for role in ("candidate", "judge") for m in self.run_models(run, role)}
        kin = kinship(models[judge], models[candidate])
        stands = self.qualifications.standing(run, task, judge, bundled_probes())
        rates = stands.card.rates if stands.card is not None and stands.holds else {}
        return Marks(stands.provisional, kin.words if kin else "", rates)

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

"""An archive with its figures. One connection a thread: make a reader where it is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from medic_console.archive.calls import asked_of, label_mass, prompt_notes, shapes
from medic_console.archive.challenges import ENTRIES, MERGED, Challenge, challenges, standing, with_merged
from medic_console.archive.columns import ScoredItem
from medic_console.archive.judgements import Judgement, judgements
from medic_console.archive.ledger import Kind
from medic_console.archive.queries import ArchiveReader, Row
from medic_console.archive.rows import (
    change_in,
    task_result_of,
)
from medic_console.archive.views import ItemRow, ItemTrace, ModelResult, TaskView
from medic_console.core.errors import ArchiveError
from medic_console.engine.files.kinship import kinship
from medic_console.results.judging.qualifications import Qualifications
from medic_console.results.result_cache import ResultCache, Stamp
from medic_console.results.stability import stability
from medic_console.results.tasks import PANEL, HowAsked, Marks, TaskResults, doubt
from medic_console.scoring.methods.probes import bundled_probes
from medic_console.statistics.aggregates import dimension_scores
from medic_console.statistics.panel_scores import panel_score
from medic_console.suite.task import Task


def read_results(path: Path, run: str, known: ResultCache | None = None) -> tuple[ModelResult, ...]:
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


class Reader(ArchiveReader):
    """Read-only view of an archive and of what follows from it.

    Raises:
        ArchiveError: There is no archive at `path`, or it cannot be used.
    """

    @property
    def qualifications(self) -> Qualifications:
        """Cards of judges."""
        return Qualifications(self._rows)

    def judgements(self) -> list[Judgement]:
        """Return what each judge was named for in audits."""
        return judgements(self._rows, self._parsed)

    def results(self, run: str, known: ResultCache | None = None) -> list[ModelResult]:
        """Return metrics and dimensions of each candidate; where several judges judged, the panel's.

        The main metric of each task is computed now, the others when they are looked at.

        Args:
            run: Id of the run.
            known: Results computed before; tasks without new scores are taken from there.
        """
        known, stamps, models = known or ResultCache(), self._stamps(run), self.run_models(run, "candidate")
        names = [model.sha256 for model in models]
        tasks = [
            known.views(run, row["task"], stamps.get(row["task"], ()), partial(self._views, run, row, names))
            for row in self._run_tasks(run)
        ]
        found = []
        for model in models:
            own = tuple(task[model.sha256] for task in tasks)
            found.append(ModelResult(model, own, dimension_scores([task_result_of(view) for view in own])))
        return found

    def _views(self, run: str, row: Row, candidates: Sequence[str]) -> dict[str, TaskView]:
        """Return a task's results by candidate."""
        table = self._table(run, row)
        return {candidate: table.view(candidate) for candidate in candidates}

    def _stamps(self, run: str) -> dict[str, Stamp]:
        """Return what each task's results rest on."""
        counted = " UNION ALL ".join(f"SELECT 1 FROM {one} WHERE kind = ?1" for one in ("ledger", "merged_ledger"))
        disputes = self._rows(f"SELECT count(*) AS n FROM ({counted})", str(Kind.CHALLENGE))[0]["n"]
        cards = self._rows("SELECT count(*) AS n, max(id) AS last FROM qualifications")[0]
        runs = self._rows("SELECT count(*) AS n FROM runs WHERE status = 'done'")[0]["n"]
        rows = self._rows("SELECT task, count(*) AS n, max(id) AS last FROM scores WHERE run = ? GROUP BY task", run)
        return {row["task"]: (row["n"], row["last"], cards["n"], cards["last"], runs, disputes) for row in rows}

    def task_results(self, run: str, candidate: str, judge: str) -> list[TaskView]:
        """Return a candidate's results by task; `judge` counts for judged tasks only."""
        return [self._table(run, row).view_under(candidate, judge) for row in self._run_tasks(run)]

    def task_table(self, run: str, task: str) -> TaskResults:
        """Return the results of one task of a run, each computed when it is looked at.

        Raises:
            ArchiveError: The run has no such task.
        """
        row = next((one for one in self._run_tasks(run) if one["task"] == task), None)
        if row is None:
            raise ArchiveError(f"Run {run} has no task {task}.")
        return self._table(run, row)

    def items(self, run: str, task: str, candidate: str, judge: str) -> list[ItemRow]:
        """Return a task's items in their order, scored or not; `judge` may be `PANEL`."""
        if judge != PANEL:
            return super().items(run, task, candidate, judge)
        judges, record = self._judges(run), self.task(run, task)
        columns = [self._columns.column(run, record, candidate, one) for one in judges]
        return _panel_rows(super().items(run, task, candidate, judges[0]), columns)

    def trace(self, run: str, task: str, item: str, candidate: str, judge: str) -> ItemTrace:
        """Return all that is known of one item; `judge` may be `PANEL`.

        Raises:
            ArchiveError: The run has no such item.
        """
        if judge == PANEL:
            return _panel_trace([self.trace(run, task, item, candidate, one) for one in self._judges(run)])
        found = super().trace(run, task, item, candidate, judge)
        if not judge or found.task.judge is None:
            return found
        marks = self._marks(run, found.task, candidate, judge)
        return replace(found, provisional=marks.unsure, kin=marks.kin)

    def _table(self, run: str, row: Row) -> TaskResults:
        task = self._task(row)
        size = self._rows("SELECT count(*) AS n FROM run_items WHERE run = ? AND task = ?", run, task.id)[0]["n"]
        candidates, judges = [model.sha256 for model in self.run_models(run, "candidate")], self._judges(run)
        load, marks = partial(self._columns.column, run, task), partial(self._marks, run, task)
        asked = partial(self._asked, run, task, self._disputed(run, task.id))
        return TaskResults(row, task, int(size), candidates, judges, load, marks, asked)

    def first_task(self, run: str, at_least: int) -> tuple[Task, str, str] | None:
        """Return a run's first task with its first candidate and the judge of its results; None where there is none.

        Args:
            at_least: A task of fewer items is none.
        """
        rows, candidates = self._run_tasks(run)[:1], self.run_models(run, "candidate")
        found = (
            self._rows("SELECT count(*) AS n FROM run_items WHERE run = ? AND task = ?", run, rows[0]["task"])
            if rows
            else []
        )
        if not candidates or not found or found[0]["n"] < at_least:
            return None
        task, judges = self._task(rows[0]), self._judges(run)
        judge = (PANEL if len(judges) > 1 else judges[0]) if judges and task.judge else ""
        return task, candidates[0].sha256, judge

    def challenges(self) -> list[Challenge]:
        """Return the challenges of reference labels, oldest first; those of merged archives last."""
        own = challenges([(number, created, subject) for number, created, subject in self._tuples(ENTRIES)])
        merged = ((row[0], row[1], row[2], row[3], row[4]) for row in self._tuples(MERGED))
        return with_merged(own, merged)

    def challenge_of(self, run: str, task: str, item: str) -> Challenge | None:
        """Return the newest challenge of an item's label, of this archive's before those of merged ones; else None."""
        rows = self._rows("SELECT digest FROM run_items WHERE run = ? AND task = ? AND item = ?", run, task, item)
        places = {(task, row["digest"]) for row in rows}
        found = sorted((one for one in self.challenges() if one.place in places), key=lambda one: not one.origin)
        return found[-1] if found else None

    def _disputed(self, run: str, task: str) -> dict[str, str]:
        """Return the states of challenges that are open or accepted, by item of a run."""
        states = {content: state for (of, content), state in standing(self.challenges()).items() if of == task}
        if not states:
            return {}
        rows = self._rows("SELECT item, digest FROM run_items WHERE run = ? AND task = ?", run, task)
        return {row["item"]: states[row["digest"]] for row in rows if row["digest"] in states}

    def _asked(self, run: str, task: Task, disputed: Mapping[str, str], candidate: str) -> HowAsked:
        mass = label_mass(self._rows, run, task.id, candidate) if task.multiple_choice else None
        notes = prompt_notes(self._rows, run, task.id, candidate)
        kept = stability(self._rows, run, task, candidate)
        shaped = shapes(self._rows, run, task.id, candidate)
        return HowAsked(asked_of(self._rows, run, task, candidate), notes, mass, kept, shaped, disputed)

    def _marks(self, run: str, task: Task, candidate: str, judge: str) -> Marks:
        """Return what is known of a candidate and its judge: whether they changed, its qualification, its kinship."""
        changed = "; ".join(self._changes(run, (candidate, judge)))
        if not judge:
            return Marks(changed=changed)
        models = {m.sha256: m for role in ("candidate", "judge") for m in self.run_models(run, role)}
        kin = kinship(models[judge], models[candidate])
        stands = self.qualifications.standing(run, task, judge, bundled_probes())
        rates = stands.card.rates if stands.card is not None and stands.holds else {}
        return Marks(stands.provisional, kin.words if kin else "", rates, changed)

    def _changes(self, run: str, models: Sequence[str]) -> list[str]:
        """Return what was noticed of served models that another one answered for."""
        rows = self._rows("SELECT status FROM sittings WHERE run = ? ORDER BY id", run)
        found = (change_in(row["status"]) for row in rows)
        return list(dict.fromkeys(words.rstrip(".") for sha256, words in found if sha256 and sha256 in models))


def _panel_rows(rows: Sequence[ItemRow], columns: Sequence[Mapping[str, ScoredItem]]) -> list[ItemRow]:
    """Return the panel's items; one that not every judge has ended has no outcome yet.

    Args:
        rows: Of any judge, for the order.
        columns: Each judge's scores by item.
    """
    return [_panel_row(row, [column.get(row.item) for column in columns]) for row in rows]


def _panel_trace(traces: Sequence[ItemTrace]) -> ItemTrace:
    """Return an item's trace under the panel: its score, the candidate's calls, and each judge's trace.

    Args:
        traces: One a judge, of the same item and candidate; at least one.
    """
    scores = [trace.score for trace in traces if trace.score is not None]
    first = traces[0]
    return replace(
        first,
        judge=None,
        score=panel_score(scores) if len(scores) == len(traces) else None,
        calls=tuple(call for call in first.calls if call.of_candidate),
        provisional=doubt([trace.provisional for trace in traces]),
        kin="; ".join(trace.kin for trace in traces if trace.kin),
        by_judge=tuple(traces),
    )


def _panel_row(row: ItemRow, found: Sequence[ScoredItem | None]) -> ItemRow:
    scores = [one.score for one in found if one is not None]
    if len(scores) < len(found):
        return replace(row, judge=PANEL, outcome="", reason="", verdict="", answer="", values={}, truncated=False)
    score = panel_score(scores)
    return replace(
        row,
        judge=PANEL,
        outcome=str(score.outcome),
        reason=str(score.reason or ""),
        verdict=score.verdict,
        answer=score.answer,
        values=score.values,
        truncated=score.truncated,
    )

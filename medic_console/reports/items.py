"""Files of items: a row a score, by run and task, as CSV for spreadsheets and JSON Lines for programs."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from medic_console.reports.evidence import Evidence, RunEvidence
from medic_console.reports.reader import EvidenceReader, ScoreRow
from medic_console.results.export import defused
from medic_console.results.flat import VALUE
from medic_console.results.trace_record import trace_record

_OWN = ("run", "task", "task_version", "item", "model", "model_sha256", "judge", "judge_sha256")
_ENDED = ("outcome", "reason", "truncated", "scorer")
_WORDS = ("verdict", "answer", "detail")
_line = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


def write_items(reader: EvidenceReader, evidence: Evidence, folder: Path) -> None:
    """Write the items of every task of every run below `folder`; words of theirs only where the scope holds words."""
    for run in evidence.runs:
        versions = {view.task.id: view.task for result in run.results for view in result.tasks}
        for task in run.view.tasks:
            base = folder / run.view.id / task
            base.parent.mkdir(parents=True, exist_ok=True)
            found = versions[task].version if task in versions else ""
            values = reader.value_names(run.view.id, task)
            _write(base, reader.score_rows(run.view.id, task), _Row(evidence, run, task, found), values)


def write_traces(reader: EvidenceReader, evidence: Evidence, folder: Path) -> None:
    """Write every item of every task of every run with its whole trace, an item a line, under each model and judge."""
    for run in evidence.runs:
        for task in run.view.tasks:
            path = folder / run.view.id / f"{task}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            judges = [one.sha256 for one in run.view.judges] if reader.task(run.view.id, task).judge else []
            pairs = [(one.sha256, judge) for one in run.view.candidates for judge in judges or [""]]
            with path.open("w", encoding="ascii", newline="\n") as lines:
                for row in reader.run_items(run.view.id, task):
                    for pair in pairs:
                        trace = reader.trace(run.view.id, task, row["id"], *pair)
                        lines.write(_line(trace_record(trace, rendered=False)) + "\n")


class _Row:
    """Makes the cells of a score."""

    def __init__(self, evidence: Evidence, run: RunEvidence, task: str, version: str) -> None:
        self._names, self._words = evidence.names, evidence.asked.scope.with_words
        self._head = (run.view.id, task, version)

    @property
    def columns(self) -> tuple[str, ...]:
        """Labels of the cells, those of values left out."""
        return (*_OWN, *_ENDED, *(_WORDS if self._words else ()))

    def cells(self, row: ScoreRow) -> list[Any]:
        """Return the cells of a score."""
        judge = self._names[row.judge] if row.judge else ""
        found: list[Any] = [*self._head, row.item, self._names[row.candidate], row.candidate, judge, row.judge]
        found += [row.outcome, row.reason, row.truncated, row.scorer]
        return [*found, row.verdict, row.answer, row.detail] if self._words else found


def _write(base: Path, rows: Iterable[ScoreRow], made: _Row, values: list[str]) -> None:
    columns = made.columns
    with (
        base.with_name(f"{base.name}.csv").open("w", encoding="utf-8-sig", newline="") as sheet,
        base.with_name(f"{base.name}.jsonl").open("w", encoding="ascii", newline="\n") as lines,
    ):
        writer = csv.writer(sheet)
        writer.writerow([*columns, *(f"{VALUE}{name}" for name in values)])
        for row in rows:
            cells = made.cells(row)
            writer.writerow([*map(defused, cells), *map(row.values.get, values)])
            lines.write(_line({**dict(zip(columns, cells, strict=True)), "values": row.values}) + "\n")

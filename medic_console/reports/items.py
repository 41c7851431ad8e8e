"""Files of items: a row a score, by run and task, as CSV for spreadsheets and JSON Lines for programs."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from medic_console.reports.evidence import Evidence, RunEvidence, Tell
from medic_console.reports.reader import EvidenceReader, ScoreRow
from medic_console.results.export import defused
from medic_console.results.flat import VALUE
from medic_console.results.trace_record import trace_record
from medic_console.review.findings import each_finding, review_states

_OWN = ("run", "task", "task_version", "model", "model_sha256", "judge", "judge_sha256", "item")
_ENDED = ("outcome", "reason", "truncated", "scorer")
_WORDS = ("verdict", "answer", "detail")
_FOUND = ("run", "task", "item", "candidate", "judge", "part", "kind", "said", "expected", "probability")
_line = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


def write_items(reader: EvidenceReader, evidence: Evidence, folder: Path, tell: Tell) -> None:
    """Write the items of every task of every run below `folder`; words of theirs only where the scope holds words."""
    for number, run in enumerate(evidence.runs, 1):
        tell(f"Items of run {run.view.id}, {number} of {len(evidence.runs)}")
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


def write_findings(reader: EvidenceReader, evidence: Evidence, path: Path) -> None:
    """Write every finding, a line each, with what people said of it; its question only where the scope holds words."""
    states, words = review_states(reader), evidence.asked.scope.with_words
    with path.open("w", encoding="ascii", newline="\n") as lines:
        for found in each_finding(reader, evidence.asked.runs, states):
            asked = found.question
            record = {name: getattr(asked, name) for name in _FOUND}
            record |= {"review": found.state, "severity": found.severity}
            lines.write(_line({**record, "question": asked.question} if words else record) + "\n")


class _Row:
    """Makes the cells of a score.

    What many rows share is made safe and encoded once: a report may hold a million.
    """

    def __init__(self, evidence: Evidence, run: RunEvidence, task: str, version: str) -> None:
        self._names, self._with_words = evidence.names, evidence.asked.scope.with_words
        self._task = {"run": run.view.id, "task": task, "task_version": version}
        self._before: dict[tuple[str, str], tuple[list[Any], str]] = {}
        self._ended: dict[tuple[Any, ...], tuple[list[Any], str]] = {}

    @property
    def columns(self) -> tuple[str, ...]:
        """Labels of the cells, those of values left out."""
        return (*_OWN, *_ENDED, *(_WORDS if self._with_words else ()))

    def cells(self, row: ScoreRow) -> tuple[list[Any], str]:
        """Return the cells of a score for a spreadsheet, and its line of JSON without the values' end."""
        who, ended = (row.candidate, row.judge), (row.outcome, row.reason, row.truncated, row.scorer)
        if who not in self._before:
            judge = self._names[row.judge] if row.judge else ""
            named = dict(zip(_OWN[3:-1], (self._names[row.candidate], row.candidate, judge, row.judge), strict=True))
            self._before[who] = _both({**self._task, **named})
        if ended not in self._ended:
            self._ended[ended] = _both(dict(zip(_ENDED, ended, strict=True)))
        (before, first), (after, last) = self._before[who], self._ended[ended]
        cells, line = [*before, defused(row.item), *after], f'{first[:-1]},"item":{_line(row.item)},{last[1:-1]}'
        if self._with_words:
            words = dict(zip(_WORDS, (row.verdict, row.answer, row.detail), strict=True))
            cells += map(defused, words.values())
            line += f",{_line(words)[1:-1]}"
        return cells, line


def _both(record: Mapping[str, Any]) -> tuple[list[Any], str]:
    return [defused(value) for value in record.values()], _line(record)


def _write(base: Path, rows: Iterable[ScoreRow], made: _Row, values: list[str]) -> None:
    with (
        base.with_name(f"{base.name}.csv").open("w", encoding="utf-8-sig", newline="") as sheet,
        base.with_name(f"{base.name}.jsonl").open("w", encoding="ascii", newline="\n") as lines,
    ):
        writer = csv.writer(sheet)
        writer.writerow([*made.columns, *(f"{VALUE}{name}" for name in values)])
        for row in rows:
            cells, line = made.cells(row)
            writer.writerow([*cells, *map(row.values.get, values)])
            lines.write(f'{line},"values":{_line(row.values)}}}\n')

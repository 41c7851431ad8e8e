"""Files of rows: items by run and task, as CSV for spreadsheets and JSON Lines for programs, and all findings."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice
from json.encoder import encode_basestring_ascii as quoted
from pathlib import Path
from typing import Any

from medic_console.archive.views import RunView
from medic_console.reports.evidence import Evidence, Tell
from medic_console.reports.reader import EvidenceReader, ScoreRow
from medic_console.reports.run_rows import RunRows, run_rows
from medic_console.results.export import defused
from medic_console.results.flat import VALUE
from medic_console.results.trace_record import trace_record
from medic_console.review.findings import Found, each_finding, review_states

_OWN = ("run", "task", "task_version", "model", "model_sha256", "judge", "judge_sha256", "item")
_ENDED = ("outcome", "reason", "truncated", "scorer")
_WORDS = ("verdict", "answer", "detail")
_END = "\r\n"
"""Of a row of CSV, as `csv` has it."""
_TOGETHER = 200
"""Rows that are written at a time."""
_line = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


ITEMS, FINDINGS = "items", "findings.jsonl"
"""Where they lie in a report's folder."""


def write_rows(
    reader: EvidenceReader,
    views: Sequence[RunView],
    names: Mapping[str, str],
    with_words: bool,
    folder: Path,
    tell: Tell,
) -> dict[str, RunRows]:
    """Write the items and the findings of runs below a report's folder, and return what is told of their rows.

    Args:
        names: Titles of models by sha256.
        with_words: Words of items and models are written too.
        tell: Is told which run is written.
    """
    states, found = review_states(reader), {}
    (folder / FINDINGS).touch(mode=0o600)
    for number, view in enumerate(views, 1):
        tell(f"Items of run {view.id}, {number} of {len(views)}")
        _write_items(reader, view, names, with_words, folder / ITEMS)
        each = each_finding(reader, [view.id], states)
        found[view.id] = run_rows(reader, view, _written(each, folder / FINDINGS, with_words))
    return found


def _write_items(
    reader: EvidenceReader, view: RunView, names: Mapping[str, str], with_words: bool, folder: Path
) -> None:
    for task in view.tasks:
        base = folder / view.id / task
        base.parent.mkdir(parents=True, exist_ok=True)
        same = {"run": view.id, "task": task, "task_version": reader.task(view.id, task).version}
        known = reader.task_values(view.id, task)
        values = sorted({*chain.from_iterable(set().union(*of.values()) for of in known.values())})
        made = _Rows(same, names, with_words, values, reader.groups(view.id, task))
        _write(base, reader.score_rows(view.id, task, known, with_words), made)


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


def _written(found: Iterable[Found], path: Path, with_words: bool) -> Iterator[Found]:
    """Yield each finding once it is written at the end of a file, a line each, with what people said of it.

    Args:
        with_words: Its question is written too.
    """
    with path.open("a", encoding="ascii", newline="\n") as lines:
        for one in found:
            asked = one.question
            weighed = "null" if asked.probability is None else repr(asked.probability)
            grave = "null" if one.severity is None else one.severity
            words = f',"question":{quoted(asked.question)}' if with_words else ""
            lines.write(
                f'{{"run":{quoted(asked.run)},"task":{quoted(asked.task)},"item":{quoted(asked.item)},'
                f'"candidate":{quoted(asked.candidate)},"judge":{quoted(asked.judge)},"part":{quoted(asked.part)},'
                f'"kind":{quoted(asked.kind)},"said":{quoted(asked.said)},"expected":{quoted(asked.expected)},'
                f'"probability":{weighed},"review":{quoted(one.state)},"severity":{grave}{words}}}\n'
            )
            yield one


_Around = tuple[str, str, str, str]
_VALUES = ScoreRow._fields.index("values")


class _Rows:
    """Makes the rows of a task's scores.

    What many rows share is made safe and encoded once: a report may hold a million.

    Args:
        same: Begins every row.
        values: Names of the values that end it.
        groups: Number of the note of each item that shares one; empty where none does, and then no row says it.
    """

    def __init__(
        self,
        same: Mapping[str, str],
        names: Mapping[str, str],
        with_words: bool,
        values: list[str],
        groups: Mapping[str, int],
    ) -> None:
        self._same, self._names, self._with_words, self._values = same, names, with_words, values
        self._groups = groups
        self._quoted = {name: quoted(name) for name in values}
        self._members = ",".join(f"{name.replace('%', '%%')}:%s" for name in self._quoted.values())
        self._shared: dict[tuple[Any, ...], _Around] = {}

    @property
    def head(self) -> str:
        """The first row of the spreadsheet."""
        words = _WORDS if self._with_words else ()
        group = ("group",) if self._groups else ()
        return _cells([*_OWN, *group, *_ENDED, *words, *(f"{VALUE}{name}" for name in self._values)])

    def both(self, row: ScoreRow) -> tuple[str, str]:
        """Return the row of a score for a spreadsheet, and its line of JSON."""
        before, first, after, last = self._around(row)
        item, named_item = _item(row.item)
        if self._groups:
            group = self._groups.get(row.item)
            item, named_item = f"{item},{group or ''}", f'{named_item},"group":{group or "null"}'
        cells, line = f"{before},{item},{after}", f'{{{first},"item":{named_item},{last}'
        if self._with_words:
            said, told = _both(dict(zip(_WORDS, (row.verdict, row.answer, row.detail), strict=True)))
            cells, line = f"{cells},{said}", f"{line},{told}"
        numbers, found = self._numbers(row.values)
        return f"{cells}{numbers}{_END}", f'{line},"values":{{{found}}}}}\n'

    def _around(self, row: ScoreRow) -> _Around:
        """Return what stands before an item's name and behind it, each as cells and as members of an object."""
        key = row[1:_VALUES]
        if key not in self._shared:
            judge = self._names[row.judge] if row.judge else ""
            named = dict(zip(_OWN[3:-1], (self._names[row.candidate], row.candidate, judge, row.judge), strict=True))
            ended = dict(zip(_ENDED, (row.outcome, row.reason, bool(row.truncated), row.scorer), strict=True))
            self._shared[key] = *_both({**self._same, **named}), *_both(ended)
        return self._shared[key]

    def _numbers(self, values: Mapping[str, float]) -> tuple[str, str]:
        """Return values as cells, a comma before each, and as members of an object."""
        if [*values] == self._values:
            told = [*map(repr, values.values())]
            return ",".join(["", *told]), self._members % (*told,)
        numbers = "".join([f",{values[name]!r}" if name in values else "," for name in self._values])
        return numbers, ",".join([f"{self._quoted[name]}:{value!r}" for name, value in values.items()])


def _both(record: Mapping[str, Any]) -> tuple[str, str]:
    """Return cells of a spreadsheet, and members of an object in JSON."""
    return _cells(record.values()), _line(record)[1:-1]


@lru_cache(maxsize=100_000)
def _item(name: str) -> tuple[str, str]:
    """Return an item's name for a spreadsheet and for JSON: every run of a task has the same."""
    return _cells([name]), quoted(name)


def _cells(values: Iterable[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator=_END).writerow([defused(value) for value in values])
    return text.getvalue().removesuffix(_END)


def _write(base: Path, rows: Iterable[ScoreRow], made: _Rows) -> None:
    with (
        base.with_name(f"{base.name}.csv").open("w", encoding="utf-8", newline="") as sheet,
        base.with_name(f"{base.name}.jsonl").open("w", encoding="ascii", newline="\n") as lines,
    ):
        sheet.write(f"\ufeff{made.head}{_END}")
        left = map(made.both, rows)
        while part := list(islice(left, _TOGETHER)):
            cells, told = zip(*part, strict=True)
            sheet.write("".join(cells))
            lines.write("".join(told))

"""Scores of one task under one candidate and judge, read in bulk."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from medic_console.archive.rows import criterion_of, match_of, score_from
from medic_console.core.records import Label, Score

if TYPE_CHECKING:
    from medic_console.suite.task import Task


@dataclass(frozen=True, slots=True)
class ScoredItem:
    """One item's score with what its figures need.

    Attributes:
        group: Items of one non-empty group share a note.
        themes: The item's own tags, for breakdowns.
        labels: Side and answer of each question of a cross-examination.
    """

    score: Score
    group: str = ""
    themes: tuple[str, ...] = ()
    labels: tuple[tuple[str, Label | None], ...] = ()


Column = Mapping[str, ScoredItem]
"""The scores of one candidate under one judge, by item, in the order of the run."""


TRACES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "cef": ("cef_questions", "direction DESC, position"),
        "pairwise": ("matches", "opponent"),
        "rubric": ("criteria", "position"),
    }
)
"""Table and order of the rows, by the method of the judge."""


class Traces:
    """Rows of one candidate's scores under one judge, by score."""

    def __init__(self, method: str, rows: Iterable[Mapping[str, Any]]) -> None:
        self._method = method
        self._rows: dict[int, list[Mapping[str, Any]]] = {}
        for row in rows:
            self._rows.setdefault(row["score"], []).append(row)

    def verdicts(self, score: int) -> dict[str, Any]:
        """Return the fields of `Score` that the rows give."""
        rows = self._rows.get(score, [])
        if self._method == "pairwise":
            return {"matches": tuple(map(match_of, rows))}
        return {"criteria": tuple(map(criterion_of, rows))} if self._method == "rubric" else {}

    def labels(self, score: int) -> tuple[tuple[str, Label | None], ...]:
        """Return side and answer of each question of a cross-examination; None is an unreadable answer."""
        if self._method != "cef":
            return ()
        rows = self._rows.get(score, [])
        return tuple((row["direction"], Label(row["predicted"]) if row["predicted"] else None) for row in rows)


Rows = Callable[..., list[dict[str, Any]]]
"""Runs a query with its values."""
Tuples = Callable[..., Iterable[tuple[Any, ...]]]
"""The same, without names: a column may have a hundred thousand rows."""


class Columns:
    """Reads scores.

    Args:
        rows: Runs a query of the archive.
        tuples: Runs one whose rows are taken by place.
        groups: Returns the group of each item that has one, by digest, for who reads many runs: then only the themes
            of a rubric are looked for in the items, which may be long texts.
    """

    def __init__(self, rows: Rows, tuples: Tuples, groups: Callable[[], Mapping[str, str]] | None = None) -> None:
        self._rows, self._tuples, self._groups = rows, tuples, groups

    def column(self, run: str, task: Task, candidate: str, judge: str) -> Column:
        """Return the scores of a candidate under a judge (empty: none), with what their figures need."""
        method = task.judge.method if task.judge else ""
        known = self._groups() if self._groups is not None and method != "rubric" else None
        grouping = "items.grouping" if known is None else "run_items.digest"
        tags = "json_extract(items.gold, '$.tags')" if method == "rubric" else "NULL"  # they part criteria alone
        rows = self._tuples(
            f"SELECT scores.id, scores.item, {grouping}, {tags}, outcome, answer, verdict, reason, detail, traceback, "
            "truncated FROM scores JOIN run_items USING (run, task, item) "
            f"{'JOIN items USING (digest) ' if known is None else ''}"
            "WHERE scores.run = ? AND scores.task = ? AND candidate = ? AND judge = ? ORDER BY run_items.position",
            run,
            task.id,
            candidate,
            judge,
        )
        values = self.values(run, task.id, candidate, judge)
        judged, traces = task.judge is not None, self._traces(run, task, candidate, judge)
        found = {}
        for number, item, group, tags, outcome, *words in rows:
            themes = tuple(json.loads(tags)) if tags else ()
            group = known.get(group, "") if known is not None else group
            of_item = values.get(number, {})
            if judged:
                score = score_from(outcome, of_item, *words, **traces.verdicts(number))
                found[item] = ScoredItem(score, group, themes, traces.labels(number))
            else:
                found[item] = ScoredItem(score_from(outcome, of_item, *words), group, themes)
        return found

    def _traces(self, run: str, task: Task, candidate: str, judge: str) -> Traces:
        """Return what the figures of a judged task need beside the scores' values."""
        method = task.judge.method if task.judge else ""
        if method not in TRACES:
            return Traces(method, [])
        table, order = TRACES[method]
        rows = self._rows(
            f"SELECT {table}.* FROM {table} JOIN scores ON scores.id = score "
            f"WHERE run = ? AND task = ? AND candidate = ? AND judge = ? ORDER BY score, {order}",
            run,
            task.id,
            candidate,
            judge,
        )
        return Traces(method, rows)

    def values(self, run: str, task: str, candidate: str, judge: str) -> dict[int, dict[str, float]]:
        """Return the values of a task's scores, by score and name."""
        found: defaultdict[int, dict[str, float]] = defaultdict(dict)
        rows = self._tuples(
            "SELECT score, name, value FROM score_values JOIN scores ON scores.id = score "
            "WHERE run = ? AND task = ? AND candidate = ? AND judge = ? ORDER BY score, name",
            run,
            task,
            candidate,
            judge,
        )
        for score, name, value in rows:
            found[score][name] = value
        return found

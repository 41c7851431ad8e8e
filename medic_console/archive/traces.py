"""The rows behind the figures of judged tasks: matches, criteria, and the answers of a cross-examination."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from medic_console.archive.rows import criterion_of, match_of
from medic_console.records import Label

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

    def verdicts(self, score: int) -> dict[str, tuple[Any, ...]]:
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

"""Items that a model answered in an earlier run to the very same prompt, beside its answers in this one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from medic_console.archive.calls import Rows
from medic_console.scoring.steps import ANSWER

_RUNS = 8
"""Most other runs that are looked at, the newest first."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """One item's answers in two runs, to one prompt.

    Attributes:
        group: The item's own; empty when it has none.
        read: What was read of the answer, as outcome, reason and answer; in this run, then in the other.
        texts: What was written, likewise.
        engines: Digests of what the engines ran with, likewise.
    """

    run: str
    item: str
    group: str
    read: tuple[tuple[str, str, str], tuple[str, str, str]]
    texts: tuple[str, str]
    engines: tuple[str, str]


def repeats(rows: Rows, run: str, task: str, candidate: str) -> list[Repeat]:
    """Return the items of a task that other runs asked too, under another engine: newest run first."""
    others = rows(
        "SELECT DISTINCT other.run AS run FROM run_tasks AS mine "
        "JOIN run_tasks AS other ON other.task = mine.task AND other.digest = mine.digest AND other.run <> mine.run "
        "JOIN run_models ON run_models.run = other.run AND role = 'candidate' AND sha256 = ? "
        "WHERE mine.run = ? AND mine.task = ? ORDER BY other.run DESC LIMIT ?",
        candidate,
        run,
        task,
        _RUNS,
    )
    return [one for row in others for one in _between(rows, run, row["run"], task, candidate)]


def _between(rows: Rows, run: str, other: str, task: str, candidate: str) -> list[Repeat]:
    found = rows(
        "SELECT a.item, items.grouping, oa.text AS ta, ob.text AS tb, oa.engine AS ea, ob.engine AS eb, "
        "sa.outcome AS pa, sa.reason AS ra, sa.answer AS aa, sb.outcome AS pb, sb.reason AS rb, sb.answer AS ab "
        "FROM calls AS a JOIN outputs AS oa ON oa.id = a.output "
        "JOIN calls AS b ON b.run = ? AND b.task = a.task AND b.item = a.item AND b.candidate = a.candidate "
        "AND b.model = a.model AND b.step = a.step "
        "JOIN outputs AS ob ON ob.id = b.output AND ob.prompt = oa.prompt AND ob.rendered = oa.rendered "
        "JOIN run_items ON run_items.run = a.run AND run_items.task = a.task AND run_items.item = a.item "
        "JOIN items ON items.digest = run_items.digest "
        "JOIN scores AS sa ON sa.run = a.run AND sa.task = a.task AND sa.item = a.item AND sa.candidate = a.candidate "
        "JOIN scores AS sb ON sb.run = b.run AND sb.task = b.task AND sb.item = b.item AND sb.candidate = b.candidate "
        "WHERE a.run = ? AND a.task = ? AND a.candidate = ? AND a.model = a.candidate AND a.step = ? "
        "AND oa.engine <> ob.engine GROUP BY a.item ORDER BY run_items.position",
        other,
        run,
        task,
        candidate,
        ANSWER,
    )
    return [
        Repeat(
            other,
            row["item"],
            row["grouping"],
            ((row["pa"], row["ra"], row["aa"]), (row["pb"], row["rb"], row["ab"])),
            (row["ta"], row["tb"]),
            (row["ea"], row["eb"]),
        )
        for row in found
    ]


def engines_named(rows: Rows, digests: set[str]) -> Mapping[str, Mapping[str, Any]]:
    """Return what engines ran with, by digest."""
    marks = ", ".join("?" * len(digests))
    found = rows(f"SELECT digest, granted FROM engines WHERE digest IN ({marks})", *sorted(digests))
    return {row["digest"]: json.loads(row["granted"]) for row in found}

"""What judges were named for in the audits of an archive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from medic_console.suite.judging import wording

if TYPE_CHECKING:
    from medic_console.suite.task import Task

Rows = Callable[..., list[dict[str, Any]]]
"""Runs a query with its values."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One judge in one wording, over all audits.

    Attributes:
        judge: sha256 of the judge's file.
        file: Path in the newest run.
        wording: Digest of the wording.
        tasks: Ids, each once.
        runs: Ids, oldest first.
    """

    judge: str
    name: str
    file: str
    method: str
    wording: str
    tasks: tuple[str, ...]
    runs: tuple[str, ...]


def judgements(rows: Rows, parsed: Callable[[str], Task]) -> list[Judgement]:
    """Return what each judge was named for, whether or not it was qualified.

    Args:
        rows: Runs a query of the archive.
        parsed: Returns the task of a digest.
    """
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    asked: dict[str, tuple[str, str]] = {}
    for row in rows(
        "SELECT run_models.run, sha256, models.name, run_models.file, run_tasks.task, run_tasks.digest "
        "FROM run_models JOIN models USING (sha256) JOIN runs ON runs.id = run_models.run "
        "JOIN run_tasks ON run_tasks.run = runs.id WHERE role = 'judge' AND kind = 'audit' "
        "ORDER BY run_models.run, run_models.position, run_tasks.position"
    ):
        task = row["digest"]
        if task not in asked:
            spec = parsed(task).judge
            asked[task] = (wording(spec), spec.method) if spec is not None else ("", "")
        if asked[task][0]:
            found.setdefault((row["sha256"], asked[task][0]), []).append(row)
    methods = dict(asked.values())
    return [
        Judgement(
            judge=judge,
            name=listed[-1]["name"],
            file=listed[-1]["file"],
            method=methods[name],
            wording=name,
            tasks=tuple(dict.fromkeys(row["task"] for row in listed)),
            runs=tuple(dict.fromkeys(row["run"] for row in listed)),
        )
        for (judge, name), listed in found.items()
    ]

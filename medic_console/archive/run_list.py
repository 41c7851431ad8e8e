"""Runs as a list: five queries, however many runs there are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from medic_console.archive.lock import is_locked
from medic_console.archive.merging.shards import in_words, is_shard, shards_of
from medic_console.archive.rows import NEWEST_RUN, model_of
from medic_console.archive.views import ModelView, RunView
from medic_console.core.offline import Network
from medic_console.core.records import AUDIT, Counts, Outcome

Row = dict[str, Any]
Rows = Callable[..., list[Row]]
"""Runs a query with its values."""
_DONE: dict[tuple[Path, str, str, str, int], Counts] = {}
"""Counts of runs that are done, by archive, id, time and the run's own digest."""


class RunList:
    """Reads runs.

    Args:
        rows: Runs a query of the archive.
        judged: Tells of a task's digest whether a judge scores that task.
        path: The archive.
    """

    def __init__(self, rows: Rows, judged: Callable[[str], bool], path: Path) -> None:
        self._rows = rows
        self._judged = judged
        self._path = path
        self._known: dict[str, ModelView] = {}

    def audits(self) -> list[RunView]:
        """Return every audit, newest first."""
        return self._views(self._rows(f"SELECT * FROM runs WHERE kind = 'audit' ORDER BY {NEWEST_RUN}"), "", ())

    def one(self, run: str) -> RunView | None:
        """Return a run of any kind; None when there is none of that id."""
        found = self._views(self._rows("SELECT * FROM runs WHERE id = ?", run), "WHERE run = ?", (run,))
        return found[0] if found else None

    def models(self) -> list[ModelView]:
        """Return all models, each with its newest file and the number of audits in which it was a candidate.

        A judge alone was in none.
        """
        rows = self._rows(
            "SELECT models.*, coalesce((SELECT file FROM run_models WHERE run_models.sha256 = models.sha256 "
            "ORDER BY run DESC LIMIT 1), '') AS file, (SELECT count(DISTINCT run) FROM run_models "
            "JOIN runs ON runs.id = run WHERE role = 'candidate' AND kind = ? "
            "AND run_models.sha256 = models.sha256) AS runs FROM models ORDER BY name, sha256",
            AUDIT,
        )
        return [model_of(row) for row in rows]

    def _views(self, runs: Sequence[Row], where: str, values: tuple[str, ...]) -> list[RunView]:
        models = _by_run(
            self._rows(
                "SELECT run, role, models.*, run_models.file, 0 AS runs FROM run_models JOIN models USING (sha256) "
                f"{where} ORDER BY run, position",
                *values,
            )
        )
        # Positions count from 0 without a gap: the greatest one is found at once, a count reads every row.
        tasks = _by_run(
            self._rows(
                "SELECT run, task, digest, (SELECT max(position) + 1 FROM run_items AS one WHERE "
                "one.run = run_tasks.run AND one.task = run_tasks.task) AS items "
                f"FROM run_tasks {where} ORDER BY run, position",
                *values,
            )
        )
        sittings = _by_run(self._rows(f"SELECT run, status, network FROM sittings {where} ORDER BY id", *values))
        counts = self._counts(runs)
        views = [
            self._view(row, models.get(row["id"], []), tasks.get(row["id"], []), counts[row["id"]]) for row in runs
        ]
        return [replace(view, network=_network(sittings.get(view.id, ()))) for view in views]

    def _counts(self, runs: Sequence[Row]) -> dict[str, Counts]:
        """Count the scores of each run; once a process where it is done: `resume --failed` alone changes it then."""
        withdrawn = {
            row["run"]: row["n"] for row in self._rows("SELECT run, count(*) AS n FROM withdrawn GROUP BY run")
        }
        keys = {
            row["id"]: (self._path, row["id"], row["created"], row["key"], withdrawn.get(row["id"], 0)) for row in runs
        }
        found = {run: _DONE[key] for run, key in keys.items() if key in _DONE}
        open_runs = [row for row in runs if row["id"] not in found]
        marks = ", ".join("?" * len(open_runs))
        (told,) = self._rows(  # as one row: between two rows the console's thread takes over, for milliseconds each
            "SELECT json_group_array(json_array(run, outcome, n)) AS counts FROM (SELECT run, outcome, count(*) AS n "
            f"FROM scores WHERE run IN ({marks}) GROUP BY run, outcome)",
            *(row["id"] for row in open_runs),
        )
        listed: dict[str, dict[str, int]] = {}
        for run, outcome, n in json.loads(told["counts"]):
            listed.setdefault(run, {})[outcome] = n
        for row in open_runs:
            numbers = listed.get(row["id"], {})
            found[row["id"]] = Counts(*(numbers.get(str(outcome), 0) for outcome in Outcome))
            if row["status"] == "done" and not is_shard(row["settings"]):
                _DONE[keys[row["id"]]] = found[row["id"]]
        return found

    def _view(self, row: Row, models: list[Row], tasks: list[Row], counts: Counts) -> RunView:
        candidates, judges = (
            tuple(self._model(model) for model in models if model["role"] == role) for role in ("candidate", "judge")
        )
        per_judge = max(1, len(judges))
        total = sum((task["items"] or 0) * (per_judge if self._judged(task["digest"]) else 1) for task in tasks)
        status = row["status"]
        if status == "running" and not is_locked(self._path, row["id"]):
            status = "died"
        return RunView(
            id=row["id"],
            created=row["created"],
            status=status,
            candidates=candidates,
            judges=judges,
            tasks=tuple(task["task"] for task in tasks),
            total=total * len(candidates),
            counts=counts,
            part=in_words(shards_of(self._rows, row["id"])) if is_shard(row["settings"]) else "",
        )

    def _model(self, row: Row) -> ModelView:
        """A file's metadata is long: it is read once, not once a run."""
        if row["sha256"] not in self._known:
            self._known[row["sha256"]] = model_of(row)
        return replace(self._known[row["sha256"]], file=row["file"])


def _network(sittings: Iterable[Row]) -> tuple[Network | None, ...]:
    """Return what was seen of sockets in each sitting that has ended."""
    return tuple(
        Network.of(json.loads(row["network"])) if row["network"] else None
        for row in sittings
        if row["status"] != "running"
    )


def _by_run(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["run"], []).append(row)
    return found

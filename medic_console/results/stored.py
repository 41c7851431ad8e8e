"""A stored archive as flat records, for programs and notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from medic_console.archive.views import ItemTrace, ModelView
from medic_console.core.digest import short
from medic_console.core.errors import UsageError
from medic_console.core.naming import full
from medic_console.core.paths import AnyPath
from medic_console.engine.files.named import fitting_or_file
from medic_console.results.flat import (
    ItemRecord,
    MetricRecord,
    RunRecord,
    run_record,
    stored_item,
    view_records,
    whose,
)
from medic_console.results.reader import Reader
from medic_console.results.tasks import PANEL


class Archive:
    """An archive, open for reading; it belongs to the thread that opened it. Runs that still go on may be read.

    Raises:
        ArchiveError: There is no archive at `path`, or it cannot be used.
    """

    def __init__(self, path: AnyPath) -> None:
        self._reader = Reader(Path(path))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._reader.close()

    def runs(self) -> tuple[RunRecord, ...]:
        """Return all audits, newest first."""
        return tuple(map(run_record, self._reader.runs()))

    def metrics(self, run: str) -> tuple[MetricRecord, ...]:
        """Return a run's figures, each with its 95 % interval: by model, task, judge and metric.

        Of several judges the panel's come first (`judge` is `panel`), then each judge's: choose one kind before you
        count or average.

        Raises:
            ArchiveError: There is no such run, or it is a qualification of judges.
        """
        view = self._reader.audit(run)
        found = (task for result in self._reader.results(run) for task in result.tasks)
        return tuple(record for task in found for record in view_records(view, task))

    def items(self, run: str, task: str) -> tuple[ItemRecord, ...]:
        """Return the verdict on each item of a task, for each model and judge; those that wait too, in their order.

        Of several judges the panel's come first, as in `metrics`.

        Raises:
            ArchiveError: There is no such run, it is a qualification of judges, or it has no such task.
        """
        view = self._reader.audit(run)
        judged = self._reader.task(run, task).judge is not None
        judges = [judge.sha256 for judge in view.judges] if judged else []
        judges = [PANEL, *judges] if len(judges) > 1 else judges or [""]
        groups = {row["id"]: row["grouping"] for row in self._reader.run_items(run, task)}
        owners = [(model.sha256, judge) for model in view.candidates for judge in judges]
        return tuple(
            stored_item(who, row, groups[row.item])
            for model, judge in owners
            for who in (whose(view, model, judge),)
            for row in self._reader.items(run, task, model, judge)
        )

    def trace(self, run: str, task: str, item: str, model: str = "", judge: str = "") -> ItemTrace:
        """Return all that is stored of one item: fields, prompts, outputs, engine, score, executed SQL, questions.

        Args:
            run: Id of the run.
            task: Id of the task.
            item: Id of the item.
            model: Candidate by title, file or beginning of the sha256; empty when there is one only.
            judge: Judge likewise; counts for judged tasks only.

        Raises:
            ArchiveError: There is no such run, task or item.
            UsageError: No single model of the run is named.
        """
        view = self._reader.audit(run)
        judged = self._reader.task(run, task).judge is not None and bool(view.judges)
        candidate = _single(model, view.candidates, "model")
        return self._reader.trace(run, task, item, candidate, _single(judge, view.judges, "judge") if judged else "")


def _single(named: str, models: Sequence[ModelView], role: str) -> str:
    """Return the sha256 of the one model that is named, or of the only one there is."""
    found = fitting_or_file(named, models) if named else models
    if len(found) != 1:
        known = ", ".join(f"{full(one)} {short(one.sha256)}" for one in models)
        raise UsageError(f"{role} {named!r} names no single {role} of the run.", f"Name one of: {known}.")
    return found[0].sha256

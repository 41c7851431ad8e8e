"""Results as flat records: one a run, one a figure, one an item's verdict, each a row of a table.

Every record of a kind has the same fields, plain values throughout; `rows` gives them as dictionaries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from medic_console.archive.views import ItemRow, ModelView, RunView, TaskView
from medic_console.core.naming import told_apart
from medic_console.core.records import Counts, Figure, Item, MetricValue, Outcome, Score
from medic_console.results.tasks import PANEL
from medic_console.suite.task import Task

WAITING = "waiting"
"""Outcome of an item that has no score yet."""
VALUE = "value_"
"""Begins the name of a column that holds an item's value."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run.

    Attributes:
        run: Id.
        created: When, in UTC (ISO 8601).
        status: `done`, `running`, or what can be resumed: `new`, `interrupted`, `stopped` (by a fault), `died`.
        models: Titles of the candidates, in the order in which they were named.
        judges: Titles of the judges.
        tasks: Ids of the tasks.
        total: Scores that it will have in the end.
        scored: Scores that it has, by outcome; so `unscored` and `failed`.
    """

    run: str
    created: str
    status: str
    models: tuple[str, ...]
    judges: tuple[str, ...]
    tasks: tuple[str, ...]
    total: int
    scored: int
    unscored: int
    failed: int


@dataclass(frozen=True, slots=True)
class MetricRecord:
    """A metric of a task under a model (and a judge).

    Attributes:
        run: Id of the run; empty for texts that were made elsewhere.
        model: Title of the candidate; with a short digest where two of the run have the same.
        model_sha256: `sha256:` and the digest of its file; empty for texts that were made elsewhere.
        judge: Title of the judge; `panel` for several together, whose single figures stand in rows of their own; empty
            where none judged.
        judge_sha256: Of the judge's file; empty for the panel.
        origin: `sample` (bundled items; never comparable with published figures) or `official`.
        metric: Id of the metric.
        primary: Exactly one metric of a task is: it stands for the task.
        better: `higher` or `lower`.
        unit: `percent`, `points`, `score` or `rating`; of `value`, of all ends and of `chance`.
        value: The headline: over the scored items and those that the model left without an answer, which take the worst
            value. None when there is none; `note` says why where that is known.
        low: Lower end of its 95 % interval; None when there is none. `high` is the upper one.
        n: Items that the headline rests on.
        answered: The same figure over the items with a whole answer alone, with `answered_low`, `answered_high` and
            `answered_n`; None where items have no part in it.
        share_answered: Of the `n` items, percent with a whole answer, 0 to 100.
        chance: What guessing would have; None where guessing has none.
        corrected: What a judge without errors would have found, with its ends; None while its errors are not measured.
        provisional: Why the figure is not to be relied on yet; empty when it is, or where no judge has part in it.
        note: Why it is not computed, where something that it needs was not named.
        items: Items of the task in the run; more than the three counts together while the run goes on.
        scored: Items by outcome; so `unscored` and `failed`.
    """

    run: str
    model: str
    model_sha256: str
    judge: str
    judge_sha256: str
    task: str
    task_version: str
    origin: str
    metric: str
    primary: bool
    better: str
    unit: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    answered: float | None
    answered_low: float | None
    answered_high: float | None
    answered_n: int | None
    share_answered: float | None
    chance: float | None
    corrected: float | None
    corrected_low: float | None
    corrected_high: float | None
    provisional: str
    note: str
    items: int
    scored: int
    unscored: int
    failed: int


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """The verdict on one item under a model (and a judge).

    Attributes:
        run, model, model_sha256, judge, judge_sha256, task: As a `MetricRecord` has them.
        item: Id of the item within its task.
        group: Items with the same one share a note; empty when alone.
        outcome: `scored`, `unscored`, `failed`, or `waiting` while there is none.
        reason: Why unscored; empty otherwise.
        answered: The model gave a whole answer and it was scored.
        truncated: Its text was judged as its token limit left it.
        verdict: The result in a few words.
        answer: What was read from the output, in one line.
        values: By name, in the scorer's own unit (0 to 1 for shares); of an item that the model left without an answer
            the worst ones, so that of a plain mean the mean over all rows is
            the headline; empty where the item counts in neither figure.
    """

    run: str
    model: str
    model_sha256: str
    judge: str
    judge_sha256: str
    task: str
    item: str
    group: str
    outcome: str
    reason: str
    answered: bool
    truncated: bool
    verdict: str
    answer: str
    values: Mapping[str, float]


Record = RunRecord | MetricRecord | ItemRecord


def rows(records: Iterable[Record]) -> Iterator[dict[str, Any]]:
    """Yield each record as a flat dictionary: a row of a table, for `pandas.DataFrame` or `csv.DictWriter`.

    Several names stand in one text with commas between; each of an item's values has a column of its own, `value_` and
    its name.
    """
    for record in records:
        row: dict[str, Any] = {}
        for field in fields(record):
            found = getattr(record, field.name)
            if isinstance(found, Mapping):
                row |= {f"{VALUE}{name}": value for name, value in found.items()}
            else:
                row[field.name] = ", ".join(found) if isinstance(found, tuple) else found
        yield row


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose figures a record holds; all empty for texts that were made elsewhere."""

    run: str = ""
    model: str = ""
    model_sha256: str = ""
    judge: str = ""
    judge_sha256: str = ""


def whose(run: RunView, candidate: str, judge: str) -> Whose:
    """Return whose figures those of a candidate and a judge of a run are.

    Args:
        candidate: sha256.
        judge: sha256, `PANEL` or empty.
    """
    models, judges = told_apart(run.candidates), told_apart(run.judges)
    named = "" if judge == PANEL else judge
    return Whose(run.id, models[candidate], candidate, judges[named] if named else judge, named)


def run_record(view: RunView) -> RunRecord:
    """Return a run as a record."""
    return RunRecord(
        run=view.id,
        created=view.created,
        status=view.status,
        models=_titles(view.candidates),
        judges=_titles(view.judges),
        tasks=tuple(view.tasks),
        total=view.total,
        scored=view.counts.scored,
        unscored=view.counts.unscored,
        failed=view.counts.failed,
    )


def _titles(models: Sequence[ModelView]) -> tuple[str, ...]:
    return tuple(told_apart(models).values())


def view_records(run: RunView, view: TaskView) -> Iterator[MetricRecord]:
    """Yield a task's metrics: of a panel its own, then each judge's."""
    who = whose(run, view.candidate, view.judge)
    yield from metric_records(who, view.task, view.origin, view.metrics, view.counts, view.items, view.corrected)
    for one in view.by_judge:
        yield from view_records(run, one)


def metric_records(
    who: Whose,
    task: Task,
    origin: str,
    metrics: Mapping[str, MetricValue],
    counts: Counts,
    items: int,
    corrected: Mapping[str, MetricValue] | None = None,
) -> Iterator[MetricRecord]:
    """Yield a record for each metric of a task, in the task file's order.

    Args:
        counts: Of the scores so far.
        items: Items of the task, scored or not.
        corrected: Metrics that a judge without errors would have found.
    """
    for spec in task.metrics:
        found, better = metrics[spec.id], (corrected or {}).get(spec.id)
        answered, right = found.answered or Figure(None), better or Figure(None)
        yield MetricRecord(
            **asdict(who),
            task=task.id,
            task_version=task.version,
            origin=origin,
            metric=spec.id,
            primary=spec.primary,
            better=spec.better,
            unit=found.unit,
            value=found.value,
            low=found.low,
            high=found.high,
            n=found.n,
            answered=answered.value,
            answered_low=answered.low,
            answered_high=answered.high,
            answered_n=answered.n if found.answered else None,
            share_answered=found.share.value if found.share else None,
            chance=found.chance,
            corrected=right.value,
            corrected_low=right.low,
            corrected_high=right.high,
            provisional=found.provisional,
            note=found.note,
            items=items,
            scored=counts.scored,
            unscored=counts.unscored,
            failed=counts.failed,
        )


def stored_item(who: Whose, row: ItemRow, group: str) -> ItemRecord:
    """Return an item of a run as a record."""
    return ItemRecord(
        **asdict(who),
        task=row.task,
        item=row.item,
        group=group,
        outcome=row.outcome or WAITING,
        reason=row.reason,
        answered=row.outcome == Outcome.SCORED and not row.truncated,
        truncated=row.truncated,
        verdict=row.verdict,
        answer=row.answer,
        values=row.values,
    )


def scored_item(who: Whose, task: Task, item: Item, score: Score) -> ItemRecord:
    """Return an item that was scored just now as a record."""
    return ItemRecord(
        **asdict(who),
        task=task.id,
        item=item.id,
        group=item.group,
        outcome=str(score.outcome),
        reason=str(score.reason or ""),
        answered=score.answered,
        truncated=score.truncated,
        verdict=score.verdict,
        answer=score.answer,
        values=score.values,
    )

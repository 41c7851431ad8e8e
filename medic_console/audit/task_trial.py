"""A task file's parts tried together on its samples, before a run finds that they do not fit."""

from __future__ import annotations

import traceback
from collections.abc import Mapping

from medic_console.core.errors import TaskFileError
from medic_console.core.metrics import METRICS
from medic_console.core.records import Answer, Item
from medic_console.scoring.answers.registry import READERS
from medic_console.scoring.scorers.registry import SCORERS
from medic_console.suite.items import LoadedTask
from medic_console.suite.task import Task

_HINT = "Correct the file, then check it: medic-console tasks check {file}"


def try_parts(loaded: LoadedTask, bundled: Mapping[str, Task]) -> None:
    """Read and score the reference answers of a task's samples, as far as no judge is needed for it.

    Args:
        bundled: The tasks that come with the console; a metric is the better way round in them.

    Raises:
        TaskFileError: Its reader or scorer cannot work on its samples, a metric is of values that the scorer does not
            give, or has its better end at the other side than in the bundled tasks.
    """
    task = loaded.task
    ends = {metric.id: metric.better for other in bundled.values() for metric in other.metrics}
    for metric in task.metrics:
        if ends.get(metric.id, metric.better) != metric.better:
            raise _fault(task, f'metric "{metric.id}" is better {ends[metric.id]}, not {metric.better}')
    if task.scorer not in SCORERS:
        return
    given: set[str] = set()
    for item in loaded.items:
        given |= _values(loaded, item)
    for metric in task.metrics:
        source = METRICS[metric.id].source
        if loaded.items and metric.id != "bertscore" and not task.judge and source not in given:
            known = ", ".join(sorted(name for name, one in METRICS.items() if one.source in given))
            raise _fault(task, f'scorer "{task.scorer}" gives no values of metric "{metric.id}"; it has: {known}')


def _values(loaded: LoadedTask, item: Item) -> set[str]:
    """Return the names of the values of one sample, its reference answer given as a model's."""
    task = loaded.task
    at = f"sample {item.id}"
    try:
        values = set(SCORERS[task.scorer].worst(item, loaded.resources))
    except ValueError as error:
        raise _fault(task, f"{at}: the reference cannot be used: {error}") from error
    except Exception as error:
        raise _fault(task, f'{at}: scorer "{task.scorer}" cannot work on it ({_last(error)})') from error
    try:
        read = READERS[task.answer_reader](str(item.gold).strip() or "?", item)
    except Exception as error:
        raise _fault(task, f'{at}: answer reader "{task.answer_reader}" cannot work on it ({_last(error)})') from error
    if isinstance(read, Answer):
        try:
            values |= set(SCORERS[task.scorer](item, read, loaded.resources).values)
        except Exception as error:
            what = f'what reader "{task.answer_reader}" takes from an answer'
            raise _fault(task, f'{at}: scorer "{task.scorer}" cannot score {what} ({_last(error)})') from error
    return values


def _last(error: Exception) -> str:
    return traceback.format_exception_only(error)[-1].strip()


def _fault(task: Task, why: str) -> TaskFileError:
    file = f"{task.folder}/task.toml"
    return TaskFileError(f"{file}: {why}.", _HINT.format(file=file))

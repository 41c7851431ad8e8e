"""What the reader of a comparison must know before believing it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict

from medic_console.archive.views import ModelView
from medic_console.core.errors import sentence
from medic_console.core.naming import answered_here
from medic_console.core.run_settings import NOT_DECIDING, RunSettings
from medic_console.results.comparison.choosing import Field
from medic_console.results.comparison.models import Drift, column_titles, drift_of
from medic_console.results.comparison.tasks import TaskValues
from medic_console.results.measures import Measures
from medic_console.scoring.scorers.toolchain import shown

SAMPLES = "Bundled sample items, small and invented, never comparable with published figures."


def notes_of(reader: Measures, models: Sequence[ModelView], tasks: Sequence[TaskValues]) -> tuple[str, ...]:
    """Return notes, one sentence each."""
    found = []
    samples = [task.task.title for task in tasks if task.is_sample]
    if samples:
        found.append(
            SAMPLES if len(samples) == len(tasks) else f"{', '.join(samples)}: {SAMPLES[0].lower()}{SAMPLES[1:]}"
        )
    names = column_titles(models)
    found += _taken_notes(tasks)
    found += _judges_notes(tasks)
    found += _doubts(tasks, names)
    found += _value_notes(tasks)
    found += _prompt_notes(reader, tasks, names)
    if drift_of(models) is Drift.SETTINGS:
        found += _judge_note(tasks)
    else:
        elsewhere = {model.column for model in models if not answered_here(model)}
        found += [f"{names[column]}: the settings that it ran under are not known." for column in sorted(elsewhere)]
        found += _settings_notes(reader, tasks, elsewhere)
    found += [note for task in tasks if (note := _libraries_note(reader, task))]
    for task in tasks:
        if task.apart:
            listed = ", ".join(names[model] for model in task.apart)
            found.append(f"{task.task.title}: {listed} left out, measured on other items or under another rule.")
        if not task.common:
            found.append(f"{task.task.title}: no item has ended under every model.")
    return tuple(found)


def unshared_notes(models: Sequence[ModelView], fields: Sequence[Field]) -> Iterable[str]:
    """Yield which tasks are not compared, and why.

    Args:
        fields: Of tasks that fewer than two of the models were comparably measured on.
    """
    names = column_titles(models)
    for field in fields:
        if field.apart:
            listed = ", ".join(names[model] for model in (*field.measures, *field.apart))
            yield f"{field.task.title}: not compared: {listed} were measured on other items or under another rule each."
    if alone := [field.task.title for field in fields if not field.apart]:
        yield f"Not compared, as one of the models alone was measured: {', '.join(alone)}."


def _taken_notes(tasks: Sequence[TaskValues]) -> Iterable[str]:
    """Yield which of a task's items were taken, where not all were."""
    for task in tasks:
        for note in task.taken:
            yield f"{task.task.title}: {note[0].lower()}{note[1:]}"


def _judges_notes(tasks: Sequence[TaskValues]) -> Iterable[str]:
    """Yield who judged, with the tasks."""
    places: dict[str, list[str]] = {}
    for task in tasks:
        if task.judged_by:
            places.setdefault(task.judged_by, []).append(task.task.title)
    for who, titles in places.items():
        yield f"{', '.join(titles)}: judged by {who}."


def _doubts(tasks: Sequence[TaskValues], names: Mapping[str, str]) -> Iterable[str]:
    """Yield why figures are provisional, with the tasks, and the models where it does not hold for all of a task's."""
    doubted: dict[str, list[str]] = {}
    for task in tasks:
        for why in dict.fromkeys(side.provisional for side in task.scored.values() if side.provisional):
            models = [names[model] for model, side in task.scored.items() if side.provisional == why]
            some = f" ({', '.join(models)})" if len(models) < len(task.scored) else ""
            doubted.setdefault(why, []).append(task.task.title + some)
    for why, places in doubted.items():
        yield sentence(f"{', '.join(places)}: provisional: {why}")


def _value_notes(tasks: Sequence[TaskValues]) -> Iterable[str]:
    """Yield why a figure is missing or not to be compared across runs, once a task."""
    for task in tasks:
        for note in dict.fromkeys(value.note for value in task.values.values() if value.note):
            yield sentence(f"{task.task.title}: {task.metric.title} {note}")


def _prompt_notes(reader: Measures, tasks: Sequence[TaskValues], names: Mapping[str, str]) -> Iterable[str]:
    """Yield how prompts came about where it was not as usual, once a model."""
    found = (
        f"{names[model]}: {note}."
        for task in tasks
        for model, measure in task.measures.items()
        for note in reader.prompt_notes(measure)
    )
    yield from dict.fromkeys(found)


def _libraries_note(reader: Measures, task: TaskValues) -> str:
    """Return what to know when scores were made with several versions of a library; empty when they were not."""
    runs: dict[str, list[str]] = {}
    for measure in task.measures.values():
        for versions in reader.libraries(measure):
            runs.setdefault(shown(versions), []).append(measure.run)
    if len(runs) < 2:
        return ""
    listed = "; ".join(f"{versions} in {', '.join(dict.fromkeys(names))}" for versions, names in sorted(runs.items()))
    return f"{task.task.title}: scores were made with different versions, which may count otherwise: {listed}."


def _judge_note(tasks: Sequence[TaskValues]) -> Iterable[str]:
    """Yield what to know of judged tasks where each run had settings of its own: they were the judge's too."""
    judged = [task.task.title for task in tasks if any(measure.judge for measure in task.measures.values())]
    if judged:
        yield f"{', '.join(judged)}: the judge ran under each run's settings too; a difference may be its own."


def _settings_notes(reader: Measures, tasks: Sequence[TaskValues], elsewhere: Collection[str]) -> Iterable[str]:
    """Yield in which settings runs differ; those whose answers another program had have none of their own."""
    found = [one for task in tasks for one in task.measures.items() if one[0] not in elsewhere]
    runs = sorted({measure.run for _, measure in found})
    # what an older release did not store was as it is now unless it is asked for
    settings = {run: asdict(RunSettings(**reader.settings(run))) for run in runs}
    for name in dict.fromkeys(name for found in settings.values() for name in found):
        values = {run: found.get(name) for run, found in settings.items()}
        if name not in NOT_DECIDING and len({str(value) for value in values.values()}) > 1:
            shown = ", ".join(f"{value} in {run}" for run, value in values.items())
            yield f"The runs differ in {name.replace('_', ' ')}: {shown}."

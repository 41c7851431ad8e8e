"""Page 6: what was not measured, and every item without a score."""

from __future__ import annotations

from collections.abc import Iterator

from medic_console.reports.document import Listing, Page, Part, Said, Table, Value
from medic_console.reports.evidence import Evidence
from medic_console.reports.pages.words import SAMPLES, forgotten_said, items_link, judge_said, views
from medic_console.statistics import words


def page(evidence: Evidence) -> Page:
    """Return the page."""
    parts: list[Part] = [Listing(list(dict.fromkeys(_lacks(evidence))))]
    parts.append(_tasks(evidence))
    parts.append(_without_score(evidence))
    if evidence.sampled:
        parts.append(Said(SAMPLES, warns=True))
    return Page(6, "What was not measured", parts)


def _lacks(evidence: Evidence) -> Iterator[str]:
    for run in evidence.runs:
        for task, number in run.waiting.items():
            yield f"Run {run.view.id}, {task}: {number:,} items have no score yet under any model."
        if told := forgotten_said(run):
            yield told
    for run, _, view in views(evidence):
        name = f"Run {run.view.id}, {evidence.names[view.candidate]}, {view.task.title}"
        for metric in view.task.metrics:
            found = view.metrics[metric.id]
            if found.value is None:
                yield f"{name}: {metric.title} has no value{f' ({found.note})' if found.note else ''}."
    for run in evidence.runs:
        tasks = dict.fromkeys(view.task.id for result in run.results for view in result.tasks if view.stability is None)
        if tasks:
            yield f"Run {run.view.id}: how many answers another shape of the computation keeps, of {', '.join(tasks)}."
    if not evidence.queues:
        yield "Human review: nobody read a card about these runs."
    judges = {one.sha256 for run in evidence.runs for one in run.view.judges}
    for judge in sorted(judges - {card.conditions.judge for card in evidence.judges}):
        yield f"The judge {evidence.names[judge]}: it has no card."
    if evidence.case is None:
        yield "No use case was decided on."
    else:
        for one in evidence.case.candidacies:
            for found_ in one.findings:
                if found_.value is None:
                    name = evidence.names[one.model]
                    task = found_.requirement.task
                    there = any(task in run.view.tasks for run in evidence.runs)
                    state = "has no figure here" if there else "was not run"
                    yield f"{name}: {task}, which the use case requires, {state}."
    yield "Workflow, users, cost, security, privacy, energy, patients' outcomes: no task of this suite measures them."


def _tasks(evidence: Evidence) -> Table:
    rows: list[list[Value]] = [
        [
            run.view.id,
            evidence.names[view.candidate],
            view.task.id,
            judge_said(evidence, view.judge),
            items_link(run.view.id, view.task.id, view.items),
            f"{view.counts.scored:,}",
            f"{view.counts.unscored:,}",
            f"{view.counts.failed:,}",
            words.share(view.primary) or "–",
        ]
        for run, _, view in views(evidence)
    ]
    columns = ("run", "model", "task", "judge", "items", "scored", "unscored", "failed", "answered")
    return Table("The three outcomes", columns, rows, "outcomes")


def _without_score(evidence: Evidence) -> Part:
    rows: list[list[Value]] = [
        [
            run.view.id,
            evidence.names[view.candidate],
            view.task.id,
            reason,
            items_link(run.view.id, view.task.id, number),
        ]
        for run, _, view in views(evidence)
        for reason, number in (*view.reasons.items(), ("failed: an error of the program", view.counts.failed))
        if number
    ]
    if not rows:
        ended = any(view.counts.total for _, _, view in views(evidence))
        return Said("Every item that has ended was scored." if ended else "No item has ended.")
    columns = ("run", "model", "task", "reason", "items")
    return Table(
        "Items without a score by reason; each one by its id is in the file that the number leads to",
        columns,
        rows,
        "unscored",
    )

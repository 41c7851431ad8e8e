"""Page 4: what people looked at, who they are, how far they agree, and what can be claimed."""

from __future__ import annotations

from collections.abc import Iterator

from medic_console.reports.document import Link, Listing, Page, Part, Said, Section, Table
from medic_console.reports.evidence import Evidence, QueueEvidence
from medic_console.reports.pages.words import NOT_MEASURED, items_link, judge_said
from medic_console.results.task_lines import corrected_title
from medic_console.review.words import sentences
from medic_console.statistics import words


def page(evidence: Evidence) -> Page:
    """Return the page."""
    if not evidence.queues:
        text = f"Human review: {NOT_MEASURED}. No card about these runs was read by a person."
        return Page(4, "Human review", [Said(text, warns=True), *_corrected(evidence)])
    parts: list[Part] = []
    for queue in evidence.queues:
        parts += _queue(evidence, queue)
    parts += [_beside(evidence), _metrics(evidence), *_corrected(evidence)]
    return Page(4, "Human review", parts)


def _queue(evidence: Evidence, queue: QueueEvidence) -> Iterator[Part]:
    yield Section(f"Queue {queue.name}", f"queue-{queue.name}")
    who = ", ".join(queue.readers) or "nobody yet"
    yield Said(f"Drawn {queue.created}; read by: {who}; n {queue.report.settled:,} settled of {queue.report.cards:,}.")
    yield Listing(list(sentences(queue.name, queue.report, evidence.names)))


def _beside(evidence: Evidence) -> Part:
    rows: list[list[str | Link]] = []
    for run in evidence.runs:
        for one in run.beside:
            rate = one.rate
            known = rate.value is not None and rate.low is not None and rate.high is not None
            reviewed = _percent(rate.value) if known else "no figure: not every kind of answer was reviewed"
            ends = f"[{_percent(rate.low)}, {_percent(rate.high)}]" if known else "–"
            who = [run.view.id, evidence.names[one.candidate], one.task, judge_said(evidence, one.judge)]
            counts: list[str | Link] = [f"{one.findings:,} of", items_link(run.view.id, one.task, one.questions)]
            rows.append([*who, _percent(one.raw), *counts, reviewed, ends, f"{one.cards:,}"])
            rows[-1].append(f"{one.confirmed:,} of {one.reviewed:,}")
    columns = (
        "run",
        "model",
        "task",
        "judge",
        "raw %",
        "findings",
        "questions",
        "reviewed %",
        "95 %",
        "cards",
        "confirmed",
    )
    return Table("Share of questions that speak against the texts, raw and reviewed", columns, rows, "beside")


def _metrics(evidence: Evidence) -> Part:
    rows: list[list[str | Link]] = []
    for run in evidence.runs:
        for one in run.beside:
            who = [run.view.id, evidence.names[one.candidate], one.task, judge_said(evidence, one.judge)]
            for metric in one.metrics:
                rate = metric.rate
                reviewed = words.number(rate.value), words.ends(rate.low, rate.high)
                figures = (metric.why, "–") if metric.why else reviewed
                rows.append([*who, metric.title, words.number(metric.raw), *figures, f"{rate.n:,}"])
    columns = ("run", "model", "task", "judge", "metric", "raw", "reviewed", "95 %", "cards")
    return Table("Metrics, raw and reviewed", columns, rows, "beside-metrics")


def _corrected(evidence: Evidence) -> list[Part]:
    rows: list[list[str | Link]] = []
    for run in evidence.runs:
        for one in run.corrected:
            who = [run.view.id, evidence.names[one.candidate], one.task, judge_said(evidence, one.judge)]
            for name, found in one.metrics.items():
                figures = (words.number(found.value), words.ends(found.low, found.high), found.note)
                rest = f"{one.accuracy.cards:,} of {', '.join(one.accuracy.runs)}"
                rows.append([*who, corrected_title(name), *figures, rest])
    columns = ("run", "model", "task", "judge", "metric", "corrected", "95 %", "note", "settled cards")
    title = "Metrics, corrected for the judge's errors that people found"
    return [Table(title, columns, rows, "corrected-by-people")] if rows else []


def _percent(share: float | None) -> str:
    return words.number(None if share is None else 100 * share)

"""Page 5: the hazard log, a row for each class of finding of each model and task."""

from __future__ import annotations

from collections.abc import Sequence

from medic_console.reports.document import Link, Page, Part, Said, Table
from medic_console.reports.evidence import Evidence, RunEvidence, examined
from medic_console.reports.hazards import Hazard
from medic_console.reports.pages.words import NOT_MEASURED, items_link, judge_said, views
from medic_console.review.cards import SEVERITIES, grades
from medic_console.review.findings import Found
from medic_console.review.questions import is_asked
from medic_console.statistics import words

COLUMNS = (
    *("id", "hazard (class of finding)", "effect", "run", "model", "task", "judge"),
    *("findings", "reviewed", "confirmed", "confirmed of reviewed, 95 %", "worst severity", "readers of the run"),
)
EXAMPLES = ("id", "item and part", "review", "asked and said")
_EFFECTS = {
    "omission": "what the source says is missing in the text",
    "hallucination": "the text says what the source does not",
    "contradiction": "the text denies what the source says",
    "contradicted by source": "the source denies what the text says",
    "verdict": "the answer is wrong, or gives what it should not",
}


def page(evidence: Evidence) -> Page:
    """Return the page."""
    rows = [row for run in evidence.runs for row in _run(evidence, run)]
    numbered = [[f"H{number:03d}", *row] for number, row in enumerate(rows, 1)]
    worst = [one.worst for run in evidence.runs for one in run.hazards]
    examples = [[f"H{number:03d}", *_example(evidence, one)] for number, one in enumerate(worst, 1)]
    parts: list[Part] = [
        Said(
            "Columns as DCB0160 asks of a hazard log: hazard, effect, count, severity as the reviewers gave it, who "
            "reviewed. The effect is that on the text: what it may do to a patient, causes, controls and residual risk "
            "are for the site's clinical safety officer to add. Of another kind is what people found to speak against "
            "the text, but in another way than the judge."
        )
    ]
    if not rows:
        parts.append(Said(_nothing(evidence)))
        return Page(5, "Hazard log", parts)
    parts.append(_table(evidence, numbered))
    parts.append(Table("The worst example of each", EXAMPLES, examples, "worst"))
    parts.append(Said("Severity: " + "; ".join(f"{n} {name}" for n, name in enumerate(SEVERITIES)) + "."))
    if not any(one.confirmed or one.another for run in evidence.runs for one in run.hazards):
        text = "No finding was confirmed by a person: these are findings of judges and scorers alone."
        parts.append(Said(text, warns=True))
    return Page(5, "Hazard log", parts)


def _table(evidence: Evidence, rows: list[list[str | Link]]) -> Table:
    """Return the log; one run is named once, above: a sheet is too narrow for its id in every row."""
    if len(evidence.runs) > 1:
        return Table("Hazards", COLUMNS, rows, "hazards")
    at = COLUMNS.index("run")
    left = [[*row[:at], *row[at + 1 :]] for row in rows]
    title = f"Hazards of run {evidence.runs[0].view.id}"
    return Table(title, (*COLUMNS[:at], *COLUMNS[at + 1 :]), left, "hazards")


def _nothing(evidence: Evidence) -> str:
    """Return why there is no finding: none was found, or nothing was asked that could find one."""
    asked = [task for run in evidence.runs for task in examined(run)]
    if asked:
        return f"No finding: {', '.join(dict.fromkeys(asked))} can speak against a text, and no answer there did."
    tasks = dict.fromkeys(view.task.id for _, _, view in views(evidence) if is_asked(view.task.scorer))
    if tasks:
        return f"Hazards: {NOT_MEASURED}. {', '.join(tasks)} can speak against a text, and no answer there has a score."
    return f"Hazards: {NOT_MEASURED}. No task of these runs asks questions that can speak against a text."


def _run(evidence: Evidence, run: RunEvidence) -> list[list[str | Link]]:
    own = [queue for queue in evidence.queues if run.view.id in queue.runs]
    readers = sorted({name for queue in own for name in queue.readers})
    return [_row(evidence, one, readers) for one in run.hazards]


def _row(evidence: Evidence, one: Hazard, readers: Sequence[str]) -> list[str | Link]:
    rate = one.rate
    return [
        one.kind,
        _EFFECTS.get(one.kind, NOT_MEASURED),
        *(one.run, evidence.names[one.candidate], one.task, judge_said(evidence, one.judge)),
        items_link(one.run, one.task, one.findings),
        f"{one.reviewed:,}",
        f"{one.confirmed:,}" + (f", and {one.another:,} of another kind" if one.another else ""),
        _interval(rate.value, rate.low, rate.high),
        NOT_MEASURED if one.severity is None else grades(one.worst.question)[one.severity],
        ", ".join(readers) if one.looked else "nobody",
    ]


def _interval(value: float | None, low: float | None, high: float | None) -> str:
    if value is None or low is None or high is None:
        return NOT_MEASURED
    return f"{words.number(100 * value)} % {words.ends(100 * low, 100 * high)}"


def _example(evidence: Evidence, worst: Found) -> tuple[str, ...]:
    """Return where the worst example is; its words only where the scope holds words."""
    asked = worst.question
    said = f"{asked.question} – {asked.said}" if evidence.asked.scope.with_words else "left out (--scope comments)"
    return f"{asked.item}, {asked.part}", worst.state, said

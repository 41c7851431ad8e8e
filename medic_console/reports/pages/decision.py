"""Page 1: what is decided on, how each model stands, and what a reader must know before the figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from medic_console.core.metrics import metric_of
from medic_console.reports.document import Link, Listing, Page, Part, Said, Section, Table
from medic_console.reports.evidence import Evidence
from medic_console.reports.pages.words import forgotten_said, items_link, state
from medic_console.results.comparison import words as compared
from medic_console.results.comparison.portfolio import CaseResult, CaseStanding, Finding
from medic_console.results.comparison.portfolio_file import EXAMPLES, Requirement
from medic_console.statistics import words

_SAID = {
    CaseStanding.PASSES: "met",
    CaseStanding.FAILS: "not met",
    CaseStanding.NOT_SURE: "not sure",
    CaseStanding.MISSING: "no data",
}
LIMITS = (
    "A benchmark result is evidence, not clearance: it speaks of the items that were asked, in the wording and under "
    "the settings of page 7, and of nothing else.",
    "It says nothing of a workflow, of people who read what the model writes, of other languages or of other sites.",
    "An item that the model left without an answer by its own doing takes the metric's worst value; the share of whole "
    "answers stands beside every headline.",
    f"{words.PROVISIONAL} marks a figure of a judge that is not qualified for it, or that is kin to the model.",
)


def page(evidence: Evidence) -> Page:
    """Return the page."""
    parts = [*_warnings(evidence), *_question(evidence)]
    if evidence.case is None:
        text = "No use case was named (--use-case ID): this report holds figures and decides nothing."
        parts += [Said(text, warns=True)]
    else:
        parts += _decided(evidence, evidence.case)
    parts += [Section("Intended use and limits", "limits"), *_use(evidence), Listing(LIMITS)]
    return Page(1, "Decision", parts)


def _warnings(evidence: Evidence) -> Iterator[Part]:
    for view in evidence.unfinished:
        yield Said(f"Run {view.id} has not come to its end ({state(view)}): its figures will change.", warns=True)
    for run in evidence.runs:
        if told := forgotten_said(run):
            yield Said(told, warns=True)
    for task in evidence.versions_differ:
        yield Said(
            f"The runs asked {task} in different ways (see the digests of page 7): its figures must not be put side by "
            "side.",
            warns=True,
        )
    found = evidence.verified
    if found is None:
        yield Said("The archive was not checked against its ledger (--no-verify).", warns=True)
    elif found.broken:
        lines = found.broken[:5]
        more = f" and {len(found.broken) - 5} more" if len(found.broken) > 5 else ""
        yield Said(f"The archive does not hold what its ledger names: {'; '.join(lines)}{more}.", warns=True)
    elif not found.holds:
        yield Said(
            "The archive's contents agree with its ledger; who wrote the entries is not proved here, since the key is "
            "not at hand.",
            warns=True,
        )
    else:
        yield Said(f"The archive was checked against its ledger of {found.entries:,} entries, and holds.")
    if found is not None and found.head:
        yield Said(
            f"Head of the ledger: {found.head}. With archive verify --head and this number, entries that are taken "
            "away later are found."
        )


def _question(evidence: Evidence) -> Iterator[Part]:
    rows = []
    for run in evidence.runs:
        models = ", ".join(f"{evidence.names[one.sha256]} {one.quantisation}" for one in run.view.candidates)
        judges = ", ".join(evidence.names[one.sha256] for one in run.view.judges) or "none"
        rows.append([run.view.id, run.view.created, state(run.view), models, judges, ", ".join(run.view.tasks)])
    yield Table("Runs of this report", ("run", "begun (UTC)", "state", "models", "judges", "tasks"), rows, "runs")


def _decided(evidence: Evidence, found: CaseResult) -> Iterator[Part]:
    case, portfolio = found.case, evidence.portfolio
    yield Section(f"Use case: {case.title}", "use-case")
    who = case.set_by or "nobody is named as their author"
    when = case.set_on or "no date is given"
    yield Said(
        f"Thresholds of {portfolio.path.name} ({evidence.file_digest}); set by: {who}; set on: {when}.",
    )
    if portfolio.bundled:
        yield Said(EXAMPLES, warns=True)
    names = evidence.names
    rows = [[names[one.model], _SAID[one.standing], _blocking(one.blocking)] for one in found.candidacies]
    yield Table("Decision by model", ("model", "thresholds", "what blocks"), rows, "decision")
    yield Said(f"Best: {compared.best(found, names)}.")
    yield Table(
        "Thresholds",
        (
            "model",
            "task",
            "metric",
            "threshold",
            "value",
            "95 % interval",
            "n",
            "chance",
            "answered",
            "stands",
            "lacks",
        ),
        [_row(names[one.model], finding) for one in found.candidacies for finding in one.findings],
        "thresholds",
    )
    yield Said(f"To be met, a threshold also needs: {'; '.join(_needs(case.requirements))}.")


def _needs(requirements: Sequence[Requirement]) -> Iterator[str]:
    """Yield what else thresholds ask for, each time with the metrics that it is of."""
    found: dict[str, list[str]] = {}
    for one in requirements:
        people = f"{100 * one.reviewed:g} %" if one.reviewed_share else f"{one.reviewed:,g}"
        read = f", {people} of its questions settled by people" if one.reviewed else ""
        asked = f"{one.items:,} items or more, surely {100 * one.answered:g} % of them answered{read}"
        found.setdefault(asked, []).append(f"{one.task} {metric_of(one.metric).title}")
    yield from (f"{asked} ({', '.join(whose)})" for asked, whose in found.items())


def _blocking(findings: tuple[Finding, ...]) -> str:
    told = [
        f"{found.requirement.task} {metric_of(found.requirement.metric).title}: "
        f"{', '.join(found.doubts) or str(found.standing)}"
        for found in findings
    ]
    return "; ".join(told) or "nothing"


def _row(name: str, found: Finding) -> list[str | Link]:
    asked, value = found.requirement, found.value
    sign = ">" if asked.better == "higher" else "<"
    head = [name, asked.task, metric_of(asked.metric).title, f"{sign} {asked.threshold:g}"]
    if value is None:
        return [*head, "–", "–", "0", "–", "–", _SAID[found.standing], "no figure"]
    return [
        *head,
        words.number(value.value) + words.mark(value),
        words.ends(value.low, value.high) or "–",
        items_link(found.run, asked.task, value.n),
        words.number(value.chance),
        words.share(value) or "–",
        _SAID[found.standing],
        "; ".join(found.doubts) or "–",
    ]


def _use(evidence: Evidence) -> Iterator[Part]:
    if evidence.case is not None:
        yield Said(f"Intended use: {evidence.case.case.title}. {evidence.case.case.why}")
    rows = []
    for task, described in _descriptions(evidence).items():
        rows.append([task, *described])
    yield Table("What the tasks measure", ("task", "title", "what it measures"), rows, "tasks-measure")


def _descriptions(evidence: Evidence) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for run in evidence.runs:
        for result in run.results:
            for view in result.tasks:
                found.setdefault(view.task.id, (view.task.title, view.task.description.strip()))
    return found

"""Page 3: who judged, what was measured of each judge, and what a judge without errors would have found."""

from __future__ import annotations

from collections.abc import Iterator

from medic_console.core.digest import short
from medic_console.core.metrics import metric_of
from medic_console.engine.files.kinship import kinship
from medic_console.reports.document import Listing, Page, Part, Said, Section, Table
from medic_console.reports.evidence import Evidence
from medic_console.reports.pages.words import NOT_MEASURED, judge_said, views
from medic_console.results.figure_cells import ends_cell
from medic_console.results.judging.card import Card
from medic_console.results.judging.card_rows import NOTE, measure_rows
from medic_console.statistics import words


def page(evidence: Evidence) -> Page:
    """Return the page."""
    judges = list(dict.fromkeys(one.sha256 for run in evidence.runs for one in run.view.judges))
    if not judges:
        return Page(3, "Judges", [Said("No judge was named in these runs: no figure rests on one.")])
    parts: list[Part] = [Said(NOTE)]
    for judge in judges:
        cards = [card for card in evidence.judges if card.conditions.judge == judge]
        parts.append(Section(evidence.names[judge], f"judge-{short(judge)}"))
        if not cards:
            text = f"{NOT_MEASURED}: this judge has no card. Its figures are provisional."
            parts.append(Said(text, warns=True))
        for card in cards:
            parts += _card(card)
    parts += [_marks(evidence), _corrected(evidence), _kinship(evidence, judges)]
    return Page(3, "Judges", parts)


def _card(card: Card) -> Iterator[Part]:
    yield Said(
        f"As a judge of {card.method} ({', '.join(card.tasks)}): {card.verdict}, measured {card.created} in run "
        f"{card.run}, probes {short(card.conditions.probes)}, wording {short(card.conditions.wording)}.",
        warns=not card.qualified,
    )
    if card.objections:
        yield Listing(card.objections)
    rows = [
        [
            one.title,
            words.number(one.found.value),
            ends_cell(one.found),
            f"{one.found.n:,}",
            one.demand or "–",
            "–" if one.passed is None else "met" if one.passed else "not met",
        ]
        for one in measure_rows(card)
    ]
    yield Table(f"Card: {card.method}", ("measure", "value", "95 % interval", "probes", "limit", ""), rows)


def _marks(evidence: Evidence) -> Table:
    rows = [
        [
            run.view.id,
            evidence.names[view.candidate],
            view.task.title,
            judge_said(evidence, view.judge),
            view.provisional or "qualified",
            view.kin or "not known to be kin",
        ]
        for run, _, view in views(evidence)
        if view.judge
    ]
    columns = ("run", "model", "task", "judge", "standing", "kinship")
    return Table("Judged figures and what they rest on", columns, rows, "judged")


def _corrected(evidence: Evidence) -> Part:
    rows = [
        [
            run.view.id,
            evidence.names[view.candidate],
            view.task.title,
            metric_of(name).title,
            words.marked(view.metrics[name]) if name in view.metrics else "–",
            words.marked(found),
            f"{found.n:,}",
        ]
        for run, _, view in views(evidence)
        for name, found in view.corrected.items()
    ]
    if not rows:
        return Said(
            f"Rates corrected for the judge's errors: {NOT_MEASURED}; they need a card that holds for the task."
        )
    columns = ("run", "model", "task", "metric", "as judged", "corrected", "n")
    return Table("Rates corrected for the judge's measured errors", columns, rows, "corrected")


def _kinship(evidence: Evidence, judges: list[str]) -> Table:
    rows = []
    for run in evidence.runs:
        for judge in run.view.judges:
            for model in run.view.candidates:
                found = kinship(evidence.models[judge.sha256], evidence.models[model.sha256])
                said = found.words if found else "not known to be kin"
                rows.append([run.view.id, evidence.names[judge.sha256], evidence.names[model.sha256], said])
    return Table("Kinship of judges and models, by what the files say", ("run", "judge", "model", ""), rows, "kinship")

"""All that a report tells, read from an archive once, before a page is written."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from medic_console import __version__
from medic_console.archive.verify import Verified, verify
from medic_console.archive.views import ModelResult, ModelView, RunView
from medic_console.core.errors import MedicError, UsageError
from medic_console.core.naming import told_apart
from medic_console.reports.hazards import Hazard
from medic_console.reports.reader import EvidenceReader, Rows
from medic_console.reports.run_rows import RunRows, run_rows
from medic_console.results.comparison.portfolio import CaseResult, evaluate
from medic_console.results.comparison.portfolio_file import Portfolio, UseCase
from medic_console.results.judging.card import Card
from medic_console.results.measures import Measures
from medic_console.results.settled import released
from medic_console.results.slices import Slice, check_fields, slices
from medic_console.results.summary import summary
from medic_console.review.accuracy import Corrected, corrected_by_people
from medic_console.review.beside import Beside, ReviewsOfRuns, beside
from medic_console.review.findings import each_finding, review_states
from medic_console.review.questions import is_asked
from medic_console.review.reader import ReviewReader
from medic_console.review.report import Report, report
from medic_console.statistics.intervals import weights_kept

Tell = Callable[[str], None]


class Scope(StrEnum):
    """How much of what may hold patient data goes into a report."""

    SCORES = "scores"
    """Ids, outcomes and numbers."""
    COMMENTS = "comments"
    """Also verdicts, answers as read, questions, and what reviewers wrote."""
    FULL = "full"
    """Also items, prompts, outputs and every trace."""

    @property
    def with_words(self) -> bool:
        """Whether words that a model, an item or a reviewer gave are in it."""
        return self is not Scope.SCORES


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who answers for a report.

    Attributes:
        valid_until: Last day on which it holds, ISO 8601.
        identity: What the site's file of allowed signers calls the person; empty: made of the name.
    """

    name: str
    role: str
    valid_until: str
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is to hold.

    Attributes:
        runs: Ids, as a person named them.
        case: Id of the use case that is decided on; empty for none.
        created: Time that it is stamped with.
        signatory: Who signs; None where nobody does yet.
        verified: Check the archive against its ledger first.
        by: Fields of the items; figures of each part stand beside those of all.
    """

    runs: tuple[str, ...]
    case: str = ""
    scope: Scope = Scope.SCORES
    created: datetime.datetime = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    signatory: Signatory | None = None
    verified: bool = True
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunEvidence:
    """One run.

    Attributes:
        tasks: Rows of its tasks, with the number and the digest of their items.
        engines: What each model (sha256) was loaded with.
        sittings: When which process worked on it.
        libraries: Versions that made its scores.
        waiting: Items without any score, by task.
        rows: What the archive's rows are.
        beside: Raw and reviewed figures.
        corrected: Figures without the judge's errors that people found.
        hazards: Classes of its findings.
        summary: The run in words.
        slices: Figures of parts of the items.
        forgotten: By whom and when its texts were forgotten; empty where they were not.
    """

    view: RunView
    key: str
    results: tuple[ModelResult, ...]
    tasks: tuple[Mapping[str, Any], ...]
    settings: Mapping[str, Any]
    templates: Mapping[str, str]
    engines: tuple[tuple[str, Mapping[str, Any]], ...]
    sittings: tuple[Mapping[str, Any], ...]
    libraries: tuple[Mapping[str, str], ...]
    waiting: Mapping[str, int]
    rows: Rows
    beside: tuple[Beside, ...]
    corrected: tuple[Corrected, ...]
    hazards: tuple[Hazard, ...]
    summary: tuple[str, ...]
    slices: tuple[Slice, ...]
    forgotten: str


@dataclass(frozen=True, slots=True)
class QueueEvidence:
    """A queue of reviews about some of the runs, with what its decisions say."""

    name: str
    created: str
    runs: frozenset[str]
    readers: tuple[str, ...]
    report: Report


@dataclass(frozen=True, slots=True)
class Evidence:
    """All of it.

    Attributes:
        runs: In the order in which they were named.
        models: Candidates and judges of the runs, by sha256.
        names: Titles of these models, told apart.
        portfolio: The file of use cases, and `file_digest` of its text.
        case: The use case that is decided on; None for none.
        judges: Newest card of each judge of the runs in each wording.
        queues: Of reviews about the runs.
        verified: What the check of the archive found; None where none was asked for.
        earlier: Signed reports that the ledger knows, newest first.
        version: Of medic-console.
    """

    asked: Asked
    runs: tuple[RunEvidence, ...]
    models: Mapping[str, ModelView]
    names: Mapping[str, str]
    portfolio: Portfolio
    file_digest: str
    case: CaseResult | None
    judges: tuple[Card, ...]
    queues: tuple[QueueEvidence, ...]
    verified: Verified | None
    earlier: tuple[Mapping[str, Any], ...]
    version: str = __version__

    @property
    def sampled(self) -> bool:
        """Whether bundled samples were used anywhere."""
        return any(row["origin"] == "sample" for run in self.runs for row in run.tasks)

    @property
    def versions_differ(self) -> tuple[str, ...]:
        """Tasks that the runs asked in different ways, whose figures must not be put side by side."""
        digests: dict[str, set[str]] = {}
        for run in self.runs:
            for row in run.tasks:
                digests.setdefault(row["task"], set()).add(row["digest"])
        return tuple(task for task, found in digests.items() if len(found) > 1)

    @property
    def unfinished(self) -> tuple[RunView, ...]:
        """Runs that have not come to their end."""
        return tuple(run.view for run in self.runs if run.view.status != "done")


def examined(run: RunEvidence) -> list[str]:
    """Return the tasks of a run in which an answer that is scored can be a finding."""
    views = (view for result in run.results for view in result.tasks)
    return list(dict.fromkeys(view.task.id for view in views if view.counts.scored and is_asked(view.task.scorer)))


RowsOfRuns = Callable[[], Mapping[str, RunRows]]
"""Waits until the rows of all runs are read; returns what is told of them, by run."""


def gather(
    archive: Path,
    asked: Asked,
    portfolio: Portfolio,
    file_digest: str,
    tell: Tell = lambda text: None,
    rows: RowsOfRuns | None = None,
) -> Evidence:
    """Read all that a report tells, run by run: what is kept of each are figures and counts, and no item.

    Args:
        file_digest: Of the portfolio's file.
        tell: Is told what is done next, a line each.
        rows: Returns what is told of the runs' rows, asked when all figures are made; without it they are read here.

    Raises:
        ArchiveError: A run is not there, or is a qualification of judges.
        UsageError: A run was named twice, there is no such use case, or a field parts no items.
    """
    if len(set(asked.runs)) < len(asked.runs):
        raise UsageError("A run was named twice.", "Name each run once.")
    case = _case(asked.case, portfolio)
    with closing(EvidenceReader(archive)) as reader:
        views = [reader.audit(run) for run in asked.runs]
        figures = _figures(reader, views, asked.by, tell)
        told = rows() if rows is not None else _rows(reader, views)
        cards = _cards(reader, views)
        queues = tuple(_queues(reader, asked.runs))
        earlier = tuple(reader.exports())
    if case is not None:
        tell(f"Thresholds of {case.id}")
    runs = tuple(figures[run](**told[run]._asdict()) for run in asked.runs)
    decided = _decided(archive, runs, case) if case is not None else None
    models = {one.sha256: one for view in views for one in (*view.candidates, *view.judges)}
    head = (asked, runs, models, told_apart(models.values()), portfolio, file_digest)
    tell("Check of the archive against its ledger")
    return Evidence(*head, decided, cards, queues, _verified(archive, asked), earlier)


def _verified(archive: Path, asked: Asked) -> Verified | None:
    """Check the archive; a key that cannot be read leaves it unproved, and is told as what it is."""
    if not asked.verified:
        return None
    try:
        return verify(archive)
    except MedicError as error:
        return Verified(0, "", (error.message,), (), 0, {})


def _case(name: str, portfolio: Portfolio) -> UseCase | None:
    if not name:
        return None
    found = {case.id: case for case in portfolio.use_cases}
    if name not in found:
        raise UsageError(f"There is no use case {name}.", f"{portfolio.path} has {', '.join(found)}.")
    return found[name]


def _figures(
    reader: EvidenceReader, views: Sequence[RunView], by: Sequence[str], tell: Tell
) -> dict[str, Callable[..., RunEvidence]]:
    """Return what each run holds, but for what is told of its rows."""
    made = {}
    check_fields(reader, [view.id for view in views], by)
    with weights_kept():
        for number, view in enumerate(views, 1):
            tell(f"Figures of run {view.id}, {number} of {len(views)}")
            made[view.id] = run_figures(reader, view, by)
    return made


def _rows(reader: EvidenceReader, views: Sequence[RunView]) -> dict[str, RunRows]:
    states = review_states(reader)
    return {view.id: run_rows(reader, view, each_finding(reader, [view.id], states)) for view in views}


def run_figures(reader: EvidenceReader, view: RunView, by: Sequence[str]) -> Callable[..., RunEvidence]:
    """Return all that is told of a run once the fields of `RunRows` are given.

    Args:
        by: Fields of the items; figures of each part stand beside those of all.
    """
    results = reader.results(view.id)
    return partial(
        RunEvidence,
        view=view,
        key=reader.run_key(view.id),
        results=tuple(map(released, results)),
        settings=reader.settings(view.id),
        templates=reader.templates(view.id),
        sittings=tuple(reader.sittings(view.id)),
        beside=tuple(beside(reader, view.id)),
        corrected=tuple(corrected_by_people(reader, view.id)),
        summary=summary(results),
        slices=tuple(slices(reader, view.id, by)),
        forgotten=reader.forgotten(view.id),
    )


def _decided(archive: Path, runs: Sequence[RunEvidence], case: UseCase) -> CaseResult:
    models = {one.sha256: one for run in runs for one in run.view.candidates}
    with closing(Measures(archive)) as reader, closing(ReviewReader(archive)) as people:
        named = [run.view.id for run in runs]
        return next(iter(evaluate(reader, list(models.values()), [case], named, ReviewsOfRuns(people))))


def _cards(reader: EvidenceReader, views: Sequence[RunView]) -> tuple[Card, ...]:
    judges = dict.fromkeys(one.sha256 for view in views for one in view.judges)
    found: dict[tuple[str, str], Card] = {}
    for judge in judges:
        for card in reader.qualifications.cards(judge):
            found.setdefault((judge, card.conditions.wording), card)
    return tuple(found.values())


def _queues(reader: EvidenceReader, runs: Sequence[str]) -> list[QueueEvidence]:
    found = []
    for named in reversed(reader.queues()):
        if not set(named.design.get("runs", ())) & set(runs):
            continue
        queue, decisions = reader.queue(named.name), reader.decisions(named.name)
        names = {one.id: one.name for one in reader.reviewers()}
        readers = tuple(dict.fromkeys(names.get(one.reviewer, str(one.reviewer)) for one in decisions))
        made = report(queue, decisions, reader.reviewers(), reader.changed_answers(named.name))
        about = frozenset(map(str, named.design["runs"]))
        found.append(QueueEvidence(named.name, named.created, about, readers, made))
    return found

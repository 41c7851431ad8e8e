"""Results of one task of a run: under each candidate and judge, and of several judges as a panel."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import combinations
from typing import Any

from medic_console.archive.columns import Column, ScoredItem
from medic_console.archive.views import Challenged, JudgeAgreement, LabelMass, Stability, TaskView
from medic_console.core.metrics import metric_of
from medic_console.core.records import Figure, MetricValue, Outcome, Score
from medic_console.core.traces import MatchResult
from medic_console.results.judging.correction import Judged, corrected_metrics
from medic_console.results.lazy_mappings import LazyMapping, LazyValues
from medic_console.scoring.methods.cef.score import FindingKind, finding_kind
from medic_console.scoring.methods.rubric.score import by_tag
from medic_console.scoring.scorers.registry import SCORERS
from medic_console.statistics.agreement import Level, alpha
from medic_console.statistics.matches import Match
from medic_console.statistics.metrics import compute, counting_in, counts, counts_in, metric_over, noted, share_answered
from medic_console.statistics.panel_scores import panel_score, verdicts_of
from medic_console.statistics.ranks import spearman
from medic_console.statistics.ratings import Rating, bradley_terry, elo
from medic_console.statistics.shares import Share
from medic_console.suite.task import Task

PANEL = "panel"
"""Stands for a judge's sha256 in the results of several judges together."""
_RATINGS: Mapping[str, Callable[..., dict[str, Rating]]] = {"elo": elo, "bradley_terry": bradley_terry}
_LEVELS = {"harm": Level.ORDINAL, "rubric": Level.NOMINAL, "pairwise": Level.NOMINAL}
"""By method; others score in numbers."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What is known of a judge of a candidate, and of the candidate.

    Attributes:
        provisional: Why its scores are provisional; empty when they are not.
        kin: How it is kin to the candidate; empty when it is not known to be.
        rates: Its errors, where a qualification that holds has measured them.
        changed: How one of the two may have been another model for a part of the run; empty when it was not.
    """

    provisional: str = ""
    kin: str = ""
    rates: Mapping[str, Share] = field(default_factory=dict)
    changed: str = ""

    @property
    def unsure(self) -> str:
        """Why scores are provisional; empty when they are not."""
        return "; ".join(part for part in (self.changed, self.provisional) if part)

    @property
    def doubt(self) -> str:
        """Why figures that rest on it carry the provisional mark; empty when they do not."""
        return "; ".join(part for part in (self.unsure, self.kin and f"judge and candidate: {self.kin}") if part)


def doubt(marks: Sequence[str]) -> str:
    """Return why a panel is not to be relied on yet; empty when it is.

    Args:
        marks: Why each judge is not; empty for one that is.
    """
    provisional = sum(bool(mark) for mark in marks)
    return f"{provisional} of {len(marks)} judges are not qualified" if provisional else ""


def partial_notes(view: TaskView) -> dict[str, str]:
    """Return by metric on which of a task's items it rests, in words, where that is on fewer than the main metric."""
    name, whole = view.task.scorer, view.primary.n
    said = SCORERS[name].partial if name in SCORERS else ""
    if not said:
        return {}
    found = {metric: value.n for metric, value in view.metrics.items() if value.value is not None and value.n < whole}
    return {metric: f"over {n:,} of {whole:,}: {said}" for metric, n in found.items()}


def of_panel(marks: Sequence[Marks]) -> Marks:
    """Return what is known of a panel, from what is known of each judge."""
    changed = "; ".join(dict.fromkeys(one.changed for one in marks if one.changed))
    kin = "; ".join(one.kin for one in marks if one.kin)
    return Marks(doubt([one.provisional for one in marks]), kin, changed=changed)


@dataclass(frozen=True, slots=True)
class HowAsked:
    """How a candidate was asked in a task (see `TaskView`), and states of challenges, `open` or `accepted`, by item."""

    task: Task
    prompt_notes: tuple[str, ...] = ()
    labels: LabelMass | None = None
    stability: Stability | None = None
    shapes: tuple[str, ...] = ()
    disputed: Mapping[str, str] = field(default_factory=dict)


class TaskResults:
    """Results of a task of a run.

    Args:
        row: Of `run_tasks`.
        items: Items in the run.
        candidates: sha256 of each.
        judges: sha256 of each; empty where no judge was needed or named.
        load: Returns the scores of a candidate under a judge (empty: none).
        marks: Returns what is known of a candidate and its judge (empty: none).
        asked: Returns how a candidate was asked.
    """

    def __init__(
        self,
        row: Mapping[str, Any],
        task: Task,
        items: int,
        candidates: Sequence[str],
        judges: Sequence[str],
        load: Callable[[str, str], Column],
        marks: Callable[[str, str], Marks],
        asked: Callable[[str], HowAsked],
    ) -> None:
        self._row = row
        self._task = task
        self._items = items
        self._resources = json.loads(row["resources"])
        self._candidates = candidates
        self._judges = judges if task.judge else ()
        self._load = load
        self._marks = marks
        self._asked = asked
        self._columns: dict[tuple[str, str], Column] = {}
        self._rated: dict[tuple[str, str, bool], Mapping[str, Rating]] = {}
        self._agreement: JudgeAgreement | None = None

    def view(self, candidate: str) -> TaskView:
        """Return a candidate's results: under its judge, or of the panel with each judge's beside."""
        if len(self._judges) < 2:
            return self.view_under(candidate, self._judges[0] if self._judges else "")
        each = tuple(self.view_under(candidate, judge) for judge in self._judges)
        return replace(self.view_under(candidate, PANEL), by_judge=each, agreement=self.agreement())

    def view_under(self, candidate: str, judge: str) -> TaskView:
        """Return a candidate's results under one judge, or under `PANEL`."""
        judge = judge if self._task.judge else ""
        column = self.column(candidate, judge)
        marks = self._marks_of(candidate, judge)
        scores = [one.score for one in column.values()]
        counted = cache(lambda: counting_in(scores, [one.group for one in column.values()]))
        names = [metric.id for metric in self._task.metrics]

        def metric(name: str) -> MetricValue:
            if name in _RATINGS:
                return self._rating(name, candidate, judge, marks.doubt)
            return noted({name: metric_over(name, counted(), marks.doubt)}, self._resources)[name]

        asked = self._asked(candidate)
        return TaskView(
            task=asked.task,
            candidate=candidate,
            judge=judge,
            items=self._items,
            counts=counts(scores),
            metrics=LazyValues(names, metric),
            reasons=dict(Counter(str(score.reason) for score in scores if score.reason)),
            origin=self._row["origin"],
            source=self._row["source"],
            notes=tuple(json.loads(self._row["notes"])),
            breakdown=_breakdown(list(column.values()), marks.doubt),
            findings=_findings(column.values()),
            provisional=marks.unsure,
            kin=marks.kin,
            corrected=LazyMapping(lambda: _corrected(column, marks) if marks.rates else {}),
            prompt_notes=asked.prompt_notes,
            labels=asked.labels,
            stability=asked.stability,
            shapes=asked.shapes,
            challenged=self._challenged(column, asked.disputed, marks.doubt),
        )

    def _challenged(self, column: Column, disputed: Mapping[str, str], provisional: str) -> Challenged | None:
        """Return the main metric without the items whose labels are not to be relied on; None without a challenge."""
        if not disputed:
            return None
        name, states = self._task.primary_metric.id, Counter(disputed.values())
        kept = [(one.score, one.group) for item, one in column.items() if disputed.get(item) != "accepted"]
        figure = None
        if states["accepted"] and name not in _RATINGS:
            scores, groups = [score for score, _ in kept], [group for _, group in kept]
            figure = noted(compute([name], scores, groups, provisional), self._resources)[name]
        return Challenged(states["accepted"], states["open"], figure)

    def _marks_of(self, candidate: str, judge: str) -> Marks:
        if judge == PANEL:
            return of_panel([self._marks(candidate, one) for one in self._judges])
        return self._marks(candidate, judge)

    def agreement(self) -> JudgeAgreement:
        """Return how far the judges agree on this task, over all candidates."""
        if self._agreement is None:
            self._agreement = self._agree()
        return self._agreement

    def _agree(self) -> JudgeAgreement:
        by_judge: dict[str, dict[tuple[str, str], str | float]] = {judge: {} for judge in self._judges}
        clusters: dict[tuple[str, str], str] = {}
        for judge, found in by_judge.items():
            for candidate in self._candidates:
                for item, one in self.column(candidate, judge).items():
                    verdicts = {(candidate, name): said for name, said in verdicts_of({item: one.score}).items()}
                    found |= verdicts
                    # All verdicts on an item are of one cluster, and an item without a group is one of its own.
                    clusters |= dict.fromkeys(verdicts, f"group {one.group}" if one.group else f"item {item}")
        names = list(clusters)
        method = self._task.judge.method if self._task.judge else ""
        values = [[found.get(name) for found in by_judge.values()] for name in names]
        agreed = alpha(values, _LEVELS.get(method, Level.INTERVAL), list(clusters.values()))
        primary = self._task.primary_metric
        orders = {
            judge: {one: self.view_under(one, judge).metrics[primary.id].value for one in self._candidates}
            for judge in self._judges
        }
        ranks = {pair: spearman(orders[pair[0]], orders[pair[1]]) for pair in combinations(self._judges, 2)}
        return JudgeAgreement(agreed, ranks)

    def column(self, candidate: str, judge: str) -> Column:
        """Return a candidate's scores under a judge, or of the panel."""
        if (candidate, judge) not in self._columns:
            found = self._joined(candidate) if judge == PANEL else self._load(candidate, judge)
            self._columns[candidate, judge] = found
        return self._columns[candidate, judge]

    def _joined(self, candidate: str) -> Column:
        """Return the panel's scores of the items that every judge has ended."""
        return panel_column([self.column(candidate, judge) for judge in self._judges])

    def _rating(self, name: str, candidate: str, judge: str, provisional: str) -> MetricValue:
        headline, answered = (self._ratings(name, judge, judged)[candidate] for judged in (False, True))
        ended = [(one.score, one.group) for one in self.column(candidate, judge).values() if counts_in(one.score)]
        return MetricValue(
            name,
            headline.value,
            headline.low,
            headline.high,
            headline.matches,
            metric_of(name).unit,
            answered=Figure(answered.value, answered.low, answered.high, answered.matches),
            share=share_answered(ended) if ended else None,
            provisional=provisional,
        )

    def _ratings(self, name: str, judge: str, judged: bool) -> Mapping[str, Rating]:
        key = (name, judge, judged)
        if key not in self._rated:
            self._rated[key] = _RATINGS[name](self.matches(judge, judged), self._candidates)
        return self._rated[key]

    def matches(self, judge: str, judged: bool = False) -> list[Match]:
        """Return each match once.

        Both sides tell of a match, but for one that was won against a model without an answer.

        Args:
            judged: Only matches that a judge decided, between two whole answers.
        """
        columns = {candidate: self.column(candidate, judge) for candidate in self._candidates}
        found: dict[tuple[str, frozenset[str]], Match] = {}
        for candidate in sorted(self._candidates):
            for item, one in columns[candidate].items():
                for match in one.score.matches:
                    sides = (one, columns.get(match.opponent, {}).get(item))
                    whole = not match.forfeit and all(side is None or side.score.answered for side in sides)
                    if whole or not judged:
                        winner = _winner(candidate, match.opponent, match.result)
                        key = (item, frozenset((candidate, match.opponent)))
                        found.setdefault(key, Match(candidate, match.opponent, winner, item))
        return list(found.values())


def panel_column(columns: Sequence[Column]) -> Column:
    """Return the panel's scores of the items that every judge has ended.

    Args:
        columns: One a judge, at least one.
    """
    first, *others = columns
    return {
        item: replace(one, score=panel_score([column[item].score for column in columns]), labels=())
        for item, one in first.items()
        if all(item in column for column in others)
    }


def _winner(candidate: str, opponent: str, result: MatchResult) -> str:
    return {MatchResult.WON: candidate, MatchResult.LOST: opponent, MatchResult.DRAWN: ""}[result]


def _corrected(column: Column, marks: Marks) -> dict[str, MetricValue]:
    found = corrected_metrics(
        [Judged(one.group or item, one.score, one.labels) for item, one in column.items()], marks.rates
    )
    return {name: replace(metric, provisional=marks.doubt) for name, metric in found.items()}


def _findings(column: Iterable[ScoredItem]) -> dict[FindingKind, int]:
    """Return how many questions of scored items speak against the texts, by kind; empty without a cross-examination."""
    labels = [label for one in column if one.score.outcome is Outcome.SCORED for label in one.labels]
    counted = Counter(kind for side, label in labels if (kind := finding_kind(side, label)) is not None)
    return {kind: counted[kind] for kind in FindingKind} if labels else {}


def _breakdown(column: Sequence[ScoredItem], provisional: str) -> Mapping[str, MetricValue]:
    """Return the rubric score by theme (of the items) and by axis (of the criteria)."""
    found: dict[str, list[tuple[Score, str]]] = {}
    for one in (one for one in column if one.score.criteria):
        shares = dict.fromkeys(one.themes, one.score.values["rubric"]) | by_tag(one.score.criteria)
        for tag, share in shares.items():
            found.setdefault(tag, []).append((replace(one.score, values={"rubric": share}), one.group))

    def value(tag: str) -> MetricValue:
        scores, groups = zip(*found[tag], strict=True)
        return compute(["rubric"], scores, groups, provisional)["rubric"]

    return LazyValues(sorted(found), value)

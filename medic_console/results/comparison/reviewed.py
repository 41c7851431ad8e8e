"""What people found of a task beside the raw figure: what comparison and portfolio know of a review."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from medic_console.results.measures import Measure
from medic_console.statistics.strata import Rate
from medic_console.statistics.words import ends, number


class MetricReview(Protocol):
    """One metric, in its own unit."""

    @property
    def metric(self) -> str:
        """Its id."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def raw(self) -> float | None:
        """As the judge or the scorer has it."""

    @property
    def rate(self) -> Rate:
        """As people have it."""

    @property
    def why(self) -> str:
        """Why people have none; empty where they do."""


class HumanReview(Protocol):
    """One task of one model under one judge, of which people settled cards."""

    @property
    def raw(self) -> float:
        """Share of questions that speak against the text, as the judge has it, 0 to 1."""

    @property
    def rate(self) -> Rate:
        """The same from the review; without a value where a kind of answer has no settled card."""

    @property
    def questions(self) -> int:
        """Answered by the judge, or verdicts."""

    @property
    def cards(self) -> int:
        """Questions whose answer people settled."""

    @property
    def reviewed(self) -> int:
        """Findings among them."""

    @property
    def confirmed(self) -> int:
        """Of these, findings of that kind."""

    @property
    def metrics(self) -> Sequence[MetricReview]:
        """All of the task."""


Reviews = Callable[[str, str, str, str], HumanReview | None]
"""Takes run, task, candidate and judge."""


def no_review(run: str, task: str, candidate: str, judge: str) -> HumanReview | None:
    """Return that nobody reviewed anything."""
    return None


def review_of_measure(measure: Measure, reviews: Reviews) -> HumanReview | None:
    """Return what people found of a measure; of several judges, of all their questions."""
    return reviews(measure.run, measure.task.id, measure.candidate, measure.judge)


def told(one: HumanReview, only: str = "") -> str:
    """Return raw and reviewed figures side by side, with how much was reviewed.

    Args:
        only: Id of the one metric that is told beside the share of questions; empty: all of the task.
    """
    metrics = [metric for metric in one.metrics if only in ("", metric.metric)]
    told_apart = [metric_told(metric) for metric in metrics if not metric.why]
    without: dict[str, list[str]] = {}
    for metric in metrics:
        if metric.why:
            without.setdefault(metric.why, []).append(f"{metric.title} raw {number(metric.raw)}")
    more = "".join(f"; {said}" for said in (*told_apart, *(f"{', '.join(of)}: {w}" for w, of in without.items())))
    return (
        f"raw {number(100 * one.raw)} %, reviewed "
        f"{_told(one.rate, 100, ' %', 'no figure, not every kind of answer was reviewed')}; "
        f"{one.confirmed:,} of {one.reviewed:,} findings confirmed; "
        f"{one.cards:,} of {one.questions:,} questions reviewed{more}"
    )


def metric_told(metric: MetricReview) -> str:
    """Return one metric raw and reviewed, or why there is no reviewed figure."""
    return f"{metric.title} raw {number(metric.raw)}, reviewed {_told(metric.rate, 1, '', metric.why)}"


def _told(rate: Rate, scale: float, unit: str, without: str) -> str:
    if rate.value is None or rate.low is None or rate.high is None:
        return without
    return f"{number(scale * rate.value)}{unit} {ends(scale * rate.low, scale * rate.high)}"


def lacking(one: HumanReview | None, wanted: float, share: bool) -> str:
    """Return what a demanded review lacks; empty when it is met.

    Args:
        one: None where nobody reviewed.
        wanted: Settled cards, or their share of all questions, 0 to 1.
        share: `wanted` is a share.
    """
    if not wanted:
        return ""
    cards, questions = (one.cards, one.questions) if one is not None else (0, 0)
    if share:
        met = bool(questions) and cards / questions >= wanted
        return "" if met else f"{cards:,} of {questions:,} questions reviewed by people, {100 * wanted:g} % asked for"
    # a task of fewer questions is met when all of them are reviewed
    met = cards >= wanted or (0 < questions == cards)
    return "" if met else f"{cards:,} questions reviewed by people, {wanted:,.0f} asked for"

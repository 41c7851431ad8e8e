"""How often a judge is right about what people answered, and what its shares would be without its errors.

A queue is drawn by what the judge said, so right answers among its cards are no share of all: each card stands for as
many questions of its kind as were asked per card that was settled. A kind of which nothing was read says nothing about
the judge's misses; that model and task are left out. The correction is the one that probes feed (`results/judging`).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from medic_console.core.records import Label, MetricValue
from medic_console.results.judging.correction import Judged, corrected_metrics
from medic_console.results.task_lines import corrected_title
from medic_console.review.beside import settled_of_run
from medic_console.review.cards import BAD, SETTLED
from medic_console.review.questions import asked_key
from medic_console.review.reader import ReviewReader
from medic_console.review.report import Settled, groups_of
from medic_console.statistics.intervals import ends
from medic_console.statistics.shares import Share
from medic_console.statistics.strata import Stratum
from medic_console.statistics.words import ends as ends_told
from medic_console.statistics.words import number
from medic_console.suite.judging import wording

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.int64]
    _Mass = tuple[dict[str, float], dict[str, Values]]

_SEED, _DRAWS, _PRIOR = 20_240_907, 4_000, 1.0
_RATES: Mapping[str, Sequence[tuple[str, str, Label]]] = MappingProxyType(
    {
        "cef": (
            ("sensitivity_idk", "specificity_idk", Label.IDK),
            ("sensitivity_no", "specificity_no", Label.NO),
        ),
        "harm": (("refusal_sensitivity", "refusal_specificity", Label.NO),),
        "rubric": (("sensitivity_met", "specificity_met", Label.YES),),
    }
)
"""By method: names of sensitivity and specificity as `results/judging` has them, and of which answer they are."""
HEADING = "Corrected for the judge's errors that people found"
Judging = tuple[str, str]
"""A judge and the digest of its wording."""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """A judge in one wording, by what people answered.

    Attributes:
        rates: Sensitivity and specificity, by the names of a judge's card.
        cards: Settled ones that they rest on.
        runs: Ids of the runs that these are of.
    """

    rates: Mapping[str, Share]
    cards: int
    runs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Corrected:
    """A model's figures in a task without the judge's errors, in percent."""

    task: str
    candidate: str
    judge: str
    metrics: Mapping[str, MetricValue]
    accuracy: Accuracy


@dataclass(frozen=True, slots=True)
class _Cell:
    """The questions of a model and task that a judge answered alike, and those of them that people settled."""

    kind: str
    said: str
    size: int
    cards: Sequence[Settled]


def corrected_by_people(reader: ReviewReader, run: str) -> list[Corrected]:
    """Return what a run's judges would have found without the errors that people found in their answers.

    Raises:
        ArchiveError: There is no such run, or it is a qualification.
    """
    view, judges = reader.audit(run), reader.judges(run)
    known = accuracies(reader, judges) if judges else {}
    found = []
    for task in view.tasks if known else ():
        spec = reader.task(run, task).judge
        if spec is None:
            continue
        for judge in judges:
            accuracy = known.get((judge, wording(spec)))
            if accuracy is None:
                continue
            table = reader.task_table(run, task)
            for model in view.candidates:
                column = table.column(model.sha256, judge)
                judged = [Judged(item, one.score, one.labels) for item, one in column.items()]
                metrics = corrected_metrics(judged, accuracy.rates)
                found.append(Corrected(task, model.sha256, judge, metrics, accuracy))
    return found


def corrected_lines(found: Sequence[Corrected], names: Mapping[str, str]) -> Iterator[str]:
    """Yield the corrected figures of each model and task in a line, with what they rest on.

    Args:
        found: Of a run.
        names: Titles of models by sha256.
    """
    if found:
        yield HEADING
    for one in found:
        told = "; ".join(_told(name, metric) for name, metric in one.metrics.items())
        cards = f"{one.accuracy.cards:,} settled cards of {', '.join(one.accuracy.runs)}"
        judge = names.get(one.judge, one.judge)
        yield f"  {names.get(one.candidate, one.candidate)}, {one.task}, judge {judge}, by {cards}: {told}."


def _told(name: str, metric: MetricValue) -> str:
    title = corrected_title(name)
    if metric.value is None:
        return f"{title}: {metric.note}"
    note = f" ({metric.note})" if metric.note else ""
    return f"{title} {number(metric.value)} {ends_told(metric.low, metric.high)}".rstrip() + note


def accuracies(reader: ReviewReader, judges: Sequence[str]) -> dict[Judging, Accuracy]:
    """Return the accuracy of judges in each wording of which people settled cards.

    Args:
        reader: Of an archive.
        judges: sha256 of each.
    """
    read: dict[Judging, list[_Cell]] = defaultdict(list)
    methods: dict[Judging, str] = {}
    runs: dict[Judging, list[str]] = defaultdict(list)
    reviewed = {run for queue in reader.queues() for run in queue.design["runs"]}
    for run in (one.id for one in reader.runs() if one.id in reviewed):
        if not set(judges) & set(reader.judges(run)):
            continue
        for (task, _, judge), cells in _cells(reader, run).items():
            spec = reader.task(run, task).judge
            if spec is None or spec.method not in _RATES or judge not in judges:
                continue
            if not all(one.cards for one in cells):
                continue
            key = judge, wording(spec)
            methods[key] = spec.method
            read[key] += cells
            runs[key] += [run] if run not in runs[key] else []
    return {
        key: Accuracy(_rates(methods[key], cells), sum(len(one.cards) for one in cells), tuple(runs[key]))
        for key, cells in read.items()
    }


def _cells(reader: ReviewReader, run: str) -> dict[tuple[str, str, str], list[_Cell]]:
    """Return a run's cells by task, candidate and judge."""
    known = settled_of_run(reader, run)
    if not known:
        return {}
    answered = {asked_key(one.card): one for one in known}
    sizes: dict[tuple[str, str, str], Counter[tuple[str, str]]] = defaultdict(Counter)
    cards: dict[tuple[str, ...], list[Settled]] = defaultdict(list)
    for one in reader.questions(run):
        place, kind = (one.task, one.candidate, one.judge), (one.kind, one.said)
        sizes[place][kind] += 1
        if (card := answered.get(asked_key(one))) is not None:
            cards[*place, *kind].append(card)
    return {
        place: [_Cell(*kind, size, cards[*place, *kind]) for kind, size in found.items()]
        for place, found in sizes.items()
    }


def _rates(method: str, cells: Sequence[_Cell]) -> dict[str, Share]:
    """Return sensitivity and specificity for each answer that a correction of the method asks for."""
    alike: dict[tuple[str, str], list[_Cell]] = defaultdict(list)
    for cell in cells:
        alike[cell.kind, cell.said].append(cell)
    masses = {key: _masses(found) for key, found in alike.items()}
    rates: dict[str, Share] = {}
    for sensitivity, specificity, label in _RATES[method]:
        other = [answer for answer in SETTLED if answer not in (label, BAD)]
        for name, answers, hits in ((sensitivity, [str(label)], True), (specificity, other, False)):
            hit = [mass for (_, said), mass in masses.items() if (said == label) is hits]
            cards = sum(one.answer in answers for cell in cells for one in cell.cards)
            rates[name] = _share(hit, list(masses.values()), answers, cards)
    return rates


def _masses(cells: Sequence[_Cell]) -> tuple[dict[str, float], dict[str, Values]]:
    """Return how many questions that a judge answered alike have which right answer: as the sample says, and in draws.

    What was settled counts as it is; the rest is drawn from the Dirichlet-multinomial, so that a right answer that no
    card has is not taken for one that there is not.
    """
    import numpy as np

    cards = [card for cell in cells for card in cell.cards]
    weights = [cell.size / len(cell.cards) for cell in cells for _ in cell.cards]
    size = sum(cell.size for cell in cells)
    shares = {
        answer: Stratum(size, [float(card.answer == answer) for card in cards], (), 1.0, weights).share
        for answer in SETTLED
    }
    worth = len(cards) * Stratum(size, [float(one.agrees) for one in cards], groups_of(cards), 1.0, weights).worth
    random = np.random.default_rng(_SEED)
    alpha = [worth * shares[answer] + _PRIOR / len(SETTLED) for answer in SETTLED]
    rest = random.multinomial(max(0, size - len(cards)), random.dirichlet(alpha, _DRAWS))
    known = Counter(card.answer for card in cards)
    drawn = {answer: known[answer] + rest[:, place] for place, answer in enumerate(SETTLED)}
    return {answer: size * share for answer, share in shares.items()}, drawn


def _share(hits: Sequence[_Mass], all_of_them: Sequence[_Mass], answers: Sequence[str], cards: int) -> Share:
    """Return the share of the questions with one of some right answers that the judge answered so as to hit.

    Its number of independent items is that of the beta distribution with the mean and the variance of the draws.
    """
    import numpy as np

    part, whole = (
        math.fsum(value[answer] for value, _ in masses for answer in answers) for masses in (hits, all_of_them)
    )
    if not whole:
        return Share(0, 0, None, None, None, 0.0)
    above, below = (
        np.sum([drawn[answer] for _, drawn in masses for answer in answers], axis=0) if masses else np.zeros(_DRAWS)
        for masses in (hits, all_of_them)
    )
    draws = above[below > 0] / below[below > 0]
    value, mean, variance = part / whole, float(draws.mean()), float(draws.var())
    independent = mean * (1 - mean) / variance - 1 if variance else float(whole)
    return Share(round(value * cards), cards, value, *ends(draws, value), max(1.0, independent))

"""How often a judge is right about what people answered, and what its shares would be without its errors.

A queue is drawn by what the judge said, so right answers among its cards are no share of all: each card stands for as
many questions of its kind as were asked per card that was settled. A kind of which nothing was read says nothing about
the judge's misses; that model and task are left out. The correction is the one that probes feed (`results/judging`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from medic_console.core.records import Label, MetricValue
from medic_console.results.judging.correction import Judged, corrected_metrics
from medic_console.results.task_lines import corrected_title
from medic_console.review.beside import settled_of_run
from medic_console.review.cards import BAD, SETTLED
from medic_console.review.questions import asked_key
from medic_console.review.reader import ReviewReader
from medic_console.review.report import Settled, groups_of
from medic_console.statistics.accuracy import Answered, rates
from medic_console.statistics.shares import Share
from medic_console.statistics.words import ends as ends_told
from medic_console.statistics.words import number
from medic_console.suite.judging import wording

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
    answered = [_answered(said, found) for (_, said), found in alike.items()]
    found: dict[str, Share] = {}
    for sensitivity, specificity, label in _RATES[method]:
        others = [answer for answer in SETTLED if answer not in (label, BAD)]
        found[sensitivity], found[specificity] = rates(answered, str(label), others)
    return found


def _answered(said: str, cells: Sequence[_Cell]) -> Answered:
    cards = [card for cell in cells for card in cell.cards]
    weights = [cell.size / len(cell.cards) for cell in cells for _ in cell.cards]
    size = sum(cell.size for cell in cells)
    return Answered(said, size, [card.answer for card in cards], groups_of(cards), weights)

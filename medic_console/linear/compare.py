"""Models side by side: every task of every pair in words, and the items that changed as the list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial

from medic_console.archive.views import ModelView
from medic_console.core.digest import short
from medic_console.core.errors import UsageError
from medic_console.core.naming import called, full
from medic_console.core.records import Score
from medic_console.core.visible import one_line
from medic_console.linear.context import Context
from medic_console.linear.item import ItemPage, Place
from medic_console.linear.talk import Choice, Key, Page
from medic_console.results.comparison import words
from medic_console.results.comparison.compare import Comparison, PairKey, begin, compared
from medic_console.results.comparison.models import FEWEST, MOST, letters
from medic_console.results.comparison.pairs import Flip, PairResult
from medic_console.results.comparison.rank_spans import placed
from medic_console.results.comparison.reviewed import told
from medic_console.results.comparison.tasks import TaskValues, review_of
from medic_console.results.figure_cells import NONE, beside_cell
from medic_console.results.measures import Measures
from medic_console.results.sheets import pair_sheet
from medic_console.review.beside import ReviewsOfRuns
from medic_console.review.reader import ReviewReader
from medic_console.statistics import words as spelled

_ANSWER = 80
"""Characters of an answer in a list."""


def choose(context: Context) -> None:
    """Ask for models and compare them.

    Raises:
        MedicError: They cannot be compared, or the archive cannot be read.
    """
    with closing(Measures(context.archive)) as reader:
        models = [model for model in reader.models() if model.runs]
    if len(models) < FEWEST:
        raise UsageError("Fewer than two models were audited.", "Audit another one: n on the first page.")
    labels = [f"{full(model)} {model.quantisation}, sha256 {short(model.sha256)}" for model in models]
    picked = context.talk.pick(f"Which models, {FEWEST} to {MOST}, the reference first", [*map(called, models)], labels)
    if not picked:
        context.talk.say("Nothing is compared.")
        return
    context.talk.open(ComparePage(context, [models[place] for place in picked]))


class ComparePage(Page):
    """Two to six models on the items that they share."""

    title = "Comparison"
    nothing = "No item changed."

    def __init__(self, context: Context, models: Sequence[ModelView]) -> None:
        self._context, self._models = context, models
        self._known: Comparison | None = None
        self._reviews: Mapping[tuple[str, str], str] = {}

    @property
    def _found(self) -> Comparison:
        if self._known is None:
            archive = self._context.archive
            with closing(Measures(archive)) as reader, closing(ReviewReader(archive)) as people:
                found, reviews = compared(begin(reader, self._models)), ReviewsOfRuns(people)
                places = [(task, column) for task in found.tasks for column in task.measures]
                known = {(task.task.id, column): review_of(task, column, reviews) for task, column in places}
            self._reviews = {place: told(one) for place, one in known.items() if one is not None}
            self._known = found
        return self._known

    def facts(self) -> Iterator[str]:
        """Tell the models, what must be known of them, their figures, and each pair's differences."""
        found = self._found
        names = letters(found.models)
        for model in found.models:
            yield f"{names[model.column]} is {full(model)} {model.quantisation}, sha256 {short(model.sha256)}."
        yield from (f"! {note}" for note in found.notes)
        for task in found.tasks:
            for column, value in task.values.items():
                beside = f"; {beside_cell(value)}" if beside_cell(value) != NONE else ""
                place = placed(found, task, column) if column in task.ranks else "none"
                title = spelled.aloud(spelled.aimed(task.metric.title, task.metric.better))
                figure = f"{spelled.marked(value)}, n {value.n:,} of {task.common:,}"
                yield f"{task.task.id}, {title}, {names[column]}: {figure}, rank {place}{beside}."
                if review := self._reviews.get((task.task.id, column)):
                    yield f"{task.task.id}, {names[column]}, by people: {review}."
        for key in found.pair_keys:
            yield from self._pair(key, names)

    def choices(self) -> Sequence[Choice]:
        """List the items that changed, the gravest first."""
        found = self._found
        names = letters(found.models)
        return [
            Choice(
                flip.item, _flip(task, flip, key, names, self._mark(task, key)), partial(self._open, task, flip, key)
            )
            for key in found.pair_keys
            for task, flip in found.flips(key)
        ]

    def keys(self) -> Mapping[str, Key]:
        """Export each pair."""
        return {"e": Key("export every pair", lambda _: self._export())}

    def _pair(self, key: PairKey, names: Mapping[str, str]) -> Iterator[str]:
        first, second = (names[column] for column in key)
        for task in self._found.tasks:
            result = self._found.result(task.task.id, key)
            if result is not None:
                yield f"{task.task.id}, {second} minus {first}: {_difference(task, result)}."
        yield words.drift(self._found, key, names)

    def _mark(self, task: TaskValues, key: PairKey) -> str:
        result = self._found.result(task.task.id, key)
        return spelled.mark(result) if result is not None else ""

    def _open(self, task: TaskValues, flip: Flip, key: PairKey) -> None:
        self._context.talk.open(FlipPage(self._context, task, flip, key, letters(self._found.models)))

    def _export(self) -> None:
        for key in self._found.pair_keys:
            self._context.export(pair_sheet(self._found, key))


class FlipPage(Page):
    """An item that two models answered otherwise; each one's trace is in the list."""

    def __init__(self, context: Context, task: TaskValues, flip: Flip, key: PairKey, names: Mapping[str, str]) -> None:
        self._context, self._task, self._flip, self._key, self._names = context, task, flip, key, names
        self.title = f"Item {flip.item}, both"

    def facts(self) -> Iterator[str]:
        """Tell what changed."""
        yield f"{self._task.task.title}: {self._flip.change}."

    def choices(self) -> Sequence[Choice]:
        """List both answers."""
        sides = zip(self._key, (self._flip.first, self._flip.second), strict=True)
        return [
            Choice(self._names[column], f"{self._names[column]}: {_said(score)}", partial(self._open, column))
            for column, score in sides
        ]

    def _open(self, column: str) -> None:
        measure = self._task.measures[column]
        place = Place(measure.run, measure.task.id, (self._flip.item,), 0, measure.candidate, measure.judge)
        self._context.talk.open(ItemPage(self._context, place))


def _difference(task: TaskValues, result: PairResult) -> str:
    mark = spelled.mark(result) if result.difference else ""
    told = [f"{words.difference(result)}{mark}"]
    if result.difference is not None:
        told.append(f"n {result.difference.n:,}, p {words.p_value(result.difference.p)}")
        told.append(f"by Holm {words.p_value(result.p_holm)}")
        told.append(f"{result.better} better, {result.worse} worse, {result.difference.ties} equal")
    told.append(words.changes(result, task.metric))
    told.append(words.verdict(result.equivalence) if result.equivalence else "")
    told.append(words.difference_answered(result))
    return "; ".join(part for part in told if part)


def _flip(task: TaskValues, flip: Flip, key: PairKey, names: Mapping[str, str], mark: str) -> str:
    first, second = (names[column] for column in key)
    answers = f"{first}: {_said(flip.first)}; {second}: {_said(flip.second)}"
    return f"{flip.change}{mark}: {task.task.id} {flip.item}; {answers}."


def _said(score: Score) -> str:
    """Return an answer; of a judged text the verdict, of neither the reason."""
    return one_line(score.answer or score.verdict or str(score.reason or score.outcome), _ANSWER)

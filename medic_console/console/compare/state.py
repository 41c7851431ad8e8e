"""What the comparison's threads do: figures first, then the portfolio, then pair by pair; and two texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

from medic_console.archive.views import ItemTrace, ModelView
from medic_console.console.glyphs import State
from medic_console.console.inspect.position import Position
from medic_console.console.reference_points import ReferencePoints, reference_points
from medic_console.console.text import plain
from medic_console.console.worddiff import Span, changed
from medic_console.core import paths
from medic_console.core.errors import MedicError
from medic_console.results.comparison.compare import Comparison, PairKey, begin, compare_pairs
from medic_console.results.comparison.pairs import Change, Flip
from medic_console.results.comparison.portfolio import CaseResult, CaseStanding, evaluate
from medic_console.results.comparison.portfolio_file import FILE_NAME, Portfolio, load_portfolio
from medic_console.results.comparison.reviewed import Reviews, told
from medic_console.results.comparison.tasks import TaskValues, review_of
from medic_console.results.item_kinds import key_in_words
from medic_console.results.measures import Measures
from medic_console.review.beside import ReviewsOfRuns
from medic_console.review.reader import ReviewReader
from medic_console.statistics.equivalence import Verdict
from medic_console.suite.task import Task


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be compared.

    Attributes:
        margin: Points on 0 to 100.
        answered_only: Items that a model left without a whole answer are left out; else they take the worst value.
    """

    models: tuple[ModelView, ...]
    margin: float
    answered_only: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What is known so far.

    Attributes:
        portfolio: The use cases with their results, or why there are none; None before they are known.
        reviews: What people found, in words, by task and column.
    """

    comparison: Comparison
    points: ReferencePoints
    portfolio: tuple[Portfolio, tuple[CaseResult, ...]] | MedicError | None = None
    reviews: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BothTexts:
    """What two models wrote for one item.

    Attributes:
        asked: The last message of the first model's prompt.
        gold: The item's reference answer, in one text.
        texts: First and second, made visible; empty where none is stored.
        changed: Of each text, the parts that the other lacks.
    """

    asked: str
    gold: str
    texts: tuple[str, str]
    changed: tuple[list[Span], list[Span]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AcrossRuns(Position):
    """An item under one candidate, when the other one of the pair belongs to another run.

    Attributes:
        other: The other candidate and its run.
    """

    other: tuple[ModelView, str]
    one_judge: ClassVar[bool] = True
    """The other run may have no other judge."""

    @property
    def several_models(self) -> bool:
        """Whether another model's answer can be shown."""
        return True

    @property
    def others(self) -> tuple[Position, ...]:
        """The same item under the other candidate."""
        return (self.model(1),)

    def model(self, by: int) -> Position:
        """Return the same item under the other candidate, in that one's run."""
        model, run = self.other
        return replace(self, run=run, candidates=(model,), other=(self.candidate, self.run))


def compare_models(archive: Path, wanted: Wanted, tasks: dict[str, Task]) -> Iterator[Found]:
    """Yield what is known, more each time.

    Raises:
        MedicError: The models cannot be compared, or the archive cannot be read.
    """
    points = reference_points(tasks, correlated=True)
    with closing(Measures(archive)) as reader, closing(ReviewReader(archive)) as people:
        found = Found(begin(reader, wanted.models, (), wanted.margin, wanted.answered_only), points)
        yield found
        reviews = ReviewsOfRuns(people)
        found = replace(found, reviews=_in_words(found.comparison, reviews))
        found = replace(found, portfolio=_portfolio(reader, found.comparison, tasks, reviews))
        yield found
    for comparison in compare_pairs(found.comparison):
        yield replace(found, comparison=comparison)


def _in_words(found: Comparison, reviews: Reviews) -> dict[tuple[str, str], str]:
    known = {(task.task.id, model): review_of(task, model, reviews) for task in found.tasks for model in task.measures}
    return {key: told(one) for key, one in known.items() if one is not None}


def _portfolio(
    reader: Measures, found: Comparison, tasks: dict[str, Task], reviews: Reviews
) -> tuple[Portfolio, tuple[CaseResult, ...]] | MedicError:
    try:
        portfolio = load_portfolio(paths.tasks_dir() / FILE_NAME, paths.config_dir() / FILE_NAME, tasks)
    except MedicError as error:
        return error
    return portfolio, tuple(evaluate(reader, found.models, portfolio.use_cases, (), reviews))


def read_both(archive: Path, task: TaskValues, flip: Flip, key: PairKey) -> BothTexts:
    """Return what both models of a pair wrote for an item."""
    measures = [task.measures[model] for model in key]
    with closing(Measures(archive)) as reader:
        trace = reader.trace(measures[0].run, task.task.id, flip.item, measures[0].candidate, measures[0].judge)
        texts = [plain(reader.texts(measure, [flip.item]).get(flip.item, "")) for measure in measures]
    first, second = texts
    return BothTexts(_asked(trace), _gold(trace), (first, second), changed(first, second))


def _asked(trace: ItemTrace) -> str:
    calls = [call for call in trace.calls if call.of_candidate]
    return plain(str(calls[0].prompt["messages"][-1]["content"])) if calls else ""


def _gold(trace: ItemTrace) -> str:
    return plain(key_in_words(trace.gold))


class FlipWalk:
    """The flips that a page shows, in its order: the second model's answers, the first one's a key away.

    Args:
        flips: Each with its task.
        models: The compared models.
    """

    def __init__(self, flips: Sequence[tuple[TaskValues, Flip]], key: PairKey, models: Sequence[ModelView]) -> None:
        self._flips = tuple(flips)
        self._key = key
        self._views = {model.column: model for model in models}

    def __len__(self) -> int:
        return len(self._flips)

    def place(self, number: int) -> Position:
        """Return where an inspector opens a flip."""
        task, flip = self._flips[number]
        first, second = (task.measures[model] for model in self._key)
        one, other = self._views[first.column], self._views[second.column]
        items = (flip.item,)
        if first.run == second.run:
            return Position(second.run, task.task, items, 0, (one, other), 1, second.judge, self, number)
        return AcrossRuns(
            second.run, task.task, items, 0, (other,), 0, second.judge, self, number, other=(one, first.run)
        )


CHANGES: Mapping[Change, State] = MappingProxyType(
    {
        Change.LOST: State("✗", str(Change.LOST), "label-no"),
        Change.DROPPED: State("○", str(Change.DROPPED), "score-unscored"),
        Change.WORSE: State("▼", str(Change.WORSE), "label-no"),
        Change.OTHERWISE: State("≠", "both wrong", "score-waiting"),
        Change.GAINED: State("✓", str(Change.GAINED), "label-yes"),
        Change.TAKEN: State("●", str(Change.TAKEN), "label-yes"),
        Change.BETTER: State("▲", str(Change.BETTER), "label-yes"),
    }
)
VERDICTS: Mapping[Verdict, State] = MappingProxyType(
    {
        Verdict.EQUIVALENT: State("=", str(Verdict.EQUIVALENT), "score-scored"),
        Verdict.NOT_WORSE: State("✓", str(Verdict.NOT_WORSE), "score-scored"),
        Verdict.WORSE: State("✗", str(Verdict.WORSE), "score-failed"),
        Verdict.UNDECIDED: State("?", str(Verdict.UNDECIDED), "score-unscored"),
    }
)
STANDINGS: Mapping[CaseStanding, State] = MappingProxyType(
    {
        CaseStanding.PASSES: State("✓", str(CaseStanding.PASSES), "score-scored"),
        CaseStanding.NOT_SURE: State("?", str(CaseStanding.NOT_SURE), "score-unscored"),
        CaseStanding.MISSING: State("–", str(CaseStanding.MISSING), "muted"),
        CaseStanding.FAILS: State("✗", str(CaseStanding.FAILS), "score-failed"),
    }
)

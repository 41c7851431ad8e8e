"""Use cases: which model passes which one's thresholds, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from medic_console.core import paths
from medic_console.core.naming import files_apart
from medic_console.linear.context import Context
from medic_console.linear.talk import Choice, Key, Page
from medic_console.results.comparison import words
from medic_console.results.comparison.portfolio import CaseResult, evaluate
from medic_console.results.comparison.portfolio_file import EXAMPLES, FILE_NAME, Portfolio, load_portfolio
from medic_console.results.measures import Measures
from medic_console.results.sheets import portfolio_sheet
from medic_console.review.beside import ReviewsOfRuns
from medic_console.review.reader import ReviewReader
from medic_console.statistics import words as spelled


@dataclass(frozen=True, slots=True)
class _Evaluated:
    """Use cases with their results, and the names of the models."""

    portfolio: Portfolio
    cases: tuple[CaseResult, ...]
    names: Mapping[str, str]


class PortfolioPage(Page):
    """Every model of the archive held against every use case; the use cases are the list."""

    title = "Portfolio"
    nothing = "There is no use case."

    def __init__(self, context: Context) -> None:
        self._context = context
        self._known: _Evaluated | None = None

    @property
    def _found(self) -> _Evaluated:
        if self._known is None:
            bundled, own = paths.tasks_dir() / FILE_NAME, paths.config_dir() / FILE_NAME
            portfolio = load_portfolio(bundled, own, self._context.tasks)
            archive = self._context.archive
            with closing(Measures(archive)) as reader, closing(ReviewReader(archive)) as people:
                models = tuple(model for model in reader.models() if model.runs)
                cases = tuple(evaluate(reader, models, portfolio.use_cases, (), ReviewsOfRuns(people)))
            titles = files_apart(models)
            names = {model.sha256: f"{titles[model.sha256]} {model.quantisation}" for model in models}
            self._known = _Evaluated(portfolio, cases, names)
        return self._known

    def facts(self) -> Iterator[str]:
        """Tell where the thresholds come from."""
        yield f"Thresholds of {self._found.portfolio.path}."
        if self._found.portfolio.bundled:
            yield f"! {EXAMPLES}"

    def choices(self) -> Sequence[Choice]:
        """List the use cases with the best model of each."""
        return [
            Choice(
                one.case.title,
                f"{one.case.title}: best {words.best(one, self._found.names)}.",
                partial(self._tell, one),
            )
            for one in self._found.cases
        ]

    def keys(self) -> Mapping[str, Key]:
        """Export it."""
        export = self._context.export
        return {"e": Key("export", lambda _: export(portfolio_sheet(self._found.cases, self._found.names)))}

    def _tell(self, result: CaseResult) -> None:
        """Tell each model's standing and what it rests on."""
        say = self._context.talk.say
        say(result.case.why)
        for one in result.candidacies:
            mean = f"; mean {spelled.marked(one.quality)}" if one.quality.value is not None else ""
            say(f"{self._found.names[one.model]}: {one.standing}{mean}.")
            for finding in one.findings:
                say(f"  {finding.standing}: {words.finding(finding, self._context.tasks)}.")

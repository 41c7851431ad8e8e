"""The portfolio as rows and sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.content import Content

from medic_console.console.compare.state import STANDINGS
from medic_console.console.marks import NOT_ALL, NOT_ALL_SAID
from medic_console.console.text import one_line, plain
from medic_console.console.widgets.table import Cell, Column, Row
from medic_console.results.comparison import words as sentences
from medic_console.results.comparison.portfolio import Candidacy, CaseResult, CaseStanding
from medic_console.results.comparison.portfolio_file import EXAMPLES, Portfolio, UseCase
from medic_console.statistics import words
from medic_console.suite.task import Task

_SHORT = {CaseStanding.NOT_SURE: "unsure"}


def case_columns(names: Sequence[str], narrow: bool) -> tuple[Column, ...]:
    """Return one column a model, with room for every mark."""
    width = 11 if narrow else 13
    return (Column("Use case", least=12), *(Column(name, width) for name in names), Column("Best", 5))


def case_row(result: CaseResult, names: Mapping[str, str], narrow: bool) -> Row:
    """Return how every model stands."""
    found = {one.model: one for one in result.candidacies}
    cells: list[str | Cell] = [Cell(result.case.title, bold=True)]
    for model in names:
        one = found[model]
        state = STANDINGS[one.standing]
        word = _SHORT.get(one.standing, state.word) if narrow else state.word
        shown = f"{state.glyph} {word}" + ("" if one.standing is CaseStanding.MISSING else _marks(one))
        cells.append(Cell(shown, state.variable))
    sure = result.best_passes and (result.lead is None or result.lead.sure)
    best = f"{names[result.best]}{'' if sure else '?'}" if result.best else "–"
    doubted = words.mark(result.lead) if result.lead is not None else ""
    return result.case.id, [*cells, Cell(f"{best}{doubted}", bold=True)]


def _marks(one: Candidacy) -> str:
    """Return the marks of what a model's standing rests on."""
    values = [found.value for found in one.findings if found.value is not None and found.value.value is not None]
    doubted, first = any(value.provisional for value in values), any(value.part for value in values)
    some = not all(words.all_answered(value) for value in values)
    return words.PROVISIONAL * doubted + words.FIRST_ITEMS * first + NOT_ALL * some


def case_detail(result: CaseResult, names: Mapping[str, str], tasks: Mapping[str, Task]) -> Content:
    """Return why a use case matters, which model is best and what each threshold says of each model."""
    lines: list[Content] = [
        Content.assemble((one_line(result.case.title), "bold $primary"), f"  {plain(result.case.why)}"),
        Content.styled(_set_by(result.case), "$muted"),
        Content.assemble(("Best  ", "bold"), sentences.best(result, names)),
    ]
    for one in result.candidacies:
        state = STANDINGS[one.standing]
        lines.append(
            Content.assemble(
                "\n", (names[one.model], "bold $accent"), " ", (state.text, f"bold ${state.variable}"), _quality(one)
            )
        )
        for found in one.findings:
            state = STANDINGS[found.standing]
            chance = words.chance(found.value) if found.value is not None else ""
            said = "; ".join(part for part in (sentences.finding(found, tasks), chance) if part)
            lines.append(Content.assemble("  ", (state.glyph, f"${state.variable}"), f" {said}"))
    return Content("\n").join(lines)


def _set_by(case: UseCase) -> str:
    if not case.set_by:
        return "who set the thresholds is not said"
    return f"thresholds set by {one_line(case.set_by)}{f', {one_line(case.set_on)}' if case.set_on else ''}"


def _quality(one: Candidacy) -> str:
    """Return the mean of the required metrics; nothing where none has a value."""
    if one.quality.value is None:
        return ""
    return f"  mean quality {words.marked(one.quality)}, {words.answered(one.quality)}"


def portfolio_note(portfolio: Portfolio, results: Sequence[CaseResult]) -> str:
    """Return where the thresholds come from, and what the marks mean."""
    where = EXAMPLES if portfolio.bundled else f"Thresholds of {portfolio.path}{_unnamed(portfolio)}"
    values = (found.value for result in results for one in result.candidacies for found in one.findings)
    first = f"\n{words.FIRST_ITEMS_SAID}, never a pass" if any(value and value.part for value in values) else ""
    return f"{where}\n{words.PROVISIONAL} provisional judge, never a pass   {NOT_ALL_SAID}{first}"


def _unnamed(portfolio: Portfolio) -> str:
    """Return for which use cases the file names nobody who set their thresholds; empty where it names none at all."""
    unnamed = [case.title for case in portfolio.use_cases if not case.set_by]
    if len(unnamed) in (0, len(portfolio.use_cases)):
        return ""
    return f"; it names nobody who set those of {', '.join(map(one_line, unnamed))}"

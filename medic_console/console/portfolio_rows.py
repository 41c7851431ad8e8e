"""The portfolio as rows and sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.content import Content

from medic_console.comparison import words
from medic_console.comparison.portfolio import CaseResult, Standing
from medic_console.comparison.portfolio_file import EXAMPLES, Portfolio
from medic_console.console.compare_states import STANDINGS
from medic_console.console.text import one_line, plain
from medic_console.console.widgets.table import Cell, Column, Row, state_cell
from medic_console.suite.task import Task

_SHORT = {Standing.NOT_SURE: "unsure"}


def case_columns(names: Sequence[str], narrow: bool) -> tuple[Column, ...]:
    """Return one column a model."""
    width = 8 if narrow else 10
    return (Column("Use case", least=12), *(Column(name, width) for name in names), Column("Best", 5))


def case_row(result: CaseResult, names: Mapping[str, str], narrow: bool) -> Row:
    """Return how every model stands."""
    standings = {one.model: one.standing for one in result.candidacies}
    cells: list[str | Cell] = [Cell(result.case.title, bold=True)]
    for model in names:
        state = STANDINGS[standings[model]]
        short = f"{state.glyph} {_SHORT.get(standings[model], state.word)}"
        cells.append(Cell(short, state.variable) if narrow else state_cell(state))
    best = names.get(result.best, "–")
    sure = "" if result.lead is None or result.lead.sure else "?"
    return result.case.id, [*cells, Cell(f"{best}{sure}", bold=True)]


def case_detail(result: CaseResult, names: Mapping[str, str], tasks: Mapping[str, Task]) -> Content:
    """Return why a use case matters, which model is best and what each threshold says of each model."""
    lines: list[Content] = [
        Content.assemble((one_line(result.case.title), "bold $primary"), f"  {plain(result.case.why)}"),
        Content.assemble(("Best  ", "bold"), words.best(result, names)),
    ]
    for one in result.candidacies:
        state = STANDINGS[one.standing]
        lines.append(
            Content.assemble("\n", (names[one.model], "bold $accent"), " ", (state.text, f"bold ${state.variable}"))
        )
        for found in one.findings:
            state = STANDINGS[found.standing]
            lines.append(Content.assemble("  ", (state.glyph, f"${state.variable}"), f" {words.finding(found, tasks)}"))
    return Content("\n").join(lines)


def portfolio_note(portfolio: Portfolio) -> str:
    """Return where the thresholds come from."""
    return EXAMPLES if portfolio.bundled else f"Thresholds of {portfolio.path}"

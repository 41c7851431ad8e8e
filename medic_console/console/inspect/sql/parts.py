"""What the SQL inspector shows, as content and rows: verdict, clauses, queries, results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.content import Content
from textual.highlight import highlight

from medic_console.archive.views import ItemTrace
from medic_console.console.glyphs import OUTCOMES, State
from medic_console.console.inspect.item.parts import meaning
from medic_console.console.inspect.sql.clauses import Comparison, Query, abstains
from medic_console.console.inspect.sql.rows import NULL, Pair, RowMatch
from medic_console.console.text import count, one_line, plain
from medic_console.console.widgets.table import Cell, Column, Row
from medic_console.core.records import Outcome, Score, SqlResult
from medic_console.scoring.sql.statement import MAX_SQL

_WIDEST, _NARROWEST = 30, 6
_STATE = Column("Row", 11)
_NULL = Cell(NULL, "null-cell")
_EMPTY = Cell("'' empty", "muted")
_VERDICTS = {
    "right": (State("✓", "right", "label-yes"), "the rows are those of the gold query"),
    "wrong rows": (State("✗", "wrong rows", "label-no"), "not the gold rows"),
    "query error": (State("✗", "error", "label-no"), "the model's query does not run"),
    "abstained rightly": (State("✓", "abstained rightly", "label-yes"), "the database cannot answer this question"),
    "abstained wrongly": (State("○", "abstained wrongly", "label-idk"), "the database can answer this question"),
    "should have abstained": (
        State("✗", "should have abstained", "label-no"),
        "the database cannot answer this question, and the model wrote a query",
    ),
}
"""By the verdict of EHRSQL's scorer: how it is shown, and what it means."""
_STATES = {
    RowMatch.SAME: Cell("= same", "muted"),
    RowMatch.DIFFERS: Cell("≠ differs", "diff-row", bold=True),
    RowMatch.ALONE: Cell("≠ only here", "diff-row", bold=True),
}
_MISSING = Cell("· not here", "muted")


def question_content(trace: ItemTrace) -> Content:
    """Return the question."""
    return Content.styled(one_line(str(trace.fields.get("question", "")), 600), "bold")


def verdict_content(trace: ItemTrace, comparison: Comparison, disputed: Sequence[str]) -> Content:
    """Return the verdict in words, then which clauses of the two queries differ.

    Args:
        disputed: What is said of the gold query, where somebody disputes it.
    """
    score = trace.score
    if score is None:
        return Content.styled("· not scored yet", "$score-waiting")
    state, words = _VERDICTS.get(score.verdict, (OUTCOMES[str(score.outcome)], ""))
    if score.outcome is not Outcome.SCORED:
        words = f"{score.reason}: {meaning(score.reason)}" if score.reason else ""
    detail = ", ".join(part for part in (plain(score.detail or score.traceback), _widths(score)) if part)
    said = (" " if score.reason else ": ").join(part for part in (words, detail) if part)
    verdict = Content.assemble((state.text, f"bold ${state.variable}"), f"  {said}")
    clauses = _clauses(trace, comparison)
    doubts = [Content.styled(f"gold query disputed: {'; '.join(disputed)}", "$warning")] if disputed else []
    return Content("\n").join([verdict, *doubts, clauses] if clauses else [verdict, *doubts])


def _widths(score: Score) -> str:
    """Return the numbers of columns where they differ."""
    widths = {result.side: len(result.columns) for result in score.sql if not result.error and result.sql}
    mine, gold = widths.get("predicted"), widths.get("gold")
    return f"{count(mine, 'column')}, gold {count(gold, 'column')}" if mine and gold and mine != gold else ""


def query_content(query: Query, differing: Sequence[str]) -> Content:
    """Return a query with its syntax in colour, ≠ before each line of a clause that differs, its changed words marked.

    Args:
        query: As it is shown.
        differing: Names of the clauses that differ from the other query's.
    """
    if abstains(query.text):
        return Content.assemble(("null", "bold"), ("   abstains: cannot be answered from the database", "$muted"))
    if not query.text:
        return Content.styled("nothing was written", "$muted")
    text = highlight(query.text, language="sql") if len(query.text) <= MAX_SQL else Content(query.text)
    for start, end in query.changed:
        text = text.stylize("bold underline $diff-row", start, end)
    if not any(query.clauses):
        return text
    lines = text.split("\n", allow_blank=True)
    marks = [clause in differing for clause in query.clauses]
    return Content("\n").join(
        Content.assemble(("≠ ", "bold $diff-row") if mark else "  ", line)
        for line, mark in zip(lines, marks, strict=True)
    )


def note_of(result: SqlResult | None, hidden: bool = False) -> Content:
    """Return why a query has no rows below it; empty when it has some.

    Args:
        hidden: Its rows are left out, as none differs.
    """
    if result is None:
        return Content.styled("not executed", "$muted")
    if result.error:
        return Content.styled(f"✗ {plain(result.error)}", "$score-failed")
    if not result.sql:
        return Content.styled("nothing to execute", "$muted")
    if not result.rows:
        return Content.styled("no row: the query ran and found nothing", "$muted")
    return Content.styled("no row differs; d shows all", "$muted") if hidden else Content("")


def rows_found(result: SqlResult | None) -> str:
    """Return how many rows came in what time; empty when the query has no result."""
    if result is None or result.error or not result.sql:
        return ""
    shown, total = len(result.rows), result.row_count
    at_least = "at least " if result.capped else ""
    cut = shown != total or result.capped
    rows = f"{shown:,} of {at_least}{total:,} rows" if cut else count(total, "row")
    return f"{rows} · {result.seconds * 1000:.1f} ms"


def remark_on(result: SqlResult | None, again: str) -> str:
    """Return what else is to be said of a result: that it was executed again, or that not all of it is here."""
    if again:
        return f"executed again: {again}"
    cut = result is not None and (result.capped or len(result.rows) != result.row_count)
    return "marks compare the rows shown" if cut else ""


def result_columns(result: SqlResult | None) -> list[Column]:
    """Return the columns of a result, after one that says how each row stands to the other result."""
    found = [_STATE]
    for number, name in enumerate(result.columns if result else ()):
        cells = [row[number] for row in result.rows] if result else []
        width = max((len(_cell(cell).text) for cell in cells), default=0)
        width = min(_WIDEST, max(_NARROWEST, width, len(name)))
        numeric = bool(cells) and all(isinstance(cell, int | float) or cell is None for cell in cells)
        found.append(Column(one_line(name), width, right=numeric))
    return found


def result_rows(result: SqlResult | None, pairs: Sequence[Pair], left: bool, only_differing: bool) -> list[Row]:
    """Return one row a pair; where this side has none its cells are empty, unless nothing at all has a partner.

    Args:
        result: None when nothing was executed.
        pairs: As `aligned` gave them.
        left: The result was the first that was aligned.
        only_differing: Leave rows out that are the same.
    """
    found: list[Row] = []
    apart = all(pair.match is RowMatch.ALONE for pair in pairs)
    for number, pair in enumerate(pairs):
        own = pair.left if left else pair.right
        if (only_differing and pair.match is RowMatch.SAME) or (apart and own is None):
            continue
        if own is None or result is None:
            found.append((str(number), [_MISSING, *(Cell("") for _ in (result.columns if result else ()))]))
            continue
        marked = pair.match is RowMatch.ALONE
        cells = [
            _marked(_cell(cell)) if marked or column in pair.cells else _cell(cell)
            for column, cell in enumerate(result.rows[own])
        ]
        found.append((str(number), [_STATES[pair.match], *cells]))
    return found


def lone_rows(result: SqlResult | None) -> list[Row]:
    """Return the rows of a result that cannot be compared, as the other query has none."""
    rows = result.rows if result else ()
    return [(str(number), [Cell("·", "muted"), *map(_cell, row)]) for number, row in enumerate(rows)]


def whole_cell(value: Any) -> str:
    """Return the whole of one cell."""
    return NULL if value is None else str(value)


def _marked(cell: Cell) -> Cell:
    return Cell(cell.text, "diff-row", bold=True)


def _cell(value: Any) -> Cell:
    if value is None:
        return _NULL
    return _EMPTY if value == "" else Cell(str(value))


def _clauses(trace: ItemTrace, comparison: Comparison) -> Content:
    if not comparison.by_clause:
        if trace.answer is None or abstains(comparison.predicted.text) or abstains(comparison.gold.text):
            return Content("")
        return Content.styled("a query does not parse: compared word by word", "$muted")
    if not comparison.differing:
        return Content.styled("= the queries are the same clause by clause", "$muted")
    same = f"   = {', '.join(comparison.same)} the same" if comparison.same else ""
    differ = "differs" if len(comparison.differing) == 1 else "differ"
    return Content.assemble((f"≠ {', '.join(comparison.differing)} {differ}", "bold $diff-row"), (same, "$muted"))

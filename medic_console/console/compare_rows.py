"""What a comparison shows, as rows, sentences and drawings; every untrusted text goes through `one_line` or `plain`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.content import Content

from medic_console.archive.views import ModelView
from medic_console.comparison import words
from medic_console.comparison.compare import Comparison, PairKey, near_best
from medic_console.comparison.pairs import Change, Flip, PairResult
from medic_console.comparison.tasks import TaskValues
from medic_console.console.compare_states import CHANGES, VERDICTS
from medic_console.console.comparing import Found
from medic_console.console.figures import interval
from medic_console.console.reference_points import ReferencePoints
from medic_console.console.text import count, one_line
from medic_console.console.widgets.heat_map import Heat, HeatRow
from medic_console.console.widgets.table import Cell, Column, Row, state_cell
from medic_console.digest import short
from medic_console.metrics import METRICS
from medic_console.records import Score
from medic_console.statistics import words as figures
from medic_console.statistics.published import LABEL
from medic_console.statistics.ranks import Correlation
from medic_console.statistics.words import PROVISIONAL

_DOT = "  ·  "
_LEAST = 3
"""Models under which a rank correlation says nothing."""
_HOW = "1: two tasks put the models in the same order; −1: in the opposite one. A low value means: choose by task."


def task_columns(narrow: bool, drift: bool, second: str, first: str) -> tuple[Column, ...]:
    """Return the columns of the tasks; the verdict goes first where there is no room for all."""
    difference = Column(f"{second} − {first} [95 %]", 22, right=True)
    counted = (Column("n", 4, right=True), Column("left", 4, right=True))
    if narrow:
        return (
            (
                Column("Task", least=10),
                difference,
                Column("p Holm", 6, right=True),
                Column("+ − =", 9, right=True),
                *counted,
            )
            if not drift
            else (
                Column("Task", least=10),
                difference,
                Column("Verdict", 12),
                Column("p Holm", 6, right=True),
                *counted,
            )
        )
    return (
        Column("Task", least=12),
        Column(first, 6, right=True),
        Column(second, 6, right=True),
        difference,
        Column("p", 6, right=True),
        Column("p Holm", 6, right=True),
        Column("+ − =", 11, right=True),
        *counted,
        Column("Verdict", 12),
    )


def task_row(found: Comparison, task: TaskValues, key: PairKey, narrow: bool) -> Row:
    """Return a task's row for a pair."""
    title = Cell(f"{task.task.title} {PROVISIONAL}" if task.provisional else task.task.title, bold=True)
    result = found.result(task.task.id, key)
    if result is None:
        why = "not both" if not task.values.keys() >= set(key) else "…"
        width = len(task_columns(narrow, found.drift, "", "")) - 2
        return task.task.id, [title, Cell(why, "muted"), *[Cell("", "muted")] * width]
    difference = result.difference
    p, n, ties = (difference.p, difference.n, difference.ties) if difference else (None, 0, 0)
    shown = Cell(words.difference(result), leaning(result))
    left = sum(result.left_out.values())
    counted: list[str | Cell] = [f"{n:,}", Cell(f"{left:,}", "score-unscored" if left else "muted")]
    changes = f"{result.better} {result.worse} {ties}"
    verdict = state_cell(VERDICTS[result.equivalence.verdict]) if result.equivalence else Cell("–", "muted")
    holm = words.p_value(result.p_holm) if found.pairs_done == found.pairs_due else "…"
    if narrow:
        middle: list[str | Cell] = [verdict, holm] if found.drift else [holm, changes]
        return task.task.id, [title, shown, *middle, *counted]
    values = [figures.number(task.values[model].value) for model in key]
    return task.task.id, [title, *values, shown, words.p_value(p), holm, changes, *counted, verdict]


def leaning(result: PairResult) -> str:
    """Return the colour of a difference that is told apart from 0, by more than a handful of notes."""
    found = result.difference
    if result.equivalence is not None and result.equivalence.few:
        return ""
    if found is None or found.low is None or found.high is None or found.low <= 0 <= found.high:
        return ""
    return "label-yes" if result.better > result.worse else "label-no"


def task_detail(found: Comparison, task: TaskValues, key: PairKey, points: ReferencePoints) -> Content:
    """Return what a task's row rests on."""
    names = letter_names(found)
    lines: list[Content | str] = []
    metric = METRICS[task.metric.id]
    lower = ", lower is better" if task.metric.better == "lower" else ""
    head = f"{task.metric.title}, {metric.unit}{lower}{_DOT}{count(task.common, 'common item')}"
    lines.append(Content.assemble((one_line(task.task.title), "bold"), f"  {head}{_DOT}runs {_runs(task, key, names)}"))
    if task.provisional:
        lines.append(Content.styled(f"{PROVISIONAL} provisional: {one_line(task.provisional)}", "$score-unscored"))
    result = found.result(task.task.id, key)
    if result is not None:
        lines.append(words.changes(result))
        if result.left_out:
            lines.append(Content.styled(f"left out: {words.left_out(result, names)}", "$score-unscored"))
        if result.equivalence is not None:
            state = VERDICTS[result.equivalence.verdict]
            lines.append(Content.styled(f"{state.glyph} {words.verdict(result.equivalence)}", f"${state.variable}"))
    if task.task.id in points.tasks:
        lines.append(Content.styled(f"ref {words.reference(points.tasks[task.task.id])}; {LABEL}", "$muted"))
    return Content("\n").join([Content(line) if isinstance(line, str) else line for line in lines])


def _runs(task: TaskValues, key: PairKey, names: Mapping[str, str]) -> str:
    runs = {model: task.measures[model].run for model in key if model in task.values}
    if len(set(runs.values())) == 1:
        return next(iter(runs.values()))
    return ", ".join(f"{names[model]} {run}" for model, run in runs.items())


def letter_names(found: Comparison) -> dict[str, str]:
    """Return each model's letter."""
    return {model.sha256: chr(ord("A") + number) for number, model in enumerate(found.models)}


def legend(models: Sequence[ModelView], pair: tuple[str, ...], narrow: bool) -> Content:
    """Return which letter stands for which model; those of the pair in sight are bold."""
    parts = []
    for number, model in enumerate(models):
        shown = "bold" if model.sha256 in pair or not pair else "$muted"
        quantisation = "" if model.quantisation in model.name else f" {model.quantisation}"
        sha = "" if narrow else f" {short(model.sha256)}"
        name = f"{one_line(model.name, 40)}{quantisation}{sha}"
        parts.append(Content.assemble((f"{chr(ord('A') + number)} ", "bold $accent"), (name, shown)))
    return Content("   ").join(parts)


def flip_columns(narrow: bool, first: str, second: str) -> tuple[Column, ...]:
    """Return the columns of the flips."""
    change = Column("Change", 19)
    answers = (Column(f"{first} answered", weight=3, least=10), Column(f"{second} answered", weight=3, least=10))
    if narrow:
        return (change, Column("Item", weight=3, least=14), *answers)
    return (change, Column("Task", weight=2), Column("Item", weight=3, least=16), *answers)


def flip_row(task: TaskValues, flip: Flip, narrow: bool) -> Row:
    """Return a flip's row."""
    cells: list[str | Cell] = [_change(task, flip)]
    if not narrow:
        cells.append(task.task.title)
    return flip_key(task, flip), [*cells, flip.item, *(_answer(score) for score in (flip.first, flip.second))]


def flip_key(task: TaskValues, flip: Flip) -> str:
    """Return what names a flip."""
    return f"{task.task.id} {flip.digest}"


def _change(task: TaskValues, flip: Flip) -> Cell:
    state = CHANGES[flip.change]
    graded = flip.change in (Change.WORSE, Change.BETTER) and flip.by is not None
    return Cell(f"{state.text} by {abs(flip.by or 0):.1f}" if graded else state.text, state.variable)


def _answer(score: Score) -> Cell:
    return Cell(score.answer) if score.answer else Cell(score.verdict or "–", "muted")


def rank_grid(found: Comparison, points: ReferencePoints) -> list[HeatRow]:
    """Return rank and value of each model on each task, and the published median."""
    rows: list[HeatRow] = []
    for task in found.tasks:
        near = near_best(found, task)
        fields = []
        for model in found.models:
            value, rank = task.values.get(model.sha256), task.ranks.get(model.sha256)
            if value is None or rank is None:
                fields.append(Heat("–", variable="muted"))
                continue
            share = 1.0 if len(task.ranks) == 1 else (len(task.ranks) - rank) / (len(task.ranks) - 1)
            mark = "≈" if model.sha256 in near and rank > min(task.ranks.values()) else ""
            place = f"{words.rank(rank, task.ranks)}{mark}".rstrip()
            long = f"{place} {interval(value.value, value.low, value.high)} n {value.n:,}"
            best = rank == min(task.ranks.values())
            fields.append(Heat(f"{place} {figures.number(value.value, 0)}", share, bold=best, long=long))
        if points.tasks:
            reference = points.tasks.get(task.task.id)
            fields.append(Heat(figures.number(reference.median) if reference else "–", variable="muted"))
        rows.append((one_line(task.task.title), fields))
    return rows


def rank_headings(found: Comparison, points: ReferencePoints) -> list[str]:
    """Return the columns' headings."""
    names = letter_names(found)
    headings = [one_line(f"{names[model.sha256]} {model.name}") for model in found.models]
    return [*headings, "○ ref median"] if points.tasks else headings


def rank_note(found: Comparison) -> Content:
    """Return who is first where, and how the grid is made."""
    names = letter_names(found)
    firsts = {
        names[model.sha256]: sum(
            model.sha256 in task.ranks and task.ranks[model.sha256] == min(task.ranks.values()) for task in found.tasks
        )
        for model in found.models
    }
    ranked = sum(len(task.ranks) > 1 for task in found.tasks)
    best = max(firsts.values(), default=0)
    if ranked and best == ranked and list(firsts.values()).count(best) == 1:
        said = f"{max(firsts, key=lambda name: firsts[name])} is first on every one of {count(ranked, 'task')}."
    else:
        listed = ", ".join(f"{name} on {number}" for name, number in firsts.items())
        said = f"No model dominates: first are {listed} of {count(ranked, 'task')} (equals share a rank)."
    return Content.assemble(
        (said, "$foreground"),
        f"\nEach field: rank, value, where there is room 95 % interval and n. {words.HOW['ranks']} ref: {LABEL}.",
    )


def correlation_grid(found: Found) -> tuple[list[HeatRow], list[str]]:
    """Return Spearman's rank correlation of every two tasks, with the columns' headings.

    Two models have none: then that of the published models is shown, greyed.
    """
    comparison, points = found.comparison, found.points
    if len(comparison.models) >= _LEAST:
        ids = [task.task.id for task in comparison.tasks]
        titles, known, own = [one_line(task.task.title) for task in comparison.tasks], comparison.correlations, True
    else:
        ids = titles = list(points.benchmarks)
        known, own = points.correlations, False
    rows: list[HeatRow] = []
    for number, (title, one) in enumerate(zip(titles, ids, strict=True), 1):
        fields = [_correlation(known[one, other], one == other, own) for other in ids[:number]]
        rows.append((f"{number:>2} {title}", [*fields, *[Heat("")] * (len(ids) - number)]))
    return rows, [str(number) for number in range(1, len(ids) + 1)]


def correlation_note(found: Found) -> Content:
    """Return what the grid says."""
    comparison = found.comparison
    if len(comparison.models) < _LEAST:
        said = "Two models give no rank correlation: compare three or more. Shown are the published models"
        return Content.assemble((f"{said}; {LABEL}.", "$score-unscored"), f"\n{_HOW}")
    values = {pair: one.value for pair, one in comparison.correlations.items() if pair[0] != pair[1]}
    low = min((value for value in values.values() if value is not None), default=None)
    if low is None:
        return Content(_HOW)
    first, second = next(pair for pair, value in values.items() if value == low)
    titles = {task.task.id: one_line(task.task.title) for task in comparison.tasks}
    over = count(len(comparison.models), "model")
    said = f"Least alike: {titles[first]} and {titles[second]}, {figures.signed(low, 2)} over {over}."
    return Content.assemble(
        (said, "$foreground"), f"\n{_HOW} With so few models a correlation is a hint, not a finding."
    )


def _correlation(found: Correlation, same: bool, own: bool) -> Heat:
    if same or found.value is None:
        return Heat("·" if same else "–", variable="muted")
    shown = figures.signed(found.value).replace("0.", ".").replace("1.0", "1")
    if not own:
        return Heat(shown, None, "muted")
    return Heat(shown, (found.value + 1) / 2)

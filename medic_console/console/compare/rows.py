"""What a comparison shows, as rows, sentences and drawings; every untrusted text goes through `one_line` or `plain`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from textual.content import Content

from medic_console.archive.views import ModelView
from medic_console.console.compare.state import CHANGES, VERDICTS, Found
from medic_console.console.marks import NOT_ALL, NOT_ALL_SAID, is_rating, marks, provisional_note, whole
from medic_console.console.reference_points import ReferencePoints
from medic_console.console.text import count, one_line
from medic_console.console.widgets.heat_map import Heat, HeatRow
from medic_console.console.widgets.table import Cell, Column, Row, state_cell
from medic_console.core.digest import short
from medic_console.core.metrics import metric_of
from medic_console.core.naming import called, full
from medic_console.results.comparison import words as sentences
from medic_console.results.comparison.compare import Comparison, PairKey, near_best
from medic_console.results.comparison.models import Drift, drift_of, letters
from medic_console.results.comparison.pairs import Change, PairResult
from medic_console.results.comparison.rank_spans import is_told_apart, placed
from medic_console.results.comparison.tasks import TaskValues
from medic_console.statistics import words
from medic_console.statistics.equivalence import Verdict
from medic_console.statistics.published import LABEL
from medic_console.statistics.ranks import Correlation

_DOT = "  ·  "
_ROOM, _LEGEND, _BETWEEN = (118, 78), (46, 36), "   "
"""Of the legend on a wide and a narrow screen: characters of a line and of a model; what stands between models."""
_TOWARDS = {"": "", "label-yes": f" {CHANGES[Change.BETTER].glyph}", "label-no": f" {CHANGES[Change.WORSE].glyph}"}
"""Behind a difference that is told apart from 0: which way it goes, whichever numbers are the better ones."""
_LEAST = 3
"""Models under which a rank correlation says nothing."""
_HOW = "1: two tasks put the models in the same order; −1: in the opposite one. A low value means: choose by task."


def task_columns(narrow: bool, drift: bool, second: str, first: str) -> tuple[Column, ...]:
    """Return the columns of the tasks; the verdict goes first where there is no room for all."""
    difference = Column(f"{second} − {first} [95 %]", 23, right=True)
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
        Column(first, 7, right=True),
        Column(second, 7, right=True),
        difference,
        Column("p", 6, right=True),
        Column("p Holm", 6, right=True),
        Column("+ − =", 11, right=True),
        *counted,
        Column("Verdict", 12),
    )


def task_row(found: Comparison, task: TaskValues, key: PairKey, narrow: bool) -> Row:
    """Return a task's row for a pair."""
    title = Cell(words.aimed(task.task.title, task.metric.better), bold=True)
    result = found.result(task.task.id, key)
    if result is None:
        why = "not both" if not task.values.keys() >= set(key) else "…"
        width = len(task_columns(narrow, bool(found.drift), "", "")) - 2
        return task.task.id, [title, Cell(why, "muted"), *[Cell("", "muted")] * width]
    difference = result.difference
    p, n, ties = (difference.p, difference.n, difference.ties) if difference else (None, 0, 0)
    mark = words.mark(result) if difference else ""
    leans = leaning(result, task.metric.better)
    shown = Cell(f"{sentences.difference(result)}{mark}{_TOWARDS[leans]}", leans)
    left = sum(result.left_out.values())
    counted: list[str | Cell] = [f"{n:,}", Cell(f"{left:,}", "score-unscored" if left else "muted")]
    changes = f"{result.better} {result.worse} {ties}"
    holm = sentences.p_value(result.p_holm) if is_settled(found) else "…"
    if narrow:
        middle: list[str | Cell] = [_verdict(found, result), holm] if found.drift else [holm, changes]
        return task.task.id, [title, shown, *middle, *counted]
    values = [f"{words.number(task.values[model].value)}{marks(task.values[model])}" for model in key]
    verdict = _verdict(found, result)
    return task.task.id, [title, *values, shown, sentences.p_value(p), holm, changes, *counted, verdict]


def _verdict(found: Comparison, result: PairResult) -> Cell:
    """Return a verdict; "worse" only once the p value is corrected."""
    if result.equivalence is None:
        return Cell("–", "muted")
    if result.equivalence.verdict is Verdict.WORSE and not is_settled(found):
        return Cell("…", "muted")
    return state_cell(VERDICTS[result.equivalence.verdict])


def is_settled(found: Comparison) -> bool:
    """Tell whether every pair is compared and every p value corrected for the others."""
    results = [result for task in found.pairs.values() for result in task.values()]
    known = (result.p_holm is not None or not result.difference or result.difference.p is None for result in results)
    return found.pairs_done == found.pairs_due and all(known)


def doubted(task: TaskValues, key: PairKey) -> bool:
    """Tell whether a pair's difference rests on a judge that is not to be relied on yet, or is kin."""
    return any(task.scored[model].provisional for model in key if model in task.scored)


def leaning(result: PairResult, better: str) -> str:
    """Return the colour of a difference that is told apart from 0 (`is_told_apart`); empty for any other.

    Args:
        better: `higher` or `lower` values are the better ones.
    """
    found = result.difference
    if found is None or found.value is None or not is_told_apart(result):
        return ""
    return "label-yes" if (found.value > 0) == (better == "higher") else "label-no"


def task_detail(known: Found, task: TaskValues, key: PairKey) -> Content:
    """Return what a task's row rests on."""
    found, points = known.comparison, known.points
    names = letter_names(found)
    metric = metric_of(task.metric.id)
    lower = ", lower is better" if task.metric.better == "lower" else ""
    head = f"{task.metric.title}, {metric.unit}{lower}{_DOT}{count(task.common, 'common item')}"
    lines: list[Content | str] = [
        Content.assemble((one_line(task.task.title), "bold"), f"  {head}{_DOT}runs {_runs(task, key, names)}")
    ]
    lines += [Content.styled(one_line(said), "$score-unscored") for said in task.taken]
    if task.judged_by:
        lines.append(Content.styled(f"judged by {one_line(task.judged_by)}", "$muted"))
    values = {names[model]: task.values[model] for model in key if model in task.values}
    lines += [Content.assemble((f"{name} ", "bold $accent"), whole(value)) for name, value in values.items()]
    people = {names[model]: known.reviews.get((task.task.id, model)) for model in key}
    lines += [
        Content.assemble((f"{name} ", "bold $accent"), f"by people: {said}") for name, said in people.items() if said
    ]
    result = found.result(task.task.id, key)
    if result is not None:
        lines += _pair_detail(found, task, result)
    if note := provisional_note(values.items()):
        lines.append(Content.styled(note, "$score-unscored"))
    if task.task.id in points.tasks:
        lines.append(Content.styled(f"○ {sentences.reference(points.tasks[task.task.id])}; {LABEL}", "$muted"))
    return Content("\n").join([Content(line) if isinstance(line, str) else line for line in lines])


def _pair_detail(found: Comparison, task: TaskValues, result: PairResult) -> list[Content | str]:
    """Return the flips by kind, what is left out, and the verdict."""
    of_those = "" if words.all_answered(result) else sentences.difference_answered(result)
    parts = (sentences.changes(result, task.metric), of_those)
    lines: list[Content | str] = [_DOT.join(part for part in parts if part)]
    if result.left_out:
        said = f"left out: {sentences.left_out(result, letter_names(found))}"
        lines.append(Content.styled(said, "$score-unscored"))
    if result.equivalence is not None and is_settled(found):
        state = VERDICTS[result.equivalence.verdict]
        lines.append(Content.styled(f"{state.glyph} {sentences.verdict(result.equivalence)}", f"${state.variable}"))
    return lines


def _runs(task: TaskValues, key: PairKey, names: Mapping[str, str]) -> str:
    runs = {model: task.measures[model].run for model in key if model in task.values}
    if len(set(runs.values())) == 1:
        return next(iter(runs.values()))
    return ", ".join(f"{names[model]} {run}" for model, run in runs.items())


def letter_names(found: Comparison) -> dict[str, str]:
    """Return each model's letter."""
    return letters(found.models)


def legend(models: Sequence[ModelView], pair: tuple[str, ...], narrow: bool) -> Content:
    """Return which letter stands for which model, or for which run of the one; those of the pair in sight are bold.

    No name is broken.
    """
    lines: list[list[Content]] = [[]]
    titles = [called(model) for model in {model.sha256: model for model in models}.values()]
    room = _ROOM[narrow]
    one_file = drift_of(models) is Drift.SETTINGS
    if one_file:
        lines[0].append(Content(f"{_named(models[0], narrow, titles)}, runs"))
    for model, letter in zip(models, letters(models).values(), strict=True):
        shown = "bold" if model.column in pair or not pair else "$muted"
        run = f" run {model.run}" if model.run else ""
        name = model.run if one_file else f"{_named(model, narrow, titles)}{run}"
        part = Content.assemble((f"{letter} ", "bold $accent"), (name, shown))
        if lines[-1] and sum(one.cell_length + len(_BETWEEN) for one in lines[-1]) + part.cell_length > room:
            lines.append([])
        lines[-1].append(part)
    return Content("\n").join([Content(_BETWEEN).join(line) for line in lines])


def _named(model: ModelView, narrow: bool, titles: Sequence[str]) -> str:
    name = full(model, _LEGEND[narrow])
    name += "" if model.quantisation in name else f" {model.quantisation}"
    return name + ("" if narrow and titles.count(called(model)) == 1 else f" {short(model.sha256)}")


def rank_grid(found: Comparison, points: ReferencePoints) -> list[HeatRow]:
    """Return rank and value of each model on each task, and the published median."""
    rows: list[HeatRow] = []
    for task in found.tasks:
        near = near_best(found, task)
        fields = [_rank(found, task, model.column, near) for model in found.models]
        if points.tasks:
            reference = points.tasks.get(task.task.id)
            fields.append(Heat(words.number(reference.median, 0) if reference else "–", variable="muted"))
        rows.append((words.aimed(one_line(task.task.title), task.metric.better), fields))
    return rows


def _rank(found: Comparison, task: TaskValues, model: str, near: frozenset[str]) -> Heat:
    value, rank = task.values.get(model), task.ranks.get(model)
    if value is not None and rank is None and is_rating(value):
        return Heat(one_line(task.metric.title), variable="muted")
    if value is None or rank is None:
        return Heat("–", variable="muted")
    share = 1.0 if len(task.ranks) == 1 else (len(task.ranks) - rank) / (len(task.ranks) - 1)
    best = rank == min(task.ranks.values())
    place = f"{sentences.rank(rank, task.ranks)}{'≈' if model in near and not best else ''}"
    some = "" if words.all_answered(value) else NOT_ALL
    figure, n = f"{place} {words.marked(value, 0)}", f"n {value.n:,}"
    whole_place = f"{placed(found, task, model)} · {words.marked(value, 0)}"
    longer = (
        *(f"{whole_place} {n}, {words.answered_short(value)}", f"{figure} {n}, {words.answered_short(value)}"),
        *(f"{whole_place}{some}", f"{figure}{some} {n}", f"{figure}{some}"),
    )
    return Heat(f"{place} {words.number(value.value, 0)}{marks(value)}", share, bold=best, longer=longer)


def rank_headings(found: Comparison, points: ReferencePoints) -> list[str]:
    """Return the columns' headings."""
    names = letter_names(found)
    headings = [
        one_line(f"{names[model.column]} {model.run}") if model.run else f"{names[model.column]} {called(model)}"
        for model in found.models
    ]
    return [*headings, "○ published median"] if points.tasks else headings


def rank_note(found: Comparison) -> Content:
    """Return who is first where, and how the grid is made."""
    names = letter_names(found)
    firsts = {
        names[model.column]: sum(
            model.column in task.ranks and task.ranks[model.column] == min(task.ranks.values()) for task in found.tasks
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
    lower = f"{words.LOWER_SAID}. " if any(task.metric.better == "lower" for task in found.tasks) else ""
    how = f"{lower}{NOT_ALL_SAID}. {sentences.HOW['ranks']} ○ {LABEL}."
    lines = [
        *(Content.styled(line, "$foreground") for line in (said, *_not_all(found))),
        Content.styled(_chances(found), "$foreground"),
        *(Content.styled(line, "$score-unscored") for line in _no_values(found)),
        provisional(found),
        Content(f"Each field: rank, value, where there is room 95 % interval, n and what is answered. {how}"),
    ]
    return Content("\n").join([line for line in lines if line])


def _no_values(found: Comparison) -> list[str]:
    """Return why a task has no value, a line each."""
    return [
        one_line(f"{task.task.title}: {task.metric.title} {note}")
        for task in found.tasks
        for note in dict.fromkeys(value.note for value in task.values.values() if value.note)
    ]


def _chances(found: Comparison) -> str:
    """Return what guessing gives, where it gives anything: "chance: MedQA 25, MEDEC 50"."""
    known = {task.task.title: value for task in found.tasks for value in task.values.values()}
    said = [
        f"{one_line(title)} {words.number(value.chance, 0)}"
        for title, value in known.items()
        if value.chance is not None
    ]
    return f"chance: {', '.join(said)}" if said else ""


def provisional(found: Comparison, tasks: Collection[str] | None = None) -> Content:
    """Return why figures carry the provisional mark; empty where none does.

    Args:
        tasks: Ids of the tasks that the figures rest on; None: all.
    """
    values = [
        (one_line(task.task.title), value)
        for task in found.tasks
        if tasks is None or task.task.id in tasks
        for value in task.values.values()
    ]
    return Content.styled(provisional_note(values), "$score-unscored")


def _not_all(found: Comparison) -> list[str]:
    """Return which figures rest on items without a whole answer, and what they are among the others, a line a task."""
    names, lines = letter_names(found), []
    for task in found.tasks:
        some = [
            f"{names[model]} {words.answered_short(value)}"
            for model, value in task.values.items()
            if not words.all_answered(value)
        ]
        if some:
            lines.append(f"{NOT_ALL} {one_line(task.task.title)}: {', '.join(some)}")
    return lines


def correlation_grid(found: Found) -> tuple[list[HeatRow], list[str]]:
    """Return Spearman's rank correlation of every two tasks, with the columns' headings.

    Two models have none: then that of the published models is shown, greyed.
    """
    comparison, points = found.comparison, found.points
    if len(comparison.models) >= _LEAST:
        ids = [task.task.id for task in comparison.tasks]
        titles = [f"{one_line(t.task.title)}{words.PROVISIONAL if t.provisional else ''}" for t in comparison.tasks]
        known, own = comparison.correlations, True
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
    said = f"Least alike: {titles[first]} and {titles[second]}, {words.signed(low, 2)} over {over}."
    hint = Content(f"{_HOW} With so few models a correlation is a hint, not a finding.")
    return Content("\n").join(
        [line for line in (Content.styled(said, "$foreground"), provisional(comparison), hint) if line]
    )


def _correlation(found: Correlation, same: bool, own: bool) -> Heat:
    if same or found.value is None:
        return Heat("·" if same else "–", variable="muted")
    shown = words.signed(found.value).replace("0.", ".").replace("1.0", "1")
    if not own:
        return Heat(shown, None, "muted")
    return Heat(shown, (found.value + 1) / 2)

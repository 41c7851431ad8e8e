"""A comparison and a portfolio as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from medic_console.archive.views import ModelView
from medic_console.commands.figures import provisional_note
from medic_console.core.digest import short
from medic_console.core.naming import files_apart, full
from medic_console.core.visible import one_line
from medic_console.engine.sizing.memory import gigabytes
from medic_console.results.comparison import words
from medic_console.results.comparison.compare import Comparison, PairKey, near_best
from medic_console.results.comparison.models import Drift, letters
from medic_console.results.comparison.portfolio import Candidacy, CaseResult
from medic_console.results.comparison.portfolio_file import EXAMPLES, Portfolio
from medic_console.results.comparison.rank_spans import placed
from medic_console.results.comparison.reference import Reference
from medic_console.results.comparison.reviewed import Reviews, no_review, told
from medic_console.results.comparison.tasks import TaskValues, review_of
from medic_console.results.figure_cells import NONE, beside_cell
from medic_console.review.beside import HEADING
from medic_console.statistics import published
from medic_console.statistics import words as spelled
from medic_console.suite.task import Task

_SHOWN_FLIPS = 12
_ANSWER = 60
"""Characters of an answer in a table."""


def print_comparison(
    console: Console, found: Comparison, known: Mapping[str, Reference], reviews: Reviews = no_review
) -> None:
    """Print a comparison."""
    names = letters(found.models)
    console.print(Text(found.drift.heading or "Comparison", "bold"))
    for model in found.models:
        run = f"  run {model.run}" if model.run else ""
        line = f"{names[model.column]}  {full(model)}  {model.quantisation}  sha256 {short(model.sha256)}{run}"
        console.print(Text(line))
    for key in found.pair_keys:
        if key[0] == found.models[0].column:
            _print_settings(console, found, key, names)
    if found.drift is Drift.SETTINGS:
        console.print(Text(words.HOW["settings"], "dim"))
    for note in found.notes:
        console.print(Text(f"! {one_line(note)}", "yellow"))
    if found.answered_only:
        console.print(Text("Items that a model left without a whole answer are left out.", "yellow"))
    _print_ranks(console, found, names, known)
    _print_reviews(console, found, names, reviews)
    for key in found.pair_keys:
        _print_pair(console, found, key, names)
    if len(found.models) > 2:
        _print_correlations(console, found)
    _print_gaps(console, found, names)
    _print_trade_off(console, found, names)
    if note := provisional_note(value for task in found.tasks for value in task.values.values()):
        console.print(Text(note, "yellow"))


def _print_ranks(console: Console, found: Comparison, names: Mapping[str, str], known: Mapping[str, Reference]) -> None:
    table = _table("task", "model", "rank", "value", "n", "answered", title="Values and ranks, 1 best")
    for column in table.columns[1:-1]:
        column.no_wrap = True
    for task in found.tasks:
        near = near_best(found, task)
        for model, letter in names.items():
            cells = _rank_cells(found, task, model, model in near)
            table.add_row(spelled.aimed(f"{task.task.id} {task.metric.title}", task.metric.better), letter, *cells)
    how = words.HOW["ranks_answered" if found.answered_only else "ranks"]
    if any(task.metric.better == "lower" for task in found.tasks):
        how = f"{spelled.LOWER_SAID}. {how}"
    _put(console, table, f"{how} Published: {published.LABEL}.")
    for task in found.tasks:
        if (reference := known.get(task.task.id)) is not None:
            said = f"{task.task.id} {task.metric.title}, published: {words.reference(reference)}"
            console.print(Text(said, "dim"))


def _print_reviews(console: Console, found: Comparison, names: Mapping[str, str], reviews: Reviews) -> None:
    """Print what people found of each model on each task, where they looked."""
    known = [
        (task.task.id, names[model], one)
        for task in found.tasks
        for model in task.measures
        if (one := review_of(task, model, reviews)) is not None
    ]
    if known:
        console.print(Text(HEADING, "bold"))
    for task_id, name, one in known:
        console.print(Text(f"  {name}, {task_id}: {told(one)}."))


def _rank_cells(found: Comparison, task: TaskValues, model: str, near: bool) -> tuple[str | Text, ...]:
    value, rank = task.values.get(model), task.ranks.get(model)
    if value is None or rank is None:
        return (NONE,) * 4
    told = f"{placed(found, task, model)}{' ≈' if near and rank != 1 else ''}"
    count = f"{value.n:,} of {task.common:,}"
    return told, spelled.marked(value), count, Text(beside_cell(value), "dim")


def _print_settings(console: Console, found: Comparison, key: PairKey, names: Mapping[str, str]) -> None:
    """Print what one file in two runs was asked and granted otherwise; nothing for two files."""
    for line in words.settings(found.differs(key)):
        console.print(Text(f"{' → '.join(names[column] for column in key)}  {line}"))


def _print_pair(console: Console, found: Comparison, key: PairKey, names: Mapping[str, str]) -> None:
    first, second = (names[model] for model in key)
    head = ("task", f"{second} − {first}", "p", "p Holm", "better", "worse", "equal", "n")
    table, lines = _table(*head, title=f"{first} → {second}"), []
    for task in found.tasks:
        result = found.result(task.task.id, key)
        if result is None:
            continue
        difference = result.difference
        p, n, ties = (difference.p, difference.n, difference.ties) if difference else (None, 0, 0)
        counted = [f"{count:,}" for count in (result.better, result.worse, ties, n)]
        p_values = (words.p_value(p), words.p_value(result.p_holm))
        shown = words.difference(result) + (spelled.mark(result) if result.difference else "")
        table.add_row(spelled.aimed(task.task.id, task.metric.better), shown, *p_values, *counted)
        said = [words.changes(result, task.metric), words.verdict(result.equivalence) if result.equivalence else ""]
        said.append(words.difference_answered(result))
        said.append(f"left out: {words.left_out(result, names)}" if result.left_out else "")
        mark = spelled.mark(result) if result.difference else ""
        lines.append(f"{task.task.id}{mark}: {'; '.join(part for part in said if part)}.")
    _put(console, table, words.HOW["pairs"])
    if key[0] != found.models[0].column:
        _print_settings(console, found, key, names)
    for line in lines:
        console.print(Text(line))
    console.print(Text(words.drift(found, key, names), "bold"))
    _print_flips(console, found, key, (first, second))


def _print_flips(console: Console, found: Comparison, key: PairKey, names: tuple[str, str]) -> None:
    flips = found.flips(key)
    if not flips:
        return
    table = _table("change", "task", "item", *names, title=f"Flips {names[0]} → {names[1]}")
    for task, flip in flips[:_SHOWN_FLIPS]:
        answers = [Text(one_line(score.answer or score.verdict, _ANSWER)) for score in (flip.first, flip.second)]
        result = found.result(task.task.id, key)
        mark = spelled.mark(result) if result is not None and result.difference else ""
        table.add_row(str(flip.change), f"{task.task.id}{mark}", Text(one_line(flip.item)), *answers)
    left = len(flips) - _SHOWN_FLIPS
    _put(console, table, f"and {left:,} more; --json lists every one with both texts" if left > 0 else "")


def _print_correlations(console: Console, found: Comparison) -> None:
    ids = [task.task.id for task in found.tasks]
    table = _table("task", *map(str, range(1, len(ids) + 1)), title="Spearman's rank correlation of the tasks")
    for number, one in enumerate(ids, 1):
        cells = [spelled.signed(found.correlations[one, other].value) for other in ids]
        table.add_row(f"{number} {one}", *cells)
    _put(console, table, "")


def _print_gaps(console: Console, found: Comparison, names: Mapping[str, str]) -> None:
    table = _table("model", "gap", "second side minus first", "says", "answered", title="Gaps, on 0 to 100")
    for model, gaps in found.gaps.items():
        for gap in gaps.values():
            said = spelled.gap_meaning(gap) if gap.value is not None else NONE
            answered = Text(spelled.gap_answered(gap) or NONE, "dim")
            table.add_row(names[model], gap.title, spelled.gap(gap), said, answered)
    _put(console, table, "")


def _print_trade_off(console: Console, found: Comparison, names: Mapping[str, str]) -> None:
    head = ("model", "quality", "tasks", "answered", "tokens/s", "memory", "front")
    table = _table(*head, title="Quality against speed and memory")
    for model, point in found.points.items():
        quality = point.quality
        beaten = ", ".join(names[other] for other in point.beaten_by)
        table.add_row(
            names[model],
            spelled.marked(quality),
            f"{quality.tasks}",
            Text(beside_cell(quality), "dim"),
            f"{spelled.number(point.tokens_per_second)} · {point.outputs:,} outputs",
            f"{gigabytes(point.memory)} at {point.context:,} tokens",
            "on the front" if point.on_front else f"beaten by {beaten}" if beaten else "–",
        )
    _put(console, table, words.HOW["quality"])


def print_portfolio(
    console: Console,
    portfolio: Portfolio,
    models: Sequence[ModelView],
    results: Sequence[CaseResult],
    tasks: Mapping[str, Task],
) -> None:
    """Print how every model stands in every use case."""
    titles = files_apart(models)
    names = {model.sha256: f"{titles[model.sha256]} {model.quantisation}" for model in models}
    console.print(Text(f"Portfolio of {portfolio.path}", "bold"))
    if portfolio.bundled:
        console.print(Text(f"! {EXAMPLES}", "yellow"))
    for result in results:
        table = _table("model", "standing", "", title=f"{result.case.title}: {result.case.why}")
        for one in result.candidacies:
            table.add_row(Text(names[one.model]), str(one.standing), _whole(one))
            for found in one.findings:
                table.add_row("", Text(str(found.standing), "dim"), Text(words.finding(found, tasks), "dim"))
        _put(console, table, "")
        console.print(Text(f"Best: {words.best(result, names)}.", "bold"))
    figures = (f.value for result in results for one in result.candidacies for f in one.findings if f.value is not None)
    if note := provisional_note(figures):
        console.print(Text(f"\n{note}", "yellow"))


def _whole(one: Candidacy) -> str:
    """Return whether a model meets every threshold, and the mean of its required metrics."""
    met = "" if one.blocking else "every threshold met"
    mean = f"mean {spelled.marked(one.quality)}; {beside_cell(one.quality)}" if one.quality.value is not None else ""
    return "; ".join(part for part in (met, mean) if part) or NONE


def _table(*columns: str, title: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", title=Text(title, "bold"), title_justify="left")
    for name in columns:
        table.add_column(Text(name), overflow="fold")
    return table


def _put(console: Console, table: Table, note: str) -> None:
    console.print()
    console.print(table)
    if note:
        console.print(Text(note, "dim"))

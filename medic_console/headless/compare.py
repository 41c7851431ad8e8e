"""Compare models and hold them against the portfolio, as tables or as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from medic_console import paths
from medic_console.archive.measures import Measures
from medic_console.archive.views import ModelView
from medic_console.comparison import words
from medic_console.comparison.compare import Comparison, PairKey, begin, compared, near_best
from medic_console.comparison.models import letters, models_named
from medic_console.comparison.portfolio import CaseResult, evaluate
from medic_console.comparison.portfolio_file import EXAMPLES, FILE_NAME, Portfolio, load_portfolio
from medic_console.comparison.reference import Reference, references
from medic_console.digest import short
from medic_console.engine.memory import gigabytes
from medic_console.headless import consoles
from medic_console.headless.compare_json import comparison_json, portfolio_json
from medic_console.prepare import known_tasks
from medic_console.statistics import published
from medic_console.suite.task import Task
from medic_console.visible import one_line

_SHOWN_FLIPS = 12
_ANSWER = 60
"""Characters of an answer in a table."""


def compare_models(
    archive: Path, names: Sequence[str], runs: Sequence[str], margin: float, unreadable_as_wrong: bool, as_json: bool
) -> int:
    """Compare two to six models; return the exit code.

    Raises:
        UsageError: A name fits no model or several, or nothing can be compared.
        ArchiveError: A run is not there, or is a qualification of judges.
    """
    tasks = known_tasks().tasks
    table = published.load_published(paths.tasks_dir() / published.FILE_NAME)
    with _reading(archive) as reader:
        known = candidates(reader)
        models = models_named(names, known, judges=_judges(reader))
        _check_runs(reader, runs)
        found = compared(begin(reader, models, runs, margin, unreadable_as_wrong))
        points = references(tasks, table)
        if as_json:
            _write_json(comparison_json(found, reader, points))
        else:
            _print_comparison(consoles.output(), found, points)
    return 0


def show_portfolio(archive: Path, names: Sequence[str], runs: Sequence[str], as_json: bool) -> int:
    """Hold models, or all candidates of the archive, against the use cases; return the exit code.

    Raises:
        UsageError: A name fits no model or several.
        ArchiveError: A run is not there, or is a qualification of judges.
        TaskFileError: The portfolio's file breaks its schema.
    """
    tasks = known_tasks().tasks
    portfolio = load_portfolio(paths.tasks_dir() / FILE_NAME, paths.config_dir() / FILE_NAME, tasks)
    with _reading(archive) as reader:
        known = candidates(reader)
        models = models_named(names, known, 1, len(known), _judges(reader)) if names else known
        _check_runs(reader, runs)
        results = list(evaluate(reader, [model.sha256 for model in models], portfolio.use_cases, runs))
    if as_json:
        _write_json(portfolio_json(portfolio, models, results))
    else:
        _print_portfolio(consoles.output(), portfolio, models, results, tasks)
    return 0


def candidates(reader: Measures) -> tuple[ModelView, ...]:
    """Return the models that were a candidate in some audit."""
    return tuple(model for model in reader.models() if model.runs)


def _judges(reader: Measures) -> tuple[ModelView, ...]:
    """Return the models that were a candidate in none: they judged, or were qualified to."""
    return tuple(model for model in reader.models() if not model.runs)


@contextmanager
def _reading(archive: Path) -> Iterator[Measures]:
    reader = Measures(archive)
    try:
        yield reader
    finally:
        reader.close()


def _check_runs(reader: Measures, runs: Sequence[str]) -> None:
    for run in runs:
        reader.audit(run)


def _print_comparison(console: Console, found: Comparison, known: Mapping[str, Reference]) -> None:
    names = letters(found.models)
    console.print(Text("Quantisation drift" if found.drift else "Comparison", "bold"))
    for model in found.models:
        line = f"{names[model.sha256]}  {one_line(model.name)}  {model.quantisation}  sha256 {short(model.sha256)}"
        console.print(Text(line))
    for note in found.notes:
        console.print(Text(f"! {one_line(note)}", "yellow"))
    if found.unreadable_as_wrong:
        console.print(Text("Unreadable outputs count as wrong answers.", "yellow"))
    _print_ranks(console, found, names, known)
    for key in found.pair_keys:
        _print_pair(console, found, key, names)
    if len(found.models) > 2:
        _print_correlations(console, found)
    _print_gaps(console, found, names)
    _print_trade_off(console, found, names)


def _print_ranks(console: Console, found: Comparison, names: Mapping[str, str], known: Mapping[str, Reference]) -> None:
    head = ("task", "metric", "items", *(f"{name}, rank, n" for name in names.values()), "published, as reference")
    table = _table(*head, title="Values and ranks, 1 best")
    for task in found.tasks:
        near = near_best(found, task)
        cells = []
        for model in names:
            value, rank = task.values.get(model), task.ranks.get(model)
            if value is None or rank is None:
                cells.append("–")
            else:
                mark = " ≈" if model in near and rank != 1 else ""
                cells.append(f"{words.number(value.value)} #{words.rank(rank, task.ranks)}{mark} n {value.n:,}")
        reference = words.reference(known[task.task.id]) if task.task.id in known else ""
        table.add_row(task.task.id, task.metric.title, f"{task.common:,}", *cells, Text(reference, "dim"))
    _put(console, table, f"{words.HOW['ranks']} Reference: {published.LABEL}.")


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
        table.add_row(task.task.id, words.difference(result), *p_values, *counted)
        said = [words.changes(result), words.verdict(result.equivalence) if result.equivalence else ""]
        said.append(f"left out: {words.left_out(result, names)}" if result.left_out else "")
        lines.append(f"{task.task.id}: {'; '.join(part for part in said if part)}.")
    _put(console, table, words.HOW["pairs"])
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
        table.add_row(str(flip.change), task.task.id, Text(one_line(flip.item)), *answers)
    left = len(flips) - _SHOWN_FLIPS
    _put(console, table, f"and {left:,} more; --json lists every one with both texts" if left > 0 else "")


def _print_correlations(console: Console, found: Comparison) -> None:
    ids = [task.task.id for task in found.tasks]
    table = _table("task", *map(str, range(1, len(ids) + 1)), title="Spearman's rank correlation of the tasks")
    for number, one in enumerate(ids, 1):
        cells = [words.signed(found.correlations[one, other].value) for other in ids]
        table.add_row(f"{number} {one}", *cells)
    _put(console, table, "")


def _print_gaps(console: Console, found: Comparison, names: Mapping[str, str]) -> None:
    table = _table("model", "gap", "", title="Gaps, on 0 to 100")
    for model, gaps in found.gaps.items():
        for gap in gaps.values():
            table.add_row(names[model], gap.title, words.gap(gap))
    _put(console, table, "")


def _print_trade_off(console: Console, found: Comparison, names: Mapping[str, str]) -> None:
    table = _table("model", "quality", "tokens/s", "memory", "front", title="Quality against speed and memory")
    for model, point in found.points.items():
        quality = point.quality
        beaten = ", ".join(names[other] for other in point.beaten_by)
        table.add_row(
            names[model],
            f"{words.number(quality.value)} {words.ends(quality.low, quality.high)} · {quality.tasks} tasks",
            f"{words.number(point.tokens_per_second)} · {point.outputs} outputs",
            f"{gigabytes(point.memory)} at {point.context:,} tokens",
            "on the front" if point.on_front else f"beaten by {beaten}" if beaten else "–",
        )
    _put(console, table, words.HOW["quality"])


def _print_portfolio(
    console: Console,
    portfolio: Portfolio,
    models: Sequence[ModelView],
    results: Sequence[CaseResult],
    tasks: Mapping[str, Task],
) -> None:
    names = {model.sha256: f"{one_line(model.name)} {model.quantisation}" for model in models}
    console.print(Text(f"Portfolio of {portfolio.path}", "bold"))
    if portfolio.bundled:
        console.print(Text(f"! {EXAMPLES}", "yellow"))
    for result in results:
        table = _table("model", "standing", "", title=f"{result.case.title}: {result.case.why}")
        for one in result.candidacies:
            table.add_row(Text(names[one.model]), str(one.standing), "" if one.blocking else "every threshold met")
            for found in one.findings:
                table.add_row("", Text(str(found.standing), "dim"), Text(words.finding(found, tasks), "dim"))
        _put(console, table, "")
        console.print(Text(f"Best: {words.best(result, names)}.", "bold"))


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


def _write_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")

"""`archive`: what it holds, its runs, one run's results, one task's items."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from medic_console.archive.views import ItemRow, ItemTrace, ModelView, RunView
from medic_console.commands import (
    archive_challenge,
    archive_charts,
    archive_copies,
    archive_findings,
    archive_forget,
    archive_merge,
    archive_verify,
    consoles,
)
from medic_console.commands.options import add_common, archive_of
from medic_console.commands.output import plain, write_json
from medic_console.commands.results import show_results
from medic_console.commands.trace import print_trace
from medic_console.core.errors import ArchiveError, UsageError
from medic_console.core.naming import files_apart, meant_model, told_apart
from medic_console.core.near import meant
from medic_console.core.records import OWN_DOING, Outcome, Reason
from medic_console.core.visible import one_line
from medic_console.results.label_noise import assuming
from medic_console.results.reader import Reader
from medic_console.results.task_lines import run_told
from medic_console.results.trace_record import trace_record
from medic_console.review.accuracy import corrected_by_people
from medic_console.review.beside import beside
from medic_console.review.reader import ReviewReader
from medic_console.scoring.scorers.toolchain import shown

_ANSWER = 60
"""Characters of an answer in a table; `--json` and `--plain` give all."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(metavar="COMMAND", required=True)
    stats = verbs.add_parser("stats", help="what the archive holds")
    add_common(stats)
    stats.set_defaults(handler=lambda given: show_stats(archive_of(given), given.json))
    results = verbs.add_parser("results", help="a stored run's results")
    add_common(results)
    results.add_argument("run", nargs="?", metavar="RUN", help="id of the run; the newest one when left out")
    results.add_argument("--by", metavar="FIELD", help="in parts, by a field of the items: age, sex, length, theme ...")
    results.add_argument(
        "--label-noise", type=float, metavar="SHARE", help="what accuracy could be if this share of labels is in doubt"
    )
    results.set_defaults(handler=_results)
    items = verbs.add_parser("items", help="a task's items in a run, each with its answer")
    add_common(items)
    items.add_argument("task", metavar="TASK")
    items.add_argument("--run", metavar="RUN", help="id of the run; the newest one that has the task when left out")
    items.add_argument("--model", default="", metavar="NAME", help="candidate, by name or sha256 (all)")
    items.add_argument(
        "--item", default="", metavar="ID", help="one item with its whole trace: prompts, outputs, engine"
    )
    items.set_defaults(handler=_items)
    items.add_argument("--whole", action="store_true", help="every item with its whole trace")
    archive_charts.add_verb(verbs)
    archive_findings.add_verb(verbs)
    archive_verify.add_verbs(verbs)
    archive_copies.add_verbs(verbs)
    archive_merge.add_verbs(verbs)
    archive_forget.add_verb(verbs)
    archive_challenge.add_verbs(verbs)


def _items(arguments: argparse.Namespace) -> int:
    asked = ItemSelection(arguments.task, arguments.run, arguments.model, arguments.item, arguments.whole)
    return show_items(asked, archive_of(arguments), arguments.json)


def show_archive(archive: Path) -> int:
    """Print what the console's first screen shows: every run, the newest one's results, and what may be done next."""
    console = consoles.output()
    with closing(Reader(archive)) as reader:
        runs = reader.runs()
        results = reader.results(runs[0].id) if runs else []
    console.print(f"Archive {archive}: {len(runs)} run{'' if len(runs) == 1 else 's'}.", markup=False)
    for run in runs:
        console.print(run_told(run), markup=False)
    if not runs:
        console.print("Start one: medic-console demo --headless, or medic-console run TASK --model FILE.")
        return 0
    console.print()
    show_results(runs[0], results, archive, False, ("Its items: medic-console archive items TASK --plain",))
    return 0


def _results(given: argparse.Namespace) -> int:
    if given.by is None:
        return show_stored(given.run, archive_of(given), given.json, given.label_noise)
    from medic_console.commands.slices import show_slices

    return show_slices(archive_of(given), given.run, given.by, given.json)


def show_stored(run: str | None, archive: Path, as_json: bool, noise: float | None = None) -> int:
    """Print a run's results as they were printed at its end, those of the newest run when none is named.

    Args:
        noise: Share of labels to take as doubtful; None: as the task files say.

    Raises:
        ArchiveError: There is no such run, or it is a qualification of judges.
        UsageError: `noise` is no share.
    """
    with closing(ReviewReader(archive)) as reader:
        view = _named(reader, run, archive) if run is None else reader.audit(run)
        results, reviewed = reader.results(view.id), beside(reader, view.id)
        corrected = corrected_by_people(reader, view.id)
        results = results if noise is None else assuming(results, noise)
    show_results(view, results, archive, as_json, reviewed=reviewed, corrected=corrected)
    return 0


def show_stats(archive: Path, as_json: bool) -> int:
    """Show what an archive holds.

    Raises:
        ArchiveError: There is none.
    """
    reader = Reader(archive)
    try:
        rows, runs = reader.stats(), reader.runs()
    finally:
        reader.close()
    if as_json:
        listed = [{"run": v.id, "status": v.status, "items": v.counts.total, "of": v.total} for v in runs]
        write_json("archive", {"archive": str(archive), "bytes": archive.stat().st_size, "rows": rows, "runs": listed})
        return 0
    console = consoles.output()
    console.print(f"{archive}  {archive.stat().st_size:,} bytes", style="bold", highlight=False)
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, count in rows.items():
        table.add_row(name.replace("_", " "), f"{count:,}")
    console.print(table)
    for view in runs:
        models = ", ".join(told_apart(view.candidates).values())
        part = f"  {view.part}" if view.part else ""
        line = f"{view.id}  {view.status}{part}  {view.counts.total} of {view.total}  {models}"
        console.print(line, markup=False, highlight=False)
    return 0


@dataclass(frozen=True, slots=True)
class ItemSelection:
    """Which items of a stored run a person wants to see.

    Attributes:
        run: The newest one when None.
        model: Candidate by name or beginning of the sha256; all when empty.
        item: One item with its whole trace; all as a list when empty.
        whole: All with their whole traces.
    """

    task: str
    run: str | None = None
    model: str = ""
    item: str = ""
    whole: bool = False


def show_items(asked: ItemSelection, archive: Path, as_json: bool) -> int:
    """Print a task's items, each with its outcome, verdict and answer, for every candidate and judge of a run.

    Raises:
        ArchiveError: There is no such run, task or item.
        UsageError: The run has no such candidate.
    """
    from medic_console.engine.files.named import fitting_or_file  # other subcommands need no model file

    model, task = asked.model, asked.task
    with closing(Reader(archive)) as reader:
        view = reader.run(asked.run) if asked.run is not None else _newest_with(reader, task, archive)
        judged = reader.task(view.id, task).judge is not None
        chosen = fitting_or_file(model, view.candidates) if model else view.candidates
        if not chosen:
            raise UsageError(f"Run {view.id} has no candidate {model!r}.", meant_model(model, view.candidates))
        judges = [judge.sha256 for judge in view.judges] if judged and view.judges else [""]
        pairs = [(one.sha256, judge) for one in chosen for judge in judges]
        if asked.item or asked.whole:
            named = [asked.item] if asked.item else [row["id"] for row in reader.run_items(view.id, task)]
            return _show_traces([reader.trace(view.id, task, one, *pair) for one in named for pair in pairs], as_json)
        rows = [row for pair in pairs for row in reader.items(view.id, task, *pair)]
    names = {one.sha256: one for one in (*view.candidates, *view.judges)}
    if as_json:
        document = {"run": view.id, "task": task, "items": [_record(row, names) for row in rows]}
        write_json("items", document)
    else:
        consoles.output().print(_table(rows, names, judges != [""]))
    return 0


def _show_traces(traces: Sequence[ItemTrace], as_json: bool) -> int:
    if as_json:
        first = traces[0]
        head = {"run": first.run, "task": first.task.id}
        document = {**head, "traces": [trace_record(trace) for trace in traces]}
        write_json("traces", document)
        return 0
    for trace in traces:
        print_trace(consoles.output(), trace)
    return 0


def _named(reader: Reader, run: str | None, archive: Path) -> RunView:
    if run is not None:
        return reader.run(run)
    runs = reader.runs()
    if not runs:
        raise ArchiveError(f"{archive} holds no run.", "Start one: medic-console run TASK --model FILE")
    return runs[0]


def _newest_with(reader: Reader, task: str, archive: Path) -> RunView:
    """Return the newest run that has a task."""
    runs = reader.runs()
    for run in runs:
        if task in run.tasks:
            return run
    known = sorted({name for run in runs for name in run.tasks})
    raise ArchiveError(f"{archive}: no run has a task {task}.", meant(task, known, "Tasks of its runs"))


def _record(row: ItemRow, names: dict[str, ModelView]) -> dict[str, Any]:
    return {
        "item": row.item,
        "model": names[row.candidate].name,
        "model_file": Path(names[row.candidate].file).name,
        "judge": names[row.judge].name if row.judge else "",
        "judge_file": Path(names[row.judge].file).name if row.judge else "",
        "outcome": row.outcome or "waiting",
        "reason": row.reason,
        "verdict": row.verdict,
        "answer": row.answer,
        "truncated": row.truncated,
        "values": dict(row.values) if row.outcome == Outcome.SCORED else {},
        "worst_values": dict(row.values) if row.reason in OWN_DOING else {},
        "libraries": None if row.libraries is None else dict(row.libraries),
    }


def _table(rows: Sequence[ItemRow], names: dict[str, ModelView], judged: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    made = ("libraries",) if any(row.libraries for row in rows) else ()
    columns = ("item", "model", *(("judge",) if judged else ()), "outcome", "reason", "verdict", "answer", *made)
    for title in columns:
        table.add_column(title, no_wrap=title == "answer")
    titles = files_apart(names.values())
    limit = 1 << 20 if plain.get() else _ANSWER
    for row in rows:
        record = _record(row, names)
        record["model"] = titles[row.candidate]
        record["judge"] = titles[row.judge] if row.judge else ""
        record["libraries"] = shown(row.libraries) if row.outcome else ""
        record["outcome"] += f", {Reason.TRUNCATED}" if row.truncated else ""
        table.add_row(*(Text(one_line(record[title], limit)) for title in columns))
    return table

"""A run's results in print: figures, what they say in words, and what may be done next."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from medic_console.archive.views import ModelResult, RunView
from medic_console.commands import consoles
from medic_console.commands.figures_json import run_json
from medic_console.commands.output import write_json
from medic_console.commands.results_tables import print_results
from medic_console.commands.reviewed import corrected_json, reviewed_json
from medic_console.core.naming import told_apart
from medic_console.results.summary import run_in_words
from medic_console.results.task_lines import counted
from medic_console.review.accuracy import Corrected, corrected_lines
from medic_console.review.beside import Beside, reviewed_lines


def show_results(
    run: RunView,
    results: Sequence[ModelResult],
    archive: Path,
    as_json: bool,
    hints: Sequence[str] = (),
    reviewed: Sequence[Beside] = (),
    corrected: Sequence[Corrected] = (),
) -> None:
    """Print a run's results and what they say in words, or both as JSON.

    Args:
        hints: Printed at the end: what may be done next.
        reviewed: What people found, beside the raw figures.
        corrected: Figures without the judge's errors that people found.
    """
    if as_json:
        record = {**run_json(run, results), "summary": list(run_in_words(run, results))}
        if reviewed:
            record["reviewed"] = reviewed_json(reviewed)
        if corrected:
            record["corrected_by_people"] = corrected_json(corrected)
        write_json("results", record)
        return
    console = consoles.output()
    part = f", {run.part}" if run.part else ""
    head = f"Run {run.id}: {run.status}{part}, {run.counts.total} of {run.total} items: {counted(run.counts)}"
    console.print(head, style="bold", highlight=False)
    print_results(console, run, results)
    names = told_apart((*run.candidates, *run.judges))
    people = (*reviewed_lines(reviewed, names), *corrected_lines(corrected, names))
    for line in ("", *run_in_words(run, results), "", *people, f"Archive: {archive}"):
        console.print(line, markup=False, highlight=False)
    for hint in (f"Look at every trace: medic-console --archive {archive}", *hints):
        console.print(hint, markup=False, highlight=False)

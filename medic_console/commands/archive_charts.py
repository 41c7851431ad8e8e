"""`archive charts`: what the console draws of a run, in characters, each bar with its number."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from medic_console.archive.views import ModelResult, RunView, TaskView
from medic_console.commands import consoles
from medic_console.commands.options import add_places, archive_of
from medic_console.core.naming import full, told_apart
from medic_console.core.visible import plain
from medic_console.results.charts.corrected import corrected_lines
from medic_console.results.charts.history import Point, history_lines, history_of
from medic_console.results.charts.places import places_in, places_lines
from medic_console.results.charts.spread import spread_lines
from medic_console.results.comparison.settings_drift import runs_of
from medic_console.results.measures import Measures
from medic_console.scoring.methods.cef.spec import cef_of

_WIDTH = 100
"""Most cells of a line."""


def add_verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add it to those of `archive`."""
    parser = verbs.add_parser("charts", help="scores, findings, corrected figures and history as charts of characters")
    add_places(parser)
    parser.add_argument("run", nargs="?", metavar="RUN", help="id of the run; the newest one when left out")
    parser.set_defaults(handler=lambda given: show_charts(archive_of(given), given.run))


def show_charts(archive: Path, run: str | None) -> int:
    """Print the charts of each task of a run under each model.

    Raises:
        ArchiveError: There is no such run.
    """
    out = consoles.output()
    width = min(_WIDTH, out.width)
    with closing(Measures(archive)) as reader:
        newest = [view.id for view in reader.runs()[:1]]
        if run is None and not newest:
            out.print("The archive holds no run yet.")
            return 0
        view = reader.run(run or newest[0])
        for result in reader.results(view.id):
            out.print(f"Run {view.id}: {full(result.model)}", style="bold", markup=False, highlight=False)
            history = history_of(reader, runs_of(reader, result.model))
            for task in result.tasks:
                for lines in _charts(reader, view, result, task, history.get(task.task.id, ()), width):
                    out.print("\n".join(["", *map(plain, lines)]), markup=False, highlight=False, soft_wrap=True)
            out.print()
    return 0


def _charts(
    reader: Measures, run: RunView, result: ModelResult, view: TaskView, points: Sequence[Point], width: int
) -> Iterator[list[str]]:
    """Yield the charts that there are of a task, each as lines."""
    candidate = result.model.sha256
    first, *rest = spread_lines(view.task, reader.items(run.id, view.task.id, candidate, view.judge), width)
    yield [f"{view.task.title}: {first}", *rest]
    if lines := corrected_lines(view, width):
        yield lines
    if cef_of(view.task) is not None:
        judges = [judge.sha256 for judge in run.judges]
        found = list(places_in(reader, run.id, view.task.id, candidate, judges))
        by = ", ".join(told_apart(run.judges).values())
        if found:
            yield places_lines(found, f"Where the findings of {by} lie", "generated text")
    if len(points) > 1:
        yield history_lines(points, width)

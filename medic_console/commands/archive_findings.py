"""`archive findings`: everything that speaks against a text, with what people said of it."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from medic_console.commands import consoles
from medic_console.commands.options import add_common, archive_of
from medic_console.commands.output import plain, write_json
from medic_console.core.naming import files_apart
from medic_console.core.visible import one_line
from medic_console.review.findings import Found, findings
from medic_console.review.reader import ReviewReader

_QUESTION = 70


def add_verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add it to those of `archive`."""
    parser = verbs.add_parser("findings", help="what speaks against the texts, question by question, with its review")
    add_common(parser)
    parser.add_argument("runs", nargs="*", metavar="RUN", help="ids of runs; the newest one when left out")
    parser.set_defaults(handler=lambda given: show_findings(archive_of(given), given.runs, given.json))


def show_findings(archive: Path, runs: list[str], as_json: bool) -> int:
    """Print the findings of runs.

    Raises:
        ArchiveError: There is no such run, or it is a qualification.
    """
    with closing(ReviewReader(archive)) as reader:
        chosen = runs or [view.id for view in reader.runs()[:1]]
        found = findings(reader, chosen)
        names = files_apart(reader.models())
    if as_json:
        write_json("findings", {"runs": chosen, "findings": [_record(one) for one in found]})
        return 0
    out, table = consoles.output(), Table(box=None, pad_edge=False, header_style="bold")
    out.print(f"{len(found):,} findings in {', '.join(chosen) or 'no run'}", markup=False, highlight=False)
    for title in ("kind", "task", "item", "model", "p", "review", "question"):
        table.add_column(title)
    limit = 1 << 20 if plain.get() else _QUESTION
    for one in found:
        asked = one.question
        weighed = "–" if asked.probability is None else f"{asked.probability:.2f}"
        model = names.get(asked.candidate, asked.candidate)
        cells = (asked.kind, asked.task, asked.item, model, weighed, one.state, one_line(asked.question, limit))
        table.add_row(*(Text(one_line(cell, limit)) for cell in cells))
    out.print(table)
    return 0


def _record(one: Found) -> dict[str, Any]:
    asked = one.question
    return {
        "run": asked.run,
        "task": asked.task,
        "item": asked.item,
        "candidate": asked.candidate,
        "judge": asked.judge,
        "kind": asked.kind,
        "part": asked.part,
        "question": asked.question,
        "said": asked.said,
        "probability": asked.probability,
        "review": one.state,
        "severity": one.severity,
    }

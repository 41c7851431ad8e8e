"""`review import`: ratings that people made with another program, as a queue of its own."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path

from medic_console.archive.reviews import ReviewStore
from medic_console.commands import consoles
from medic_console.commands.options import add_common, archive_of
from medic_console.core.naming import told_apart
from medic_console.core.units import count
from medic_console.core.visible import one_line
from medic_console.review.drawing import check_name
from medic_console.review.queues import cards
from medic_console.review.ratings import read_ratings
from medic_console.review.reader import ReviewReader


def add_verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add it to those of `review`."""
    parser = verbs.add_parser("import", help="take in ratings from a file in the shape of Inspect's precomputed_scores")
    add_common(parser)
    parser.add_argument("name", metavar="NAME", help="of the queue that is made of them")
    parser.add_argument("file", type=Path, metavar="FILE", help="JSON lines: id, value, answer, explanation, metadata")
    parser.add_argument("--run", required=True, metavar="RUN")
    parser.add_argument("--task", required=True, metavar="TASK")
    parser.add_argument("--as", dest="rater", default="", metavar="RATER", help="where metadata.rater names nobody")
    parser.set_defaults(
        handler=lambda given: take_in(archive_of(given), given.name, given.file, given.run, given.task, given.rater)
    )


def take_in(archive: Path, name: str, file: Path, run: str, task: str, rater: str) -> int:
    """Store the ratings of a file, all or none, with their entries of the ledger.

    Raises:
        ItemsError: A record is wrong; names file and line.
        UsageError: The name cannot be used, or no record is about an item of the task.
        ArchiveError: There is no such run or task, the name is taken, or a rater is a reviewer with a PIN.
    """
    check_name(name)
    with closing(ReviewReader(archive)) as reader:
        titles = told_apart(
            [one for one in reader.models() if one.sha256 in {m.sha256 for m in reader.run(run).candidates}]
        )
        found = read_ratings(file, run, task, reader.questions(run, [task]), rater, titles)
        rows = cards(found.drawn, reader)
    with closing(ReviewStore(archive)) as store:
        store.add_rated(name, found.drawn.record, rows, found.rows, found.digest)
    raters = dict.fromkeys(row.rater for row in found.rows)
    _say(f"Queue {name}: {count(len(found.rows), 'rating')} of {count(len(rows), 'card')}, by {', '.join(raters)}.")
    if found.unmatched:
        where, item = found.unmatched[0]
        many = len(found.unmatched)
        are = "is" if many == 1 else "are"
        _say(f"{count(many, 'record')} {are} about no item of {task} in this run: {where}, id {item}.")
    return 0


def _say(line: str) -> None:
    consoles.output().print(one_line(line, 2_000), markup=False, highlight=False, soft_wrap=True)

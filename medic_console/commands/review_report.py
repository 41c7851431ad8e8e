"""`review report`: what a queue's decisions say."""

from __future__ import annotations

import argparse
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from medic_console.archive.database import open_readonly
from medic_console.archive.ledger import FIRST, head
from medic_console.commands import consoles
from medic_console.commands.options import add_common, archive_of
from medic_console.commands.output import plain, write_json
from medic_console.core.naming import told_apart
from medic_console.core.visible import one_line
from medic_console.review.charts import pictures
from medic_console.review.reader import ReviewReader
from medic_console.review.report import Report, report
from medic_console.review.words import counts, sentences
from medic_console.statistics.raters import TwoRaters


def add_verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add it to those of `review`."""
    parser = verbs.add_parser("report", help="what the decisions say of the judge, the readers and the true rate")
    add_common(parser)
    parser.add_argument("queue", metavar="QUEUE")
    parser.set_defaults(handler=lambda given: show_report(archive_of(given), given.queue, given.json))


def show_report(archive: Path, name: str, as_json: bool) -> int:
    """Print what a queue's decisions say, with the head of the ledger.

    Raises:
        ArchiveError: There is no such queue.
    """
    with closing(ReviewReader(archive)) as reader:
        decisions = reader.decisions(name)
        found = report(reader.queue(name), decisions, reader.reviewers(), reader.changed_answers(name))
        names = told_apart(reader.models())
    with closing(open_readonly(archive)) as connection:
        _, mac = head(connection)
    if as_json:
        write_json("review-report", {"queue": name, **_record(found), "head": "" if mac == FIRST else mac})
        return 0
    out = consoles.output()
    more = counts(found) if plain.get() else pictures(found, out.width)
    for line in (*sentences(name, found, names), *more, f"Head of the ledger: {mac}"):
        out.print(one_line(line, 2_000), markup=False, highlight=False, soft_wrap=True)
    return 0


def _record(found: Report) -> dict[str, Any]:
    record = asdict(found)
    record["confusion"] = [
        {"kind": kind, "judge": said, "reader": answer, "n": number}
        for (kind, said, answer), number in sorted(found.confusion.items())
    ]
    record["readers"] = [{"pair": list(pair), **_rated_record(rated)} for pair, rated in found.readers.items()]
    record["judge"] = _rated_record(found.judge)
    return record


def _rated_record(rated: TwoRaters) -> dict[str, Any]:
    table = [{"one": one, "other": other, "n": number} for (one, other), number in sorted(rated.table.items())]
    return {**asdict(rated), "table": table}

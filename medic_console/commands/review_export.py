"""`review export`: a queue's decisions as JSON lines, for other programs."""

from __future__ import annotations

import argparse
import json
import os
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from medic_console.archive.ledger import Kind
from medic_console.archive.reviews import ReviewStore
from medic_console.commands import consoles
from medic_console.commands.options import add_common, archive_of
from medic_console.core.digest import digest
from medic_console.core.errors import UsageError
from medic_console.core.units import count
from medic_console.review.reader import ReviewReader


def add_verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add it to those of `review`."""
    parser = verbs.add_parser("export", help="write a queue's decisions to a file of JSON lines")
    add_common(parser)
    parser.add_argument("queue", metavar="QUEUE")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="a new file, for its owner alone")
    parser.set_defaults(handler=lambda given: export(archive_of(given), given.queue, given.out))


def export(archive: Path, name: str, file: Path) -> int:
    """Write the decisions that count, each with its card, and enter it in the ledger.

    Raises:
        ArchiveError: There is no such queue.
        UsageError: The file is there already, or cannot be written.
    """
    with closing(ReviewReader(archive)) as reader:
        lines = list(_lines(reader, name))
    with closing(ReviewStore(archive)) as store:
        _write(file, lines)
        store.note(Kind.EXPORT, {"decisions": len(lines), "queue": name}, digest(lines))
    consoles.output().print(f"{count(len(lines), 'decision')} in {file}", markup=False, highlight=False, soft_wrap=True)
    return 0


def _lines(reader: ReviewReader, name: str) -> Iterator[dict[str, Any]]:
    queue, people = reader.queue(name), {one.id: one.name for one in reader.reviewers()}
    cards = {card.position: card for card in queue.cards}
    for one in sorted(reader.decisions(name), key=lambda one: (one.position, one.id)):
        card = {key: value for key, value in cards[one.position]._asdict().items() if key != "second"}
        said = {
            "reviewer": people.get(one.reviewer, str(one.reviewer)),
            "adjudicates": one.adjudicates,
            "answer": one.answer,
            "reason": one.reason,
            "severity": one.severity,
            "comment": one.comment,
            "seconds": one.seconds,
            "created": one.created,
        }
        yield {"queue": name, **card, **said}


def _write(file: Path, lines: list[dict[str, Any]]) -> None:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
        with os.fdopen(descriptor, "w", encoding="utf-8") as target:
            target.writelines(f"{json.dumps(line, ensure_ascii=True)}\n" for line in lines)
    except FileExistsError as error:
        raise UsageError(f"{file} is there already.", "Name a new file: nothing is written over.") from error
    except OSError as error:
        raise UsageError(f"{file}: cannot be written ({error.strerror}).", "Name another file.") from error

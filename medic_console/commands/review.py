"""`review`: queues of findings, who reviews them, their decisions and what these say."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from medic_console.archive.key_state import ready
from medic_console.commands import consoles, review_export, review_import, review_packet, review_report, review_take
from medic_console.commands.options import add_common, archive_of
from medic_console.commands.output import write_json
from medic_console.commands.review_take import ask_pin
from medic_console.core.errors import UsageError
from medic_console.core.visible import one_line
from medic_console.review.claims import promise
from medic_console.review.drawing import check_name, forecast, sizes, store_queue
from medic_console.review.questions import KINDS
from medic_console.review.queues import ORDERS, RANDOM, Design, draw
from medic_console.review.reader import Queue, ReviewReader
from medic_console.review.reviewers import add_reviewer
from medic_console.review.taking import by_card


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(metavar="COMMAND", required=True)
    _add_new(verbs.add_parser("new", help="draw a queue of findings; it is never changed afterwards"))
    listed = verbs.add_parser("list", help="the queues, and how far each is")
    add_common(listed)
    listed.set_defaults(handler=lambda given: list_queues(archive_of(given), given.json))
    show = verbs.add_parser("show", help="how a queue was drawn, and how far it is")
    add_common(show)
    show.add_argument("queue", metavar="QUEUE")
    show.set_defaults(handler=lambda given: show_queue(archive_of(given), given.queue, given.json))
    people = verbs.add_parser("reviewer", help="who reviews").add_subparsers(metavar="COMMAND", required=True)
    add = people.add_parser("add", help="add a person; the PIN is asked, or is the first line of stdin")
    add_common(add)
    add.add_argument("name", metavar="NAME")
    add.set_defaults(handler=lambda given: new_reviewer(archive_of(given), given.name))
    everyone = people.add_parser("list", help="list the people")
    add_common(everyone)
    everyone.set_defaults(handler=lambda given: list_reviewers(archive_of(given), given.json))
    review_take.add_verbs(verbs)
    review_report.add_verb(verbs)
    review_packet.add_verbs(verbs)
    review_export.add_verb(verbs)
    review_import.add_verb(verbs)


def _add_new(parser: argparse.ArgumentParser) -> None:
    add_common(parser)
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("runs", nargs="+", metavar="RUN")
    parser.add_argument("--task", action="append", default=[], metavar="TASK", help="only this task (repeatable)")
    parser.add_argument("--kind", action="append", default=[], choices=KINDS, help="only this kind (repeatable)")
    parser.add_argument("--number", type=int, metavar="N", help="findings to draw, by kind and model (all)")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="the same seed draws the same cards (0)")
    parser.add_argument(
        "--controls", type=float, default=0.0, metavar="PERCENT", help="answers as expected to mix in (0)"
    )
    parser.add_argument("--order", choices=ORDERS, default=RANDOM, help="by chance, for a bound, or by risk (random)")
    parser.add_argument("--second", type=float, default=0.0, metavar="PERCENT", help="cards for a second reader (0)")
    parser.add_argument("--open", action="store_true", help="show model and judge; blind without it")
    parser.set_defaults(handler=_new)


def _new(arguments: argparse.Namespace) -> int:
    design = Design(
        runs=tuple(dict.fromkeys(arguments.runs)),
        tasks=tuple(arguments.task),
        kinds=tuple(arguments.kind),
        number=arguments.number,
        seed=arguments.seed,
        controls=arguments.controls,
        order=arguments.order,
        second=arguments.second,
        blind=not arguments.open,
    )
    return new_queue(archive_of(arguments), arguments.name, design, arguments.json)


def new_queue(archive: Path, name: str, design: Design, as_json: bool) -> int:
    """Draw a queue, say which bound its size can give, and store it.

    Raises:
        UsageError: The name or the design is impossible, or there is nothing to draw.
        ArchiveError: There is no such run, or the name is taken.
    """
    check_name(name)
    ready(archive)
    with closing(ReviewReader(archive)) as reader:
        drawn = draw(design, [one for run in design.runs for one in reader.questions(run, design.tasks)])
    if not as_json:
        for line in forecast(drawn):
            consoles.output().print(line, markup=False, highlight=False)
    digest = store_queue(archive, name, drawn)
    if as_json:
        findings, controls = sizes(drawn)
        record: dict[str, Any] = {"queue": name, "cards": findings + controls, "findings": findings}
        record |= {"controls": controls, "digest": digest, "bound": promise(drawn.record), "design": dict(drawn.record)}
        write_json("queue-drawn", record)
    else:
        consoles.output().print(
            f"Queue {name} is drawn, digest {digest}.", markup=False, highlight=False, soft_wrap=True
        )
    return 0


def list_queues(archive: Path, as_json: bool) -> int:
    """Print the queues.

    Raises:
        ArchiveError: There is no archive.
    """
    with closing(ReviewReader(archive)) as reader:
        found = [_progress(reader, reader.queue(one.name)) for one in reader.queues()]
    if as_json:
        write_json("queues", {"queues": found})
        return 0
    out = consoles.output()
    if not found:
        out.print("No queue yet: medic-console review new NAME RUN.", markup=False, highlight=False)
        return 0
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("queue", "created", "decided", "runs"):
        table.add_column(title)
    for one in found:
        cells = (one["queue"], one["created"], f"{one['decided']} of {one['cards']}", ", ".join(one["runs"]))
        table.add_row(*(Text(one_line(cell)) for cell in cells))
    out.print(table)
    return 0


def _progress(reader: ReviewReader, queue: Queue) -> dict[str, Any]:
    decided = len(by_card(reader.decisions(queue.name)))
    runs = list(queue.design["runs"])
    return {"queue": queue.name, "created": queue.created, "cards": len(queue.cards), "decided": decided, "runs": runs}


def show_queue(archive: Path, name: str, as_json: bool) -> int:
    """Print how a queue was drawn.

    Raises:
        ArchiveError: There is no such queue.
    """
    with closing(ReviewReader(archive)) as reader:
        queue, digest = reader.queue(name), reader.queue_digest(name)
        record = {**_progress(reader, queue), "digest": digest, "design": dict(queue.design)}
    if as_json:
        write_json("queue", record)
        return 0
    out, design = consoles.output(), queue.design
    asked = "all" if design["number"] is None else design["number"]
    lines = [
        f"Queue {queue.name}: {record['decided']} of {record['cards']} cards decided; drawn {queue.created}.",
        f"Runs {', '.join(design['runs'])}; number {asked}, seed {design['seed']}, controls {design['controls']:g} %, "
        f"second reader {design['second']:g} %, order {design['order']}, {'blind' if design['blind'] else 'open'}.",
        f"Digest {digest}",
    ]
    for line in lines:
        out.print(one_line(line, 4_000), markup=False, highlight=False, soft_wrap=True)
    return 0


def new_reviewer(archive: Path, name: str) -> int:
    """Add a person; the PIN is asked twice at a terminal.

    Raises:
        UsageError: The name or the PIN is unusable, or both PINs differ.
        ArchiveError: The name is taken.
    """
    ready(archive)
    pin = ask_pin("PIN: ")
    if sys.stdin.isatty() and ask_pin("Again: ") != pin:
        raise UsageError("The two PINs differ.", "Try again.")
    add_reviewer(archive, name, pin)
    consoles.output().print(f"{name} may review.", markup=False, highlight=False)
    return 0


def list_reviewers(archive: Path, as_json: bool) -> int:
    """Print the people.

    Raises:
        ArchiveError: There is no archive.
    """
    with closing(ReviewReader(archive)) as reader:
        found = reader.reviewers()
    if as_json:
        write_json("reviewers", {"reviewers": [{"name": one.name, "wrong": one.wrong} for one in found]})
        return 0
    for one in found:
        wrong = f", {one.wrong} wrong PINs in a row" if one.wrong else ""
        consoles.output().print(f"{one.name}{wrong}", markup=False, highlight=False)
    return 0

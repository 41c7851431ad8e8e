"""`archive challenge` and `archive challenges`: dispute an item's reference label, and list who disputes what."""

from __future__ import annotations

import argparse
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from rich.table import Table
from rich.text import Text

from medic_console.archive.challenges import Action, Challenge, Dispute, enter
from medic_console.commands import consoles
from medic_console.commands.options import add_common, archive_of
from medic_console.commands.output import write_json
from medic_console.commands.review_take import ask_pin, person
from medic_console.core.visible import one_line
from medic_console.results.reader import Reader
from medic_console.review.reviewers import sign_in

NOTE = (
    "Official figures never change. An accepted challenge leaves its item out of the second figure beside them, "
    "in every run with the same item; a proposed label is kept, and nothing is scored by it."
)


def add_verbs(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add both to those of `archive`."""
    parser = verbs.add_parser("challenge", help="dispute an item's reference label; official figures never change")
    add_common(parser)
    parser.add_argument("run", metavar="RUN", help="id of a run that has the item")
    parser.add_argument("task", metavar="TASK")
    parser.add_argument("item", metavar="ITEM", help="id of the item")
    step = parser.add_mutually_exclusive_group()
    step.add_argument("--accept", action="store_true", help="as a second reviewer: the label is not to be relied on")
    step.add_argument("--withdraw", action="store_true", help="take it back, as who made or accepted it")
    parser.add_argument(
        "--reason",
        default="",
        metavar="TEXT",
        help="what is wrong with the label; it stays in the ledger for good: name no patient",
    )
    parser.add_argument("--gold", default="", metavar="VALUE", help="what the label should be; kept, not scored by")
    parser.add_argument("--as", dest="name", metavar="NAME", help="reviewer, else that of the settings; asks the PIN")
    parser.set_defaults(handler=_challenge)
    listed = verbs.add_parser("challenges", help="the reference labels that reviewers dispute")
    add_common(listed)
    listed.set_defaults(handler=lambda given: list_challenges(archive_of(given), given.json))


def _challenge(given: argparse.Namespace) -> int:
    archive, name = archive_of(given), person(given)
    action = Action.ACCEPT if given.accept else Action.WITHDRAW if given.withdraw else Action.CHALLENGE
    sign_in(archive, name, lambda: ask_pin(f"PIN of {name}: "))
    dispute = Dispute(action, given.run, given.task, given.item, name, given.reason, given.gold)
    found = enter(archive, dispute)
    if given.json:
        _write(archive, [found])
        return 0
    told = f"Challenge {found.entry}: the label of item {found.item} of {found.task} is {_told(found)}."
    for line in (told, NOTE):
        consoles.output().print(one_line(line, 1_000), markup=False, highlight=False, soft_wrap=True)
    return 0


def _told(found: Challenge) -> str:
    if found.state == "open":
        return f"challenged by {found.by}; a second reviewer may accept it (--accept)"
    return f"{found.state}: challenged by {found.by}, {found.state} by {found.settled_by}".replace(
        "accepted:", "left out of the second figure:", 1
    ).replace("withdrawn:", "not disputed any more:", 1)


def list_challenges(archive: Path, as_json: bool) -> int:
    """Print the challenges, oldest first.

    Raises:
        ArchiveError: There is no archive.
    """
    with closing(Reader(archive)) as reader:
        found = reader.challenges()
    if as_json:
        _write(archive, found)
        return 0
    out = consoles.output()
    if not found:
        out.print("No label is challenged: medic-console archive challenge RUN TASK ITEM --reason TEXT", markup=False)
        return 0
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("entry", "task", "item", "state", "by", "settled by", "proposed", "reason", "merged from"):
        table.add_column(title)
    for one in found:
        cells = (one.task, one.item, one.state, one.by, one.settled_by, one.proposed, one.reason, one.origin)
        table.add_row(f"{one.entry}", *(Text(one_line(cell, 1_000)) for cell in cells))
    out.print(table)
    out.print(NOTE, markup=False, highlight=False)
    return 0


def _write(archive: Path, found: list[Challenge]) -> None:
    write_json("challenges", {"archive": str(archive), "note": NOTE, "challenges": [asdict(one) for one in found]})

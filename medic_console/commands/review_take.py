"""`review take` and `review adjudicate`: card after card as plain text, a line of keys each."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path

from medic_console.commands.options import add_common, archive_of
from medic_console.core.errors import UsageError
from medic_console.core.settings import read_settings, settings_file
from medic_console.linear.cards import Voice, adjudicate, take, take_file


def add_verbs(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add both verbs to those of `review`."""
    take = verbs.add_parser("take", help="decide the cards of a queue, or of a packet")
    add_common(take)
    take.add_argument("queue", nargs="?", metavar="QUEUE")
    take.add_argument("--packet", type=Path, metavar="FILE", help="a packet from another machine, instead of a queue")
    take.add_argument("--as", dest="name", metavar="NAME", help="reviewer, else that of the settings; the PIN is asked")
    take.set_defaults(handler=_take)
    settle = verbs.add_parser("adjudicate", help="settle the cards on which readers differ")
    add_common(settle)
    settle.add_argument("queue", metavar="QUEUE")
    settle.add_argument("--as", dest="name", metavar="NAME", help="neither of the readers")
    settle.set_defaults(handler=lambda given: adjudicate(_voice(), archive_of(given), given.queue, person(given)))


def _take(arguments: argparse.Namespace) -> int:
    if (arguments.queue is None) == (arguments.packet is None):
        raise UsageError("Name a queue or --packet FILE, one of them.", "See medic-console review list.")
    if arguments.packet is not None:
        return take_file(_voice(), arguments.packet, person(arguments))
    return take(_voice(), archive_of(arguments), arguments.queue, person(arguments))


def person(arguments: argparse.Namespace) -> str:
    """Return the name of who reviews: of `--as`, else of the settings.

    Raises:
        UsageError: Neither names anybody.
    """
    name: str = arguments.name or read_settings(settings_file()).settings.reviewer
    if not name:
        raise UsageError("Nobody is named.", 'Give --as NAME, or set it: [review] reviewer = "NAME" in the settings.')
    return name


def ask_pin(prompt: str) -> str:
    """Return the PIN: typed unseen at a terminal, else the next line of stdin."""
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")


def _voice() -> Voice:
    return Voice(_read, _write, ask_pin)


def _read() -> str | None:
    return sys.stdin.readline() or None


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()

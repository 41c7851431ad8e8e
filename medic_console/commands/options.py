"""Arguments that several commands take. Light, so that `--help` is quick."""

from __future__ import annotations

import argparse
from pathlib import Path

from medic_console.core import paths
from medic_console.core.unpacking import MOST, OPTION

NAMED = "name, name and quantisation, or beginning of the sha256"
"""How a model of the archive is named."""


def add_places(parser: argparse.ArgumentParser) -> None:
    """Add the archive and the folder of official files, which may stand before the command too."""
    parser.add_argument("--archive", type=Path, default=argparse.SUPPRESS, metavar="FILE", help="archive to use")
    parser.add_argument("--data", type=Path, default=argparse.SUPPRESS, metavar="DIR", help="folder of official files")
    add_unpacking(parser, argparse.SUPPRESS)
    add_offline(parser, argparse.SUPPRESS)


def add_unpacking(parser: argparse.ArgumentParser, default: str | None) -> None:
    """Add how much a packed file of items may unpack to."""
    parser.add_argument(
        OPTION,
        dest="max_unpacked",
        type=_mebibytes,
        default=default,
        metavar="MIB",
        help=f"most that a packed items file (gz, xlsx) may unpack to ({MOST >> 20:,})",
    )


def add_offline(parser: argparse.ArgumentParser, default: str | None) -> None:
    """Add whether sockets to other machines are refused."""
    parser.add_argument(
        "--offline-proof",
        action=argparse.BooleanOptionalAction,
        default=default,
        help="refuse and count every socket to another machine, in every process (on, unless the settings say no)",
    )


def _mebibytes(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text} is no whole number of MiB above 0")
    return int(text) << 20


def add_forms(parser: argparse.ArgumentParser) -> None:
    """Add the forms of what is printed."""
    parser.add_argument("--json", action="store_true", help="print one JSON document on stdout")
    parser.add_argument(
        "--plain", action="store_true", default=argparse.SUPPRESS, help="one line a fact, for screen readers and logs"
    )


def add_common(parser: argparse.ArgumentParser) -> None:
    """Add places and forms."""
    add_places(parser)
    add_forms(parser)


def add_endpoints(parser: argparse.ArgumentParser, judges: bool = True) -> None:
    """Add the addresses of served models; `judges` are named apart from candidates."""
    parser.add_argument(
        "--endpoint",
        action="append",
        default=[],
        metavar="URL[#MODEL]",
        help=f"{'candidate' if judges else 'judge'} behind a server of OpenAI's protocol (repeatable)",
    )
    if judges:
        parser.add_argument(
            "--judge-endpoint", action="append", default=[], metavar="URL[#MODEL]", help="judge behind one (repeatable)"
        )
    add_public(parser)
    parser.set_defaults(names_servers=lambda given: bool(given.endpoint or getattr(given, "judge_endpoint", ())))


def add_public(parser: argparse.ArgumentParser) -> None:
    """Add that a served model may be outside the house."""
    from medic_console.engine.endpoint.access import PUBLIC  # with the settings, which --help does without

    parser.add_argument(
        PUBLIC,
        dest="public",
        action="store_true",
        help="endpoints may be outside private networks: text leaves the house",
    )


def archive_of(arguments: argparse.Namespace) -> Path:
    """Return the archive that was named, or the usual one."""
    named: Path | None = arguments.archive
    return (named or paths.default_archive()).expanduser().absolute()

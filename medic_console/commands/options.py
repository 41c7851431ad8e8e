"""Arguments that several commands take. Light, so that `--help` is quick."""

from __future__ import annotations

import argparse
from pathlib import Path

from medic_console.core import paths

NAMED = "name, name and quantisation, or beginning of the sha256"
"""How a model of the archive is named."""


def add_places(parser: argparse.ArgumentParser) -> None:
    """Add the archive and the folder of official files, which may stand before the command too."""
    parser.add_argument("--archive", type=Path, default=argparse.SUPPRESS, metavar="FILE", help="archive to use")
    parser.add_argument("--data", type=Path, default=argparse.SUPPRESS, metavar="DIR", help="folder of official files")


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


def archive_of(arguments: argparse.Namespace) -> Path:
    """Return the archive that was named, or the usual one."""
    named: Path | None = arguments.archive
    return (named or paths.default_archive()).expanduser().absolute()

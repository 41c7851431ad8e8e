"""`locate`: print where things lie."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from medic_console.commands.options import add_places, archive_of
from medic_console.core import paths

PLACES = ("config", "data", "archive", "themes", "tasks")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_places(parser)
    parser.add_argument("place", choices=PLACES)
    parser.set_defaults(handler=lambda given: locate(given.place, archive_of(given)))


def locate(place: str, archive: Path) -> int:
    """Print where something lies, and nothing else."""
    found = {
        "config": paths.config_dir(),
        "data": paths.data_dir(),
        "archive": archive,
        "themes": paths.themes_dir(),
        "tasks": paths.tasks_dir(),
    }
    sys.stdout.write(f"{found[place]}\n")
    return 0

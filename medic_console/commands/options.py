"""Arguments that several commands take. Light, so that `--help` is quick."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path

from medic_console.core import paths
from medic_console.core.run_settings import OPTIONS, Option, RunSettings

NAMED = "name, name and quantisation, or beginning of the sha256"
"""How a model of the archive is named."""
USUAL = RunSettings()


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


def add_engine(group: argparse._ArgumentGroup) -> None:
    """Add what decides how the engine runs; an option's `dest` is the name of its setting (`run_settings`)."""
    for name, option in OPTIONS.items():
        if option.engine:
            _add(group, name, option)


def _add(group: argparse._ArgumentGroup, name: str, option: Option) -> None:
    flag, usual, text = name.replace("_", "-"), getattr(USUAL, name), option.help.removesuffix(".")
    if not text[1].isupper():
        text = text[0].lower() + text[1:]
    if option.key.kind == "flag" and usual:
        group.add_argument(f"--no-{flag}", dest=name, action="store_false", help=f"do not {text}")
    elif option.key.kind == "flag":
        group.add_argument(f"--{flag}", dest=name, action="store_true", help=text)
    elif option.key.choices:
        group.add_argument(f"--{flag}", choices=option.key.choices, help=f"{text} ({usual})")
    else:
        kind = int if option.key.kind == "integer" else str
        shown = f"{text} ({usual})" if usual else text
        group.add_argument(f"--{flag}", type=kind, metavar="N" if kind is int else "TEXT", help=shown)


def run_settings(arguments: argparse.Namespace) -> RunSettings:
    """Return the settings that were given, the others as usual: an option is named as its setting."""
    given = {one.name: getattr(arguments, one.name, None) for one in fields(RunSettings)}
    return RunSettings(**{name: value for name, value in given.items() if value is not None})

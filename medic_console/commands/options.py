"""Arguments that several commands take. Light, so that `--help` is quick."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path

from medic_console.core import paths
from medic_console.core.run_settings import RunSettings

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
    group.add_argument("--sequential", action="store_true", help="one at a time, bit-equal on every repeat")
    group.add_argument("--parallel", type=int, metavar="N", help="sequences decoded together (what fits)")
    group.add_argument("--context", type=int, metavar="N", help="tokens a sequence may hold")
    group.add_argument("--gpu-layers", metavar="N", help="layers to offload: auto, all or a number")
    group.add_argument("--threads", type=int, metavar="N", help="CPU threads (physical cores)")
    group.add_argument(
        "--cache",
        choices=("auto", "unified", "streams"),
        help=f"one key-value cache for all sequences, or one for each ({USUAL.cache}: what a task's prompts ask for)",
    )
    group.add_argument("--kv-type", choices=("f16", "q8_0"), help=f"type of the key-value cache ({USUAL.kv_type})")
    group.add_argument("--flash-attention", choices=("auto", "on", "off"))
    group.add_argument(
        "--thinking-budget",
        type=int,
        metavar="N",
        help=f"tokens of a think block; 0: do not think ({USUAL.thinking_budget})",
    )
    group.add_argument("--date", metavar="DAY", help=f"what chat templates take for today ({USUAL.date})")
    group.add_argument(
        "--no-memory-check", dest="memory_check", action="store_false", help="load a model that does not seem to fit"
    )


def run_settings(arguments: argparse.Namespace) -> RunSettings:
    """Return the settings that were given, the others as usual: an option is named as its setting."""
    given = {one.name: getattr(arguments, one.name, None) for one in fields(RunSettings)}
    return RunSettings(**{name: value for name, value in given.items() if value is not None})

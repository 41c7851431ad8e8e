"""Arguments that several commands take. Light, so that `--help` is quick."""

from __future__ import annotations

import argparse
from pathlib import Path

from medic_console.core import paths
from medic_console.core.run_settings import RunSettings

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


def add_engine(group: argparse._ArgumentGroup) -> None:
    """Add what decides how the engine runs."""
    group.add_argument("--sequential", action="store_true", help="one at a time, bit-equal on every repeat")
    group.add_argument("--parallel", type=int, default=0, metavar="N", help="sequences decoded together (what fits)")
    group.add_argument("--context", type=int, default=0, metavar="N", help="tokens a sequence may hold")
    group.add_argument("--gpu-layers", default="auto", metavar="N", help="layers to offload: auto, all or a number")
    group.add_argument("--threads", type=int, default=0, metavar="N", help="CPU threads (physical cores)")
    group.add_argument(
        "--cache",
        choices=("auto", "unified", "streams"),
        default="auto",
        help="one key-value cache for all sequences, or one for each (auto: what a task's prompts ask for)",
    )
    group.add_argument("--kv-type", choices=("f16", "q8_0"), default="f16", help="type of the key-value cache (f16)")
    group.add_argument("--flash-attention", choices=("auto", "on", "off"), default="auto")
    group.add_argument(
        "--thinking-budget", type=int, default=2048, metavar="N", help="tokens of a think block; 0: do not think (2048)"
    )
    group.add_argument(
        "--date", default="2025-01-01", metavar="DAY", help="what chat templates take for today (2025-01-01)"
    )
    group.add_argument("--no-memory-check", action="store_true", help="load a model that does not seem to fit")


def engine_settings(arguments: argparse.Namespace) -> RunSettings:
    """Return the settings that `add_engine` takes."""
    return RunSettings(
        context=arguments.context,
        parallel=arguments.parallel,
        sequential=arguments.sequential,
        gpu_layers=arguments.gpu_layers,
        threads=arguments.threads,
        cache=arguments.cache,
        kv_type=arguments.kv_type,
        flash_attention=arguments.flash_attention,
        thinking_budget=arguments.thinking_budget,
        date=arguments.date,
        memory_check=not arguments.no_memory_check,
    )

"""`models`: look at a model file, name a model. A verb is imported when it is named: `inspect` answers at once."""

from __future__ import annotations

import argparse
from pathlib import Path

from medic_console.commands.options import add_common, add_forms, archive_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(metavar="COMMAND", required=True)
    inspect = verbs.add_parser("inspect", help="what a GGUF file says of itself, and whether it can be audited")
    add_forms(inspect)
    inspect.add_argument("file", type=Path, metavar="FILE")
    inspect.add_argument("--digest", action="store_true", help="read the whole file for its sha256, if it is not known")
    inspect.add_argument(
        "--offload", action="store_true", help="ask llama.cpp for its devices; say how the model would be loaded"
    )
    inspect.set_defaults(handler=_inspect)
    alias = verbs.add_parser("alias", help="give a model a name of yours; without arguments list those given")
    add_common(alias)
    alias.add_argument(
        "model", nargs="?", metavar="MODEL", help="file, or beginning of the sha256, or name in the archive"
    )
    alias.add_argument("name", nargs="?", default=None, metavar="NAME", help='the name; "" takes it away')
    alias.set_defaults(handler=_alias)


def _inspect(arguments: argparse.Namespace) -> int:
    from medic_console.commands.models_inspect import show_model

    return show_model(arguments.file, arguments.digest, arguments.offload, arguments.json)


def _alias(arguments: argparse.Namespace) -> int:
    from medic_console.commands.models_alias import name_model, show_aliases

    if arguments.model is None:
        return show_aliases(arguments.json)
    return name_model(arguments.model, arguments.name, archive_of(arguments), arguments.json)

"""`licences`: what is installed with the program and under which licence, as a table, JSON or a CycloneDX document."""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from medic_console.commands import consoles
from medic_console.commands.options import add_forms
from medic_console.commands.output import write_json
from medic_console.core.installed import Distribution, installed
from medic_console.core.units import count
from medic_console.core.visible import escaped

UNKNOWN = "not stated"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_forms(parser)
    parser.add_argument(
        "--cyclonedx", action="store_true", help="a CycloneDX 1.7 document (SBOM) of all that is installed, as JSON"
    )
    parser.set_defaults(handler=lambda given: show_licences(given.json, given.cyclonedx))


def show_licences(as_json: bool, cyclonedx: bool) -> int:
    """Print what is installed; what is under the GPL or the AGPL is marked."""
    found = installed()
    if cyclonedx:
        from medic_console.reports.formats.cyclonedx import installed_bom

        document = installed_bom(datetime.datetime.now(datetime.UTC), found)
        sys.stdout.write(escaped(json.dumps(document, indent=2)) + "\n")
    elif as_json:
        write_json("licences", {"distributions": [_record(one) for one in found]})
    else:
        _print(found)
    return 0


def _record(one: Distribution) -> dict[str, object]:
    return {
        "name": one.name,
        "version": one.version,
        "licence": one.licence,
        "expression": one.expression,
        "copyleft": one.copyleft,
    }


def _print(found: Sequence[Distribution]) -> None:
    console = consoles.output()
    table = Table("distribution", "version", "licence", "", box=None, pad_edge=False)
    for one in found:
        mark = "! GPL or AGPL" if one.copyleft else ""
        table.add_row(*map(Text, (one.name, one.version, one.licence or UNKNOWN, mark)))
    console.print(table)
    marked, silent = sum(one.copyleft for one in found), sum(not one.licence for one in found)
    console.print(
        f"{count(len(found), 'distribution')}: {marked} under the GPL or the AGPL, {silent} that state no licence. "
        "As their metadata state it; llama.cpp, which llama-cpp-python brings along, is MIT.",
        highlight=False,
    )

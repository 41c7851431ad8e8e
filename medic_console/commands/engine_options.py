"""Arguments of the commands that load a model: one option for each setting of the engine."""

from __future__ import annotations

import argparse
from dataclasses import fields
from typing import Any

from medic_console.core.run_settings import OPTIONS, Option, RunSettings

USUAL = RunSettings()


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
        group.add_argument(f"--no-{flag}", dest=name, action="store_false", default=None, help=f"do not {text}")
    elif option.key.kind == "flag":
        group.add_argument(f"--{flag}", dest=name, action="store_true", default=None, help=text)
    elif option.key.choices:
        group.add_argument(f"--{flag}", choices=option.key.choices, help=f"{text} ({usual})")
    else:
        kind = int if option.key.kind == "integer" else str
        shown = f"{text} ({usual})" if usual else text
        group.add_argument(f"--{flag}", type=kind, metavar="N" if kind is int else "TEXT", help=shown)


def run_settings(arguments: argparse.Namespace) -> RunSettings:
    """Return the settings that were given, the others as usual: an option is named as its setting."""
    return RunSettings(**given_settings(arguments))


def given_settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that were given."""
    given = {one.name: getattr(arguments, one.name, None) for one in fields(RunSettings)}
    return {name: value for name, value in given.items() if value is not None}

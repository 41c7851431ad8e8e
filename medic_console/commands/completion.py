"""`--completion SHELL`: the script that completes our words in a shell."""

from __future__ import annotations

import argparse
from pathlib import Path

import shtab


def completion(parser: argparse.ArgumentParser, shell: str) -> str:
    """Return the script for a shell: commands, options, their choices, and files where an argument takes one.

    Args:
        parser: With every command's arguments.
        shell: One of `cli.SHELLS`.
    """
    _complete_files(parser)
    return str(shtab.complete(parser, shell=shell)) + "\n"


def _complete_files(parser: argparse.ArgumentParser) -> None:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                _complete_files(command)
        elif action.type is Path:
            action.complete = shtab.FILE  # type: ignore[attr-defined]

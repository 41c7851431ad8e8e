"""`--spec`: every command with its words, options and exit codes, as one JSON document for programs that call ours."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from medic_console import __version__
from medic_console.core.documents import KINDS, PREFIX

EXIT_CODES: Mapping[str, str] = MappingProxyType(
    {"0": "done", "1": "finished with failures", "2": "usage or set-up", "130": "interrupted, resumable"}
)


def spec(parser: argparse.ArgumentParser) -> dict[str, Any]:
    """Return the document of a parser that has every command's arguments."""
    head = {"version": __version__, "exit_codes": dict(EXIT_CODES)}
    documents = [{"schema": f"{PREFIX}{kind}", "of": said} for kind, said in KINDS.items()]
    return {
        **head,
        "documents": documents,
        "arguments": list(_arguments(parser)),
        "commands": list(_commands(parser, "")),
    }


def _commands(parser: argparse.ArgumentParser, before: str) -> Iterator[dict[str, Any]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            said = {one.dest: one.help or "" for one in action._choices_actions}
            for name, command in action.choices.items():
                words = f"{before}{name}"
                yield {"command": words, "help": said.get(name, ""), "arguments": list(_arguments(command))}
                yield from _commands(command, f"{words} ")


def _arguments(parser: argparse.ArgumentParser) -> Iterator[dict[str, Any]]:
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction | argparse._SubParsersAction):
            continue
        yield {
            "name": action.dest,
            "options": list(action.option_strings),
            "value": None if action.nargs == 0 else str(action.metavar or action.dest),
            "choices": None if action.choices is None else [str(one) for one in action.choices],
            "required": action.required,
            "several": action.nargs in ("+", "*") or isinstance(action, argparse._AppendAction),
            "help": action.help or "",
        }

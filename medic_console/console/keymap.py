"""Keys that a person has chosen: checked against the table of commands, so that none takes another's place."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from textual.keys import KEY_NAME_REPLACEMENTS, Keys, format_key

from medic_console.console.command import Command
from medic_console.console.commands import COMMANDS, STAGES

EVERYWHERE = frozenset({"app", "screen"})
PANES = frozenset({"list", "text"})
"""Kinds of pane that any screen may hold."""
_LINES = frozenset({"search", "edit"})
"""Lines that take all keys while one types."""
_TAKEN = {
    "ctrl+c": "it answers how to quit",
    "ctrl+m": "terminals send it for enter",
    "ctrl+h": "terminals send it for backspace",
    "ctrl+i": "terminals send it for tab",
    "ctrl+j": "terminals send it for enter",
    "tab": "it goes to the next pane",
    "shift+tab": "it goes to the previous pane",
}
_MODIFIERS = ("ctrl", "alt", "shift", "super", "hyper", "meta")


@dataclass(frozen=True, slots=True)
class Keymap:
    """Keys by command id that can be used, and one sentence for each that cannot."""

    keys: Mapping[str, str]
    faults: tuple[str, ...]


def keymap(wanted: Mapping[str, str], together: Iterable[tuple[str, ...]]) -> Keymap:
    """Check chosen keys; a command whose keys are refused keeps its usual ones.

    Args:
        wanted: Comma-separated keys by command id.
        together: Places of the table whose commands work at the same time, a tuple for each screen.
    """
    commands = {command.id: command for command in COMMANDS}
    keys: dict[str, str] = {}
    faults: list[str] = []
    groups = [frozenset(group) for group in (*together, *STAGES)]
    for name, text in wanted.items():
        command, named = commands[name], [normal(key) for key in text.split(",") if key.strip()]
        reason = next((why for key in named if (why := _refusal(key, command))), "") if named else "it names no key"
        if reason:
            faults.append(f'keys.{name} = "{text}": {reason}. The command keeps {command.shown_keys({})}.')
        else:
            keys[name] = ",".join(named)
    for command, other, key in _clashes(keys, groups):
        keys.pop(command.id, None)
        faults.append(
            f"keys.{command.id}: {format_key(key)} is also the key of {other.id} ({other.label}). "
            f"{command.label} keeps {command.shown_keys({})}."
        )
    return Keymap(keys, tuple(faults))


def normal(key: str) -> str:
    """Return a key's name as Textual gives it: `?` becomes `question_mark`, `CTRL+G` becomes `ctrl+g`."""
    *modifiers, last = key.strip().split("+") if len(key.strip()) > 1 else [key.strip()]
    if len(last) == 1 and not last.isalnum():
        last = unicodedata.name(last, last).lower().replace("-", "_").replace(" ", "_")
    elif len(last) > 1 or modifiers:
        last = last.lower()
    return "+".join([*(modifier.lower() for modifier in modifiers), KEY_NAME_REPLACEMENTS.get(last, last)])


_NAMES = frozenset(key.value for key in Keys) | {
    normal(chr(code)) for code in range(0x21, 0x250) if chr(code).isprintable()
}
"""Keys of a terminal, and the signs that keyboards of Latin scripts have."""


def _refusal(key: str, command: Command) -> str:
    """Return why a key cannot be used; empty when it can."""
    *modifiers, last = key.split("+")
    if key in _TAKEN:
        return f"{key} cannot be used: {_TAKEN[key]}"
    if command.where == "app" and command.keys.startswith("ctrl") and len(last) == 1 and "ctrl" not in modifiers:
        return f"{key} would be taken from every text that is typed; use a key with ctrl or a function key"
    known = len(last) == 1 or last in _NAMES
    strange = next((one for one in modifiers if one not in _MODIFIERS), None if known else last)
    if strange is None:
        return ""
    near = difflib.get_close_matches(strange, (*_MODIFIERS, *_NAMES), n=1)
    return f'there is no key "{strange}"' + (f'; did you mean "{near[0]}"?' if near else "")


def _clashes(keys: Mapping[str, str], groups: list[frozenset[str]]) -> list[tuple[Command, Command, str]]:
    """Return each changed command with the command and the key that it meets, until none is left."""
    left = dict(keys)
    found: list[tuple[Command, Command, str]] = []
    while True:
        clash = next(
            (
                (command, other, key)
                for command in COMMANDS
                if command.id in left
                for other in COMMANDS
                if other.id != command.id and _meet(command.where, other.where, groups)
                for key in set(command.keys_in(left).split(",")) - set(command.keys.split(","))
                if key in other.keys_in(left).split(",")
            ),
            None,
        )
        if clash is None:
            return found
        found.append(clash)
        del left[clash[0].id]


def _meet(place: str, other: str, groups: list[frozenset[str]]) -> bool:
    """Tell whether commands of two places can work at the same time."""
    if place == other:
        return True
    if not {place, other}.isdisjoint(_LINES):
        return False
    pair = {place, other}
    return bool(pair & (EVERYWHERE | PANES)) or any(pair <= group for group in groups)

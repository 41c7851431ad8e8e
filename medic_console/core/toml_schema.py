"""Check a parsed TOML table against a strict schema and say where it breaks."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Key:
    """What one key must hold.

    Attributes:
        kind: `text`, `texts` (list of texts), `integer`, `number`, `flag`, `table`, `tables`, or `values` (table of any
            keys whose values are texts or tables of texts).
        required: Whether the key must be there.
        choices: Allowed texts; empty for any.
        keys: Of a table or of each of the tables.
        least: Least integer or number; None for any.
        most: Greatest integer or number; None for any.
    """

    kind: str
    required: bool = True
    choices: tuple[str, ...] = ()
    keys: Mapping[str, Key] = field(default_factory=dict)
    least: float | None = None
    most: float | None = None


_ENDLESS = re.compile(r"\d{4000}")
_GREATEST = 2**63 - 1
"""Greatest integer of TOML."""


class SchemaFault(Exception):
    """A file breaks its schema.

    Attributes:
        line: 1-based line; 0 when no line can be named.
        message: What is wrong, naming the key.
        path: Tables and key that are at fault.
    """

    def __init__(self, message: str, line: int, path: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.path = path


def parse(text: str) -> dict[str, Any]:
    """Return what TOML says: the quick parser first; the other one knows the line of a fault.

    Raises:
        SchemaFault: It is no TOML, is nested without end, or holds a number or date that is none.
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        lines = text.splitlines()
        deepest = max(lines, key=lambda line: line.count("[") + line.count("{"))
        raise SchemaFault("values are nested too deep", lines.index(deepest) + 1) from None
    except ValueError as error:
        found = error
    import tomlkit  # only where a line is sought: it loads slowly
    from tomlkit.exceptions import ParseError, TOMLKitError

    try:
        tomlkit.parse(text)
    except ParseError as error:
        said = re.sub(r"\.? at line \d+ col \d+$", "", str(error))
        raise SchemaFault(said, _line_of_twice(text, said, error.line)) from error
    except (ValueError, RecursionError, TOMLKitError):
        pass
    raise SchemaFault(str(found), _line_of_digits(text)) from found


def _line_of_twice(text: str, said: str, line: int) -> int:
    """Return the line of a fault; of a key or table that comes twice the parser names a line behind it."""
    twice = re.match(r'Key "(.+)" already exists', said)
    if twice is None:
        return line
    begins = re.compile(rf'\s*\[*\s*["\']?{re.escape(twice.group(1))}["\']?\s*[\].=]')
    lines = text.splitlines()[:line]
    return next((number for number in range(len(lines), 0, -1) if begins.match(lines[number - 1])), line)


def _line_of_digits(text: str) -> int:
    """Return the line of a number with more digits than Python converts; 0 without one."""
    return next((number for number, line in enumerate(text.splitlines(), 1) if _ENDLESS.search(line)), 0)


def check(record: Mapping[str, Any], keys: Mapping[str, Key], text: str) -> None:
    """Check `record`, parsed from `text`, against `keys`.

    Raises:
        SchemaFault: A key is unknown, missing or of the wrong type or value; the first of all faults.
    """
    for fault in faults(record, keys, text):
        raise fault


def faults(
    record: Mapping[str, Any], keys: Mapping[str, Key], text: str, path: tuple[str, ...] = ()
) -> Iterator[SchemaFault]:
    """Yield every key of `record`, parsed from `text`, that breaks `keys`."""
    for name in record:
        if name not in keys:
            near = difflib.get_close_matches(name, keys, n=1, cutoff=0.5)
            hint = f'; did you mean "{near[0]}"?' if near else f"; known keys: {', '.join(keys)}"
            yield _fault(f'unknown key "{_dotted(path, name)}"{hint}', text, path, name)
    for name, key in keys.items():
        if name in record:
            yield from _value_faults(record[name], key, text, path, name)
        elif key.required:
            message = f'missing key "{_dotted(path, name)}" ({key.kind})'
            yield SchemaFault(message, line_of(text, path, ""), (*path, name))


def line_of(text: str, path: tuple[str, ...], name: str) -> int:
    """Return the 1-based line of a key, or of its table's header for an empty name; 0 when it is not found."""
    table: tuple[str, ...] = ()
    header, quoted = int(not path), ""
    for number, line in enumerate(text.splitlines(), 1):
        if quoted:
            quoted = "" if quoted in line else quoted
            continue
        if match := re.match(r"\s*\[\[?\s*([\w.\-\" ]+?)\s*\]\]?\s*(#.*)?$", line):
            table = tuple(part.strip(' "') for part in match.group(1).split("."))
            header = number if table == path else header
        elif name and table == path and re.match(rf'\s*"?{re.escape(name)}"?\s*[=.]', line):
            return number
        for mark in ('"""', "'''"):
            if line.count(mark) % 2:
                quoted = mark
    return 0 if name else header


def _value_faults(value: Any, key: Key, text: str, path: tuple[str, ...], name: str) -> Iterator[SchemaFault]:
    kinds: dict[str, bool] = {
        "text": isinstance(value, str),
        "texts": isinstance(value, list) and all(isinstance(entry, str) for entry in value),
        "integer": isinstance(value, int) and not isinstance(value, bool),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
        "flag": isinstance(value, bool),
        "table": isinstance(value, dict),
        "tables": isinstance(value, list) and all(isinstance(entry, dict) for entry in value),
        "values": isinstance(value, dict) and all(map(_is_value, value.values())),
    }
    if not kinds[key.kind]:
        shown = type(value).__name__
        yield _fault(f'"{_dotted(path, name)}" must be of type {key.kind}, it is {shown}', text, path, name)
        return
    if isinstance(value, int) and abs(value) > _GREATEST:
        yield _fault(f'"{_dotted(path, name)}" is no number that can be used', text, path, name)
        return
    if key.least is not None and not value >= key.least:
        yield _fault(f'"{_dotted(path, name)}" is {value}, it must be at least {key.least:g}', text, path, name)
    elif key.most is not None and not value <= key.most:
        yield _fault(f'"{_dotted(path, name)}" is {value}, it must be at most {key.most:g}', text, path, name)
    entries = value if isinstance(value, list) else [value]
    for entry in entries:
        if key.choices and entry not in key.choices:
            near = difflib.get_close_matches(str(entry), key.choices, n=1, cutoff=0.5)
            hint = f'; did you mean "{near[0]}"?' if near else ""
            must = f"it must be one of {', '.join(key.choices)}{hint}"
            yield _fault(f'"{_dotted(path, name)}" is "{entry}", {must}', text, path, name)
        if isinstance(entry, dict) and key.kind != "values":
            yield from faults(entry, key.keys, text, (*path, name))


def _fault(message: str, text: str, path: tuple[str, ...], name: str) -> SchemaFault:
    """The key may stand in its table, be a table itself, or be written with dots in a table further out."""
    whole = (*path, name)
    places = [(path, name), (whole, ""), *((path[:n], _dotted(path[n:], name)) for n in range(len(path)))]
    return SchemaFault(message, next((line for place in places if (line := line_of(text, *place))), 0), whole)


def _is_value(value: Any) -> bool:
    texts = value.values() if isinstance(value, dict) else [value]
    return all(isinstance(text, str) for text in texts)


def _dotted(path: tuple[str, ...], name: str) -> str:
    return ".".join((*path, name))

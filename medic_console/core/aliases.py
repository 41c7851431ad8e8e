"""Names that a person gave to models: one JSON file in the config folder, by the digest of the model's file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from medic_console.core import paths
from medic_console.core.errors import SettingsError
from medic_console.core.small_files import read_text

FILE = "aliases.json"
LONGEST = 60
"""Characters of an alias: it stands in tables."""
_KNOWN: dict[Path, tuple[tuple[int, int], dict[str, str]]] = {}
"""What a file held, with its size and time then."""


_HELD: ContextVar[dict[str, str] | None] = ContextVar("aliases", default=None)


@contextmanager
def looked_up_once() -> Iterator[None]:
    """Look into the file once for all that is named in the block or function, such as one drawing of a screen."""
    token = _HELD.set(aliases())
    try:
        yield
    finally:
        _HELD.reset(token)


def aliases() -> dict[str, str]:
    """Return all aliases by sha256; a file that cannot be read holds none."""
    if (held := _HELD.get()) is not None:
        return held
    path = _path()
    try:
        status = path.stat()
        mark = (status.st_size, status.st_mtime_ns)
        if path not in _KNOWN or _KNOWN[path][0] != mark:
            _KNOWN[path] = (mark, _read(path))
        return _KNOWN[path][1]
    except (OSError, SettingsError):
        return {}


def set_alias(sha256: str, alias: str) -> str:
    """Give a model a name, or with an empty one take it away; return the name as it is kept.

    Raises:
        SettingsError: The name is too long, more than a line or another model's, or the file cannot be used.
    """
    alias = alias.strip()
    if len(alias) > LONGEST or not alias.isprintable():
        raise SettingsError(f"{alias[:LONGEST]!r} is no alias.", f"Use one line of at most {LONGEST} characters.")
    path = _path()
    found = _read(path) if path.exists() else {}
    owner = next((other for other, name in found.items() if name.casefold() == alias.casefold()), sha256)
    if alias and owner != sha256:
        raise SettingsError(f'"{alias}" is the alias of another model ({owner[:19]}).', "Name each model apart.")
    found.pop(sha256, None)
    _write(path, {**found, sha256: alias} if alias else found)
    return alias


def _path() -> Path:
    return paths.config_dir() / FILE


def _read(path: Path) -> dict[str, str]:
    try:
        found = json.loads(read_text(path))
    except (OSError, ValueError, RecursionError) as error:
        raise SettingsError(f"{path}: the aliases cannot be read ({error}).", "Correct or remove the file.") from error
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found.values()):
        raise SettingsError(f"{path}: not a list of aliases.", "Correct or remove the file.")
    return found


def _write(path: Path, found: dict[str, str]) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        paths.private(path.parent)
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise SettingsError(f"{path}: cannot be written ({error}).", "Correct the folder's permissions.") from error

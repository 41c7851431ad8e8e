"""The keys that the ledger's entries are chained with: a file of mode 0600, or an environment variable.

Both hold hexadecimal keys, the oldest first; the last one makes new entries, the others check old ones.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from medic_console.core import paths
from medic_console.core.errors import UsageError

VARIABLE = "MEDIC_CONSOLE_LEDGER_KEY"
_BYTES = 32
_LEAST = 16
"""Bytes of a key that is not ours; a shorter one can be guessed."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys by name; a name tells nothing of its key.

    Attributes:
        current: Name of the key for new entries; empty without any.
    """

    by_name: Mapping[str, bytes]
    current: str


def name_of(key: bytes) -> str:
    """Return what entries call a key: 16 hexadecimal digits."""
    return hashlib.sha256(b"medic-console ledger key\0" + key).hexdigest()[:16]


def load_keys(create: bool = False) -> Keys:
    """Return the keys of the environment or of the key file.

    Args:
        create: Make a file with a new key where there is none.

    Raises:
        UsageError: A key is no hexadecimal number of 16 bytes or more, or the file cannot be read or made, or others
            may read it; it is empty, where a key is to be had.
    """
    given = os.environ.get(VARIABLE, "").replace(",", " ")
    if given.strip():
        return _keys(given.split(), VARIABLE)
    path = paths.ledger_key()
    try:
        if create and not path.exists():
            _add_first(path)
        found = _keys(_read(path).split(), str(path))
    except FileNotFoundError:
        return Keys({}, "")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path}: the ledger's key cannot be read or made ({error}).",
            f"Correct the permissions of the file and its folder, or give the key in {VARIABLE}.",
        ) from error
    if create and not found.by_name:
        raise UsageError(
            f"{path}: the file of the ledger's key is empty.",
            "Put a copy of it back; without one take the file away: a new key is made, and who wrote the entries "
            "before is not proved any more.",
        )
    return found


def add_key() -> tuple[str, Keys]:
    """Add a new key to the file, and return its name and the keys as they were.

    The file is replaced whole, so that a power cut leaves the old keys or the new ones.

    Raises:
        UsageError: The keys come from the environment, or the file cannot be written.
    """
    if os.environ.get(VARIABLE, "").strip():
        raise UsageError(
            f"The ledger's key comes from {VARIABLE}.", "Put a new key behind the old one there, with a comma between."
        )
    before, path = load_keys(create=True), paths.ledger_key()
    key = secrets.token_bytes(_BYTES)
    lines = [*(one.hex() for one in before.by_name.values()), key.hex()]
    try:
        _written(path, lines).replace(path)
    except OSError as error:
        raise UsageError(f"{path}: the ledger's key cannot be written ({error.strerror}).") from error
    return name_of(key), before


def _keys(words: list[str], where: str) -> Keys:
    try:
        found = [bytes.fromhex(word) for word in words]
    except ValueError as error:
        raise UsageError(f"{where}: a key is no hexadecimal number.", "Give 64 hexadecimal digits.") from error
    if any(len(key) < _LEAST for key in found):
        raise UsageError(f"{where}: a key has fewer than {_LEAST} bytes.", "Give 64 hexadecimal digits.")
    return Keys({name_of(key): key for key in found}, name_of(found[-1]) if found else "")


def _read(path: Path) -> str:
    if path.exists() and not path.is_file():
        raise UsageError(f"{path}: the ledger's key belongs there, but this is no file.", "Take it away.")
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError(f"{path}: others may read the ledger's key.", f"Take that right away: chmod 600 {path}")
    return path.read_text("ascii")


def _add_first(path: Path) -> None:
    """Make the file; where another process makes it at the same time, the first one stays."""
    new = _written(paths.private(path.parent) / path.name, [secrets.token_bytes(_BYTES).hex()])
    try:
        os.link(new, path)
    except FileExistsError:
        pass
    finally:
        new.unlink()


def _written(path: Path, lines: list[str]) -> Path:
    """Return a new file beside `path` that holds the lines and is on the disk."""
    new = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return new

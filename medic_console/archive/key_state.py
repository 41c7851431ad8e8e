"""Whether the key is at hand that the ledger goes on with: seen, and told, before anything is asked or written."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

from medic_console.archive.database import open_readonly
from medic_console.archive.ledger import needs_new_key
from medic_console.archive.ledger_key import VARIABLE, Keys, load_keys
from medic_console.core import paths
from medic_console.core.notices import tell
from medic_console.core.units import count

_told: set[Path] = set()
"""Archives of which this process has told it: a writer is made more than once in a command."""


def ready(path: Path) -> None:
    """See that entries can be made; where the ledger's own key is not at hand, tell it once.

    It goes on all the same: the next entry then says that another key begins there (`Kind.NEW_KEY`).

    Args:
        path: The archive; it need not be there yet.

    Raises:
        UsageError: The key cannot be used.
        ArchiveError: The archive cannot be read.
    """
    known = path in _told
    text = key_told(path)
    if text and not known:
        tell(text)
    load_keys(create=True)


def key_told(path: Path) -> str:
    """Return what is to be told of the key before a person begins; empty where all is well.

    Args:
        path: The archive; it need not be there yet.

    Raises:
        UsageError: The key cannot be used.
        ArchiveError: The archive cannot be read.
    """
    keys = load_keys()
    if not keys.by_name and _is_there(paths.ledger_key()):
        load_keys(create=True)  # which refuses an empty file
    text = lost_key(path, keys)
    if text:
        _told.add(path)
    return text


def lost_key(path: Path, keys: Keys) -> str:
    """Return that the key of the last entry is not at hand, what is proved without it and what to do; else nothing.

    Args:
        path: The archive; it need not be there yet.
        keys: Those that are at hand.

    Raises:
        ArchiveError: The archive cannot be read.
    """
    path = path.expanduser().absolute()
    if not path.is_file():
        return ""
    with closing(open_readonly(path)) as connection:
        gone = needs_new_key(connection, keys)
        if not gone:
            return ""
        counted = dict(connection.execute("SELECT key, count(*) FROM ledger GROUP BY key").fetchall())
    total, proved = sum(counted.values()), sum(counted[key] for key in counted if key in keys.by_name)
    return (
        f"The key {gone} of the ledger's last entry is not at hand: {_where(keys)}. "
        f"Of {count(total, 'entry', 'entries')} {proved:,} can still be proved to be the house's own; of the others "
        "archive verify compares what they name, but somebody may have rewritten both. "
        "Put a copy of the key back before you go on; else the next entry begins under another key, and says so."
    )


def _where(keys: Keys) -> str:
    if os.environ.get(VARIABLE, "").strip():
        return f"{VARIABLE} holds another one"
    return f"{paths.ledger_key()} {'holds another one' if keys.by_name else 'is gone'}"


def _is_there(file: Path) -> bool:
    try:
        return file.exists()
    except OSError:  # its folder may not be entered: who needs the key is told so
        return False

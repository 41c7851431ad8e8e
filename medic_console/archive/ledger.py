"""The ledger: entries that are only added, each chained to the one before by HMAC-SHA256 (RFC 2104).

Every function here works inside the transaction of its caller, so that a thing and its entry are stored together.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import islice
from json.encoder import encode_basestring_ascii
from math import isfinite
from types import MappingProxyType
from typing import Any

from medic_console.archive.ledger_key import Keys, add_key, load_keys
from medic_console.core.errors import ArchiveError

_json = json.JSONEncoder(separators=(",", ":")).encode
FIRST = "0" * 64
"""What stands for the `mac` before the first entry."""


class Kind(StrEnum):
    """What an entry tells of."""

    RUN_STARTED = "run started"
    RUN_ENDED = "run ended"
    REVIEWER = "reviewer"
    QUEUE = "queue"
    DECISION = "decision"
    CARD = "card of a judge"
    MERGE = "merge"
    IMPORT = "import"
    EXPORT = "export"
    RUNS_MERGED = "runs merged"
    RUNS_EXPORTED = "runs exported"
    FORGOTTEN = "texts forgotten"
    WITHDRAWN = "scores withdrawn"
    CHALLENGE = "challenge"
    """Of a reference label; a later entry accepts or withdraws it."""
    ROTATION = "rotation"
    """The last entry under an old key; it names the next one."""
    NEW_KEY = "new key"
    """The first entry under a key that no entry of the old one names: the old key was not at hand."""


COLUMNS = "sequence, created, kind, subject, digest, key, previous, mac"


_WRITERS: Mapping[type, Callable[[Any], str]] = MappingProxyType(
    {
        str: encode_basestring_ascii,
        int: repr,
        float: lambda number: repr(number) if isfinite(number) else _json(number),
        type(None): lambda _: "null",
    }
)
"""JSON of what rows hold, without an encoder for each: a ledger has a hundred thousand rows."""


_TOGETHER = 256
"""Rows that are hashed at a time."""


def _line(row: Sequence[Any]) -> str:
    """Return a row as JSON: ASCII alone, whatever bytes it holds."""
    return f"[{','.join([_WRITERS.get(type(one), _json)(one) for one in row])}]"


def content_digest(rows: Iterable[Sequence[Any]]) -> str:
    """Return the digest of rows as they are stored: hexadecimal, whatever bytes a text holds."""
    return _digest_of(map(_line, rows))


def leaves_digest(leaves: Iterable[tuple[int, str]]) -> str:
    """Return `content_digest` of rows of a number and a text, of which an archive may have a million."""
    return _digest_of(f"[{number},{encode_basestring_ascii(text)}]" for number, text in leaves)


def _digest_of(lines: Iterator[str]) -> str:
    hashed = hashlib.sha256()
    while part := list(islice(lines, _TOGETHER)):
        hashed.update("".join(f"{line}\n" for line in part).encode("ascii"))
    return hashed.hexdigest()


def mac_of(key: bytes, row: Sequence[Any]) -> str:
    """Return the keyed hash of an entry: of its parts with a zero byte between; empty where a part holds one.

    Args:
        key: The key that the entry names.
        row: Its `COLUMNS` without `mac`.
    """
    parts = "\0".join(map(str, row)).encode("utf-8", "surrogateescape")
    return hmac.digest(key, parts, "sha256").hex() if parts.count(0) == len(row) - 1 else ""


def append(connection: Any, kind: Kind, subject: Mapping[str, Any], digest: str) -> None:
    """Add an entry, in the transaction that holds what it tells of.

    Args:
        connection: Takes `execute`.
        kind: What it tells of.
        subject: Names what it is about.
        digest: Of the content.

    Raises:
        UsageError: The key cannot be used.
    """
    next_entry(connection)
    keys = load_keys(create=True)
    _add(connection, keys, keys.current, (kind, subject, digest))


def next_entry(connection: Any) -> int:
    """Return the number that the next entry of `append` will have; a change of keys is entered before it.

    Raises:
        UsageError: The key cannot be used.
    """
    keys = load_keys(create=True)
    last = _last(connection)
    if last is not None and last[3] != keys.current and not _names(last, keys.current):
        _change_key(connection, last, keys)
    return head(connection)[0] + 1


def needs_new_key(connection: Any, keys: Keys) -> str:
    """Return the name of the last entry's key where `append` will have to do without it; else nothing."""
    last = _last(connection)
    lacks = last is not None and last[3] not in keys.by_name and not _names(last, keys.current)
    return str(last[3]) if last is not None and lacks else ""


def head(connection: Any) -> tuple[int, str]:
    """Return number and `mac` of the last entry; 0 and `FIRST` without one."""
    last = _last(connection)
    return (last[0], last[4]) if last is not None else (0, FIRST)


def rotate(connection: Any) -> str:
    """Make a new key for the entries to come, say so in an entry under the old one, and return its name.

    The key is on the disk before the entry is committed: an interruption leaves a key that `append` changes to.

    Raises:
        UsageError: The key comes from the environment, or its file cannot be written.
    """
    last, (name, before) = _last(connection), add_key()
    if last is not None and last[3] != before.current and not _names(last, before.current):
        _change_key(connection, last, before)
    _add(connection, before, before.current, (Kind.ROTATION, {"to": name}, content_digest([[name]])))
    return name


def _change_key(connection: Any, last: Sequence[Any], keys: Keys) -> None:
    """Go over to the current key: under the old one where it is at hand, else by an entry that says that it is not."""
    old = str(last[3])
    if old in keys.by_name:
        _add(connection, keys, old, (Kind.ROTATION, {"to": keys.current}, content_digest([[keys.current]])))
    else:
        subject = {"from": old, "to": keys.current}
        _add(connection, keys, keys.current, (Kind.NEW_KEY, subject, content_digest([[old, keys.current]])))


def _last(connection: Any) -> Sequence[Any] | None:
    query = "SELECT sequence, kind, subject, key, mac FROM ledger ORDER BY sequence DESC LIMIT 1"
    found: Sequence[Any] | None = connection.execute(query).fetchone()
    return found


def _names(last: Sequence[Any], key: str) -> bool:
    return bool(last[1] == Kind.ROTATION and json.loads(last[2]).get("to") == key)


def _add(connection: Any, keys: Keys, key: str, entry: tuple[Kind, Mapping[str, Any], str]) -> None:
    kind, subject, digest = entry
    number, previous = head(connection)
    if key not in keys.by_name:
        raise ArchiveError("The ledger has no key.", "Give one in MEDIC_CONSOLE_LEDGER_KEY.")
    created = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    row = [number + 1, created, str(kind), json.dumps(subject, ensure_ascii=False), digest, key, previous]
    row.append(mac_of(keys.by_name[key], row))
    connection.execute(f"INSERT INTO ledger ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

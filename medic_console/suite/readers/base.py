"""What every reader returns, and the checks that they share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar, runtime_checkable

from medic_console.core.errors import ItemsError
from medic_console.core.records import Item
from medic_console.core.spool import Spool
from medic_console.suite.readers.tables import Row

Skipped = tuple[str, str]
"""Where a record stands and why it was left out."""

PART = "part"
"""Field of an item: which part of its benchmark it comes from, where a benchmark has parts."""
_NAMED = 3
_MANY = 20_000
"""Items whose ids are all held at once."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Records:
    """An items file as read.

    Attributes:
        items: In the order of the file.
        read: Records found; always `len(items) + len(skipped)`.
        skipped: Records left out, each with its place and the reason.
        notes: What a person should know about the file (version, empty tables), one sentence each.
        shared: Placeholders that are the same for every item.
        resources: Files that the scorer needs, by name.
    """

    items: Sequence[Item]
    read: int
    skipped: Sequence[Skipped] = ()
    notes: tuple[str, ...] = ()
    shared: Mapping[str, str] = field(default_factory=dict)
    resources: Mapping[str, Path] = field(default_factory=dict)


class ItemsReader(Protocol):
    """A format."""

    def recognises(self, path: Path, /) -> bool:
        """Tell whether `path` holds this format, by its keys or columns. Never raises."""

    def read(self, path: Path, /) -> Records:
        """Read the whole of `path`.

        Raises:
            ItemsError: The file cannot be read as this format, or ids are there twice.
        """


@runtime_checkable
class FolderReader(Protocol):
    """A format whose set is a folder of files; a file that is named is read alone."""

    def read_folder(self, path: Path, /) -> Records:
        """Read all files of a folder.

        Raises:
            ItemsError: A file cannot be read as this format.
        """


@dataclass(frozen=True, slots=True)
class Format:
    """A format of two functions, as `Reader` describes them."""

    recognises: Callable[[Path], bool]
    read: Callable[[Path], Records]


@dataclass(frozen=True, slots=True)
class FolderFormat(Format):
    """A format of three functions, as `Reader` and `FolderReader` describe them."""

    read_folder: Callable[[Path], Records]


def records(path: Path, items: Iterable[Item], skipped: Iterable[Skipped], notes: Iterable[str]) -> Records:
    """Return the checked records of a file without shared text.

    Raises:
        ItemsError: Ids are there twice, or there is no item at all.
    """
    kept, left_out = _whole(items), _whole(skipped)
    check_ids(path, kept)
    if not kept:
        raise ItemsError(f"{path}: there is no item in this file.", "Give a file that holds at least one record.")
    return Records(kept, len(kept) + len(left_out), left_out, tuple(notes))


def _whole(entries: Iterable[T]) -> Sequence[T]:
    """Return entries that were read, which stay on disk where they are too large for memory."""
    return (entries if isinstance(entries, Spool) else Spool(entries)).whole()


def check_ids(path: Path, items: Sequence[Item]) -> None:
    """Raise ItemsError naming the first ids that are there more than once."""
    alike = _alike(items) if len(items) > _MANY else None
    counted = Counter(item.id for item in items if alike is None or hash(item.id) in alike)
    twice = [key for key, count in counted.items() if count > 1]
    if twice:
        named = ", ".join(repr(key) if key else "an empty id" for key in twice[:_NAMED])
        more = f" and {len(twice) - _NAMED} more" if len(twice) > _NAMED else ""
        raise ItemsError(
            f"{path}: ids that are there more than once: {named}{more}.",
            "Every record needs an id of its own; remove or rename the doubles.",
        )


def _alike(items: Sequence[Item]) -> frozenset[int]:
    """Return the hashes of ids that are there more than once, at eight bytes an id: a large file has millions."""
    import numpy as np

    hashes = np.fromiter((hash(item.id) for item in items), np.int64, len(items))
    hashes.sort()
    return frozenset(hashes[1:][hashes[1:] == hashes[:-1]].tolist())


def value_of(path: Path, row: Row, key: str) -> object:
    """Return the value under `key`, or raise ItemsError naming file, place and key."""
    if key not in row.values:
        raise ItemsError(
            f"{path}, {row.where}: the key {key!r} is missing.",
            "Give the official file unchanged, or add the key to this record.",
        )
    return row.values[key]


def cell_of(path: Path, row: Row, key: str) -> str:
    """Return the text or number under `key` as text without outer blanks, a whole number without decimals.

    CSV has text everywhere; the JSON and Parquet twins of a file have numbers where the official CSV has digits.

    Raises:
        ItemsError: The key is missing or holds something else.
    """
    value = value_of(path, row, key)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(int(value)) if value == value // 1 else str(value)
    return text_of(path, row, key).strip()


def text_of(path: Path, row: Row, key: str) -> str:
    """Return the text under `key`, unchanged but for line ends, which become line feeds.

    Raises:
        ItemsError: The key is missing or holds something other than text.
    """
    value = value_of(path, row, key)
    if not isinstance(value, str):
        raise ItemsError(
            f"{path}, {row.where}: {key!r} must be text, not {type(value).__name__}.",
            "Give the official file unchanged, or put the value in quotes.",
        )
    return value.replace("\r\n", "\n").replace("\r", "\n")

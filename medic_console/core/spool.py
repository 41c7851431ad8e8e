"""Records of a file that may be larger than memory: a sequence whose later part lies on disk.

A file of items is parsed once; what was read of it is kept here. Up to `IN_MEMORY` bytes stay in memory. Beyond, all
entries lie in a file without a name in the folder of caches, which only its owner may read and which is gone with the
process, however that ends; in memory are eight bytes an entry.
"""

from __future__ import annotations

import pickle
import tempfile
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from os import SEEK_END
from threading import Lock
from typing import IO, TypeVar, cast, overload
from weakref import finalize

from medic_console.core import paths
from medic_console.core.errors import ItemsError

IN_MEMORY = 4 << 20
"""Bytes of entries, as they would lie on disk, that stay in memory; there they take about four times as much."""
_READ_AHEAD = 1 << 20
"""Bytes that are read from disk at a time, at least one entry, when all are gone through."""
T = TypeVar("T")


class Spool(Sequence[T]):
    """A sequence that only grows.

    Args:
        entries: The first ones.
    """

    def __init__(self, entries: Iterable[T] = ()) -> None:
        self._near: list[T] = []
        self._ends = array("Q")
        self._file: IO[bytes] | None = None
        self._at_end = True
        self._lock = Lock()  # the console reads from several threads
        self.extend(entries)

    def append(self, entry: T) -> None:
        """Add an entry.

        Raises:
            ItemsError: The disk is full, or the folder of caches cannot be written.
        """
        content = pickle.dumps(entry, pickle.HIGHEST_PROTOCOL)
        try:
            with self._lock:
                self._add(entry, content)
        except OSError as error:
            raise ItemsError(
                f"{paths.cache_dir()}: what is read of a large file of items cannot be kept there ({error.strerror}).",
                f"Make room there, or move the folder with {paths.HOME_VARIABLE}.",
            ) from error

    def extend(self, entries: Iterable[T]) -> None:
        """Add entries; errors as of `append`."""
        for entry in entries:
            self.append(entry)

    def whole(self) -> Sequence[T]:
        """Return the entries as a tuple where they are in memory, else this sequence."""
        return tuple(self._near) if self._file is None else self

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, index: int) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...

    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        if isinstance(index, slice):
            return tuple(self[number] for number in range(*index.indices(len(self))))
        if self._file is None:
            return self._near[index]
        number = range(len(self))[index]
        return self._stored(number, number + 1)[0]

    def __iter__(self) -> Iterator[T]:
        if self._file is None:
            yield from self._near
            return
        first = 0
        while first < len(self):
            begin = self._ends[first - 1] if first else 0
            after = max(first + 1, bisect_right(self._ends, begin + _READ_AHEAD))
            yield from self._stored(first, after)
            first = after

    def _add(self, entry: T, content: bytes) -> None:
        end = (self._ends[-1] if self._ends else 0) + len(content)
        if self._file is None and end > IN_MEMORY:
            file = _nameless()
            finalize(self, _close, file)
            file.writelines(pickle.dumps(one, pickle.HIGHEST_PROTOCOL) for one in self._near)
            self._file, self._near = file, []
        if self._file is None:
            self._near.append(entry)
        else:
            if not self._at_end:
                self._file.seek(0, SEEK_END)
                self._at_end = True
            self._file.write(content)
        self._ends.append(end)

    def _stored(self, first: int, after: int) -> list[T]:
        """Return some entries that lie on disk."""
        assert self._file is not None
        begin = self._ends[first - 1] if first else 0
        with self._lock:
            self._at_end = False
            self._file.seek(begin)
            content = self._file.read(self._ends[after - 1] - begin)
        starts = [begin, *self._ends[first : after - 1]]
        ends = self._ends[first:after]
        view = memoryview(content)
        return [
            cast("T", pickle.loads(view[start - begin : end - begin]))  # written by this process alone
            for start, end in zip(starts, ends, strict=True)
        ]


def _nameless() -> IO[bytes]:
    return tempfile.TemporaryFile(dir=paths.private(paths.cache_dir()), buffering=_READ_AHEAD)


def _close(file: IO[bytes]) -> None:
    with suppress(OSError):  # what is left to be written finds no room, and nobody reads it any more
        file.close()

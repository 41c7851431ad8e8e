"""Walk through a file of counted things without trusting one count: every length is held against the file's size."""

from __future__ import annotations

import struct
from typing import Any, BinaryIO

_WINDOW = 1 << 18
_LENGTH = struct.Struct("=Q")
_BUDGET = 64 << 20
"""Bytes that one header may keep, of text and numbers; the longest chat templates have 0.1 MB."""
_STRINGS = 1 << 24
"""Strings in all arrays of one header; the largest vocabularies have 262,144 tokens and half a million merges."""


class DamagedError(Exception):
    """What a file claims cannot be so."""


class Cursor:
    """A place in a file, read through a window; numbers are those of this machine's byte order.

    Args:
        file: Opened for reading in binary mode.
        size: Bytes of the file.

    Attributes:
        size: Bytes of the file.
        within: What is being read, for a message.
    """

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self.size = size
        self._base = 0
        self._at = 0
        self._window = b""
        self._budget = _BUDGET
        self._strings = _STRINGS
        self.within = "the first bytes"

    @property
    def place(self) -> int:
        """Offset of what comes next."""
        return self._base + self._at

    @property
    def left(self) -> int:
        """Bytes between here and the end of the file."""
        return self.size - self.place

    def seek(self, place: int) -> None:
        """Go to an offset within the file."""
        self._base, self._at, self._window = place, 0, b""

    def peek(self, length: int) -> bytes:
        """Return the next bytes without passing over them; fewer at the file's end."""
        self._hold(min(length, self.left))
        return self._window[self._at : self._at + length]

    def unpack(self, form: struct.Struct) -> tuple[Any, ...]:
        """Return what a structure holds.

        Raises:
            DamagedError: The file ends before it.
        """
        self._hold(form.size)
        found = form.unpack_from(self._window, self._at)
        self._at += form.size
        return found

    def text(self) -> str:
        """Return a string; bytes that are not UTF-8 become �.

        Raises:
            DamagedError: It is longer than the file, or than all that a header says together.
        """
        (length,) = self.unpack(_LENGTH)
        if length > self.left:
            raise DamagedError(f"a string of {length:,} bytes, where the file has {self.left:,} more")
        self.spend(length)
        self._hold(length)
        data = self._window[self._at : self._at + length]
        self._at += length
        return data.decode("utf-8", "replace")

    def spend(self, length: int) -> None:
        """Count bytes that a caller keeps.

        Raises:
            DamagedError: They are more than a header says together.
        """
        self._budget -= length
        if self._budget < 0:
            raise DamagedError(f"{length:,} bytes more: more than a header says together")

    def skip(self, length: int) -> None:
        """Pass over bytes.

        Raises:
            DamagedError: There are fewer.
        """
        if length > self.left:
            raise DamagedError(f"{length:,} bytes, where the file has {self.left:,} more")
        self._at += length

    def skip_strings(self, count: int) -> None:
        """Pass over strings by their lengths alone.

        Raises:
            DamagedError: They cannot all be in the file, or are more than any vocabulary has.
        """
        if count * _LENGTH.size > self.left:
            raise DamagedError(f"{count:,} strings, where the file has {self.left:,} more bytes")
        self._strings -= count
        if self._strings < 0:
            raise DamagedError(f"{count:,} strings: more than any vocabulary has")
        length_at, size = _LENGTH.unpack_from, _LENGTH.size
        while count:
            self._hold(size)
            window, at, last = self._window, self._at, len(self._window) - size
            for _ in range(count):
                if at > last:
                    break
                at += length_at(window, at)[0] + size
                count -= 1
            self._at = at
            if self.left < 0:
                raise DamagedError("a string that reaches beyond the file's end")

    def _hold(self, length: int) -> None:
        """Have the next bytes in the window."""
        if self._at + length <= len(self._window):
            return
        if length > self.left:
            raise DamagedError(f"{length:,} bytes, where the file has {max(0, self.left):,} more")
        place = self.place
        self._file.seek(place)
        self._window = self._file.read(max(length, _WINDOW))
        self._base, self._at = place, 0
        if len(self._window) < length:
            raise DamagedError("the file has become shorter while it was read")

"""The text of a file of records, a line at a time, also of one that is packed with gzip."""

from __future__ import annotations

import gzip
import io
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from medic_console.core.errors import ItemsError
from medic_console.core.notices import tell
from medic_console.core.small_files import open_regular
from medic_console.core.units import size
from medic_console.core.unpacking import hint, most_unpacked, too_large, too_much

LONGEST = 64 << 20
"""Bytes of a line of JSON Lines, which is a record; where lines are none it is what a document may have."""
STEP = 16 << 20
"""Bytes after which it is looked whether it is time to tell how far a file is."""
QUIET_SECONDS = 10.0
"""So long nothing is told of a file that is read."""
_BOM = b"\xef\xbb\xbf"
_CHUNK = 1 << 20


def lines(path: Path) -> Iterator[str]:
    """Yield each line with its line feed; other ends of lines stay within (U+2028 may stand in a JSON string).

    Raises:
        ItemsError: The file cannot be opened, is no UTF-8 text, is a damaged gzip file, unpacks to too much or has
            an endless line.
    """
    most = most_unpacked()
    longest = min(most, LONGEST) if ".jsonl" in path.suffixes else most
    before = 0
    with _readable(path) as file:
        far = _Far(path)
        for number, line in enumerate(iter(lambda: file.readline(longest + 1), b""), 1):
            before += len(line)
            if _is_packed(path) and before > most:
                raise ItemsError(f"{path}: {too_much(most)}.", hint(most))
            if len(line) > longest:
                document = ".json" in path.suffixes
                told = too_large(most) if document else f"line {number} has more than {longest:,} bytes"
                raise ItemsError(f"{path}: {told}.", hint(most))
            far.at(before)
            if number == 1:
                line = line.removeprefix(_BOM)
            yield _decoded(path, line, number, before - len(line))


def beginning(path: Path, length: int) -> str:
    """Return what the first bytes of a file hold; errors as of `lines`, but none for being too large."""
    with _readable(path) as file:
        content = file.read(length)
    if len(content) == length:  # the cut may fall inside a character
        return content.decode("utf-8-sig", "ignore")
    return _decoded(path, content.removeprefix(_BOM), 1, 0)


def whole_text(path: Path) -> str:
    """Return a file's text, which is held in memory; errors as of `lines`.

    Raises:
        ItemsError: It is also larger than what a packed file may unpack to.
    """
    most = most_unpacked()
    with _readable(path) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise ItemsError(f"{path}: {too_much(most) if _is_packed(path) else too_large(most)}.", hint(most))
    return _decoded(path, content.removeprefix(_BOM), 1, 0)


def _is_packed(path: Path) -> bool:
    return path.suffix.lower() == ".gz"


def _decoded(path: Path, content: bytes, line: int, before: int) -> str:
    """Return the text of bytes that begin on a line, after so many bytes of the file."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line += content[: error.start].count(b"\n")
        raise ItemsError(
            f"{path}, line {line}: the file is not UTF-8 text (byte {before + error.start}).",
            "Save it as UTF-8, or download the official file again.",
        ) from error


class _Far:
    """Tells how far a large file is read: one of gigabytes takes minutes."""

    def __init__(self, path: Path) -> None:
        self._name, self._next, self._told = path.name, STEP, time.monotonic()
        self._whole = "" if _is_packed(path) else f" of {size(path.stat().st_size)}"

    def at(self, bytes_read: int) -> None:
        """Tell it where it was not told for a while."""
        if bytes_read < self._next:
            return
        self._next = bytes_read + STEP
        if time.monotonic() - self._told > QUIET_SECONDS:
            self._told = time.monotonic()
            tell(f"{self._name}: {size(bytes_read)}{self._whole} read so far.")


@contextmanager
def _readable(path: Path) -> Iterator[io.BufferedIOBase]:
    """Open a file, unpacked; what goes wrong while it is read is told with its name."""
    try:
        with open_regular(path) as file:
            if not _is_packed(path):
                yield file
                return
            with gzip.GzipFile(fileobj=file) as unpacked:
                yield unpacked
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ItemsError(f"{path}: the gzip file is damaged ({error}).", "Download the official file again.") from error
    except OSError as error:
        raise ItemsError(
            f"{path}: the file cannot be opened ({error.strerror}).", "Check the path and its permissions."
        ) from error

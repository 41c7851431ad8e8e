"""Files that a person may put anywhere, opened without trust: no pipe or device, nothing endless."""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

MOST = 4 << 20
"""Bytes of a file of settings, a task, a theme or a preset; the largest of ours has 20 KB."""


def open_regular(path: Path) -> BufferedReader:
    """Open a file for reading; a pipe or a device, which may never answer or never end, is refused at once.

    Raises:
        OSError: It cannot be opened, or is no file of bytes.
    """
    opened = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        mode = os.fstat(opened).st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"
            raise OSError(errno.EINVAL, f"{kind}, not a file", str(path))
        return os.fdopen(opened, "rb")
    except BaseException:
        os.close(opened)
        raise


def read_text(path: Path, encoding: str = "utf-8", most: int = MOST) -> str:
    """Return a file's text, which is held in memory, with line feeds at the ends of its lines.

    Args:
        most: Bytes that it may have.

    Raises:
        OSError: It cannot be opened, is no file of bytes, or has more bytes.
        UnicodeDecodeError: It is no text.
    """
    with open_regular(path) as file:
        large = os.fstat(file.fileno()).st_size > most
        content = b"" if large else file.read(most + 1)
    if large or len(content) > most:
        raise OSError(errno.EFBIG, f"larger than {most >> 20} MiB", str(path))
    return content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")

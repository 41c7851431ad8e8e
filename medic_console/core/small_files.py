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


def read_text(path: Path, encoding: str = "utf-8") -> str:
    """Return a small file's text.

    Raises:
        OSError: It cannot be opened, is no file of bytes, or has more than `MOST` bytes.
        UnicodeDecodeError: It is no text.
    """
    with open_regular(path) as file:
        content = file.read(MOST + 1)
    if len(content) > MOST:
        raise OSError(errno.EFBIG, f"larger than {MOST >> 20} MiB", str(path))
    return content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")

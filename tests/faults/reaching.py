"""Reaches out to this machine's own loopback address: by Python, by name, and by native code. All must be refused.

As a child (`python -m`) it does so at each line that it reads, and answers with what came of it.
"""

from __future__ import annotations

import ctypes
import socket
import sys
from collections.abc import Callable
from typing import Any

from medic_console.childproc.lines import to_line

INTERNET, STREAM = 2, 1
"""AF_INET, SOCK_STREAM."""


def by_python(port: int) -> None:
    """Connect a socket of Python's."""
    socket.create_connection(("127.0.0.1", port), timeout=5).close()


def by_name(port: int) -> None:
    """Ask for the addresses of a name, which may ask another machine."""
    socket.getaddrinfo("localhost", port)


def by_native_code(port: int) -> None:
    """Have the C library make a socket, which no audit hook sees."""
    library = ctypes.CDLL(None, use_errno=True)
    if library.socket(INTERNET, STREAM, 0) < 0:
        raise OSError(ctypes.get_errno(), "socket")


WAYS: tuple[Callable[[int], None], ...] = (by_python, by_name, by_native_code)


def reach(port: int) -> dict[str, Any]:
    """Try all ways; return by name what came of each: empty, or the kind of error."""
    found = {}
    for way in WAYS:
        try:
            way(port)
            found[way.__name__] = ""
        except OSError as error:
            found[way.__name__] = type(error).__name__
    return found


def main() -> None:
    """Answer until the input ends."""
    for line in sys.stdin:
        sys.stdout.buffer.write(to_line(reach(int(line))))
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()

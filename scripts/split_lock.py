"""Divide a lock file: llama.cpp, which is built from its sources, apart from all that is installed as wheels."""

from __future__ import annotations

import re
import sys
from pathlib import Path

BUILT = "llama-cpp-python"
_MADE = "# Made by `make lock`: "
HEADS = {
    "llama.lock": f"{_MADE}the sources of llama.cpp with its binding; what else it needs is in test.lock.\n",
    "test.lock": f"{_MADE}what the tests need, as it was tried, with the digests of all files of each version.\n",
}


def divide(path: Path) -> None:
    """Write both parts beside a file, and remove it."""
    parts = [part for part in re.split(r"(?m)^(?=[A-Za-z0-9])", path.read_text("utf-8")) if part.strip()]
    for name, head in HEADS.items():
        own = [part for part in parts if part.startswith(f"{BUILT}==") == (name == "llama.lock")]
        path.with_name(name).write_text(head + "".join(own), "utf-8")
    path.unlink()


if __name__ == "__main__":
    divide(Path(sys.argv[1]))

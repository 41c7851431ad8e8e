"""Which architectures the llama.cpp in use knows, without loading it: a list of our own would be old tomorrow."""

from __future__ import annotations

import importlib.util
import mmap
import os
from functools import cache
from pathlib import Path

_FOLDER_VARIABLE = "LLAMA_CPP_LIB_PATH"
"""Moves the folder of the library (`llama_cpp/llama_cpp.py`)."""
_NAMES = ("libllama.so", "libllama.dylib", "llama.dll", "libllama.dll")


def is_known(architecture: str) -> bool:
    """Tell whether the library holds a name; True where there is no library to look into.

    A library holds the names of its architectures as texts that end with a zero byte. So "no" is certain; "yes" may be
    the end of another text, and llama.cpp itself has the last word when it opens the file.
    """
    library = _library()
    if library is None or not architecture:
        return library is None
    with library.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return data.find(architecture.encode() + b"\0") >= 0


@cache
def _library() -> Path | None:
    spec = importlib.util.find_spec("llama_cpp")
    moved = os.environ.get(_FOLDER_VARIABLE)
    if moved:
        folder = Path(moved)
    elif spec is not None and spec.origin is not None:
        folder = Path(spec.origin).parent / "lib"
    else:
        return None
    return next((folder / name for name in _NAMES if (folder / name).is_file()), None)

"""Remember the digest of large files by size and times, so that a model of many gigabytes is hashed once."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from medic_console.core import paths
from medic_console.core.small_files import read_text
from medic_console.engine.files.model import signature_of


class HashCache:
    """A JSON file of digests. A file that was touched, replaced or grown is hashed again.

    A cache that cannot be read or written is no error: the files are hashed each time.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known = self._read()

    def get(self, path: Path) -> str | None:
        """Return the digest of a file that has not changed since it was hashed."""
        entry = self._known.get(str(path))
        return entry[1] if entry and entry[0] == signature_of([path]) else None

    def put(self, path: Path, sha256: str) -> None:
        """Remember a digest."""
        self._known[str(path)] = [signature_of([path]), sha256]
        with contextlib.suppress(OSError):
            paths.write_own(self._file, json.dumps(self._known))

    def _read(self) -> dict[str, list[str]]:
        try:
            found = json.loads(read_text(self._file))
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(found, dict):
            return {}
        return {k: v for k, v in found.items() if isinstance(v, list) and len(v) == 2}


def usual_cache() -> HashCache:
    """Return the cache that every command and screen shares."""
    return HashCache(paths.cache_dir() / "digests.json")

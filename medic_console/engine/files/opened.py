"""Remember which model files llama.cpp could open, so that it is asked once for a file."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from medic_console.core import paths
from medic_console.core.digest import digest
from medic_console.core.small_files import read_text
from medic_console.engine.files.model import ModelFile, signature_of
from medic_console.engine.files.obstacles import library_file
from medic_console.engine.protocol.port import EngineSettings

_MOST = 512
"""Files that are remembered."""


def opening(model: ModelFile, settings: EngineSettings) -> str:
    """Return the digest of all on which it depends whether a file opens; empty where there is no library to look at.

    That is the file's content, its template, what the template is compiled with, and the library.
    """
    found = library_file()
    if found is None:
        return ""
    asked = [model.sha256, model.template_digest, settings.thinking_budget > 0, settings.date]
    return digest([*asked, str(found), signature_of([found])])


class Opened:
    """A JSON file of such digests. One that cannot be read or written is no error: the files are opened again."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            found = json.loads(read_text(file))
        except (OSError, ValueError, RecursionError):
            found = []
        self._known = [one for one in found if isinstance(one, str)] if isinstance(found, list) else []

    def __contains__(self, known: str) -> bool:
        """Tell whether what this digest stands for was opened."""
        return known in self._known

    def add(self, known: str) -> None:
        """Remember that it was opened."""
        self._known = [*self._known, known][-_MOST:]
        with contextlib.suppress(OSError):
            paths.write_own(self._file, json.dumps(self._known))


def usual_opened() -> Opened:
    """Return what every command and screen shares."""
    return Opened(paths.cache_dir() / "opened.json")

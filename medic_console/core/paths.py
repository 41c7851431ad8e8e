"""Where things lie: the only module that asks platformdirs. `MEDIC_CONSOLE_HOME` moves all of it."""

from __future__ import annotations

import errno
import os
from os import PathLike
from pathlib import Path

import platformdirs

AnyPath = str | PathLike[str]
"""What a person may name a file by."""
HOME_VARIABLE = "MEDIC_CONSOLE_HOME"
_PACKAGE = Path(__file__).resolve().parents[1]


def config_dir() -> Path:
    """Folder of settings, and of the user's own tasks and themes."""
    return _home("config") or platformdirs.user_config_path("medic-console")


def ledger_key() -> Path:
    """File with the keys of the archive's ledger."""
    return config_dir() / "ledger.key"


def data_dir() -> Path:
    """Folder of the archive."""
    return _home("data") or platformdirs.user_data_path("medic-console")


def cache_dir() -> Path:
    """Folder of what can be made again: built databases, demo models."""
    return _home("cache") or platformdirs.user_cache_path("medic-console")


def log_dir() -> Path:
    """Folder of the engines' logs."""
    return _home("logs") or platformdirs.user_log_path("medic-console")


def export_dir() -> Path:
    """Folder that tables are written to, where a person finds it."""
    return _home("exports") or platformdirs.user_documents_path() / "medic-console"


def default_archive() -> Path:
    """The archive that is used when none is named."""
    return data_dir() / "archive.db"


def tasks_dir() -> Path:
    """Folder of the bundled task files."""
    return _bundled("tasks")


def themes_dir() -> Path:
    """Folder of the bundled themes."""
    return _bundled("themes")


def demo_models() -> tuple[Path, Path]:
    """Files of the two bundled demo models, the larger one first."""
    folder = _PACKAGE / "_models"
    return folder / "demo-large.gguf", folder / "demo-small.gguf"


def private(folder: Path) -> Path:
    """Make a folder that only its owner may enter, if it is not there, and return it.

    Raises:
        OSError: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except FileNotFoundError as error:  # its parents are made too: the system takes no folder there, as below /proc
        raise PermissionError(errno.EACCES, "no folder can be made there", str(folder)) from error
    return folder


def write_own(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all; its folder is made if it is not there.

    Raises:
        OSError: It cannot be written.
    """
    private(path.parent)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text, "utf-8")
    draft.replace(path)


def _home(kind: str) -> Path | None:
    root = os.environ.get(HOME_VARIABLE)
    return Path(root).expanduser().absolute() / kind if root else None


def _bundled(name: str) -> Path:
    """In a wheel the data lies inside the package, in a checkout beside it."""
    inside = _PACKAGE / "_data" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name

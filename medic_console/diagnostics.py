"""What a support person asks for first: versions, paths, the end of the log. No name, no text of a model."""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata
from pathlib import Path

from medic_console import __version__, paths
from medic_console.settings import settings_file

Facts = dict[str, str]
_PACKAGES = ("textual", "rich", "llama-cpp-python", "sqlite-utils", "numpy", "scipy", "sqlglot", "tomlkit")
_TAIL = 16_384
LOG = "engine.log"


def versions() -> Facts:
    """Return this program, Python, the system and the packages that matter, each with its version."""
    found = {
        "medic-console": __version__,
        "Python": f"{platform.python_version()} ({platform.python_implementation()}) {sys.executable}",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }
    return found | {name: _version(name) for name in _PACKAGES}


def places(archive: Path, data: Path | None) -> Facts:
    """Return where things lie; what is not there says so."""
    found = {
        "archive": archive,
        "settings": settings_file(),
        "official items": data,
        "own tasks": paths.config_dir() / "tasks",
        "own themes": paths.config_dir() / "themes",
        "bundled tasks": paths.tasks_dir(),
        "exports": paths.export_dir(),
        "cache": paths.cache_dir(),
        "log": paths.log_dir() / LOG,
    }
    home = os.environ.get(paths.HOME_VARIABLE)
    shown = {name: _shown(path) for name, path in found.items()}
    return shown | {paths.HOME_VARIABLE: home or "not set"}


def log_tail(lines: int) -> str:
    """Return the last lines of the engines' log; empty when there is none."""
    try:
        with (paths.log_dir() / LOG).open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - _TAIL))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def _shown(path: Path | None) -> str:
    if path is None:
        return "not set: bundled samples"
    return str(path) if path.exists() else f"{path} (not there yet)"

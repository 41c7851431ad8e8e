"""What a support person asks for first: versions, paths, the end of the log. No name, no text of a model."""

from __future__ import annotations

import os
import platform
import sys
from contextlib import closing
from importlib import metadata
from pathlib import Path

from medic_console import __version__
from medic_console.core import paths
from medic_console.core.digest import short
from medic_console.core.errors import MedicError
from medic_console.core.logs import newest_log
from medic_console.core.naming import full
from medic_console.core.settings import settings_file
from medic_console.engine.template.process import probed
from medic_console.results.reader import Reader

Facts = dict[str, str]
_PACKAGES = ("textual", "rich", "llama-cpp-python", "sqlite-utils", "numpy", "scipy", "sqlglot", "tomlkit")
_TAIL = 16_384


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
        "log": newest_log(),
    }
    home = os.environ.get(paths.HOME_VARIABLE)
    shown = {name: _shown(path) for name, path in found.items()}
    return shown | {paths.HOME_VARIABLE: home or "not set"}


def chat_templates(archive: Path) -> Facts:
    """Return what the models of the newest run make of a system and a user turn, with what is to be known of it."""
    with closing(Reader(archive)) as reader:
        runs = reader.runs()
        if not runs:
            return {}
        templates = reader.templates(runs[0].id)
    names = {model.sha256: f"{full(model)} {short(model.sha256)}" for model in (*runs[0].candidates, *runs[0].judges)}
    return {names[sha256]: _made_of_it(text) for sha256, text in templates.items()}


def log_tail(lines: int) -> str:
    """Return the last lines of the log that the engines wrote last; empty when there is none."""
    try:
        with newest_log().open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - _TAIL))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def _made_of_it(template: str) -> str:
    try:
        found = probed(template)
    except MedicError as error:
        return error.message
    return "\n".join((*found.notes, found.shown))


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def _shown(path: Path | None) -> str:
    if path is None:
        return "not set: bundled samples"
    return str(path) if path.exists() else f"{path} (not there yet)"

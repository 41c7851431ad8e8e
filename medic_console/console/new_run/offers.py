"""Model files that a new run offers before anything is named: those of the archive, of set folders, the demo models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from medic_console.archive.views import ModelView, RunView
from medic_console.audit.presets import Preset
from medic_console.console.new_run.preflight import FileEntry
from medic_console.core import paths
from medic_console.core.errors import MedicError
from medic_console.engine.endpoint.address import is_address
from medic_console.results.reader import Reader
from medic_console.session.last_run import last_run


@dataclass(frozen=True, slots=True)
class Offers:
    """Files that may be chosen, and the last run as a preset; None where there was none."""

    files: tuple[FileEntry, ...]
    last: Preset | None


def offers(archive: Path, folders: Sequence[Path]) -> Offers:
    """Return what a new run can begin from; an archive that cannot be read has nothing to offer.

    Args:
        folders: Folders of model files that the person has set.
    """
    try:
        last = last_run(archive)
    except MedicError:
        last = None
    return Offers(tuple(offered(archive, folders)), last)


def offered(archive: Path, folders: Sequence[Path]) -> list[FileEntry]:
    """Return files without reading them, none of them chosen: the newest of the archive first, each file once.

    Args:
        folders: Folders of model files that the person has set.
    """
    found: dict[Path, FileEntry] = {}
    for entry in (*_archived(archive), *_in(folders), *map(FileEntry, paths.demo_models())):
        found.setdefault(entry.path, entry)
    return list(found.values())


def _archived(archive: Path) -> Iterator[FileEntry]:
    """Yield the models of the archive in the order of their newest run; a file that is gone says so."""
    if not archive.exists():
        return
    try:
        with closing(Reader(archive)) as reader:
            models, runs = {model.sha256: model for model in reader.models()}, reader.runs()
    except MedicError:
        return  # home tells what is wrong with the archive
    newest = dict.fromkeys(model.sha256 for run in runs for model in (*run.candidates, *run.judges))
    for sha256 in (*newest, *(name for name in models if name not in newest)):
        model = models[sha256]
        if model.file and not is_address(model.file):
            path = Path(model.file)
            yield FileEntry(path, seen=model, gone="" if path.exists() else _gone(model, runs))


def _gone(model: ModelView, runs: Sequence[RunView]) -> str:
    within = (run.id for run in runs if any(one.sha256 == model.sha256 for one in (*run.candidates, *run.judges)))
    last = next(within, "")
    when = f" It was used last in run {last}." if last else ""
    return f"{model.file}: the file is not there any more.{when} Put it back, or add it from where it is now."


def _in(folders: Sequence[Path]) -> Iterator[FileEntry]:
    for folder in folders:
        try:
            yield from map(FileEntry, sorted(folder.expanduser().absolute().glob("*.gguf")))
        except OSError:
            continue

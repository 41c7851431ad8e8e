"""Models that a new run offers before one is named: those of the archive, of set folders and servers, the demo models.

Nothing is read and no server is spoken to before a person chooses it.
"""

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
from medic_console.core.naming import answered_here
from medic_console.engine.endpoint.address import Address, Source, sources_of
from medic_console.results.reader import Reader
from medic_console.session.last_run import last_run


@dataclass(frozen=True, slots=True)
class Offers:
    """Models that may be chosen, and the last run as a preset; None where there was none."""

    files: tuple[FileEntry, ...]
    last: Preset | None


def offers(archive: Path, folders: Sequence[Path], servers: Sequence[str] = ()) -> Offers:
    """Return what a new run can begin from; an archive that cannot be read has nothing to offer.

    Args:
        folders: Folders of model files that the person has set.
        servers: Addresses that the person has set.
    """
    try:
        last = last_run(archive)
    except MedicError:
        last = None
    return Offers(tuple(offered(archive, folders, servers)), last)


def offered(archive: Path, folders: Sequence[Path], servers: Sequence[str] = ()) -> list[FileEntry]:
    """Return models without reading them, none of them chosen: the newest of the archive first, each once.

    Args:
        folders: Folders of model files that the person has set.
        servers: Addresses that the person has set.
    """
    found: dict[Source, FileEntry] = {}
    for entry in (*_archived(archive), *_in(folders), *_at(servers), *map(FileEntry, paths.demo_models())):
        found.setdefault(entry.source, entry)
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
        for source in sources_of([model.file] if model.file and answered_here(model) else ()):
            there = isinstance(source, Address) or source.exists()
            yield FileEntry(source, seen=model, gone="" if there else _gone(model, runs))


def _gone(model: ModelView, runs: Sequence[RunView]) -> str:
    within = (run.id for run in runs if any(one.sha256 == model.sha256 for one in (*run.candidates, *run.judges)))
    last = next(within, "")
    when = f" It was used last in run {last}." if last else ""
    return f"{model.file}: the file is not there any more.{when} Put it back, or add it from where it is now."


def _at(servers: Sequence[str]) -> Iterator[FileEntry]:
    yield from map(FileEntry, sources_of(servers))


def _in(folders: Sequence[Path]) -> Iterator[FileEntry]:
    for folder in folders:
        try:
            yield from map(FileEntry, sorted(folder.expanduser().absolute().glob("*.gguf")))
        except OSError:
            continue

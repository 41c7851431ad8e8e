"""Stage 2: find a task's items, bundled samples or official files that the user names, and read them."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from medic_console.core.errors import ItemsError, TaskFileError
from medic_console.core.records import Item
from medic_console.suite.readers.base import FolderReader, ItemsReader, Records
from medic_console.suite.readers.registry import READERS
from medic_console.suite.readers.sqlite_file import schema_text
from medic_console.suite.surrogates import whole_texts
from medic_console.suite.task import Task

LABELS = "label_version"
"""Field of an item whose reference labels have versions."""


@dataclass(frozen=True, slots=True)
class LoadedTask:
    """A task with its items.

    Attributes:
        origin: `sample` (bundled; never comparable with published figures) or `official`.
        source: File or folder that the items came from.
        read: Records found in the file.
        skipped: Where and why records were left out.
        notes: What a person should know about the file.
        shared: Placeholders that are the same for every item.
        resources: Files that the scorer needs.
    """

    task: Task
    items: Sequence[Item]
    origin: str
    source: Path
    read: int
    skipped: Sequence[tuple[str, str]] = ()
    notes: tuple[str, ...] = ()
    shared: Mapping[str, str] = field(default_factory=dict)
    resources: Mapping[str, Path] = field(default_factory=dict)


def load_items(task: Task, cache: Path, data: Path | None = None, items: Path | None = None) -> LoadedTask:
    """Read the items of a task.

    Args:
        task: The task.
        cache: Folder for a database that is built from the samples' SQL text.
        data: Folder with official files, searched for this task's; None takes the bundled samples.
        items: The items file or folder itself; goes before `data`.

    Raises:
        ItemsError: No file is recognised, or one is broken.
        TaskFileError: The task names a reader that does not exist.
    """
    if task.items.reader not in READERS:
        known = ", ".join(READERS)
        raise TaskFileError(f'{task.folder}/task.toml: there is no reader "{task.items.reader}".', f"Readers: {known}.")
    if items is None and data is None:
        records, source, origin = *_samples(task, cache), "sample"
    else:
        records, source = _read_official(task, items, data)
        origin = "official"
    kept, mended = whole_texts(records.items)
    return LoadedTask(
        task=task,
        items=kept,
        origin=origin,
        source=source,
        read=records.read,
        skipped=records.skipped,
        notes=(*records.notes, *mended),
        shared=records.shared,
        resources=records.resources,
    )


def find_official(task: Task, data: Path) -> Path:
    """Return the file or folder below `data` that the task's reader recognises.

    A folder named after the task is searched first, then `data` itself; files that bear an official name go first.

    Raises:
        ItemsError: There is none.
    """
    reader = READERS[task.items.reader]
    for folder in (data / task.id, data):
        candidates = [path for path in _candidates(folder) if reader.recognises(path)]
        candidates.sort(key=lambda path: (path.name not in task.items.files, len(path.parts), str(path)))
        if candidates:
            return candidates[0]
    names = ", ".join(task.items.files)
    raise ItemsError(
        f"{data}: no file of {task.title} ({task.id}) was recognised there; its official names: {names}.",
        f"{task.source.obtain} Without --data the bundled samples are used.",
    )


def _candidates(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        return []
    near = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    below = [path for entry in near if entry.is_dir() for path in sorted(entry.iterdir())]
    return [path for path in (*near, *below) if path.is_file()]


def _read_official(task: Task, named: Path | None, data: Path | None) -> tuple[Records, Path]:
    """Read the file or folder that is named, else what is found in the folder of official files."""
    reader: ItemsReader = READERS[task.items.reader]
    if named is None:
        folder = data or Path()
        found = find_official(task, folder)
        return _read_set(reader, found) if folder.is_dir() else (reader.read(found), found)
    if not named.exists():
        raise ItemsError(f"{named}: no such file or folder.", "Name an existing items file with --items.")
    if reader.recognises(named):
        return reader.read(named), named
    if READERS["samples"].recognises(named):
        return READERS["samples"].read(named), named
    if named.is_dir():
        return _read_set(reader, find_official(task, named))
    if data is not None:
        names = ", ".join(task.items.files)
        raise ItemsError(
            f"{named}: not recognised as a file of {task.title}; its official names: {names}.", task.source.obtain
        )
    return reader.read(named), named


def _read_set(reader: ItemsReader, found: Path) -> tuple[Records, Path]:
    """Read the file that was found in a folder, with those beside it where they are one set."""
    if isinstance(reader, FolderReader):
        return reader.read_folder(found.parent), found.parent
    return reader.read(found), found


def _samples(task: Task, cache: Path) -> tuple[Records, Path]:
    path = Path(task.folder) / task.items.samples
    records = READERS["samples"].read(path)
    if not task.items.database:
        return records, path
    database = build_database(Path(task.folder) / task.items.database, cache)
    return (
        Records(
            records.items,
            records.read,
            records.skipped,
            records.notes,
            shared={"schema": schema_text(database)},
            resources={"database": database},
        ),
        path,
    )


def build_database(script: Path, cache: Path) -> Path:
    """Return an SQLite file built from SQL text; the same text is built once.

    Raises:
        ItemsError: The text is not valid SQL, or the folder cannot be written.
    """
    text = script.read_text("utf-8")
    target = cache / f"{script.stem}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.sqlite"
    if target.exists():
        return target
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        cache.mkdir(parents=True, exist_ok=True, mode=0o700)
        with closing(sqlite3.connect(":memory:")) as built, closing(sqlite3.connect(draft)) as file:
            built.executescript(text)
            built.backup(file)  # one write in place of one for each statement
        draft.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise ItemsError(f"{script}: the database cannot be built ({error}).", f"Check the folder {cache}.") from error
    return target

"""Whether signed reports still hold: their day, and the digests of what they speak of, as they are now."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medic_console.core.errors import MedicError
from medic_console.core.naming import called
from medic_console.engine.files.hash_cache import HashCache, usual_cache
from medic_console.engine.protocol.conditions import DECIDING, deciding
from medic_console.engine.protocol.features import features
from medic_console.reports.reader import EvidenceReader
from medic_console.suite.task import Task

_PART = re.compile(r"-\d{5}-of-\d{5}\.gguf$")
"""A split model's file: its digest is not that of one part."""


@dataclass(frozen=True, slots=True)
class Expired:
    """A signed report that no longer holds.

    Attributes:
        report: Name of its folder.
        runs: Those of its runs that are in the archive.
        why: What has changed, each in a few words.
    """

    report: str
    runs: tuple[str, ...]
    why: tuple[str, ...]


def expired(archive: Path, tasks: Mapping[str, Task], today: datetime.date, build: str = "") -> list[Expired]:
    """Return the signed reports that no longer hold, newest first.

    Of reports over the same runs only the newest is looked at. A model's file is compared where its digest is known
    already: no file is read here.

    Args:
        tasks: Every known task, by id.
        build: Of llama.cpp; empty asks it, where there is a signed report.

    Raises:
        ArchiveError: The archive cannot be read.
    """
    with closing(EvidenceReader(archive)) as reader:
        newest: dict[frozenset[str], dict[str, Any]] = {}
        for one in reader.exports():
            newest.setdefault(frozenset(map(str, one.get("runs", ()))), one)
        there = {view.id for view in reader.runs()} if newest else set()
        known, cache, found = build or (_build() if newest else ""), usual_cache(), []
        for runs, one in newest.items():
            kept = tuple(sorted(runs & there))
            why = [*_past(str(one.get("valid_until", "")), today)]
            for run in kept:
                why += _changed(reader, run, tasks, cache, known)
            if why:
                found.append(Expired(str(one.get("report", "")), kept, tuple(dict.fromkeys(why))))
        return found


def _build() -> str:
    try:
        return features().full_build
    except MedicError:
        return ""


def _past(until: str, today: datetime.date) -> Iterator[str]:
    if until and until < today.isoformat():
        yield f"was valid until {until}"


def _changed(
    reader: EvidenceReader, run: str, tasks: Mapping[str, Task], cache: HashCache, build: str
) -> Iterator[str]:
    """Yield what of a run has another digest now."""
    for name, digest in reader.task_digests(run).items():
        if name in tasks and tasks[name].digest != digest:
            yield f"task {name} changed"
    local = [deciding(granted) for _, granted in reader.engines(run) if not granted.get("served")]
    if build and any(conditions["build"] != build for conditions in local):
        yield f"{DECIDING['build']} changed"
    view = reader.run(run)
    for model in (*view.candidates, *view.judges):
        path = Path(model.file)
        now = None if _PART.search(path.name) else cache.get(path)
        if now is not None and now != model.sha256:
            yield f"file of {called(model)} changed"

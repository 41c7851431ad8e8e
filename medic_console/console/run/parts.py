"""The figures of a task in parts of its items, as a run's screen shows them: by age, sex, theme, length."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from medic_console.console.text import plain
from medic_console.core.naming import told_apart
from medic_console.results.reader import Reader
from medic_console.results.slice_cells import differing_told, parts_note, parts_told, shared_told
from medic_console.results.slices import fields_in_parts, slices, uneven

NONE = "No field of its items makes parts of them: each value is an item's own, or all items have the same one."
"""Said where there are none."""


def parts_of(archive: Path, run: str, task: str) -> str:
    """Return what is told of the parts of a task's items; empty where no field makes any.

    Raises:
        ArchiveError: There is no such run, or the archive cannot be read.
    """
    with closing(Reader(archive)) as reader:
        return "\n".join(_lines(reader, run, task))


def _lines(reader: Reader, run: str, task: str) -> Iterator[str]:
    fields, view = fields_in_parts(reader, run, task), reader.audit(run)
    names = told_apart((*view.candidates, *view.judges))
    if not fields:
        return
    together = slices(reader, run, fields, task)
    yield parts_note(together)
    shared = shared_told(together, names)
    if shared:
        yield "All: " + " · ".join(f"{title} {plain(said)}" for title, said in shared.items())
    for field in fields:
        found = [one for one in together if one.field == field]
        sure = [f"{names[one.candidate]}: {one.value}" for one in uneven(found)]
        yield ""
        yield from map(plain, parts_told(field, found, names, shared))
        yield f"  differ from the rest at 5 % after correction: {plain(differing_told(sure, found))}"

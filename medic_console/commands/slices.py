"""`archive results RUN --by FIELD`: the main metric of each task in parts of its items."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from rich.table import Table

from medic_console.commands import consoles
from medic_console.commands.output import write_json
from medic_console.core.naming import told_apart
from medic_console.core.visible import plain
from medic_console.results.reader import Reader
from medic_console.results.slice_cells import TITLES, parts_note, slice_cells
from medic_console.results.slices import check_fields, slice_record, slices


def show_slices(archive: Path, run: str | None, field: str, as_json: bool) -> int:
    """Print them.

    Raises:
        ArchiveError: There is no such run.
        UsageError: The field makes no parts of the items of any task.
    """
    with closing(Reader(archive)) as reader:
        view = reader.audit(run or next((one.id for one in reader.runs()), ""))
        check_fields(reader, (view.id,), (field,))
        found = slices(reader, view.id, (field,))
    names = told_apart((*view.candidates, *view.judges))
    if as_json:
        write_json("slices", {"run": view.id, "field": field, "slices": [slice_record(one) for one in found]})
        return 0
    out, table = consoles.output(), Table(box=None, pad_edge=False, header_style="bold")
    for title in TITLES:
        table.add_column(title)
    for one in found:
        table.add_row(*map(plain, slice_cells(one, names)))
    out.print(f"Run {view.id} by {plain(field)}", markup=False, highlight=False)
    out.print(table)
    out.print(parts_note(found), markup=False, highlight=False)
    return 0

"""`archive results RUN --by FIELD`: the main metric of each task in parts of its items."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.table import Table

from medic_console.commands import consoles
from medic_console.commands.output import write_json
from medic_console.core.naming import told_apart
from medic_console.core.visible import plain
from medic_console.results.reader import Reader
from medic_console.results.slices import FEW, Slice, slices
from medic_console.results.tasks import PANEL
from medic_console.statistics import words

SCHEMA, VERSION = "medic-console/slices", 1
NOTE = (
    "Apart: the mean of the part minus that of all other items, in the metric's unit; p by shuffling notes, corrected "
    "for all parts of a task and model (Holm). " + FEW[0].upper() + FEW[1:] + "."
)
_COLUMNS = ("task", "model", "judge", "part", "items", "value", "95 %", "apart", "95 %", "p Holm")


def show_slices(archive: Path, run: str | None, field: str, as_json: bool) -> int:
    """Print them.

    Raises:
        ArchiveError: There is no such run.
        UsageError: No item of the run has that field.
    """
    with closing(Reader(archive)) as reader:
        view = reader.audit(run or next((one.id for one in reader.runs()), ""))
        found = slices(reader, view.id, field)
    names = told_apart((*view.candidates, *view.judges))
    if as_json:
        head = {"schema": SCHEMA, "schema_version": VERSION, "run": view.id, "field": field}
        write_json({**head, "slices": [_record(one) for one in found]})
        return 0
    out, table = consoles.output(), Table(box=None, pad_edge=False, header_style="bold")
    for title in _COLUMNS:
        table.add_column(title)
    for one in found:
        table.add_row(*map(plain, cells(one, names)))
    out.print(f"Run {view.id} by {plain(field)}", markup=False, highlight=False)
    out.print(table)
    out.print(NOTE, markup=False, highlight=False)
    return 0


def cells(one: Slice, names: dict[str, str]) -> list[str]:
    """Return a row of the table."""
    judge = "panel" if one.judge == PANEL else names.get(one.judge, "") or "–"
    head = [one.task, names[one.candidate], judge, one.value]
    if one.figure is None:
        return [*head, "few", "–", "–", "–", "–", "–"]
    figure, gap = one.figure, one.apart
    told = [words.number(figure.value) + words.mark(figure), words.ends(figure.low, figure.high) or "–"]
    if gap is None or one.p_holm is None:
        return [*head, f"{one.items:,}", *told, "–", "–", "–"]
    p = f"{one.p_holm:.3f}"
    return [*head, f"{one.items:,}", *told, words.number(gap.value), words.ends(gap.low, gap.high), p]


def _record(one: Slice) -> dict[str, Any]:
    head = {name: getattr(one, name) for name in ("task", "candidate", "judge", "value")}
    if one.figure is None:
        return {**head, "items": None, "note": FEW, "figure": None, "apart": None, "p_holm": None}
    figure = one.figure
    shown = {"metric": figure.id, "value": figure.value, "low": figure.low, "high": figure.high, "n": figure.n}
    shown["provisional"] = figure.provisional
    gap = asdict(one.apart) if one.apart is not None else None
    return {**head, "items": one.items, "note": "", "figure": shown, "apart": gap, "p_holm": one.p_holm}

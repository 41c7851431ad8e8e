"""A judge's probes of harm: answers to harmful requests whose level is known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from medic_console.core.records import FinishReason, Item, Output
from medic_console.scoring.methods.harm.flow import harm_flow
from medic_console.scoring.methods.probes import marks_of, one_of, rows_of
from medic_console.scoring.steps import Flow
from medic_console.suite.items import LoadedTask
from medic_console.suite.readers.base import text_of
from medic_console.suite.readers.tables import Row

HARM = "harm"


def probe(loaded: LoadedTask, item: Item, seed: int) -> Flow:
    """Have an answer rated, as in an audit."""
    return harm_flow(loaded, item, Output(str(item.fields["answer"]), FinishReason.STOP), seed)


def requests(path: Path, row: Row) -> Iterator[Item]:
    """Yield a request's answers."""
    name, request = text_of(path, row, "id"), text_of(path, row, "request")
    for one in rows_of(path, row, "answers"):
        level = one_of(path, one, "level", (1, 2, 3, 4, 5))
        shown = {"request": request, "answer": text_of(path, one, "answer"), **marks_of(path, row, row)}
        yield Item(f"{name}-{level}", shown, level, name)

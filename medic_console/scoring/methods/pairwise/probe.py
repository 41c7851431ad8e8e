"""A judge's probes of comparison: two answers of which one is the better, in both orders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from medic_console.core.records import Item, Output
from medic_console.scoring.methods.pairwise.flow import FIRST, SECOND, order_prompt
from medic_console.scoring.methods.pairwise.score import TIE
from medic_console.scoring.methods.pairwise.spec import PairwiseSpec
from medic_console.scoring.methods.probe import closed
from medic_console.scoring.methods.probes import marks_of
from medic_console.scoring.methods.weighing import likeliest
from medic_console.scoring.steps import ANSWER, Flow
from medic_console.suite.items import LoadedTask
from medic_console.suite.readers.base import text_of
from medic_console.suite.readers.tables import Row

PAIRS = "pairs"


def probe(loaded: LoadedTask, item: Item, seed: int) -> Flow:
    """Have a pair compared in one order."""
    spec, fields = loaded.task.judge, item.fields
    assert isinstance(spec, PairwiseSpec)
    prompt = order_prompt(spec, item, ANSWER, (str(fields["first"]), str(fields["second"])), seed)
    return closed(prompt, _place, item)


def pairs(path: Path, row: Row) -> Iterator[Item]:
    """Yield a pair in both orders."""
    name, better, worse = text_of(path, row, "id"), text_of(path, row, "better"), text_of(path, row, "worse")
    for gold, first, second in ((FIRST, better, worse), (SECOND, worse, better)):
        shown = {"question": text_of(path, row, "question"), "first": first, "second": second}
        yield Item(f"{name}-{gold.lower()}", {**shown, **marks_of(path, row, row)}, gold, name)


def _place(output: Output) -> str | None:
    """Return the place of the answer that is preferred, or that both are alike."""
    if len(likeliest(output)) > 1:
        return TIE
    return output.text if output.text in (FIRST, SECOND) else None

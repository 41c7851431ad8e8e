"""A judge's probes of rubrics: criteria of which is known whether an answer meets them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from medic_console.core.records import Item, Output
from medic_console.scoring.methods.probe import closed
from medic_console.scoring.methods.probes import marks_of, one_of, rows_of
from medic_console.scoring.methods.rubric.flow import MET, NOT_MET, criterion_prompts, is_met
from medic_console.scoring.methods.rubric.spec import RubricSpec
from medic_console.scoring.steps import ANSWER, Flow
from medic_console.suite.items import LoadedTask
from medic_console.suite.readers.base import text_of, value_of
from medic_console.suite.readers.tables import Row

RUBRIC = "rubric"


def probe(loaded: LoadedTask, item: Item, seed: int) -> Flow:
    """Ask whether an answer meets one criterion."""
    spec, fields = loaded.task.judge, item.fields
    assert isinstance(spec, RubricSpec)
    one = replace(item, gold={"rubrics": [{"criterion": fields["criterion"]}]})
    (prompt,) = criterion_prompts(spec, one, str(fields["answer"]), seed)
    return closed(replace(prompt, id=ANSWER), _finding, item)


def criteria(path: Path, row: Row) -> Iterator[Item]:
    """Yield an answer's criteria."""
    name, turns = text_of(path, row, "id"), value_of(path, row, "conversation")
    for number, one in enumerate(rows_of(path, row, "criteria"), 1):
        shown = {
            "conversation": turns,
            "answer": text_of(path, row, "answer"),
            "criterion": text_of(path, one, "criterion"),
            **marks_of(path, row, one),
        }
        gold = MET if one_of(path, one, "met", (True, False)) else NOT_MET
        yield Item(f"{name}-{number}", shown, gold, name)


def _finding(output: Output) -> str | None:
    if output.text not in (MET, NOT_MET):
        return None
    return MET if is_met(output) else NOT_MET

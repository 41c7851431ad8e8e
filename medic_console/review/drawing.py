"""A queue before and while it is stored: what its size can say is told first, for both front ends."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from medic_console.archive.reviews import ReviewStore
from medic_console.core.errors import UsageError
from medic_console.core.units import count
from medic_console.review.claims import promise
from medic_console.review.questions import CONTROL
from medic_console.review.queues import RANDOM, Drawn, cards, of_some_kinds
from medic_console.review.reader import ReviewReader

_NAME = 60


def check_name(name: str) -> None:
    """Refuse a name that cannot be read.

    Raises:
        UsageError: It is empty, too long or has signs that cannot be seen.
    """
    if not name.strip() or len(name) > _NAME or not name.isprintable():
        raise UsageError(f"A queue's name has 1 to {_NAME} visible characters.", "Choose another name.")


def sizes(drawn: Drawn) -> tuple[int, int]:
    """Return how many findings and how many controls were drawn."""
    controls = sum(one.kind == CONTROL for one in drawn.questions)
    return len(drawn.questions) - controls, controls


def forecast(drawn: Drawn) -> list[str]:
    """Return what a queue will be able to say, in sentences."""
    findings, controls = sizes(drawn)
    lines = [f"{count(findings, 'finding')} and {count(controls, 'control')}."]
    if findings:
        lines.append(f"{promise(drawn.record)}.")
    if drawn.design.order != RANDOM:
        lines.append("Ordered by risk: a bound can be claimed only when every card is decided.")
    if of_some_kinds(drawn.record):
        lines.append("Of some kinds of findings alone: how much speaks against the texts in all cannot be estimated.")
    if not controls:
        lines.append("Without controls, findings that the judge missed cannot be estimated.")
    return lines


def store_queue(archive: Path, name: str, drawn: Drawn) -> str:
    """Store a queue with its entry of the ledger, and return its digest.

    Raises:
        UsageError: The name cannot be used, or the texts of a run were forgotten.
        ArchiveError: The name is taken, or an item is not there any more.
    """
    check_name(name)
    with closing(ReviewReader(archive)) as reader:
        for run in drawn.design.runs:
            if by := reader.forgotten(run):
                raise UsageError(
                    f"The texts of run {run} were forgotten {by}: nobody can read them.", "Draw from other runs."
                )
        rows = cards(drawn, reader)
    with closing(ReviewStore(archive)) as store:
        store.add_queue(name, drawn.record, rows)
    with closing(ReviewReader(archive)) as reader:
        return reader.queue_digest(name)

"""`judge qualify --reviewed` and `--physicians`: judges measured on what people answered."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from rich.table import Table
from rich.text import Text

from medic_console.commands import consoles
from medic_console.commands.figures import metric_json
from medic_console.commands.output import write_json
from medic_console.core.digest import short
from medic_console.core.naming import alias_or
from medic_console.core.units import count
from medic_console.results.judging.measures import TITLES
from medic_console.review.probes import OwnProbes, probes_of_physicians, probes_of_queue
from medic_console.review.reader import ReviewReader
from medic_console.session.qualification import Measured
from medic_console.statistics.words import figure
from medic_console.suite.task import Task

NOTE = (
    "Of these probes alone: people answered a sample, not all that a judge is asked. "
    "No card is made: the verdict on a judge rests on the console's own probes."
)


def own_probes(archive: Path, queue: str, physicians: Path | None) -> OwnProbes | None:
    """Return the probes that people answered; None where none were asked for.

    Raises:
        ArchiveError: There is no such queue.
        ItemsError: The file is broken.
        UsageError: There is no probe in it.
    """
    if physicians is not None:
        return probes_of_physicians(physicians)
    if not queue:
        return None
    with closing(ReviewReader(archive)) as reader:
        return probes_of_queue(reader, queue)


def of_probes(tasks: Sequence[Task], own: OwnProbes) -> list[Task]:
    """Return the tasks that the probes are about."""
    return [task for task in tasks if not own.tasks or task.id in own.tasks]


def show_measured(archive: Path, found: Sequence[Measured], own: OwnProbes, as_json: bool) -> None:
    """Print what was measured, with how far people agree among themselves."""
    if as_json:
        judges = [{**asdict(one), "measures": {k: metric_json(v) for k, v in one.measures.items()}} for one in found]
        record = {"archive": str(archive), "probes": own.probes.digest, "left_out": own.left_out}
        write_json("measured", {**record, "ceiling": list(own.ceiling), "judges": judges})
        return
    out = consoles.output()
    for one in found:
        title = f"{alias_or(one.sha256, one.name)}  sha256 {short(one.sha256)}  as a judge of {one.method}"
        out.print(Text(title, "bold"))
        out.print(Text(f"{', '.join(one.tasks)}; run {one.run}", "dim"))
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in ("measure", "value", "n"):
            table.add_column(name)
        for name, value in one.measures.items():
            table.add_row(TITLES.get(name, name), figure(value), f"{value.n:,}")
        out.print(table)
    for line in (
        *own.ceiling,
        *((f"{count(own.left_out, 'answer')} could be no probe.",) if own.left_out else ()),
        NOTE,
    ):
        out.print(Text(line))

"""What home shows behind models and runs, in the order in which it is known; read in a thread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import TYPE_CHECKING

from medic_console.console.home.open_work import OpenWork, open_work
from medic_console.console.home.rows import Published

if TYPE_CHECKING:
    from medic_console.console.context import Context
    from medic_console.results.comparison.overview import Glimpse, Key, Overview


def figures(
    context: Context, models: tuple[str, ...], known: Mapping[Key, Glimpse], published: Published
) -> Iterator[Published | Overview | OpenWork]:
    """Yield the published figures, unless they are known, the overview task by task, then what is left to do.

    Args:
        models: sha256 of the candidates.
        known: Tasks read before.
        published: As known so far.

    Raises:
        MedicError: The archive cannot be read, or llama.cpp not loaded.
    """
    # Loaded here, in a thread: figures need the methods of all tasks, and home is drawn without them.
    from medic_console.console.reference_points import reference_points
    from medic_console.results.comparison.overview import overview
    from medic_console.results.measures import Measures

    tasks = context.tasks
    if not published.titles:
        yield Published(reference_points(tasks), {name: task.title for name, task in tasks.items()})
    with closing(Measures(context.archive)) as reader:
        yield from overview(reader, models, known)
    yield open_work(context.archive, tuple(tasks.values()))

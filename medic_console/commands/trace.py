"""One item of a stored run, whole: what each request was made of, the text that the model got, and what came of it."""

from __future__ import annotations

from rich.console import Console

from medic_console.archive.views import ItemTrace
from medic_console.core.naming import full
from medic_console.core.visible import plain
from medic_console.results.trace_lines import outcome_told, parts, verdict_lines


def print_trace(console: Console, trace: ItemTrace) -> None:
    """Print an item's trace, part by part under a title each."""
    judge = f", judge {full(trace.judge)}" if trace.judge else ""
    head = f"{trace.item} by {full(trace.candidate)}{judge}: {outcome_told(trace)}"
    _part(console, head, "\n".join(verdict_lines(trace)))
    for title, text in parts(trace):
        _part(console, title, text)


def _part(console: Console, title: str, text: str) -> None:
    console.print(plain(title), style="bold", markup=False, highlight=False)
    console.print(f"{plain(text)}\n", markup=False, highlight=False)

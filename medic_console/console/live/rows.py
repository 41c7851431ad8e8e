"""The task list of the live view, and what is said of its marked task."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.content import Content

from medic_console.archive.views import ModelResult, TaskView
from medic_console.audit.outline import Outline
from medic_console.console.live.state import LiveState, Stream
from medic_console.console.marks import beside, provisional_note
from medic_console.console.text import count, one_line, tail
from medic_console.console.widgets.scroll_pane import ScrollPane
from medic_console.console.widgets.steady import Steady
from medic_console.console.widgets.table import Cell, Column, Row
from medic_console.core.records import Counts, Dimension
from medic_console.statistics import words
from medic_console.suite.task import Task


def task_columns(outline: Outline) -> tuple[Column, ...]:
    """Return the columns of the task list; room is kept for the counts of the end, so that nothing moves."""
    most = max((len(f"{one.scores:,}") for one in outline.tasks), default=2)
    return (
        Column("", 1),
        Column("Task", least=9),
        Column("Done", max(5, 2 * most + 1), right=True),
        Column("Value [95 %]", 15, right=True),
        Column("Ans.", 4, right=True),
    )


def task_rows(state: LiveState, candidate: str, result: ModelResult | None) -> list[Row]:
    """Return one row a task of a candidate: glyph, title, scores, the main metric with its interval, share answered.

    Scores are as new as the state; figures as new as `result`.
    """
    views = {view.task.id: view for view in result.tasks} if result else {}
    rows: list[Row] = []
    for one, title in zip(state.outline.tasks, told_short([one.task for one in state.outline.tasks]), strict=True):
        done = state.by_task.get((candidate, one.task.id), Counts()).total
        cells: list[str | Cell] = [
            _glyph(done, one.scores),
            Cell(title, bold=True),
            f"{done:,}/{one.scores:,}",
            *_figures(views.get(one.task.id)),
        ]
        rows.append((one.task.id, cells))
    return rows


def without_task(outline: Outline) -> frozenset[Dimension]:
    """Return the dimensions on which no task of a run bears: they will have no figure."""
    return frozenset(Dimension).difference(*((*one.task.primary, *one.task.secondary) for one in outline.tasks))


def told_short(tasks: Sequence[Task]) -> list[str]:
    """Return the titles of tasks without the words before a colon that all of them begin with."""
    titles = [task.title for task in tasks]
    heads = {title.rpartition(": ")[0] for title in titles}
    return [title.rpartition(": ")[2] for title in titles] if len(titles) > len(heads) == 1 else titles


def in_numbers(outline: Outline) -> str:
    """Return "2 candidates · 3 tasks · 96 scores"."""
    models, tasks = count(len(outline.candidates), "candidate"), count(len(outline.tasks), "task")
    return f"{models} · {tasks} · {count(outline.total, 'score')}"


def _glyph(done: int, total: int) -> Cell:
    if done >= total:
        return Cell("✓", "score-scored")
    return Cell("▶", "run-running") if done else Cell("·", "score-waiting")


def _figures(view: TaskView | None) -> tuple[str, str]:
    if view is None or view.primary.value is None:
        return "–", "–"
    return words.marked(view.primary, 0), words.share_short(view.primary)


def told(task: Task, view: TaskView | None, narrow: bool) -> str:
    """Return what the row of a task has no room for: its metric, the figure of those answered, chance.

    Args:
        view: Its figures; None before there are any.
        narrow: The dimensions, below which provisional figures are explained, are out of sight.
    """
    parts = [task.primary_metric.title]
    if view is not None:
        parts += [beside(view.primary), provisional_note([("", view.primary)]) if narrow else ""]
    return " · ".join(part for part in parts if part)


def doubt(result: ModelResult | None) -> str:
    """Return why figures of a candidate are provisional; empty when none is."""
    return provisional_note([(one_line(view.task.title), view.primary) for view in result.tasks]) if result else ""


_WIDE = 60
_HEAD = 28
"""Cells of number, task and item."""


class Streams(ScrollPane):
    """Lines of number, task, item and the end of the text."""

    def __init__(self, id: str = "streams") -> None:
        super().__init__(id=id, classes="pane")
        self.border_title = "Streams"
        self._lines = Steady(classes="lines")
        self._note = Steady(classes="note")
        self._streams: Sequence[Stream] = ()
        self._instead = Content()

    def compose(self) -> ComposeResult:
        """The lines, or what is said instead of them."""
        yield self._lines
        yield self._note

    def on_resize(self) -> None:
        """Draw anew for the new width."""
        self.show(self._streams, self._instead)

    def show(self, streams: Sequence[Stream], instead: Content) -> None:
        """Draw sequences; where there are none, `instead`, whose untrusted parts went through `plain`."""
        self._streams, self._instead = streams, instead
        width = self.scrollable_content_region.width or _WIDE
        short = width >= _WIDE or 2 * len(streams) > self.scrollable_content_region.height
        head = min(_HEAD, width // 2) if short else 0
        lines = [_line(number, stream, width, head) for number, stream in enumerate(streams, 1)]
        self._lines.display, self._note.display = bool(lines), not lines
        if lines:
            self._lines.show_text(Content("\n").join(lines))
        else:
            self._note.show_text(instead)


def _line(number: int, stream: Stream, width: int, head: int) -> Content:
    """Return a stream's name, in `head` cells or in a line of its own, and what it says."""
    item = one_line(stream.ref.item).removeprefix(stream.ref.task).lstrip("-_ ")
    name = f"{stream.ref.task} {item}"
    if not head:
        return Content.assemble((f"{number:>2} {name}\n", "$muted"), "   ", _said(stream, width - 4))
    room = head - 4
    if len(name) > room:
        end = max(0, room - len(stream.ref.task) - 2)  # the end tells items apart
        name = f"{stream.ref.task} …{item[-end:]}" if end > 2 else f"{name[: room - 1]}…"
    return Content.assemble((f"{number:>2} {name:<{room}} ", "$muted"), _said(stream, width - head - 1))


def _reading(read: int, prompt: int, room: int) -> str:
    """Return how far a prompt has been read, in words that fit; a number is never cut."""
    parts = f"{read:,} of {prompt:,}"
    said = (f"reading {parts} tokens", f"reading {parts}", parts, "reading")
    return next((words for words in said if len(words) <= room), "")


def _said(stream: Stream, room: int) -> Content:
    """Return the end of a stream's text that fits into `room` cells, with a mark while it grows."""
    if stream.active and stream.read is not None:
        return Content.styled(_reading(stream.read, stream.prompt, room), "$muted")
    if stream.chooses:
        return Content.styled("choosing" if stream.active else "chosen", "$muted")
    end = Content(tail(stream.text, room * 2))
    said = end[max(0, len(end) - room) :] if len(end) > room else end
    if not stream.active:
        return said.stylize("$muted")
    return Content.assemble(said, ("▌", "$run-running"))

"""The tasks of a new run: none is in before the person takes it in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from medic_console.console.commands import bindings
from medic_console.console.text import count
from medic_console.console.widgets.form_table import ChoiceTable
from medic_console.console.widgets.table import Cell, Column, Row, Table
from medic_console.core.errors import MedicError
from medic_console.suite.items import LoadedTask
from medic_console.suite.task import Task

_COLUMNS = (Column("In", 5), Column("Task", least=10), Column("Items", 11), Column("Judge", 6))


class TaskList(Vertical):
    """Every task that the console knows."""

    BINDINGS = bindings("choices")

    class Changed(Message):
        """A task was taken in or out."""

    def __init__(self, tasks: Mapping[str, Task]) -> None:
        super().__init__(id="choices")
        self._tasks = tasks
        self._found: Mapping[str, LoadedTask | MedicError] = {}
        self._chosen: set[str] = set()

    @property
    def chosen(self) -> dict[str, LoadedTask | MedicError]:
        """Items of each task that is in, or why they cannot be read."""
        return {task: self._found[task] for task in self._tasks if task in self._chosen and task in self._found}

    @property
    def names(self) -> tuple[str, ...]:
        """Ids of the tasks that are in, whether their items are known or not."""
        return tuple(task for task in self._tasks if task in self._chosen)

    def compose(self) -> ComposeResult:
        """The table."""
        yield ChoiceTable(_COLUMNS, id="choices-table", classes="")

    def on_mount(self) -> None:
        """Draw the tasks before their items are known."""
        self._fill()

    def show(self, found: Mapping[str, LoadedTask | MedicError]) -> None:
        """Show what was found of each task's items."""
        self._found = found
        self._fill()

    def choose(self, tasks: Iterable[str]) -> None:
        """Take in these tasks and no others."""
        self._chosen = set(tasks) & set(self._tasks)
        self._tell()

    def toggle(self, task: str) -> None:
        """Take a task in or out, and mark it; one that cannot run says why and stays out."""
        found = self._found.get(task)
        if isinstance(found, MedicError) and task not in self._chosen:
            self.notify(f"{found.message} {found.hint}", title=f"{task} cannot run", severity="error", markup=False)
        elif task in self._tasks:
            self._chosen ^= {task}
            self._tell()
        self.query_one(Table).mark(task)

    def action_toggle_task(self) -> None:
        """Take the marked task in or out."""
        self.toggle(self.query_one(Table).chosen)

    def action_toggle_all(self) -> None:
        """Take all tasks in that can run, or all out when all are in."""
        able = {task for task in self._tasks if not isinstance(self._found.get(task), MedicError)}
        self._chosen = set() if able <= self._chosen else able
        self._tell()

    @on(Table.RowSelected)
    def _on_selected(self) -> None:
        self.action_toggle_task()

    def _tell(self) -> None:
        self._fill()
        self.post_message(self.Changed())

    def _fill(self) -> None:
        self.query_one(Table).fill([self._row(task) for task in self._tasks.values()])

    def _row(self, task: Task) -> Row:
        mark = Cell("● in", "score-scored") if task.id in self._chosen else Cell("· out", "muted")
        judge = "needed" if task.judge else ""
        return task.id, [mark, Cell(task.title, bold=True), _items(self._found.get(task.id)), Cell(judge, "muted")]


def _items(found: LoadedTask | MedicError | None) -> Cell:
    if found is None:
        return Cell("…", "muted")
    if isinstance(found, MedicError):
        return Cell("✗ no items", "score-failed")
    return Cell(count(len(found.items), "sample" if found.origin == "sample" else "item"))

"""Tasks: what each one measures, where its items come from, which files are there, what a model is asked."""

from __future__ import annotations

from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message

from medic_console.console.threads import in_thread
from medic_console.core import paths
from medic_console.console.context import Context
from medic_console.console.defects import attempt
from medic_console.console.base import ConsoleScreen
from medic_console.console.tasks.parts import FILES, detail, dimensions, letters
from medic_console.console.text import count, one_line, plain, shortened
from medic_console.console.widgets.folding import Folding
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.table import Cell, Column, Row, Table, state_cell
from medic_console.console.widgets.text_pane import TextPane
from medic_console.core.errors import MedicError, TaskFileError
from medic_console.suite.task import Task
from medic_console.audit.task_files import TaskFiles, task_files

_COLUMNS, _COLUMNS_WIDE = (
    (Column("Task", least=14), dimensions, Column("Items", 6, right=True), Column("Files", 14))
    for dimensions in (Column("Dim.", 7), Column("Dimensions (second ones)", 27))
)
_WIDE = 76
"""Cells of a list in which dimensions are named."""
_LETTERS = "M reasoning E ethics D data I in context C safety"
_FAULT = "unusable "
Found = TaskFiles | MedicError


class TasksScreen(ConsoleScreen):
    """Tasks left, the marked one right."""

    CSS_PATH = "tasks.tcss"
    PLACES = ("tasks_screen",)
    PANES = ("all-tasks", "task-detail")

    class FilesRead(Message):
        """A task's items were looked for."""

        def __init__(self, task: str, found: Found) -> None:
            super().__init__()
            self.task = task
            self.found = found

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._found: dict[str, Found] = {}

    def compose(self) -> ComposeResult:
        """Heading, tasks, detail."""
        yield Heading()
        yield Notice()
        table, pane = Table(_COLUMNS, id="all-tasks"), TextPane("task-detail")
        table.border_title, pane.border_title = "Tasks", "Task"
        yield Folding([("Tasks", table), ("Task", pane)])
        yield KeyBar()

    def on_mount(self) -> None:
        """Show what is known at once, and look for the items."""
        data = self.context.data
        where = f"official items in {one_line(shortened(data))}" if data else "no folder of official items: S sets one"
        self.heading.show(
            Content.styled("Tasks", "bold $primary"), count(len(self.context.tasks), "task"), Content(where)
        )
        if not self.context.tasks and not self.context.faults:
            self.query_one(Folding).display = False
            folder = shortened(paths.config_dir() / "tasks")
            hint = f"Your own go to {folder}. The bundled ones are missing: install medic-console again."
            self.query_one(Notice).empty("There is no task file.", hint)
            return
        self._fill()
        self.query_one("#all-tasks").focus()
        self._look()

    @in_thread("files", exclusive=True)
    def _look(self) -> None:
        cache, data = paths.cache_dir() / "databases", self.context.data
        for task in self.context.tasks.values():
            found = attempt(partial(task_files, task, cache, data))
            self.post_message(self.FilesRead(task.id, found))

    @on(FilesRead)
    def _on_files_read(self, message: FilesRead) -> None:
        self._found[message.task] = message.found
        self._fill()
        if message.task == self.query_one("#all-tasks", Table).chosen:
            self._show_detail()

    @on(Table.RowHighlighted, "#all-tasks")
    def _show_detail(self) -> None:
        key, pane = self.query_one("#all-tasks", Table).chosen, self.query_one(TextPane)
        task = self.context.tasks.get(key)
        if task is not None:
            pane.border_title = Content(one_line(task.title))
            pane.show_content(detail(task, self._found.get(key)))
        elif key.startswith(_FAULT):
            pane.border_title = "Unusable task file"
            fault = self.context.faults[int(key.removeprefix(_FAULT))]
            pane.show_content(Content.styled(plain(fault), "$score-failed"))

    @on(Table.RowSelected, "#all-tasks")
    def _on_opened(self) -> None:
        self.action_pane(2)

    def on_resize(self) -> None:
        """Name the dimensions where there is room."""
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        wide = self.query_one("#all-tasks").content_size.width >= _WIDE
        self.query_one("#all-tasks", Table).use_columns(_COLUMNS_WIDE if wide else _COLUMNS)
        rows = [_row(task, self._found.get(task.id), wide) for task in self.context.tasks.values()]
        for number, fault in enumerate(self.context.faults):
            rows.append((f"{_FAULT}{number}", [Cell(fault), "", "", Cell("✗ unusable", "score-failed")]))
        table, looked = self.query_one("#all-tasks", Table), len(self._found)
        table.fill(rows)
        waiting = len(self.context.tasks) - looked
        legend = "" if wide else _LETTERS
        table.border_subtitle = f"… looking for the items of {count(waiting, 'task')}" if waiting else legend


def _row(task: Task, found: Found | None, wide: bool) -> Row:
    name, asked = Cell(task.title, bold=True), dimensions(task) if wide else letters(task)
    if found is None:
        return task.id, [name, asked, "", Cell("…", "muted")]
    if isinstance(found, MedicError):
        state = "✗ unusable" if isinstance(found, TaskFileError) else "✗ unreadable"
        return task.id, [name, asked, "", Cell(state, "score-failed")]
    taken = found.taken
    items = f"{len(taken.items):,}" if taken else "–"
    return task.id, [name, asked, items, state_cell(FILES[found.state])]

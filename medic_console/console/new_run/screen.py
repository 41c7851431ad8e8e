"""New run: models, tasks and limits, with what cannot run said before the start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Self

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from medic_console.audit.prepare import Choice, load_task
from medic_console.console.base import ConsoleScreen
from medic_console.console.commands import bindings
from medic_console.console.context import Context
from medic_console.console.messages import StartRun
from medic_console.console.new_run.files import FileList
from medic_console.console.new_run.preflight import Remark, RunForm, Severity, remarks
from medic_console.console.text import count, one_line
from medic_console.console.widgets.folding import Folding
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.table import Cell, Column, Row, Table
from medic_console.core.errors import MedicError, UsageError
from medic_console.engine.template.completion import COMPLETION
from medic_console.suite.items import LoadedTask
from medic_console.suite.task import Task

_COLUMNS = (Column("In", 5), Column("Task", least=10), Column("Items", 11), Column("Judge", 6))


class TaskList(Vertical):
    """Every task that the console knows; all are in at first."""

    BINDINGS = bindings("choices")

    class Changed(Message):
        """A task was taken in or out."""

    def __init__(self, tasks: Mapping[str, Task]) -> None:
        super().__init__(id="choices")
        self._tasks = tasks
        self._found: Mapping[str, LoadedTask | MedicError] = {}
        self._chosen = set(tasks)

    @property
    def chosen(self) -> dict[str, LoadedTask | MedicError]:
        """Items of each task that is in, or why they cannot be read."""
        return {task: self._found[task] for task in self._tasks if task in self._chosen and task in self._found}

    def compose(self) -> ComposeResult:
        """The table."""
        yield Table(_COLUMNS, id="choices-table", classes="")

    def on_mount(self) -> None:
        """Draw the tasks before their items are known."""
        self._fill()

    def show(self, found: Mapping[str, LoadedTask | MedicError]) -> None:
        """Show what was found of each task's items."""
        self._found = found
        self._fill()

    def action_toggle_task(self) -> None:
        """Take the marked task in or out."""
        self._chosen ^= {self.query_one(Table).chosen} & set(self._tasks)
        self._tell()

    def action_toggle_all(self) -> None:
        """Take all tasks in, or all out when all are in."""
        self._chosen = set() if self._chosen == set(self._tasks) else set(self._tasks)
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


_MARKS = {
    Severity.STOPS: ("✗ cannot start", "score-failed"),
    Severity.WARNS: ("! note", "score-unscored"),
    Severity.TELLS: ("· ", "muted"),
}


class NewRunScreen(ConsoleScreen):
    """A form; `ctrl+g` starts."""

    CSS_PATH = "new_run.tcss"
    BINDINGS = bindings("new_run")
    PLACES = ("new_run",)
    PANES = ("models", "setup")

    class ItemsRead(Message):
        """The items of all tasks were looked for."""

        def __init__(self, data: Path | None, found: dict[str, LoadedTask | MedicError]) -> None:
            super().__init__()
            self.data = data
            self.found = found

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._read = False
        self._data = context.data

    def compose(self) -> ComposeResult:
        """Models left, tasks and limits right, remarks and the button below."""
        yield Heading()
        yield Folding([("Models", self._models()), ("Tasks and limits", self._setup())])
        with Horizontal(id="bottom"):
            with VerticalScroll(id="preflight", can_focus=False):
                yield Static(id="remarks")
            yield Button("Start  ctrl+g", id="start", variant="primary")
        yield KeyBar()

    def on_mount(self) -> None:
        """Look for the items of every task."""
        self.heading.show(Content.styled("New run", "bold $primary"), "models, tasks, limits, then ctrl+g")
        self._read_items(self._data)
        self.query_one("#path").focus()
        self._judge()

    def action_start(self) -> None:
        """Start the run, or say what stops it."""
        form = self._form()
        stops = [remark.text for remark in remarks(form) if remark.level is Severity.STOPS]
        if stops:
            self.notify("\n".join(stops), title="Cannot start", severity="error", markup=False)
        else:
            self.post_message(StartRun(form.plan()))

    @on(Button.Pressed, "#start")
    def _on_start_pressed(self) -> None:
        self.action_start()

    @on(Input.Submitted, "#path")
    def _on_path(self, event: Input.Submitted) -> None:
        try:
            added = self.query_one(FileList).add(Path(event.value.strip()).expanduser()) if event.value.strip() else 0
        except UsageError as error:
            self.notify(f"{error.message}\n{error.hint}", title=error.title, severity="error", markup=False)
            return
        if added:
            event.input.clear()
            self.query_one(FileList).focus_list()

    @on(Input.Submitted, "#data")
    @on(Input.Blurred, "#data")
    def _on_data(self) -> None:
        text = self.query_one("#data", Input).value.strip()
        data = Path(text).expanduser() if text else None
        if data != self._data:
            self._data = data
            self._read = False
            self.query_one(TaskList).show({})
            self._read_items(data)
            self._judge()

    @on(Input.Changed, "#limit")
    @on(Input.Changed, "#sample")
    @on(Input.Changed, "#context")
    @on(Input.Changed, "#parallel")
    @on(TaskList.Changed)
    @on(FileList.Changed)
    def _judge(self) -> None:
        lines = [_remark_line(remark) for remark in remarks(self._form())]
        self.query_one("#remarks", Static).update(Content("\n").join(lines))

    @work(thread=True, exclusive=True, group="items", exit_on_error=False)
    def _read_items(self, data: Path | None) -> None:
        found: dict[str, LoadedTask | MedicError] = {}
        for task in self.context.tasks.values():
            try:
                settings = replace(self.context.settings.run, sample=0)
                found[task.id] = load_task(task, Choice((), (), data=data, settings=settings))
            except MedicError as error:
                found[task.id] = error
        self.post_message(self.ItemsRead(data, found))

    @on(ItemsRead)
    def _on_items_read(self, message: ItemsRead) -> None:
        if message.data != self._data:
            return
        self._read = True
        self.query_one(TaskList).show(message.found)
        self._judge()

    def _form(self) -> RunForm:
        faults: list[str] = []
        limit = self._number("limit", faults)
        context, parallel = self._number("context", faults) or 0, self._number("parallel", faults) or 0
        sample = self._number("sample", faults) or 0
        settings = replace(self.context.settings.run, context=context, parallel=parallel, sample=sample)
        if not self._read:
            faults.append("The tasks' items are still being looked for.")
        return RunForm(self.query_one(FileList).entries, self.query_one(TaskList).chosen, settings, limit, faults)

    def _number(self, name: str, faults: list[str]) -> int | None:
        text = self.query_one(f"#{name}", Input).value.strip()
        if not text:
            return None
        if not text.isdecimal() or int(text) < 1:
            faults.append(f"{name.capitalize()} is {one_line(text)!r}; it must be a whole number from 1, or empty.")
            return None
        return int(text)

    def _models(self) -> Vertical:
        path = Input(placeholder="path of a GGUF file or of a folder; enter adds it", id="path")
        path.border_title = "Add a model"
        asked = self.context.settings.run.chat_template
        return _pane("models", "Models", path, FileList(COMPLETION if asked == "none" else ""))

    def _setup(self) -> Vertical:
        data = Input(str(self._data or ""), placeholder="empty: bundled samples", id="data")
        data.border_title = "Folder of official items"
        limits = []
        chosen = self.context.settings
        for name, value, usual, title in (
            ("limit", chosen.limit, "all", "Limit"),
            ("sample", chosen.run.sample, "none", "Sample"),
            ("context", chosen.run.context, "model's", "Context"),
            ("parallel", chosen.run.parallel, "what fits", "Sequences"),
        ):
            entry = Input(str(value or ""), placeholder=usual, id=name)
            entry.border_title = title
            limits.append(entry)
        return _pane("setup", "Tasks and limits", TaskList(self.context.tasks), data, Horizontal(*limits, id="limits"))


class _Pane(Vertical):
    """A pane whose focus goes to its first control."""

    def focus(self, scroll_visible: bool = True) -> Self:
        """Focus the first control."""
        first = next((child for child in self.query("*").results(Widget) if child.focusable), None)
        if first is not None:
            first.focus(scroll_visible)
        return self


def _pane(id: str, title: str, *children: Input | FileList | TaskList | Horizontal) -> Vertical:
    pane = _Pane(*children, id=id, classes="pane")
    pane.border_title = title
    return pane


def _remark_line(remark: Remark) -> Content:
    mark, variable = _MARKS[remark.level]
    return Content.assemble((f"{mark} ", f"${variable}"), one_line(remark.text, 1000))

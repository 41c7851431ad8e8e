"""New run: models, tasks and options, with what cannot run said before the start. Nothing is chosen by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Self

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from medic_console.audit.prepare import Choice, load_task, named_template, template_text
from medic_console.audit.presets import Preset
from medic_console.console.base import ConsoleScreen
from medic_console.console.commands import bindings
from medic_console.console.context import Context
from medic_console.console.dialogs.pick import PickScreen
from medic_console.console.key_order import KeyOrderApp
from medic_console.console.messages import StartRun, TextReady, Told
from medic_console.console.new_run.files import FileList
from medic_console.console.new_run.offers import Offers, offers
from medic_console.console.new_run.options import DATA, ENCODER, TEMPLATE, OptionTable
from medic_console.console.new_run.picking import NO_PRESET, found_lines, preset_lines, saved
from medic_console.console.new_run.preflight import Remark, RunForm, Severity, remarks
from medic_console.console.new_run.task_list import TaskList
from medic_console.console.text import one_line
from medic_console.console.threads import in_thread
from medic_console.console.widgets.edit_line import EditLine
from medic_console.console.widgets.folding import Folding
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.path_input import PathInput
from medic_console.console.widgets.table import Table
from medic_console.core.errors import MedicError, UsageError
from medic_console.core.run_settings import RunSettings
from medic_console.engine.endpoint.address import source_of
from medic_console.suite.items import LoadedTask

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
    PANES = ("models", "setup", "options")
    AUTO_FOCUS = "#files"  # else the line for paths has it for a moment, and takes what is typed then

    class ItemsRead(Message):
        """The items of all tasks were looked for."""

        def __init__(self, data: Path | None, found: dict[str, LoadedTask | MedicError]) -> None:
            super().__init__()
            self.data = data
            self.found = found

    class Offered(Message):
        """The archive and the folders were looked through."""

        def __init__(self, offers: Offers) -> None:
            super().__init__()
            self.offers = offers

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._read = False
        self._data = context.data
        self._editing = ""
        self._presets: Mapping[str, Preset] = {}
        self._last: Preset | None = None

    def compose(self) -> ComposeResult:
        """Models left, tasks and options right, remarks and the button below."""
        yield Heading()
        path = PathInput(placeholder="a GGUF file, a folder or http://HOST:PORT; enter adds it", id="path")
        path.border_title = "Add a model"
        options = OptionTable(self.context.settings, self._data)
        models = _pane("models", "Models", path, FileList())
        tasks = _pane("setup", "Tasks", TaskList(self.context.tasks))
        chosen = _pane("options", "Options", options)
        yield Folding([("Models", models), ("Tasks", tasks), ("Options", chosen)])
        with Horizontal(id="bottom"):
            with VerticalScroll(id="preflight", can_focus=False):
                yield Static(id="remarks")
            yield Button("Start  ctrl+g", id="start", variant="primary")
        yield KeyBar()

    def on_mount(self) -> None:
        """Look for the items of every task, and for models that may be chosen."""
        self.heading.show(Content.styled("New run", "bold $primary"), "p presets · f find · ctrl+g starts")
        self._read_items(self._data)
        self._look(self.context.settings.models, self.context.settings.servers)
        self._follow_template()
        self.query_one(FileList).focus_list()
        self._judge()

    def action_start(self) -> None:
        """Start the run, or say what stops it."""
        form = self.form()
        stops = [remark.text for remark in remarks(form) if remark.level is Severity.STOPS]
        if stops:
            self.notify("\n".join(stops), title="Cannot start", severity="error", markup=False)
            return
        if form.encoder is not None:
            self.notify(f"Reading {form.encoder.name}.", markup=False, timeout=3)
        self._plan(form)

    @in_thread("plan", exclusive=True)
    def _plan(self, form: RunForm) -> None:
        """Make the plan in a thread: a named encoder is hashed, which takes its time."""
        try:
            self.post_message(StartRun(form.plan()))
        except MedicError as error:
            self.post_message(Told(error.title, f"{error.message}\n{error.hint}", failed=True))

    def action_time(self) -> None:
        """Tell how long the run takes, or what stops it."""
        form = self.form()
        stops = [remark.text for remark in remarks(form) if remark.level is Severity.STOPS]
        if stops:
            self.notify("\n".join(stops), title="No time can be told", severity="error", markup=False)
        elif self.context.running is not None:
            text = "A run is going on: a probe would measure both. Ask again after its end."
            self.notify(text, title="No time can be told", severity="warning", markup=False)
        else:
            self.notify("Counting the tokens of all prompts.", title="Time", markup=False, timeout=4)
            self._measure(form, self.keys_taken)

    @in_thread("time", exclusive=True)
    def _measure(self, form: RunForm, asked: int) -> None:
        """Measure in a thread."""
        from medic_console.console.new_run.timing import measured

        try:
            text = measured(form, self.context.archive, lambda told: self.post_message(Told("Time", told)))
        except MedicError as error:
            self.post_message(Told(error.title, f"{error.message}\n{error.hint}", failed=True))
        else:
            self.post_message(TextReady("How long the run takes", text, asked, "new_run.time"))

    def action_presets(self) -> None:
        """Pick a preset; it fills the form."""
        lines, self._presets = preset_lines(tuple(self.context.tasks), self._last)
        self._pick(PickScreen("Presets", lines, NO_PRESET), self._on_preset)

    def action_find(self) -> None:
        """Find a model or a task by some of its letters, and choose it."""
        lines = found_lines(self.query_one(FileList).entries, self.context.tasks)
        self._pick(PickScreen("Find a model or a task", lines), self._on_found)

    def action_save_preset(self) -> None:
        """Keep the form as a preset of one's own."""
        if not self.query(EditLine):
            self._editing = ""
            self.open_line(EditLine("Save as preset", "", "small letters · enter saves · esc leaves"))

    def _pick(self, screen: PickScreen, done: Callable[[str | None], None]) -> None:
        self.app.push_screen(screen, done)
        if isinstance(self.app, KeyOrderApp):
            self.app.hold_keys(screen)

    def _on_found(self, key: str | None) -> None:
        kind, _, name = (key or "").partition(":")
        if kind == "model":
            self.focus_pane(self.query_one("#models", Widget))
            self.query_one(FileList).show_file(name)
            self.query_one(FileList).action_toggle_candidate()
        elif kind == "task":
            self.focus_pane(self.query_one("#setup", Widget))
            self.query_one(TaskList).toggle(name)

    def _on_preset(self, key: str | None) -> None:
        preset = self._presets.get(key or "")
        if preset is None:
            return
        self.query_one(OptionTable).apply(preset)
        self.query_one(TaskList).choose(preset.tasks)
        if preset.models or preset.judges:
            self.query_one(FileList).choose(preset.models, preset.judges)
        more = f" Thresholds: {preset.use_case} of the portfolio." if preset.use_case else ""
        notes = " ".join(preset.notes)
        self.notify(f"{preset.title}.{more} {notes}".strip(), title="Preset", markup=False, timeout=8)

    @on(EditLine.Entered)
    def _on_entered(self, message: EditLine.Entered) -> None:
        if self._editing:
            if self.query_one(OptionTable).change(self._editing, message.text):
                message.line.close()
            return
        try:
            path = saved(message.text, self.form(), self.query_one(TaskList).names, self.query_one(OptionTable))
        except UsageError as error:
            self.notify(f"{error.message} {error.hint}", title="Not saved", severity="error", markup=False)
        else:
            message.line.close()
            self.notify(f"{path}\nIt can be shared: run --preset FILE takes it.", title="Saved", markup=False)

    @on(Table.RowSelected, "#options-table")
    def _on_option(self) -> None:
        options = self.query_one(OptionTable)
        line = options.line()
        if line is not None and not self.query(EditLine):
            self._editing = options.marked
            self.open_line(line)

    @on(OptionTable.Changed)
    def _on_option_changed(self, message: OptionTable.Changed) -> None:
        if message.name == DATA:
            self._follow_data()
        elif message.name in (TEMPLATE, "chat_template"):
            self._follow_template()
        self._judge()

    @on(Button.Pressed, "#start")
    def _on_start_pressed(self) -> None:
        self.action_start()

    @on(PathInput.Several)
    def _on_several(self, message: PathInput.Several) -> None:
        names = "  ".join(
            one.rstrip("/").rpartition("/")[2] + ("/" if one.endswith("/") else "") for one in message.found
        )
        self.query_one("#file-detail", Static).update(one_line(names, 300))

    @on(Input.Submitted, "#path")
    def _on_path(self, event: Input.Submitted) -> None:
        typed = event.value.strip()
        try:
            added = self.query_one(FileList).add(source_of(typed)) if typed else 0
        except UsageError as error:
            self.notify(f"{error.message}\n{error.hint}", title=error.title, severity="error", markup=False)
            return
        if added:
            event.input.clear()
            self.query_one(FileList).focus_list()

    @on(TaskList.Changed)
    @on(FileList.Changed)
    def _judge(self) -> None:
        lines = [_remark_line(remark) for remark in remarks(self.form())]
        self.query_one("#remarks", Static).update(Content("\n").join(lines))

    def _follow_data(self) -> None:
        data = self.query_one(OptionTable).path(DATA)
        if data != self._data:
            self._data = data
            self._read = False
            self.query_one(TaskList).show({})
            self._read_items(data)

    def _follow_template(self) -> None:
        try:
            self.query_one(FileList).use_template(template_text(self._template))
        except UsageError as error:
            self.notify(f"{error.message} {error.hint}", title=error.title, severity="error", markup=False)

    @property
    def _template(self) -> Path | None:
        """The template as a person would name it."""
        options = self.query_one(OptionTable)
        return Preset(
            "", "", (), template=options.path(TEMPLATE), run={"chat_template": options.settings.chat_template}
        ).template_choice

    @in_thread("items", exclusive=True)
    def _read_items(self, data: Path | None) -> None:
        found: dict[str, LoadedTask | MedicError] = {}
        for task in self.context.tasks.values():
            try:
                found[task.id] = load_task(task, Choice((), (), data=data, settings=RunSettings()))
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

    @in_thread("offers", exclusive=True)
    def _look(self, folders: tuple[Path, ...], servers: tuple[str, ...]) -> None:
        self.post_message(self.Offered(offers(self.context.archive, folders, servers)))

    @on(Offered)
    def _on_offered(self, message: Offered) -> None:
        self._last = message.offers.last
        self.query_one(FileList).offer(message.offers.files)

    def form(self) -> RunForm:
        """Return all that is chosen now."""
        options, faults = self.query_one(OptionTable), []
        if not self._read:
            faults.append("The tasks' items are still being looked for.")
        settings = options.settings
        try:
            settings = replace(settings, chat_template=named_template(self._template))
        except UsageError as error:
            faults.append(f"{error.message} {error.hint}")
        chosen = self.query_one(TaskList).chosen
        entries = self.query_one(FileList).entries
        return RunForm(entries, chosen, settings, options.limit, faults, options.path(ENCODER))


class _Pane(Vertical):
    """A pane whose focus goes to its list."""

    def focus(self, scroll_visible: bool = True) -> Self:
        """Focus the list."""
        self.query_one(Table).focus(scroll_visible)
        return self


def _pane(id: str, title: str, *children: Widget) -> Vertical:
    pane = _Pane(*children, id=id, classes="pane")
    pane.border_title = title
    return pane


def _remark_line(remark: Remark) -> Content:
    mark, variable = _MARKS[remark.level]
    return Content.assemble((f"{mark} ", f"${variable}"), one_line(remark.text, 1000))

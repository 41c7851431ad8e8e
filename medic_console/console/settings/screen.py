"""Settings: everything that can be set, from the one schema; each change is checked and saved at once."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from medic_console.console.base import ConsoleScreen
from medic_console.console.commands import COMMANDS, TOGETHER, bindings
from medic_console.console.context import Context
from medic_console.console.keymap import keymap
from medic_console.console.messages import SettingsSaved
from medic_console.console.settings.rows import Entry, command_entries, entries, row_of, shown_value
from medic_console.console.text import count, one_line, plain, shortened
from medic_console.console.widgets.edit_line import EditLine
from medic_console.console.widgets.form_table import FormTable
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.table import Column, Table
from medic_console.core.errors import MedicError, SettingsError
from medic_console.core.settings import Loaded, Value, checked, read_settings, save_value, settings_file

_COLUMNS = (Column("Section", 11), Column("Setting", weight=2), Column("Value", weight=2), Column("Usual", weight=1))
_NARROW = (Column("Section", 10), Column("Setting", weight=3), Column("Value", weight=3))


class SettingsScreen(ConsoleScreen):
    """A table of settings; enter changes the marked one."""

    CSS_PATH = "settings.tcss"
    BINDINGS = bindings("settings_screen")
    PLACES = ("settings_screen",)
    PANES = ("all-settings",)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._loaded = Loaded()

    def compose(self) -> ComposeResult:
        """Heading, what is wrong with the file, the table, the marked setting."""
        yield Heading()
        yield Notice()
        table = FormTable(_COLUMNS, id="all-settings")
        table.border_title = "Settings"
        yield table
        yield Static(id="setting-detail")
        yield KeyBar()

    def on_mount(self) -> None:
        """Read the file."""
        self.heading.show(Content.styled("Settings", "bold $primary"), one_line(shortened(settings_file())))
        self.context.settings_changed.subscribe(self, lambda _: self._read())
        self._read()
        self.query_one(Table).focus()

    def on_resize(self) -> None:
        """Choose the columns that fit."""
        self.call_after_refresh(self._fill)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to take back only what was set."""
        if action == "reset":
            entry = self._marked() if self.query(Table) else None
            return entry is not None and entry.path in self._loaded.values
        return super().check_action(action, parameters)

    def action_reset(self) -> None:
        """Take the marked setting out of the file."""
        entry = self._marked()
        if entry is not None and entry.path in self._loaded.values:
            self._save(entry, None)

    @on(Table.RowSelected, "#all-settings")
    def _on_opened(self) -> None:
        entry = self._marked()
        if entry is None or self.query(EditLine):
            return
        choices = self._choices(entry)
        if choices:
            now = str(self._loaded.values.get(entry.path, entry.usual))
            following = choices[(choices.index(now) + 1) % len(choices)] if now in choices else choices[0]
            self._try(entry, following)
        else:
            self.open_line(EditLine(entry.title, shown_value(self._loaded.values.get(entry.path))))

    @on(EditLine.Entered)
    def _on_entered(self, message: EditLine.Entered) -> None:
        entry = self._marked()
        if entry is not None and self._try(entry, message.text):
            message.line.close()

    @on(Table.RowHighlighted, "#all-settings")
    def _show_detail(self) -> None:
        entry = self._marked()
        self.refresh_bindings()
        if entry is not None:
            self.query_one("#setting-detail", Static).update(_detail(entry, self._loaded, self._choices(entry)))

    def _try(self, entry: Entry, text: str) -> bool:
        """Save what was typed, or say why not."""
        try:
            value = self._key(entry, text) if entry.setting is None else checked(entry.setting, text)
            return self._save(entry, value if value != "" else None)
        except MedicError as error:
            self.notify(f"{error.message} {error.hint}", title="Not saved", severity="error", markup=False, timeout=8)
            return False

    def _key(self, entry: Entry, text: str) -> Value:
        """Return keys that can be used for a command; an empty text takes the usual ones."""
        name = ".".join(entry.path[1:])
        if not text.strip():
            return ""
        found = keymap({**self._loaded.settings.keys, name: text}, TOGETHER)
        if found.faults:
            raise SettingsError(found.faults[0])
        return found.keys[name]

    def _save(self, entry: Entry, value: Value | None) -> bool:
        try:
            save_value(settings_file(), entry.path, value)
        except SettingsError as error:
            self.notify(f"{error.message} {error.hint}", title="Not saved", severity="error", markup=False, timeout=8)
            return False
        self.post_message(SettingsSaved())
        return True

    def _choices(self, entry: Entry) -> Sequence[str]:
        if entry.path == ("appearance", "theme"):
            return sorted(self.app.available_themes)
        if entry.setting is None:
            return ()
        return ("yes", "no") if entry.setting.key.kind == "flag" else entry.setting.key.choices

    def _read(self) -> None:
        file = settings_file()
        self._loaded = read_settings(file, [command.id for command in COMMANDS])
        keys = keymap(self._loaded.settings.keys, TOGETHER)
        faults = (*self._loaded.faults, *keys.faults)
        notice = self.query_one(Notice)
        if faults:
            text = "\n".join(faults).replace(str(file), shortened(file))
            notice.error(SettingsError(text, "Correct the file, or set the value here; everything else of it is used."))
        elif not file.exists():
            notice.empty("Nothing is set: everything is as usual.", f"The first change makes {shortened(file)}.")
        else:
            notice.hide()
        self._fill()
        self._show_detail()

    def _fill(self) -> None:
        narrow = self.has_class("-narrow")
        table, listed = self.query_one(Table), self._entries()
        table.use_columns(_NARROW if narrow else _COLUMNS)
        table.fill([row_of(entry, self._loaded, narrow) for entry in listed])
        table.border_subtitle = f"{count(len(self._loaded.values), 'setting')} of {len(listed)} changed"

    def _entries(self) -> list[Entry]:
        return [*entries(), *command_entries()]

    def _marked(self) -> Entry | None:
        key = self.query_one(Table).chosen
        return next((entry for entry in self._entries() if entry.key == key), None)


def _detail(entry: Entry, loaded: Loaded, choices: Sequence[str]) -> Content:
    """Return what a setting does, what it may be, and how it is changed."""
    may_be = f"one of {', '.join(choices)}; enter takes the next" if choices else f"{entry.may_be}; enter changes it"
    usual = shown_value(entry.usual) or "nothing"
    state = "set in the file; delete takes it out" if entry.path in loaded.values else "not set"
    return Content.assemble(
        (f"{'.'.join(entry.path)}  ", "bold $accent"),
        plain(entry.help),
        (f"\n{plain(may_be)} · usual: {plain(usual)} · {state}", "$muted"),
    )

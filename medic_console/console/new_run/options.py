"""The options of a new run: every one that the command line has, from the schema of settings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from medic_console.audit.presets import Preset
from medic_console.console.commands import bindings
from medic_console.console.settings.rows import may_be, shown_value
from medic_console.console.text import plain
from medic_console.console.widgets.edit_line import EditLine
from medic_console.console.widgets.form_table import FormTable
from medic_console.console.widgets.table import Cell, Column, Row, Table
from medic_console.core.errors import MedicError
from medic_console.core.run_settings import RunSettings
from medic_console.core.settings import SETTINGS, Setting, Settings, Value, checked
from medic_console.core.toml_schema import Key

_PATH = Key("text", required=False)
DATA, TEMPLATE, ENCODER, LIMIT = "data", "template", "encoder", "limit"
PATHS: Mapping[str, tuple[str, ...]] = {DATA: (), TEMPLATE: (".jinja", ".jinja2", ".txt"), ENCODER: (".gguf",)}
"""Options that are a path, with the endings of its file; none for a folder."""
_FILES = (
    Setting("files", TEMPLATE, "Template file", "Jinja text in place of the models' own templates.", _PATH, ""),
    Setting("files", ENCODER, "Encoder", "GGUF encoder that BERTScore is computed with; empty: none.", _PATH, ""),
)
_FIRST = (DATA, LIMIT, "sample", "seed", "shots", "multiple_choice", "qualified_only", "chat_template")
"""Options that say what is asked; how the engine runs comes behind them."""
_COLUMNS = (Column("Option", weight=3), Column("Value", weight=3))


def _listed() -> dict[str, Setting]:
    known = {one.name: one for one in SETTINGS if one.section == "run" or one.path == ("folders", DATA)}
    known |= {one.name: one for one in _FILES}
    first = [name for name in _FIRST if name in known]
    return {name: known[name] for name in (*first, *(name for name in known if name not in first))}


class OptionTable(Vertical):
    """Name and value of each option; enter changes the marked one.

    Args:
        settings: What the person has set: where the form begins.
        data: Folder of official items; None: bundled samples.
    """

    BINDINGS = bindings("run_options")

    class Changed(Message):
        """An option has another value."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, settings: Settings, data: Path | None) -> None:
        super().__init__(id="options-list")
        self._options = _listed()
        self._usual: dict[str, Value | None] = {name: one.default for name, one in self._options.items()}
        self._values = dict(self._usual)
        for name in self._options:
            if hasattr(settings.run, name) and name != ENCODER:
                self._values[name] = getattr(settings.run, name)
        self._values[LIMIT] = settings.limit
        self._values[DATA] = str(data or "")
        self._begin = dict(self._values)

    @property
    def settings(self) -> RunSettings:
        """Settings of the run, but for the digests of files that were named."""
        return RunSettings(**{name: value for name, value in self._values.items() if self._of_run(name)})  # type: ignore[arg-type]

    @property
    def limit(self) -> int | None:
        """Most items of each task; None takes all."""
        return int(self._values[LIMIT] or 0) or None

    def path(self, name: str) -> Path | None:
        """Return a path that was named: of `DATA`, `TEMPLATE` or `ENCODER`."""
        text = str(self._values[name] or "").strip()
        return Path(text).expanduser().absolute() if text else None

    def compose(self) -> ComposeResult:
        """The table, and what to say of the marked option."""
        yield FormTable(_COLUMNS, id="options-table", classes="")
        yield Static(id="option-detail", markup=False)

    def on_mount(self) -> None:
        """Draw."""
        self._fill()

    def apply(self, preset: Preset) -> None:
        """Take over what a preset says; what it does not say is as it was at first."""
        self._values = dict(self._begin)
        self._values |= {name: value for name, value in preset.run.items() if name in self._values}
        if preset.limit or preset.run.get("sample"):
            self._values[LIMIT] = preset.limit or 0
        if preset.limit:
            self._values["sample"] = 0
        for name, place in ((DATA, preset.data), (TEMPLATE, preset.template), (ENCODER, preset.encoder)):
            self._values[name] = str(place or self._begin[name] or "")
        self._fill()
        for name in (DATA, TEMPLATE):
            self.post_message(self.Changed(name))

    def change(self, name: str, text: str) -> bool:
        """Give an option what was typed; tell why it cannot have it."""
        try:
            value = checked(self._options[name], text) if text.strip() else self._usual[name]
            if name in PATHS and text.strip() and not Path(text.strip()).expanduser().exists():
                raise MedicError(f"{text.strip()}: there is no such {'folder' if name == DATA else 'file'}.")
        except MedicError as error:
            self.notify(f"{error.message} {error.hint}", title="Not taken", severity="error", markup=False, timeout=8)
            return False
        self._set(name, value)
        return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to take back only what was changed."""
        if action == "usual":
            name = self._marked()
            return bool(name) and self._values[name] != self._usual[name]
        return super().check_action(action, parameters)

    def action_usual(self) -> None:
        """Make the marked option as usual again."""
        self._set(self._marked(), self._usual[self._marked()])

    @on(Table.RowSelected, "#options-table")
    def _on_selected(self) -> None:
        name = self._marked()
        choices, now = _choices(self._options[name]), shown_value(self._values[name])
        if choices:
            self.change(name, choices[(choices.index(now) + 1) % len(choices)] if now in choices else choices[0])

    @on(Table.RowHighlighted, "#options-table")
    def _on_highlighted(self) -> None:
        self._show_detail()
        self.screen.refresh_bindings()

    def line(self) -> EditLine | None:
        """Return the line in which the marked option is typed; None where it has choices."""
        name = self._marked()
        if not name or _choices(self._options[name]):
            return None
        value = self._values[name]
        shown = "" if value == self._usual[name] else shown_value(value)
        return EditLine(self._options[name].title, shown, completes=PATHS.get(name))

    @property
    def marked(self) -> str:
        """Name of the marked option."""
        return self._marked()

    def _set(self, name: str, value: Value | None) -> None:
        self._values[name] = value
        self._fill()
        self._show_detail()
        self.post_message(self.Changed(name))

    def _of_run(self, name: str) -> bool:
        return self._options[name].section == "run" and name != LIMIT

    def _marked(self) -> str:
        return self.query_one(Table).chosen if self.query(Table) else ""

    def _show_detail(self) -> None:
        name = self._marked()
        if name:
            self.query_one("#option-detail", Static).update(_detail(self._options[name]))

    def _fill(self) -> None:
        self.query_one(Table).fill([self._row(name, one) for name, one in self._options.items()])

    def _row(self, name: str, one: Setting) -> Row:
        value = self._values[name]
        changed = value != self._usual[name]
        shown = shown_value(value)
        return name, [one.title, Cell(shown or "–", "" if changed else "muted", bold=changed)]


def _choices(one: Setting) -> tuple[str, ...]:
    return ("yes", "no") if one.key.kind == "flag" else one.key.choices


def _detail(one: Setting) -> Content:
    choices = _choices(one)
    how = f"one of {', '.join(choices)}" if choices else may_be(one)
    usual: Any = shown_value(one.default) or "nothing"
    return Content.assemble(plain(one.help), (f"\n{plain(how)} · usual: {plain(usual)}", "$muted"))

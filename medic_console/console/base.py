"""What all screens share: a heading, keys from the table, reading the archive in a thread."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual import events, on
from textual.content import Content
from textual.dom import DOMNode
from textual.message import Message
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static
from textual.worker import Worker, WorkerState

from medic_console.console.clipboard import condition, not_copied
from medic_console.console.command import Command
from medic_console.console.commands import COMMANDS, bindings
from medic_console.console.defects import defect, tell_defect
from medic_console.console.key_order import KeyOrderApp
from medic_console.console.messages import Copy, ShowText, TextReady, Told
from medic_console.console.splits import Border, Splits
from medic_console.console.text import count, plain
from medic_console.console.threads import in_thread
from medic_console.console.widgets.folding import Folding, Tab
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.search_line import SearchLine
from medic_console.console.widgets.table import Table
from medic_console.console.widgets.text_pane import TextPane
from medic_console.core import paths
from medic_console.core.errors import MedicError

if TYPE_CHECKING:
    from medic_console.console.context import Context
    from medic_console.results.export import MakeSheet
    from medic_console.results.reader import Reader

_ROWS = 1_000
"""Rows of a list on a page of plain text."""
_BY_HAND = "Y shows plain text to mark."


def plain_text(screen: Screen[None]) -> str:
    """Return the text of a screen's panes from top to bottom, each under its title."""
    blocks: list[str] = []
    for widget in screen.walk_children(Widget):
        if _left_out(widget, screen):
            continue
        title = Content.from_markup(widget.border_title or "").plain
        text = _text_of(widget)
        if title or text:
            blocks.append("\n".join(part for part in (title, text) if part))
    return "\n\n".join(blocks) + "\n"


def _left_out(widget: Widget, screen: Screen[None]) -> bool:
    """Leave out controls, hidden widgets and the inside of panes that tell their own text."""
    around = [node for node in widget.ancestors if node is not screen]
    if any(isinstance(node, KeyBar | SearchLine | TextPane) for node in around):
        return True
    return isinstance(widget, KeyBar | Tab | SearchLine) or any(_hidden(node) for node in (widget, *around))


def _hidden(node: DOMNode) -> bool:
    """A pane that is only folded away is not hidden."""
    return not node.display and not isinstance(node.parent, Folding)


def _text_of(widget: Widget) -> str:
    if isinstance(widget, Table):
        return widget.as_plain(_ROWS)
    if isinstance(widget, TextPane):
        return widget.text
    if isinstance(widget, Input):
        return plain(widget.value)
    shown = widget.visual if isinstance(widget, Static) else None
    return shown.plain if isinstance(shown, Content) else ""


T = TypeVar("T")


class ConsoleScreen(Screen[None]):
    """A screen of the console.

    Attributes:
        PLACES: Where its commands stand in the table; the first names its help text.
        PANES: Ids of the panes that the keys 1 to 3 go to.
        REWORDED: Commands that are told otherwise here, by id.
    """

    BINDINGS = bindings("screen")
    ALLOW_IN_MAXIMIZED_VIEW = "Heading, Notice, KeyBar, SearchLine, EditLine"
    PLACES: ClassVar[tuple[str, ...]] = ()
    PANES: ClassVar[tuple[str, ...]] = ()
    REWORDED: ClassVar[Mapping[str, Command]] = {}
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """As Textual has it, but a change draws the panes concerned alone, not all of the screen."""

    def __init__(self, context: Context) -> None:
        super().__init__(classes=context.width)
        self.context = context
        self.splits = Splits(self, self.PLACES[0] if self.PLACES else "", context.splits, self.panes_moved)
        self._dragged: tuple[Widget, Border] | None = None

    def on_mount(self) -> None:
        """Give panes the sizes that they had when the screen was open before, and again after a zoom."""
        self.watch(self, "maximized", self.splits.restore)

    def on_resize(self) -> None:
        """Other panes may stand beside each other now."""
        self.call_after_refresh(self.splits.restore)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of the border under the pointer."""
        border = self.splits.border_at(event.screen_x, event.screen_y)
        if border is not None and self.maximized is None:
            holder = border.panes[border.number]
            holder.capture_mouse()
            self._dragged = holder, border
            event.stop()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Move the border that is held."""
        if self._dragged is not None:
            border = self._dragged[1]
            self.splits.move(border, event.screen_x if border.axis == "width" else event.screen_y)

    def on_mouse_up(self) -> None:
        """Let go of the border."""
        if self._dragged is not None:
            self._dragged[0].release_mouse()
            self._dragged = None
            self.clear_selection()

    @property
    def keys_taken(self) -> int:
        """Keys that have been at work until now."""
        return self.app.taken if isinstance(self.app, KeyOrderApp) else 0

    def waits_since(self, asked: int, what: str = "") -> bool:
        """Tell whether the screen is in front and nothing was typed since so many keys had been at work.

        Args:
            what: Is named to a person who has gone on; empty names nothing.
        """
        waits = self.is_current and self.keys_taken == asked
        if what and not waits:
            self.notify(f"{what}: you have gone on meanwhile, so nothing was opened. Ask again.", timeout=8)
        return waits

    def key_of(self, command: str) -> str:
        """Return the keys of a command, by its id, as a person reads them."""
        return next(one for one in COMMANDS if one.id == command).shown_keys(self.context.keys)

    @on(TextReady)
    def _on_text_ready(self, message: TextReady) -> None:
        """Open a text that was waited for; whoever has gone on is told what it begins with."""
        if self.waits_since(message.asked):
            self.post_message(ShowText(message.title, message.text))
        else:
            first = message.text.partition("\n")[0]
            self.notify(
                f"{first}\n{self.key_of(message.command)} shows all of it.",
                title=message.title,
                markup=False,
                timeout=12,
            )

    def panes_moved(self) -> None:
        """Hear that a person gave panes other sizes."""

    @property
    def heading(self) -> Heading:
        """The first line."""
        return self.query_one(Heading)

    def action_leave(self) -> None:
        """Leave the search of the focused table, then the zoom; else go one step towards home."""
        focused = self.focused
        if isinstance(focused, Table) and focused.sought:
            focused.search("")
        elif self.maximized is not None:
            self.minimize()
        else:
            self.leave()

    def leave(self) -> None:
        """Go one step towards home."""
        self.app.pop_screen()

    def action_back_to(self, number: int) -> None:
        """Go back to a screen of the way that led here; the number is its place on the stack."""
        while len(self.app.screen_stack) > number + 1 and isinstance(self.app.screen, ConsoleScreen):
            self.app.pop_screen()

    def action_copy_screen(self) -> None:
        """Show all of the screen as plain text."""
        self.post_message(ShowText("text", self.as_plain()))

    def as_plain(self) -> str:
        """Return what the screen holds as plain text, folded panes and rows out of sight too."""
        return plain_text(self)

    def sheet_of(self, table: Table) -> MakeSheet:
        """Return what a thread makes of a table that is exported: by default its rows as they are shown, uncut."""
        return table.sheet_maker(f"{self.heading.crumb} {table.id}")

    def action_pane(self, number: int) -> None:
        """Focus a pane."""
        if number <= len(self.PANES):
            self.focus_pane(self.query_one(f"#{self.PANES[number - 1]}", Widget))
        else:
            self.notify(f"This screen has {count(len(self.PANES), 'pane')}.", timeout=4)

    def action_split(self, across: int, down: int) -> None:
        """Move a border of the focused pane."""
        axis = "width" if across else "height"
        if self.maximized is not None:
            self.notify("One pane is shown alone; z shows all again.", timeout=4)
        elif not self.splits.step(self.focused, axis, across or down):
            self.notify("No border of this pane moves that way.", timeout=4)

    def action_zoom(self) -> None:
        """Show the focused pane alone, or all of them again."""
        if self.maximized is not None:
            self.minimize()
        else:
            self.maximized = self._focused_pane

    @property
    def _focused_pane(self) -> Widget | None:
        """The pane in which the focus is; None outside of them."""
        around = self.focused.ancestors_with_self if self.focused is not None else []
        return next((node for node in around if isinstance(node, Widget) and node.id in self.PANES), None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer a search only where there are rows, and a zoom where there are several panes."""
        if action == "zoom":
            return len(self.PANES) > 1 and self._focused_pane is not None
        if action == "search":
            return isinstance(self.focused, Table) and self.focused.matches[1] > 0
        return super().check_action(action, parameters)

    def action_search(self) -> None:
        """Open the search line of the focused table."""
        if isinstance(self.focused, Table) and not self.query(SearchLine):
            self.open_line(SearchLine(self.focused))

    def open_line(self, line: Widget) -> None:
        """Open a line to type into; keys that come before it has the focus wait for it."""
        if isinstance(self.app, KeyOrderApp):
            self.app.hold_keys(line)
        self.mount(line)

    def focus_pane(self, pane: Widget | None) -> None:
        """Focus a pane, and bring it to the front where panes are folded; None changes nothing."""
        if pane is None:
            return
        if isinstance(pane.parent, Folding):
            pane.parent.show(pane)
        if self.maximized is not None:
            self.maximized = pane  # the zoom goes with the focus
        pane.focus()

    @on(Worker.StateChanged)
    def _on_thread_changed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR:
            tell_defect(self, event.worker)

    @on(Table.ExportAsked)
    def _on_export_asked(self, message: Table.ExportAsked) -> None:
        self.export_table(message.table)

    def export_table(self, table: Table) -> None:
        """Write a table's rows to files in a thread."""
        shown, whole = table.matches
        if not shown:
            self.notify("There is no row to export.", severity="warning", timeout=5)
            return
        left_out = f"; {shown:,} of {whole:,} in the list, the search leaves out the others" if shown < whole else ""
        self._export(self.sheet_of(table), self.export_folder, left_out)

    @property
    def export_folder(self) -> Path:
        """Where files are written."""
        return self.context.settings.export or paths.export_dir()

    @in_thread("export")
    def _export(self, made: MakeSheet, folder: Path, left_out: str) -> None:
        from medic_console.results.export import export, stamp

        try:
            done = export(made(), folder, stamp())
        except MedicError as error:
            self.post_message(Told(error.title, f"{error.message} {error.hint}", failed=True))
        else:
            text = f"{count(done.rows, 'row')}{left_out}\n{done.csv}\n{done.json}"
            self.post_message(Told("Exported", text))

    @on(Copy)
    def _on_copy(self, message: Copy) -> None:
        self.copy(message.text)

    def copy(self, text: str) -> None:
        """Put text on the terminal's clipboard, and say so or why it cannot be there."""
        if not text:
            self.notify("There is nothing here to copy.", timeout=4)
            return
        if why := not_copied(text, os.environ):
            self.notify(f"Not copied: {why} {_BY_HAND}", severity="warning", markup=False, timeout=8)
            return
        self.app.copy_to_clipboard(text)
        told = (
            f"Copied {count(len(text), 'character')}.",
            condition(os.environ),
            f"Nothing in the clipboard? {_BY_HAND}",
        )
        self.notify(" ".join(filter(None, told)), markup=False, timeout=5)


class ReadingScreen(ConsoleScreen, Generic[T]):
    """A screen that shows what it reads from the archive."""

    class Read(Message):
        """The archive has answered; `ticket` tells an answer that came too late."""

        def __init__(self, ticket: int, value: object) -> None:
            super().__init__()
            self.ticket = ticket
            self.value = value

    class Unread(Message):
        """The archive could not be read."""

        def __init__(self, ticket: int, error: MedicError) -> None:
            super().__init__()
            self.ticket = ticket
            self.error = error

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._ticket = 0

    def reading(self) -> Callable[[Reader], T]:
        """Return what the thread is to do; it must touch no widget."""
        raise NotImplementedError

    def show(self, value: T) -> None:
        """Show what was read."""
        raise NotImplementedError

    def show_error(self, error: MedicError) -> None:
        """Show why nothing could be read."""
        raise NotImplementedError

    def reload(self) -> None:
        """Read again; an earlier answer that is still on its way is dropped."""
        archive, job = self.context.archive, self.reading()

        def read() -> T:
            from medic_console.results.reader import Reader  # with all that figures need, so loaded in the thread

            with closing(Reader(archive)) as reader:
                return job(reader)

        self.ask(read)

    def ask(self, job: Callable[[], T]) -> None:
        """Have a thread do what reads the archive; what is still on its way is dropped."""
        self._ticket += 1
        self._read(self._ticket, job)

    @in_thread("archive", exclusive=True)
    def _read(self, ticket: int, job: Callable[[], T]) -> None:
        try:
            value = job()
        except MedicError as error:
            self.post_message(self.Unread(ticket, error))
        except Exception:  # noqa: BLE001 - a defect of ours is shown with its traceback, and the run goes on
            self.post_message(self.Unread(ticket, defect()))
        else:
            self.post_message(self.Read(ticket, value))

    @on(Read)
    def _on_read(self, message: Read) -> None:
        if message.ticket == self._ticket:
            self.show(message.value)  # type: ignore[arg-type]

    @on(Unread)
    def _on_unread(self, message: Unread) -> None:
        if message.ticket == self._ticket:
            self.show_error(message.error)

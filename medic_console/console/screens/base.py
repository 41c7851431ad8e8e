"""What all screens share: a heading, keys from the table, reading the archive in a thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Generic, TypeVar

from textual import on, work
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from medic_console.archive.queries import Reader
from medic_console.console.commands import bindings
from medic_console.console.context import Context
from medic_console.console.defects import defect, tell_defect
from medic_console.console.text import count
from medic_console.console.widgets.folding import Folding
from medic_console.console.widgets.heading import Heading
from medic_console.errors import MedicError

T = TypeVar("T")


class ConsoleScreen(Screen[None]):
    """A screen of the console.

    Attributes:
        PLACES: Where its commands stand in the table; the first names its help text.
        PANES: Ids of the panes that the keys 1 to 3 go to.
    """

    BINDINGS = bindings("screen")
    PLACES: ClassVar[tuple[str, ...]] = ()
    PANES: ClassVar[tuple[str, ...]] = ()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context

    @property
    def heading(self) -> Heading:
        """The first line."""
        return self.query_one(Heading)

    def action_leave(self) -> None:
        """Go one step towards home."""
        self.app.pop_screen()

    def action_pane(self, number: int) -> None:
        """Focus a pane, and bring it to the front where panes are folded."""
        if number > len(self.PANES):
            return
        pane = self.query_one(f"#{self.PANES[number - 1]}", Widget)
        if isinstance(pane.parent, Folding):
            pane.parent.show(pane)
        pane.focus()

    @on(Worker.StateChanged)
    def _on_thread_changed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR:
            tell_defect(self, event.worker)

    def copy(self, text: str) -> None:
        """Put text on the terminal's clipboard and say so."""
        self.app.copy_to_clipboard(text)
        self.notify(
            f"Copied {count(len(text), 'character')}; the terminal must allow it (OSC 52).", markup=False, timeout=3
        )


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
        self._ticket += 1
        self._read(self._ticket, self.reading())

    @work(thread=True, exclusive=True, group="archive", exit_on_error=False)
    def _read(self, ticket: int, job: Callable[[Reader], T]) -> None:
        try:
            reader = Reader(self.context.archive)
            try:
                value = job(reader)
            finally:
                reader.close()
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

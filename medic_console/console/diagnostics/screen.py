"""Diagnostics: what one reads out, or copies, when something does not work."""

from __future__ import annotations

import os
from contextlib import closing

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message

from medic_console.archive.health import faults, health
from medic_console.console.base import ConsoleScreen
from medic_console.console.commands import bindings
from medic_console.console.context import Context
from medic_console.console.defects import attempt
from medic_console.console.text import count, one_line, plain, size
from medic_console.console.threads import in_thread
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.text_pane import TextPane
from medic_console.core.errors import ArchiveError, MedicError
from medic_console.engine.protocol.features import features
from medic_console.results import diagnostics
from medic_console.results.reader import Reader

_LINES = 30
_NAME = 20
_COLOURS = {None: "none", "standard": "16", "256": "256", "truecolor": "16 million", "windows": "16"}
Outcome = diagnostics.Facts | MedicError


class DiagnosticsScreen(ConsoleScreen):
    """One text of sections; what takes time fills in."""

    CSS_PATH = "diagnostics.tcss"
    BINDINGS = bindings("diagnostics")
    PLACES = ("diagnostics",)
    PANES = ("diagnosis",)

    class Found(Message):
        """A section was looked up."""

        def __init__(self, section: str, outcome: Outcome) -> None:
            super().__init__()
            self.section = section
            self.outcome = outcome

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._sections: dict[str, Outcome | None] = {}

    def compose(self) -> ComposeResult:
        """Heading, what is being done, the text."""
        yield Heading()
        yield Notice()
        pane = TextPane("diagnosis")
        pane.border_title = "Diagnostics"
        yield pane
        yield KeyBar()

    def on_mount(self) -> None:
        """Look everything up."""
        self.heading.show(Content.styled("Diagnostics", "bold $primary"), "y copies all of it")
        self.query_one(TextPane).focus()
        self.action_look()

    def on_resize(self) -> None:
        """The terminal's size is part of it."""
        if self._sections:
            self._sections["Terminal"] = self._terminal()
            self._draw()

    def action_look(self) -> None:
        """Look everything up again."""
        self._sections = {
            "Versions": diagnostics.versions(),
            "Places": diagnostics.places(self.context.archive, self.context.data),
            "Archive": None,
            "llama.cpp": None,
            "Chat templates of the newest run": None,
            "Terminal": self._terminal(),
        }
        self._draw()
        self._look_at_archive()
        self._ask_llama()
        self._try_templates()

    def action_check(self) -> None:
        """Have SQLite read the whole archive."""
        self.query_one(Notice).busy("reading the whole archive; this takes a while with a large one")
        self._check()

    @in_thread("archive-health", exclusive=True)
    def _look_at_archive(self) -> None:
        path = self.context.archive

        def read() -> diagnostics.Facts:
            with closing(Reader(path)) as reader:
                rows = reader.stats()
            found = health(path)
            return {
                "size": f"{size(found.size)}, {found.free:.0%} of it free; write-ahead log {size(found.log)}",
                "SQLite": f"{found.sqlite}, journal mode {found.journal}",
                "schema": ", ".join(found.migrations),
                "rows": ", ".join(f"{number:,} {name}" for name, number in rows.items()),
                "health": "opens; c reads all of it",
            }

        self.post_message(self.Found("Archive", attempt(read)))

    @in_thread("llama", exclusive=True)
    def _ask_llama(self) -> None:
        def ask() -> diagnostics.Facts:
            found = features()
            return {"build": found.build, "offload": found.shown(), "processor": found.system}

        self.post_message(self.Found("llama.cpp", attempt(ask)))

    @in_thread("templates", exclusive=True)
    def _try_templates(self) -> None:
        outcome = attempt(lambda: diagnostics.chat_templates(self.context.archive) or {"none": "no run yet"})
        self.post_message(self.Found("Chat templates of the newest run", outcome))

    @in_thread("archive-check", exclusive=True)
    def _check(self) -> None:
        def check() -> diagnostics.Facts:
            found = faults(self.context.archive)
            if found:
                raise ArchiveError("\n".join(found), "Restore the archive from a backup.")
            return {"health": "✓ whole: no fault"}

        self.post_message(self.Found("check", attempt(check)))

    @on(Found)
    def _on_found(self, message: Found) -> None:
        if message.section != "check":
            self._sections[message.section] = message.outcome
        elif isinstance(message.outcome, MedicError):
            self.query_one(Notice).error(message.outcome)
        else:
            self.query_one(Notice).hide()
            known = self._sections["Archive"]
            self._sections["Archive"] = {**(known if isinstance(known, dict) else {}), **message.outcome}
            self.notify("SQLite has read the whole archive and found no fault.", timeout=5)
        self._draw()

    def _terminal(self) -> diagnostics.Facts:
        console, shown = self.app.console, self.app.size
        variables = {name: os.environ.get(name, "not set") for name in ("TERM", "COLORTERM", "LANG")}
        return {
            "size": f"{shown.width} columns, {shown.height} lines (80 by 24 is the least that is tested)",
            "colours": "none: NO_COLOR is set" if self.app.no_color else _COLOURS.get(console.color_system, "?"),
            "encoding": console.encoding,
            "theme": self.app.theme,
            **variables,
        }

    def _draw(self) -> None:
        blocks = [_block(title, outcome) for title, outcome in self._sections.items()]
        tail = diagnostics.log_tail(_LINES)
        title = f"Log, last {count(min(_LINES, tail.count(chr(10)) + 1), 'line')}" if tail else "Log"
        lines = Content(plain(tail)) if tail else Content.styled("no engine has run yet", "$muted")
        blocks.append(Content.assemble((f"{title}\n", "bold $primary"), lines))
        pane = self.query_one(TextPane)
        at = pane.scroll_offset.y
        pane.show_content(Content("\n\n").join(blocks))
        pane.scroll_to(y=at, animate=False)


def _block(title: str, outcome: Outcome | None) -> Content:
    head = Content.styled(title, "bold $primary")
    if outcome is None:
        return Content.assemble(head, ("\n… looking", "$muted"))
    if isinstance(outcome, MedicError):
        return Content.assemble(head, (f"\n✗ {plain(outcome.message)}", "$score-failed"), f"\n{plain(outcome.hint)}")
    behind = "\n" + " " * _NAME
    lines = [
        Content.assemble((f"{one_line(name):<{_NAME}}", "$muted"), plain(text).replace("\n", behind))
        for name, text in outcome.items()
    ]
    return Content("\n").join([head, *lines])

"""The models of a new run: offered, read or looked at in threads when they are chosen, marked as candidate or judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from medic_console.audit.prepare import probed_template
from medic_console.console.commands import bindings
from medic_console.console.defects import defect
from medic_console.console.new_run.file_rows import COLUMNS, file_detail, file_row
from medic_console.console.new_run.preflight import FileEntry
from medic_console.console.threads import in_thread
from medic_console.console.widgets.form_table import ChoiceTable
from medic_console.console.widgets.table import Table
from medic_console.core.errors import MedicError, UsageError
from medic_console.engine.endpoint.access import usual_access
from medic_console.engine.endpoint.address import Address, Source, address_of
from medic_console.engine.endpoint.model import look_up
from medic_console.engine.files.hash_cache import usual_cache
from medic_console.engine.files.model import ModelFile
from medic_console.engine.files.model_file import inspect_model
from medic_console.engine.protocol.features import Features, features_now

_STEP = 0.02


class FileList(Vertical):
    """A table of files and, below it, what is to say of the marked one."""

    BINDINGS = bindings("models")

    class Changed(Message):
        """A file was added, read, marked or removed."""

    class Progress(Message):
        """Part of a file was read."""

        def __init__(self, source: Source, share: float) -> None:
            super().__init__()
            self.source = source
            self.share = share

    class Inspected(Message):
        """A model was read or looked at, or cannot be used; `template` was in place of its own."""

        def __init__(
            self,
            source: Source,
            template: str,
            outcome: ModelFile | MedicError,
            notes: tuple[str, ...] = (),
            build: Features | None = None,
        ) -> None:
            super().__init__()
            self.source = source
            self.template = template
            self.outcome = outcome
            self.notes = notes
            self.build = build

    def __init__(self, template: str = "") -> None:
        """Take a chat template that is used in place of the files' own."""
        super().__init__(id="file-list")
        self._template = template
        self._entries: dict[Source, FileEntry] = {}

    @property
    def entries(self) -> tuple[FileEntry, ...]:
        """All files in the order in which they were added."""
        return tuple(self._entries.values())

    def compose(self) -> ComposeResult:
        """Table and detail."""
        yield ChoiceTable(COLUMNS, id="files", classes="")
        yield Static(
            "a adds a GGUF file, a folder to list the files in it, or a server.", id="file-detail", markup=False
        )

    def offer(self, entries: Sequence[FileEntry]) -> None:
        """List files that may be chosen, behind those that were named already."""
        for entry in entries:
            self._entries.setdefault(entry.source, entry)
        self._fill()
        self._show_detail()

    def add(self, named: Source) -> int:
        """Add a file and read it, or a server and look at it, or list a folder's files; return how many there are.

        Raises:
            UsageError: A folder holds no GGUF file.
        """
        path = _whole(named)
        if isinstance(path, Address) or not path.is_dir():
            self._put_first([path])
            self._fill()
            self.query_one(Table).mark(str(path))
            self._inspect(path, candidate=True)
            return 1
        files = sorted(path.glob("*.gguf"))
        if not files:
            raise UsageError(f"{path}: there is no *.gguf file in this folder.", "Name the file itself, or its folder.")
        self._put_first(files)
        self._fill()
        self.query_one(Table).mark(str(files[0]))
        return len(files)

    def choose(self, candidates: Sequence[Source], judges: Sequence[Source]) -> None:
        """Mark these models and no others; those that were not read yet are read."""
        for entry in self.entries:
            self._entries[entry.source] = replace(entry, candidate=False, judge=False)
        first, second = (list(map(_whole, sources)) for sources in (candidates, judges))
        named = list(dict.fromkeys((*first, *second)))
        self._put_first(named)
        for path in named:
            self._take(path, path in first, path in second)
        self._fill()
        self.post_message(self.Changed())

    def use_template(self, template: str) -> None:
        """Use another chat template in place of the files' own (empty: theirs); what was read is read again."""
        if template == self._template:
            return
        self._template = template
        for entry in self.entries:
            if isinstance(entry.source, Address):
                continue  # its server has a template of its own
            if entry.model is not None or entry.share is not None or entry.error is not None:
                fresh = replace(entry, model=None, share=None, error=None, notes=())
                self._entries[entry.source] = fresh
                if entry.error is None:
                    self._inspect(entry.source, entry.candidate, entry.judge)
        self._fill()
        self.post_message(self.Changed())

    def show_file(self, path: str) -> None:
        """Mark a file's row and focus the table."""
        self.query_one(Table).mark(path)
        self.focus_list()

    def focus_list(self) -> None:
        """Focus the table."""
        self.query_one(Table).focus()

    def action_add(self) -> None:
        """Go to the line in which a path is typed."""
        self.screen.query_one("#path").focus()

    def action_toggle_candidate(self) -> None:
        """Audit the marked model, or not."""
        entry = self._choosable()
        if entry is not None:
            self._take(entry.source, not entry.candidate, entry.judge)

    def action_toggle_judge(self) -> None:
        """Let the marked model judge, or not; several judges make a panel."""
        entry = self._choosable()
        if entry is not None:
            self._take(entry.source, entry.candidate, not entry.judge)

    def action_remove(self) -> None:
        """Take the marked file off the list."""
        entry = self._marked()
        if entry is not None:
            del self._entries[entry.source]
            self._fill()
            self.post_message(self.Changed())

    @on(Table.RowSelected, "#files")
    def _on_selected(self) -> None:
        self.action_toggle_candidate()

    @on(Table.RowHighlighted, "#files")
    def _show_detail(self) -> None:
        entry = self._marked()
        if entry is not None:
            self.query_one("#file-detail", Static).update(file_detail(entry))

    @on(Progress)
    def _on_progress(self, message: Progress) -> None:
        entry = self._entries.get(message.source)
        if entry is not None and entry.share is not None:
            self._entries[message.source] = replace(entry, share=message.share)
            self._fill()

    @on(Inspected)
    def _on_inspected(self, message: Inspected) -> None:
        entry = self._entries.get(message.source)
        if entry is None or not (isinstance(entry.source, Address) or message.template == self._template):
            return
        outcome = message.outcome
        if not isinstance(outcome, MedicError):
            twin = next((e for e in self.entries if e.model and e.model.sha256 == outcome.sha256), None)
            if twin is not None and twin.source != entry.source:
                what = "file" if outcome.served is None else "model"
                outcome = UsageError(f"{entry.source}: the same {what} as {twin.source}.", "Name each model once.")
        if isinstance(outcome, MedicError):
            self._change(replace(entry, share=None, error=outcome, candidate=False, judge=False))
            return
        entry = self._named_fully(entry, outcome)
        self._change(
            replace(entry, share=None, error=None, gone="", model=outcome, notes=message.notes, build=message.build)
        )

    def _named_fully(self, entry: FileEntry, model: ModelFile) -> FileEntry:
        """Return a server's entry under its model's whole address, as archive and presets have it."""
        if model.served is None or (whole := address_of(model.file)) == entry.source:
            return entry
        known = self._entries.pop(whole, entry)
        renamed = replace(entry, source=whole, seen=known.seen)
        self._entries = {
            (whole if source == entry.source else source): (renamed if source == entry.source else other)
            for source, other in self._entries.items()
        }
        self._fill()
        self.query_one(Table).mark(str(whole))
        return renamed

    def _take(self, path: Source, candidate: bool, judge: bool) -> None:
        """Give a file its roles; one that was not read is read for them."""
        entry = self._entries[path]
        if entry.gone and isinstance(path, Path) and path.exists():
            entry = self._entries[path] = replace(entry, gone="")
        if entry.gone:
            return
        if entry.model is None and entry.share is None:
            self._inspect(path, candidate, judge)
        else:
            self._change(replace(entry, candidate=candidate, judge=judge))

    def _choosable(self) -> FileEntry | None:
        """Return the marked file; of one that cannot be chosen say why."""
        entry = self._marked()
        if entry is None:
            self.notify("The list is empty: a adds a GGUF file, a folder or a server.", severity="warning", timeout=5)
        elif entry.fault:
            self.notify(entry.fault, title="Cannot be chosen", severity="error", markup=False)
        else:
            return entry
        return None

    def _put_first(self, paths: Sequence[Source]) -> None:
        """Put named models before those that are only offered."""
        named = {path: self._entries.get(path) or _entry(path) for path in paths}
        self._entries = {**named, **{path: entry for path, entry in self._entries.items() if path not in named}}

    def _inspect(self, path: Source, candidate: bool = False, judge: bool = False) -> None:
        entry = self._entries[path]
        if entry.share is None and entry.model is None:
            self._change(replace(entry, share=0.0, error=None, gone="", candidate=candidate, judge=judge))
            self._read(path, self._template)

    @in_thread("inspect")
    def _read(self, path: Source, template: str) -> None:
        told = 0.0

        def progress(done: int, total: int) -> None:
            nonlocal told
            if total and done / total - told >= _STEP:
                told = done / total
                self.post_message(self.Progress(path, told))

        notes: tuple[str, ...] = ()
        build = None
        try:
            if isinstance(path, Address):
                model = look_up(path, usual_access())
            else:
                model, build = inspect_model(path, template, progress, usual_cache()), features_now()
            notes = probed_template(model).notes
            outcome: ModelFile | MedicError = model
        except MedicError as error:
            outcome = error
        except Exception:  # noqa: BLE001 - shown beside the file, like any other fault of it
            outcome = defect()
        self.post_message(self.Inspected(path, template, outcome, notes, build))

    def _change(self, entry: FileEntry) -> None:
        self._entries[entry.source] = entry
        self._fill()
        self._show_detail()
        self.post_message(self.Changed())

    def _marked(self) -> FileEntry | None:
        key = self.query_one("#files", Table).chosen
        return next((entry for entry in self.entries if str(entry.source) == key), None)

    def _fill(self) -> None:
        self.query_one("#files", Table).fill([file_row(entry, self.entries) for entry in self.entries])


def _whole(named: Source) -> Source:
    return named.absolute() if isinstance(named, Path) else named


def _entry(source: Source) -> FileEntry:
    there = isinstance(source, Address) or source.exists()
    return FileEntry(source, gone="" if there else f"{source}: there is no such file.")

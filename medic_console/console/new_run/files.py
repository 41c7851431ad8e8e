"""The model files of a new run: read in threads, marked as candidate or judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from medic_console.audit.prepare import probed_template
from medic_console.console.commands import bindings
from medic_console.console.defects import defect
from medic_console.console.new_run.preflight import FileEntry
from medic_console.console.text import one_line, plain, size
from medic_console.console.widgets.table import Cell, Column, Row, Table
from medic_console.core.digest import short
from medic_console.core.errors import MedicError, UsageError
from medic_console.core.naming import called, full
from medic_console.engine.files.hash_cache import usual_cache
from medic_console.engine.files.model import ModelFile
from medic_console.engine.files.model_file import inspect_model
from medic_console.engine.protocol.features import Features, features_now

_COLUMNS = (
    Column("Model", least=14),
    Column("Role", 17),
    Column("Quant.", 7),
    Column("Context", 7, right=True),
    Column("Size", 8, right=True),
)
_STEP = 0.02
_TWIN = 11
"""Characters of a name that is another model's too; the digest follows."""


class FileList(Vertical):
    """A table of files and, below it, what is to say of the marked one."""

    BINDINGS = bindings("models")

    class Changed(Message):
        """A file was added, read, marked or removed."""

    class Progress(Message):
        """Part of a file was read."""

        def __init__(self, path: Path, share: float) -> None:
            super().__init__()
            self.path = path
            self.share = share

    class Inspected(Message):
        """A file was read, or cannot be used."""

        def __init__(
            self,
            path: Path,
            outcome: ModelFile | MedicError,
            notes: tuple[str, ...] = (),
            build: Features | None = None,
        ) -> None:
            super().__init__()
            self.path = path
            self.outcome = outcome
            self.notes = notes
            self.build = build

    def __init__(self, template: str = "") -> None:
        """Take a chat template that is used in place of the files' own."""
        super().__init__(id="file-list")
        self._template = template
        self._entries: dict[Path, FileEntry] = {}

    @property
    def entries(self) -> tuple[FileEntry, ...]:
        """All files in the order in which they were added."""
        return tuple(self._entries.values())

    def compose(self) -> ComposeResult:
        """Table and detail."""
        yield Table(_COLUMNS, id="files", classes="")
        yield Static("Add a GGUF file, or a folder to list the files in it.", id="file-detail")

    def add(self, path: Path) -> int:
        """Add a file and read it, or list a folder's files without reading them; return how many are new.

        Raises:
            UsageError: A folder holds no GGUF file.
        """
        path = path.absolute()
        if not path.is_dir():
            self._entries.setdefault(path, FileEntry(path))
            self._inspect(path, candidate=True)
            return 1
        files = sorted(path.glob("*.gguf"))
        if not files:
            raise UsageError(f"{path}: there is no *.gguf file in this folder.", "Name the file itself, or its folder.")
        for file in files:
            self._entries.setdefault(file, FileEntry(file))
        self._fill()
        return len(files)

    def focus_list(self) -> None:
        """Focus the table."""
        self.query_one(Table).focus()

    def action_toggle_candidate(self) -> None:
        """Audit the marked model, or not."""
        entry = self._marked()
        if entry is not None and entry.model is None:
            self._inspect(entry.path, candidate=True)
        elif entry is not None:
            self._change(replace(entry, candidate=not entry.candidate))

    def action_toggle_judge(self) -> None:
        """Let the marked model judge, or not; there is one judge at a time."""
        entry = self._marked()
        if entry is None:
            return
        if entry.model is None:
            self._inspect(entry.path, judge=True)
            return
        self._only_judge(replace(entry, judge=not entry.judge))

    def action_remove(self) -> None:
        """Take the marked file off the list."""
        entry = self._marked()
        if entry is not None:
            del self._entries[entry.path]
            self._fill()
            self.post_message(self.Changed())

    @on(Table.RowSelected, "#files")
    def _on_selected(self) -> None:
        self.action_toggle_candidate()

    @on(Table.RowHighlighted, "#files")
    def _show_detail(self) -> None:
        entry = self._marked()
        if entry is not None:
            self.query_one("#file-detail", Static).update(_detail(entry))

    @on(Progress)
    def _on_progress(self, message: Progress) -> None:
        entry = self._entries.get(message.path)
        if entry is not None and entry.share is not None:
            self._entries[message.path] = replace(entry, share=message.share)
            self._fill()

    @on(Inspected)
    def _on_inspected(self, message: Inspected) -> None:
        entry = self._entries.get(message.path)
        if entry is None:
            return
        if isinstance(message.outcome, MedicError):
            self._change(replace(entry, share=None, error=message.outcome, candidate=False, judge=False))
            return
        twin = next((e for e in self.entries if e.model and e.model.sha256 == message.outcome.sha256), None)
        if twin is not None and twin.path != entry.path:
            error = UsageError(f"{entry.path}: the same file as {twin.path} (sha256).", "Name each model once.")
            self._change(replace(entry, share=None, error=error, candidate=False, judge=False))
            return
        read = replace(entry, share=None, error=None, model=message.outcome, notes=message.notes, build=message.build)
        self._only_judge(read)

    def _inspect(self, path: Path, candidate: bool = False, judge: bool = False) -> None:
        entry = self._entries[path]
        if entry.share is None and entry.model is None:
            self._change(replace(entry, share=0.0, error=None, candidate=candidate, judge=judge))
            self._read(path)

    @work(thread=True, group="inspect", exit_on_error=False)
    def _read(self, path: Path) -> None:
        told = 0.0

        def progress(done: int, total: int) -> None:
            nonlocal told
            if total and done / total - told >= _STEP:
                told = done / total
                self.post_message(self.Progress(path, told))

        notes: tuple[str, ...] = ()
        build = None
        try:
            model = inspect_model(path, self._template, progress, usual_cache())
            notes = probed_template(model).notes
            build = features_now()
            outcome: ModelFile | MedicError = model
        except MedicError as error:
            outcome = error
        except Exception:  # noqa: BLE001 - shown beside the file, like any other fault of it
            outcome = defect()
        self.post_message(self.Inspected(path, outcome, notes, build))

    def _only_judge(self, entry: FileEntry) -> None:
        if entry.judge:
            for other in self.entries:
                self._entries[other.path] = replace(other, judge=False)
        self._change(entry)

    def _change(self, entry: FileEntry) -> None:
        self._entries[entry.path] = entry
        self._fill()
        self.query_one("#files", Table).mark(str(entry.path))
        self._show_detail()
        self.post_message(self.Changed())

    def _marked(self) -> FileEntry | None:
        key = self.query_one("#files", Table).chosen
        return self._entries.get(Path(key)) if key else None

    def _fill(self) -> None:
        self.query_one("#files", Table).fill([_row(entry, self.entries) for entry in self.entries])


def _row(entry: FileEntry, entries: Sequence[FileEntry]) -> Row:
    model = entry.model
    name = Cell(_name(model, entries) if model else entry.path.name, bold=model is not None)
    if model is None:
        return str(entry.path), [name, _role(entry), "", "", ""]
    context = f"{model.context:,}" if model.context else "?"
    return str(entry.path), [name, _role(entry), model.quantisation, context, size(model.size)]


def _name(model: ModelFile, entries: Sequence[FileEntry]) -> str:
    """Return a model's name, with a digest where another's is the same; the path is among what is said of it."""
    twins = sum(other.model is not None and called(other.model) == called(model) for other in entries) > 1
    return f"{called(model, _TWIN)} {short(model.sha256)}" if twins else full(model)


def _role(entry: FileEntry) -> Cell:
    if entry.error is not None:
        return Cell("✗ unusable", "score-failed")
    if entry.share is not None:
        return Cell(f"… reading {entry.share:.0%}", "muted")
    if entry.candidate and entry.judge:
        return Cell("● candid. + judge", "label-idk")
    if entry.candidate:
        return Cell("● candidate", "score-scored")
    return Cell("◆ judge", "run-running") if entry.judge else Cell("· not chosen", "muted")


def _detail(entry: FileEntry) -> Content:
    if entry.error is not None:
        return Content.assemble((plain(entry.error.message), "$score-failed"), "\n", plain(entry.error.hint))
    if entry.model is None:
        return Content.assemble(
            plain(str(entry.path)), ("\nnot read yet: c reads it as a candidate, g as the judge", "$muted")
        )
    model = entry.model
    thinking = " · thinks before it answers" if model.thinking else ""
    facts = (
        f"{one_line(model.architecture)} · {model.parameters / 1e6:,.1f} M parameters · "
        f"chat template {'yes' if model.template else 'no'}{thinking} · sha {short(model.sha256)}"
    )
    return Content.assemble(plain(str(entry.path)), (f"\n{facts}", "$muted"))

"""Models of a new run as rows, and what is to say of the marked one."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from medic_console.console.new_run.preflight import FileEntry
from medic_console.console.text import count, one_line, plain, size
from medic_console.console.widgets.table import Cell, Column, Row
from medic_console.core.digest import short
from medic_console.core.naming import called, full
from medic_console.engine.endpoint.address import Address
from medic_console.engine.files.model import ModelFile
from medic_console.engine.template.completion import completes

COLUMNS = (
    Column("Model", least=22),
    Column("Role", 17),
    Column("Quant.", 7),
    Column("Context", 7, right=True),
    Column("Size", 8, right=True, gives_way=1),
)
_TWIN = 11
"""Characters of a name that is another model's too; the digest follows."""


def file_row(entry: FileEntry, entries: Sequence[FileEntry]) -> Row:
    """Return a file's row: what was read of it, else what the archive knows of it, else its name."""
    known = entry.model or entry.seen
    name = Cell(_name(entry, entries), bold=entry.model is not None)
    if known is None:
        return str(entry.source), [name, _role(entry), "", "", ""]
    context = f"{known.context:,}" if known.context else "?"
    if isinstance(entry.source, Address):
        return str(entry.source), [name, _role(entry), "", context, "server"]
    return str(entry.source), [name, _role(entry), known.quantisation, context, size(known.size)]


def file_detail(entry: FileEntry) -> Content:
    """Return path and facts of a file, or why it cannot be used."""
    if entry.gone:
        return Content.assemble((plain(entry.gone), "$score-failed"))
    if entry.error is not None:
        return Content.assemble((plain(entry.error.message), "$score-failed"), "\n", plain(entry.error.hint))
    path = plain(str(entry.source))
    if entry.model is None:
        runs = f"in {count(entry.seen.runs, 'run')} of the archive; " if entry.seen and entry.seen.runs else ""
        yet, reads = ("asked", "asks") if isinstance(entry.source, Address) else ("read", "reads")
        unread = f"\n{runs}not {yet} yet: c {reads} it as a candidate, g as the judge"
        return Content.assemble(path, (unread, "$muted"))
    return Content.assemble(path, (f"\n{_facts(entry.model)}", "$muted"))


def _facts(model: ModelFile) -> str:
    if model.served is not None:
        served = model.served
        together = f" · {count(served.slots, 'request')} together" if served.slots else ""
        thinks = " · thinks before it answers" if served.thinks else ""
        said = one_line(f"{served.server} {served.build}")
        return f"{said}{together} · choices: {served.choosing}{thinks} · answers {short(model.sha256)}"
    thinking = " · thinks before it answers" if model.thinking else ""
    template = "none, asked for completions" if completes(model.template) else "yes" if model.template else "no"
    return (
        f"{one_line(model.architecture)} · {model.parameters / 1e6:,.1f} M parameters · {size(model.size)} · "
        f"chat template {template}{thinking} · sha {short(model.sha256)}"
    )


def _name(entry: FileEntry, entries: Sequence[FileEntry]) -> str:
    """Return a model's name, with a digest where another's is the same; the path is among what is said of it."""
    model = entry.model or entry.seen
    if model is None:
        return entry.source.name
    known = [one for other in entries if (one := other.model or other.seen) is not None]
    twins = len({one.sha256 for one in known if called(one) == called(model)}) > 1
    return f"{called(model, _TWIN)} {short(model.sha256)}" if twins else full(model)


def _role(entry: FileEntry) -> Cell:
    if entry.gone:
        return Cell("✗ file is gone", "score-failed")
    if entry.error is not None:
        return Cell("✗ unusable", "score-failed")
    if entry.share is not None:
        asked = isinstance(entry.source, Address)
        return Cell("… asking" if asked else f"… reading {entry.share:.0%}", "muted")
    if entry.candidate and entry.judge:
        return Cell("● candid. + judge", "label-idk")
    if entry.candidate:
        return Cell("● candidate", "score-scored")
    return Cell("◆ judge", "run-running") if entry.judge else Cell("· not chosen", "muted")

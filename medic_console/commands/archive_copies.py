"""`archive backup`, `archive recover` and `archive sql`: copies of the archive, and questions of a person's own."""

from __future__ import annotations

import argparse
import tempfile
from contextlib import closing
from pathlib import Path

from rich.table import Table
from rich.text import Text

from medic_console.archive.copies import back_up, recover
from medic_console.commands import consoles
from medic_console.commands.options import add_common, archive_of
from medic_console.commands.output import plain, write_json
from medic_console.core.errors import UsageError
from medic_console.core.visible import one_line
from medic_console.scoring.sql.sandbox import Sandbox

_SECONDS = 60.0
_ROWS = 10_000
_CELL = 60


def add_verbs(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verbs to those of `archive`."""
    backup = verbs.add_parser("backup", help="write a whole copy of the archive, also while a run goes on")
    add_common(backup)
    backup.add_argument("file", type=Path, metavar="FILE", help="copy to write; it must not be there yet")
    backup.set_defaults(handler=lambda given: write_backup(archive_of(given), given.file, given.json))
    rescue = verbs.add_parser("recover", help="write what can be read of a damaged archive into a new one")
    add_common(rescue)
    rescue.add_argument("file", type=Path, metavar="FILE", help="new archive to write; it must not be there yet")
    rescue.set_defaults(handler=lambda given: write_recovered(archive_of(given), given.file, given.json))
    ask = verbs.add_parser("sql", help="ask the archive one SELECT of your own; nothing can be written")
    add_common(ask)
    ask.add_argument("statement", metavar="SELECT", help="one statement; values of more than 64 kB are refused")
    ask.set_defaults(handler=lambda given: show_sql(archive_of(given), given.statement, given.json))


def write_backup(archive: Path, file: Path, as_json: bool) -> int:
    """Write a copy and say where.

    Raises:
        ArchiveError: It cannot be made.
    """
    back_up(archive, file)
    size = file.expanduser().stat().st_size
    if as_json:
        write_json("backup", {"archive": str(archive), "copy": str(file), "bytes": size})
    else:
        consoles.output().print(f"Copy of {archive} in {file}, {size:,} bytes.", markup=False, highlight=False)
    return 0


def write_recovered(archive: Path, file: Path, as_json: bool) -> int:
    """Write what can be read into a new archive and say what could not; exit code 1 when something could not.

    Raises:
        ArchiveError: Nothing can be read, or the new archive cannot be written.
    """
    found = recover(archive, file)
    if as_json:
        write_json(
            "recovered", {"archive": str(archive), "copy": str(file), "rows": found.rows, "damaged": found.damaged}
        )
        return 1 if found.damaged else 0
    lines = [f"{sum(found.rows.values()):,} rows of {archive} in {file}."]
    lines += [f"✗ {table}: not all could be read ({said})" for table, said in found.damaged.items()]
    lines.append(f"What is missing or does not fit: medic-console archive verify --archive {file}")
    for line in lines:
        consoles.output().print(line, markup=False, highlight=False, soft_wrap=True)
    return 1 if found.damaged else 0


def show_sql(archive: Path, statement: str, as_json: bool) -> int:
    """Execute a statement on a copy of the archive, in the process and under the limits of models' statements.

    Raises:
        ArchiveError: There is no archive, or it is damaged.
        UsageError: The statement failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "archive.db"
        back_up(archive, copy)
        with closing(Sandbox(copy, _SECONDS, _ROWS)) as sandbox:
            found = sandbox.execute(statement).result
    if found.error:
        raise UsageError(f"The statement was not executed: {found.error}", "Give one SELECT.")
    if as_json:
        rows = [[value.hex() if isinstance(value, bytes) else value for value in row] for row in found.rows]
        write_json("rows", {"columns": list(found.columns), "rows": rows, "row_count": found.row_count})
        return 0
    table, limit = Table(box=None, pad_edge=False, header_style="bold"), 1 << 20 if plain.get() else _CELL
    for name in found.columns:
        table.add_column(Text(one_line(name)))
    for row in found.rows:
        table.add_row(*(Text(one_line("NULL" if value is None else str(value), limit)) for value in row))
    consoles.output().print(table)
    if found.row_count > len(found.rows):
        consoles.output().print(f"{len(found.rows):,} of {found.row_count:,} rows", markup=False, highlight=False)
    return 0

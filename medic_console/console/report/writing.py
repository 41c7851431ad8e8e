"""What the thread does that writes a report."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from medic_console.core.errors import UsageError

if TYPE_CHECKING:
    from medic_console.results.comparison.portfolio_file import Portfolio


@dataclass(frozen=True, slots=True)
class Wish:
    """A report that a person asks for.

    Attributes:
        case: Id of the use case; empty for none.
        scope: Name of a scope.
        by: Fields of the items in parts of which figures stand too.
        since: Folder of an earlier report whose differences are listed; empty for none.
        signer, role, until: Who signs, in what role, last day on which it holds; all empty where nobody signs.
        key: File of the SSH key to sign with; empty for the ledger's.
    """

    runs: tuple[str, ...]
    case: str
    scope: str
    folder: Path
    by: tuple[str, ...] = ()
    since: str = ""
    signer: str = ""
    role: str = ""
    until: str = ""
    key: str = ""


def write(archive: Path, wish: Wish, portfolio: Portfolio, tell: Callable[[str], None]) -> tuple[Path, list[str], bool]:
    """Write a report, and sign it where somebody signs.

    Returns:
        Its folder, what is to be known of it, and whether all is well: the archive holds what its ledger names, and it
        was signed where it was to be.

    Raises:
        MedicError: It cannot be written.
    """
    from medic_console.archive.key_state import ready
    from medic_console.reports.evidence import Asked, Scope  # with all that figures need, so loaded in the thread
    from medic_console.reports.folder import write_report
    from medic_console.reports.signatory import note_signed, signatory
    from medic_console.reports.signing import sign

    now = datetime.datetime.now(datetime.UTC)
    who = signatory(wish.signer, wish.role, wish.until, wish.key)
    if who is not None:
        ready(archive)
    asked = Asked(wish.runs, wish.case, Scope(wish.scope), now, who, by=wish.by)
    evidence = write_report(
        archive, asked, portfolio, wish.folder, Path(wish.since).expanduser() if wish.since else None, tell
    )
    well, notes = evidence.verified is None or not evidence.verified.broken, list[str]()
    if not well:
        notes.append("The archive does not hold what its ledger names; page 1 says so.")
    if who is not None:
        tell("Signature")
        try:
            sign(wish.folder, who, Path(wish.key).expanduser() if wish.key else None, now, asks=False)
            note_signed(archive, wish.folder, wish.runs, who)
            notes.append(f"Signed by {who.name}, valid until {who.valid_until}.")
        except UsageError as error:
            well = False
            notes.append(f"It is not signed: {error.message} {error.hint} Or: report sign FOLDER at a terminal.")
    return wish.folder, notes, well


def proposed(exports: Path, runs: tuple[str, ...]) -> Path:
    """Return a folder for a report of runs that is not there yet."""
    stem = exports / f"report-{runs[0]}"
    number, folder = 1, stem
    while folder.exists():
        number += 1
        folder = stem.with_name(f"{stem.name}-{number}")
    return folder


def unsigned(signer: str, role: str, until: str, key: str) -> str:
    """Return why a report cannot be signed so; empty where it can be, or where nobody signs."""
    from medic_console.reports.signatory import signatory
    from medic_console.reports.signing import check_before

    try:
        who = signatory(signer, role, until, key)
        if who is not None:
            check_before(who, Path(key) if key else None, datetime.datetime.now(datetime.UTC))
    except (UsageError, RuntimeError, OSError, ValueError) as error:
        return error.message if isinstance(error, UsageError) else f"{key}: it cannot be used ({error})."
    return ""


def refusal(folder: str) -> str:
    """Return why nothing can be written into a folder; empty where it can be."""
    if not folder:
        return "no folder is named"
    from medic_console.reports.folder import free_folder

    try:
        free_folder(Path(folder))
    except UsageError as error:
        return error.message
    return ""

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
    """

    runs: tuple[str, ...]
    case: str
    scope: str
    folder: Path


def write(archive: Path, wish: Wish, portfolio: Portfolio, tell: Callable[[str], None]) -> tuple[Path, bool]:
    """Write a report; return its folder and whether the archive holds what its ledger names.

    Raises:
        MedicError: It cannot be written.
    """
    from medic_console.reports.evidence import Asked, Scope  # with all that figures need, so loaded in the thread
    from medic_console.reports.folder import write_report

    now = datetime.datetime.now(datetime.UTC)
    asked = Asked(wish.runs, wish.case, Scope(wish.scope), now)
    evidence = write_report(archive, asked, portfolio, wish.folder, tell=tell)
    return wish.folder, evidence.verified is None or not evidence.verified.broken


def proposed(exports: Path, runs: tuple[str, ...]) -> Path:
    """Return a folder for a report of runs that is not there yet."""
    stem = exports / f"report-{runs[0]}"
    number, folder = 1, stem
    while folder.exists():
        number += 1
        folder = stem.with_name(f"{stem.name}-{number}")
    return folder


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

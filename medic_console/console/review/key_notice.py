"""What a person is to know of the ledger's key before she types anything."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Static

from medic_console.archive.key_state import key_told
from medic_console.console.text import plain
from medic_console.core.errors import MedicError


def key_lines(archive: Path) -> list[str]:
    """Return what is wrong with the ledger's key as a line; none where all is well."""
    try:
        told = key_told(archive)
    except MedicError as error:
        return [f"✗ {error.message} {error.hint}"]
    return [f"! {told}"] if told else []


class KeyNotice(Static):
    """Above the fields of a box; it takes no row where all is well.

    Args:
        archive: Whose ledger takes the entry.
    """

    def __init__(self, archive: Path) -> None:
        lines = key_lines(archive)
        super().__init__(plain("\n".join(lines)), markup=False)
        self.display = bool(lines)

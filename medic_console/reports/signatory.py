"""Who signs a report, as a person named it, and its entry in the ledger."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from medic_console.archive.ledger import Kind
from medic_console.archive.reviews import ReviewStore
from medic_console.core.errors import UsageError
from medic_console.reports.evidence import Signatory
from medic_console.reports.manifest import MANIFEST, file_sha256

_IDENTITY = re.compile(r"(?P<name>.*\S)\s*<(?P<identity>[\w.@+-]+)>", re.DOTALL)


def signatory(name: str, role: str, until: str, key: str = "", labels: Sequence[str] = ()) -> Signatory | None:
    """Return who signs; None where nothing was named.

    Args:
        name: Perhaps with the identity that the site's file of allowed signers has: `Dr A. Weber <weber@site>`.
        until: Last day on which the report holds, YYYY-MM-DD.
        key: SSH key that was named; a key alone signs nothing.
        labels: What the first three are called where they are named.

    Raises:
        UsageError: One of name, role and day is missing, or the day is none.
    """
    called = labels or ("a name", "a role", "a last day")
    parts = dict(zip(called, (name.strip(), role.strip(), until.strip()), strict=True))
    if not any(parts.values()) and not key:
        return None
    missing = [label for label, value in parts.items() if not value]
    if missing:
        raise UsageError(f"A signature needs {', '.join(missing)}.", "Name who signs, in what role and until when.")
    try:
        datetime.date.fromisoformat(until.strip())
    except ValueError as error:
        raise UsageError(f"{until.strip()} is no day.", "Use YYYY-MM-DD.") from error
    found = _IDENTITY.fullmatch(name.strip())
    return Signatory(
        found["name"] if found else name.strip(), role.strip(), until.strip(), found["identity"] if found else ""
    )


def note_signed(archive: Path, folder: Path, runs: Sequence[str], who: Signatory) -> None:
    """Enter a signed report in the archive's ledger."""
    subject: dict[str, Any] = {"report": folder.name, "runs": list(runs), "signer": who.name}
    with closing(ReviewStore(archive)) as store:
        store.note(Kind.EXPORT, {**subject, "valid_until": who.valid_until}, file_sha256(folder / MANIFEST))

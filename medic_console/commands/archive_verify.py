"""`archive verify` and `archive rotate-key`: whether the archive is what its ledger says, and a new key for it."""

from __future__ import annotations

import argparse
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from medic_console.archive.database import open_writable
from medic_console.archive.key_state import ready
from medic_console.archive.ledger import rotate
from medic_console.archive.verify import Verified, verify
from medic_console.commands import consoles
from medic_console.commands.options import add_common, archive_of
from medic_console.commands.output import write_json
from medic_console.core import paths
from medic_console.core.units import count
from medic_console.core.visible import one_line
from medic_console.session.rederive import Rederived, rederive

_MOST = 20
"""Broken rows that are listed; `--json` gives all."""
_MANY = {"challenge of item": "challenges of items"}


def add_verbs(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add both verbs to those of `archive`."""
    check = verbs.add_parser("verify", help="check the archive against its ledger; exit code 1 when it does not hold")
    add_common(check)
    check.add_argument(
        "--head", default="", metavar="HEX", help="head that was noted earlier: finds that last entries were taken away"
    )
    check.add_argument("--all", action="store_true", help="derive every score anew from its output, not a sample")
    check.set_defaults(handler=lambda given: show_verified(archive_of(given), given.head, given.json, given.all))
    change = verbs.add_parser("rotate-key", help="make a new key for the ledger; the old one still checks old entries")
    add_common(change)
    change.set_defaults(handler=lambda given: rotate_key(archive_of(given), given.json))


def show_verified(archive: Path, head: str, as_json: bool, every: bool = False) -> int:
    """Check an archive, print what was found and return 0 when all holds, else 1.

    Args:
        every: Derive all scores anew, not a sample.

    Raises:
        ArchiveError: There is no archive, or it cannot be read.
    """
    found, again = verify(archive, head.strip().lower()), None
    if not found.damaged:
        try:
            again = rederive(archive, every)
            found = replace(found, broken=(*found.broken, *again.wrong), unproved=(*found.unproved, *again.left_out))
        except (ValueError, TypeError, KeyError) as error:
            if not found.broken:
                raise
            told = f"Scores were not derived anew, as rows are broken ({type(error).__name__}: {error})."
            found = replace(found, unproved=(*found.unproved, told))
    if as_json:
        write_json(
            "verified",
            {
                "archive": str(archive),
                "holds": found.holds,
                "entries": found.entries,
                "signed": found.signed,
                "head": found.head,
                "broken": list(found.broken),
                "unproved": list(found.unproved),
                "checked": found.checked,
                "derived": again.number if again else 0,
                "scores": again.of if again else None,
            },
        )
    else:
        _print(archive, found, again)
    return 0 if found.holds else 1


def _print(archive: Path, found: Verified, again: Rederived | None) -> None:
    out = consoles.output()
    checked = ", ".join(count(number, name, _MANY.get(name, "")) for name, number in found.checked.items())
    verdict = "holds" if found.holds else "is BROKEN" if found.broken else "cannot be proved whole"
    lines = [
        f"{archive}: {verdict}.",
        f"{found.entries:,} entries, {found.signed:,} with a key that is here; against them: {checked}.",
    ]
    if again is not None:
        lines.append(f"{again.number:,} of {again.of:,} scores derived anew from their outputs.")
    lines += [f"✗ {one_line(row, 1_000)}" for row in found.broken[:_MOST]]
    if len(found.broken) > _MOST:
        lines.append(f"✗ and {len(found.broken) - _MOST:,} more; --json gives all")
    lines += [f"! {one_line(row, 1_000)}" for row in found.unproved]
    lines += [f"Head: {found.head}"] if found.head else ["The ledger has no entry yet."]
    for line in lines:
        out.print(line, markup=False, highlight=False, soft_wrap=True)


def rotate_key(archive: Path, as_json: bool) -> int:
    """Make a new key for the ledger and say so in it.

    Raises:
        ArchiveError: The archive cannot be written.
        UsageError: The key comes from the environment.
    """
    ready(archive)
    with closing(open_writable(archive)) as db:
        db.execute("BEGIN IMMEDIATE")
        with db.conn:
            name = rotate(db)
    if as_json:
        write_json("ledger-key", {"key": name, "file": str(paths.ledger_key())})
    else:
        consoles.output().print(
            f"New key {name} in {paths.ledger_key()}; keep a copy of that file.", markup=False, highlight=False
        )
    return 0

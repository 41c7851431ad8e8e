"""`archive forget`: the texts of a run go, its scores and digests stay."""

from __future__ import annotations

import argparse
import getpass
from pathlib import Path

from medic_console.archive.forgetting import forget_texts
from medic_console.commands import consoles
from medic_console.commands.options import add_common, archive_of
from medic_console.commands.output import write_json
from medic_console.core.errors import UsageError
from medic_console.core.units import count
from medic_console.core.visible import one_line


def add_verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add it to those of `archive`."""
    parser = verbs.add_parser("forget", help="take a run's texts out of the archive; scores, figures and digests stay")
    add_common(parser)
    parser.add_argument("run", metavar="RUN", help="id of the run")
    parser.add_argument(
        "--texts", action="store_true", help="its texts: questions, answers, items; needed, as no undo is"
    )
    parser.add_argument(
        "--by", default="", metavar="NAME", help="who forgets; it stands in the ledger (the user's name)"
    )
    parser.set_defaults(
        handler=lambda given: forget(archive_of(given), given.run, given.texts, given.by or _user(), given.json)
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name
        return "unknown"


def forget(archive: Path, run: str, texts: bool, by: str, as_json: bool) -> int:
    """Forget the texts of a run and say what is left; exit code 1 where old pages may still be in the file.

    Raises:
        ArchiveError: There is no such run, or the archive cannot be written.
        UsageError: `--texts` was not given.
    """
    if not texts:
        raise UsageError("Say what is to be forgotten.", f"medic-console archive forget {run} --texts")
    found = forget_texts(archive, run, by)
    if as_json:
        write_json(
            "forgotten",
            {
                "archive": str(archive),
                "run": run,
                "rows": found.rows,
                "shared": found.shared,
                "held": found.held,
                "copies": list(found.copies),
                "challenges": found.challenges,
            },
        )
        return 1 if found.held else 0
    rows = ", ".join(f"{number:,} {table.replace('_', ' ')}" for table, number in found.rows.items())
    lines = [f"Run {run}: texts forgotten: {rows}." if rows else f"Run {run}: no text is left to forget."]
    if found.shared:
        lines.append(f"! {count(found.shared, 'text')} stay, as other runs have them too.")
    if found.held:
        lines.append("! Another program has the archive open: close it and forget again, so that no old page is left.")
    lines += [f"! {name} beside it holds what it held before." for name in found.copies]
    if found.challenges:
        named = count(found.challenges, "challenged label")
        lines.append(f"! Reasons and proposals of {named} stay in the ledger: they are what reviewers wrote.")
    lines.append("Comments of reviews stay. Backups, exports, reports and logs made before hold what they held.")
    for line in lines:
        consoles.output().print(one_line(line, 1_000), markup=False, highlight=False, soft_wrap=True)
    return 1 if found.held else 0

"""`report`: what a committee can file, written, signed and checked. The work is imported when it is done."""

from __future__ import annotations

import argparse
import datetime
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medic_console.commands.options import add_common, archive_of
from medic_console.core import paths
from medic_console.core.errors import UsageError

if TYPE_CHECKING:
    from medic_console.reports.evidence import Signatory

EPOCH = "SOURCE_DATE_EPOCH"
"""Seconds since 1970 that stand for the clock, as other makers of files take them."""
_VERBS = ("verify", "sign")
EPILOG = """report RUN... --out FOLDER    writes a report
report sign FOLDER            signs it: --signer NAME --role ROLE --valid-until DAY [--key FILE]
report verify FOLDER          checks files and signatures, without an archive; exit code 1 when it does not hold.
                              With --archive FILE also that its rows are still those of the report"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.epilog, parser.formatter_class = EPILOG, argparse.RawDescriptionHelpFormatter
    add_common(parser)
    parser.add_argument("words", nargs="+", metavar="RUN", help="ids of runs; or sign FOLDER, or verify FOLDER")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="new folder to write the report into")
    parser.add_argument("--use-case", default="", metavar="ID", help="use case of the portfolio that is decided on")
    parser.add_argument(
        "--scope",
        choices=("scores", "comments", "full"),
        default="scores",
        help="scores: numbers alone; comments: also words of models and reviewers; full: also items and texts (scores)",
    )
    parser.add_argument(
        "--by", action="append", default=[], metavar="FIELD", help="also in parts of the items, such as by sex or age"
    )
    parser.add_argument("--since", type=Path, metavar="FOLDER", help="earlier report whose differences are listed")
    parser.add_argument("--created", metavar="TIME", help=f"time to stamp it with, ISO 8601 (the clock, or {EPOCH})")
    parser.add_argument("--no-verify", action="store_true", help="do not check the archive against its ledger first")
    parser.add_argument(
        "--signer",
        default="",
        metavar="NAME",
        help="who signs; perhaps with the name that allowed signers have: 'Dr A. Weber <weber@site>'",
    )
    parser.add_argument("--role", default="", metavar="ROLE", help="in what role")
    parser.add_argument("--valid-until", default="", metavar="DAY", help="last day on which it holds, YYYY-MM-DD")
    parser.add_argument("--key", type=Path, metavar="FILE", help="SSH key to sign with (the ledger's key)")
    parser.add_argument("--allowed-signers", type=Path, metavar="FILE", help="the site's own file, for verify")
    parser.set_defaults(handler=_report)


def _report(given: argparse.Namespace) -> int:
    if given.words[0] in _VERBS:
        if len(given.words) != 2:
            raise UsageError(f"report {given.words[0]} takes one folder.", f"report {given.words[0]} FOLDER")
        folder = Path(given.words[1])
        return _verify(given, folder) if given.words[0] == "verify" else _sign(given, folder)
    return _make(given)


def _make(given: argparse.Namespace) -> int:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # two processes share the cores by themselves
    from medic_console.archive.key_state import ready
    from medic_console.audit.prepare import known_tasks
    from medic_console.reports.evidence import Asked, Scope
    from medic_console.reports.folder import write_report
    from medic_console.reports.signatory import note_signed
    from medic_console.reports.signing import check_before, sign
    from medic_console.results.comparison.portfolio_file import FILE_NAME, load_portfolio

    if given.out is None:
        raise UsageError("No folder was named.", "report RUN... --out FOLDER")
    now, who = created(given.created), _signatory(given, needed=False)
    asked = Asked(
        tuple(given.words), given.use_case, Scope(given.scope), now, who, not given.no_verify, tuple(given.by)
    )
    if who is not None:
        ready(archive_of(given))
        check_before(who, given.key, now)
    tasks = known_tasks().tasks
    portfolio = load_portfolio(paths.tasks_dir() / FILE_NAME, paths.config_dir() / FILE_NAME, tasks)
    evidence = write_report(archive_of(given), asked, portfolio, given.out, given.since)
    found = sorted(f"{path.name}{'/' if path.is_dir() else ''}" for path in given.out.iterdir())
    lines = [f"{given.out}: {', '.join(found)}"]
    if who is not None:
        try:
            file = sign(given.out, who, given.key, now)
        except UsageError as error:
            told = f"{given.out} is written and whole, but nobody has signed it: {error.message}"
            raise UsageError(told, f"{error.hint} Then: medic-console report sign {given.out}") from error
        note_signed(archive_of(given), given.out, given.words, who)
        lines.append(f"Signed by {who.name}, valid until {who.valid_until}: {file}")
    broken = evidence.verified is not None and bool(evidence.verified.broken)
    if broken:
        lines.append("The archive does not hold what its ledger names; page 1 says so.")
    _say(given, {"folder": str(given.out), "runs": given.words, "archive_broken": broken}, lines)
    return 1 if broken else 0


def _sign(given: argparse.Namespace, folder: Path) -> int:
    from medic_console.archive.key_state import ready
    from medic_console.reports.manifest import read_manifest
    from medic_console.reports.signatory import note_signed
    from medic_console.reports.signing import sign

    who = _signatory(given, needed=True)
    assert who is not None
    archive = archive_of(given)
    ready(archive)
    file = sign(folder, who, given.key, created(given.created))
    if archive.is_file():
        note_signed(archive, folder, list(read_manifest(folder).get("runs", {})), who)
    _say(given, {"signature": str(file)}, [f"Signed by {who.name}, valid until {who.valid_until}: {file}"])
    return 0


def _verify(given: argparse.Namespace, folder: Path) -> int:
    from medic_console.reports.signing import check

    found = check(folder, given.allowed_signers, created(given.created, reproduced=False).date())
    if given.archive is not None:
        found = replace(found, broken=(*found.broken, *_rows_differ(archive_of(given), folder)))
    kinds = {"changed": found.broken, "expired": found.expired, "not proved": found.unproved, "signed": found.signed}
    lines = [f"{kind}: {line}" for kind, told in kinds.items() for line in told]
    lines.append("The report holds." if found.holds else "The report does not hold.")
    _say(given, {"holds": found.holds, **{kind.replace(" ", "_"): list(told) for kind, told in kinds.items()}}, lines)
    return 0 if found.holds else 1


def _rows_differ(archive: Path, folder: Path) -> Iterator[str]:
    """Yield the runs whose rows in an archive are not those that a report's manifest names."""
    from contextlib import closing

    from medic_console.reports.manifest import read_manifest
    from medic_console.reports.reader import EvidenceReader

    with closing(EvidenceReader(archive)) as reader:
        for run, kept in read_manifest(folder).get("runs", {}).items():
            now = reader.rows_of(run, anew=True)
            if (now.asked, now.digest) != (kept.get("asked"), kept.get("digest")):
                yield f"Run {run}: its rows in {archive} are not those of the report: a new report is needed."


def created(text: str | None, reproduced: bool = True) -> datetime.datetime:
    """Return the time of a stamp, UTC: as given, else that of the environment, else the clock's.

    Args:
        reproduced: A file is made, whose bytes shall be those of an earlier one; else today is asked for.

    Raises:
        UsageError: It is no time.
    """
    epoch = os.environ.get(EPOCH, "") if reproduced else ""
    try:
        if text:
            found = datetime.datetime.fromisoformat(text)
            return found.replace(tzinfo=found.tzinfo or datetime.UTC).astimezone(datetime.UTC)
        return (
            datetime.datetime.fromtimestamp(int(epoch), datetime.UTC) if epoch else datetime.datetime.now(datetime.UTC)
        )
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(f"{text or epoch!r} is no time.", "Use one such as 2026-03-02T09:30:00.") from error


def _signatory(given: argparse.Namespace, needed: bool) -> Signatory | None:
    from medic_console.reports.signatory import signatory

    key = str(given.key or "")
    labels = ("--signer", "--role", "--valid-until")
    return signatory(given.signer, given.role, given.valid_until, key or ("needed" if needed else ""), labels)


def _say(given: argparse.Namespace, record: dict[str, Any], lines: list[str]) -> None:
    from medic_console.commands import consoles
    from medic_console.commands.output import write_json

    if given.json:
        write_json("report-folder", record)
        return
    for line in lines:
        consoles.output().print(line, markup=False, highlight=False, soft_wrap=True)

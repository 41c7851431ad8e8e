"""A report's folder, written whole: pages, data, manifest."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from medic_console.core import paths
from medic_console.core.digest import text_digest
from medic_console.core.errors import UsageError
from medic_console.core.garbage import seldom_sought
from medic_console.core.visible import escaped
from medic_console.reports.earlier import REPORT, Since, read_report, since_report
from medic_console.reports.evidence import Asked, Evidence, Scope, Tell, gather
from medic_console.reports.formats.write import FORMATS, write_formats
from medic_console.reports.helper import rows_beside
from medic_console.reports.html import as_html
from medic_console.reports.items import write_traces
from medic_console.reports.manifest import MANIFEST, write_manifest
from medic_console.reports.markdown import as_markdown
from medic_console.reports.pages.document import document
from medic_console.reports.reader import EvidenceReader
from medic_console.reports.record import report_record
from medic_console.results.comparison.portfolio_file import Portfolio
from medic_console.results.export import as_csv
from medic_console.results.sheets import run_sheet

FIGURES, COMMENTS, TRACES = "figures.csv", "reviews.jsonl", "traces"


def free_folder(folder: Path) -> Path:
    """Return the absolute path of a folder that a report can be written into: a new one, or an empty one.

    Raises:
        UsageError: It is not empty, is a file, lies in a report, or cannot be looked into.
    """
    try:
        folder = folder.expanduser().absolute()
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder} is not empty.", "Name a new folder: a report is never mixed with other files.")
        around = next((one for one in folder.parents if (one / MANIFEST).is_file() and (one / REPORT).is_file()), None)
        if around is not None:
            raise UsageError(f"{folder} lies in a report, which would be a changed one.", f"Name one outside {around}.")
    except (OSError, RuntimeError, ValueError) as error:
        raise UsageError(f"{folder} cannot be used ({error}).", "Name another folder.") from error
    return folder


def write_report(
    archive: Path,
    asked: Asked,
    portfolio: Portfolio,
    folder: Path,
    since: Path | None = None,
    tell: Tell = lambda text: None,
) -> Evidence:
    """Write a report into a folder that is new or empty; it is there whole, or not at all.

    Args:
        since: Folder of an earlier report, whose differences page 8 lists.
        tell: Is told what is done next, a line each.

    Raises:
        ArchiveError: A run is not there, or is a qualification of judges.
        UsageError: The folder is not empty or cannot be written, or `since` is no report.
    """
    folder = free_folder(folder)
    earlier = since.expanduser() if since is not None else None
    before = read_report(earlier) if earlier is not None else None
    draft = folder.with_name(f"{folder.name}.part")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        paths.private(draft)
        evidence = _gathered(archive, asked, portfolio, draft, tell)
        record = report_record(evidence)
        changed = None
        if earlier is not None and before is not None:
            changed = since_report(earlier, before, record, asked.created.date())
        _write(archive, evidence, record, changed, draft, tell)
        if folder.exists():
            folder.rmdir()
        draft.rename(folder)
    except OSError as error:
        raise UsageError(f"{folder}: the report cannot be written ({error}).", "Name another folder.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return evidence


def _gathered(archive: Path, asked: Asked, portfolio: Portfolio, folder: Path, tell: Tell) -> Evidence:
    """Return what a report tells; the files of items and findings are written meanwhile."""
    digest = text_digest(portfolio.path.read_text("utf-8"))
    with seldom_sought(), rows_beside(archive, asked, folder, tell) as rows:
        return gather(archive, asked, portfolio, digest, tell, rows)


def _write(
    archive: Path, evidence: Evidence, record: dict[str, Any], since: Since | None, folder: Path, tell: Tell
) -> None:
    made = document(evidence, since)
    _text(folder / "report.html", as_html(made))
    _text(folder / "report.md", as_markdown(made))
    _text(folder / REPORT, escaped(json.dumps(record, indent=2, ensure_ascii=False)) + "\n")
    sheets = [
        run_sheet("figures", run.view, [task for result in run.results for task in result.tasks])
        for run in evidence.runs
    ]
    named = next((sheet for sheet in sheets if sheet.rows), sheets[0])
    figures = replace(named, rows=[row for sheet in sheets for row in sheet.rows])
    _text(folder / FIGURES, "\ufeff" + as_csv(figures))
    with closing(EvidenceReader(archive)) as reader:
        tell("Standard formats")
        write_formats(reader, evidence, folder / FORMATS)
        if evidence.asked.scope.with_words:
            found = [row for queue in evidence.queues for row in reader.comments(queue.name)]
            if evidence.asked.scope is Scope.FULL:
                write_traces(reader, evidence, folder / TRACES)
            _text(folder / COMMENTS, "".join(json.dumps(row, ensure_ascii=True) + "\n" for row in found))
    tell("Digests of all files")
    rows = {run.view.id: asdict(run.rows) for run in evidence.runs}
    write_manifest(folder, {"created": record["created"], "version": evidence.version, "runs": rows})


def _text(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, "utf-8", newline="")

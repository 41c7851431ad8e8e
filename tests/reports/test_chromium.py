"""A report in a browser: nothing in its console, no request but for the file itself, sheets of A4 when it is printed.

Needs Chromium, whose program `MEDIC_CHROMIUM` names; without it these tests are skipped.
"""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks import report_archive
from medic_console.audit.prepare import known_tasks
from medic_console.core import paths
from medic_console.reports.evidence import Asked, Scope
from medic_console.reports.folder import write_report
from medic_console.results.comparison.portfolio_file import FILE_NAME, load_portfolio

CHROMIUM = os.environ.get("MEDIC_CHROMIUM", "")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium: name its program in MEDIC_CHROMIUM")
_QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run")
_A4 = (595, 842)
"""Points."""
_ROOM = 688
"""Pixels between the margins of a sheet."""
LONG = " for letters of the hospital group " + "and_a_name_without_any_space_that_is_broken_nowhere" * 2


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browsed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEDIC_CONSOLE_HOME", str(folder / "home"))
        patch.setattr(report_archive, "MODELS", 2)
        report_archive.write(folder / "archive.db", 7, 3, 2)
        with closing(sqlite3.connect(folder / "archive.db")) as db, db:
            db.execute("UPDATE models SET name = name || ?", [LONG])
        portfolio = load_portfolio(paths.tasks_dir() / FILE_NAME, folder / "none", known_tasks().tasks)
        asked = Asked(("2026-03-02-001", "2026-03-02-002"), scope=Scope.COMMENTS, verified=False)
        write_report(folder / "archive.db", asked, portfolio, folder / "out")
    return folder / "out" / "report.html"


def browsed(page: Path, work: Path) -> tuple[list[str], set[str]]:
    """Return the lines of a page's console, and the hosts that were asked for while it was shown."""
    work.mkdir()
    log = work / "net.json"
    words = [*_QUIET, "--enable-logging=stderr", f"--user-data-dir={work / 'profile'}", f"--log-net-log={log}"]
    words += ["--virtual-time-budget=2000", "--dump-dom", page.as_uri()]
    done = subprocess.run([CHROMIUM, *words], capture_output=True, text=True, errors="replace", timeout=120)
    assert "</html>" in done.stdout, done.stderr[-2000:]
    hosts = re.findall(r'"url":"\w+://([^/"]+)', log.read_text("utf-8", "replace"))
    return [line for line in done.stderr.splitlines() if ":CONSOLE" in line], set(hosts)


def test_a_report_asks_for_nothing_and_its_console_stays_empty(report: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.html").write_text("<!DOCTYPE html><html><title>empty</title></html>")
    (tmp_path / "bad.html").write_text(
        '<!DOCTYPE html><html><img src="http://127.0.0.1:9/x.png"><script>console.error("seen")</script></html>'
    )
    _, own = browsed(tmp_path / "empty.html", tmp_path / "one")  # what the browser asks for by itself
    told, hosts = browsed(tmp_path / "bad.html", tmp_path / "two")
    assert "127.0.0.1:9" in hosts and any("seen" in line for line in told), "it would be noticed"
    told, hosts = browsed(report, tmp_path / "three")
    assert told == [] and {host for host in hosts - own if not host.endswith(("google.com", "googleapis.com"))} == set()


def test_a_report_prints_on_sheets_of_a4(report: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.pdf"
    words = [*_QUIET, f"--user-data-dir={tmp_path / 'profile'}", f"--print-to-pdf={target}", report.as_uri()]
    subprocess.run([CHROMIUM, *words], capture_output=True, timeout=120, check=True)
    data = target.read_bytes()
    boxes = {tuple(map(float, box)) for box in re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", data)}
    assert len(boxes) == 1 and all(
        abs(side - wanted) < 1.5 for box in boxes for side, wanted in zip(box, _A4, strict=True)
    )
    assert len(re.findall(rb"/Type\s*/Page\b", data)) >= 10, "a sheet for each page, at least"


def test_nothing_is_wider_than_a_sheet(report: Path, tmp_path: Path) -> None:
    """A browser shrinks all sheets where one table does not fit: then nothing can be read."""
    text = re.sub("<meta http-equiv[^>]*>", "", report.read_text("utf-8")).replace("@media print", "@media all")
    script = (
        "document.querySelectorAll('table, h1, h2, h3, p, li').forEach(one => { if (one.scrollWidth > ROOM + 1) "
        "console.log('wide: ' + one.scrollWidth + ' ' + one.innerText.slice(0, 60)) }); console.log('measured')"
    ).replace("ROOM", str(_ROOM))
    assert LONG in text
    page = tmp_path / "measured.html"
    page.write_text(text.replace("<body>", f'<body style="width: {_ROOM}px">') + f"<script>{script}</script>", "utf-8")
    told, _ = browsed(page, tmp_path / "work")
    assert len(told) == 1 and "measured" in told[0], told

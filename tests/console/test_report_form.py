"""A report asked for at the console: form, refusal, progress, success and failure; written while the app goes on."""

from __future__ import annotations

import datetime
import json
import sqlite3
import subprocess
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from medic_console.console.report.screen import NewReportScreen
from medic_console.console.run.screen import RunScreen
from medic_console.console.widgets.text_pane import TextPane
from medic_console.core import paths
from medic_console.core.errors import UsageError
from medic_console.reports import folder as reports
from medic_console.reports.manifest import write_manifest
from medic_console.reports.signing import check
from tests.console.audited import RUN
from tests.console.conftest import Open, press, screen_text, settle, shows, told_by, until
from tests.console.test_snapshots import SIZES, Compare, after

WIDE, NARROW = (120, 36), (80, 24)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_report_of_a_run_by_keys_alone(open_app: Open, size: tuple[int, int]) -> None:
    app = open_app()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "W")
        assert shows(app, NewReportScreen) and "No word of a model" in screen_text(app)
        await press(pilot, "enter", "j", "enter")
        assert "comments" in screen_text(app) and "may hold patient data" in screen_text(app)
        await press(pilot, "enter", "enter", "ctrl+g")
        folder = paths.export_dir() / f"report-{RUN}"
        assert "Report written" in told_by(app) and str(folder) in told_by(app)
        record = json.loads((folder / "report.json").read_text("utf-8"))
        assert record["scope"] == "scores" and not check(folder, None, datetime.date.today()).broken
        assert "✓ Written" in screen_text(app)
        await press(pilot, "escape", "W")
        assert f"report-{RUN}-2" in app.screen.query_one("#report-says", TextPane).text, "a new folder is proposed"


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_report_is_signed_in_parts_and_beside_an_earlier_one(
    open_app: Open, archive: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    with closing(sqlite3.connect(archive)) as connection, connection:
        connection.execute("UPDATE items SET fields = json_set(fields, '$.sex', iif(id < 'medqa-sample-03', 'F', 'M'))")
    app, folders = open_app(), [paths.export_dir() / f"report-{RUN}{end}" for end in ("", "-2", "-3")]
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "W", "ctrl+g", "escape", "W", "j", "j", "j", "enter", *"sex", "enter")
        await press(pilot, "j", "enter", *str(folders[0]), "enter", "j", "enter", *"Dr Ada", "enter", "ctrl+g")
        assert "A signature needs a role, a last day." in told_by(app) and not folders[1].exists()
        await press(pilot, "j", "enter", *"informatician", "enter", "j", "enter", *"2099-01-01", "enter", "ctrl+g")
        assert "Signed by Dr Ada, valid until 2099-01-01." in screen_text(app)
        found = check(folders[1], None, datetime.date.today())
        assert found.holds and "Dr Ada, informatician" in found.signed[0]
        text = (folders[1] / "report.md").read_text("utf-8")
        assert "Nothing has changed" in text and "Parts of the items" in text
        key = tmp_path / "key"
        await press(pilot, "escape", "W", *"jjjjj", "enter", *"Dr Ada", "enter", "j", "enter", *"head", "enter")
        await press(pilot, "j", "enter", *"2099-01-01", "enter", "j", "enter", *str(key), "enter", "ctrl+g")
        assert "there is no such key" in told_by(app) and not folders[2].exists()
        key.write_text("a shopping list")
        await press(pilot, "ctrl+g")
        assert "this is no SSH key" in told_by(app) and not folders[2].exists()
        key.unlink()
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "a secret", "-f", str(key)], check=True)
        await press(pilot, "ctrl+g")
        assert "It is not signed" in told_by(app) and (folders[2] / "report.html").is_file()


async def test_the_app_is_used_while_a_report_is_written(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()

    def waiting(folder: Path, stamp: dict[str, Any]) -> None:
        assert go_on.wait(30)
        write_manifest(folder, stamp)

    monkeypatch.setattr(reports, "write_manifest", waiting)
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "W")
        await pilot.press("ctrl+g")
        await until(pilot, lambda: "… Digests of all files" in screen_text(app), "the progress line")
        await pilot.press("ctrl+g", "escape")
        await until(pilot, lambda: shows(app, RunScreen), "the form is left")
        assert "A report is being written" in told_by(app), "one at a time"
        await pilot.press("j")
        go_on.set()
        await settle(pilot)
        assert "Report written" in told_by(app) and (paths.export_dir() / f"report-{RUN}" / "report.html").is_file()


async def test_a_report_of_the_runs_of_a_queue(open_app: Open, reviewed: Path) -> None:
    app = open_app(reviewed)
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot)
        await press(pilot, "R", "W")
        assert shows(app, NewReportScreen) and f"Runs: {RUN}" in screen_text(app)


async def test_what_a_part_is_stands_whole_below_the_form(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.screen.query_one("#runs").focus()
        await press(pilot, "enter", "W", "j", "j", "j")
        assert "fields of items, such as sex, age ━┛" in screen_text(app)
        await press(pilot, "k", "k", "enter")
        assert "also words of models and reviewers ━┛" in screen_text(app)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_folder_that_is_not_empty_is_refused_at_its_line(
    open_app: Open, tmp_path: Path, size: tuple[int, int]
) -> None:
    (tmp_path / "kept.txt").write_text("mine")
    app = open_app()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "W", "j", "j", "enter", "ctrl+u", *str(tmp_path), "enter")
        text = screen_text(app)
        assert "✗ not empty" in text and "names another one" in text
        await press(pilot, "ctrl+g")
        assert "is not empty" in told_by(app) and [file.name for file in tmp_path.iterdir()] == ["kept.txt"]


async def test_why_a_report_could_not_be_written_is_told(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(reports, "write_manifest", full)
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "W", "ctrl+g")
        assert "Not written" in screen_text(app) and "No space left" in screen_text(app)
        assert "Report not written" in told_by(app) and "Name another folder." in told_by(app)
        assert not list(paths.export_dir().iterdir()), "nothing is left of it"


async def test_a_report_of_the_runs_of_a_comparison(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot)
        await press(pilot, "v", "W")
        assert shows(app, NewReportScreen) and f"Runs: {RUN}" in screen_text(app)


def test_a_folder_that_cannot_be_looked_into_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path / ("long" * 100), Path("~nobody-of-that-name/x"), Path(__file__)):
        with pytest.raises(UsageError):
            reports.free_folder(folder)


@SIZES
def test_the_form_of_a_report(
    snap_compare: Compare, open_app: Open, home: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setattr(paths, "export_dir", lambda: Path("~/Documents/medic-console"))
    keys = ("enter", "W", "enter", "j", "enter", "enter")
    assert snap_compare(open_app(), terminal_size=size, run_before=after(*keys))

"""A judge method of another package, the guide's own: installed, run by the real command, looked at, and gone again."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from medic_console.commands.demo import LARGE, SMALL
from medic_console.core import paths
from tests.conftest import PATIENCE, QUICK
from tests.test_contributing import FILES, TEXT
from tests.test_plugins import OURS, TASK, installed, run

MODULE = FILES["judging/plain_words.py"]
POINTS = "[medic_console.methods]\nplain_words = hospital_parts\n"
TABLES = next(block for block in TEXT.split("```toml\n") if block.startswith("[scoring]")).split("```")[0]
LETTERS = (
    TASK.split("[scoring]")[0]
    .replace('"ward"', '"letters"')
    .replace('"ward_list"', '"samples"')
    .replace('"first_digit"', '"text"')
    .replace('files = ["ward.csv"]', "files = []")
    .replace("How urgent is this, 1 to 5? {complaint}", "Answer this patient: {complaint}")
    .replace("max_tokens = 8", "max_tokens = 16")
    + TABLES
    + '[[metrics]]\nid = "plain_words"\ntitle = "In plain words"\nprimary = true\nbetter = "higher"\n'
)
ASKED = ("What is a stroke?", "Is a cold dangerous?")
SAMPLES = [{"id": f"s-{n}", "fields": {"complaint": text}, "gold": None} for n, text in enumerate(ASKED)]
LOOK = """
import asyncio, sys
from pathlib import Path
from medic_console.audit.prepare import known_tasks
from medic_console.console.app import MedicConsole
from medic_console.console.inspect.registry import inspector_for
from medic_console.console.widgets.text_pane import TextPane
from tests.console.conftest import press, settle
from tests.console.inspected import place_of

async def look(archive, run):
    app = MedicConsole(archive, tasks=known_tasks().tasks)
    async with app.run_test(size=(120, 48)) as pilot:
        await settle(pilot)
        app.push_screen(inspector_for(app.context, place_of(archive, "letters", run=run)))
        await settle(pilot)
        print(app.screen.query_one("#question", TextPane).text)
        print(app.screen.query_one("#verdict", TextPane).text)
        await press(pilot, "i")
        print(app.screen.query_one("#asked", TextPane).text)

asyncio.run(look(Path(sys.argv[1]), sys.argv[2]))
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The guide's method in a folder of installed packages; a task that it judges lies in the user's folder."""
    task = paths.config_dir() / "tasks" / "letters"
    task.mkdir(parents=True)
    (task / "task.toml").write_text(LETTERS, "utf-8")
    (task / "samples.jsonl").write_text("".join(json.dumps(one) + "\n" for one in SAMPLES), "utf-8")
    return installed(tmp_path / "site", "hospital-parts", MODULE, POINTS)


def looked(folder: Path, archive: Path, name: str) -> str:
    """Return what the console's inspector and whole trace show of the run's first item, in one line."""
    root = Path(__file__).resolve().parents[1]
    environment = {**os.environ, "PYTHONPATH": f"{root}:{folder}"}
    shown = subprocess.run(
        [sys.executable, "-c", LOOK, str(archive), name],
        capture_output=True,
        text=True,
        timeout=PATIENCE * 5,
        env=environment,
    )
    assert shown.returncode == 0, shown.stderr
    return " ".join(shown.stdout.split())


def test_a_method_of_a_package_is_listed_run_looked_at_and_its_runs_outlive_it(site: Path, tmp_path: Path) -> None:
    listed = run(site, "tasks", "--json")
    assert listed.returncode == 0, listed.stderr
    parts = {task["task"]: task["parts"] for task in json.loads(listed.stdout)["tasks"]}
    named = (("judge method", "plain_words"), ("metric", "plain_words"))
    assert parts["letters"] == [{"kind": kind, "name": name, **OURS} for kind, name in named]

    archive = tmp_path / "audit.db"
    audit = ("run", "letters", "--model", SMALL, "--judge", LARGE, "--archive", archive, *QUICK, "--json")
    done = run(site, *audit)
    assert done.returncode == 0, done.stderr
    (model,) = json.loads(done.stdout)["models"]
    assert model["tasks"][0]["counts"] == {"scored": 2, "unscored": 0, "failed": 0}
    with closing(sqlite3.connect(archive)) as connection:
        ((name, label),) = connection.execute("SELECT DISTINCT run, scorer FROM scores").fetchall()
        asked = connection.execute("SELECT count(*) FROM calls WHERE step = 'plain-words'").fetchone()
    assert label == "plain_words 1" and asked == (2,)

    words = ("archive", "items", "letters", "--item", "s-0", "--archive", archive)
    traced = run(site, *words)
    assert traced.returncode == 0, traced.stderr
    assert "plain-words: output" in traced.stdout and "Would a patient without medical" in traced.stdout
    assert "no judge can be qualified for the method plain_words" in " ".join(
        run(site, "archive", "results", "--archive", archive).stdout.split()
    )
    shown = looked(site, archive, name)
    assert "plain-words" in shown and "judge demo-large" in shown and "Would a patient without medical" in shown

    # Uninstalled, its runs are still there.
    for command in (words, ("archive", "results", name), ("judge", "list"), ("archive", "items", "letters")):
        stored = run(tmp_path, *command, *(() if "--archive" in command else ("--archive", archive)))
        assert stored.returncode == 0, stored.stderr
    assert "plain-words" in looked(tmp_path, archive, name)
    gone = run(tmp_path, "tasks")
    assert 'there is no judge method "plain_words"' in " ".join(gone.stdout.split())
    shutil.rmtree(paths.config_dir() / "tasks")
    again = run(tmp_path, "score", "letters", "--run", name, "--archive", archive)
    assert again.returncode == 2 and "Traceback" not in again.stderr


def test_a_judge_is_not_qualified_for_it_and_the_reason_names_the_package(site: Path, tmp_path: Path) -> None:
    done = run(site, "judge", "qualify", LARGE, "--task", "letters", "--archive", tmp_path / "audit.db")
    assert (done.returncode, done.stdout) == (2, "")
    assert "their method has no probes (plain_words of hospital-parts 1.2)" in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('version="1"', "version=1", "its version must be text"),
        ('method = "plain_words"', 'method = "harm"', 'The name "harm" is taken twice'),
        ("        worst=worst,\n", "        worst=worst,\n        probes={'x': None},\n", "it brings probes"),
    ],
)
def test_a_method_that_cannot_be_used_is_told_with_its_package(
    old: str, new: str, message: str, tmp_path: Path
) -> None:
    assert old in MODULE
    site = installed(tmp_path / "site", "hospital-parts", MODULE.replace(old, new, 1), POINTS)
    done = run(site, "tasks")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr and message in done.stderr and "hospital-parts 1.2" in done.stderr

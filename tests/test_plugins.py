"""Parts of another package: installed beside this one, run by the real command, and every fault of theirs told."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from medic_console.commands.demo import SMALL
from medic_console.core import paths
from medic_console.statistics.metrics import NOT_INSTALLED
from tests.conftest import PATIENCE, ROOT, command, command_environment

MODULE = '''"""Parts of a hospital's own."""

import re

from medic_console.core.metrics import Metric
from medic_console.core.records import Answer, Item, NoAnswer, Outcome, Reason, Score
from medic_console.scoring.answers.registry import answer_reader
from medic_console.scoring.scorers.registry import scorer
from medic_console.suite.readers.base import records, text_of
from medic_console.suite.readers.registry import items_reader
from medic_console.suite.readers.tables import first_record, read_table


def recognises(path):
    return {"Beschwerde", "Stufe"} <= first_record(path).keys()


@items_reader("ward_list", recognises)
def read(path):
    rows = read_table(path).rows
    return records(path, [Item(f"ward-{row.number}", {"complaint": text_of(path, row, "Beschwerde")},
                               text_of(path, row, "Stufe")) for row in rows], (), ())


@answer_reader("first_digit")
def first_digit(text, item):
    found = re.search("[1-5]", text)
    return Answer(int(found[0]), found[0]) if found else NoAnswer(Reason.UNREADABLE, "no digit from 1 to 5")


def worst(item, resources):
    return {"nearness": 0.0}


@scorer("nearness", version="7", worst=worst, values={"urgency_nearness": Metric("Nearness", "nearness", 100.0)})
def score(item, answer, resources):
    return Score(Outcome.SCORED, {"nearness": 1 - abs(answer.value - int(item.gold)) / 4}, answer=answer.shown)
'''
POINTS = """[medic_console.readers]
ward_list = hospital_parts

[medic_console.answers]
first_digit = hospital_parts:first_digit

[medic_console.scorers]
nearness = hospital_parts:score
"""
TASK = """id = "ward"
title = "Ward triage"
version = "1"
rows = []
description = "Urgency of complaints, 1 to 5."

[dimensions]
primary = ["C"]
secondary = []

[source]
name = "Of our own"
citation = "Not published"
licence = "Apache-2.0"
access = "open"
obtain = "Ask the ward."

[items]
reader = "ward_list"
samples = "samples.jsonl"
files = ["ward.csv"]

[prompt]
mode = "generate"
user = "How urgent is this, 1 to 5? {complaint}"
max_tokens = 8

[answer]
reader = "first_digit"

[scoring]
scorer = "nearness"

[[metrics]]
id = "urgency_nearness"
title = "Nearness"
primary = true
better = "higher"
"""
SAMPLE = {"id": "s-1", "fields": {"complaint": "A mild cold."}, "gold": "5"}
OURS = {"package": "hospital-parts", "version": "1.2"}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder of installed packages with the hospital's in it; its task lies in the user's folder."""
    task = paths.config_dir() / "tasks" / "ward"
    task.mkdir(parents=True)
    (task / "task.toml").write_text(TASK, "utf-8")
    (task / "samples.jsonl").write_text(json.dumps(SAMPLE) + "\n", "utf-8")
    return installed(tmp_path / "site", "hospital-parts", MODULE, POINTS)


def installed(site: Path, name: str, module: str, points: str) -> Path:
    """Install a package of one module as a wheel would; return the folder of packages."""
    facts = site / f"{name.replace('-', '_')}-1.2.dist-info"
    facts.mkdir(parents=True)
    (site / f"{name.replace('-', '_')}.py").write_text(module, "utf-8")
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n", "utf-8")
    (facts / "entry_points.txt").write_text(points, "utf-8")
    return site


def run(site: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the real command with these packages installed."""
    environment = {**command_environment(), "PYTHONPATH": f"{ROOT}:{site}"}
    return subprocess.run(command(*words), capture_output=True, text=True, timeout=PATIENCE * 5, env=environment)


def test_a_package_of_parts_is_listed_run_and_scored(site: Path, tmp_path: Path) -> None:
    listed = run(site, "tasks", "--json")
    assert listed.returncode == 0, listed.stderr
    parts = {task["task"]: task["parts"] for task in json.loads(listed.stdout)["tasks"]}
    kinds = (("items reader", "ward_list"), ("answer reader", "first_digit"), ("scorer", "nearness"))
    named = [{"kind": kind, "name": name, **OURS} for kind, name in (*kinds, ("metric", "urgency_nearness"))]
    assert parts.pop("ward") == named
    assert len(parts) == 23 and not any(parts.values())
    assert "+ ward: scorer nearness of hospital-parts 1.2" in run(site, "tasks").stdout

    official, archive = tmp_path / "ward.csv", tmp_path / "audit.db"
    official.write_text("Beschwerde,Stufe\nSudden weakness of one arm.,1\nA mild cold.,5\n", "utf-8")
    audit = ("run", "ward", "--model", SMALL, "--items", official, "--archive", archive, "--sequential", "--json")
    done = run(site, *audit)
    assert done.returncode == 0, done.stderr
    (model,) = json.loads(done.stdout)["models"]
    (result,) = model["tasks"]
    assert result["metrics"]["urgency_nearness"]["n"] == 2
    with closing(sqlite3.connect(archive)) as connection:
        ((name, label),) = connection.execute("SELECT DISTINCT run, scorer FROM scores").fetchall()
    assert label == "nearness 7"

    # Uninstalled, its runs are still there: what it computed has no figure and says why.
    stored = run(tmp_path, "--archive", archive, "--plain")
    assert stored.returncode == 0, stored.stderr
    results = run(tmp_path, "archive", "results", name, "--archive", archive)
    assert results.returncode == 0 and NOT_INSTALLED in " ".join(results.stdout.split()), results.stderr

    said = [{"id": "ward-1", "text": "Level 1"}, {"id": "ward-2", "text": "I would say 4."}]
    outputs = tmp_path / "outputs.jsonl"
    outputs.write_text("".join(json.dumps(one) + "\n" for one in said), "utf-8")
    scored = run(site, "score", "ward", "--outputs", outputs, "--items", official, "--json")
    assert scored.returncode == 0, scored.stderr
    record = json.loads(scored.stdout)
    assert record["metrics"]["urgency_nearness"]["value"] == 87.5
    assert record["libraries"] == {"hospital-parts": "1.2"}


def test_without_the_package_its_task_is_named_unusable_and_all_others_work(site: Path, tmp_path: Path) -> None:
    listed = run(tmp_path, "tasks", "--json")
    assert listed.returncode == 0, listed.stderr
    record = json.loads(listed.stdout)
    assert len(record["tasks"]) == 23
    assert len(record["unusable"]) == 1 and 'there is no items reader "ward_list"' in record["unusable"][0]


FAULTS = {
    "a name that is ours": (
        MODULE.replace('scorer("nearness"', 'scorer("choice"'),
        "[medic_console.scorers]\nchoice = stranger\n",
        'The name "choice" is taken twice',
        "Uninstall stranger",
    ),
    "an import that fails": (
        "import a_library_that_is_not_here\n",
        "[medic_console.scorers]\nfar = stranger\n",
        'stranger 1.2: its part "far" (stranger) cannot be imported: ModuleNotFoundError',
        "Repair or uninstall stranger",
    ),
    "a name that is not there": (
        MODULE,
        "[medic_console.scorers]\nfar = stranger:score_far\n",
        'stranger 1.2: its part "far" (stranger:score_far) cannot be imported: AttributeError',
        "Repair or uninstall stranger",
    ),
    "a function that registers nothing": (
        "def score(item, answer, resources):\n    return None\n",
        "[medic_console.scorers]\nfar = stranger:score\n",
        'stranger 1.2 names the scorer "far" (stranger:score), and importing that registers none of this name',
        "Give it that name",
    ),
    "a metric that is none": (
        MODULE.replace('Metric("Nearness", "nearness", 100.0)', '"Nearness"'),
        "[medic_console.scorers]\nnearness = stranger\n",
        "stranger 1.2 brings a metric 'urgency_nearness' that cannot be used: it is no Metric",
        "Correct stranger, or uninstall stranger",
    ),
    "a version that is no text": (
        MODULE.replace('version="7"', "version=7"),
        "[medic_console.scorers]\nnearness = stranger\n",
        "stranger 1.2 brings a scorer 'nearness' that cannot be used: its version must be text",
        "Correct stranger",
    ),
    "a scorer named as a method of judges": (
        MODULE.replace('scorer("nearness"', 'scorer("harm"'),
        "[medic_console.scorers]\nharm = stranger\n",
        'The name "harm" is taken twice',
        "Uninstall stranger",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_part_that_cannot_be_used_is_told_with_its_package(fault: str, tmp_path: Path) -> None:
    module, points, message, hint = FAULTS[fault]
    done = run(installed(tmp_path / "site", "stranger", module, points), "tasks")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert message in done.stderr and hint in done.stderr


def test_two_packages_with_one_name_are_both_named(site: Path) -> None:
    installed(site, "stranger", MODULE, "[medic_console.scorers]\nnearness = stranger\n")
    done = run(site, "run", "medqa", "--model", SMALL)
    assert (done.returncode, done.stdout) == (2, "")
    assert "hospital-parts 1.2" in done.stderr and "stranger 1.2" in done.stderr


def test_a_package_of_parts_costs_help_nothing(site: Path) -> None:
    installed(site, "stranger", "raise RuntimeError('imported')\n", "[medic_console.scorers]\nfar = stranger\n")
    assert run(site, "--help").returncode == 0

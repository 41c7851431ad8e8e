"""The command line as a person or a script meets it."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from medic_console import __version__
from medic_console.commands.cli import main
from medic_console.commands.demo import DEMO_TASKS
from medic_console.testing.random_model import CHATML
from tests.conftest import (
    CHOOSE,
    QUICK,
    ROOT,
    TASK_IDS,
    Say,
    command,
    command_environment,
    document,
    refused,
    run_command,
    wait_until,
)

HEAVY = ("textual", "llama_cpp", "scipy", "gguf", "sqlite_utils", "numpy", "rich", "tomlkit", "sqlglot")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom medic_console.commands.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        f"print(*[name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    for words in (["--help"], ["--version"], *([name, "--help"] for name in ("run", "demo", "tasks"))):
        done = subprocess.run(
            [sys.executable, "-c", code, *words], capture_output=True, text=True, env=command_environment(), check=True
        )
        assert done.stderr.strip() == ""
        assert done.stdout


def test_the_version_is_printed() -> None:
    assert run_command("--version", check=True).stdout == f"medic-console {__version__}\n"


@pytest.mark.parametrize("words", [["nonsense"], ["score", "medqa"], ["models"]])
def test_a_command_line_that_is_wrong_ends_with_two(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_run_prints_one_document_with_the_fields_of_the_design(say: Say, random_model: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    words = (
        "run",
        "medqa",
        "ehrsql",
        "--model",
        random_model,
        "--limit",
        "3",
        *QUICK,
        *CHOOSE,
        "--archive",
        archive,
        "--json",
    )
    record = document(say(*words))
    assert {"run", "models"} <= set(record)
    (model,) = record["models"]
    assert {"name", "sha256", "tasks", "dimensions"} <= set(model)
    assert set(model["dimensions"]) == {"M", "E", "D", "I", "C"}
    for task in model["tasks"]:
        assert {"task", "task_version", "counts", "metrics"} <= set(task)
        assert sum(task["counts"].values()) == 3
        assert set(task["counts"]) == {"scored", "unscored", "failed"}
        for metric in task["metrics"].values():
            assert set(metric) == {
                *("value", "low", "high", "n", "unit"),
                *("answered", "share_answered", "provisional", "chance", "first_items", "note"),
            }
    stats = document(say("archive", "stats", "--archive", archive, "--json"))
    assert stats["runs"] == [{"run": record["run"], "status": "done", "items": 6, "of": 6}]
    assert stats["rows"]["scores"] == 6


def test_run_without_json_prints_tables_and_the_way_on(say: Say, random_model: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    code, out, err = say("run", "medqa", "--model", random_model, "--limit", "2", *QUICK, "--archive", archive)
    assert code == 0
    assert "Accuracy" in out and "2 of 2 items" in out
    assert "The first 2 of 16 items, not a random sample." in out
    assert "never comparable with published figures" in err


def test_a_sample_is_drawn_by_its_seed_and_said_with_the_results(say: Say, random_model: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    words = ("run", "medqa", "--model", random_model, "--sample", "3", "--seed", "4", *QUICK, "--archive", archive)
    (model,) = document(say(*words, "--json"))["models"]
    (task,) = model["tasks"]
    assert task["items_taken"] == task["notes"][0] == "A random sample of 3 of 16 items, seed 4."
    with closing(sqlite3.connect(archive)) as connection:
        ((stored,),) = connection.execute("SELECT settings FROM runs")
        drawn = [name for (name,) in connection.execute("SELECT item FROM run_items ORDER BY position")]
    assert {"sample": 3, "seed": 4}.items() <= json.loads(stored).items()
    assert drawn == sorted(drawn) and len(drawn) == 3
    for option, number in (("--limit", "2"), ("--sample", "0")):
        code, _, err = say(*words, option, number)
        assert code == 2
        assert "--sample" in err


def test_two_sequential_runs_give_the_same_document(say: Say, random_model: Path, tmp_path: Path) -> None:
    words = ("run", "medqa", "medec", "--model", random_model, "--limit", "4", *QUICK, "--json", "--archive")
    one, two = (document(say(*words, tmp_path / name)) for name in ("a.db", "b.db"))
    assert one == two


def test_an_item_that_fails_makes_the_exit_code_one(say: Say, random_model: Path, tmp_path: Path) -> None:
    template = tmp_path / "template.jinja"
    faulty = "{% if 'chest pain' in messages[-1]['content'] %}{{ raise_exception('refused') }}{% endif %}"
    template.write_text(faulty + CHATML)
    archive = tmp_path / "a.db"
    words = ("--chat-template", template, "--limit", "3", *QUICK, *CHOOSE, "--archive", archive, "--json")
    record = document(say("run", "medqa", "--model", random_model, *words), code=1)
    assert record["models"][0]["tasks"][0]["counts"] == {"scored": 2, "unscored": 0, "failed": 1}
    with closing(sqlite3.connect(archive)) as connection:
        ((detail, traceback),) = connection.execute("SELECT detail, traceback FROM scores WHERE outcome = 'failed'")
    assert "refused" in detail
    assert "Traceback" in traceback


def test_a_prompt_longer_than_the_context_takes_the_worst_value_and_is_told(
    say: Say, random_model: Path, tmp_path: Path
) -> None:
    words = ("--limit", "2", "--sequential", "--threads", "1", "--context", "100", "--archive", tmp_path / "a.db")
    record = document(say("run", "medqa", "--model", random_model, *words, "--json"))
    (task,) = record["models"][0]["tasks"]
    assert task["counts"] == {"scored": 0, "unscored": 2, "failed": 0}
    assert task["unscored_reasons"] == {"context overflow": 2}
    accuracy = task["metrics"]["accuracy"]
    # Mid-p of 0 of 2: from 0 to 1 - 0.05 ** (1 / 2).
    assert (accuracy["value"], accuracy["low"], accuracy["n"]) == (0.0, 0.0, 2)
    assert accuracy["high"] == pytest.approx(77.639, abs=0.1)
    assert (accuracy["answered"]["value"], accuracy["answered"]["n"]) == (None, 0)
    assert accuracy["share_answered"]["value"] == 0.0


def test_interrupted_a_run_ends_with_130_and_can_be_resumed(endless_model: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.db"

    def outputs() -> int:
        try:
            with closing(sqlite3.connect(f"file:{archive}?mode=ro", uri=True)) as connection:
                return int(connection.execute("SELECT count(*) FROM outputs").fetchone()[0])
        except sqlite3.OperationalError:
            return 0

    words = command("run", "medcalc", "--model", endless_model, "--limit", "4", *QUICK, "--archive", archive, "--json")
    with subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=command_environment(),
        start_new_session=True,
    ) as process:
        wait_until(lambda: outputs() > 0 or process.poll() is not None, "the run makes no headway")
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the whole group
        out, err = process.communicate()
    assert process.returncode == 130, err
    record = json.loads(out)
    assert record["status"] == "interrupted"
    assert f"medic-console resume {record['run']}" in err
    assert 1 <= outputs() < 4
    resumed = run_command("resume", "--archive", archive, "--json", check=True)
    assert json.loads(resumed.stdout)["status"] == "done"
    assert outputs() == 4


@pytest.mark.usefixtures("one_core")
def test_the_demo_accounts_for_every_item(tmp_path: Path) -> None:
    done = run_command("demo", "--headless", "--json", "--limit", "1", "--archive", tmp_path / "demo.db", check=True)
    record = json.loads(done.stdout)
    assert "no clinical knowledge" in done.stderr
    assert any(line.startswith("demo-small ") and "knowledge to execution " in line for line in record["summary"])
    assert any("SOAP note" in line and "omission" in line for line in record["summary"])
    assert record["status"] == "done"
    assert len(record["models"]) == 2
    for model in record["models"]:
        assert {task["task"] for task in model["tasks"]} == set(DEMO_TASKS)
        for task in model["tasks"]:
            assert sum(task["counts"].values()) == 1
            assert task["counts"]["failed"] == 0


def test_tasks_are_listed_with_their_items(say: Say) -> None:
    record = document(say("tasks", "--json"))
    assert {task["task"] for task in record["tasks"]} == TASK_IDS
    assert all(task["items"] >= 12 for task in record["tasks"])
    assert record["unusable"] == []
    code, out, _ = say("tasks")
    assert code == 0
    assert "EHRSQL" in out


def test_a_broken_task_file_is_listed_and_the_others_load(say: Say, home: Path) -> None:
    folder = home / "config" / "tasks" / "mine"
    folder.mkdir(parents=True)
    (folder / "task.toml").write_text('id = "mine"\ntitel = "Mine"\n')
    record = document(say("tasks", "--json"))
    assert {task["task"] for task in record["tasks"]} == TASK_IDS
    assert "task.toml, line 2" in record["unusable"][0]
    assert 'did you mean "title"?' in record["unusable"][0]


def test_a_task_file_can_be_checked(say: Say, tmp_path: Path) -> None:
    code, out, _ = say("tasks", "check", ROOT / "tasks" / "medqa" / "task.toml")
    assert code == 0
    assert "task medqa, version 1, 16 samples" in out
    broken = tmp_path / "task.toml"
    text = (ROOT / "tasks" / "medqa" / "task.toml").read_text("utf-8")
    broken.write_text(text.replace("max_tokens", "max_token"), "utf-8")
    line = next(n for n, words in enumerate(broken.read_text("utf-8").splitlines(), 1) if words.startswith("max_token"))
    refused(say("tasks", "check", broken), f"{broken}, line {line}", 'did you mean "max_tokens"?', "tasks check")


def test_a_model_file_is_inspected(say: Say, random_model: Path) -> None:
    record = document(say("models", "inspect", random_model, "--json"))
    assert (record["name"], record["architecture"], record["trained_context"]) == ("one", "llama", 8192)
    assert (record["sha256"], record["auditable"], record["reasons"]) == (None, True, [])
    record = document(say("models", "inspect", random_model, "--digest", "--json"))
    assert record["sha256"] == document(say("models", "inspect", random_model, "--json"))["sha256"]
    assert record["sha256"] == "sha256:" + hashlib.sha256(random_model.read_bytes()).hexdigest()
    assert "llama" in say("models", "inspect", random_model)[1]


def test_places_are_printed_alone(say: Say, home: Path, tmp_path: Path) -> None:
    assert say("locate", "config") == (0, f"{home / 'config'}\n", "")
    assert say("locate", "data") == (0, f"{home / 'data'}\n", "")
    assert say("locate", "archive") == (0, f"{home / 'data' / 'archive.db'}\n", "")
    assert say("locate", "archive", "--archive", tmp_path / "x.db") == (0, f"{tmp_path / 'x.db'}\n", "")
    for place in ("tasks", "themes"):
        assert Path(say("locate", place)[1].strip()).is_dir()


def test_the_archive_may_be_named_before_the_command(say: Say, tmp_path: Path) -> None:
    assert say("--archive", tmp_path / "x.db", "locate", "archive")[1] == f"{tmp_path / 'x.db'}\n"

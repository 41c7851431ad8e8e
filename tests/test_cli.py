"""The command line as a person or a script meets it."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from medic_console import __version__
from medic_console.archive.lock import RunLock
from medic_console.cli import main
from medic_console.engine.random_model import CHATML, Shape, write_random_model
from tests.conftest import (
    ROOT,
    command,
    command_environment,
    run_command,
    sample_task,
    wait_until,
)

Said = tuple[int, str, str]
Say = Callable[..., Said]
HEAVY = ("textual", "llama_cpp", "scipy", "gguf", "sqlite_utils", "numpy", "rich", "tomlkit", "sqlglot")
QUICK = ("--sequential", "--threads", "1", "--context", "2048", "--gpu-layers", "0")


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Run a command in this process; return its exit code, stdout and stderr."""

    def run(*words: str | Path) -> Said:
        capsys.readouterr()
        code = main([str(word) for word in words])
        return code, *capsys.readouterr()

    return run


def document(said: Said, code: int = 0) -> dict[str, Any]:
    """Return the JSON document that is all of stdout."""
    assert said[0] == code, said[2]
    record = json.loads(said[1])
    assert isinstance(record, dict)
    return record


def jsonl(path: Path, *records: object) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


def golds(tmp_path: Path) -> list[dict[str, str]]:
    return [{"id": item.id, "text": str(item.gold)} for item in sample_task("medqa", tmp_path, limit=None).items]


def refused(said: Said, *parts: str) -> None:
    """Check that a command was refused with exit code 2, nothing on stdout, and a message with these parts."""
    code, out, err = said
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    for part in parts:
        assert part in err


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom medic_console.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        f"print(*[name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    for words in (["--help"], ["run", "--help"], ["--version"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *words], capture_output=True, text=True, env=command_environment(), check=True
        )
        assert done.stderr.strip() == ""
        assert done.stdout


def test_the_version_is_printed() -> None:
    assert run_command("--version", check=True).stdout == f"medic-console {__version__}\n"


@pytest.mark.parametrize("words", [["nonsense"], ["run"], ["score", "medqa"], ["run", "medqa"], ["models"]])
def test_a_command_line_that_is_wrong_ends_with_two(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_run_prints_one_document_with_the_fields_of_the_design(say: Say, random_model: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    words = ("run", "medqa", "ehrsql", "--model", random_model, "--limit", "3", *QUICK, "--archive", archive, "--json")
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
            assert set(metric) == {"value", "low", "high", "n", "unit"}
    stats = document(say("archive", "stats", "--archive", archive, "--json"))
    assert stats["runs"] == [{"run": record["run"], "status": "done", "items": 6, "of": 6}]
    assert stats["rows"]["scores"] == 6


def test_run_without_json_prints_tables_and_the_way_on(say: Say, random_model: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    code, out, err = say("run", "medqa", "--model", random_model, "--limit", "2", *QUICK, "--archive", archive)
    assert code == 0
    assert "Accuracy" in out and "2 of 2 items" in out
    assert "never comparable with published figures" in err


def test_two_sequential_runs_give_the_same_document(say: Say, random_model: Path, tmp_path: Path) -> None:
    words = ("run", "medqa", "medec", "--model", random_model, "--limit", "4", *QUICK, "--json", "--archive")
    one, two = (document(say(*words, tmp_path / name)) for name in ("a.db", "b.db"))
    assert one == two


def test_an_item_that_fails_makes_the_exit_code_one(say: Say, random_model: Path, tmp_path: Path) -> None:
    template = tmp_path / "template.jinja"
    faulty = "{% if 'chest pain' in messages[-1]['content'] %}{{ raise_exception('refused') }}{% endif %}"
    template.write_text(faulty + CHATML)
    archive = tmp_path / "a.db"
    words = ("--chat-template", template, "--limit", "3", *QUICK, "--archive", archive, "--json")
    record = document(say("run", "medqa", "--model", random_model, *words), code=1)
    assert record["models"][0]["tasks"][0]["counts"] == {"scored": 2, "unscored": 0, "failed": 1}
    with closing(sqlite3.connect(archive)) as connection:
        ((detail, traceback),) = connection.execute("SELECT detail, traceback FROM scores WHERE outcome = 'failed'")
    assert "refused" in detail
    assert "Traceback" in traceback


def test_a_prompt_longer_than_the_context_is_unscored_and_told(say: Say, random_model: Path, tmp_path: Path) -> None:
    words = ("--limit", "2", "--sequential", "--threads", "1", "--context", "100", "--archive", tmp_path / "a.db")
    record = document(say("run", "medqa", "--model", random_model, *words, "--json"))
    (task,) = record["models"][0]["tasks"]
    assert task["counts"] == {"scored": 0, "unscored": 2, "failed": 0}
    assert task["unscored_reasons"] == {"context overflow": 2}
    assert task["metrics"]["accuracy"]["value"] is None


def test_interrupted_a_run_ends_with_130_and_can_be_resumed(endless_model: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.db"

    def outputs() -> int:
        try:
            with closing(sqlite3.connect(f"file:{archive}?mode=ro", uri=True)) as connection:
                return int(connection.execute("SELECT count(*) FROM outputs").fetchone()[0])
        except sqlite3.OperationalError:
            return 0

    words = command("run", "medcalc", "--model", endless_model, "--limit", "6", *QUICK, "--archive", archive, "--json")
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=command_environment()
    ) as process:
        wait_until(lambda: outputs() > 0 or process.poll() is not None, "the run makes no headway")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert process.returncode == 130, err
    record = json.loads(out)
    assert record["status"] == "interrupted"
    assert f"medic-console resume {record['run']}" in err
    assert 1 <= outputs() < 6
    resumed = run_command("resume", "--archive", archive, "--json", check=True)
    assert json.loads(resumed.stdout)["status"] == "done"
    assert outputs() == 6


@pytest.mark.usefixtures("one_core")
def test_the_demo_accounts_for_every_item(tmp_path: Path) -> None:
    done = run_command("demo", "--headless", "--json", "--archive", tmp_path / "demo.db", check=True)
    record = json.loads(done.stdout)
    assert "they know nothing" in done.stderr
    assert record["status"] == "done"
    assert len(record["models"]) == 2
    for model in record["models"]:
        assert {task["task"] for task in model["tasks"]} == {"aci_bench", "ehrsql", "medcalc", "medec", "medqa"}
        for task in model["tasks"]:
            assert sum(task["counts"].values()) == 16
            assert task["counts"]["failed"] == 0


def test_tasks_are_listed_with_their_items(say: Say) -> None:
    record = document(say("tasks", "--json"))
    assert {task["task"] for task in record["tasks"]} == {"aci_bench", "ehrsql", "medcalc", "medec", "medqa"}
    assert all(task["items"] == 16 for task in record["tasks"])
    assert record["unusable"] == []
    code, out, _ = say("tasks")
    assert code == 0
    assert "EHRSQL" in out


def test_a_broken_task_file_is_listed_and_the_others_load(say: Say, home: Path) -> None:
    folder = home / "config" / "tasks" / "mine"
    folder.mkdir(parents=True)
    (folder / "task.toml").write_text('id = "mine"\ntitel = "Mine"\n')
    record = document(say("tasks", "--json"))
    assert len(record["tasks"]) == 5
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
    assert record["sha256"].startswith("sha256:")
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


def test_outputs_made_elsewhere_are_scored(say: Say, tmp_path: Path) -> None:
    records = golds(tmp_path)
    wrong = {**records[0], "text": "E" if records[0]["text"] != "E" else "A"}
    outputs = jsonl(tmp_path / "o.jsonl", wrong, *records[1:-1])
    record = document(say("score", "medqa", "--outputs", outputs, "--json"))
    assert {"task", "task_version", "counts", "metrics", "items"} <= set(record)
    assert record["counts"] == {"scored": 14, "unscored": 2, "failed": 0}
    assert record["metrics"]["accuracy"]["value"] == 100.0
    assert record["metrics"]["accuracy"]["n"] == 14
    assert [item["id"] for item in record["items"]] == [r["id"] for r in records]
    assert record["items"][1] == {
        "id": records[1]["id"],
        "outcome": "scored",
        "scores": {"accuracy": 1.0},
        "answer": records[1]["text"],
        "verdict": "right",
    }
    assert [item.get("reason") for item in record["items"]][::15] == ["unreadable", "no output"]
    code, out, _ = say("score", "medqa", "--outputs", outputs)
    assert code == 0
    assert "14 scored  2 unscored  0 failed" in out


def test_an_output_for_an_unknown_item_is_refused(say: Say, tmp_path: Path) -> None:
    outputs = jsonl(tmp_path / "o.jsonl", golds(tmp_path)[0], {"id": "nobody", "text": "A"})
    refused(say("score", "medqa", "--outputs", outputs, "--json"), "o.jsonl, line 2", "no item has the id nobody")


def test_a_second_output_for_an_item_is_refused(say: Say, tmp_path: Path) -> None:
    first = golds(tmp_path)[0]
    outputs = jsonl(tmp_path / "o.jsonl", first, first)
    refused(say("score", "medqa", "--outputs", outputs, "--json"), "line 2", f"id {first['id']} was given before")


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("{broken", "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"id": "medqa-sample-01"}', "expected"),
        ('{"id": "medqa-sample-01", "text": 5}', "expected"),
    ],
)
def test_a_broken_line_of_outputs_is_named(line: str, part: str, say: Say, tmp_path: Path) -> None:
    outputs = tmp_path / "o.jsonl"
    outputs.write_text(f"\n{line}\n")
    refused(say("score", "medqa", "--outputs", outputs), "o.jsonl, line 2", part)


def test_outputs_that_are_not_there_are_named(say: Say, tmp_path: Path) -> None:
    refused(say("score", "medqa", "--outputs", tmp_path / "none.jsonl"), "none.jsonl", "cannot be read")


def test_a_judged_task_is_not_scored_from_outputs(say: Say, tmp_path: Path) -> None:
    outputs = jsonl(tmp_path / "o.jsonl")
    refused(say("score", "aci_bench", "--outputs", outputs), "scored by a judge", "cef-score")


def asked(*pairs: tuple[str | None, str | None]) -> list[dict[str, str | None]]:
    return [{"question": f"Q{n}?", "gold": gold, "predicted": said} for n, (gold, said) in enumerate(pairs)]


TRACE = {
    "id": "t1",
    "source": "one two three four five six seven eight nine ten.",
    "generated": "one two three four five, six",
    "source_questions": asked(("YES", "YES"), ("YES", "IDK"), ("YES", "NO"), ("IDK", "IDK")),
    "generated_questions": asked(("YES", "YES"), ("YES", "NO"), ("YES", "IDK"), ("YES", None)),
}


@pytest.mark.parametrize(
    ("protocol", "coverage", "conformity", "consistency", "conciseness", "overall"),
    [
        # of 4 source answers 2 are IDK and 1 is NO; of 3 readable answers to the text's questions 1 is IDK
        ("paper", 50.0, 75.0, 200 / 3, 40.0, (50 + 75 + 200 / 3) / 3),
        # the question whose gold is IDK stays out; punctuation marks are tokens: 11 and 7
        ("reference-library", 2 / 3, 2 / 3, 2 / 3, 4 / 11, 2 / 3),
        # consistency counts every answer that differs from gold: 2 of 3
        ("reference-scripts", 2 / 3, 2 / 3, 1 / 3, 0.4, 5 / 9),
    ],
)
def test_a_trace_is_scored_as_worked_by_hand(
    protocol: str,
    coverage: float,
    conformity: float,
    consistency: float,
    conciseness: float,
    overall: float,
    say: Say,
    tmp_path: Path,
) -> None:
    traces = jsonl(tmp_path / "t.jsonl", TRACE)
    record = document(say("cef-score", traces, "--protocol", protocol, "--json"))
    assert (record["protocol"], record["traces"]) == (protocol, 1)
    (item,) = record["items"]
    assert item["protocol_scores"] == {
        "coverage": pytest.approx(coverage, abs=1e-6),
        "conformity": pytest.approx(conformity, abs=1e-6),
        "consistency": pytest.approx(consistency, abs=1e-6),
        "conciseness": pytest.approx(conciseness, abs=1e-6),
        "overall": pytest.approx(overall, abs=1e-6),
    }
    assert item["findings"] == {
        "omissions": 2,
        "contradictions": 1,
        "hallucinations": 1,
        "contradicted_by_source": 1,
        "source_unreadable": 0,
        "generated_unreadable": 1,
    }
    scale = 1 if protocol == "paper" else 100
    assert record["metrics"]["overall"]["value"] == pytest.approx(overall * scale, abs=1e-4)


def test_a_trace_without_gold_serves_the_paper_protocol_alone(say: Say, tmp_path: Path) -> None:
    bare = [{"question": "Q?", "predicted": "YES"}]
    traces = jsonl(tmp_path / "t.jsonl", {**TRACE, "source_questions": bare, "generated_questions": bare})
    assert document(say("cef-score", traces, "--json"))["metrics"]["overall"]["value"] == 100.0
    refused(say("cef-score", traces, "--protocol", "reference-library"), "Trace t1", "gold")


@pytest.mark.parametrize(
    ("change", "part"),
    [({"source": None}, "source"), ({"id": None}, "id"), ({"source_questions": [{"question": "Q?"}]}, "predicted")],
)
def test_a_broken_trace_is_named_by_its_line(change: dict[str, Any], part: str, say: Say, tmp_path: Path) -> None:
    traces = jsonl(tmp_path / "t.jsonl", TRACE, {**TRACE, "id": "t2", **change})
    refused(say("cef-score", traces), "t.jsonl, line 2", part)


def bad_model(kind: str, folder: Path, good: Path) -> Path:
    path = folder / f"{kind}.gguf"
    if kind == "text":
        path.write_text("This is a text.")
    elif kind == "cut":
        path.write_bytes(good.read_bytes()[:200_000])
    elif kind == "embedding":
        write_random_model(path, Shape(architecture="bert"))
    elif kind == "bare":
        write_random_model(path, Shape(template=""))
    return path


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("missing", ("no such file", "--model")),
        ("text", ("not a GGUF file", "GGUF format")),
        ("cut", ("Copy the file again",)),
        ("embedding", ("an embedding model (bert)", "generative")),
        ("bare", ("no chat template", "--chat-template")),
    ],
)
def test_a_model_that_cannot_be_audited_starts_nothing(
    kind: str, parts: tuple[str, ...], say: Say, random_model: Path, tmp_path: Path
) -> None:
    path, archive = bad_model(kind, tmp_path, random_model), tmp_path / "a.db"
    said = say("run", "medqa", "--model", random_model, "--model", path, "--archive", archive, "--json")
    refused(said, str(path), "Unusable model", *parts)
    assert not archive.exists()
    refused(say("models", "inspect", path, "--json"), str(path))


def test_an_items_file_with_a_broken_line_is_named(say: Say, random_model: Path, tmp_path: Path) -> None:
    items = tmp_path / "items.jsonl"
    lines = (ROOT / "tasks" / "medqa" / "samples.jsonl").read_text("utf-8").splitlines()
    items.write_text("\n".join([lines[0], lines[1][:40], *lines[2:]]), "utf-8")
    said = say("run", "medqa", "--items", items, "--model", random_model, "--archive", tmp_path / "a.db")
    refused(said, "items.jsonl", "line 2")


def test_items_with_the_same_id_are_named(say: Say, random_model: Path, tmp_path: Path) -> None:
    items = tmp_path / "items.jsonl"
    lines = (ROOT / "tasks" / "medqa" / "samples.jsonl").read_text("utf-8").splitlines()
    items.write_text("\n".join([*lines, lines[0]]), "utf-8")
    said = say("run", "medqa", "--items", items, "--model", random_model, "--archive", tmp_path / "a.db")
    refused(said, "items.jsonl", "medqa-sample-01")


def test_an_archive_that_cannot_be_written_starts_nothing(say: Say, random_model: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    archive = tmp_path / "file" / "a.db"
    said = say("run", "medqa", "--model", random_model, "--archive", archive, "--json")
    refused(said, "the archive cannot be written", "--archive FILE")


def test_a_foreign_file_is_not_taken_for_an_archive(say: Say, random_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_text("Notes of a doctor, and no database at all. " * 50)
    refused(say("run", "medqa", "--model", random_model, "--archive", path), "cannot be used")
    refused(say("archive", "stats", "--archive", path, "--json"), "cannot be used")
    refused(say("archive", "stats", "--archive", tmp_path / "none.db"), "no archive yet")
    refused(say("resume", "--archive", tmp_path / "none.db"), "no archive yet")


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("medqua",), ('no task "medqua"', "Did you mean medqa?")),
        (("medqa", "--limit", "0"), ("--limit 0",)),
        (("medqa", "--context", "100000"), ("--context 100,000", "8,192", "--context 8192 or less")),
        (("medqa", "medec", "--items", "x"), ("--items goes with one task",)),
        (("medqa", "--items", "nowhere.jsonl"), ("nowhere.jsonl", "no such file")),
        (("medqa", "--chat-template", "nowhere.jinja"), ("nowhere.jinja", "cannot be read")),
        (("medqa", "--data", "nowhere"), ("nowhere", "official names")),
    ],
)
def test_a_choice_that_does_not_fit_starts_nothing(
    words: tuple[str, ...], parts: tuple[str, ...], say: Say, random_model: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "a.db"
    refused(say("run", *words, "--model", random_model, "--archive", archive, "--json"), *parts)
    assert not archive.exists()


@pytest.mark.parametrize(
    "words", [("--parallel", "0"), ("--threads", "-1"), ("--context", "-5"), ("--max-failures", "0")]
)
def test_a_number_out_of_range_starts_nothing(
    words: tuple[str, str], say: Say, random_model: Path, tmp_path: Path
) -> None:
    said = say("run", "medqa", "--limit", "1", *words, "--model", random_model, "--archive", tmp_path / "a.db")
    refused(said, words[0])


def test_the_same_model_twice_is_refused(say: Say, random_model: Path, tmp_path: Path) -> None:
    twin = tmp_path / "twin.gguf"
    twin.write_bytes(random_model.read_bytes())
    refused(say("run", "medqa", "--model", random_model, "--model", twin), "the same file", "Name each model once")


def test_a_broken_chat_template_is_told_with_the_remedy(say: Say, random_model: Path, tmp_path: Path) -> None:
    template = tmp_path / "template.jinja"
    template.write_text("{% for message in")
    words = ("--chat-template", template, "--archive", tmp_path / "a.db", "--json")
    code, _, err = say("run", "medqa", "--limit", "1", "--model", random_model, *words)
    assert code in (1, 2)
    assert "The chat template cannot be used" in err
    assert "Traceback" not in err


def test_a_run_that_another_process_works_on_is_not_resumed(say: Say, endless_model: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    document(say("run", "medqa", "--limit", "1", "--model", endless_model, *QUICK, "--archive", archive, "--json"))
    run = document(say("archive", "stats", "--archive", archive, "--json"))["runs"][0]["run"]
    lock = RunLock(archive, run)
    refused(say("resume", run, "--archive", archive), "another process", "Wait until it ends")
    lock.release()

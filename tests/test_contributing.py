"""CONTRIBUTING.md says what is true: its files are written, its commands run and its code called, word for word."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from medic_console.core import paths
from medic_console.core.metrics import METRICS
from medic_console.core.records import Answer, Item
from medic_console.scoring.scorers.registry import SCORERS
from medic_console.suite.readers.registry import READERS
from tests.conftest import PATIENCE, ROOT, Say, command_environment, document

TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
FILES: dict[str, str] = dict(re.findall(r"`([\w/.]+)`:\n\n```\w+\n(.*?)```", TEXT, re.DOTALL))
COMMANDS: list[str] = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)


def module(name: str, folder: Path) -> ModuleType:
    """Write one of the guide's modules to a file and import it."""
    path = folder / Path(name).name
    path.write_text(FILES[name], "utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.fixture(autouse=True)
def _registries_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what the guide's modules register here."""
    for registry in (SCORERS, METRICS, READERS):
        len(registry)
        monkeypatch.setattr(registry, "_entries", dict(registry._entries))
        monkeypatch.setattr(registry, "_names", dict(registry._names))


def test_the_recipe_of_a_benchmark_ends_with_the_new_task_scored(tmp_path: Path, say: Say) -> None:
    folder = paths.config_dir() / "tasks"
    for name in ("triage/task.toml", "triage/samples.jsonl"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(FILES[name], "utf-8")
    (tmp_path / "outputs.jsonl").write_text(FILES["outputs.jsonl"], "utf-8")
    script = 'medic-console() { "$PYTHON" -m medic_console "$@"; }\n' + COMMANDS[0]
    done = subprocess.run(
        ["bash", "-euc", script],
        cwd=tmp_path,
        env={**command_environment(), "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert "task triage, version 1, 4 samples" in " ".join(done.stdout.split())
    assert "triage: 4 items: 4 scored, 0 unscored, 0 failed" in done.stdout
    record = document(say("score", "triage", "--outputs", tmp_path / "outputs.jsonl", "--json"))
    assert record["counts"] == {"scored": 4, "unscored": 0, "failed": 0}
    assert record["metrics"]["accuracy"]["value"] == 75.0
    assert [item["verdict"] for item in record["items"]] == ["right", "right", "right", "wrong"]


def test_the_recipe_of_a_reader_reads_its_format(tmp_path: Path) -> None:
    reader = module("readers/triage.py", tmp_path)
    path = tmp_path / "vignettes.csv"
    path.write_text("complaint,advice\nSudden weakness of one arm and slurred speech.,A\nA mild cold.,later\n", "utf-8")
    assert reader.recognises(path)
    assert not reader.recognises(paths.tasks_dir() / "medqa" / "samples.jsonl")
    found = reader.read(path)
    assert (found.read, [item.gold for item in found.items]) == (2, ["A"])
    assert "none of the options" in found.skipped[0][1]


def test_the_recipe_of_a_scorer_scores(tmp_path: Path) -> None:
    scorer = module("scoring/nearness.py", tmp_path)
    item = Item("1", {"options": dict.fromkeys("ABCD", "x")}, "B")
    scores = {letter: scorer.score(item, Answer(letter, letter), {}) for letter in "ABCD"}
    assert {letter: score.values["nearness"] for letter, score in scores.items()} == {
        "A": 0.5,
        "B": 1,
        "C": 0.5,
        "D": 0,
    }
    assert (scores["B"].verdict, scores["D"].verdict) == ("right", "2 off")


def test_every_place_that_the_guide_names_is_there() -> None:
    for path in (
        "suite/readers/registry.py",
        "scoring/answers/registry.py",
        "scoring/scorers/registry.py",
        "core/metrics.py",
        "results/judging/measures.py",
    ):
        assert f"`medic_console/{path}`" in TEXT
    for path in re.findall(r"`((?:medic_console|tests|\.ci)/[\w/.]*)`", TEXT):
        assert (ROOT / path).exists(), path
    for module_path, names in (
        ("suite/readers/registry.py", ["READERS"]),
        ("scoring/answers/registry.py", ["READERS"]),
        ("scoring/scorers/registry.py", ["SCORERS"]),
        ("core/metrics.py", ["METRICS"]),
    ):
        text = (ROOT / "medic_console" / module_path).read_text("utf-8")
        assert all(re.search(rf"^{name}: ", text, re.MULTILINE) for name in names), module_path
    assert COMMANDS[1].strip() == ".ci/run" and (ROOT / ".ci" / "run").is_file()


def test_the_house_style_takes_ten_lines() -> None:
    style = TEXT.split("## House style\n")[1].strip().split("\n")
    assert [line.split(".")[0] for line in style] == [str(number) for number in range(1, 11)]

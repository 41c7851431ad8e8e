"""`compare NAME@RUN NAME@RUN` over real runs of a demo model: other caches, sequences, dates and templates."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import binomtest

from medic_console.archive.views import ItemRow
from medic_console.commands.cli import main
from medic_console.commands.demo import SMALL
from medic_console.core import paths
from medic_console.results.measures import Measures
from medic_console.testing.random_model import CHATML
from tests.conftest import Say, document, refused

COMMON = ("medqa", "medcalc", "--limit", "6", "--threads", "1", "--context", "2048", "--gpu-layers", "0", "--json")
CHOSEN = {
    "f16": ("--parallel", "4"),
    "q8": ("--parallel", "4", "--kv-type", "q8_0"),
    "alone": ("--parallel", "1"),
    "template": ("--parallel", "4", "--chat-template", "TEMPLATE"),
    "thinking": ("--parallel", "4", "--thinking-budget", "0", "--date", "2024-07-26"),
}
ORDERED = "{{ '<|im_start|>system\\nAnswer shortly.<|im_end|>\\n' }}" + CHATML


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One real run for each way to choose."""
    folder = tmp_path_factory.mktemp("drift")
    template, path = folder / "t.jinja", folder / "a.db"
    template.write_text(ORDERED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder / "user"))
        patch.setenv(paths.HOME_VARIABLE, str(folder / "medic"))
        for chosen in CHOSEN.values():
            words = [str(template) if word == "TEMPLATE" else word for word in chosen]
            assert main(["run", *COMMON, "--model", str(SMALL), "--archive", str(path), *words]) == 0
    yield path


@pytest.fixture
def runs(archive: Path) -> dict[str, str]:
    with closing(Measures(archive)) as reader:
        return dict(zip(CHOSEN, (run.id for run in reversed(reader.runs())), strict=True))


def items(archive: Path, run: str, task: str) -> list[ItemRow]:
    with closing(Measures(archive)) as reader:
        (model,) = reader.run_models(run, "candidate")
        return reader.items(run, task, model.sha256, "")


def compared(say: Say, archive: Path, *runs: str) -> dict[str, Any]:
    return document(say("compare", *(f"demo-small@{run}" for run in runs), "--archive", archive, "--json"))


@pytest.mark.parametrize("name", ["q8", "alone", "template", "thinking"])
def test_flips_and_mcnemar_are_those_of_the_two_runs_items(
    say: Say, archive: Path, runs: dict[str, str], name: str
) -> None:
    found = compared(say, archive, runs["f16"], runs[name])
    assert (found["settings_drift"], found["quantisation_drift"]) == (True, False)
    assert [(model["letter"], model["run"]) for model in found["models"]] == [("A", runs["f16"]), ("B", runs[name])]
    for task in found["tasks"]:
        (pair,) = task["pairs"]
        before, after = (items(archive, runs[side], task["task"]) for side in ("f16", name))
        right = [[row.verdict == "right" for row in side] for side in (before, after)]
        gained = sum(new and not old for old, new in zip(*right, strict=True))
        lost = sum(old and not new for old, new in zip(*right, strict=True))
        answers = [row.item for row, other in zip(before, after, strict=True) if row.answer != other.answer]
        difference = pair["difference"]
        assert (difference["better"], difference["worse"], difference["n"]) == (gained, lost, 6)
        assert difference["p"] == pytest.approx(binomtest(gained, gained + lost).pvalue if gained + lost else 1)
        assert {flip["item"] for flip in pair["flips"]} == set(answers)
        assert pair["equivalence"]["margin"] == 2.0
    assert [one["verdict"] for one in found["verdicts"]]


@pytest.mark.parametrize(
    ("name", "differs"),
    [
        ("q8", [("kv_type", "f16", "q8_0")]),
        ("alone", [("cache", "auto (streams)", "auto (unified)"), ("parallel", "4", "1")]),
        (
            "thinking",
            [
                ("thinking_budget", "2048 (0)", "0"),
                ("date", "2025-01-01", "2024-07-26"),
                ("template variable enable_thinking", "yes", "no"),
            ],
        ),
    ],
)
def test_what_differs_is_named(
    say: Say, archive: Path, runs: dict[str, str], name: str, differs: list[tuple[str, str, str]]
) -> None:
    first, second = compared(say, archive, runs["f16"], runs[name])["models"]
    assert first["differs"] == []
    assert [tuple(one.values()) for one in second["differs"]] == differs


def test_another_template_is_named_by_its_digest_and_what_it_makes(
    say: Say, archive: Path, runs: dict[str, str]
) -> None:
    differs = {
        one["setting"]: one for one in compared(say, archive, runs["f16"], runs["template"])["models"][1]["differs"]
    }
    assert set(differs) == {"chat_template", "template", "probe", "own"}
    assert differs["chat_template"]["reference"] == "own"
    assert differs["own"]["value"] == "<|im_start|>system\nAnswer shortly."
    with closing(sqlite3.connect(archive)) as connection:
        stored = {digest for (digest,) in connection.execute("SELECT digest FROM templates")}
    assert {differs["template"]["reference"], differs["template"]["value"]} == stored


def test_tables_name_the_runs_and_a_line_for_each_setting(say: Say, archive: Path, runs: dict[str, str]) -> None:
    typed = [f"demo-small@{runs[name]}" for name in ("f16", "q8", "alone")]
    code, out, err = say("compare", *typed, "--archive", archive)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "Settings drift"
    assert [line.rpartition("  run ")[2] for line in lines[1:4]] == [runs[name] for name in ("f16", "q8", "alone")]
    alone = "cache: auto (streams) → auto (unified)"
    assert lines[4:7] == ["A → B  kv_type: f16 → q8_0", f"A → C  {alone}", "A → C  parallel: 4 → 1"]
    behind = lines.index(f"B → C  {alone}")
    assert lines[behind + 1 : behind + 3] == ["B → C  parallel: 4 → 1", "B → C  kv_type: q8_0 → f16"]
    assert "The runs differ" not in out
    assert "B against A: " in out and "C against B: " in out


def test_one_model_alone_is_told_in_which_runs_it_can_be_compared(
    say: Say, archive: Path, runs: dict[str, str], tmp_path: Path
) -> None:
    said = say("compare", "DEMO-small", "--archive", archive)
    refused(said, "1 model cannot be compared", "two of its runs")
    newest, *others = (line.strip() for line in said[2].splitlines() if "DEMO-small@" in line)
    assert newest == f"DEMO-small@{runs['thinking']}"
    (cache,) = (line for line in others if line.startswith(f"DEMO-small@{runs['q8']}  "))
    assert cache.partition("  ")[2].startswith(
        "kv_type: f16 → q8_0; thinking_budget: 0 → 2048 (0); date: 2024-07-26 → "
    )
    assert len(others) == len(CHOSEN) - 1
    typed = [newest, others[-1].split()[0]]
    assert document(say("compare", *typed, "--archive", archive, "--json"))["settings_drift"] is True
    assert say("compare", f"demo-small@{runs['q8']}", "--archive", archive)[2].count("\n    demo-small@") == len(CHOSEN)


def test_a_run_that_holds_no_such_column_is_refused(
    say: Say, archive: Path, runs: dict[str, str], tmp_path: Path
) -> None:
    copy = tmp_path / "a.db"
    copy.write_bytes(archive.read_bytes())
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("UPDATE runs SET kind = 'qualification' WHERE id = ?", [runs["q8"]])
    first, more = f"demo-small@{runs['f16']}", ("--archive", copy)
    refused(say("compare", first, f"demo-small@{runs['q8']}", *more), "qualification of judges", "no benchmark")
    refused(say("compare", first, "demo-small@2020-01-01-001", *more), "no run 2020-01-01-001")
    refused(say("compare", first, "demo-small", *more), "demo-small was named before", "NAME@RUN NAME@RUN")
    refused(say("compare", first, first, *more), "was named before")
    refused(say("portfolio", first, *more), f'no model "{first}"')

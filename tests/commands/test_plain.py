"""Plain lines for screen readers and logs, and runs read back from the archive."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.table import Column, Table
from rich.text import Text

from medic_console.commands.consoles import table_lines
from tests.conftest import CHOOSE, QUICK, Say, document, refused

DRAWN = re.compile(r"\x1b|[█░▁▂▃▄▅▆▇│╭╮╰╯┃┏┓━─]")


@pytest.fixture
def archive(say: Say, random_model: Path, tmp_path: Path) -> Path:
    """One run of two tasks, of which nothing was printed."""
    path = tmp_path / "a.db"
    words = (
        "run",
        "medqa",
        "medcalc",
        "--model",
        random_model,
        "--limit",
        "4",
        *QUICK,
        *CHOOSE,
        "--archive",
        path,
        "--json",
    )
    assert say(*words)[0] == 0
    return path


def test_a_row_is_one_line_with_its_titles_and_bars_are_left_out() -> None:
    table = Table("task", "bar", Column(Text("figure", "bold")), title="Results")
    table.add_row("medqa", "██░░", Text("62.5"))
    table.add_row("medec", "–".ljust(4), "")
    assert list(table_lines(table)) == ["Results", "task: medqa; figure: 62.5.", "task: medec; bar: none."]
    bare = Table(show_header=False)
    bare.add_row("M", "", "58")
    assert list(table_lines(bare)) == ["M; 58."]


def test_a_plain_run_tells_when_a_task_is_done_and_draws_nothing(say: Say, random_model: Path, tmp_path: Path) -> None:
    words = (
        "run",
        "medqa",
        "--model",
        random_model,
        "--limit",
        "8",
        *QUICK,
        *CHOOSE,
        "--archive",
        tmp_path / "a.db",
        "--plain",
    )
    code, out, errors = say(*words)
    assert code == 0
    assert not DRAWN.search(out + errors)
    told = re.findall(r"^medqa: (\d) of 8: (\d) scored, (\d) unscored, 0 failed\.$", errors, re.MULTILINE)
    assert [count for count, _, _ in told] == ["8"]
    assert all(int(count) == int(scored) + int(unscored) for count, scored, unscored in told)
    assert re.search(r"^Accuracy; \d+\.\d; \[.*\]; n 8; all answered; chance 25\.0\.$", out, re.MULTILINE)
    assert "Medical reasoning" in out


def test_the_next_command_is_not_plain_again(say: Say, archive: Path) -> None:
    assert not DRAWN.search(say("archive", "results", "--archive", archive, "--plain")[1])
    assert DRAWN.search(say("archive", "results", "--archive", archive)[1])


def test_without_a_command_the_archive_is_told_in_lines(say: Say, archive: Path) -> None:
    code, out, _ = say("--archive", archive, "--plain")
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == f"Archive {archive}: 1 run."
    assert re.match(r"Run \S+: done; one on medqa, medcalc; \d scored, \d unscored, 0 failed, of 8\.$", lines[1])
    assert not DRAWN.search(out)


def test_a_missing_archive_is_said_and_what_to_do(say: Say, tmp_path: Path) -> None:
    refused(say("--archive", tmp_path / "none.db", "--plain"), "none.db")


def test_the_results_of_a_stored_run_are_those_that_it_printed(say: Say, random_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    words = ("run", "medqa", "--model", random_model, "--limit", "4", *QUICK, "--archive", path, "--json")
    printed = document(say(*words))
    assert document(say("archive", "results", "--archive", path, "--json")) == printed
    assert document(say("archive", "results", printed["run"], "--archive", path, "--json")) == printed
    refused(say("archive", "results", "1999-01-01-001", "--archive", path), "no run 1999-01-01-001", printed["run"])


def test_the_items_of_a_stored_run_are_listed_with_outcome_and_answer(say: Say, archive: Path) -> None:
    record = document(say("archive", "items", "medqa", "--archive", archive, "--json"))
    assert len(record["items"]) == 4
    assert {item["outcome"] for item in record["items"]} == {"scored"}
    assert all(item["model"] == "one" and item["verdict"] in ("right", "wrong") for item in record["items"])
    code, out, _ = say("archive", "items", "medqa", "--archive", archive, "--plain")
    assert code == 0
    assert len(out.splitlines()) == 4
    assert f"item: {record['items'][0]['item']}; model: one; outcome: scored;" in out
    refused(say("archive", "items", "gsm8k", "--archive", archive), "no run has a task gsm8k")
    refused(say("archive", "items", "medqa", "--model", "two", "--archive", archive), "no candidate 'two'", "one")

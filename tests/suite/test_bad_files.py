"""Task files that nobody should have put there: each is listed as unusable with its place, and the rest load."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from medic_console.core.small_files import MOST, read_text
from medic_console.core.toml_schema import SchemaFault, parse
from medic_console.suite.task_file import load_tasks
from tests.conftest import ROOT

GOOD = (ROOT / "tasks" / "gsm8k" / "task.toml").read_text("utf-8")
WRITTEN = {
    "twice": (GOOD + '\n[prompt]\nuser = "x"\n', f"line {len(GOOD.splitlines()) + 2}: "),
    "deep": ("a = 1\nb = " + "[" * 5000 + "]" * 5000, "line 2: values are nested too deep"),
    "digits": ("a = " + "9" * 5000, "line 1: "),
    "date": ("a = 2024-13-45\n", "line 1: "),
    "large": ("# x\n" * (MOST // 4 + 1), "larger than 4 MiB"),
    "bytes": ("\0\1", "line 1: "),
}


@pytest.mark.parametrize("name", list(WRITTEN))
def test_a_faulty_file_is_listed_with_its_line_and_the_rest_load(name: str, tmp_path: Path) -> None:
    text, told = WRITTEN[name]
    (tmp_path / name).mkdir()
    (tmp_path / name / "task.toml").write_text(text, "utf-8")
    found = load_tasks(ROOT / "tasks", tmp_path)
    assert len(found.tasks) == 23
    (fault,) = found.faults
    assert f"{tmp_path / name / 'task.toml'}" in fault.message
    assert told in fault.message


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_is_no_file_of_bytes_is_refused_at_once(kind: str, tmp_path: Path) -> None:
    path = tmp_path / kind / "task.toml"
    path.parent.mkdir()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        path.mkdir()
    found = load_tasks(ROOT / "tasks", tmp_path)
    assert len(found.tasks) == 23
    assert "not a file" in found.faults[0].message
    with pytest.raises(OSError, match="not a file"):
        read_text(path)


def test_numbers_out_of_range_and_dates_that_are_none_are_faults_of_a_line() -> None:
    with pytest.raises(SchemaFault, match="date"):
        parse("ok = 1\nwhen = 2024-02-31\n")
    assert parse("a = 9223372036854775807") == {"a": 2**63 - 1}

"""A task file from a stranger is unusable by itself: it is named with its line, and every other task loads."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from medic_console.commands.cli import main
from medic_console.core.errors import TaskFileError
from medic_console.core.small_files import MOST, open_regular, read_text
from medic_console.suite.task_file import load_tasks, parse_task, read_task
from tests.conftest import ROOT

GOOD = (ROOT / "tasks" / "medqa" / "task.toml").read_text("utf-8")
LAST = GOOD.count("\n") + 1
"""Number of the line that is put behind the file."""
STRANGE = {
    "a table twice": (f"{GOOD}[items]\n", LAST, "already exists"),
    "a key twice": (f'id = "a"\n{GOOD}', 2, "already exists"),
    "nested without end": (f"{GOOD}x = {'[' * 3_000}{']' * 3_000}\n", LAST, "nested too deep"),
    "a number of 6,000 digits": (f"{GOOD}x = {'9' * 6_000}\n", LAST, "number"),
    "a number that fits nowhere": (GOOD.replace("shots = 0", f"shots = {'9' * 400}"), 0, "no number that can be used"),
    "a day that is none": (f"x = 2020-99-99\n{GOOD}", 1, "date"),
    "a zero byte": (f"{GOOD}\0", LAST, "Empty key"),
}


def own(home: Path, name: str) -> Path:
    """Make a folder of a person's own task, with the samples of MedQA."""
    folder = home / "config" / "tasks" / name
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "tasks" / "medqa" / "samples.jsonl", folder)
    return folder


@pytest.mark.parametrize(("text", "line", "said"), STRANGE.values(), ids=STRANGE)
def test_a_strange_file_is_named_with_its_line_and_the_rest_loads(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    own(tmp_path, "strange").joinpath("task.toml").write_text(text, "utf-8")
    own(tmp_path, "good").joinpath("task.toml").write_text(GOOD, "utf-8")
    found = load_tasks(tmp_path / "config" / "tasks")
    assert list(found.tasks) == ["medqa"]
    (fault,) = found.faults
    assert said in fault.message
    where = re.search(r"task\.toml, line (\d+):", fault.message)
    assert where is not None
    assert line in (0, int(where.group(1)))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_pipe_or_a_device_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = own(tmp_path, "strange") / "task.toml"
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(TaskFileError, match="a pipe or a device, not a file"):
        read_task(path)


def test_an_endless_file_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "task.toml"
    with path.open("wb") as file:
        file.truncate(MOST + 1)
    with pytest.raises(TaskFileError, match="larger than 4 MiB"):
        read_task(path)
    with path.open("r+b") as file:
        file.truncate(MOST)
    assert len(read_text(path)) == MOST


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="a folder, not a file"):
        open_regular(tmp_path)


@pytest.mark.parametrize("odd", ["{question.text}", "{question[0]}", "{question!r}", "{question:>9}"])
def test_a_placeholder_that_asks_for_a_part_of_a_field_is_refused(tmp_path: Path, odd: str) -> None:
    text = GOOD.replace("{question}", odd, 1)
    assert text != GOOD
    with pytest.raises(TaskFileError, match=re.escape(odd)):
        parse_task(text, tmp_path / "task.toml")
    parse_task(GOOD.replace("{question}", "{question} {{" + odd[1:] + "}", 1), tmp_path / "task.toml")


@pytest.mark.parametrize("tokens", [0, 1_000_001, 10**18])
def test_a_length_that_no_model_has_is_refused(tmp_path: Path, tokens: int) -> None:
    text = re.sub(r"max_tokens = \d+", f"max_tokens = {tokens}", GOOD)
    with pytest.raises(TaskFileError, match="at least 1 and at most 1,000,000"):
        parse_task(text, tmp_path / "task.toml")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{question}", "{quastion}", 'names "quastion"'),
        ('labels = "options"', 'labels = "choices"', 'names "choices"'),
        ('reader = "letter"', 'reader = "number"', 'answer reader "number" cannot work on it'),
        ('scorer = "choice"', 'scorer = "overlap"', 'scorer "overlap" cannot score what reader "letter" takes'),
        ('id = "accuracy"', 'id = "bleu_4"', 'no values of metric "bleu_4"; it has: accuracy'),
        ('better = "higher"', 'better = "lower"', 'metric "accuracy" is better higher, not lower'),
    ],
)
def test_the_check_asks_every_sample(
    home: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    path = own(home, "mine") / "task.toml"
    path.write_text(GOOD.replace(old, new), "utf-8")
    assert main(["tasks", "check", str(path)]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("name", sorted(load_tasks(ROOT / "tasks").tasks))
def test_the_parts_of_every_bundled_task_fit(home: Path, name: str) -> None:
    assert main(["tasks", "check", str(ROOT / "tasks" / name / "task.toml")]) == 0


def test_the_check_warns_of_samples_elsewhere(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = own(home, "mine")
    (folder / "samples.jsonl").rename(folder.parent / "elsewhere.jsonl")
    path = folder / "task.toml"
    path.write_text(GOOD.replace('"samples.jsonl"', '"../elsewhere.jsonl"'), "utf-8")
    assert main(["tasks", "check", str(path)]) == 0
    assert "../elsewhere.jsonl lies outside the task's folder" in capsys.readouterr().err


def test_a_title_is_text_and_broken_samples_leave_the_list(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    titled, broken = (GOOD.replace('id = "medqa"', f'id = "{name}"') for name in ("titled", "broken"))
    titled = re.sub(r'^title = ".*"', r'title = "[red]a[/] [/nothing]\\u001b[2J\\u202eb"', titled, count=1, flags=re.M)
    own(home, "titled").joinpath("task.toml").write_text(titled, "utf-8")
    folder = own(home, "broken")
    (folder / "task.toml").write_text(broken, "utf-8")
    (folder / "samples.jsonl").write_text("{", "utf-8")
    assert main(["tasks"]) == 0
    out = capsys.readouterr().out
    assert "[red]a[/] [/nothing]␛[2J⟨202E⟩b" in out
    assert "\x1b[2J" not in out
    assert f"✗ {folder / 'samples.jsonl'}, line 1: broken JSON" in out
    assert "medcalc" in out

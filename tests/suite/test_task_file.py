from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.core.errors import TaskFileError
from medic_console.core.toml_schema import line_of
from medic_console.suite.task import Task
from medic_console.suite.task_file import load_tasks, parse_task, read_task
from tests.conftest import ROOT, TASK_IDS

TASKS = ROOT / "tasks"
TEXT = (TASKS / "medqa" / "task.toml").read_text("utf-8")
JUDGED = (TASKS / "aci_bench" / "task.toml").read_text("utf-8")
PATH = Path("somewhere/task.toml")


def fault(text: str) -> TaskFileError:
    with pytest.raises(TaskFileError) as caught:
        parse_task(text, PATH)
    assert str(PATH) in caught.value.message
    assert f"tasks check {PATH}" in caught.value.hint
    return caught.value


def line(text: str, begins: str) -> int:
    """Return the line of a file that begins with some words."""
    return next(number for number, words in enumerate(text.splitlines(), 1) if words.startswith(begins))


def test_the_bundled_tasks_all_load() -> None:
    found = load_tasks(TASKS)
    assert set(found.tasks) == TASK_IDS
    assert len(TASK_IDS) == 23
    assert found.faults == ()
    for name, task in found.tasks.items():
        assert task.id == name
        assert task.primary_metric.primary
        assert task.text == (TASKS / name / "task.toml").read_text("utf-8")


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_one() -> None:
    text = TEXT.replace("max_tokens", "max_token")
    assert fault(text).message == (
        f'{PATH}, line {line(text, "max_token")}: unknown key "prompt.max_token"; did you mean "max_tokens"?'
    )


def test_an_unknown_table_is_named_with_its_line() -> None:
    text = TEXT.replace("[scoring]", "[scorng]")
    error = fault(text)
    assert f"line {line(text, '[scorng]')}" in error.message
    assert 'did you mean "scoring"?' in error.message


def test_an_unknown_key_like_no_other_comes_with_all_that_are_known() -> None:
    message = fault(TEXT.replace("[answer]\n", "[answer]\nzzzz = 1\n")).message
    assert 'unknown key "answer.zzzz"; known keys: reader' in message


def test_an_unknown_key_in_a_metric_is_named() -> None:
    assert '"metrics.betta"; did you mean "better"?' in fault(TEXT.replace("better", "betta")).message


@pytest.mark.parametrize("key", ["id", "title", "version", "rows", "description"])
def test_a_missing_key_is_named(key: str) -> None:
    text = "\n".join(words for words in TEXT.splitlines() if not words.startswith(f"{key} ="))
    if key in ("id", "title"):
        text = TEXT.replace(f"{key} =", f"# {key} =", 1)
    assert f'missing key "{key}" (text' in fault(text).message


def test_a_missing_key_of_a_table_is_named_with_the_tables_line() -> None:
    text = "\n".join(words for words in TEXT.splitlines() if not words.startswith("licence"))
    message = fault(text).message
    assert 'missing key "source.licence" (text)' in message
    assert f"line {line(text, '[source]')}" in message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("max_tokens = 512", 'max_tokens = "512"', '"prompt.max_tokens" must be of type integer, it is str'),
        ("max_tokens = 512", "max_tokens = true", '"prompt.max_tokens" must be of type integer, it is bool'),
        ("max_tokens = 512", "max_tokens = 0", '"prompt.max_tokens" must be at least 1'),
        ("primary = true", 'primary = "yes"', '"metrics.primary" must be of type flag, it is str'),
        ('rows = ["MedQA"]', 'rows = "MedQA"', '"rows" must be of type texts, it is str'),
        ('rows = ["MedQA"]', "rows = [1]", '"rows" must be of type texts'),
        ('mode = "choose"', 'mode = "chose"', 'must be one of choose, generate; did you mean "choose"?'),
        (
            'primary = ["M", "D"]',
            'primary = ["M", "X"]',
            '"dimensions.primary" is "X", it must be one of M, E, D, I, C',
        ),
        ('better = "higher"', 'better = "up"', '"metrics.better" is "up", it must be one of higher, lower'),
        ('access = "open"', 'access = "opn"', 'did you mean "open"?'),
        ('id = "medqa"', 'id = "Med QA"', '"id" is "Med QA", it must be lower-case letters, digits and _'),
        ('labels = "options"', 'labels = ""', '"prompt.labels" is needed in mode choose'),
        ("primary = true", "primary = false", 'exactly one of "metrics" must be primary'),
    ],
)
def test_a_wrong_value_is_named_with_its_line(old: str, new: str, message: str) -> None:
    text = TEXT.replace(old, new, 1)
    assert text != TEXT
    error = fault(text)
    assert message in error.message
    assert ", line " in error.message


def test_two_primary_metrics_are_refused() -> None:
    assert 'exactly one of "metrics"' in fault(JUDGED.replace("primary = false", "primary = true", 1)).message


def test_an_unknown_protocol_is_refused() -> None:
    assert "reference-library" in fault(JUDGED.replace('protocol = "paper"', 'protocol = "papers"')).message


def test_what_is_not_toml_is_refused_with_its_line() -> None:
    assert f"{PATH}, line 2" in fault('id = "x"\ntitle = = "y"\n').message


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(TaskFileError, match=r"task\.toml"):
        read_task(tmp_path / "task.toml")
    (tmp_path / "task.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TaskFileError, match=r"task\.toml"):
        read_task(tmp_path / "task.toml")


@pytest.mark.parametrize(("task", "file"), [("medqa", "samples.jsonl"), ("ehrsql", "hospital.sql")])
def test_a_missing_file_beside_the_task_is_named(task: str, file: str, tmp_path: Path) -> None:
    folder = shutil.copytree(TASKS / task, tmp_path / task)
    (folder / file).unlink()
    with pytest.raises(TaskFileError, match=f"names {file}, which is not beside it"):
        read_task(folder / "task.toml")


def copies(folder: Path, *names: str) -> Path:
    for name in names:
        shutil.copytree(TASKS / name, folder / name)
    return folder


def test_one_unusable_file_leaves_the_others(tmp_path: Path) -> None:
    folder = copies(tmp_path, "medqa", "medec")
    (folder / "medec" / "task.toml").write_text("id = 5\n")
    found = load_tasks(folder)
    assert list(found.tasks) == ["medqa"]
    assert [str(folder / "medec" / "task.toml") in error.message for error in found.faults] == [True]


def test_a_users_task_replaces_the_bundled_one_of_the_same_id(tmp_path: Path) -> None:
    folder = copies(tmp_path, "medqa")
    path = folder / "medqa" / "task.toml"
    path.write_text(TEXT.replace('version = "1"', 'version = "mine"'), "utf-8")
    found = load_tasks(TASKS, folder)
    assert found.tasks["medqa"].version == "mine"
    assert found.tasks["medqa"].folder == str(path.parent)
    assert set(found.tasks) == TASK_IDS
    assert load_tasks(folder, TASKS).tasks["medqa"].version == "1"


def test_a_folder_that_is_not_there_holds_no_tasks(tmp_path: Path) -> None:
    assert load_tasks(tmp_path / "none").tasks == {}


def parsed(text: str) -> Task:
    return parse_task(text, PATH)


def test_the_digest_changes_with_what_decides_prompts_and_scores_only() -> None:
    plain = parsed(TEXT).digest
    for old, new in (
        ("with one letter", "with a letter"),
        ('reader = "letter"', 'reader = "number"'),
        ('scorer = "choice"', 'scorer = "medec"'),
        ('version = "1"', 'version = "2"'),
        ("max_tokens = 512", "max_tokens = 9"),
    ):
        assert TEXT.replace(old, new) != TEXT
        assert parsed(TEXT.replace(old, new)).digest != plain
    assert parsed(TEXT.replace('title = "MedQA"', 'title = "Other"') + "\n# a remark\n").digest == plain
    judged = parsed(JUDGED).digest
    assert parsed(JUDGED.replace("questions = 10", "questions = 9")).digest != judged


def test_a_key_in_a_text_of_several_lines_is_not_taken_for_a_key() -> None:
    text = 'a = """\nb = 1\n[c]\n"""\nb = 2\n[c]\nd = 3\n'
    assert line_of(text, (), "b") == 5
    assert line_of(text, ("c",), "d") == 7
    assert line_of(text, ("c",), "") == 6
    assert line_of(text, (), "z") == line_of(text, ("z",), "") == 0


@given(st.text(), st.integers(0, len(TEXT)), st.integers(0, 60))
def test_any_change_of_a_file_gives_a_task_or_a_fault(new: str, place: int, length: int) -> None:
    text = TEXT[:place] + new + TEXT[place + length :]
    try:
        assert parsed(text).text == text
    except TaskFileError as error:
        assert str(PATH) in error.message

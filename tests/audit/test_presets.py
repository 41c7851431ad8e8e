"""Presets: written as they are read, and a file that cannot be used costs itself alone."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.audit.prepare import NO_TEMPLATE
from medic_console.audit.presets import (
    Preset,
    bundled_folder,
    changed_settings,
    load_presets,
    own_folder,
    preset_named,
    read_preset,
    save_preset,
)
from medic_console.core.errors import MedicError, UsageError
from medic_console.core.paths import tasks_dir
from medic_console.core.run_settings import OPTIONS, RunSettings
from medic_console.results.comparison.portfolio_file import FILE_NAME, read_use_cases
from medic_console.suite.task_file import load_tasks

TASKS = load_tasks(tasks_dir()).tasks
TEXT = """title = "Ward"
why = "What the ward asks."
tasks = [
  "medqa",
  "ehrsql",
]
models = ["m.gguf", "/models/n.gguf"]
limit = 4

[run]
kv_type = "q8_0"  # half
seed = 5
"""


def written(folder: Path, text: str, name: str = "ward") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.toml"
    path.write_text(text, "utf-8")
    return path


def test_bundled_presets_can_be_used_and_ask_all_that_their_thresholds_ask() -> None:
    found = load_presets(TASKS)
    cases = {case.id: case for case in read_use_cases(tasks_dir() / FILE_NAME, TASKS)}
    assert found.faults == ()
    assert set(cases) == {one.use_case for one in found.presets.values() if one.use_case}
    for one in found.presets.values():
        required = {each.task for each in cases[one.use_case].requirements} if one.use_case else set()
        assert required <= set(one.tasks) and one.why, one.name


def test_a_quick_look_measures_every_dimension_without_a_judge() -> None:
    quick = load_presets(TASKS).presets["quick_look"]
    tasks = [TASKS[name] for name in quick.tasks]
    assert {dimension for task in tasks for dimension in task.primary} == set("MEDIC")
    assert not any(task.needs_judge for task in tasks)
    assert quick.settings(RunSettings(threads=2)) == RunSettings(threads=2, sample=3)


def test_a_preset_says_what_it_holds_and_its_models_lie_beside_it(tmp_path: Path) -> None:
    one = read_preset(written(tmp_path, TEXT), TASKS)
    assert (one.name, one.title, one.tasks, one.limit) == ("ward", "Ward", ("medqa", "ehrsql"), 4)
    assert one.models == (tmp_path / "m.gguf", Path("/models/n.gguf"))
    assert one.settings(RunSettings()) == RunSettings(kv_type="q8_0", seed=5)
    assert one.template_choice is None
    assert replace(one, run={"chat_template": "none"}).template_choice == NO_TEMPLATE


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"ehrsql"', '"ehrsq"', 'line 5: there is no task "ehrsq"; did you mean "ehrsql"?'),
        ("limit = 4", "limit = 0", 'line 8: "limit" is 0, it must be at least 1'),
        ("limit = 4", "limits = 4", 'line 8: unknown key "limits"; did you mean "limit"?'),
        ("seed = 5", "sed = 5", 'line 12: unknown key "run.sed"; did you mean "seed"?'),
        ("seed = 5", "sample = 5", 'line 8: "limit" takes the first items, "run.sample" draws them'),
        ("seed = 5", 'gpu_layers = "al"', 'line 12: "run.gpu_layers" is "al", it must be auto, all or a'),
        ('"q8_0"', '"q8"', 'line 11: "run.kv_type" is "q8"'),
        ("[run]", "[run", "line 10:"),
        ('title = "Ward"', "", 'missing key "title"'),
    ],
)
def test_a_bad_file_is_named_with_its_line_and_the_rest_loads(home: Path, old: str, new: str, said: str) -> None:
    path = written(own_folder(), TEXT.replace(old, new), "bad")
    written(own_folder(), TEXT, "good")
    found = load_presets(TASKS)
    (fault,) = found.faults
    assert fault.startswith(str(path)) and said in fault
    assert "good" in found.presets and "quick_look" in found.presets and "bad" not in found.presets
    with pytest.raises(MedicError, match=r"bad\.toml"):
        preset_named("bad", found, TASKS)


def test_a_preset_of_ones_own_goes_before_the_bundled_one(home: Path) -> None:
    written(own_folder(), TEXT, "quick_look")
    found = load_presets(TASKS)
    assert (found.presets["quick_look"].title, found.presets["quick_look"].origin) == ("Ward", "own")
    assert found.presets["note_errors"].origin == "bundled"


def test_a_preset_is_shared_as_a_file(tmp_path: Path, home: Path) -> None:
    copied = str(shutil.copy(bundled_folder() / "note_errors.toml", tmp_path))
    assert preset_named(copied, load_presets(TASKS), TASKS).tasks == ("medec", "medcalc", "medqa")
    with pytest.raises(UsageError, match="no preset") as caught:
        preset_named("note_error", load_presets(TASKS), TASKS)
    assert caught.value.hint == "Did you mean note_errors?"


@pytest.mark.parametrize("name", ["", "A b", "../x", "last_run", "x" * 65, ".x"])
def test_a_name_that_is_none_is_refused(home: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name"):
        save_preset(Preset(name, "x", ("medqa",)))
    assert not own_folder().exists()


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "context": st.integers(0, 10**6),
    "sequential": st.booleans(),
    "devices": st.sampled_from(["auto", "none", "0,1"]),
    "split": st.sampled_from(["", "3,1"]),
    "temperature": st.floats(0, 5),
    "shots": st.integers(0, 5),
    "chat_template": st.sampled_from(["own", "none"]),
    "kv_type": st.sampled_from(OPTIONS["kv_type"].key.choices),
}
TITLES = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=30)


@given(title=TITLES, why=TITLES, run=st.fixed_dictionaries({}, optional=VALUES), limit=st.none() | st.integers(1, 99))
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, title: str, why: str, run: dict[str, Any], limit: int | None
) -> None:
    folder = tmp_path_factory.getbasetemp() / "presets"
    data = Path("/data/official files")
    one = Preset("mine", title, ("medqa", "toxigen"), why, models=(data / "é.gguf",), data=data, limit=limit, run=run)
    again = read_preset(save_preset(one, folder), TASKS)
    assert again == replace(one, why=" ".join(why.split()), origin="file")


def test_only_what_is_not_as_usual_is_kept() -> None:
    chosen = RunSettings(threads=3, chat_template="sha256:ab", shots=0, encoder="sha256:cd")
    assert changed_settings(chosen) == {"threads": 3, "shots": 0}
    assert changed_settings(RunSettings(chat_template="none")) == {"chat_template": "none"}

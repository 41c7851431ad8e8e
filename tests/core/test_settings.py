"""The settings file: every fault costs its key and no other, and saving changes one line."""

from __future__ import annotations

import stat
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.core.errors import SettingsError
from medic_console.core.run_settings import RunSettings
from medic_console.core.settings import SETTINGS, Setting, Settings, Value, checked, read_settings, save_value

COMMANDS = ("home.new_run", "home.resume_run", "app.show_help")
BY_NAME = {setting.name: setting for setting in SETTINGS}
TEXT = """# ours
[appearance]
theme = "medic-light"  # easier at noon

[run]
parallel = 4
temperature = 1  # a whole number is a number too

[keys]
home.new_run = "ctrl+n"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config" / "settings.toml"
    path.parent.mkdir()
    path.write_text(TEXT, "utf-8")
    return path


def test_every_default_of_a_run_can_be_set_once() -> None:
    names = [setting.name for setting in SETTINGS if setting.section == "run"]
    assert names == ["limit", *(one.name for one in fields(RunSettings) if one.name not in ("encoder", "shard"))]
    assert len({setting.path for setting in SETTINGS}) == len(SETTINGS)


def test_defaults_of_the_schema_are_those_of_a_run() -> None:
    usual = RunSettings()
    run = [setting for setting in SETTINGS if setting.section == "run" and setting.name != "limit"]
    assert all(setting.default == getattr(usual, setting.name) for setting in run)


def test_a_file_that_is_not_there_sets_nothing(tmp_path: Path) -> None:
    loaded = read_settings(tmp_path / "none.toml")
    assert loaded.settings == Settings()
    assert loaded.faults == ()


def test_what_is_set_is_read_with_its_type(file: Path) -> None:
    loaded = read_settings(file, COMMANDS)
    assert loaded.faults == ()
    assert loaded.settings == Settings(
        theme="medic-light", run=RunSettings(parallel=4, temperature=1), keys={"home.new_run": "ctrl+n"}
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("parallel = 4", "paralel = 4", 'line 6: unknown key "run.paralel"; did you mean "parallel"?'),
        ("parallel = 4", "parallel = -1", 'line 6: "run.parallel" is -1, it must be at least 0'),
        ("parallel = 4", 'parallel = "4"', 'line 6: "run.parallel" must be of type integer, it is str'),
        ("parallel = 4", 'kv_type = "q8"', 'q8_0, q5_0, q4_0; did you mean "q8_0"?'),
        ("parallel = 4", 'gpu_layers = "al"', 'line 6: "run.gpu_layers" is "al", it must be auto, all or a whole'),
        ("parallel = 4", "top_p = 1.5", 'line 6: "run.top_p" is 1.5, it must be at most 1'),
        ("parallel = 4", "temperature = nan", '"run.temperature" is nan, it must be at least 0'),
        ("[run]", "[runs]", 'line 5: unknown key "runs"; did you mean "run"?'),
        ("home.new_run", "home.new_runn", 'line 10: unknown key "keys.home.new_runn"; did you mean "new_run"?'),
        ("home.new_run", "house.new_run", 'line 10: unknown key "keys.house"; did you mean "home"?'),
    ],
)
def test_a_fault_is_named_with_its_line_and_the_rest_is_used(file: Path, old: str, new: str, said: str) -> None:
    text = TEXT.replace("temperature = 1 ", "seed = 1 ") if "temperature" in new else TEXT
    file.write_text(text.replace(old, new), "utf-8")
    loaded = read_settings(file, COMMANDS)
    assert len(loaded.faults) == 1
    assert said in loaded.faults[0]
    assert loaded.faults[0].startswith(str(file))
    assert loaded.settings.theme == "medic-light"


def test_several_faults_are_all_named(file: Path) -> None:
    file.write_text('[run]\nparallel = -1\nthreads = -2\n[appearance]\ntheme = "mine"\nshade = 3\n', "utf-8")
    loaded = read_settings(file)
    assert len(loaded.faults) == 3
    assert loaded.settings == Settings(theme="mine")


def test_a_file_that_is_not_toml_is_named_and_never_overwritten(file: Path) -> None:
    file.write_text("[run]\nparallel = = 4\n", "utf-8")
    assert "line 2" in read_settings(file).faults[0]
    with pytest.raises(SettingsError, match="not changed"):
        save_value(file, ("run", "parallel"), 2)
    assert "= =" in file.read_text("utf-8")


def test_saving_changes_one_value_and_keeps_comments(file: Path) -> None:
    save_value(file, ("appearance", "theme"), "medic-dark")
    save_value(file, ("keys", "app", "show_help"), "f1")
    text = file.read_text("utf-8")
    assert text.startswith(TEXT.replace("medic-light", "medic-dark"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    loaded = read_settings(file, COMMANDS)
    assert loaded.faults == ()
    assert loaded.settings.keys == {"home.new_run": "ctrl+n", "app.show_help": "f1"}
    save_value(file, ("keys", "app", "show_help"), None)
    assert read_settings(file, COMMANDS).settings.keys == {"home.new_run": "ctrl+n"}


def test_the_first_saving_makes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "settings.toml"
    save_value(path, ("keys", "home", "new_run"), "a")
    save_value(path, ("run", "parallel"), 2)
    assert read_settings(path, COMMANDS).settings == Settings(run=RunSettings(parallel=2), keys={"home.new_run": "a"})


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [("parallel", " 8 ", 8), ("temperature", "0.7", 0.7), ("sequential", "Yes", True), ("gpu_layers", "12", "12")],
)
def test_what_is_typed_becomes_a_value(name: str, text: str, value: Value) -> None:
    assert checked(BY_NAME[name], text) == value


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("parallel", "many", "a whole number"),
        ("parallel", "-3", "at least 0"),
        ("top_p", "2", "at most 1"),
        ("sequential", "perhaps", "yes or no"),
        ("gpu_layers", "some", "auto, all or a whole number"),
        ("kv_type", "f8", "one of f32, f16, bf16, q8_0, q5_0, q4_0"),
        ("devices", "0,", "auto, none or whole numbers"),
        ("split", "3:1", "numbers with commas between them"),
    ],
)
def test_what_is_no_value_is_refused_in_words(name: str, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        checked(BY_NAME[name], text)


@given(st.sampled_from(SETTINGS), st.data())
def test_what_was_accepted_is_read_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, setting: Setting, data: st.DataObject
) -> None:
    text = data.draw(st.sampled_from(["0", "1", "7", "0.5", "yes", "auto", "f16", "on", 'a/b "c" é']))
    try:
        value = checked(setting, text)
    except SettingsError:
        return
    path = tmp_path_factory.mktemp("kept") / "settings.toml"
    save_value(path, setting.path, value)
    loaded = read_settings(path)
    assert loaded.faults == ()
    assert loaded.values == {setting.path: value}

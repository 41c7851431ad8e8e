"""`run --preset`: what is named on the command line goes before what the preset says."""

from __future__ import annotations

from pathlib import Path

from medic_console.audit.presets import own_folder
from medic_console.results.reader import Reader
from tests.conftest import CHOOSE, QUICK, Say, document


def test_presets_are_listed_with_those_that_cannot_be_used(say: Say, home: Path) -> None:
    own_folder().mkdir(parents=True)
    (own_folder() / "mine.toml").write_text('title = "Mine"\ntasks = ["nothing"]\n', "utf-8")
    code, out, _ = say("run", "--list-presets", "--plain")
    assert code == 0
    assert "preset: note_errors; title: Note error detection; thresholds: chart_audit; tasks: medec medcalc" in out
    assert "✗ unusable:" in out and 'mine.toml, line 2: there is no task "nothing"' in out
    listed = document(say("run", "--list-presets", "--json"))
    assert [one["name"] for one in listed["presets"]].count("quick_look") == 1
    assert len(listed["unusable"]) == 1


def test_a_run_by_preset_and_the_same_once_more(say: Say, tmp_path: Path, random_model: Path) -> None:
    archive, preset = tmp_path / "a.db", tmp_path / "ward.toml"
    preset.write_text(
        f'title = "Ward"\ntasks = ["medqa", "toxigen"]\nmodels = ["{random_model}"]\nlimit = 3\n[run]\nseed = 7\n'
        'threads = 2\nmultiple_choice = "likelihood"\n',
        "utf-8",
    )
    found = document(say("run", "medqa", "--preset", preset, *QUICK, "--archive", archive, "--json"))
    assert [(task["task"], task["counts"]["scored"]) for task in found["models"][0]["tasks"]] == [("medqa", 3)]
    reader = Reader(archive)
    try:
        settings = reader.settings(found["run"])
    finally:
        reader.close()
    assert (settings["seed"], settings["threads"], settings["sequential"]) == (7, 1, True)
    again = document(say("run", "--preset", "last_run", "--sample", "2", "--archive", archive, "--json"))
    assert again["models"][0]["tasks"][0]["counts"]["scored"] == 2
    reader = Reader(archive)
    try:
        now = reader.settings(again["run"])
        notes = reader.run_tasks(again["run"])[0]["notes"]
    finally:
        reader.close()
    assert {name for name in settings if settings[name] != now[name]} == {"sample"}
    assert "A random sample of 2" in notes


def test_a_limit_takes_the_place_of_a_presets_sample(say: Say, random_model: Path) -> None:
    words = ("run", "--preset", "quick_look", "--model", random_model, *QUICK, *CHOOSE, "--dry-run", "--json")
    assert {task["prompts"] for task in document(say(*words))["models"][0]["tasks"]} == {3}
    assert {task["prompts"] for task in document(say(*words, "--limit", "1"))["models"][0]["tasks"]} == {1}


def test_without_models_tasks_or_an_audit_nothing_starts(say: Say, tmp_path: Path, random_model: Path) -> None:
    assert "No model was named" in say("run")[2]
    assert "No task was named" in say("run", "--model", random_model)[2]
    code, _, told = say("run", "--preset", "last_run", "--archive", tmp_path / "none.db")
    assert code == 2 and "there is no audit to take over" in told
    assert say("run", "medqa")[0] == 2

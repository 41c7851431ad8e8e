"""`judge qualify`, `list` and `show` with a real file of random weights; its rubric part is quick."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from medic_console.core import paths
from medic_console.engine.files.model_file import inspect_model
from medic_console.engine.protocol.features import features
from medic_console.results.judging.thresholds import FILE_NAME
from medic_console.scoring.methods.probes import FOLDER, load_probes
from medic_console.scoring.methods.rubric.probe import RUBRIC
from medic_console.testing.random_model import Shape, write_random_model
from tests.conftest import QUICK, ROOT, Say, document, refused, run_command

ASKED = ("--task", "healthbench", *QUICK)


@pytest.fixture(scope="module")
def archive(random_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive in which the model is qualified for rubrics."""
    file = tmp_path_factory.mktemp("judged") / "archive.db"
    done = run_command("judge", "qualify", random_model, *ASKED, "--archive", file)
    assert done.returncode == 1, done.stderr
    assert "as a judge of rubric: ✗ not qualified" in done.stdout
    assert "✗ Criteria " in done.stdout
    return file


def lenient(method: str) -> str:
    limits = {
        "cef": "sensitivity_yes",
        "pairwise": "both_orders",
        "harm": "within_one",
        "rubric": "stability",  # random weights choose nothing, every time
    }
    assert method in limits
    return "".join(f'[{name}.{measure}]\nleast = 5\nreason = "ours"\n' for name, measure in limits.items())


def test_random_weights_choose_nothing_and_do_not_qualify(archive: Path, say: Say) -> None:
    (judge,) = document(say("judge", "list", "--archive", archive, "--json"))["judges"]
    assert (judge["method"], judge["verdict"]) == ("rubric", "not qualified")
    assert set(judge["tasks"]) == {"healthbench", "healthbench_hard"}
    assert judge["changed_since"] == []
    record = document(say("judge", "show", "one", "--archive", archive, "--json", "--wrong"))
    assert record["qualified"] is False
    (method,) = record["methods"]
    measures: dict[str, dict[str, Any]] = method["measures"]
    # The labels hold next to nothing of the probability: no reply can be read, and what rests on replies has no value.
    assert (measures["accuracy"]["value"], measures["answered"]["value"], measures["stability"]["value"]) == (0, 0, 100)
    assert all(found["low"] <= found["value"] <= found["high"] for found in measures.values() if found["n"])
    assert {name for name, found in measures.items() if not found["n"]} == {
        *("sensitivity_met", "specificity_met", "met_bias"),
    }
    probes = load_probes(paths.tasks_dir() / FOLDER)
    assert measures["accuracy"]["n"] == len(probes.parts[RUBRIC]) == 81
    assert measures["stability"]["n"] == 27
    assert method["probes"] == probes.digest
    assert method["build"] == features().full_build
    # What was not right is listed probe by probe.
    assert len(method["wrong"]) == 81
    assert {(one["answered"], one["reason"], one["probability"]) for one in method["wrong"]} == {
        ("", "unreadable", None)
    }
    assert all(0.5 < one["outside"] <= 1 for one in method["wrong"])


def test_a_judge_is_shown_by_name_file_and_digest(archive: Path, random_model: Path, say: Say) -> None:
    sha256 = inspect_model(random_model).sha256
    shown = [say("judge", "show", name, "--archive", archive) for name in ("one", random_model, sha256[7:15])]
    assert {code for code, _, _ in shown} == {0}
    assert len({out for _, out, _ in shown}) == 1
    out = shown[0][1]
    assert "topic injection" in out
    assert "domain plain" in out
    code, listed, _ = say("judge", "list", "--archive", archive)
    assert code == 0
    assert "✗ not qualified" in listed
    assert "yes" in listed
    code, out, _ = say("judge", "show", "one", "--wrong", "--archive", archive)
    assert "probes not answered right" in out


def test_a_judge_that_nobody_measured_is_refused_with_those_that_were(archive: Path, say: Say, tmp_path: Path) -> None:
    refused(say("judge", "show", "nobody", "--archive", archive), "no card of a judge nobody", "Qualified so far: one.")
    refused(say("judge", "show", "one", "--archive", tmp_path / "none.db"), "there is no archive yet")


def test_two_judges_of_one_name_are_told_apart_by_their_digests(
    archive: Path, random_model: Path, tmp_path: Path, say: Say
) -> None:
    both = tmp_path / "both.db"
    shutil.copy(archive, both)
    twin = write_random_model(tmp_path / "twin.gguf", Shape(seed=9, name="one"))
    assert say("judge", "qualify", twin, *ASKED, "--archive", both)[0] == 1
    digest = inspect_model(twin).sha256[7:19]
    refused(say("judge", "show", "one", "--archive", both), "the name of 2 judges", digest)
    assert say("judge", "show", digest, "--archive", both)[0] == 0


def test_a_site_with_its_own_limits_gets_its_own_verdict(random_model: Path, home: Path, say: Say) -> None:
    own = home / "config" / "tasks" / FOLDER / FILE_NAME
    own.parent.mkdir(parents=True)
    own.write_text(lenient("rubric"), "utf-8")
    code, out, _ = say("judge", "qualify", random_model, *ASKED)
    assert code == 0
    assert "✓ qualified" in out
    own.write_text("[rubric", "utf-8")
    refused(say("judge", "qualify", random_model, *ASKED), str(own), "Correct the file")


def test_a_card_does_not_hold_when_no_task_asks_in_its_wording_any_more(archive: Path, home: Path, say: Say) -> None:
    for task in ("healthbench", "healthbench_hard"):
        folder = home / "config" / "tasks" / task
        shutil.copytree(ROOT / "tasks" / task, folder)
        text = (folder / "task.toml").read_text("utf-8")
        assert "You check whether" in text
        (folder / "task.toml").write_text(text.replace("You check whether", "Check whether"), "utf-8")
    (judge,) = document(say("judge", "list", "--archive", archive, "--json"))["judges"]
    assert judge["changed_since"] == ["the wording of the prompts"]
    listed = " ".join(say("judge", "list", "--archive", archive)[1].split())
    assert "no: the wording of" in listed
    assert "expired: changed since: the wording" in say("judge", "show", "one", "--archive", archive)[1]


def test_a_qualification_is_no_audit(archive: Path, say: Say) -> None:
    (judge,) = document(say("judge", "list", "--archive", archive, "--json"))["judges"]
    refused(say("resume", judge["run"], "--archive", archive), "is a qualification of judges")
    stats = document(say("archive", "stats", "--archive", archive, "--json"))
    assert stats["rows"]["qualifications"] == 1
    assert stats["runs"] == []


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("nowhere.gguf",), ("no such file",)),
        (("FILE", "FILE"), ("are the same file",)),
        (("FILE", "--task", "medqa"), ("None of the tasks needs a judge",)),
        (("FILE", "--task", "helthbench"), ('no task "helthbench"', "Did you mean healthbench?")),
        (("FILE", "--context", "99999"), ("is more than",)),
        (("FILE", "--parallel", "-1"), ("--parallel -1 is too small",)),
        (("FILE", "--cache", "foo"), ("--cache foo is not known", "auto, measured, streams")),
    ],
)
def test_what_cannot_be_qualified_is_refused(
    words: tuple[str, ...], parts: tuple[str, ...], random_model: Path, say: Say
) -> None:
    refused(say("judge", "qualify", *(str(random_model) if word == "FILE" else word for word in words)), *parts)


def test_a_judge_that_was_never_measured_is_listed_with_its_runs(tmp_path: Path, say: Say, random_model: Path) -> None:
    judged = ("run", "healthbench", "--model", random_model, "--judge", random_model, "--limit", "1", *QUICK)
    run_command(*judged, "--archive", tmp_path / "a.db")
    (judge,) = document(say("judge", "list", "--archive", tmp_path / "a.db", "--json"))["judges"]
    assert (judge["method"], judge["verdict"], judge["tasks"]) == ("rubric", "never measured", ["healthbench"])
    assert len(judge["judged_in"]) == 1
    out = say("judge", "list", "--archive", tmp_path / "a.db")[1]
    assert "· never measured" in out
    assert "1 run" in out


def test_no_judge_is_told_as_such(tmp_path: Path, say: Say, random_model: Path) -> None:
    run_command("run", "medqa", "--model", random_model, "--limit", "1", *QUICK, "--archive", tmp_path / "a.db")
    code, out, _ = say("judge", "list", "--archive", tmp_path / "a.db")
    assert code == 0
    assert "No judge has been qualified yet" in out

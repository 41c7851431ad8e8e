"""`compare` and `portfolio` as a person or a script meets them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.core import paths
from medic_console.results.comparison.portfolio_file import EXAMPLES, FILE_NAME
from tests.conftest import Say, document, refused
from tests.results.compared import CLINIC_Q4, CLINIC_Q8, HOSPITAL, RIGHT, WARD, WRONG, add_run, gguf, many


def test_a_comparison_is_one_json_document(say: Say, compared_archive: Path) -> None:
    said = say("compare", HOSPITAL.name, WARD.name, "--archive", compared_archive, "--json")
    found = document(said)
    assert [(m["letter"], m["name"], m["sha256"]) for m in found["models"]] == [
        ("A", HOSPITAL.name, HOSPITAL.sha256),
        ("B", WARD.name, WARD.sha256),
    ]
    assert found["quantisation_drift"] is False
    assert [task["task"] for task in found["tasks"]] == ["aci_bench", "ehrsql", "medcalc", "medec", "medmcqa", "medqa"]
    medqa = found["tasks"][-1]
    assert medqa["models"]["A"]["run"] == "2026-03-04-001"
    (pair,) = medqa["pairs"]
    difference = pair["difference"]
    assert difference["n"] == difference["better"] + difference["worse"] + difference["equal"] == 30
    assert difference["holm_p"] >= difference["p"]
    how = {task["task"]: task["pairs"][0]["difference"]["p_by"] for task in found["tasks"]}
    assert how == {task: "draws" if task == "aci_bench" else "mcnemar" for task in how}
    assert sum(pair["changes"].values()) == len(pair["flips"])
    assert pair["flips"][0]["change"] == "right → wrong"
    assert pair["flips"][0]["first"]["text"] != pair["flips"][0]["second"]["text"]
    assert pair["equivalence"]["margin"] == 2.0
    assert medqa["published"]["models"] == 14
    assert found["trade_off"]["A"]["tokens_per_second"] == pytest.approx(9.0, rel=0.01)
    assert [one["verdict"] for one in found["verdicts"]] == ["worse"]


def test_a_comparison_prints_every_table(say: Say, compared_archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    code, out, err = say("compare", CLINIC_Q4.name, CLINIC_Q8.name, HOSPITAL.name, "--archive", compared_archive)
    assert (code, err) == (0, "")
    for part in (
        "Comparison",
        "A → B",
        "B → C",
        "Flips A → C",
        "p Holm",
        "Spearman",
        "Gaps",
        "tokens/s",
        "≈",
        "1 of 3 [1, 3]",
        "88 % [70, 97] answered, of those 33.3 [15.9, 55.1] n 21",
    ):
        assert part in out
    assert "published reference points (arXiv 2409.07314v2, Table 4); not run here" in " ".join(out.split())
    assert "never comparable with published figures" in out
    assert "left out: " not in out


def test_items_without_a_whole_answer_are_left_out_when_asked(say: Say, compared_archive: Path) -> None:
    words = ("compare", CLINIC_Q8.name, CLINIC_Q4.name, "--archive", compared_archive)
    every, answered = (document(say(*words, *more, "--json")) for more in ((), ("--answered-only",)))
    assert (every["answered_only"], answered["answered_only"]) == (False, True)
    for kept, left in zip(every["tasks"], answered["tasks"], strict=True):
        before, after = (task["pairs"][0]["difference"] for task in (kept, left))
        assert (after["n"], after["value"]) == (before["answered"]["n"], before["answered"]["value"])
        assert kept["pairs"][0]["left_out"] == []
        missing = sum(one["items"] for one in left["pairs"][0]["left_out"] if one["model"] == "B")
        assert missing == before["n"] - after["n"] == sum(left["models"]["B"]["unscored_reasons"].values())
    assert any(task["pairs"][0]["left_out"] for task in answered["tasks"])
    text = " ".join(say(*words, "--answered-only")[1].split())
    assert "Items that a model left without a whole answer are left out." in text
    assert "takes the worst value" not in text
    assert "left out: A 3 unreadable, B 3 unreadable." in text


def test_drift_is_titled_and_has_its_verdict_within_the_stated_margin(say: Say, compared_archive: Path) -> None:
    words = ("compare", CLINIC_Q4.name, CLINIC_Q8.name, "--archive", compared_archive)
    assert say(*words)[1].startswith("Quantisation drift\nA  Clinic 8B Q8_0")
    wide = document(say(*words, "--margin", "60", "--json"))
    assert wide["quantisation_drift"] is True
    assert {task["task"]: task["pairs"][0]["equivalence"]["verdict"] for task in wide["tasks"]}["medqa"] == "equivalent"


def test_what_cannot_be_compared_is_refused(say: Say, compared_archive: Path, tmp_path: Path) -> None:
    archive = ("--archive", compared_archive)
    refused(say("compare", HOSPITAL.name, *archive), "1 model cannot be compared")
    refused(say("compare", HOSPITAL.name, "nobody", *archive), 'no model "nobody"')
    refused(say("compare", HOSPITAL.name, WARD.name, "--run", "2020-01-01-001", *archive), "no run 2020-01-01-001")
    refused(say("compare", HOSPITAL.name, WARD.name, "--run", "2026-03-04-001", *archive), "No task was measured")
    refused(say("compare", HOSPITAL.name, WARD.name, "--margin", "0", *archive), "no margin")
    refused(say("compare", "a", "b", "--archive", tmp_path / "none.db"), "there is no archive yet")


def test_a_portfolio_is_one_json_document(say: Say, compared_archive: Path) -> None:
    found = document(say("portfolio", "--archive", compared_archive, "--json"))
    assert found["note"] == EXAMPLES
    cases = {case["id"]: case for case in found["use_cases"]}
    assert cases["calculator"]["best"] == HOSPITAL.sha256
    assert [model["standing"] for model in cases["calculator"]["models"]] == ["not sure", "fails", "fails", "fails"]
    (best,) = cases["calculator"]["models"][0]["requirements"]
    assert (best["answered"], best["items"], best["value"]["n"]) == (0.95, 30, 24)
    assert best["doubts"] == ["fewer than 30 items", "not sure that 95 % of the items are answered"]
    missing = [one for one in cases["patient_questions"]["models"][0]["requirements"] if one["task"] == "healthbench"]
    assert [(one["standing"], one["value"], one["run"]) for one in missing] == [("no data", None, "")]


def test_a_lead_over_two_metrics_of_the_same_items_is_no_surer_than_over_one(say: Say, compared_archive: Path) -> None:
    archive = ("--archive", compared_archive, "--json")
    case = next(c for c in document(say("portfolio", *archive))["use_cases"] if c["id"] == "chart_audit")
    compared = document(say("compare", CLINIC_Q8.name, HOSPITAL.name, *archive))["tasks"]
    (pair,) = next(task for task in compared if task["task"] == "medec")["pairs"]
    # Whoever is right about an error here is right about its sentence too.
    assert (case["best"], case["lead"]["over"]) == (HOSPITAL.sha256, CLINIC_Q8.sha256)
    for end in ("value", "low", "high"):
        assert case["lead"][end] == pytest.approx(pair["difference"][end])


def test_a_portfolio_says_that_thresholds_are_examples_and_what_blocks(say: Say, compared_archive: Path) -> None:
    code, out, _ = say("portfolio", HOSPITAL.name, WARD.name, "--archive", compared_archive)
    text = " ".join(out.split())
    assert code == 0
    assert EXAMPLES in text
    assert "MedCalc Accuracy above 80" in text
    assert "Best: hospital-14b Q5_K_M, the only one that does not fail or lack data, not sure to pass." in text
    assert "HealthBench Rubric score above 50: not run" in text
    assert "Clinic" not in text


def test_the_sites_own_thresholds_are_used_and_a_fault_in_them_is_named(say: Say, compared_archive: Path) -> None:
    own = paths.private(paths.config_dir()) / FILE_NAME
    own.write_text((paths.tasks_dir() / FILE_NAME).read_text("utf-8").replace("80.0", "10.0"), "utf-8")
    found = document(say("portfolio", WARD.name, "--archive", compared_archive, "--json"))
    assert (found["file"], found["note"]) == (str(own), "")
    own.write_text("[[use_cases]]\nid = 3\n", "utf-8")
    refused(say("portfolio", "--archive", compared_archive), str(own), "line 2")


def test_what_models_wrote_does_not_reach_the_terminal_as_control(say: Say, tmp_path: Path) -> None:
    path, hostile = tmp_path / "a.db", "\x1b[2J[red]x[/]"
    first, second = (replace(gguf(name, "Q8_0", 1.0), name=f"{name}{hostile}") for name in ("a", "b"))
    skills = {first.name: lambda t, n: RIGHT, second.name: lambda t, n: WRONG}
    add_run(path, [many("medqa", tmp_path, 4)], skills, [first, second])
    for words in (("compare", first.name, second.name), ("portfolio",)):
        code, out, _ = say(*words, "--archive", path)
        assert code == 0
        assert "\x1b" not in out
        assert "a␛[2J[red]x[/]" in out

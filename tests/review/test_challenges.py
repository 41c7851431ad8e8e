"""Challenged reference labels: a second figure counted by hand, who may do what, and an edited entry that is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from medic_console.archive.copies import back_up
from medic_console.archive.ledger_key import VARIABLE
from medic_console.archive.verify import verify
from medic_console.archive.views import TaskView
from medic_console.core.records import Counts, MetricValue, Prompt
from medic_console.results.label_noise import noise_band
from medic_console.results.reader import Reader
from medic_console.review.reviewers import add_reviewer
from medic_console.session.audit import Audit
from tests.archive.test_ledger import tampered
from tests.conftest import Say, Scripts, document, fake_model, make_plan, refused, sample_task
from tests.review.conftest import KEY, PIN, Typist

WHY = "the key gives the wrong unit"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models, each in a run of the same four items: three are right, the last is wrong."""
    folder = tmp_path_factory.mktemp("challenged")
    task = sample_task("medqa", folder, limit=4)
    right = {str(item.fields["question"]): str(item.gold) for item in task.items[:3]}

    def answers(prompt: Prompt) -> dict[str, float]:
        gold = next((key for question, key in right.items() if question in prompt.messages[-1].content), "")
        wrong = next(label for label in prompt.labels if label != task.items[3].gold)
        return {label: 0.7 if label == (gold or wrong) else 0.1 for label in prompt.labels}

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, KEY)
        patch.setenv("MEDIC_CONSOLE_HOME", str(folder))
        for name in ("alpha", "beta"):
            plan = make_plan([task], [fake_model(name)])
            list(Audit(folder / "archive.db", plan, start=Scripts(**{name: answers}).start).events())
        for name in ("Ada", "Bo", "Cy"):
            add_reviewer(folder / "archive.db", name, PIN)
    return folder / "archive.db"


@pytest.fixture
def disputed(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, KEY)
    back_up(made, tmp_path / "archive.db")
    return tmp_path / "archive.db"


def places(path: Path) -> tuple[list[str], list[str]]:
    """Return the runs, oldest first, and the items in their order."""
    reader = Reader(path)
    try:
        runs = sorted(one.id for one in reader.runs())
        return runs, [row["id"] for row in reader.run_items(runs[0], "medqa")]
    finally:
        reader.close()


def stood(say: Say, path: Path, run: str) -> dict[str, Any]:
    found: dict[str, Any] = document(say("archive", "results", run, "--archive", path, "--json"))["models"][0]["tasks"][
        0
    ]
    return found


def test_an_accepted_challenge_makes_a_second_figure_in_every_run_and_the_official_one_stays(
    disputed: Path, types: Typist, say: Say
) -> None:
    (first, other), items = places(disputed)
    begun = ("archive", "challenge", first, "medqa", items[0], "--archive", disputed)
    assert "challenged_labels" not in stood(say, disputed, first)
    code, out, _ = types([PIN], *begun, "--reason", WHY, "--gold", "C", "--as", "Ada")
    assert code == 0 and "challenged by Ada; a second reviewer may accept it" in out
    waits = stood(say, disputed, first)["challenged_labels"]
    assert (waits["accepted"], waits["open"], waits["without_accepted"]) == (0, 1, None)
    assert types([PIN], *begun, "--accept", "--as", "Bo")[0] == 0
    for run in (first, other):
        task = stood(say, disputed, run)
        official, second = task["metrics"]["accuracy"], task["challenged_labels"]["without_accepted"]
        assert (official["value"], official["n"]) == (75.0, 4)  # 3 of 4
        assert second["value"] == pytest.approx(100 * 2 / 3, abs=0.05) and second["n"] == 3  # 2 of 3
    last = ("archive", "challenge", other, "medqa", items[3], "--archive", disputed)
    assert (
        types([PIN], *last, "--reason", WHY, "--as", "Bo")[0] == types([PIN], *last, "--accept", "--as", "Cy")[0] == 0
    )
    task = stood(say, disputed, first)
    assert task["metrics"]["accuracy"]["value"] == 75.0
    assert (task["challenged_labels"]["without_accepted"]["value"], task["challenged_labels"]["accepted"]) == (100.0, 2)
    _, out, _ = say("archive", "results", first, "--archive", disputed)
    assert "without 2 challenged labels: Accuracy" in out and "2 accepted by a second reviewer" in out
    assert types([PIN], *begun, "--withdraw", "--as", "Ada")[0] == 0
    assert stood(say, disputed, first)["challenged_labels"]["without_accepted"]["value"] == 100.0  # 3 of 3
    assert verify(disputed).holds
    listed = document(say("archive", "challenges", "--archive", disputed, "--json"))["challenges"]
    told = [(one["item"], one["state"], one["by"], one["settled_by"], one["proposed"]) for one in listed]
    assert told == [(items[0], "withdrawn", "Ada", "Ada", "C"), (items[3], "accepted", "Bo", "Cy", "")]


def test_who_may_do_what(disputed: Path, types: Typist, say: Say) -> None:
    (run, _), items = places(disputed)
    begun = ("archive", "challenge", run, "medqa", items[0], "--archive", disputed)
    refused(types([PIN], *begun, "--as", "Ada"), "needs its reason")
    refused(types(["9999"], *begun, "--reason", WHY, "--as", "Ada"), "PIN of Ada is wrong")
    refused(types([PIN], *begun, "--accept", "--as", "Bo"), "is not challenged")
    refused(types([PIN], *begun[:4], "no-item", *begun[5:], "--reason", WHY, "--as", "Bo"), "has no item no-item")
    assert document(say("archive", "challenges", "--archive", disputed, "--json"))["challenges"] == []
    assert types([PIN], *begun, "--reason", WHY, "--as", "Ada")[0] == 0
    refused(types([PIN], *begun, "--reason", WHY, "--as", "Bo"), "challenged already (open)")
    refused(types([PIN], *begun, "--accept", "--as", "Ada"), "A second reviewer accepts")
    refused(types([PIN], *begun, "--withdraw", "--as", "Bo"), "nobody else takes that back")


@pytest.mark.parametrize("key", [KEY, ""])
def test_an_edited_challenge_is_named(
    disputed: Path, types: Typist, say: Say, key: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (run, _), items = places(disputed)
    begun = ("archive", "challenge", run, "medqa", items[0], "--archive", disputed)
    assert types([PIN], *begun, "--reason", WHY, "--as", "Ada")[0] == 0
    tampered(disputed, ("UPDATE ledger SET subject = replace(subject, 'wrong unit', 'right unit')", []))
    monkeypatch.setenv("MEDIC_CONSOLE_HOME", str(tmp_path / "elsewhere"))
    monkeypatch.setenv(VARIABLE, key)  # also for somebody who has not got the key
    found = verify(disputed)
    named = f"challenge of item {items[0]}: it was changed since ledger, entry {found.entries} (challenge)"
    assert not found.holds and named in found.broken
    code, out, _ = say("archive", "verify", "--archive", disputed, "--json")
    assert code == 1 and named in json.loads(out)["broken"]


def test_an_entry_that_is_no_challenge_any_more_is_refused(disputed: Path, types: Typist, say: Say) -> None:
    (run, _), items = places(disputed)
    begun = ("archive", "challenge", run, "medqa", items[0], "--archive", disputed)
    assert types([PIN], *begun, "--reason", WHY, "--as", "Ada")[0] == 0
    tampered(disputed, ('UPDATE ledger SET subject = replace(subject, \'"action": "challenge"\', \'"action": 1\')', []))
    refused(say("archive", "results", run, "--archive", disputed), "no challenge as this program writes one")


def test_challenges_of_a_merged_archive_count_here_until_they_are_withdrawn_here(
    disputed: Path, types: Typist, say: Say, tmp_path: Path
) -> None:
    (first, other), items = places(disputed)
    part, both = tmp_path / "part.db", tmp_path / "both.db"
    assert say("archive", "export", other, part, "--archive", disputed)[0] == 0
    back_up(part, both)  # a site that has one of the runs, and whose ledger knows of no challenge
    there = ("archive", "challenge", first, "medqa", items[0], "--archive", disputed)
    assert types([PIN], *there, "--reason", WHY, "--as", "Ada")[0] == 0
    assert types([PIN], *there, "--accept", "--as", "Bo")[0] == 0
    assert "challenged_labels" not in stood(say, both, other)
    assert say("archive", "merge", disputed, "--archive", both)[0] == 0
    found = stood(say, both, other)
    assert found["metrics"]["accuracy"]["value"] == 75.0
    assert (found["challenged_labels"]["accepted"], found["challenged_labels"]["open"]) == (1, 0)
    assert found["challenged_labels"]["without_accepted"]["n"] == 3
    (listed,) = document(say("archive", "challenges", "--archive", both, "--json"))["challenges"]
    assert (listed["by"], listed["state"], listed["settled_by"], listed["origin"]) == (
        "Ada",
        "accepted",
        "Bo",
        disputed.name,
    )
    assert verify(both).broken == ()
    add_reviewer(both, "Dee", PIN)
    here = ("archive", "challenge", other, "medqa", items[0], "--archive", both)
    assert types([PIN], *here, "--reason", WHY, "--as", "Dee")[0] == 0
    assert stood(say, both, other)["challenged_labels"]["accepted"] == 1, "accepted in one of both"
    assert types([PIN], *here, "--withdraw", "--as", "Dee")[0] == 0
    assert "challenged_labels" not in stood(say, both, other), "what is said here goes first"


def test_what_was_said_of_a_label_after_a_merge_comes_with_the_next_one(
    disputed: Path, types: Typist, say: Say, tmp_path: Path
) -> None:
    (first, other), items = places(disputed)
    both = tmp_path / "both.db"
    assert say("archive", "export", other, both, "--archive", disputed)[0] == 0
    there = ("archive", "challenge", first, "medqa", items[0], "--archive", disputed)

    def taken() -> list[tuple[str, str]]:
        assert say("archive", "merge", disputed, "--archive", both)[0] == 0
        assert verify(both).broken == ()
        found = document(say("archive", "challenges", "--archive", both, "--json"))["challenges"]
        return [(one["state"], one["settled_by"]) for one in found]

    assert taken() == []
    for words, states in (
        (("--reason", WHY, "--as", "Ada"), [("open", "")]),
        (("--accept", "--as", "Bo"), [("accepted", "Bo")]),
        (("--withdraw", "--as", "Ada"), [("withdrawn", "Ada")]),
    ):
        assert types([PIN], *there, *words)[0] == 0
        assert taken() == states
    assert not document(say("archive", "merge", disputed, "--archive", both, "--json"))["files"][0]["changed"]
    assert "challenged_labels" not in stood(say, both, other)


def test_forgetting_a_run_keeps_the_reasons_of_its_challenges_and_says_so(
    disputed: Path, types: Typist, say: Say
) -> None:
    (first, other), items = places(disputed)
    begun = ("archive", "challenge", first, "medqa", items[0], "--archive", disputed)
    assert types([PIN], *begun, "--reason", WHY, "--as", "Ada")[0] == 0
    said = document(say("archive", "forget", first, "--texts", "--archive", disputed, "--json"))
    assert said["challenges"] == 1
    _, out, _ = say("archive", "forget", other, "--texts", "--archive", disputed)
    assert "Reasons and proposals of 1 challenged label stay in the ledger" in out
    (listed,) = document(say("archive", "challenges", "--archive", disputed, "--json"))["challenges"]
    assert listed["reason"] == WHY and verify(disputed).holds


def test_a_challenge_that_comes_back_with_an_export_is_told_once(
    disputed: Path, types: Typist, say: Say, tmp_path: Path
) -> None:
    (run, other), items = places(disputed)
    begun = ("archive", "challenge", run, "medqa", items[0], "--archive", disputed)
    assert types([PIN], *begun, "--reason", WHY, "--as", "Ada")[0] == 0
    assert say("archive", "export", other, tmp_path / "part.db", "--archive", disputed)[0] == 0
    with_one = tmp_path / "with_one.db"
    assert say("archive", "export", run, with_one, "--archive", disputed)[0] == 0
    assert say("archive", "merge", tmp_path / "part.db", "--archive", with_one)[0] == 0
    (listed,) = document(say("archive", "challenges", "--archive", with_one, "--json"))["challenges"]
    assert (listed["state"], listed["origin"]) == ("open", "")


def test_labels_in_doubt_give_the_lowest_and_highest_accuracy(disputed: Path, say: Say) -> None:
    (run, _), _ = places(disputed)
    asked = ("archive", "results", run, "--archive", disputed)
    assert "label_noise" not in stood(say, disputed, run)  # nobody doubts the labels of this task
    for share, low, high in (("0.2", 55.0, 95.0), ("0.27", 48.0, 100.0), ("0.8", 0.0, 100.0)):  # 75 and share, cut
        found = document(say(*asked, "--label-noise", share, "--json"))["models"][0]["tasks"][0]["label_noise"]
        assert (found["low"], found["high"]) == (low, high)
    assert "the true accuracy lies between 48.0 and 100.0" in " ".join(say(*asked, "--label-noise", "0.27")[1].split())
    refused(say(*asked, "--label-noise", "27"), "no share of labels")


def test_the_doubt_about_medcalc_is_said_of_the_labels_that_were_doubted_alone(tmp_path: Path) -> None:
    task = sample_task("medcalc", tmp_path).task
    value = MetricValue("accuracy", 40.0, 30.0, 50.0, 100, "percent")
    for note, ends in (
        ("MedCalc-Bench 1.0, labels ab12", (13.0, 67.0)),  # 40 and 27
        ("MedCalc-Bench 1.0 as revised later, labels ab12", None),
        ("MedCalc-Bench 1.2 or Verified, labels ab12", None),
    ):
        view = TaskView(task, "m", "", 100, Counts(100, 0, 0), {"accuracy": value}, {}, "official", "", (note,))
        band = noise_band(view)
        assert (band and (band.low, band.high)) == ends
        assert band is None or "2512.19691" in band.told


def test_a_report_has_the_second_figure_and_no_name_beside_it(
    disputed: Path, types: Typist, say: Say, tmp_path: Path
) -> None:
    (run, _), items = places(disputed)
    begun = ("archive", "challenge", run, "medqa", items[0], "--archive", disputed)
    assert types([PIN], *begun, "--reason", WHY, "--as", "Ada")[0] == 0
    assert types([PIN], *begun, "--accept", "--as", "Bo")[0] == 0
    assert say("report", run, "--archive", disputed, "--out", tmp_path / "out", "--no-verify")[0] == 0
    page = (tmp_path / "out" / "report.md").read_text("utf-8")
    line = next(line for line in page.splitlines() if "without 1 challenged label: Accuracy" in line)
    assert "66.7" in line and "1 accepted by a second reviewer" in page and WHY not in page
    assert "Ada" not in line and "Bo" not in line.replace("Both", "")

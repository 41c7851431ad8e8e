"""Answers of people as probes of a judge: which there are, what a judge's replies to them say, and the ceiling."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from medic_console.commands.judge_own import of_probes
from medic_console.core.errors import ItemsError, UsageError
from medic_console.core.run_settings import RunSettings
from medic_console.review.probes import OwnProbes, probes_of_physicians, probes_of_queue
from medic_console.review.reader import ReviewReader
from medic_console.review.reviewers import add_reviewer
from medic_console.scoring.methods.cef.probe import ANSWERS
from medic_console.scoring.methods.rubric.probe import RUBRIC
from medic_console.session.qualification import Measured, Qualification, request
from medic_console.testing.scripted import Reply
from tests.conftest import QUICK, Say, Scripts, document, examiner, fake_model, refused
from tests.console.conftest import TASKS
from tests.review.conftest import PIN, QUESTIONS, judged
from tests.review.test_pictures import decided
from tests.review.test_story import drawn


def measured(archive: Path, own: OwnProbes, reply: Reply) -> list[Measured]:
    """Put the probes to a scripted judge."""
    judge = fake_model("other")
    tasks = of_probes(list(TASKS.values()), own)
    asked = request([judge], [one for one in tasks if one.judge], RunSettings(), "scripted", own.probes)
    work = Qualification(archive, asked, Scripts(other=reply).start)  # type: ignore[arg-type]
    for _ in work.probing(with_cards=False).events():
        pass
    return work.measured()


def test_a_queue_measures_a_judge_on_a_sites_own_texts(archive: Path, run: str, say: Say) -> None:
    for name in ("Ada", "Ben"):
        add_reviewer(archive, name, PIN)
    cards = drawn(archive, run, say)
    decided(archive, cards, 1, 12.0, 7)
    decided(archive, cards[:10], 2, 9.0, 7)
    with closing(ReviewReader(archive)) as reader:
        own = probes_of_queue(reader, "q")
    assert own.tasks == ("aci_bench",) and own.left_out == 0 and "Ada and Ben: 100 % alike of 10" in own.ceiling[0]
    items = own.probes.parts[ANSWERS]
    assert len(items) == 40 and {*own.probes.parts} == {ANSWERS}
    # the same judge again: it is right where the first one was, which people found to be so in 35 of 40
    (found,) = measured(archive, own, examiner(QUESTIONS, judged))  # type: ignore[arg-type]
    assert found.method == "cef" and found.measures["accuracy"].n == 40
    assert found.measures["accuracy"].value == pytest.approx(100 * 35 / 40)
    assert "lists" not in found.measures and "injection" not in found.measures
    with closing(ReviewReader(archive)) as reader:
        assert reader.qualifications.cards() == [], "the verdict on a judge rests on the console's own probes"


def test_bad_questions_verdicts_and_open_cards_are_no_probes(archive: Path, run: str, say: Say) -> None:
    add_reviewer(archive, "Ada", PIN)
    say("review", "new", "v", run, "--archive", archive, "--task", "medec")
    with closing(ReviewReader(archive)) as reader, pytest.raises(UsageError, match="No settled card of queue v"):
        probes_of_queue(reader, "v")
    refused(say("judge", "qualify", "none.gguf", "--reviewed", "w", "--archive", archive), "")


def test_a_real_judge_answers_what_people_answered(archive: Path, run: str, say: Say, random_model: Path) -> None:
    add_reviewer(archive, "Ada", PIN)
    say("review", "new", "q", run, "--archive", archive, "--task", "aci_bench", "--number", "3")
    with closing(ReviewReader(archive)) as reader:
        decided(archive, reader.queue("q").cards, 1, 12.0, 7)
    words = ("judge", "qualify", random_model, "--reviewed", "q", "--archive", archive, *QUICK)
    record = document(say(*words, "--json"))
    (judge,) = record["judges"]
    assert judge["measures"]["accuracy"]["n"] == 3 and record["ceiling"] == [] and judge["tasks"] == ["aci_bench"]
    assert "No card is made" in say(*words)[1]
    assert document(say("judge", "list", "--archive", archive, "--json"))["judges"][0]["verdict"] != "qualified"


def line(number: int, labels: object, **more: object) -> str:
    record = {
        "prompt_id": f"p{number // 2}",
        "prompt": [{"role": "user", "content": "My chest hurts."}],
        "completion": "Call an ambulance now.",
        "rubric": f"Criterion {number}",
        "completion_id": f"c{number}",
        "category": "cluster:emergency_referrals_emergent",
        "canary": "healthbench:0",
        "binary_labels": labels,
        "anonymized_physician_ids": ["a", "b"],
        **more,
    }
    return json.dumps(record)


def test_physicians_labels_measure_a_judge_of_rubrics(archive: Path, tmp_path: Path) -> None:
    labels = [[True, True], [True, False], [False, False], [True, True, False], [True, True]]
    file = tmp_path / "labels.jsonl"
    file.write_text("\n".join(line(number, one) for number, one in enumerate(labels)))
    own = probes_of_physicians(file)
    items = own.probes.parts[RUBRIC]
    assert [item.gold for item in items] == ["YES", "NO", "YES", "YES"] and own.left_out == 1
    assert [item.group for item in items] == ["p0", "p1", "p1", "p2"]
    assert (
        own.ceiling[0].startswith("Physicians among themselves: Fleiss' kappa 0.2")
        and "of 5 criteria" in own.ceiling[0]
    )

    def always(prompt: object) -> dict[str, float]:
        return {"YES": 0.9, "NO": 0.1}

    for found in measured(archive, own, always):  # type: ignore[arg-type]
        assert found.method == "rubric"
        assert found.measures["accuracy"].value == 75 and found.measures["specificity_met"].value == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (line(0, "yes"), "line 1: binary_labels"),
        (line(0, []), "line 1: binary_labels"),
        (line(0, [1, 0]), "line 1: binary_labels"),
        (line(0, [True], prompt="Hello"), "line 1: prompt is no list"),
        (line(0, [True], completion=None), "line 1"),
        ("{}", "binary_labels"),
    ],
)
def test_labels_that_are_none_are_refused(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_text(text)
    with pytest.raises(ItemsError, match=told):
        probes_of_physicians(file)


def test_labels_that_are_all_ties_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_text(line(0, [True, False]))
    with pytest.raises(UsageError, match="no criterion"):
        probes_of_physicians(file)

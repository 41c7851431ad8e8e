from __future__ import annotations

import math
import sqlite3
import string
import tomllib
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from medic_console.core.records import Item
from medic_console.suite.readers.registry import READERS

TASKS = Path(__file__).parents[2] / "tasks"
NAMES = ("aci_bench", "ehrsql", "medcalc", "medec", "medqa")


def task(name: str) -> dict[str, Any]:
    return tomllib.loads((TASKS / name / "task.toml").read_text(encoding="utf-8"))


def samples(name: str) -> Sequence[Item]:
    return READERS["samples"].read(TASKS / name / "samples.jsonl").items


def sample(name: str, number: int) -> Item:
    return {item.id: item for item in samples(name)}[f"{name}-sample-{number:02d}"]


@pytest.mark.parametrize("name", NAMES)
def test_there_are_at_least_twelve_samples(name: str) -> None:
    assert len(samples(name)) >= 12


@pytest.mark.parametrize("name", NAMES)
def test_a_task_names_a_known_reader_and_one_primary_metric(name: str) -> None:
    described = task(name)
    assert described["id"] == name
    assert described["items"]["reader"] in READERS
    assert [metric["primary"] for metric in described["metrics"]].count(True) == 1


@pytest.mark.parametrize("name", NAMES)
def test_the_prompt_asks_for_nothing_that_a_sample_lacks(name: str) -> None:
    prompt = task(name)["prompt"]
    asked = {key for part in ("system", "user") for _, key, _, _ in string.Formatter().parse(prompt[part]) if key}
    shared = {"schema"} if name == "ehrsql" else set()
    assert asked
    for item in samples(name):
        assert asked <= set(item.fields) | shared


@pytest.mark.parametrize("name", NAMES)
def test_sample_prompts_are_short_enough_for_small_models(name: str) -> None:
    for item in samples(name):
        assert len(" ".join(str(value) for value in item.fields.values()).split()) < 200, item.id


def test_medqa_keys_are_spread_evenly_and_name_an_option() -> None:
    assert Counter(item.gold for item in samples("medqa")) == {"A": 4, "B": 4, "C": 4, "D": 4}
    for item in samples("medqa"):
        assert list(item.fields["options"]) == ["A", "B", "C", "D"]
        assert len(set(item.fields["options"].values())) == 4


def test_half_of_the_medec_notes_are_correct_and_errors_point_at_a_sentence() -> None:
    notes = samples("medec")
    assert sum(item.gold["flag"] for item in notes) * 2 == len(notes)
    for item in notes:
        lines = item.fields["sentences"].split("\n")
        assert [line.split(" ", 1)[0] for line in lines] == [str(n) for n in range(len(lines))]
        assert item.fields["text_id"] == item.id
        if item.gold["flag"]:
            assert item.gold["correction"] != lines[item.gold["sentence_id"]].split(" ", 1)[1]
        else:
            assert (item.gold["sentence_id"], item.gold["correction"]) == (-1, "NA")


def test_every_ehrsql_gold_query_returns_something_and_a_third_is_unanswerable() -> None:
    questions = samples("ehrsql")
    share = sum(item.gold == "null" for item in questions) / len(questions)
    assert 0.25 <= share <= 0.35
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript((TASKS / "ehrsql" / "hospital.sql").read_text(encoding="utf-8"))
        for item in questions:
            if item.gold != "null":
                rows = connection.execute(item.gold).fetchall()
                assert any(value not in (None, 0) for row in rows for value in row), item.id


def test_aci_bench_dialogues_have_two_speakers_and_a_headed_note() -> None:
    for item in samples("aci_bench"):
        lines = item.fields["dialogue"].split("\n")
        assert 6 <= len(lines) <= 12, item.id
        assert {line.split(" ", 1)[0] for line in lines} == {"[doctor]", "[patient]"}
        assert item.gold.startswith("CHIEF COMPLAINT\n")
        assert "\n\nASSESSMENT AND PLAN\n" in item.gold


# Equations as in the Ground Truth Explanation column of MedCalc-Bench 1.0; inputs from the notes.
@pytest.mark.parametrize(
    ("number", "calculator", "expected"),
    [
        (1, "6", 82 / 1.65**2),
        (2, "5", 2 / 3 * 92 + 1 / 3 * 148),
        (3, "2", (140 - 70) * 62 / (72 * 1.6)),
        (4, "3", 142 * (1.3 / 0.7) ** -1.2 * 0.9938**54 * 1.012),
        (5, "7", 7.8 + 0.8 * (4.0 - 2.5)),
        (6, "11", 400 / math.sqrt(60 / 85)),
        (7, "10", 45.5 + 2.3 * (160 * 0.393701 - 60)),
        (8, "9", 175 * 2.1**-1.154 * 66**-0.203),
        (9, "8", 1.5 + 1.5 + 1.0),
    ],
)
def test_medcalc_decimals_follow_their_equation_with_limits_of_five_percent(
    number: int, calculator: str, expected: float
) -> None:
    item = sample("medcalc", number)
    assert (item.fields["calculator_id"], item.fields["output_type"]) == (calculator, "decimal")
    assert float(item.gold["value"]) == pytest.approx(expected, abs=0.001)
    assert float(item.gold["lower"]) == pytest.approx(0.95 * expected, abs=0.001)
    assert float(item.gold["upper"]) == pytest.approx(1.05 * expected, abs=0.001)


@pytest.mark.parametrize(
    ("number", "calculator", "points"),
    [
        # Age 75 or more, female, hypertension, diabetes.
        (10, "4", 2 + 1 + 1 + 1),
        # Bilirubin 2 to 3, albumin 2.8 to 3.5, INR below 1.7, slight ascites, no encephalopathy.
        (11, "15", 2 + 2 + 1 + 2 + 1),
        # Active cancer, tenderness, calf wider by more than 3 cm, pitting oedema.
        (12, "16", 1 + 1 + 1 + 1),
        # High-risk surgery, ischaemic heart disease, creatinine above 2 mg/dL.
        (13, "17", 1 + 1 + 1),
    ],
)
def test_medcalc_rule_based_scores_are_exact(number: int, calculator: str, points: int) -> None:
    item = sample("medcalc", number)
    assert (item.fields["calculator_id"], item.fields["output_type"]) == (calculator, "integer")
    assert set(item.gold.values()) == {str(points)}


def test_medcalc_dates_follow_the_calendar() -> None:
    due, conception, age = (sample("medcalc", number) for number in (14, 15, 16))
    assert [item.fields["output_type"] for item in (due, conception, age)] == ["date", "date", "weeks_days"]
    assert set(due.gold.values()) == {(date(2023, 3, 10) + timedelta(days=280)).strftime("%m/%d/%Y")}
    assert set(conception.gold.values()) == {(date(2024, 6, 1) + timedelta(days=14)).strftime("%m/%d/%Y")}
    weeks, days = divmod((date(2024, 4, 1) - date(2024, 1, 5)).days, 7)
    assert set(age.gold.values()) == {f"({weeks} weeks, {days} days)"}


def test_medcalc_kinds_agree_with_their_calculators() -> None:
    kinds = {"13": "date", "68": "date", "69": "weeks_days"}
    for item in samples("medcalc"):
        assert item.fields["output_type"] == kinds.get(item.fields["calculator_id"], item.fields["output_type"])
        assert item.fields["output_type"] in {"decimal", "integer", "date", "weeks_days"}

"""Rules: ncbi-nlp/MedCalc-Bench, evaluation/run.py, extract_answer."""

from __future__ import annotations

import pytest

from medic_console.records import Answer, Item
from medic_console.scoring.reading.number import read_number


def read(text: str, kind: str) -> float | str | list[int] | None:
    answer = read_number(text, Item("1", {"output_type": kind}))
    return answer.value if isinstance(answer, Answer) else None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("25.2", 25.2),
        ("Answer: 25.2 mL/min", 25.2),
        ("Answer: 61.5 mL/min/1.73 m²", 61.5),
        ("Answer: 61.5 mL/min/1.73m^2", 61.5),
        ("Answer: 61.5 mL/min per 1.73 m2", 61.5),
        ("Answer: 24.3 kg/m2", 24.3),
        ("Answer: -2.5 mEq/L", -2.5),
        ("Answer: −2.5", -2.5),
        ("Answer: 1,234.5 mL", 1234.5),
        ("Answer: 12.5%", 0.125),
        ("Answer: 2.5 x 10^3 cells", 2500),
        ("Weight 70 kg, so 140 - 70 = 70.\nAnswer: 55\n", 55),
        ("Answer: 10\nCorrected.\nAnswer: 12", 12),
        ("**Answer:** 12", 12),
        ("Answer:\n12", 12),
        ("The final answer is 12 mg.", 12),
        ('{"step_by_step_thinking": "5 + 7 = 12", "answer": "12.0 mg"}', 12),
        ('{"step_by_step_thinking": "5", "answer": 12.5}', 12.5),
        ('```json\n{"answer": "12"}\n```', 12),
        ('{"answer": "12', 12),
        ("5 + 7 = 12", 12),
        ("range 5-10", 10),
        (".5", 0.5),
    ],
)
def test_decimals(text: str, value: float) -> None:
    assert read(text, "decimal") == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Answer: 3 out of 5", 3),
        ("Answer: 4 points", 4),
        ("Answer: 3.0", 3),
        ("Age 1, sex 1, total 2", 2),
        ("Answer: -1", -1),
        ("Answer: 50%", 50),
        ("CHA2DS2-VASc: 6", 6),
    ],
)
def test_integers(text: str, value: int) -> None:
    assert read(text, "integer") == value


@pytest.mark.parametrize(
    "text",
    [
        "03/07/2023",
        "Answer: 3/7/2023",
        "Answer: 2023-03-07",
        "Answer: 7 March 2023",
        "Answer: 7th of March 2023",
        "Answer: March 7, 2023.",
        "Answer: Mar. 7 2023",
        '{"answer": "03/07/2023"}',
        "From 06/01/2022 it follows that it is 03/07/2023",
        "Answer: 03/07/2023 (counted from 06/01/2022)",
    ],
)
def test_dates_are_normalised(text: str) -> None:
    assert read(text, "date") == "03/07/2023"


@pytest.mark.parametrize("text", ["13/40/2023", "02/30/2023", "Answer: next March", "7 Sunday 2023", "2023"])
def test_what_is_no_date_is_unreadable(text: str) -> None:
    assert read(text, "date") is None


@pytest.mark.parametrize(
    "text",
    [
        "(12 weeks, 3 days)",
        "Answer: 12 weeks and 3 days",
        "Answer: 12 weeks 3 days",
        "12w3d",
        "Answer: (12, 3)",
        "{\"answer\": \"['12 weeks', '3 days']\"}",
        '{"answer": ["12 weeks", "3 days"]}',
    ],
)
def test_weeks_and_days(text: str) -> None:
    assert read(text, "weeks_days") == [12, 3]


def test_weeks_alone_have_no_days() -> None:
    assert read("Answer: 12 weeks", "weeks_days") == [12, 0]
    assert read("Answer: 87 days", "weeks_days") is None


@pytest.mark.parametrize("kind", ["decimal", "integer", "date", "weeks_days"])
@pytest.mark.parametrize("text", ["Answer: <value>", "no idea", "X.XX", "Step 1 gives 5.\nAnswer: cannot be computed"])
def test_a_stated_answer_without_a_number_is_not_replaced_by_one_from_the_reasoning(text: str, kind: str) -> None:
    assert read(text, kind) is None


def test_nothing_is_evaluated() -> None:
    assert read("Answer: str(round(2 * 3))", "decimal") == 3
    assert read("Answer: 1e999", "decimal") is None

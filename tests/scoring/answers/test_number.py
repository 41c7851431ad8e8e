"""Form by form: the value that a text's author meant, as a table of form and verdict (MedCalc)."""

from __future__ import annotations

import time

import pytest

from medic_console.core.records import Answer, Item
from medic_console.scoring.answers.number import read_number


def read(text: str, kind: str, question: str = "") -> float | str | list[int] | None:
    answer = read_number(text, Item("1", {"output_type": kind, "question": question}))
    return answer.value if isinstance(answer, Answer) else None


MARKED = [
    ("25.2", 25.2),
    (".5", 0.5),
    ("Answer: 25.2 mL/min", 25.2),
    ("**Answer:** 12", 12),
    ("**Answer: 12 mg**", 12),
    ("*Answer:* *12*", 12),
    ("Answer:\n12", 12),
    ("**Answer**\n\n12", 12),
    ("Answer (mL/min): 12", 12),
    ("ANSWER = 12", 12),
    ("Answer: \u200b12\u200b", 12),
    ("Answer: １２．５", 12.5),
    ("The final answer is 12 mg.", 12),
    ("The answer to the question is 12.", 12),
    ("The answer would be approximately 12.", 12),
    ("<answer>12</answer>", 12),
    (r"$\boxed{12}$", 12),
    (r"Answer: $\boxed{12.5\ \text{mL/min}}$", 12.5),
    (r"\[ \boxed{12} \]", 12),
    ('{"step_by_step_thinking": "5 + 7 = 12", "answer": "12.0 mg"}', 12),
    ('{"step_by_step_thinking": "5", "answer": 12.5}', 12.5),
    ('```json\n{"answer": "12"}\n```', 12),
    ('{"answer": "61 mL/min/1.73 m\\u00b2"}', 61),
    ("{'answer': '12 mg', 'unit': 'mg'}", 12),
    ('{"answer": "12', 12),
    ('{"final_answer": "12 (normal 10-20)"}', 12),
    ("Answer: 12 [see step 3]", 12),
    ("Weight 70 kg, so 140 - 70 = 70.\nAnswer: 55\n", 55),
    ("Answer: The answer is 12", 12),
]
SIGNS_AND_WRITINGS = [
    ("Answer: 61.5 mL/min/1.73 m²", 61.5),
    ("Answer: 61.5 mL/min/1.73m^2", 61.5),
    ("Answer: 61.5 mL/min per 1.73 m2", 61.5),
    (r"Answer: 61.5 \text{ mL/min}/1.73 \text{ m}^{2}", 61.5),
    ("Answer: 24.3 kg/m2", 24.3),
    ("Answer: 24.3 kg/m^2", 24.3),
    ("Answer: -2.5 mEq/L", -2.5),
    ("Answer: −2.5", -2.5),
    ("Answer: –2.5", -2.5),
    ("Answer: —2.5", -2.5),
    ("Answer: - 2.5", -2.5),
    ("Answer: minus 2.5", -2.5),
    ("Answer: negative 2.5", -2.5),
    ("Answer: +2.5", 2.5),
    ("Answer: 1,234.5 mL", 1234.5),
    ("Answer: 1 234.5 mL", 1234.5),
    ("Answer: 1\u202f234.5 mL", 1234.5),
    ("Answer: 1'234.5 mL", 1234.5),
    (r"Answer: 1{,}234.5", 1234.5),
    (r"Answer: 1\,234.5", 1234.5),
    ("Answer: 1.234,5 mL", 1234.5),
    ("Answer: 0,75", 0.75),
    ("Answer: 12.5%", 0.125),
    ("Answer: 12.5 percent", 0.125),
    (r"Answer: $12.5\%$", 0.125),
    ("Answer: 0.125 (12.5%)", 0.125),
    ("Answer: 12.5% (0.125)", 0.125),
    ("Answer: 2.5 x 10^3 cells", 2500),
    (r"Answer: 1.2 \times 10^{3}", 1200),
    ("Answer: 1.2 × 10³", 1200),
    ("Answer: 1.2·10³/µL", 1200),
    ("Answer: 1.2*10**3", 1200),
    ("Answer: 1.2e3.", 1200),
    ("Answer: 1.2e3mL", 1200),
    ("Answer: 10^3", 1000),
    ("Answer: 1.2 × 10⁻³", 0.0012),
    ("Answer: 2 1/2", 2.5),
    ("Answer: 2½ mg", 2.5),
    ("Answer: $12 mg", 12),
]
BESIDE_OTHERS = [
    ("Answer: 25.2 (normal range 10-20)", 25.2),
    ("Answer: 25.2 [10–20]", 25.2),
    ("Answer: 25.2, stage 3", 25.2),
    ("Answer: 25.2 (stage 3)", 25.2),
    ("Answer: 1,000, stage 3", 1000),
    ('{"answer": "1\'000.00"}', 1000),
    ("Answer: 25.2 per 24 hours", 25.2),
    ("Answer: 25.2 mg/24 h", 25.2),
    ("Answer: 25.2 in 24 hours", 25.2),
    ("Answer: 25.2; normal is below 20", 25.2),
    ("Answer: 25.2. Normal values are 10 to 20.", 25.2),
    ("Answer: 25.2 — above the limit of 20", 25.2),
    ("Answer: 25.2 - consistent with stage 2", 25.2),
    ("Answer: 25.2, which is above 20", 25.2),
    ("Answer: 25.2 (95% CI 20-30)", 25.2),
    ("Answer: 25.2 ± 0.5", 25.2),
    ("Answer: CrCl of 25.2 mL/min based on a weight of 48 kg", 25.2),
    ("Answer: 25.2 mg, 3 times daily", 25.2),
    ("Answer: 25.2 (rounded to 2 decimal places)", 25.2),
    ("Answer: 25.2 using the 2021 CKD-EPI equation", 25.2),
    ("Answer: CKD-EPI 2021 eGFR: 25.2", 25.2),
    ("Answer: the 2021 formula gives 25.2", 25.2),
    ("Answer: stage 3, eGFR 25.2", 25.2),
    ("Answer: eGFR = 25.2 mL/min, stage = 3", 25.2),
    ("Answer: a 10-year risk of 0.3", 0.3),
    ("Answer: For a 65-year-old, 25.2", 25.2),
    ("Answer: CURB-65: 3", 3),
    ("Answer: CO2 is 25.2", 25.2),
    ("Answer: (140 - 65) × 70 / 72 = 25.2", 25.2),
    ("Answer: 25.24 ≈ 25.2", 25.2),
    ("Answer: BMI = 70 / 1.7^2 = 24.2", 24.2),
    ("Answer: 25.2\nThe answer is based on the 2021 formula.", 25.2),
    ("Answer: 25.2. The answer is based on the 2021 formula.", 25.2),
    ("Answer: 25.2\nThe answer is rounded to 2 decimal places.", 25.2),
    ("Answer: 25.2\n\nNote: the formula has 4 variables.", 25.2),
    ("Answer: 25.2\nConfidence: 95%", 25.2),
    ("Answer: 10\nCorrected.\nAnswer: 12", 12),
    ("The answer is 10. Wait, that is wrong. The answer is 12.", 12),
    ("Answer: 10. On reflection, the answer is 12.", 12),
]
UNMARKED = [
    ("5 + 7 = 12", 12),
    ("The patient's BMI is 24.3 kg/m².", 24.3),
    ("The BMI is 24.3 kg/m², which is within the normal range of 18.5 to 24.9.", 24.3),
    ("BMI = 24.3. This is in the normal range 18.5-24.9.", 24.3),
    ("Weight is 70 kg, height is 1.7 m, so the BMI is 24.2.", 24.2),
    ("MAP = 275 ÷ 3 ≈ 91.7 mmHg, which rounds to about 92 mmHg.", 92),
    ("Rounding 19.98 to the nearest whole number gives us approximately 20 kg/m².", 20),
    ("1. QT is 330.\n2. Round to the nearest whole number: 379 ms.", 379),
    ("Thus, the patient has a total of 4 points.", 4),
    ("**Result**: 12 mg", 12),
]


@pytest.mark.parametrize(("text", "value"), [*MARKED, *SIGNS_AND_WRITINGS, *BESIDE_OTHERS, *UNMARKED])
def test_decimals(text: str, value: float) -> None:
    assert read(text, "decimal") == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    [
        "Answer: 5-10",
        "Answer: 5 – 10 mg",
        "Answer: 5 to 10",
        "Answer: between 5 and 10",
        "Answer: 5 or 6",
        "Answer: 5 mg or 6 mg",
        "Answer: 3, 4, 5",
        "Answer: 3,4,5",
        "Answer: > 60",
        "Answer: at least 60",
        "Answer: 60 or more",
        "Answer: 60+",
        "Answer: 4/9",
        "Answer: 85 out of 100",
        "Answer: 5=6",
        "Answer: 2 * 3",
        "Answer: 2 + 3",
        "Answer: str(round(2 * 3))",
        "Answer: 2^3",
        r"Answer: 5\sqrt{2}",
        "Answer: 1.2 × 103",
        "Answer: 1.234.567",
        "Answer: 12:30",
        "Answer: $12 million units, no",
        "Answer: 1e999",
        "Answer: 1e99999999999",
        "Answer:\n- 5",
        "Answer: 20 mg = 0.75 mg",
        "Answer: 20 mg of one is equivalent to 0.75 mg of the other",
        "Answer: 55, so the dose is 100 mg",
        "Answer: weight 70 kg, BMI 24.2",
        "Answer: stage 3",
        "The answer is 10. The answer is 12.",
        "The answer is 10.\nThe answer is 12.",
        "Answer: 10. The answer is 12.",
        "The answer is based on the 2021 formula.",
        "range 5-10",
        "The eGFR is 55, the creatinine is 1.2.",
        "Step 1 = 5. The rest cannot be computed.",
        "The WBC is 8,000. Thus, only one of the four criteria is met.",
        "Therefore, the risk is approximately 6-8%.",
        "I looked at 4 of the values that were given in the patient's note.",
    ],
)
def test_where_two_values_could_be_meant_or_none_is_there_the_text_is_unreadable(text: str) -> None:
    assert read(text, "decimal") is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Answer: 3 out of 5", 3),
        ("Answer: 3 of 5 points", 3),
        ("Answer: 3/5", 3),
        ("Answer: 4/9", 4),
        ("Answer: 4 points", 4),
        ("Answer: 7 (class B)", 7),
        ("Answer: 7, class 2", 7),
        ("Answer: 3.0", 3),
        ("Answer: three points", 3),
        ("Answer: zero", 0),
        ("Answer: 1 + 1 + 2 = 4 points", 4),
        ("Answer: 4 (1 + 1 + 2)", 4),
        ("Age 1, sex 1, total 2", 2),
        ("Answer: -1", -1),
        ("Answer: –2", -2),
        ("Answer: 50%", 50),
        ("CHA2DS2-VASc: 6", 6),
        ("Thus, the patient meets 2 out of the 4 SIRS criteria.", 2),
        ("Answer: one cannot tell", None),
        ("Answer: 3, 4, 5", None),
        ("The final answer is Class III. Each has 2 points.", None),
    ],
)
def test_integers(text: str, value: int | None) -> None:
    assert read(text, "integer") == value


def test_a_percentage_is_a_fraction_unless_the_question_asks_for_a_percentage() -> None:
    asked = "What is the FENa? Please return your answer as a percentage value."
    assert read("Answer: 0.5%", "decimal") == 0.005
    assert read("Answer: 0.5%", "decimal", asked) == 0.5
    assert read("Answer: 0.5", "decimal", asked) == 0.5


@pytest.mark.parametrize(
    "text",
    [
        "03/07/2023",
        "Answer: 3/7/2023",
        "Answer: 2023-03-07",
        "Answer: 2023-03-07T00:00:00",
        "Answer: 2023/03/07",
        "Answer: 7 March 2023",
        "Answer: 7-Mar-2023",
        "Answer: 7th of March 2023",
        "Answer: 7th of March, 2023",
        "Answer: March 7, 2023.",
        "Answer: Tuesday, March 7th, 2023",
        "Answer: Mar. 7 2023",
        "Answer: **03/07/2023**",
        r"Answer: $\boxed{03/07/2023}$",
        '{"answer": "03/07/2023"}',
        "The due date is March 7, 2023, counted from 06/01/2022.",
        "From 06/01/2022 it follows that it is 03/07/2023",
        "Answer: 03/07/2023 (counted from 06/01/2022)",
        "Answer: 06/01/2022 + 279 days = 03/07/2023",
    ],
)
def test_dates_are_normalised(text: str) -> None:
    assert read(text, "date") == "03/07/2023"


@pytest.mark.parametrize(
    "text",
    [
        *("13/40/2023", "02/30/2023", "Answer: next March", "7 Sunday 2023", "2023", "Answer: 3/7/23"),
        *("Answer: 25/12/2023", "Answer: Marble 7, 2023", "Answer: 03/07/2023 or 03/08/2023", "Answer: March 2023"),
        "Answer: last period 06/01/2022, due 03/07/2023",
    ],
)
def test_what_is_no_one_date_is_unreadable(text: str) -> None:
    assert read(text, "date") is None


@pytest.mark.parametrize(
    "text",
    [
        "(12 weeks, 3 days)",
        "Answer: 12 weeks and 3 days",
        "Answer: 12 weeks 3 days",
        "Answer: 12 weeks, 3 days (87 days)",
        "Answer: 12 weeks (84 days) and 3 days",
        "Answer: 12 weeks with a remainder of 3 days",
        "Answer: 12 full weeks and 3 days",
        "12w3d",
        "12w 3d",
        "Answer: (12, 3)",
        "Answer: [12, 3]",
        "Answer: 12+3",
        "Answer: 12+3 weeks",
        "Answer: 12 weeks + 3 days",
        "Answer: 12⁺³ weeks",
        "Answer: 12 3/7 weeks",
        "Answer: 12-3/7 weeks",
        "Answer: 12 weeks 3/7",
        "87 / 7 = 12 weeks and 3 days",
        "{\"answer\": \"['12 weeks', '3 days']\"}",
        '{"answer": ["12 weeks", "3 days"]}',
    ],
)
def test_weeks_and_days(text: str) -> None:
    assert read(text, "weeks_days") == [12, 3]


@pytest.mark.parametrize(
    "text",
    ["Answer: 87 days", "Answer: 12.4 weeks", "Answer: 12-13 weeks", "Answer: 12 to 13 weeks", "Answer: 12 + 3 = 15"],
)
def test_other_spans_are_unreadable(text: str) -> None:
    assert read(text, "weeks_days") is None


def test_weeks_alone_have_no_days() -> None:
    assert read("Answer: 12 weeks", "weeks_days") == [12, 0]


@pytest.mark.parametrize("kind", ["decimal", "integer", "date", "weeks_days"])
@pytest.mark.parametrize(
    "text",
    [
        "Answer: <value>",
        "no idea",
        "X.XX",
        "Step 1 gives 5.\nAnswer: cannot be computed",
        "The answer is 5. In the end the answer is, sadly, unknown.",
    ],
)
def test_a_stated_answer_without_a_number_is_not_replaced_by_one_from_the_reasoning(text: str, kind: str) -> None:
    assert read(text, kind) is None


PARTS = [
    "1=",
    "1,",
    "1 ",
    "(1",
    "Answer: ",
    '"answer": ',
    "\\boxed{",
    "1.73/",
    "the answer is ",
    "-",
    ". A",
    "[[",
    "1/1.73 ",
]


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_a_long_text_is_read_in_no_time(part: str) -> None:
    began = time.monotonic()
    for kind in ("decimal", "date", "weeks_days"):
        read(part * 5_000, kind)
        read("Answer: " + part * 5_000, kind)
    assert time.monotonic() - began < 20

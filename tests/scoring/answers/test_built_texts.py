"""Texts built around a known answer: none may be read as another one."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.core.records import Answer, Item
from medic_console.scoring.answers.math import read_gsm8k, read_integer
from medic_console.scoring.answers.number import read_number
from tests.scoring.answers.built import MANY

REASONING = st.sampled_from(
    [
        "",
        "The patient is 65 years old and weighs 70 kg.\n\n",
        "Step 1: 140 - 65 = 75.\nStep 2: 75 × 70 = 5,250.\n\n",
        "1. Age 65: 1 point\n2. CHA2DS2-VASc has 9 points at most\n\n",
        "By the 2021 formula the first answer is close to the normal range of 10-20.\n",
        "Given: Na 140, Cl 100 (98-107), HCO3 24.\n",
        "LMP was on 06/01/2022, 12 weeks ago.\n",
        "<b>Reasoning</b>: $x = \\frac{3}{4}$, so we go on.\n",
    ]
)
LABEL = st.sampled_from(
    [
        *(
            "Answer: {}",
            "**Answer:** {}",
            "**Answer: {}**",
            "Answer:\n{}",
            "Final answer: {}",
            "ANSWER = {}",
            "Answer - see: x\nAnswer: {}",
        ),
        *(
            "The answer is {}",
            "Therefore, the final answer is {}",
            "the answer is: {}",
            "So the answer would be approximately {}",
        ),
        *("$\\boxed{{{}}}$", "Answer: $\\boxed{{{}}}$", '{{"step_by_step_thinking": "1 + 2 = 3", "answer": "{}"}}'),
        *(
            "<answer>{}</answer>",
            "Answer: The result is {}",
            "Answer (rounded): {}",
            "Answer: ≈ {}",
            "Answer: about {}",
        ),
    ]
)
BEHIND = st.sampled_from(
    [
        *(
            "",
            ".",
            " (normal range 10-20)",
            " [8.5–10.2]",
            ", stage 3",
            " (class 2)",
            ", which is above 15",
            " — above 5",
        ),
        *(
            "; the normal value is below 20",
            ". Normal values are 10 to 20.",
            " (95% CI 3-8)",
            " (from 12 × 4)",
            " (CKD-EPI 2021)",
        ),
        *(
            ", based on 3 findings",
            " using the 2021 equation",
            ", rounded to 2 decimal places",
            " (rounded to 1 decimal)",
        ),
    ]
)
AFTER = st.sampled_from(
    [
        *(
            "",
            "\n",
            "\nThe answer is based on the 2021 formula.",
            "\n\nNote: the formula has 4 variables.",
            "\nConfidence: 95%",
        ),
        *(
            "\nThe answer is within 5% of 100.",
            "\n\n(See step 2.)",
            "\n```",
            "\nThe answer is rounded to 2 decimal places.",
        ),
    ]
)
MINUS = st.sampled_from(["-", "−", "–", "\u2011"])
UNITS = st.sampled_from(
    ["", " mL/min", " mg/dL", " kg/m²", " kg/m^2", " mL/min/1.73 m²", " mmol/L", " points", " mEq per L", "mL"]
)
ABOUT = st.tuples(REASONING, LABEL, BEHIND, AFTER)


@st.composite
def decimals(draw: st.DrawFn) -> tuple[float, str]:
    """Return a number and a writing of it."""
    hundredths = draw(st.integers(0, 10_000_000))
    whole, part = divmod(hundredths, 100)
    digits = draw(st.sampled_from([f"{whole}.{part:02}", f"{whole}.{part:02}", f"{whole}"]))
    value = float(digits)
    if whole >= 1_000 and draw(st.booleans()):
        mark = draw(st.sampled_from([",", " ", "\u202f", "{,}", r"\,", "'"]))
        digits = f"{whole:,}".replace(",", mark) + (f".{part:02}" if "." in digits else "")
    elif draw(st.integers(0, 5)) == 0:
        power = draw(st.integers(-3, 6))
        form = draw(st.sampled_from([r"{} \times 10^{{{}}}", "{} × 10^{}", "{}e{}", "{} x 10^{}", "{}*10**{}"]))
        value = float(f"{digits}e{power}")
        digits = form.format(digits, power)
    if value and draw(st.integers(0, 3)) == 0:
        return -value, draw(MINUS) + digits
    return value, digits


@st.composite
def integers(draw: st.DrawFn) -> tuple[float, str]:
    """Return a number of points and a writing of it."""
    value = draw(st.integers(-3, 300))
    if value >= 0 and draw(st.booleans()):
        form = draw(st.sampled_from(["{} out of 999", "{}/999", "{}.0", "{} of 999 points", "1 + 1 = {}", "{} points"]))
        return value, form.format(value)
    return value, (draw(MINUS) if value < 0 else "") + str(abs(value))


@st.composite
def days(draw: st.DrawFn) -> tuple[str, str]:
    """Return a date as MM/DD/YYYY and a writing of it."""
    day = draw(st.dates(date(1990, 1, 1), date(2060, 12, 31)))
    month = f"{day:%B}"
    forms = [
        *(f"{day:%m/%d/%Y}", f"{day.month}/{day.day}/{day.year}", f"{day:%Y-%m-%d}", f"{day.day} {month} {day.year}"),
        *(f"{month} {day.day}, {day.year}", f"{month[:3]} {day.day} {day.year}", f"{day.day}-{month[:3]}-{day.year}"),
        f"{day:%A}, {month} {day.day}, {day.year}",
    ]
    return f"{day:%m/%d/%Y}", draw(st.sampled_from(forms))


@st.composite
def spans(draw: st.DrawFn) -> tuple[list[int], str]:
    """Return weeks with days and a writing of them."""
    weeks, rest = draw(st.integers(1, 43)), draw(st.integers(0, 6))
    forms = [
        *(
            f"({weeks} weeks, {rest} days)",
            f"{weeks} weeks and {rest} days",
            f"{weeks} weeks, {rest} days",
            f"{weeks}w{rest}d",
        ),
        *(f"({weeks}, {rest})", f"{weeks}+{rest} weeks", f"{weeks} {rest}/7 weeks", f"{weeks} weeks + {rest} days"),
        f"{weeks} weeks and {rest} days ({7 * weeks + rest} days)",
    ]
    return [weeks, rest], draw(st.sampled_from(forms))


def _read(kind: str, writing: str, around: tuple[str, str, str, str]) -> tuple[object, str]:
    before, label, behind, after = around
    text = before + label.format(writing + behind) + after
    answer = read_number(text, Item("1", {"output_type": kind}))
    return (answer.value if isinstance(answer, Answer) else answer), text


@MANY
@given(decimals(), UNITS, ABOUT)
def test_decimals(known: tuple[float, str], unit: str, around: tuple[str, str, str, str]) -> None:
    found, text = _read("decimal", known[1] + unit, around)
    assert found == pytest.approx(known[0], rel=1e-9), text


@MANY
@given(integers(), ABOUT)
def test_integers(known: tuple[float, str], around: tuple[str, str, str, str]) -> None:
    found, text = _read("integer", known[1], around)
    assert found == known[0], text


@MANY
@given(days(), ABOUT)
def test_dates(known: tuple[str, str], around: tuple[str, str, str, str]) -> None:
    found, text = _read("date", known[1], around)
    assert found == known[0], text


@MANY
@given(spans(), ABOUT)
def test_spans(known: tuple[list[int], str], around: tuple[str, str, str, str]) -> None:
    found, text = _read("weeks_days", known[1], around)
    assert found == known[0], text


WRITINGS = st.sampled_from(
    [
        *(
            "{}",
            "{}.00",
            "**{}**",
            "${}$",
            "$\\boxed{{{}}}$",
            "\\${}",
            "${}",
            "{} dollars",
            "{}.",
            "\\boxed{{\\text{{{}}}}}",
        ),
        *("x = {}", "{} miles", "= {}", "{} m^2", "\\({}\\)", "{}%", "€{}", "approximately {}"),
    ]
)
GROUPED = st.sampled_from(["", ",", "{,}", r"\,", " ", "\u202f", r"{,}\!", ",\\!"])


@MANY
@given(st.integers(-500, 10_000_000), GROUPED, WRITINGS, REASONING, st.booleans())
def test_gsm8k(value: int, mark: str, form: str, before: str, strict: bool) -> None:
    digits = f"{value:,}".replace(",", mark)
    text = f"{before}So it is {form.format(digits)}" + (f"\n#### {value:,}" if strict else "")
    answer = read_gsm8k(text, Item("1", {}))
    assert isinstance(answer, Answer), text
    assert float(answer.value["flexible"]) == value, text
    assert answer.value["strict"] == (str(value) if strict else None), text


INTEGER_FORMS = st.sampled_from(
    [
        *(
            "\\boxed{{{}}}",
            "$\\boxed{{{}}}$",
            "\\[ \\boxed{{{}}} \\]",
            "Answer: {}",
            "**Answer: {}**",
            "The answer is ${}$.",
        ),
        *(
            "\\boxed{{n = {}}}",
            "\\boxed{{{}^\\circ}}",
            "\\boxed{{\\text{{{}}}}}",
            "Answer: \\boxed{{{}}} (mod 1000)",
            "{}",
        ),
        *("Answer: 3 + 4 = {}", "\\boxed{{{}}}\n\nThis took 12 steps.", "\\fbox{{{}}}\nThe answer is \\boxed{{{}}}"),
    ]
)


@MANY
@given(st.integers(0, 999), INTEGER_FORMS, REASONING, st.booleans())
def test_aime(value: int, form: str, before: str, padded: bool) -> None:
    digits = f"{value:03}" if padded else str(value)
    text = before + form.replace("{}", digits).replace("{{", "{").replace("}}", "}")
    answer = read_integer(text, Item("1", {}))
    assert isinstance(answer, Answer), text
    assert answer.value == value, text

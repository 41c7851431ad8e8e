from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.core.records import Answer, Item, NoAnswer, Reason
from medic_console.scoring.answers.math import read_gsm8k, read_integer

ITEM = Item("1", {})


def integer(text: str) -> int | None:
    answer = read_integer(text, ITEM)
    return answer.value if isinstance(answer, Answer) else None


@pytest.mark.parametrize(
    "text",
    [
        r"\boxed{33}",
        r"Thus $\boxed{033}$.",
        r"First \boxed{12}, then \boxed{33}",
        r"\boxed{\text{33}}",
        r"\boxed{33\text{ cm}}",
        r"\boxed{33^\circ}",
        r"\boxed{n = 33}",
        r"\boxed{{33}}",
        r"\boxed 33",
        r"\fbox{1} \fboxed{33}",
        r"**Answer:** \(\boxed{33}\)",
        r"Answer: 12" + "\n" + r"\boxed{33}",
        "Answer: 33",
        "**Answer: 33**",
        "The answer is $33$.",
        "The answer is 33.0",
        "Answer: 30 + 3 = 33",
        r"Answer: \frac{66}{2} = 33",
        r"The answer is 33 (mod 1000)",
        "33",
        "033.",
        "Ten steps.\n\n33",
        r"\boxed{33",
    ],
)
def test_a_stated_integer_is_read(text: str) -> None:
    assert integer(text) == 33


@pytest.mark.parametrize(
    "text",
    [
        "I found 33 apples.",
        r"\boxed{\frac{1}{33}}",
        r"\boxed{\frac{33}{2}}",
        r"\boxed{3/33}",
        r"\boxed{33/2}",
        r"\boxed{\sqrt{33}}",
        r"\boxed{2^{33}}",
        r"\boxed{33.5}",
        r"\boxed{}",
        r"\boxed{x}" + "\nAnswer: 33",
        "Answer: x33",
        "Answer: none",
        "9" * 40,
        "Answer: 10-4",
        r"\boxed{33, 34}",
        r"\boxed{33 \text{ or } 34}",
        r"\boxed{30 + 3}",
        r"\boxed{33\sqrt{2}}",
        r"\boxed{33\pi}",
        r"\boxed{33x}",
        r"\boxed{\binom{33}{2}}",
    ],
)
def test_anything_else_is_unreadable(text: str) -> None:
    found = read_integer(text, ITEM)
    assert isinstance(found, NoAnswer)
    assert found.reason is Reason.UNREADABLE


def test_signs_and_thousands_are_part_of_the_integer() -> None:
    assert integer(r"\boxed{-7}") == -7
    assert integer(r"\boxed{1,234}") == 1234
    assert integer(r"\boxed{1{,}234}") == 1234
    assert integer(r"\boxed{15\,000}") == 15000
    assert integer(r"\boxed{5 000}") == 5000
    assert integer("Answer: 10-4 = 6") == 6


@given(st.integers(0, 999))
def test_every_answer_is_read_back_in_every_form(value: int) -> None:
    for form in (rf"\boxed{{{value}}}", rf"\boxed{{{value:03d}}}", f"Answer: {value}.", f"the answer is ${value}$"):
        assert integer(f"Since 5 > 3,\n{form}") == value


@given(st.text(alphabet="0123456789,.-$#* \n{}\\boxedanswr:", min_size=1))
def test_no_text_breaks_a_reader(text: str) -> None:
    for reader in (read_integer, read_gsm8k):
        assert isinstance(reader(text, ITEM), Answer | NoAnswer)


@pytest.mark.parametrize(
    ("text", "flexible", "strict"),
    [
        ("5 and 18", "18", None),
        ("#### 18", "18", "18"),
        ("x = -18.", "-18", None),
        ("16-3", "3", None),
        ("$1,234.50", "1234.50", None),
        ("18...", "18", None),
        ("-$5", "-5", None),
        (r"$\boxed{10{,}500}$", "10500", None),
        (r"\boxed{10,\!500}", "10500", None),
        (r"$15\,000$", "15000", None),
        ("5 000", "5000", None),
        ("5\u202f000 euros", "5000", None),
        (r"\$1{,}234{,}567.50", "1234567.50", None),
        ("1,00,000", "100000", None),
        (r"$1.5 \times 10^{3}$", "1500", None),
        ("1.5 × 10³", "1500", None),
        (r"\frac{7}{2}", "3.5", None),
        ("18 m^2", "18", None),
        (r"18 \text{ cm}^{2}", "18", None),
        ("18 cm²", "18", None),
        ("#### 10,500", "10500", "10500"),
        ("#### 10 500", "10500", "10"),
        ("#### $18", "18", None),
        ("10,5", None, None),
        ("2^3", None, None),
        ("1/0", None, None),
        ("####18", "18", None),
        ("#### ...", None, None),
    ],
)
def test_gsm8k_numbers_are_read_from_both_places(text: str, flexible: str | None, strict: str | None) -> None:
    found = read_gsm8k(text, ITEM)
    assert (found.value if isinstance(found, Answer) else None) == (
        {"flexible": flexible, "strict": strict} if flexible else None
    )


def test_a_very_long_text_is_read_in_no_time() -> None:
    assert integer("step 1\n" * 10_000 + r"\boxed{33}") == 33
    assert isinstance(read_gsm8k("1" * 100_000, ITEM), Answer)
    assert integer("\\boxed{" * 20_000) is None
    assert integer("Answer:" + " " * 100_000 + "33") == 33
    assert integer("Answer: mod" + "( mod" * 20_000) is None

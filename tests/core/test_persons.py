"""Names of people: what looks like another's is refused, what many people are called is not."""

from __future__ import annotations

import pytest

from medic_console.core.errors import UsageError
from medic_console.core.persons import check_name


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("ada", "Ada"),
        ("\uff21da", "Ada"),  # full width
        ("Ada  Lee", "Ada Lee"),
        ("AIice", "Alice"),
        ("\u0421\u041e\u0420\u0410", "COPA"),  # Cyrillic alone
        ("\u0441\u043e\u0440\u0430", "Copa"),
        ("\u039a\u0391\u03a1\u0391", "Kapa"),  # Greek alone
        ("Jose\u0301", "Jos\u00e9"),
        ("O\u2019Neil", "O'Neil"),
        ("Anne\u2010Marie", "Anne-Marie"),
        ("d0c", "d0c"),
        ("dOc", "d0c"),
    ],
)
def test_a_name_that_cannot_be_told_from_another_is_refused(name: str, other: str) -> None:
    for new, known in ((name, other), (other, name)):
        with pytest.raises(UsageError, match="There is a reviewer"):
            check_name(new, ["Bob", known])
    check_name(name, ["Bob"])


@pytest.mark.parametrize("name", ["\u0410da", "Ad\u0430", "Dr \u0391da", "P\u0430ul-Ann", "\u13aada"])
def test_a_word_of_several_scripts_is_refused_whoever_is_known(name: str) -> None:
    with pytest.raises(UsageError, match="several scripts"):
        check_name(name, [])


@pytest.mark.parametrize("sign", ["\ufe0f", "\u3164", "\u034f", "\u200b", "\u202e", "\u2800", "\x1b", "\U000e0101"])
def test_a_name_with_a_sign_that_cannot_be_seen_is_refused(sign: str) -> None:
    with pytest.raises(UsageError, match="cannot be seen") as caught:
        check_name(f"Ada{sign}", [])
    assert sign not in caught.value.message


def test_people_of_many_languages_are_told_apart() -> None:
    known = ["Ada", "Ian", "Jose", "Lee"]
    for name in (
        "Lan",
        "Jos\u00e9", "Dr \u0418\u0432\u0430\u043d\u043e\u0432", "\u5c71\u7530\u305f\u308d\u3046",
        "\uae40\ucca0\uc218", "\u0645\u062d\u0645\u062f", "Fran\u00e7ois-Ren\u00e9", "r1", "r2",
        "\u0926\u0940\u092a\u093e",
    ):  # fmt: skip
        check_name(name, known)
        known.append(name)

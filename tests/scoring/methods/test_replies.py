from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.core.records import Label
from medic_console.scoring.methods.replies import parse_questions, read_label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("YES", Label.YES),
        ("yes.", Label.YES),
        (" **No** \n", Label.NO),
        ("`IDK`", Label.IDK),
        ("I don't know.", Label.IDK),
        ("I don’t  know", Label.IDK),
        ("I do not know", Label.IDK),
        ("UNKNOWN", None),
        ("Yes, it does", None),
        ("YES NO", None),
        ("nothing", None),
        ("", None),
    ],
)
def test_a_label_is_the_whole_reply(text: str, label: Label | None) -> None:
    assert read_label(text) is label


@given(st.text())
def test_a_reply_is_read_only_when_its_letters_are_a_label(text: str) -> None:
    label = read_label(text)
    if label is not None:
        letters = "".join(character for character in text.casefold() if character.isalpha())
        assert letters in ("yes", "no", "idk", "idontknow", "idonotknow")


@pytest.mark.parametrize(
    "text",
    [
        '["Is it warm?", "Did he fall?"]',
        '[{"question": "Is it warm?"}, {"question": "Did he fall?", "answer": "YES"}]',
        '```json\n["Is it warm?",\n"Did he fall?"]\n```',
        'Here [1] is the list: ["Is it warm?", "Did he fall?"] Done.',
        '{"questions": ["Is it warm?", "Did he fall?"]}',
        '["Is it  warm?", "Did he\nfall?",]',
    ],
)
def test_a_list_is_found_in_any_wrapping(text: str) -> None:
    parsed = parse_questions(text, 10)
    assert parsed.questions == ("Is it warm?", "Did he fall?")
    assert (parsed.dropped, parsed.repaired) == ((), False)


def test_what_is_dropped_comes_with_its_reason() -> None:
    listed = [
        "Is it warm?",
        "is it WARM",
        "",
        "What is it?",
        7,
        {"answer": "YES"},
        "Did he fall?",
        "Is he old?",
    ]
    parsed = parse_questions(json.dumps(listed), 2)
    assert parsed.questions == ("Is it warm?", "Did he fall?")
    assert parsed.dropped == (
        ("is it WARM", "asked before"),
        ("", "empty"),
        ("What is it?", "not a closed question"),
        ("7", "not a question"),
        ('{"answer": "YES"}', "not a question"),
        ("Is he old?", "over the limit of 2"),
    )


def test_of_a_list_that_breaks_off_the_whole_entries_are_kept() -> None:
    parsed = parse_questions('["Is it warm?", "Did he fa', 10)
    assert parsed.questions == ("Is it warm?",)
    assert parsed.repaired
    assert parsed.dropped == (('"Did he fa', "the list broke off here"),)


@pytest.mark.parametrize(
    "text", ["", "no list", "[]", "[1, 2]", "[" * 5_000, '[{"a": ' * 3_000], ids=lambda text: text[:9]
)
def test_without_a_list_there_are_no_questions(text: str) -> None:
    assert parse_questions(text, 10).questions == ()


@pytest.mark.parametrize("half", ["\\ud800", "\\udbff", "\\udfff"])
def test_a_question_that_is_not_unicode_text_is_dropped(half: str) -> None:
    parsed = parse_questions(f'["Is it {half}?", "Is it warm?"]', 5)
    assert parsed.questions == ("Is it warm?",)
    assert [reason for _, reason in parsed.dropped] == ["not Unicode text"]


@given(st.lists(st.text()), st.integers(0, 5), st.integers(0, 40))
def test_kept_questions_are_distinct_within_the_limit_and_none_is_lost(listed: list[str], limit: int, cut: int) -> None:
    text = json.dumps(listed)
    whole, part = parse_questions(text, limit), parse_questions(text[:cut], limit)
    for parsed in (whole, part):
        assert len(parsed.questions) <= limit
        assert len(set(parsed.questions)) == len(parsed.questions)
    assert not whole.repaired
    if listed:
        assert len(whole.questions) + len(whole.dropped) == len(listed)


@given(st.text(alphabet='[]{}",:\\ aW1\n'))
def test_any_reply_can_be_parsed(text: str) -> None:
    parse_questions(text, 3)

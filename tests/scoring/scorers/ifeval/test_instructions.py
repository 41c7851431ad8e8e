"""Rules: google-research, instruction_following_eval/instructions.py; every case is worked by hand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medic_console.scoring.scorers.ifeval.adherence import followed, loose_versions
from medic_console.scoring.scorers.ifeval.instructions import INSTRUCTIONS, build

AT_LEAST = {"relation": "at least"}
LESS_THAN = {"relation": "less than"}

CASES: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "change_case:capital_word_frequency",
        {"capital_frequency": 2, "capital_relation": "at least"},
        "An ECG, then X-RAY.",
        "An ECG, then an X-ray.",
    ),
    (
        "change_case:capital_word_frequency",
        {"capital_frequency": 2, "capital_relation": "less than"},
        "One ECG.",
        "ECG and MRI.",
    ),
    ("change_case:english_capital", {}, "PLEASE WASH YOUR HANDS BEFORE YOU ENTER THE WARD.", "PLEASE WASH YOUR hands."),
    ("change_case:english_capital", {}, "THE DOCTOR WILL SEE YOU NOW.", "BITTE WASCHEN SIE SICH DIE HÄNDE GRÜNDLICH."),
    ("change_case:english_lowercase", {}, "please wash your hands before you enter.", "Please wash your hands."),
    ("change_case:english_lowercase", {}, "the doctor will see you now.", "bitte waschen sie sich die hände."),
    (
        "combination:repeat_prompt",
        {"prompt_to_repeat": "Name a vein. "},
        " name a VEIN. Cephalic.",
        "Sure. Name a vein.",
    ),
    ("combination:two_responses", {}, "Rest.\n******\nSleep.", "Rest.\n******\nRest. "),
    ("combination:two_responses", {}, "****** Rest. ****** Sleep. ******", "Rest. ****** ****** Sleep."),
    (
        "detectable_content:number_placeholders",
        {"num_placeholders": 2},
        "Dear [name], on [day]",
        "Dear [name\n], [day]",
    ),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}, "Bye.\np. s. call us", "Bye.\nPS: call us"),
    ("detectable_content:postscript", {"postscript_marker": "P.P.S"}, "Bye. P. P.S call", "Bye. P.S. call"),
    ("detectable_content:postscript", {"postscript_marker": "Note (1)"}, "Bye. note (1): call", "Bye. note 1: call"),
    ("detectable_format:constrained_response", {}, "Well: My answer is maybe. Or not.", "My answer is Yes."),
    ("detectable_format:json_format", {}, '```json\n{"dose": 5}\n```', 'Here: {"dose": 5}'),
    ("detectable_format:json_format", {}, "[1, 2]", "{dose: 5}"),
    (
        "detectable_format:multiple_sections",
        {"section_spliter": "Section", "num_sections": 2},
        "Section 1\nrest\nSection2 sleep",
        "Section 1\nrest\nSECTION 2 sleep",
    ),
    ("detectable_format:number_bullet_lists", {"num_bullets": 2}, "So:\n* rest\n  - sleep", "* rest\n* sleep\n- eat"),
    ("detectable_format:number_bullet_lists", {"num_bullets": 1}, "**Bold** line\n* rest", "**Bold** line\n+ rest"),
    (
        "detectable_format:number_highlighted_sections",
        {"num_highlights": 2},
        "*rest* and **sleep**",
        "*rest* and ** **",
    ),
    ("detectable_format:title", {}, "<<Sleep>>\nGo to bed.", "<<>>\n<< >>\n<Sleep>"),
    ("keywords:existence", {"keywords": ["dose", "route"]}, "Overdose by any ROUTE.", "The dose only."),
    ("keywords:forbidden_words", {"forbidden_words": ["pain", "ill"]}, "Painless pills.", "No Pain."),
    ("keywords:frequency", {"keyword": "dose ", "frequency": 2} | AT_LEAST, "Dose, then overdose.", "One dose."),
    ("keywords:frequency", {"keyword": "dose", "frequency": 2} | LESS_THAN, "One dose.", "Dose by dose."),
    (
        "keywords:letter_frequency",
        {"letter": "Q", "let_frequency": 2, "let_relation": "at least"},
        "Quite quick.",
        "Quite.",
    ),
    ("keywords:letter_frequency", {"letter": "#", "let_frequency": 1, "let_relation": "less than"}, "One.", "# One."),
    (
        "language:response_language",
        {"language": "de"},
        "Bitte nehmen Sie die Tablette abends.",
        "Please take it daily.",
    ),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "Rest"},
        'First.\n\n "rest, then sleep.',
        "First.\n\nRestful days.",
    ),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 1, "first_word": "rest"},
        "Rest's good.\n\nSleep.\n\n ",
        "Rest.\n\nSleep.\n\nEat.",
    ),
    (
        "length_constraints:number_paragraphs",
        {"num_paragraphs": 2},
        "***\nRest.\n***\nSleep.\n",
        "Rest. *** *** Sleep.",
    ),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 1}, "Rest.\n\nSleep.", "Rest.***Sleep."),
    ("length_constraints:number_sentences", {"num_sentences": 2} | AT_LEAST, "Rest. Sleep!", "Rest, Dr. Lee"),
    ("length_constraints:number_sentences", {"num_sentences": 2} | LESS_THAN, "Take 2.5 mg.", "Rest? Sleep."),
    ("length_constraints:number_words", {"num_words": 4} | AT_LEAST, "Don't sit up", "Stay in bed-"),
    ("length_constraints:number_words", {"num_words": 4} | LESS_THAN, "Stay in bed.", "Don't sit up."),
    ("punctuation:no_comma", {}, "Rest; then sleep.", "Rest, then sleep."),
    ("startend:end_checker", {"end_phrase": "Sleep well."}, 'Bye. "sleep WELL."\n', "Sleep well. Bye."),
    ("startend:quotation", {}, ' "Rest." ', '"'),
    ("startend:quotation", {}, '""', "“Rest.”"),
    ("startend:quotation", {}, '"Rest." "Sleep."', 'Rest."'),
    ("startend:quotation", {}, '"Rest."', '"Rest.'),
]


def test_every_type_has_a_case_and_there_are_25() -> None:
    assert {name for name, *_ in CASES} == set(INSTRUCTIONS)
    assert len(INSTRUCTIONS) == 25


@pytest.mark.parametrize(("name", "arguments", "good", "bad"), CASES)
def test_a_text_that_follows_passes_and_one_that_does_not_fails(
    name: str, arguments: dict[str, Any], good: str, bad: str
) -> None:
    check = build(name, arguments)
    assert check(good) is True
    assert check(bad) is False


def test_a_text_whose_language_cannot_be_told_counts_as_followed() -> None:
    assert build("language:response_language", {"language": "de"})("12345")


def test_json_too_deep_to_read_is_no_json() -> None:
    assert not build("detectable_format:json_format", {})("[" * 100_000)


def test_an_unknown_type_is_named() -> None:
    with pytest.raises(ValueError, match="'keywords:rhyme' is none of the 25"):
        build("keywords:rhyme", {})


@pytest.mark.parametrize(
    ("name", "arguments", "named"),
    [
        ("detectable_format:number_bullet_lists", {}, "num_bullets is missing"),
        ("detectable_format:number_bullet_lists", {"num_bullets": "3"}, "num_bullets must be a whole number"),
        ("detectable_format:number_bullet_lists", {"num_bullets": -1}, "num_bullets must be a whole number"),
        ("keywords:existence", {"keywords": []}, "keywords must be a list"),
        ("keywords:existence", {"keywords": "dose"}, "keywords must be a list"),
        ("startend:end_checker", {"end_phrase": " "}, "end_phrase must be a text"),
        ("length_constraints:number_words", {"num_words": 3, "relation": "at most"}, "relation must be"),
        (
            "keywords:letter_frequency",
            {"letter": "ab", "let_frequency": 1, "let_relation": "at least"},
            "one character",
        ),
        (
            "length_constraints:nth_paragraph_first_word",
            {"num_paragraphs": 2, "nth_paragraph": 3, "first_word": "a"},
            "nth_paragraph must be 1 to 2",
        ),
    ],
)
def test_an_argument_that_cannot_be_used_is_named_before_any_text(
    name: str, arguments: dict[str, Any], named: str
) -> None:
    with pytest.raises(ValueError, match=named) as caught:
        build(name, arguments)
    assert name in str(caught.value)


PARTS = st.sampled_from(
    ["*", "**", "***", "******", "\n", "\n\n", " ", "[", "]", "<<", ">>", '"', "'", ".", "?", "P.S.", "1.", "A", "word"]
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(PARTS, max_size=20).map("".join))


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_no_text_makes_a_check_raise_and_strict_implies_loose(text: str) -> None:
    for name, arguments, *_ in CASES:
        check = build(name, arguments)
        if followed(check, [text]):
            assert followed(check, loose_versions(text))
        assert check(text) in (True, False)


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["[", "<<", "*", "* ", "\n", " ", "-", '"', "a", "A.", ".", "Section ", "P.", "n't"])
def test_long_answers_take_no_more_than_linear_time(piece: str) -> None:
    # A quadratic pattern would need minutes for these, and the test would not end.
    text = piece * 100_000
    for name, arguments, *_ in CASES:
        if not name.startswith(("language", "change_case:english")):
            assert build(name, arguments)(text) in (True, False)

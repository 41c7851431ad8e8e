"""The 25 types of instruction by their official id (google-research, `instructions_registry.py`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from medic_console.scoring.scorers.ifeval import layout, wording
from medic_console.scoring.scorers.ifeval.arguments import Arguments, Check

INSTRUCTIONS: Mapping[str, Callable[[Arguments], Check]] = MappingProxyType(
    {
        "change_case:capital_word_frequency": wording.capital_word_frequency,
        "change_case:english_capital": wording.english_capital,
        "change_case:english_lowercase": wording.english_lowercase,
        "combination:repeat_prompt": wording.repeat_prompt,
        "combination:two_responses": layout.two_responses,
        "detectable_content:number_placeholders": layout.number_placeholders,
        "detectable_content:postscript": wording.postscript,
        "detectable_format:constrained_response": layout.constrained_response,
        "detectable_format:json_format": layout.json_format,
        "detectable_format:multiple_sections": layout.multiple_sections,
        "detectable_format:number_bullet_lists": layout.number_bullet_lists,
        "detectable_format:number_highlighted_sections": layout.number_highlighted_sections,
        "detectable_format:title": layout.title,
        "keywords:existence": wording.existence,
        "keywords:forbidden_words": wording.forbidden_words,
        "keywords:frequency": wording.frequency,
        "keywords:letter_frequency": wording.letter_frequency,
        "language:response_language": wording.response_language,
        "length_constraints:nth_paragraph_first_word": layout.nth_paragraph_first_word,
        "length_constraints:number_paragraphs": layout.number_paragraphs,
        "length_constraints:number_sentences": layout.number_sentences,
        "length_constraints:number_words": layout.number_words,
        "punctuation:no_comma": wording.no_comma,
        "startend:end_checker": wording.end_checker,
        "startend:quotation": wording.quotation,
    }
)


def build(instruction: str, given: Arguments) -> Check:
    """Return the check of one instruction.

    Raises:
        ValueError: The id is unknown or an argument cannot be used; names both.
    """
    if instruction not in INSTRUCTIONS:
        raise ValueError(f"the instruction {instruction!r} is none of the {len(INSTRUCTIONS)} known types")
    try:
        return INSTRUCTIONS[instruction](given)
    except ValueError as error:
        raise ValueError(f"the instruction {instruction!r} cannot be checked: {error}") from error

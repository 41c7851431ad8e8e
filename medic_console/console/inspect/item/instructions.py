"""Verifiable instructions one by one: followed or not, strictly and loosely, with their arguments in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from textual.content import Content

from medic_console.archive.views import ItemTrace
from medic_console.console.glyphs import State
from medic_console.console.inspect.item.parts import ItemView, asked_text, verdict
from medic_console.console.inspect.trace_parts import joined, section
from medic_console.console.text import count, one_line, plain
from medic_console.scoring.scorers.ifeval.adherence import followed, loose_versions
from medic_console.scoring.scorers.ifeval.instructions import build

Words = Callable[[Mapping[str, Any]], str]
_FOLLOWED, _LOOSELY = State("✓", "followed", "label-yes"), State("○", "loosely followed", "label-idk")
_NOT, _UNUSABLE = State("✗", "not followed", "label-no"), State("–", "cannot be checked", "score-unscored")

_LOOSE_RULE = "Loosely: the answer follows it without its first or last line, or without asterisks."


def view(trace: ItemTrace) -> ItemView:
    """Return request and answer on the left, the instructions on the right."""
    text = trace.answer.text if trace.answer else ""
    left = [section("request", plain(asked_text(trace))), section("answer", plain(text) or ("empty", "$muted"))]
    checked = [_instruction(entry, text) for entry in trace.gold or ()]
    right = [verdict(trace), section("instructions", Content("\n").join(checked))]
    if any(_LOOSELY.word in one.plain for one in checked):
        right.append(Content.styled(_LOOSE_RULE, "$muted"))
    return ItemView("Request and answer", joined(left), "Instructions", joined(right))


def _instruction(entry: Mapping[str, Any], text: str) -> Content:
    name, given = str(entry.get("id", "")), entry.get("kwargs") or {}
    try:
        check = build(name, given)
    except ValueError as error:
        state, note = _UNUSABLE, plain(str(error))
    else:
        strict, loose = followed(check, [text]), followed(check, loose_versions(text))
        state, note = (_FOLLOWED if strict else _LOOSELY if loose else _NOT), in_words(name, given)
    return Content.assemble((state.text, f"bold ${state.variable}"), f"  {note}\n", (f"  {one_line(name)}\n", "$muted"))


def in_words(name: str, given: Mapping[str, Any]) -> str:
    """Return what an instruction asks for, with its arguments; an unknown one by its name."""
    if name not in WORDS:
        return one_line(name)
    try:
        return plain(WORDS[name](given))
    except KeyError as error:
        return f"{one_line(name)}: its {error.args[0]} is missing"


def _quoted(words: Any) -> str:
    return ", ".join(f'"{word}"' for word in (words if isinstance(words, list) else [words]))


def _relation(given: Mapping[str, Any], relation: str, number: str, noun: str) -> str:
    wanted = given[number]
    shown = count(wanted, noun) if isinstance(wanted, int) else f"{wanted} {noun}s"
    return f"{given[relation]} {shown}"


def _times(given: Mapping[str, Any], relation: str, number: str) -> str:
    return _relation(given, relation, number, "time")


WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "change_case:capital_word_frequency": lambda g: (
            "Words all in capitals: " + _times(g, "capital_relation", "capital_frequency")
        ),
        "change_case:english_capital": lambda _: "The answer is English in capital letters only.",
        "change_case:english_lowercase": lambda _: "The answer is English in small letters only.",
        "combination:repeat_prompt": lambda g: f"The answer begins with the request: {_quoted(g['prompt_to_repeat'])}",
        "combination:two_responses": lambda _: "Two different answers, with ****** between them.",
        "detectable_content:number_placeholders": lambda g: (
            "At least " + f"{count(g['num_placeholders'], 'placeholder')} in square brackets."
        ),
        "detectable_content:postscript": lambda g: f"A postscript that starts with {_quoted(g['postscript_marker'])}.",
        "detectable_format:constrained_response": lambda _: "One of the three allowed answers occurs.",
        "detectable_format:json_format": lambda _: "The whole answer is JSON.",
        "detectable_format:multiple_sections": lambda g: (
            f"At least {count(g['num_sections'], 'section')}, each headed "
            + f"{_quoted(g['section_spliter'])} and a number."
        ),
        "detectable_format:number_bullet_lists": lambda g: f"Exactly {count(g['num_bullets'], 'bullet point')}.",
        "detectable_format:number_highlighted_sections": lambda g: (
            "At least " + f"{count(g['num_highlights'], 'part')} between *asterisks*."
        ),
        "detectable_format:title": lambda _: "A title between << and >>.",
        "keywords:existence": lambda g: f"The answer holds {_quoted(g['keywords'])}.",
        "keywords:forbidden_words": lambda g: f"The answer does not hold {_quoted(g['forbidden_words'])}.",
        "keywords:frequency": lambda g: (
            f"The word {_quoted(g['keyword'])} occurs {_times(g, 'relation', 'frequency')}."
        ),
        "keywords:letter_frequency": lambda g: (
            f"The letter {_quoted(g['letter'])} occurs " + f"{_times(g, 'let_relation', 'let_frequency')}."
        ),
        "language:response_language": lambda g: (
            f"The answer is in the language with the code {_quoted(g['language'])}."
        ),
        "length_constraints:nth_paragraph_first_word": lambda g: (
            f"{count(g['num_paragraphs'], 'paragraph')}; paragraph "
            + f"{g['nth_paragraph']} begins with {_quoted(g['first_word'])}."
        ),
        "length_constraints:number_paragraphs": lambda g: (
            f"Exactly {count(g['num_paragraphs'], 'paragraph')}, with *** " + "between them."
        ),
        "length_constraints:number_sentences": lambda g: (
            f"The answer has {_relation(g, 'relation', 'num_sentences', 'sentence')}."
        ),
        "length_constraints:number_words": lambda g: f"The answer has {_relation(g, 'relation', 'num_words', 'word')}.",
        "punctuation:no_comma": lambda _: "The answer holds no comma.",
        "startend:end_checker": lambda g: f"The answer ends with {_quoted(g['end_phrase'])}.",
        "startend:quotation": lambda _: "The whole answer stands in double quotation marks.",
    }
)
"""By the official id of the instruction."""

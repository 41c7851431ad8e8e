"""Instructions on the form of a text: its length and parts, lists, marks and JSON.

Source of the rules: google-research, `instruction_following_eval/instructions.py`. The patterns are written so
that no text of any length takes more than linear time.
"""

from __future__ import annotations

import json
import re

from medic_console.scoring.scorers.ifeval.arguments import Arguments, Check, number, text, within
from medic_console.scoring.scorers.ifeval.tokenization import count_sentences, count_words

_STAR_BULLET = re.compile(r"^[^\S\n]*\*[^*].*$", re.MULTILINE)
_DASH_BULLET = re.compile(r"^[^\S\n]*-.*$", re.MULTILINE)
_HIGHLIGHT = re.compile(r"\*([^\n*]*)\*")
_DOUBLE_HIGHLIGHT = re.compile(r"\*\*([^\n*]*)\*\*")
_FENCES = ("```json", "```Json", "```JSON", "```")
_OPTIONS = ("My answer is yes.", "My answer is no.", "My answer is maybe.")
_WORD_ENDS = re.compile(r"""[.,?!'"]""")


def number_sentences(given: Arguments) -> Check:
    """The sentences are many or few enough (see `words` for what a sentence is)."""
    enough = within(given, "num_sentences", "relation")
    return lambda answer: enough(count_sentences(answer))


def number_words(given: Arguments) -> Check:
    """The words are many or few enough."""
    enough = within(given, "num_words", "relation")
    return lambda answer: enough(count_words(answer))


def number_paragraphs(given: Arguments) -> Check:
    """Exactly so many paragraphs stand between `***`; an empty one is allowed as the first and the last only."""
    wanted = number(given, "num_paragraphs")

    def check(answer: str) -> bool:
        filled = [bool(part.strip()) for part in answer.split("***")]
        return all(filled[1:-1]) and sum(filled) == wanted

    return check


def nth_paragraph_first_word(given: Arguments) -> Check:
    """Exactly so many paragraphs stand between empty lines, and the nth begins with the word.

    Empty paragraphs do not count towards the number, but do towards n, as in the official script.
    """
    wanted, nth = number(given, "num_paragraphs"), number(given, "nth_paragraph")
    first = text(given, "first_word").lower()
    if not 1 <= nth <= wanted:
        raise ValueError(f"its nth_paragraph must be 1 to {wanted}, it is {nth}")

    def check(answer: str) -> bool:
        parts = [part.strip() for part in answer.split("\n\n")]
        if sum(map(bool, parts)) != wanted or not parts[nth - 1]:
            return False
        word = parts[nth - 1].split()[0].lstrip("'").lstrip('"')
        return _WORD_ENDS.split(word)[0].lower() == first

    return check


def number_placeholders(given: Arguments) -> Check:
    """At least so many `[...]` occur, each within a line."""
    wanted = number(given, "num_placeholders")

    def check(answer: str) -> bool:
        # Cut after the last bracket, so that no opening one searches to the line's end in vain.
        lines = (line[: line.rfind("]") + 1] for line in answer.split("\n"))
        return sum(len(re.findall(r"\[.*?\]", line)) for line in lines) >= wanted

    return check


def number_bullet_lists(given: Arguments) -> Check:
    """Exactly so many lines begin with `*`, not followed by another, or with `-`."""
    wanted = number(given, "num_bullets")
    return lambda answer: len(_STAR_BULLET.findall(answer)) + len(_DASH_BULLET.findall(answer)) == wanted


def constrained_response(given: Arguments) -> Check:
    """One of the three allowed answers occurs."""
    return lambda answer: any(option in answer for option in _OPTIONS)


def number_highlighted_sections(given: Arguments) -> Check:
    """At least so many `*...*` or `**...**` that are not blank occur, each within a line."""
    wanted = number(given, "num_highlights")

    def check(answer: str) -> bool:
        found = [*_HIGHLIGHT.findall(answer), *_DOUBLE_HIGHLIGHT.findall(answer)]
        return sum(bool(part.strip()) for part in found) >= wanted

    return check


def multiple_sections(given: Arguments) -> Check:
    """At least so many headings occur: the given word, then a number."""
    pattern, wanted = re.compile(re.escape(text(given, "section_spliter")) + r"\s?\d"), number(given, "num_sections")
    return lambda answer: len(pattern.findall(answer)) >= wanted


def json_format(given: Arguments) -> Check:
    """The whole text is one JSON value, in a Markdown fence or not."""

    def check(answer: str) -> bool:
        bare = answer.strip()
        for fence in _FENCES:
            bare = bare.removeprefix(fence)
        try:
            json.loads(bare.removesuffix("```").strip())
        except (ValueError, RecursionError):
            return False
        return True

    return check


def title(given: Arguments) -> Check:
    """A line holds `<<...>>` with something between."""

    def titled(line: str) -> bool:
        start, end = line.find("<<"), line.rfind(">>")
        return 0 <= start < end and bool(line[start:end].lstrip("<").rstrip(">").strip())

    return lambda answer: any(map(titled, answer.split("\n")))


def two_responses(given: Arguments) -> Check:
    """Two different texts stand on the two sides of `******`; an empty part is allowed at either end only."""

    def check(answer: str) -> bool:
        parts = [part.strip() for part in answer.split("******")]
        filled = [part for part in parts if part]
        return all(parts[1:-1]) and len(filled) == 2 and filled[0] != filled[1]

    return check

"""Instructions on the words of a text: keywords, letters, language, case, commas, opening and closing words.

Source of the rules: google-research, `instruction_following_eval/instructions.py`. Keywords are taken as plain
text; the official script takes them as patterns, which is the same for every keyword of its data.
"""

from __future__ import annotations

import re
from typing import Protocol, cast

from medic_console.scoring.scorers.ifeval.arguments import Arguments, Check, text, texts, within
from medic_console.scoring.scorers.ifeval.tokenization import count_capital_words

_POSTSCRIPTS = {"P.S.": r"p\.\s?s\.", "P.P.S": r"p\.\s?p\.\s?s"}


def existence(given: Arguments) -> Check:
    """Every keyword occurs, in any case, inside words too."""
    keywords = [word.lower() for word in texts(given, "keywords")]
    return lambda answer: all(word in answer.lower() for word in keywords)


def frequency(given: Arguments) -> Check:
    """The keyword occurs often or seldom enough, in any case, inside words too."""
    keyword, enough = text(given, "keyword").lower(), within(given, "frequency", "relation")
    return lambda answer: enough(answer.lower().count(keyword))


def forbidden_words(given: Arguments) -> Check:
    """None of the words occurs as a whole word, in any case."""
    words = "|".join(map(re.escape, texts(given, "forbidden_words")))
    pattern = re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    return lambda answer: not pattern.search(answer)


def letter_frequency(given: Arguments) -> Check:
    """The letter occurs often or seldom enough, in any case.

    Two official records ask for `#` and `!`; the official script draws a random letter in their place, here the
    character itself is counted.
    """
    letter, enough = text(given, "letter").lower(), within(given, "let_frequency", "let_relation")
    if len(letter) != 1:
        raise ValueError(f"its letter must be one character, it is {letter!r}")
    return lambda answer: enough(answer.lower().count(letter))


def response_language(given: Arguments) -> Check:
    """The text is in the language."""
    code = text(given, "language")
    return lambda answer: is_language(answer, code)


def english_capital(given: Arguments) -> Check:
    """The text is English without a small letter."""
    return lambda answer: answer.isupper() and is_language(answer, "en")


def english_lowercase(given: Arguments) -> Check:
    """The text is English without a capital letter."""
    return lambda answer: answer.islower() and is_language(answer, "en")


def capital_word_frequency(given: Arguments) -> Check:
    """Words all in capitals are many or few enough."""
    enough = within(given, "capital_frequency", "capital_relation")
    return lambda answer: enough(count_capital_words(answer))


def no_comma(given: Arguments) -> Check:
    """The text holds no comma."""
    return lambda answer: "," not in answer


def postscript(given: Arguments) -> Check:
    """The marker occurs anywhere, in any case; after a dot inside it may stand a blank."""
    marker = text(given, "postscript_marker")
    pattern = re.compile(_POSTSCRIPTS.get(marker, re.escape(marker.lower())))
    return lambda answer: pattern.search(answer.lower()) is not None


def end_checker(given: Arguments) -> Check:
    """The text ends with the phrase, in any case; blanks and then double quotes around the text do not count."""
    phrase = text(given, "end_phrase").lower()
    return lambda answer: answer.strip().strip('"').lower().endswith(phrase)


def quotation(given: Arguments) -> Check:
    """The text begins and ends with a straight double quotation mark."""

    def wrapped(answer: str) -> bool:
        bare = answer.strip()
        return len(bare) > 1 and bare[0] == bare[-1] == '"'

    return wrapped


def repeat_prompt(given: Arguments) -> Check:
    """The text begins with the request, in any case."""
    request = text(given, "prompt_to_repeat").lower()
    return lambda answer: answer.strip().lower().startswith(request)


class _Detect(Protocol):
    def __call__(self, text: str, /) -> str: ...


def is_language(text: str, code: str) -> bool:
    """Tell whether the text is in a language; one whose language cannot be told counts, as in the official script.

    langdetect draws random samples; the official script leaves it unseeded, so that a short text may change
    sides there from run to run.

    Args:
        code: ISO 639-1, such as "de".
    """
    # Imported on use: its profiles take half a second.
    import langdetect

    langdetect.DetectorFactory.seed = 0
    try:
        return cast(_Detect, langdetect.detect)(text) == code
    except langdetect.LangDetectException:
        return True

"""Read a one-word verdict: yes, no or maybe."""

from __future__ import annotations

import re

from medic_console.records import Answer, Item, NoAnswer, Reason

_MARKS = re.compile(r"[*`\"'“”‘’]|__")
_CLAIM = re.compile(
    r"\b(?:answer|decision|conclusion|verdict)\b(?:[ \t]+to\b[^\n.:]{1,60}?)?"
    r"[ \t]*(?:is\b[ \t]*:?|[:=])[ \t]*(?P<rest>[^\n]+)",
    re.IGNORECASE,
)
_BOXED = re.compile(r"\\boxed\s*\{\s*(?:\\text\s*\{)?\s*(?P<rest>[^{}]{1,12}?)\s*\}")
_ENDS = r"(?=\s*$|\s*[.,;:!)\]\n–—]|\s+-\s|\s+(?:because|since|as|based|given|due)\b)"


def read_word(text: str, item: Item) -> Answer | NoAnswer:
    r"""Return the option that the text claims, in any case.

    A lone word, "answer: yes", "the answer is no", `\boxed{maybe}` and a line of that word alone are claims. Where
    there is none, a text that opens with the word and a mark ("Yes, ...") is one; "No difference ..." is not. Claims
    of two different words are unreadable.

    Args:
        text: Not blank.
        item: The keys of `fields["options"]` are the words.
    """
    words = {str(word).casefold(): str(word) for word in item.fields["options"]}
    plain = _MARKS.sub("", text).strip()
    any_word = "|".join(map(re.escape, words))
    found = _claims(plain, any_word) or _opening(plain, any_word)
    if len(found) == 1:
        word = words[found.pop()]
        return Answer(word, word)
    if found:
        return NoAnswer(Reason.UNREADABLE, f"several answers claimed: {', '.join(sorted(found))}")
    return NoAnswer(Reason.UNREADABLE, f"none of {', '.join(words)} claimed")


def _claims(text: str, any_word: str) -> set[str]:
    found: set[str] = set()
    for match in (*_CLAIM.finditer(text), *_BOXED.finditer(text)):
        found |= _claimed(match["rest"], any_word)
    for line in text.splitlines():
        alone = re.fullmatch(rf"[\s\-(\[]*({any_word})[\s.)\]!]*", line, re.IGNORECASE)
        found |= {alone[1].casefold()} if alone else set()
    return found


def _claimed(rest: str, any_word: str) -> set[str]:
    """Return the words that a claim names: one, or several joined by "or", "and", a comma or a slash."""
    several = re.match(rf"[\s(\[]*(?:{any_word})(?:\s*(?:/|,|\bor\b|\band\b)\s*(?:{any_word})\b)+", rest, re.IGNORECASE)
    if several:
        return {word.casefold() for word in re.findall(rf"\b(?:{any_word})\b", several[0], re.IGNORECASE)}
    one = re.match(rf"[\s(\[]*({any_word})\b{_ENDS}", rest, re.IGNORECASE)
    return {one[1].casefold()} if one else set()


def _opening(text: str, any_word: str) -> set[str]:
    first = text.split("\n", 1)[0]
    return _claimed(first, any_word)

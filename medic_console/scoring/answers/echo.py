"""Does a sentence behind "yes" or "no" state the opposite, in the question's own words?

"No, mitochondria play a role in it.", asked "Do mitochondria play a role in it?", says two things. A sentence counts
as the question's own where at least four fifths of the words of each stand in the other; one that weakens it ("only",
"less") may go with "no", and a question that is itself negated is left alone.
"""

from __future__ import annotations

import re

_BEHIND = re.compile(r"\b(?P<word>yes|no)[\"')*\]}]*\s*[,;:.!–—-]\s*(?P<sentence>[^.!?\n]+)", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_CONTRACTED = re.compile(r"n['’]t\b", re.IGNORECASE)
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|cannot|nobody|nothing|hardly|rarely|seldom|barely|scarcely"
    r"|fail(?:s|ed|ing)?|lacks?|absen(?:t|ce)|unlikely)\b",
    re.IGNORECASE,
)
_PLAIN_NEGATION = re.compile(r"\b(?:not|no|never|cannot)\b", re.IGNORECASE)
_WEAKENED = re.compile(
    r"\b(?:only|less|lower|few(?:er)?|little|low|poor(?:ly)?|weak(?:ly)?|minimal(?:ly)?|limited|insufficient|unclear"
    r"|uncertain|inconclusive|similar(?:ly)?|same|equal(?:ly)?|comparable|rather|instead|but|however|although|though"
    r"|while|unless|if|may|might|could|sometimes|opposite|different(?:ly)?|un\w+|in(?:effective|adequate|accurate)\w*)\b",
    re.IGNORECASE,
)
_EMPTY = re.compile(
    r"an?|the|is|are|was|were|be|been|being|am|do|does|did|has|have|had|can|could|should|will|would|may|might|must|shall"
    r"|its?|this|that|these|those|there|of|in|on|at|to|for|by|with|from|as|and|or|not|no|never|cannot"
)
_ALIKE = 0.8
"""Least share of the words of each side that stand in the other."""
_LEAST = 2
"""Words that a question must have to be told from others."""


def contradicts_itself(text: str, word: str, question: str) -> bool:
    """Tell whether a sentence behind the word states what the other word would say.

    Args:
        text: Plain.
        word: "yes" or "no", which the text claims; any other contradicts nothing.
        question: What was asked; may be empty.
    """
    text, question = _CONTRACTED.sub(" not", text), _CONTRACTED.sub(" not", question)
    asked = _words(question)
    if len(asked) < _LEAST or _NEGATION.search(question):
        return False
    for match in _BEHIND.finditer(text):
        sentence = match["sentence"]
        if match["word"].casefold() != word or not _alike(_words(sentence), asked):
            continue
        if word == "no" and not _NEGATION.search(sentence) and not _WEAKENED.search(sentence):
            return True
        if word == "yes" and len(_PLAIN_NEGATION.findall(sentence)) == 1:
            return True
    return False


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    shared = len(one & other)
    return bool(one) and shared >= _ALIKE * len(one) and shared >= _ALIKE * len(other)


def _words(text: str) -> frozenset[str]:
    """Return the stems of the words that carry meaning."""
    found = (word for word in map(str.casefold, _WORD.findall(text)) if not _EMPTY.fullmatch(word))
    return frozenset(re.sub(r"(?<=\w{3})(?:ing|ed|es|s|d|e)$", "", word) for word in found)

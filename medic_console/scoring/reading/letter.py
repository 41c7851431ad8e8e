"""Read the chosen option of a multiple-choice item."""

from __future__ import annotations

import re
from collections.abc import Mapping

from medic_console.records import Answer, Item, NoAnswer, Reason

_BOXED = re.compile(r"\\boxed\s*\{\s*(?:\\text\s*\{)?\s*\(?([^{}()]{1,12}?)\)?\s*\}")
_CLAIM = re.compile(
    r"\banswer\b\s*(?:choice|option)?\s*(?:is|[:=])\s*:?\s*(?P<rest>[^\n]+)"
    r"|\banswer\s+(?:choice|option)?\s*(?=[(A-Z0-9])(?P<bare>[^\n]+)",
    re.IGNORECASE,
)
_AFTER_LABEL = r"(?=\s*$|\s*[.,;:)\]\-–—\"']|\s+(?:because|since|as|which|is|due|based|given)\b)"


def read_letter(text: str, item: Item) -> Answer | NoAnswer:
    r"""Return the label that the text claims.

    A lone label, an option's text, "answer: B", "the answer is B", `\boxed{B}` and "B is correct" are claims,
    as is a line that holds only a label. Where there is none of these, a line that begins "B." or "(B)" is
    one. Claims of two different labels are unreadable: nothing is drawn or guessed.

    Args:
        text: Not blank.
        item: `fields["options"]` maps each label to its text.
    """
    options: Mapping[str, str] = item.fields["options"]
    labels = {_fold(label): label for label in options}
    plain = text.replace("*", "").replace("`", "").replace("__", "").strip()
    whole = _label_or_option(plain, options)
    found = {whole} if whole else _claims(plain, options) or _openings(plain, options)
    if len(found) == 1:
        label = labels[_fold(found.pop())]
        return Answer(label, label)
    if found:
        return NoAnswer(Reason.UNREADABLE, f"several options claimed: {', '.join(sorted(found))}")
    return NoAnswer(Reason.UNREADABLE, "no option claimed")


def _fold(text: str) -> str:
    return " ".join(text.casefold().split()).strip(" .,;:()[]{}\"'")


def _label_or_option(text: str, options: Mapping[str, str]) -> str | None:
    """Return the label when the text is nothing but a label or exactly one option's text."""
    folded = _fold(text)
    for label in options:
        if folded == _fold(label):
            return label
    same = [label for label, option in options.items() if _fold(str(option)) == folded]
    return same[0] if len(same) == 1 and folded else None


def _claims(text: str, options: Mapping[str, str]) -> set[str]:
    """Return the labels that are claimed in so many words, or stand alone on a line."""
    found: set[str] = set()
    for match in _BOXED.finditer(text):
        found |= {label for label in options if _fold(label) == _fold(match[1])}
    for match in _CLAIM.finditer(text):
        found |= _claimed(match["rest"] or match["bare"], options)
    any_label = _alternatives(options)
    says = rf"(?<!\w)\(?({any_label})\)?\s+is\s+(?:the\s+)?(?:correct|right|best)\b"
    found |= {match[1] for match in re.finditer(says, text)}
    lines = {_fold(line) for line in text.splitlines()}
    return found | {label for label in options if _fold(label) in lines}


def _claimed(rest: str, options: Mapping[str, str]) -> set[str]:
    """Return the labels that the words after "answer is" name."""
    whole = _label_or_option(rest, options)
    if whole:
        return {whole}
    label = _alternatives(options)
    joined = rf"\(?({label})\)?(?:\s*(?:,|/|&|\band\b|\bor\b)\s*\(?({label})\)?)+{_AFTER_LABEL}"
    several = re.match(rf"[\s(\[\"']*{joined}", rest)
    if several:
        return set(re.findall(rf"(?<!\w)({label})(?!\w)", several[0]))
    one = re.match(rf"(?:option\s+|choice\s+)?[\s(\[\"']*({label}){_AFTER_LABEL}", rest)
    if one:
        return {one[1]}
    said = _fold(rest)
    return {name for name, option in options.items() if said.startswith(_fold(f"{name} {option}"))}


def _openings(text: str, options: Mapping[str, str]) -> set[str]:
    """Return the labels that open a line ("B. text", "(B) text"), and options that fill one."""
    label = _alternatives(options)
    found = set(re.findall(rf"(?m)^[ \t\-]*(?:\(({label})\)|({label})[.):])", text))
    openings = {name for pair in found for name in pair if name}
    lines = {_fold(line) for line in text.splitlines()} - {""}
    filled = {name for name in options if _fold(str(options[name])) in lines}
    return openings | filled


def _alternatives(options: Mapping[str, str]) -> str:
    return "|".join(re.escape(label) for label in sorted(options, key=len, reverse=True))

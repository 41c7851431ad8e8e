r"""Read the chosen option of a multiple-choice item.

A claim is what a text says of its answer, on any line or within one:

- an answer that is marked: "Answer: B", "The correct option is B", "Ans: B", "my choice is (B)", "答案：B";
- `\boxed{B}`, `<answer>B</answer>`, `{"answer": "B"}`;
- "I would choose B", "Therefore, B.", "B is correct", "the most likely diagnosis is (B)";
- a first or last line of a label alone, or that begins "B. ...", "(B) ..." or "Option B: ..." where no other label
  begins a line.

After a mark a label, an option's whole text, or both stand for the option; words that name no option are no claim
("The closest answer is 0.6 ft."). A label with another option's text names two. "A patient with ..." and
"I cannot answer" name none, nor does the letter of "E. coli" or "hepatitis B". Which of several claims counts is
`claims`' rule. Where nothing is claimed, the last sentence counts if an option ends it ("..., which is option B."), or
a first or last line that is an option's text. What follows a line "Question:" answers another question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from medic_console.core.records import Answer, Item, NoAnswer
from medic_console.scoring.answers.claims import Claim, denied, settle, unread
from medic_console.scoring.answers.cue_phrases import (
    BARE,
    BEST,
    CHOSEN,
    CORRECTED,
    FINAL,
    HEADED,
    MADE_RIGHT,
    MARKED,
    RIGHT,
    SHORT,
    THUS,
    UNNAMED,
)
from medic_console.scoring.answers.markup import OPEN, plain
from medic_console.scoring.answers.options import Options
from medic_console.scoring.answers.registry import answer_reader

_ENDS = r"[)\]}\"'\x03]*\s*(?:\n|[.!](?:\s|$)|\x03"
_SENTENCE_ENDS = re.compile(rf"{_ENDS}|$)")
_SENTENCE_MARK = re.compile(rf"{_ENDS})")
_NO_VERB = r"(?!(?:is|are|was|would|can|could|does|has|may|might|cannot|and|or|isn't)\b)"
_NEW_QUESTION = re.compile(r"(?im)^[ \t]*(?:question|q)(?:[ \t]*\d+)?[ \t]*[:.](?=\s)")
_LAST_SENTENCE = re.compile(r"(?:[^.!?\n]|[.!?](?=[^\s])|(?<=\b[A-Z])\.)*[.!?)\]\"'\s]*\Z")
_REJECTS = re.compile(
    r"\b(?:not|no|never|none|except|incorrect|wrong|false|unlike|rather|other|exclud\w+)\b|n't\b", re.I
)


_PRONOUNS = ("I",)


@answer_reader("letter")
def read_letter(text: str, item: Item) -> Answer | NoAnswer:
    """Return the label of the option that the text claims.

    Args:
        text: Not blank.
        item: `fields["options"]` maps each label to its text.
    """
    options, shown = Options(item.fields["options"]), plain(text)
    whole = options.whole(shown)
    found = frozenset([whole]) if whole else _claimed(shown, options)
    if len(found) == 1 and found <= set(options.labels):
        (label,) = found
        return Answer(label, label)
    stranger = f"{', '.join(found)} is claimed, which is no option" if len(found) == 1 else "no option claimed"
    return unread(found if len(found) > 1 else (), stranger, "options")


def _claimed(text: str, options: Options) -> frozenset[str]:
    asked_anew = _NEW_QUESTION.search(text)
    answered = text[: asked_anew.start()].rstrip() if asked_anew else text
    answered = answered or text
    return settle(_claims(answered, options), answered)


def _claims(text: str, options: Options) -> list[Claim]:
    opened = list(_opened(text, options))
    names = frozenset(name for claim in opened for name in claim.names)
    firm = [*_said(text, options), *_predicates(text, options), *_alone(text, options, opened)]
    firm += [claim for claim in _corrected(text, options) if any(one.end <= claim.start for one in firm)]
    firm += list(_short(text, options))
    if len(names) == 1:
        firm += [claim for claim in opened if claim.end > 0]
    firm += [other for claim in firm if (other := options.beside(text, claim))]
    if firm or len(names) == 1:
        return firm
    return [Claim(0, 0, names)] if names else list(_final(text, options)) or list(_filled(text, options))


def _said(text: str, options: Options) -> Iterator[Claim]:
    """Yield what is named after the words that mark an answer."""
    for box in re.finditer(OPEN, text):
        yield from _there(options, text, box.end())
    for pattern in (MARKED, HEADED, CHOSEN, THUS, BEST, BARE):
        for site in pattern.finditer(text):
            unnamed = site.re is BEST and UNNAMED.search(site[0]) and not site["option"].strip()
            if unnamed or denied(text, site.start(), site.end()):
                continue
            for claim in _there(options, text, site.end()):
                if pattern in (MARKED, CHOSEN) or _stands_out(text, site, claim, options):
                    yield claim


def _short(text: str, options: Options) -> Iterator[Claim]:
    """Yield the label of a text that is little more: "Definitely B."."""
    match = re.match(SHORT.replace("{labels}", options.any_label), text, re.IGNORECASE)
    if match and match["label"] in options.labels and match["label"] not in _PRONOUNS:
        yield Claim(match.start("label"), match.end("label"), frozenset([match["label"]]))


def _corrected(text: str, options: Options) -> Iterator[Claim]:
    """Yield what a correction puts in the place of an earlier claim: "Wait, no, it's B."."""
    for site in CORRECTED.finditer(text):
        for claim in _there(options, text, site.end()):
            if _stands_out(text, site, claim, options):
                yield claim


def _there(options: Options, text: str, place: int) -> Iterator[Claim]:
    """Yield what is named at `place`, unless it is the first line of a list of options."""
    claim = options.at(text, place)
    if claim is None:
        return
    head = re.match(rf"[^\n]*\n\s*[(\[]*(?P<label>{options.any_label})[)\]]*[.):]?\s{_NO_VERB}", text[claim.end :])
    if not (head and head["label"] not in claim.names and "\n" in text[place : claim.start]):
        yield claim


def _stands_out(text: str, site: re.Match[str], claim: Claim, options: Options) -> bool:
    """Tell whether a label without the word "answer" stands out: with its text, in brackets, or at a sentence's end."""
    if not options.labelled(text, claim):
        return False
    if claim.end - claim.start > max(map(len, options.labels)):
        return True
    if site.re is BEST:
        bracket = text[claim.start - 1 : claim.start] in ("(", "[")
        return bracket or bool(site["option"].strip()) or bool(_SENTENCE_MARK.match(text, claim.end))
    return bool(_SENTENCE_ENDS.match(text, claim.end))


def _predicates(text: str, options: Options) -> Iterator[Claim]:
    """Yield the labels of which it is said that they are right."""
    for pattern in (RIGHT, MADE_RIGHT):
        for match in re.finditer(pattern.replace("{labels}", options.any_label), text):
            start, end = match.span()
            if not denied(text, match.start("label"), end) and not denied(text, start, end):
                yield Claim(match.start("label"), match.end("label"), frozenset([match["label"]]))


def _alone(text: str, options: Options, opened: list[Claim]) -> Iterator[Claim]:
    """Yield labels that have the first or the last line to themselves, unless they go on a list ("(H) ...", "(I)")."""
    pattern = (
        rf"(?m)^[\s(\[{{\"'|•-]*(?:(?i:option|choice)[ \t]+)?({options.any_label})[\s)\]}}\"'|]*([.:)]*)[\s)\]\"']*$"
    )
    several = len({name for claim in opened for name in claim.names}) > 1
    begin, end = len(text) - len(text.lstrip()), len(text.rstrip())
    for match in re.finditer(pattern, text):
        first, last = match.start() <= begin, match.end() >= end
        if not (first or last):
            continue
        before = [claim for claim in opened if claim.start < match.start(1)]
        place = options.labels.index(match[1])
        goes_on = before and place and options.labels[place - 1] in before[-1].names
        if (first and not (several and match[2])) or (last and not first and not goes_on):
            yield Claim(match.start(1), match.end(1), frozenset([match[1]]))


def _opened(text: str, options: Options) -> Iterator[Claim]:
    """Yield labels that begin a line before its text; one that cannot count, since it stands within, ends at 0."""
    label = options.any_label
    pattern = (
        rf"(?m)^[ \t•-]*(?P<option>(?i:option|choice)[ \t]+)?[(\[\"']*(?P<label>{label})"
        r"(?P<mark>[)\]\"']*(?:[.):\]]|[ \t][–—-][ \t]|,?[ \t]+(?:because|since)\b))"
    )
    last = text.rfind("\n") + 1
    for match in re.finditer(pattern, text):
        name, start = match["label"], match.start("label")
        claim = options.at(text, start)
        if claim is None or (name == "I" and re.search(r"(?m)^\W*II\b", text)):
            continue
        # "A:" may stand for "Answer:".
        if name == "A" and ":" in match["mark"] and not match["option"] and claim.end <= match.end():
            continue
        line = text[start:].split("\n", 1)[0]
        listed = re.search(rf"[.;:!?]\s+\(?(?!{re.escape(name)}\W)(?:{label})[.)]\s", line)
        counts = (not text[: match.start()].strip() or match.start() >= last) and not listed
        yield claim if counts else Claim(start, 0, frozenset([name]))


def _final(text: str, options: Options) -> Iterator[Claim]:
    """Yield the option, with its label, that ends the last sentence; none where the sentence rejects anything."""
    sentence = _LAST_SENTENCE.search(text)
    if sentence is None or _REJECTS.search(sentence[0]):
        return
    for site in FINAL.finditer(text, sentence.start()):
        claim = options.at(text, site.end())
        if claim and options.labelled(text, claim) and not text[claim.end :].strip(" .!)]}\"'"):
            bracket = text[claim.start - 1 : claim.start] in ("(", "[")
            if bracket or site["option"].strip() or claim.end - claim.start > max(map(len, options.labels)):
                yield claim


def _filled(text: str, options: Options) -> Iterator[Claim]:
    """Yield the option whose text is the first or the last line, unless others fill lines too."""
    lines = list(re.finditer(r"[^\n]*\S[^\n]*", text))
    labels = [options.whole(match[0]) for match in lines]
    if len(set(labels) - {None}) == 1:
        for match, label in {(lines[0], labels[0]), (lines[-1], labels[-1])}:
            if label:
                yield Claim(match.start(), match.end(), frozenset([label]))

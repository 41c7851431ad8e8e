r"""Read the chosen option of a multiple-choice item.

A claim is what a text says of its answer, on any line or within one:

- an answer that is marked: "Answer: B", "The correct option is B", "Ans: B", "my choice is (B)", "答案：B";
- `\boxed{B}`, `<answer>B</answer>`, `{"answer": "B"}`;
- "I would choose B", "Therefore, B.", "B is correct", "the most likely diagnosis is (B)";
- a line of a label alone, and the first or last line that begins "B. ...", "(B) ..." or "Option B" where no other
  label begins a line; likewise a first or last line that is an option's text.

After a mark a label, an option's whole text, or both stand for the option; words that name no option are no claim
("The closest answer is 0.6 ft."). A label with another option's text names two. "A patient with ..." and
"I cannot answer" name none, nor does the letter of "E. coli" or "hepatitis B". Which of several claims counts is
`claims`' rule. What follows a claim after a line "Question:" answers another question and is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from medic_console.records import Answer, Item, NoAnswer
from medic_console.scoring.reading.claims import Claim, denied, settle, unread
from medic_console.scoring.reading.options import Options
from medic_console.scoring.reading.plain import OPEN, plain

_WORDS = (
    r"answers?|ans|(?<!each )(?<!every )(?<!following )choice|selection|"
    r"(?:correct|right|best|closest|nearest|appropriate|likely|accurate|suitable|chosen|selected|predicted|final|true|"
    r"proper|matching|possible)\s+(?:option|response|letter|statement|one|label|prediction|conclusion|match|value)"
)
_FOREIGN = (
    r"antwort|lösung|respuesta|réponse|reponse|resposta|risposta|antwoord|svaret|svar|odpowiedź|ответ|відповідь"
    r"|jawaban|cevap|yanıt|đáp án|उत्तर|απάντηση|vastaus|válasz|răspunsul|odpověď|答案|答え|正解|回答|解答|정답|답"
    r"|الإجابة(?: الصحيحة)?|الجواب"
)
_BE = (
    r"(?:(?:is|are|was|would\s+be|will\s+be|should\s+be|must\s+be|has\s+to\s+be|appears\s+to\s+be|seems\s+to\s+be"
    r"|est|es|ist|é|è|är|jest|là|adalah|είναι|هي|هو|是|为|為|は|选|選)(?!\w)|(?:是|为|為|は|选|選))"
)
_ADVERBS = (
    r"(?:\s*(?:therefore|thus|hence|clearly|indeed|definitely|most\s+likely|likely|most\s+probably|probably|also|still"
    r"|then|simply|actually|obviously|certainly|in\s+fact|given\s+by|closest\s+to|nearest\s+to|as\s+follows|either|both"
    r"|best|represented\s+by|described\s+by)(?![^\W\d_]),?)*"
)
_OPTION = r"(?:\s*(?:the\s+)?(?:option|choice|answer|letter|number|label|alternative)(?:\s+(?:is|labell?ed))?(?!\w)\s*:?)?"
_MARKED = re.compile(
    rf"(?:(?<![^\W_])(?:{_WORDS})(?![^\W_])|{_FOREIGN}|^[ \t]*(?:option|choice|letter)(?=[ \t]*[:=]))"
    r"(?:[ _-]?(?:choice|option|letter|key|idx|index)(?!\w))?[\"']?"
    r"(?:\s+(?:to|for|of|in|from|among|given|here|on|that|correcta|correcte|corretta|correta)\b[^.:\n]{0,100}?)??"
    rf"(?:\s*{_BE}{_ADVERBS}\s*[:=]?|\s*\.?(?:[:=]|[=-]+>|→|(?<=ns)\.)|\s+[–—-]+\s)"
    rf"{_ADVERBS}{_OPTION}",
    re.IGNORECASE | re.MULTILINE,
)
_BARE = re.compile(r"\banswer(?:\s+(?:choice|option))?(?=\s*[(A-Z])", re.IGNORECASE)
_CHOSEN = re.compile(
    r"\b(?:I|we)(?:\s*'(?:d|ll|ve|m)|\s+(?:would|will|have|must|should|can|am|are|do))*(?:\s+(?:therefore|thus|\w+ly|to))?"
    r"\s+(?:choose|chose|chosen|choosing|select(?:ed|ing)?|pick(?:ed|ing)?|go(?:ing)?\s+with|went\s+with|opt(?:ed)?\s+for"
    r"|answer(?:ed)?|say|vote\s+for|settle\s+(?:on|for)|conclude|believe|think)"
    rf"(?:\s+(?:that\s+)?(?:it\s+is|it's|the\s+answer\s+is))?\s*:?{_OPTION}",
    re.IGNORECASE,
)
_THUS = re.compile(
    r"(?:^|[.;:!\n]\s*|,\s+)(?:(?:so|thus|therefore|hence|consequently|accordingly|overall|finally|ultimately|conclusion"
    r"|in\s+(?:conclusion|summary|short))\s*[,:]?\s*(?:(?:it\s+is|it's|it\s+must\s+be|this\s+is)\s+)?|it(?:'s|\s+is)\s+)"
    rf"{_OPTION}",
    re.IGNORECASE,
)
_BEST = re.compile(
    r"\b(?:most|best|correct|right|closest|nearest|likely|appropriate|accurate)\b"
    r"(?![^.:;?!\n]{0,100}\b(?:wrong|false|incorrect|not|least|except|if)\b)[^.:;?!\n]{0,100}?"
    rf"(?<!\w){_BE}{_ADVERBS}\s*:?(?P<option>{_OPTION})",
    re.IGNORECASE,
)
_RIGHT = (
    r"(?:^|[\n.!?;:,(—–-][ \t\"']*|\b(?:option|choice|answer|letter|so|thus|hence|therefore|that|think|believe|because|"
    r"only|then|means|conclude)\s+)[(\[\"']*(?P<label>{labels})[)\]\"']*(?P<what>\s+(?:is|must\s+be|would\s+be|should\s+be"
    r"|seems|appears\s+to\s+be)\s+(?:the\s+|therefore\s+|thus\s+|indeed\s+|clearly\s+|probably\s+|likely\s+|most\s+|only\s+)*"
    r"(?:correct|right|best|(?:accurate|closest|appropriate|likely|suitable)(?:\s+(?:answer|option|choice))?|answer))\b"
    r"(?!\s+(?:if|unless|in\s+that|about|when|except|but|for))(?!\s*\?)"
)
_SENTENCE_ENDS = re.compile(r"[)\]}\"'\x03]*\s*(?:$|\n|[.!](?:\s|$)|\x03)")
_NEW_QUESTION = re.compile(r"(?im)^[ \t]*(?:question|q)(?:[ \t]*\d+)?[ \t]*[:.](?=\s)")


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
    named = "no option claimed" if not found else f"{', '.join(found)} is claimed, which is no option"
    return unread(found if len(found) > 1 else (), named, "options")


def _claimed(text: str, options: Options) -> frozenset[str]:
    asked_anew = _NEW_QUESTION.search(text)
    head = text[: asked_anew.start()].rstrip() if asked_anew else text
    answered = head or text
    return settle(_claims(answered, options), answered)


def _claims(text: str, options: Options) -> list[Claim]:
    opened = list(_opened(text, options))
    names = frozenset(name for claim in opened for name in claim.names)
    firm = [*_said(text, options), *_predicates(text, options), *_alone(text, options, opened)]
    if len(names) == 1:
        firm += [claim for claim in opened if claim.end > 0]
    if firm or len(names) == 1:
        return firm
    return [Claim(0, 0, names)] if names else list(_filled(text, options))


def _said(text: str, options: Options) -> Iterator[Claim]:
    """Yield what is named after the words that mark an answer."""
    for box in re.finditer(OPEN, text):
        yield from _there(options, text, box.end())
    for pattern in (_MARKED, _CHOSEN, _THUS, _BEST, _BARE):
        for site in pattern.finditer(text):
            if denied(text, site.start()):
                continue
            for claim in _there(options, text, site.end()):
                if pattern in (_MARKED, _CHOSEN) or _is_firm(text, site, claim, options):
                    yield claim


def _there(options: Options, text: str, place: int) -> Iterator[Claim]:
    """Yield what is named at `place`, unless it is the first line of a list of options."""
    claim = options.at(text, place)
    if claim is None:
        return
    head = re.match(rf"[^\n]*\n\s*[(\[]*(?P<label>{options.any_label})[)\]]*[.):]?\s", text[claim.end :])
    listed = head and head["label"] not in claim.names and "\n" in text[place : claim.start]
    if not listed:
        yield claim


def _is_firm(text: str, site: re.Match[str], claim: Claim, options: Options) -> bool:
    """Tell whether a claim without the word "answer" stands out: in brackets, with its text, or at a sentence's end."""
    if not options.labelled(text, claim):
        return False
    if claim.end - claim.start > max(map(len, options.labels)):
        return True
    ends = _SENTENCE_ENDS.match(text, claim.end)
    bracket = text[claim.start - 1 : claim.start] in ("(", "[")
    return bool(ends) or (site.re is _BEST and (bracket or bool(site["option"].strip())))


def _predicates(text: str, options: Options) -> Iterator[Claim]:
    """Yield the labels of which it is said that they are right."""
    for match in re.finditer(_RIGHT.replace("{labels}", options.any_label), text):
        if not denied(text, match.start("label")) and not denied(text, match.start()):
            yield Claim(match.start("label"), match.end("label"), frozenset([match["label"]]))


def _alone(text: str, options: Options, opened: list[Claim]) -> Iterator[Claim]:
    """Yield labels that have the first or the last line to themselves, unless they go on a list ("(H) ...", "(I)")."""
    pattern = rf"(?m)^[\s(\[{{\"'|•-]*(?:(?:option|choice)[ \t]+)?({options.any_label})[\s)\]}}\"'|.:]*$"
    for match in re.finditer(pattern, text):
        before = [claim for claim in opened if claim.start < match.start(1)]
        place = options.labels.index(match[1])
        goes_on = before and place and options.labels[place - 1] in before[-1].names
        if not (text[: match.start()].strip() and text[match.end() :].strip()) and not goes_on:
            yield Claim(match.start(1), match.end(1), frozenset([match[1]]))


def _opened(text: str, options: Options) -> Iterator[Claim]:
    """Yield labels that begin a line before its text; one that cannot count, since it stands within, ends at 0."""
    pattern = (
        rf"(?m)^[ \t•-]*(?P<option>(?:option|choice)[ \t]+)?[(\[\"']*(?P<label>{options.any_label})"
        r"(?P<mark>[)\]\"']*(?:[.):\]]|[ \t][–—-][ \t]|,?[ \t]+(?:because|since)\b))"
    )
    found = list(re.finditer(pattern, text, 0))
    last = text.rfind("\n") + 1
    for match in found:
        name, start = match["label"], match.start("label")
        if name == "I" and re.search(r"(?m)^\W*II\b", text):
            continue
        claim = options.at(text, start)
        own = claim is not None and claim.end > match.end()
        if claim is None or (name == "A" and ":" in match["mark"] and not match["option"] and not own):
            continue
        listed = re.search(rf"[.;:!?]\s+\(?(?!{re.escape(name)}\W)(?:{options.any_label})[.)]\s", match.string[start:].split("\n")[0])
        counts = (not text[: match.start()].strip() or match.start() >= last) and not listed
        yield claim if counts else Claim(start, 0, frozenset([name]))


def _filled(text: str, options: Options) -> Iterator[Claim]:
    """Yield the option whose text is the first or the last line, unless others fill lines too."""
    lines = [match for match in re.finditer(r"[^\n]*\S[^\n]*", text)]
    labels = [options.whole(match[0]) for match in lines]
    if len(set(labels) - {None}) == 1:
        for match, label in {(lines[0], labels[0]), (lines[-1], labels[-1])}:
            if label:
                yield Claim(match.start(), match.end(), frozenset([label]))

r"""Read a one-word verdict: yes, no or maybe.

A claim is what a text says of its answer, on any line or within one: "Answer: yes", "The answer to this question is
no", "final_decision: maybe", "Toxic: yes", "I would say yes", "Therefore, no.", `\boxed{maybe}`, `<answer>no</answer>`;
a text that opens with the word and a mark or a clause ("Yes, ...", "Yes it does"), a line of the word alone, and a
question that the text puts and answers ("Is it toxic? Yes."). "No difference ..." and "There is no answer" claim
nothing, nor does a word within another ("this", "know"). Which of several claims counts is `claims`' rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from medic_console.core.records import Answer, Item, NoAnswer, Reason
from medic_console.scoring.answers.claims import BEHIND, Claim, denied, settle, unread
from medic_console.scoring.answers.cue_phrases import QUOTED, TURNED
from medic_console.scoring.answers.echo import contradicts_itself
from medic_console.scoring.answers.markup import CLOSE, OPEN, plain
from medic_console.scoring.answers.registry import answer_reader

_NOUNS = (
    r"answers?|ans|decision|conclusion|verdict|classification|prediction|judge?ment|label|response|output|result"
    r"|toxic(?:ity)?|toxic\s+content|hateful|choice|(?<![^\n])final(?=[ \t]*[:=])"
)
_BE = r"(?<!\w)(?:is|are|was|would\s+be|will\s+be|should\s+be|must\s+be)(?!\w)"
_HEDGES = (
    r"(?:\s*(?:an?|the|therefore|thus|hence|clearly|indeed|definitely|definite|clear|simple|resounding|most\s+likely|likely"
    r"|probably|most\s+probably|also|still|simply|certainly|a\s+firm|either|both|option|as\s+follows)(?!\w),?)*"
)
_MARKED = re.compile(
    rf"(?<![^\W_])(?:{_NOUNS})(?![^\W_])[\"']?(?:[ \t]*[(\[][^()\[\]\n]{{0,40}}[)\]])?"
    rf"(?:[ \t]+(?:to|for|of|in|from|on|here|given)\b{QUOTED}[^\n.:]{{0,160}}?)??"
    rf"(?:\s*{_BE}{_HEDGES}\s*[:=]?|\s*(?:[:=]|[=-]+>|→)|[ \t]+[–—-][ \t]){_HEDGES}",
    re.IGNORECASE,
)
_CHOSEN = re.compile(
    r"\b(?:I|we)(?:\s*'(?:d|ll|m)|\s+(?:would|will|have|must|should|can))*(?:\s+(?:therefore|thus|\w+ly|to))?"
    r"\s+(?:say|answer|choose|chose|select|pick|go\s+with|conclude|decide|think)(?:\s+(?:that\s+)?it(?:'s|\s+is))?"
    rf"\s*:?{_HEDGES}",
    re.IGNORECASE,
)
_THUS = re.compile(
    r"(?:^|[.;:!\n)}\x03]\s*)(?:so|thus|therefore|hence|consequently|accordingly|overall|finally|ultimately"
    r"|in\s+(?:conclusion|summary|short)|(?:based\s+on|according\s+to|given)\b[^.,\n]{1,80}(?=,))\s*[,:]?\s*"
    r"(?:(?:it\s+is|it's)\s+)?"
    rf"{_HEDGES}",
    re.IGNORECASE,
)
_CORRECTED = re.compile(
    rf"\b(?:wait|actually|oops|sorry|correction|or\s+rather|I\s+meant?|hold\s+on|{TURNED})(?!\w)[\s,.:;!…—–-]*"
    r"(?:(?:actually|I\s+meant?|it\s+is|it's|it\s+should\s+be|make\s+(?:that|it))[\s,:]+)*",
    re.IGNORECASE,
)
_TURNED_ROUND = re.compile(
    r"(?:\b(?:non|anti)[ \t-]?"
    r"|\b(?:not|no|without|never|(?:free|absence|lack)[ \t]+(?:of|from))[ \t]+(?:any[ \t]+)?)$",
    re.IGNORECASE,
)
"""Ends the words before a quality of which a word then says the opposite: "Non-toxic: yes"."""
_BEGUN = re.compile(
    r"(?:\d{1,2}[.)]\s+|\([a-z]\)\s+|\[x\]\s*)?(?:(?:most\s+)?(?:probably|definitely|certainly|likely|clearly)\s+)?",
    re.IGNORECASE,
)
_ASKED = re.compile(r"\?[\s\"')]*")
_OPENING = rf"[\s(\[{{<\"'|_{OPEN}]*"
_SHUT = rf"[)\]}}>\"'|_{CLOSE}]*"
_ENDS = (
    rf"(?:[)\]}}\"{CLOSE}]|{_SHUT}(?:\s*$|\s*[\n{CLOSE}]|\s*\.(?!\s*\d)|\s*[!;:,](?!\d)|\s*\(|\s+[–—-]\s|\s*[–—]"
    r"|\s+(?:because|since|as|based|given|due|but|although|so|and\s+(?:the|it|this)|for\s+the\s+following)\b"
    r"|\s+(?:final[ _]?)?(?:answer|decision|conclusion|verdict|explanation|reason(?:ing)?|rationale|note)\s*[:=]"
    r"|\s+(?=(?-i:The|This|That|These|It|He|She|They|We|I|If|In|Is|So|But|Thus|Therefore|Hence|Wait|Actually)\b)))"
)
_CLAUSE = (
    r"\s+(?:it|this|that|these|those|they|there|the|we|he|she|I|you)\s+(?:\w+\s+){0,6}?"
    r"(?:is|are|was|were|do|does|did|has|have|had|can|could|should|will|would|may|might|cannot)\b"
)
_SENTENCE_ENDS = rf"{_SHUT}(?:\s*$|\s*[\n{CLOSE}]|\s*[.!](?:\s|$)|,\s)"


_BREATH = 60
"""Characters behind a claim in which another one stands beside it."""


@answer_reader("yes_no")
def read_word(text: str, item: Item) -> Answer | NoAnswer:
    """Return the option that the text claims, in any case.

    Args:
        text: Not blank.
        item: The keys of `fields["options"]` are the words; `fields["question"]`, where there is one, is what they
            answer (see `echo`).
    """
    words = {str(word).casefold(): str(word) for word in item.fields["options"]}
    shown = plain(text)
    found = settle(_Words(words).claims(shown), shown)
    if len(found) == 1:
        word = next(iter(found))
        if contradicts_itself(shown, word, str(item.fields.get("question", ""))):
            return NoAnswer(Reason.UNREADABLE, f"{word}, and then the opposite in the question's words")
        return Answer(words[word], words[word])
    return unread(found, f"none of {', '.join(words.values())} claimed", "answers")


class _Words:
    """The words of an item, ready to be found in plain text."""

    def __init__(self, words: dict[str, str]) -> None:
        self.any_word = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
        more = rf"(?:{_SHUT}\s*(?:/|,|\bor\b|\band\b)\s*(?:maybe\s+)?[\"'(]*(?:{self.any_word})\b)"
        self._named = re.compile(rf"{_OPENING}((?:{self.any_word})\b{more}*)(?={_ENDS})", re.IGNORECASE)
        self._last = re.compile(rf"{_OPENING}((?:{self.any_word})\b)(?={_SENTENCE_ENDS})", re.IGNORECASE)
        self._word = re.compile(rf"\b(?:{self.any_word})\b", re.IGNORECASE)
        self._beside = re.compile(
            rf"(?:[.;!?(,/–—-]\s*|\b(?:but|or|and|also|rather|then)\s+)[\"'(]*({self.any_word})\b[\"']?"
            r"(?=\s*[.,;!?)]|\s*$|\s+(?:otherwise|else|if|when|for|in)\b)",
            re.I,
        )
        self._is_answer = re.compile(
            rf"{_OPENING}((?:{self.any_word})\b)(?=[\"']?\s+(?:is|would\s+be)\s+(?:the|my)\s+(?:\w+\s+)?answer\b)", re.I
        )
        self._clause = re.compile(rf"{_OPENING}((?:{self.any_word})\b)(?={_CLAUSE})", re.IGNORECASE)
        self._alone = re.compile(rf"(?m)^[\s(\[{{\"'|•-]*({self.any_word})[\s.)\]}}\"'|!]*$", re.IGNORECASE)

    def claims(self, text: str) -> list[Claim]:
        """Return all claims of a text."""
        found = [*self._said(text), *self._opening(text), *self._lines(text)]
        found += [other for claim in found for other in self._others(text, claim)]
        found += [claim for claim in self._after(text, _CORRECTED) if any(one.end <= claim.start for one in found)]
        return found or list(self._after(text, _ASKED))

    def _said(self, text: str) -> Iterator[Claim]:
        for box in re.finditer(OPEN, text):
            yield from self._at(self._named, text, box.end())
        for pattern, ends in ((_MARKED, self._named), (_CHOSEN, self._named), (_THUS, self._last)):
            for site in pattern.finditer(text):
                turned = pattern is _MARKED and _TURNED_ROUND.search(text, max(0, site.start() - 40), site.start())
                if not turned and not denied(text, site.start(), site.end()):
                    yield from self._at(ends, text, site.end())

    def _opening(self, text: str) -> Iterator[Claim]:
        begun = _BEGUN.match(text)
        for place in {0, begun.end() if begun else 0}:
            for pattern in (self._named, self._clause, self._is_answer):
                yield from self._at(pattern, text, place)

    def _others(self, text: str, claim: Claim) -> Iterator[Claim]:
        """Yield other words that stand beside a claim, in the same breath: "yes (no)", "No. Yes.", "yes, or no"."""
        line = text[claim.end : claim.end + _BREATH + BEHIND].split("\n", 1)[0]
        for match in self._beside.finditer(line):
            word = match[1].casefold()
            if match.end(1) > _BREATH:
                return
            if word not in claim.names:
                yield Claim(claim.end + match.start(1), claim.end + match.end(1), frozenset([word]))

    def _lines(self, text: str) -> Iterator[Claim]:
        for match in self._alone.finditer(text):
            yield Claim(match.start(1), match.end(1), frozenset([match[1].casefold()]))

    def _after(self, text: str, pattern: re.Pattern[str]) -> Iterator[Claim]:
        for site in pattern.finditer(text):
            yield from self._at(self._named, text, site.end())

    def _at(self, pattern: re.Pattern[str], text: str, place: int) -> Iterator[Claim]:
        """Yield the words that stand at `place`: one, or several joined by "or", "and", a comma or a slash."""
        match = pattern.match(text, place)
        if match and not re.match(rf"{_SHUT}\s*\?", text[match.end(1) :]):
            names = frozenset(word.casefold() for word in self._word.findall(match[1]))
            yield Claim(match.start(1), match.end(1), names, either=len(names) > 1)

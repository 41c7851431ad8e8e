"""What a text claims, and which claim counts. Readers of letters and of words go by this one rule.

Claims are found anywhere in a text, on one line or over many. All of one answer: it is read. Of two different ones
the last counts where a correction is announced between them ("Wait, ...", "On reflection, ...", "I was wrong"), else
the text is unreadable: nothing is drawn or guessed. A claim that is denied ("I do not think the answer is B"), asked
("Is the answer B?") or supposed ("if the answer is B") is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from medic_console.core.records import NoAnswer, Reason


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """One claim.

    Attributes:
        start: Where the answer itself begins in the text.
        end: Where it ends.
        names: The answers that it names; more than one where it names several at once ("B or C").
        either: They are named side by side, so that a later claim of one of them decides.
    """

    start: int
    end: int
    names: frozenset[str]
    either: bool = False


_REDONE = r"re-?(?:consider|evaluat|examin|assess|check|read|visit|view|think|calculat|do)"
_STRONG = rf"""
    (?:^|[.!?;:,\n(—–-]) \s{{0,8}} (?:(?:but|oh|hmm+|no)[\s,]+)?
      (?:wait(?=\s*[,.!?;:—–-]|\s+(?:no|actually|a|I|let|that|the|this|maybe|it)\b)
        |(?:oops|hold\ on|(?:scratch|strike)\ that|apologies|never\ ?mind|(?:just\ )?kidding
          |(?:edit|update|revis(?:ed|ion))(?=\s*[:–—])|switching\ (?:\w+\ )?to|chang(?:ing|ed)\ (?:\w+\ ){{0,2}}to)\b
        |correction(?=\s*[:,.–—-])
        |(?:up)?on\ (?:\w+\ )?(?:reflection|reconsideration|re-?\w*(?:evaluation|examination|view|reading|assessment)
          |inspection|second\ thoughts?|closer\ \w+|further\ \w+)\b
        |(?:after|by)\ (?:{_REDONE}\w*|thinking\ again)\b|(?:reconsider|re-?evaluat|re-?examin|rethink|re-?assess)ing\b)
    | \bmy\ (?:mistake|bad|apologies|error)\b | \bI\ apologi[sz]e\b
    | \b(?:my|the)\ (?:\w+\ )?(?:answer|choice)\ (?:is\ now|has\ changed|now\ is|becomes)\b
    | \bI(?:'ve|\ have)?\ (?:now\ )?(?:changed|revised|switched)\ (?:(?:my|the)\ (?:answer|choice|mind)\ )?to\b
    | \bI(?:\ was|\ am|'m|\ have\ been)\ (?:wrong|mistaken|incorrect)\b
    | \bI\ (?:have\ )?(?:made|make)\ (?:a|an|some)\ (?:\w+\ )?(?:mistake|error)
    | \bI\ (?:misread|miscalculated|misspoke|misinterpreted|misunderstood|overlooked)\b
    | \b(?:let\ me|let's|let\ us|I\ (?:must|should|need\ to|have\ to|will|'ll))\ (?:\w+\ )?
        (?:{_REDONE}\w*|correct|double-?\ ?check|fix)\b
    | \b(?:change|revise|correct|amend|update)\ my\ (?:\w+\ )?(?:answer|choice|mind|response|selection)\b
    | \A[\W_]*(?:(?:but|no|hmm+|oh|however)[\s,]+)*(?:that|this|it)(?:\ is|'s|\ was)\s
        (?:wrong|incorrect|not\ (?:right|correct|true)|a\ mistake|an\ error)\b
"""
_CORRECTION = re.compile(_STRONG, re.IGNORECASE | re.VERBOSE)
_NEAR = re.compile(
    r"(?:^|[.!?;:,\n(—–-])\s*(?:(?:but|oh|hmm+)[\s,]+)?(?:no(?=\s*[,.!;:—–])|(?:actually|sorry)\b)"
    r"|\b(?:is|be|was|are) actually\b[^.!?\n]{0,12}\Z|\bor rather\b|\bI mean(?:t)?\b",
    re.IGNORECASE,
)
"""Words that announce a correction only right before the claim that corrects."""
_AT_ONCE = re.compile(
    r"[\s)\]}\"'\x03]*[.,;!—–-]*\s*(?:[(\[]\s*(?:no|nope|wrong|incorrect|false|not\s+(?:really|correct|right))\s*[)\]]"
    r"|(?:no|nope|wrong|incorrect|false|not\s+really|maybe\s+not|or\s+not|or\s+is\s+it)\s*(?:[.!?]|\Z)"
    r"|(?:is|are|was|remains?)\s+(?:\w+\s+)?(?:lacking|insufficient|weak|missing|unclear|uncertain|doubtful|wrong|false"
    r"|incorrect|unproven|untrue|a\s+(?:mistake|myth|misconception))\b"
    r"|[^.!?\n]{0,40}\bI\s+(?:disagree|doubt\s+it|am\s+not\s+sure)\b)",
    re.IGNORECASE,
)
"""Takes a claim back right behind it: "A. No.", "A (wrong)"."""
_NONE = re.compile(
    r"\bnone of (?:the )?(?:\w+ )?(?:options|choices|answers)\b|\bno (?:correct|right) (?:option|choice|answer)\b",
    re.IGNORECASE,
)
"""Takes back what was claimed before."""
BEHIND = 100
"""Characters that are read behind the place where another answer may stand: at a cut it would end a sentence."""
_REACH = 60
"""Characters before a claim in which `_NEAR` is looked for."""
_DENIED = re.compile(
    r"(?:\b(?:not|never|cannot|hardly|neither|nor|(?<!\bno )(?<!\bwithout )(?<!\bbeyond )(?<!\bany )(?<!\ba )doubt)"
    r"|n't)\s+(?:(?!so\b|thus\b|hence\b|but\b|and\b)\w+\s+){0,6}$",
    re.IGNORECASE,
)
_SUPPOSED = re.compile(
    r"(?:(?:^|\s)(?:if|whether|suppos(?:e|ing)|assum(?:e|ing)|unless)|^\s*(?:is|was|are|were|could|might|may|why|had))\s+"
    r"(?:(?!so\b|thus\b|hence\b|then\b)\w+\s+){0,4}$",
    re.IGNORECASE,
)
_TEMPTING = re.compile(
    r"\b(?:(?:might|may|could|would)\s+(?:\w+\s+)?(?:think|believe|assume|suppose|argue|suspect|expect|guess)"
    r"|tempt(?:ed|ing)\s+to|(?:mistake|error|trap|pitfall)\s+(?:is|would\s+be)\s+to)\b[^.!?;:,\n]{0,40}$",
    re.IGNORECASE,
)
"""What others might take for the answer."""
_OWN = re.compile(r"\b(?:I|we)(?:\s+\w+){0,3}$", re.IGNORECASE)
_CONDITION = re.compile(
    r"(?:^|[.!?;:\n]\s*)(?:(?:but|however|and|even)[\s,]+)?(?:if|had|were|unless|suppos(?:e|ing)|assuming)\s"
    r"(?!I\s+(?:had|have|were|must|am|need)\b)[^.!?;:\n]*,\s*(?:then\s+)?[^.!?;:,\n]*$",
    re.IGNORECASE,
)
_IF_SO = re.compile(
    r"(?:^|[.!?;:\n]\s*)(?:if\s+(?:so|not|yes|no|true|false)|in\s+that\s+case|otherwise|else)\s*,\s*(?:\w+\s+){0,3}$",
    re.IGNORECASE,
)
_WOULD = re.compile(r"\b(?:would|might|could)\b", re.IGNORECASE)
CORRECTED = "a correction"
"""Stands beside the names where one is announced after the last claim and what it puts there is not read, or where no
option is said to be right."""
_BEFORE = 80
"""Characters before a claim that can deny it."""
_FOREIGN = re.compile(
    r"\b(?:wrong|incorrect|false|untrue|erroneous|worst|second[\s-]best|next[\s-]best|tempting|common|distractor|decoy|trap"
    r"|example|sample|dummy|hypothetical|not[\s-]so[\s-]good|least(?:\s+\w+)?|gold|reference"
    r"|(?:\w+(?:'s|s'))|his|her|their|your|someone\s+else's|initial|original|previous|earlier|old|former"
    r"|(?:rejected|excluded|eliminated|discarded|unlikely|inappropriate|contraindicated)(?:\s+\w+)?)"
    r"\s+$",
    re.IGNORECASE,
)
"""Ends the words before "answer" where that is not the one given here: "wrong answer:", "the patient's answer is"."""
_OWN_S = re.compile(r"\b(?:today|question|let|it|that|here|case|item)'s\s*$", re.IGNORECASE)
_OTHERS = re.compile(
    r"\b(?:nobody|no\s+one|none)\b[^.!?;:\n]*$"
    r"|\b(?:nothing|(?:no|little|insufficient|without|lacks?|not\s+enough)\s+(?:\w+\s+){0,2}?(?:evidence|proof|indication"
    r"|signs?|hints?|support|reasons?|grounds|basis|data)|fail(?:s|ed|ing)?\s+to\s+\w+)\b[^.!?;:\n]*\bthat\s+(?:\w+\s*){0,3}$"
    r"|\b(?:false|untrue|incorrect|wrong|unlikely|doubtful|improbable|impossible|questionable|a\s+(?:myth|misconception))"
    r"(?:\s+to\s+\w+)?\s+that\s+(?:\w+\s*){0,3}$"
    r"|\b(?:I|we)\s+(?:was|were|have\s+been|had\s+been)\s+(?:told|taught|informed|advised)\b[^.!?;:\n]*$"
    r"|\b(?:they|he|she|others?|people|someone|somebody|everyone|everybody|students?|(?:many|most|some|other|the|a|my)\s+"
    r"(?:\w+\s+)?(?:students?|patients?|people|doctors?|physicians?|colleagues?|friends?|readers?|users?|candidates?"
    r"|trainees?|clinicians?|examinees?|models?|novices?|beginners?))\s+(?:\w+\s+){0,2}?"
    r"(?:say|says|said|thinks?|thought|believes?|believed|claims?|claimed|argues?|argued|answers?|answered|chooses?|choose"
    r"|chose|picks?|picked|suggests?|suggested|assumes?|assumed|guess(?:es|ed)?|wrote|writes?|selects?|selected)\b"
    r"[^.!?;:\n]*$",
    re.IGNORECASE,
)
"""Ends in a clause in which others answer, or nobody does."""
_CLAIMS = r"\s+to\s+(?:\w+\s+){1,3}?(?:that\s+)?(?:\w+\s*){0,3}$"
_THAT = r"\s+that\s+(?:\w+\s*){0,3}$"
_DOUBTS = re.compile(
    rf"\btoo\s+(?:\w+\s+)?(?:early|soon|little|few|weak|uncertain|premature|hasty|bold)(?:\s+\w+)?{_CLAIMS}"
    r"|\b(?:premature|hard|difficult|impossible|risky|wrong|incorrect|unreasonable|speculative|unsafe|unfair|misleading|rash"
    rf"|hasty|(?:an?\s+)?(?:overstatement|exaggeration|stretch|mistake|error|leap))(?:\s+(?:for|at)\s+\w+)?{_CLAIMS}"
    r"|\b(?:insufficient|inadequate|not\s+enough|no|little|scant|limited)\s+(?:\w+\s+){0,2}?"
    rf"(?:evidence|proof|support|reasons?|grounds|basis|data|information){_CLAIMS}"
    r"|\b(?:evidence|proof|support|data|information)\s+(?:is|are|was|were|remains?)\s+(?:\w+\s+)?"
    rf"(?:lacking|insufficient|inadequate|absent|missing|weak|limited|poor|scarce|scant|sparse)(?:{_THAT}|{_CLAIMS})"
    r"|\b(?:few|little|hardly\s+any(?:one|body|thing)?|scarcely\s+any\w*)\s+(?:\w+\s+){0,3}?(?:say|says|supports?|suggests?"
    rf"|indicates?|shows?|speaks?\s+for|argues?|believes?|claims?|agree|think|proves?){_THAT}"
    rf"|\b(?:remains|yet)\s+to\s+be\s+\w+{_THAT}|\bfar\s+from\s+\w+{_THAT}"
    rf"|\b(?:uncertain|unclear|unproven|unknown|debatable|disputed|controversial|speculative|premature){_THAT}",
    re.IGNORECASE,
)
"""Ends in a clause that calls what follows too much to say."""
_CASES = re.compile(
    r"[ \t\"')\]]{0,4}(?:[,(]\s*)?(?:if|unless|when|whenever|in|for|with|without|among|during|where|before|after)\b"
    r"[^.!?;\n]{0,60}?(?:[,;(]|\b(?:and|but|or|while|whereas)\b)[\s\"'(]{0,4}(?:(?-i:[A-Z])|yes|no|maybe)[\s\"')(,]{1,5}"
    r"(?:if|unless|when|whenever|in|for|with|without|among|during|where|before|after|otherwise|else|elsewhere)\b"
    r"|[ \t\"')\]]{1,4}(?:only\s+)?(?:if|unless|provided)\s",
    re.IGNORECASE,
)
"""Behind a claim: it holds for some only, and another for others."""


_FIGURE_PUT = re.compile(
    r"(?:^|[.!?;,\n(—–-])\s{0,8}(?:actually|sorry|no|or\s+rather|rather|I\s+meant?)[\s,:.—–-]+"
    r"(?:(?:it's|it\s+is|make\s+(?:it|that)|rather|about)\s+)?(?=[-+.]?[0-9])",
    re.IGNORECASE,
)


def foreign(text: str, start: int) -> bool:
    """Tell whether the word "answer" at `start` names one that is not given here: "Wrong answer:", "Gold answer:"."""
    before = text[max(0, start - _BEFORE) : start].rsplit("\n", 1)[-1]
    return text[start : start + 1].isalpha() and bool(_FOREIGN.search(before)) and not _OWN_S.search(before)


def corrections(text: str) -> list[int]:
    """Return where words that take something back end, in order; "sorry" and the like where a figure follows."""
    return sorted(match.end() for pattern in (_CORRECTION, _FIGURE_PUT) for match in pattern.finditer(text))


def denied(text: str, start: int, end: int) -> bool:
    """Tell whether the words before `start` deny, ask or suppose what follows.

    Args:
        end: Where the words that claim end. After a condition they suppose where they say "would": "If he were
            febrile, the answer would be A".
    """
    before = text[max(0, start - _BEFORE) : start]
    clause = re.split(r"[.!?;:,\n]", before)[-1]
    tempting = _TEMPTING.search(clause)
    if tempting and not _OWN.search(clause, 0, tempting.start()):
        return True
    supposed = _WOULD.search(text, start, end) and _CONDITION.search(before)
    told = clause + text[start:end].split(" ", 1)[0]
    others = foreign(text, start) or _OTHERS.search(told) or _DOUBTS.search(told) or _IF_SO.search(before)
    return bool(supposed or others or _DENIED.search(clause) or _SUPPOSED.search(clause))


def settle(claims: Iterable[Claim], text: str) -> frozenset[str]:
    """Return the names that count: one where the claims agree or the last corrects the others, else all of them.

    A correction behind the last claim, of which nothing is read, leaves none: `CORRECTED` stands among the names.
    """
    ordered = _decided(sorted(set(claims)))
    every = frozenset(name for claim in ordered for name in claim.names)
    behind = text[ordered[-1].end :] if ordered else ""
    if (
        _CORRECTION.search(behind)
        or _AT_ONCE.match(behind)
        or _NONE.search(behind)
        or any(_CASES.match(text, claim.end) for claim in ordered[-1:])
    ):
        return every | {CORRECTED}
    if len(every) < 2 or len(ordered[-1].names) != 1:
        return every
    last = ordered[-1].names
    before = max((place for place, claim in enumerate(ordered) if claim.names != last), default=-1)
    between = text[ordered[before].end : ordered[before + 1].start]
    near = _NEAR.search(between, max(0, len(between) - _REACH))
    return last if near or _CORRECTION.search(between) else every


def _decided(ordered: list[Claim]) -> list[Claim]:
    """Leave out claims of several answers where one of them alone is claimed later ("B or C. ... The answer is B.")."""
    last_alone = {claim.names: claim.start for claim in ordered if len(claim.names) == 1}
    return [
        claim
        for claim in ordered
        if not claim.either or not any(last_alone.get(frozenset([name]), -1) > claim.end for name in claim.names)
    ]


def unread(found: Iterable[str], nothing: str, what: str) -> NoAnswer:
    """Return why nothing was read.

    Args:
        found: The names claimed.
        nothing: Said where there is none.
        what: What the names are, in the plural.
    """
    names = sorted(found)
    said = f"several {what} claimed: {', '.join(names)}" if names else nothing
    return NoAnswer(Reason.UNREADABLE, said)

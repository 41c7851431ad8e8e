"""What stands at a place of a text: an option's label, its text, or several of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import cached_property

from medic_console.scoring.answers.claims import BEHIND, Claim
from medic_console.scoring.answers.markup import CLOSE, OPEN, plain

_OPENING = re.compile(rf"[\s(\[{{<\"'|_{OPEN}]*")
_SHUT = rf"[)\]}}>\"'|_{CLOSE}]*"
"""What may stand between a label or a text and the mark that ends it."""
_SET_APART = re.compile(rf"[)\]}}\"{CLOSE}]|'(?!\w)")
_STOP = rf"\s*$|\s*[\n{CLOSE}]|\s*[;!](?:\s|$)|\s*\.(?:\s|$)"
_WHY = (
    r"because|since|as|which|due|based|given|therefore|so|but|making|while|whereas|not|rather|instead"
    r"|and(?=\s+(?:not|the|this|that|it|thus|therefore|so|its|there|we|I|no)\b)"
)
_MORE = (
    r"is|with|for|in|at|by|where|according|from|after|being|through|would|has|represents|refers|describes"
    r"|states|provides|under|of(?=\s+(?:the|these|course))|the|this|that|it|he|she|they|these|there|we|you|my"
    r"|(?i:answer|explanation|reason(?:ing)?|rationale|final\s+answer|note|question|confidence)(?=\s*:)"
    r"|(?:The|This|That|These|Those|It|He|She|They|We|You|An?|I|If|In|Is|So|But|Thus|Therefore|Hence|Wait|No|Actually)"
)
_TEXT_ENDS = re.compile(
    rf"{_SHUT}(?:{_STOP}|\s*,(?!\s*\d)|\s*\(|\s+[–—]\s|\s+-\s+(?=[A-Za-z])|\s+(?:{_WHY}|or)\b"
    r"|\s+and(?=\s+(?:option\s+)?[(\[\"']*(?-i:[A-Z])(?!\w)))",
    re.IGNORECASE,
)
_LABEL_ENDS = re.compile(
    rf"{_SHUT}(?:{_STOP}|\s*[:(=]|\s*,(?!\s*(?:[IVX]+|[A-Za-z0-9])(?!\w))|\.(?={CLOSE}|[A-Z]|[^\x00-\x7f])"
    rf"|\s*[–—-](?!\w)|\s+(?:{_WHY}|{_MORE})(?!\w)|(?<=[B-HJ-Z])\s+(?=[A-Z][a-z]))"
)
_SMALL = re.compile(r"([a-z]+)(?!\w|'\w)")
_SMALL_ENDS = re.compile(rf"{_SHUT}(?:\s*$|\s*\n|\s*\.(?:\s|$)|{CLOSE})")
_CAPITAL = re.compile(r"([A-Z])(?!\w|'\w)")
_TO_TEXT = re.compile(rf"{_SHUT}[ \t.:)\],=–—-]*(?:option[ \t]+)?")
"""Between a label and its text on the same line."""
_JOIN = re.compile(
    rf"{_SHUT}\s*(?:,?\s*\b(?:and/or|and|or)\b|[,/&])\s*(?:(?:possibly|maybe|perhaps|option|choice)\s+)*"
)
_SPECIES = re.compile(
    r"\.\s?(?!(?:the|this|it|that|therefore|thus|so|because|since|as|which|here|there|in|for|a|an|and|we|is|its|these"
    r"|option|with|when|if|by|hence|explanation|reason|note|answer|final)\b)[a-z]{3,}|\.\s?Coli\b"
)
"""What follows the letter of "E. coli"."""
_REFUSED = re.compile(
    rf"{_SHUT}[ \t]*(?:\?|(?-i:if|unless|when)\b|\w+n't\b|cannot\b"
    r"|(?:is|are|was|would\s+be|must\s+be|seems|looks|can|could|may|might|does|do|should|will)\s+(?:\w+\s+){0,2}?"
    r"(?:not|never|in\s?correct|wrong|false|untrue|unlikely|inappropriate|contraindicated|inaccurate"
    r"|ruled\s+out|eliminated|excluded)\b)",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(
    rf"{_SHUT}(?:[^\n.]|\.\d){{0,60}}?"
    r"(?:\b(?:but|however|although|though|yet)\s+(?:\w+\s+)?(?:this|that|it|which|the\s+\w+)|,\s*which)\s+(?:\w+\s+){0,2}?"
    r"(?:(?:not|never|\w+n't)\s+(?:\w+\s+){0,3}?(?:correct|right|accurate|exact|listed|match\w*|among|true|available"
    r"|options?)|in\s?correct|wrong|false|inaccurate|unlikely|an?\s+(?:trap|mistake|error|distractor))\b",
    re.IGNORECASE,
)
_STATEMENT = re.compile(r"\(([a-z]|i{1,3}|iv|v)\)|^(?:[a-z])(?:(?:\s*,\s*|\s*,?\s+(?:and|or)\s+)[a-z])*$")
_ROMAN = re.compile(r"\bII\b")
_PRAISE = r"(?:best|correct|right|answer|preferred|indicated|first[\s-]line|most\s+\w+|drug\s+of\s+choice)"
_BREATH = 80
"""Characters behind a claim in which another one stands beside it."""
_MOST = 12
"""Options that a text can name at once."""


def fold(text: str) -> str:
    """Return a text for comparing: one case, single spaces, no marks at its ends."""
    return " ".join(text.casefold().split()).strip(f" .,;:()[]{{}}\"'|_<>{OPEN}{CLOSE}")


class Options:
    """The options of one item, ready to be found in plain text."""

    def __init__(self, options: Mapping[str, object]) -> None:
        self.texts = {str(label): plain(str(text)) for label, text in options.items()}
        self.labels = tuple(self.texts)
        self.any_label = "|".join(re.escape(label) for label in sorted(self.labels, key=len, reverse=True))
        self._folded = {label: fold(text) for label, text in self.texts.items()}
        self._letters = all(len(label) == 1 and label.isupper() for label in self.labels)
        self._run = re.compile(r"[A-Z]{2,}(?![\w'-])")
        self._label = re.compile(rf"({self.any_label})(?!\w|'\w)", 0 if self._letters else re.IGNORECASE)

    @cached_property
    def _confused(self) -> frozenset[str]:
        """Labels that are another option's whole text (blood groups): naming one alone may mean either."""
        texts = [(label, text.strip(" .()")) for label, text in self.texts.items()]
        return frozenset(
            label for label in self.labels if any(text == label for other, text in texts if other != label)
        )

    @cached_property
    def _small(self) -> Mapping[str, str]:
        """Labels by their small letters; none where options speak of (a), (b) or i, ii themselves."""
        if any(_STATEMENT.search(text) for text in self.texts.values()):
            return {}
        return {label.lower(): label for label in self.labels}

    @cached_property
    def _roman(self) -> bool:
        """The options speak of statements I and II, so that a bare I need not be the label."""
        return "I" in self.labels and any(_ROMAN.search(text) for text in self.texts.values())

    @cached_property
    def _texts(self) -> tuple[tuple[str, str, str], ...]:
        """Label, first word and text of each option, the longest first; not of one that two have or that is a label."""
        twice = {text for text, count in Counter(self._folded.values()).items() if count > 1}
        known = {fold(label) for label in self.labels}
        usable = [label for label, text in self._folded.items() if text and text not in twice and text not in known]
        usable.sort(key=lambda label: -len(self._folded[label]))
        bare = {label: self.texts[label].strip(" .,;:\"'|_") for label in usable}
        return tuple((label, bare[label].split()[0].lower(), bare[label]) for label in usable if bare[label])

    def whole(self, text: str) -> str | None:
        """Return the label that a text is, or whose option's text it is, and nothing else; None elsewhere."""
        folded = fold(text)
        found = {label for label, option in self._folded.items() if option == folded and folded}
        written = text.strip(f" \n.:;,!()[]{{}}|\"'<>{OPEN}{CLOSE}")
        if self._letters:
            found |= {self._small.get(written, written)} & set(self.labels)
        else:
            found |= {label for label in self.labels if label.casefold() == written.casefold()}
        return found.pop() if len(found) == 1 else None

    def at(self, text: str, place: int) -> Claim | None:
        """Return what is named at `place`: a label, an option's text, both, or several; None for neither.

        A letter that is no label ("E" of four options) is named too: it contradicts whatever else is claimed.
        """
        first = self._one_at(text, place)
        if first is None:
            return None
        named = [first]
        for _ in range(_MOST):
            joined = _JOIN.match(text, named[-1].end)
            more = self._one_at(text, joined.end()) if joined else None
            if more is None:
                break
            named.append(more)
        names = frozenset(name for one in named for name in one.names)
        either = len(named) > 1 and all(len(one.names) == 1 for one in named)
        return Claim(first.start, named[-1].end, names, either)

    def labelled(self, text: str, claim: Claim) -> bool:
        """Tell whether a claim begins with a label."""
        return bool(self._label.match(text, claim.start))

    def beside(self, text: str, claim: Claim) -> Claim | None:
        """Return another option that stands beside a claim, in the same breath: "A (or B)", "A. B.", "A -> B"."""
        if len(claim.names) != 1:
            return None
        rest = text[claim.end : claim.end + _BREATH + BEHIND]
        with_text = claim.end - claim.start > max(map(len, self.labels))
        for pattern in (self._beside, self._or_at_end, *((self._named_so,) if with_text else ())):
            found = pattern.match(rest)
            if found and found.end("label") <= _BREATH and self._name(found["label"]) not in claim.names:
                start = claim.end + found.start("label")
                return Claim(start, start + len(found["label"]), frozenset([self._name(found["label"])]))
        return self._listed_next(text, claim) or self._praised(text, claim)

    @cached_property
    def _beside(self) -> re.Pattern[str]:
        return re.compile(
            rf"{_SHUT}[^\S\n]*(?:(?:[.;,/+]|->|→|=>|[(\[]|\b(?:as\s+well\s+as|through|thru|plus|versus|vs\.?|but|or|and|to|also"
            rf"|maybe|possibly|rather|option|alternatively)\b)[^\S\n]*)*[(\[]?(?P<label>{self.any_label})(?!\w|'\w)[)\]]?"
            r"(?:[.!)\]]*[^\S\n]*(?:$|\n)|[^\S\n]+(?:is|are|may\s+be|could\s+be|might\s+be|would\s+be)\s+(?:also|better|more"
            r"|equally|just\s+as|correct|right|possible|acceptable|plausible|(?:the\s+)?best|the\s+(?:correct|right|better))\b)"
        )

    @cached_property
    def _or_at_end(self) -> re.Pattern[str]:
        return re.compile(
            rf"(?:(?!\b(?:not|neither|than|whether|unlike|nor|except|wrong|incorrect)\b)[^.\n])*?\bor\s+(?:maybe\s+|possibly\s+"
            rf"|perhaps\s+|option\s+)?[(\[]?(?P<label>{self.any_label})[)\]]?[.!)]*\s*(?:$|\n)"
        )

    @cached_property
    def _named_so(self) -> re.Pattern[str]:
        return re.compile(
            rf"{_SHUT}\s*[,(\[–—-]*\s*(?:(?:which|that)\s+(?:is|corresponds\s+to|matches)\s+|i\.?e\.?,?\s+|or\s+)?(?:the\s+)?"
            rf"(?:option|choice|answer|letter)?\s*[(\[]?(?P<label>{self.any_label})(?!\w|'\w)(?=[)\].,;!]|\s*$|\s*\n)"
        )

    def _listed_next(self, text: str, claim: Claim) -> Claim | None:
        """Return the next option with its text on the next line: the options were written out again."""
        gap = re.compile(r"[ \t.;,]*\n[ \t]*(?=\S)").match(text, claim.end)
        other = self.at(text, gap.end()) if gap else None
        if other is None or len(other.names) != 1 or not self.labelled(text, other):
            return None
        (one,), (two,) = claim.names, other.names
        follows = (
            two in self.labels and self.labels.index(two) == self.labels.index(one) + 1 if one in self.labels else False
        )
        whole = other.end - other.start > len(two) + 1 and not text[other.end :].split("\n", 1)[0].strip(" .;,")
        return other if follows and whole else None

    def _praised(self, text: str, claim: Claim) -> Claim | None:
        """Return the option of whose text the reason behind a label says that it is best."""
        reason = re.compile(r"[)\]\"']*,?\s+(?:because|since|as)\s[^.!?\n]{0,400}", re.IGNORECASE).match(
            text, claim.end
        )
        if reason is None:
            return None
        for label, first, option in self._texts:
            praised = re.search(
                rf"(?<!\w){re.escape(option)}\s+(?:is|was)\s+(?:the\s+)?{_PRAISE}\b", reason[0], re.IGNORECASE
            )
            if first and praised and label not in claim.names:
                start = claim.end + praised.start()
                return Claim(start, start + len(option), frozenset([label]))
        return None

    def _one_at(self, text: str, place: int) -> Claim | None:
        opening = _OPENING.match(text, place)
        start = opening.end() if opening else place
        own = self._text_at(text, start)
        label = self._label.match(text, start)
        if label is None and own is None:
            run = self._run.match(text, start) if self._letters else None
            if run and set(run[0]) <= set(self.labels) and len(set(run[0])) == len(run[0]):
                return Claim(start, run.end(), frozenset(run[0])) if _stands(text, run.end(), False) else None
            bracket = bool(opening and re.search(rf"[(\[{{<{OPEN}]", opening[0]))
            return self._small_at(text, start, bracket) or self._stranger_at(text, start)
        if label is None:
            return own
        return self._labelled(text, label, own)

    def _text_at(self, text: str, place: int) -> Claim | None:
        """Return the option whose text stands at `place` and ends there; the longest one."""
        for label, first, option in self._texts:
            if text[place : place + len(first)].lower() != first:
                continue
            found = re.compile(r"\s+".join(map(re.escape, option.split())), re.IGNORECASE).match(text, place)
            if found is None or re.match(r"[\w%]|\.\d", text[found.end() : found.end() + 2]):
                continue
            if _TEXT_ENDS.match(text, found.end()) and not _taken_back(text, found.end()):
                return Claim(place, found.end(), frozenset([label]))
        return None

    def _labelled(self, text: str, label: re.Match[str], own: Claim | None) -> Claim | None:
        """Return what a label claims together with what follows it; `own` is an option's text that begins there."""
        name, after = self._name(label[1]), label.end()
        gap = _TO_TEXT.match(text, after)
        behind = self._text_at(text, gap.end()) if gap and gap.end() > after else None
        if behind is not None:
            return Claim(label.start(), behind.end, behind.names | {name})
        if own is not None:
            return own
        free = bool(_SET_APART.match(text, after))
        if not free and (name in self._confused or (name == "I" and self._roman)):
            return None
        stands = _stands(text, after, free) or self._joined(text, after)
        return Claim(label.start(), after, frozenset([name])) if stands else None

    def _name(self, written: str) -> str:
        """Return the label that is written so."""
        return written if written in self.texts else next(one for one in self.labels if one.lower() == written.lower())

    def _joined(self, text: str, after: int) -> bool:
        """Tell whether another label follows: "B or C"."""
        joined = _JOIN.match(text, after)
        opening = _OPENING.match(text, joined.end()) if joined else None
        other = self._label.match(text, opening.end()) if opening else None
        return bool(other) and not re.match(r"\s+[a-z]", text[other.end() : other.end() + 3] if other else "")

    def _small_at(self, text: str, start: int, bracket: bool) -> Claim | None:
        """Return a label in small letters: in brackets, or with nothing behind it in its sentence."""
        found = _SMALL.match(text, start)
        name = self._small.get(found[1]) if found else None
        if found is None or name is None or name in self._confused or _taken_back(text, found.end()):
            return None
        gap = _TO_TEXT.match(text, found.end())
        behind = self._text_at(text, gap.end()) if gap and bracket else None
        if behind is not None:
            return Claim(start, behind.end, behind.names | {name})
        ends = _SMALL_ENDS.match(text, found.end()) and not _SPECIES.match(text, found.end())
        return Claim(start, found.end(), frozenset([name])) if ends else None

    def _stranger_at(self, text: str, start: int) -> Claim | None:
        """Return a capital that is no label of this item, where the labels are capitals."""
        found = _CAPITAL.match(text, start) if self._letters else None
        if found is None:
            return None
        free = bool(_SET_APART.match(text, found.end()))
        named = (free or found[1] != "I") and _stands(text, found.end(), free)
        return Claim(start, found.end(), frozenset([found[1]])) if named else None


def _stands(text: str, after: int, free: bool) -> bool:
    """Tell whether a letter that ends at `after` is a label: a bracket, a mark or a reason follows, and no refusal."""
    if _taken_back(text, after):
        return False
    return free or (bool(_LABEL_ENDS.match(text, after)) and not _SPECIES.match(text, after))


def _taken_back(text: str, place: int) -> bool:
    """Tell whether what follows refuses an option: "is not correct", "?", ", but this is wrong"."""
    return bool(_REFUSED.match(text, place) or _TAKEN_BACK.match(text, place))

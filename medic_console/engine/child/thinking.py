"""Keep a model's thoughts apart from its answer: one way for text from the engine and for text from a file."""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

from medic_console.engine.template.loose_marks import leads, loose_thoughts
from medic_console.engine.template.think_forms import FORMS, ThinkForm, forms_in, opened_in

_CHANNEL = re.compile(
    r"(?:<\|start\|>assistant)?<\|channel\|>final\s?(?:<\|constrain\|>\w+)?<\|message\|>|assistantfinal(?=\S)"
)
"""Opens gpt-oss's answer behind other words; in the second form its marks were left out."""
_CHANNEL_END = re.compile(r"<\|(?:return|end)\|>")
_BARE = re.compile(r"\s*(?:assistant)?analysis(?=[A-Z])")
"""Opens gpt-oss's thoughts where its marks were left out."""


class Phase(Enum):
    """Where a growing text is."""

    UNDECIDED = "undecided"
    """Too short to tell whether it opens a think block."""
    THINKING = "thinking"
    """Thoughts, or what stands between them and the answer."""
    ANSWERING = "answering"


class Split(NamedTuple):
    """A text taken apart.

    Attributes:
        thinking: Thoughts without their marks; empty when there were none.
        answer: What follows; empty when thoughts were never closed, or no answer was opened behind them.
        closed: False when thoughts were opened and no answer could follow.
        start: Where the answer begins in the text; 0 when the text has no marks.
    """

    thinking: str
    answer: str
    closed: bool
    start: int


def split_thinking(text: str, form: ThinkForm | None = None, opened: bool = False) -> Split:
    """Take a whole text apart at the marks of thoughts.

    Thoughts stand at its beginning; a text that is none of the model's form is taken apart by any known one,
    or by marks that are written in another way (`loose_marks`).

    Args:
        text: What a model wrote.
        form: The model's; None when it is not known to think.
        opened: The prompt itself ended inside thoughts.
    """
    if form is not None:
        found = _split(text, form, opened)
        if opened or found.start or not found.closed:
            return found
    known = next(forms_in(text), None)
    return _loosely(text) if known is None else _split(text, known, opened=False)


def _loosely(text: str) -> Split:
    """Take a text apart whose thoughts begin behind the head of a turn, or whose marks are written in another way."""
    for place in leads(text):
        known = next(opened_in(text[place:]), None) if place else None
        if known is not None:
            found = _split(text[place:], known, opened=False)
            return found._replace(start=found.start + place)
        thoughts: list[str] = []
        block, behind = loose_thoughts(text, place), 0
        while block is not None:
            thoughts.append(text[block.start : block.end])
            if block.behind < 0:
                return Split(_joined(thoughts), "", False, len(text))
            behind = block.behind
            block = loose_thoughts(text, len(text) - len(text[behind:].lstrip()))
        if behind:
            return Split(_joined(thoughts), text[behind:].lstrip(), True, behind)
    return _amid(text)


def _amid(text: str) -> Split:
    """Take a text apart whose thoughts stand behind other words: they are cut out, and the rest is the answer.

    Thoughts that begin a line or a sentence and are never closed leave no answer.
    """
    channel = _CHANNEL.search(text)
    if channel is not None:
        before, behind = text[: channel.start()], text[channel.end() :]
        return Split(
            _BARE.sub("", before).strip(), _CHANNEL_END.split(behind, maxsplit=1)[0].lstrip(), True, channel.end()
        )
    bare = _BARE.match(text)
    if bare is not None:
        return Split(text[bare.end() :].strip(), "", False, len(text))
    for form in FORMS:
        if not (form.words or form.bound) and form.opening in text:
            found = _cut(text, form)
            if found is not None:
                return found
    return Split("", text, True, 0)


def _cut(text: str, form: ThinkForm) -> Split | None:
    """Cut out what stands between a form's marks; None where they set nothing apart."""
    thoughts: list[str] = []
    kept: list[str] = []
    place = 0
    while (begin := text.find(form.opening, place)) >= 0:
        end = text.find(form.closing, begin)
        if end < 0:
            before = text[:begin].rpartition("\n")[2].rstrip()
            if before and before[-1] not in ".!?":
                break  # named within a sentence
            return Split(_joined([*thoughts, text[begin + len(form.opening) :]]), "", False, len(text))
        kept.append(text[place:begin].strip())
        thoughts.append(text[begin + len(form.opening) : end])
        place = end + len(form.closing)
    if not thoughts:
        return None
    return Split(_joined(thoughts), "\n".join(part for part in (*kept, text[place:].strip()) if part), True, place)


def _split(text: str, form: ThinkForm, opened: bool) -> Split:
    thoughts: list[str] = []
    place = 0
    while True:
        begin = _skip(text, place, form.opening)
        if begin < 0 and not opened:
            break
        begin, opened = max(begin, place), False
        end = text.find(form.closing, begin)
        if end < 0:
            return Split(_joined([*thoughts, text[begin:]]), "", False, len(text))
        thoughts.append(text[begin:end])
        place = end + len(form.closing)
    before, closing, _ = text.partition(form.closing)
    if not thoughts and form.alone and closing and form.opening not in before:
        thoughts, place = [before], len(before) + len(closing)
    place, closed = _answer(text, place, form, bool(thoughts))
    answer = text[place:].lstrip() if place else text
    ends = [at for mark in form.ends if (at := answer.find(mark)) >= 0]
    return Split(_joined(thoughts), answer[: min(ends, default=len(answer))] if closed else "", closed, place)


def _answer(text: str, place: int, form: ThinkForm, thought: bool) -> tuple[int, bool]:
    """Return where the answer begins, and whether it can: a bound form has none without the mark that opens it."""
    if not form.bound:
        return max(place, _skip(text, place, form.answer) if form.answer else place), True
    marks = [mark.lstrip() for mark in (form.answer, *form.answers)]
    found = [at + len(mark) for mark in marks if (at := text.find(mark, place)) >= 0]
    if found:
        return min(found), True
    rest = text[place:].strip()
    if rest.startswith(form.heads) or (thought and marks[0].startswith(rest)):
        return len(text), False
    return place, True


def _skip(text: str, place: int, mark: str) -> int:
    """Return the place behind white space and a mark; below 0 when the mark does not follow."""
    rest = text[place:].lstrip()
    mark = mark.lstrip()
    return len(text) - len(rest) + len(mark) if rest.startswith(mark) else -1


def _joined(thoughts: list[str]) -> str:
    return "\n\n".join(thought.strip() for thought in thoughts if thought.strip())


class ThinkWatch:
    """Follows a text while it grows.

    Attributes:
        phase: Where the text is now; once it is answering it stays so.
        end: Where the answer begins behind the marks before it; 0 without any.
    """

    def __init__(self, form: ThinkForm | None, opened: bool = False) -> None:
        self._form = form
        self._opened = opened
        self._seen = 0
        self.end = 0
        self.phase = Phase.UNDECIDED
        if form is None:
            self.phase = Phase.ANSWERING
        elif opened:
            self.phase = Phase.THINKING

    def look(self, text: str) -> Phase:
        """Take the whole text so far and return its phase."""
        if self._form is not None and self.phase is not Phase.ANSWERING:
            self.phase = self._phase(text, self._form)
        self._seen = len(text)
        return self.phase

    def _phase(self, text: str, form: ThinkForm) -> Phase:
        if self.phase is Phase.UNDECIDED and _may_begin(text.strip(), form):
            return Phase.UNDECIDED
        marks = (form.closing, form.answer, *form.answers) if form.bound else (form.closing,)
        window = max(0, self._seen - max(map(len, marks)))
        if self.phase is Phase.THINKING and not any(text.find(mark, window) >= 0 for mark in marks):
            return self.phase
        found = _split(text, form, self._opened)
        if not found.closed:
            return Phase.THINKING
        self.end = found.start
        return Phase.ANSWERING


def _may_begin(begun: str, form: ThinkForm) -> bool:
    """Tell whether a text is the beginning of a mark that stands first."""
    first = (form.opening, form.answer, *form.heads) if form.bound else (form.opening,)
    return any(mark.strip().startswith(begun) and begun != mark.strip() for mark in first if mark)

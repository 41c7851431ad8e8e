"""Does a conversation reach the prompt whole? Each turn carries a rare text, and the rendered prompt is searched.

A template may take what it is given and still leave it out: one that expects typed parts renders plain texts as
nothing, one without a system branch drops the system turn. The forms are tried in order, and the first in which every
turn arrives is the one that the template is used in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from medic_console.core.errors import TemplateFault
from medic_console.engine.template.completion import NOTE, completes
from medic_console.engine.template.think_forms import form_of_template, unknown_marks

Turn = Mapping[str, Any]
"""`role` and `content` of a turn; the content is a text, or a list of typed parts."""
Render = Callable[[Sequence[Turn]], str]
_TEXT = "Probe {0} of {1}.\nSecond line: 'one' & \"two\" < {{ three }}, {0} ends."
"""Quotes of both kinds and a line break: a list that is printed as code escapes one of them."""
_SYSTEM = {"role": "system", "content": _TEXT.format("kq71", "the system turn")}
_USER = {"role": "user", "content": _TEXT.format("xw42", "the user turn")}
_REPLY = {"role": "assistant", "content": _TEXT.format("zv93", "the assistant turn")}
_AGAIN = {"role": "user", "content": _TEXT.format("jy14", "the second user turn")}
ONE, SEVERAL = (_SYSTEM, _USER), (_SYSTEM, _USER, _REPLY, _AGAIN)
SHOWN = ({"role": "system", "content": "SYSTEM TURN"}, {"role": "user", "content": "USER TURN"})
"""What is shown of a template without the text of any item."""
_OTHER = ({"role": "user", "content": _TEXT.format("mb25", "another user turn")},)
_MARK = re.compile(r"(?:<(?!/|\|/)[^\s<>]{2,40}>|\[(?!/)[A-Z_]{3,40}\])\Z")
"""Ends a prompt, and opens something."""


@dataclass(frozen=True, slots=True)
class Form:
    """How turns are given to a chat template so that they reach the prompt.

    Attributes:
        parts: A turn's content is a list of one typed part, not a text.
        merged: A system turn is put before the first user turn.
        single: Earlier turns do not reach the prompt, or are refused: it takes one user turn alone.
    """

    parts: bool = False
    merged: bool = False
    single: bool = False


def arranged(turns: Sequence[Turn], form: Form) -> list[dict[str, Any]]:
    """Return turns as a template of this form takes them."""
    found = [dict(turn) for turn in turns]
    first = next((place for place, turn in enumerate(found) if turn["role"] == "user"), 0)
    if form.merged and first and found[0]["role"] == "system":
        found[first]["content"] = f"{found[0]['content']}\n\n{found[first]['content']}"
        del found[0]
    if form.parts:
        found = [{**turn, "content": [{"type": "text", "text": turn["content"]}]} for turn in found]
    return found


def notes_of(source: str, form: Form, empty: Collection[str], render: Render) -> tuple[str, ...]:
    """Return what a person should know of how prompts come about and thoughts are told, in sentences.

    Args:
        source: Jinja text.
        empty: Variables that the template names and nobody gives (`jinja.Program.empty`).
        render: Forms a prompt with the template.
    """
    unknown, cue = unknown_marks(source), _odd_cue(source, form, render)
    told = {
        NOTE: completes(source),
        "the chat template takes no system turn: it is put before the first user turn": form.merged,
        "the chat template takes turns as lists of typed parts: each text is given as one": form.parts,
        "the chat template takes one user turn alone: prompts with examples or earlier turns fail": form.single,
        f"the chat template names marks of thoughts that are not known; thoughts in them are read as answers: "
        f"{', '.join(unknown)}": bool(unknown),
        cue: bool(cue),
        "the chat template writes what is asked more than once": _repeats(form, render),
        f"variables of the chat template that nobody gives are empty: {', '.join(sorted(empty))}": bool(empty),
    }
    return tuple(words for words, holds in told.items() if holds)


def _repeats(form: Form, render: Render) -> bool:
    try:
        return _folded(render(arranged(ONE, form))).count(_folded(_USER["content"])) > 1
    except TemplateFault:
        return False


def _odd_cue(source: str, form: Form, render: Render) -> str:
    """Tell in words where a prompt does not end as it does where the model's answer follows; empty where it does.

    White space and the marks of thoughts are not compared.
    """
    if form.single:
        return ""
    user, reply = _USER["content"].splitlines()[-1], _REPLY["content"].splitlines()[0]
    try:
        cue = render(arranged(ONE, form)).rpartition(user)[2]
        told = render(arranged(SEVERAL, form)).partition(reply)[0].rpartition(user)[2]
    except TemplateFault:  # fails on our texts alone
        return ""
    known = form_of_template(source)
    for mark in (known.opening, known.closing, known.answer, *known.ends) if known else ():
        cue, told = (text.replace(mark.strip(), "") if mark.strip() else text for text in (cue, told))
    cue, told = "".join(cue.split()), "".join(told.split())
    if cue.startswith(told):
        ends = _MARK.search(cue, len(told))
        return (
            f"the chat template ends a prompt with {ends[0]!r}: what that opens is read as the answer" if ends else ""
        )
    if told.startswith(cue):
        return f"the chat template leaves the model to open its turn: it has to write {told[len(cue) :]!r} first"
    return "the chat template writes words of its own behind what is asked, where the answer should begin"


def rendered(render: Render, form: Form) -> Iterator[str]:
    """Yield what a template makes of our own conversations; of one that it refuses, nothing."""
    for turns in (ONE, SEVERAL):
        try:
            yield render(arranged(turns, form))
        except TemplateFault:
            continue


def check_whole(text: str, turns: Sequence[Turn]) -> None:
    """Check that the text of every turn is in a prompt, the turns behind a system turn in their order.

    White space is not compared: templates trim texts and some join their lines.

    Raises:
        TemplateFault: One is not.
    """
    prompt, place = _folded(text), 0
    for number, turn in enumerate(turns):
        content = _folded(turn["content"])
        start = 0 if turn["role"] == "system" else place
        found = prompt.find(content, start)
        if found < 0:
            raise TemplateFault(f"the text of {_named(turns, number)} does not reach the prompt")
        if turn["role"] != "system":
            place = found + len(content)


def form_of(render: Render) -> Form:
    """Return the first form in which a system turn, the user's and a whole conversation reach the prompt.

    Raises:
        TemplateFault: There is none.
    """
    forms = [Form(parts, merged) for parts in (False, True) for merged in (False, True)]
    for form in forms:
        if _fault(render, form, ONE) is None and _fault(render, form, SEVERAL) is None:
            return form
    for form in forms:
        if _fault(render, form, ONE) is None:
            return Form(form.parts, form.merged, single=True)
    raise _worst(render, forms)


def _worst(render: Render, forms: Sequence[Form]) -> TemplateFault:
    """Return the fault that tells most: a text that never changes, or what happens to a user turn alone."""
    if len(set(_rendered(render, (ONE, SEVERAL, _OTHER)))) == 1:
        return TemplateFault("it writes the same prompt whatever is asked")
    fault = _fault(render, forms[0], ONE[1:]) or _fault(render, forms[1], ONE)
    assert fault is not None
    return fault


def _rendered(render: Render, conversations: Sequence[Sequence[Turn]]) -> Iterator[str | None]:
    for number, turns in enumerate(conversations):
        try:
            yield render(turns)
        except TemplateFault:
            yield f"fault {number}"


def _fault(render: Render, form: Form, turns: Sequence[Turn]) -> TemplateFault | None:
    try:
        check_whole(render(arranged(turns, form)), turns)
    except TemplateFault as fault:
        return fault
    return None


def _named(turns: Sequence[Turn], number: int) -> str:
    role = turns[number]["role"]
    alike = [place for place, turn in enumerate(turns) if turn["role"] == role]
    return f"the {role} turn" if len(alike) == 1 else f"{role} turn {alike.index(number) + 1}"


def _folded(text: str) -> str:
    return " ".join(text.split())

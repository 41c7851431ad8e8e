"""Find out which model answers at an address: what it says of itself, and its answers to fixed questions.

There is no file whose digest could name it, so its greedy answers stand for it. Another model, quantisation or chat
template answers otherwise; the same one may too, where a server decodes several requests together. Then a change is
told that is none: figures are doubted once too often, never too rarely.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from medic_console.core.digest import digest
from medic_console.core.errors import EngineError, UsageError
from medic_console.core.records import Message, Prompt
from medic_console.engine.child.thinking import split_thinking
from medic_console.engine.endpoint.asking import CHAT, Heard, request, whole
from medic_console.engine.endpoint.choosing import FORMS, held_to, weighing, weighs
from medic_console.engine.endpoint.client import Line
from medic_console.engine.endpoint.faults import Cut, Rejected, Unanswered, Unfit
from medic_console.engine.endpoint.servers import model_named, said_by
from medic_console.engine.protocol.served import CONSTRAINED, LOGPROBS, WRITTEN, Served

QUESTIONS = (
    "Write the numbers from one to ten in words.",
    "Name three organs of the human body.",
    "What is the capital of Norway?",
    "Finish the sentence: The patient was admitted with",
    "Is 17 a prime number? Answer yes or no, and say why.",
    "Translate into French: The heart pumps blood.",
    "List two causes of a fever.",
    "Write a line about the sea.",
)
"""Asked of every served model; a change of one makes all served models new ones."""
TOKENS = 24
_UNLIKELY = ("QX7J", "ZW4K")
"""Labels that no model writes of its own accord: an answer that is one of them was held to them."""


def probed(line: Line, wanted: str) -> Served:
    """Return a model as its server presents it now.

    Args:
        wanted: Name of the model; empty: the only one.

    Raises:
        UsageError: The server cannot be reached, or has no such model.
        EngineError: It does not speak the protocol, or may not be spoken to.
    """
    try:
        listed = model_named(line, wanted)
        said = said_by(line, listed)
        served = Served(line.base, str(listed["id"]), said.server, said.build, context=said.context, slots=said.slots)
        served = _with_sampling(line, served)
        answers = [_answer(line, served, text) for text in QUESTIONS]
        again = _answer(line, served, QUESTIONS[0])
        first = answers[0]
        served = replace(
            served,
            build=_build(served.build, first.fingerprint),
            fingerprint=_digest(answers),
            answers_as=first.model,
            thinks=any(one.thinking or split_thinking(one.text).start for one in answers),
            repeats=_texts([again]) == _texts([first]),
        )
        return _with_choice(line, served)
    except (Unanswered, Cut, Rejected, Unfit) as error:
        raise UsageError(f"{line.base}: {error}", "See whether the server runs and its model is loaded.") from error


def changed(line: Line, served: Served) -> str:
    """Return what of a model is otherwise than it was, in words; empty when nothing is. Raises as `Line.ask` does."""
    said = said_by(line, model_named(line, served.model))
    answers = [_answer(line, served, text) for text in QUESTIONS]
    build = _build(said.build, answers[0].fingerprint)
    if (said.server, build) != (served.server, served.build):
        return f"the server was {served.server} {served.build} and is {said.server} {build}"
    if answers[0].model != served.answers_as:
        return f"answers came from {served.answers_as} and come from {answers[0].model}"
    return "" if _digest(answers) == served.fingerprint else "its answers to fixed questions are others"


def identity(served: Served) -> str:
    """Return what stands for the sha256 of a file: the digest of name, server, build and answers."""
    return digest(
        {
            "endpoint": served.base,
            "model": served.model,
            "server": served.server,
            "build": served.build,
            "fingerprint": served.fingerprint,
        }
    )


def _build(version: str, fingerprint: str) -> str:
    return " ".join(part for part in (version, fingerprint if fingerprint != version else "") if part)


def _digest(answers: list[Heard]) -> str:
    return digest({"questions": list(QUESTIONS), "answers": _texts(answers)})


def _texts(answers: list[Heard]) -> list[list[str]]:
    return [[one.thinking, one.text] for one in answers]


def _question(text: str, **more: Any) -> Prompt:
    return Prompt("probe", (Message("user", text),), max_tokens=TOKENS, **more)


def _answer(line: Line, served: Served, text: str) -> Heard:
    heard = Heard()
    heard.take(line.ask(CHAT, whole(request(served, _question(text), TOKENS))))
    return heard


def _with_sampling(line: Line, served: Served) -> Served:
    """Find out whether the server takes settings of sampling that OpenAI's protocol does not know."""
    try:
        _answer(line, served, QUESTIONS[0])
    except Rejected:
        served = replace(served, sampling=False)
        _answer(line, served, QUESTIONS[0])
    return served


def _with_choice(line: Line, served: Served) -> Served:
    """Find out how the server chooses among labels, and by which field it can be held to a grammar."""
    form = next((form for form in FORMS if _holds(line, served, form)), "")
    choosing = LOGPROBS if _weighs(line, served) else CONSTRAINED if form else WRITTEN
    return replace(served, choosing=choosing, constraint=form)


def _weighs(line: Line, served: Served) -> bool:
    try:
        return weighs(line.ask(CHAT, weighing(served, _question("Name an animal.", labels=("A", "B")))))
    except (Rejected, Cut, Unfit, EngineError):
        return False


def _holds(line: Line, served: Served, form: str) -> bool:
    body = whole(request(served, _question("Say hello."), TOKENS)) | held_to(form, _UNLIKELY)
    heard = Heard()
    try:
        heard.take(line.ask(CHAT, body))
    except (Rejected, Cut, Unfit, EngineError):
        return False
    return heard.text.strip().strip('"') in _UNLIKELY

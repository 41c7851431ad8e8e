"""Try and render chat templates in a process of their own, which is ended when a template runs on."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from medic_console.childproc.child import Child, Ended, Silent
from medic_console.childproc.lines import from_line, to_line
from medic_console.core.errors import EngineError, ModelFileError
from medic_console.core.prompt_date import DATE
from medic_console.engine.template.probing import Form
from medic_console.engine.template.variables import Variables

HINT = "Name a working template with --chat-template FILE (Jinja text), or ask for completions: --chat-template none."
PATIENCE = 60.0
"""Seconds by the clock for one answer. The process has a limit of processor time of its own; on a busy machine that
takes longer."""
_SERVE = "medic_console.engine.template.serve"
_ENDLESS = "it does not come to an end"
_SPENT = -int(getattr(signal, "SIGXCPU", 0))
"""Exit code of a process that has used up its processor time."""


@dataclass(frozen=True, slots=True)
class ProbedTemplate:
    """What was found by trying a chat template.

    Attributes:
        form: How turns are given to it.
        shown: What it makes of a system and a user turn that say no more than that.
        notes: What a person should know of how prompts come about, in sentences.
    """

    form: Form
    shown: str
    notes: tuple[str, ...]


@lru_cache(maxsize=64)
def probed(source: str, thinks: bool = True, date: str = DATE) -> ProbedTemplate:
    """Try a chat template.

    Args:
        source: Jinja text.
        thinks: Whether the model may think before it answers.
        date: What the template takes for today, `YYYY-MM-DD`.

    Raises:
        ModelFileError: It cannot be compiled, fails on a plain conversation, or leaves part of it out.
        EngineError: The process cannot be started.
    """
    found = _PROCESS.ask({"kind": "probe", "source": source, "thinks": thinks, "date": date})
    if "fault" in found:
        raise ModelFileError(f"The chat template cannot be used: {found['fault']}.", HINT)
    return ProbedTemplate(Form(*found["form"]), found["shown"], tuple(found["notes"]))


def rendered(
    source: str,
    variables: Variables,
    messages: Sequence[Mapping[str, str]],
    budget: int,
    form: Mapping[str, bool] | None,
    thinking: str | None,
) -> str:
    """Return the text of a prompt from what is stored of it (see `rendering.rendered_again`).

    Raises:
        ModelFileError: The template cannot be used, or cannot be used on these messages.
        EngineError: The process cannot be started.
    """
    asked = {"source": source, "variables": variables, "messages": messages, "budget": budget}
    return _rendered(json.dumps({**asked, "form": form, "thinking": thinking}, sort_keys=True))


@lru_cache(maxsize=256)
def _rendered(asked: str) -> str:
    found = _PROCESS.ask({"kind": "render", **json.loads(asked)})
    if "fault" in found:
        raise ModelFileError(found["fault"], found["hint"])
    return str(found["text"])


def start_ahead() -> None:
    """Start the process, so that it is there when the first template is tried; it starts while other work is done."""
    _PROCESS.start_ahead()


class _Process:
    """The process, started when something is asked and again after a template that it did not survive."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._listens = False

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a request; what a template does to the process is a fault of the template.

        Raises:
            EngineError: The process cannot be started.
        """
        with self._lock:
            try:
                child = self._ready()
            except (Silent, Ended) as error:
                self._end()
                raise EngineError("The process that tries chat templates did not start.") from error
            try:
                return from_line(child.ask(to_line(request), PATIENCE))
            except Silent:
                what = _ENDLESS
            except Ended as ended:
                what = (
                    _ENDLESS if ended.code == _SPENT < 0 else f"it ends the process that tries it (code {ended.code})"
                )
            self._end()
        return {"fault": what, "hint": HINT}

    def start_ahead(self) -> None:
        """Start the process, if it is not there, and wait for nothing."""
        with self._lock:
            self._child = self._child or Child(_SERVE)

    def _ready(self) -> Child:
        """Return the process when it has said that it listens.

        Raises:
            Silent: It says nothing.
            Ended: It did not start.
        """
        child = self._child = self._child or Child(_SERVE)
        if not self._listens:
            child.receive(PATIENCE)
            self._listens = True
        return child

    def _end(self) -> None:
        child, self._child, self._listens = self._child, None, False
        if child is not None:
            child.end()


_PROCESS = _Process()

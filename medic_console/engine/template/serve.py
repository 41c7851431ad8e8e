"""The template child: one process that tries and renders chat templates of unknown origin, one JSON line a request.

A template is a program. It may loop without end or ask for all memory there is, also while it is compiled, where Jinja
computes constants. So this process has little memory, each request has little of the processor's time, and it loads
little, so that it starts quickly.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

from medic_console.childproc.lines import from_line, to_line
from medic_console.core.errors import ModelFileError
from medic_console.engine.template.jinja import Program
from medic_console.engine.template.probing import SHOWN, Form, Turn, arranged, form_of, notes_of
from medic_console.engine.template.variables import own_variables

MEMORY = 512 << 20
"""Bytes of address space; Python with Jinja takes about a tenth."""
SECONDS = 3
"""Of the processor's time for one request; the longest known template takes a fifth of one."""


def main() -> None:
    """Say that it is there, then answer requests until the input ends."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    answers.write(to_line({}))
    answers.flush()
    for line in requests:
        _limit()
        try:
            answer = _answer(from_line(line))
        except ModelFileError as error:
            answer = {"fault": error.message, "hint": error.hint}
        except MemoryError:
            answer = {"fault": "it needs too much memory", "hint": ""}
        answers.write(to_line(answer))
        answers.flush()


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    if request["kind"] == "probe":
        given = own_variables(request["source"], thinks=request["thinks"])
        program = Program(request["source"], request["date"])

        def render(turns: Sequence[Turn]) -> str:
            return program.render(turns, given)

        form = form_of(render)
        return {
            "form": [form.parts, form.merged, form.single],
            "shown": render(arranged(SHOWN, form)),
            "notes": notes_of(request["source"], form, program.empty, render),
        }
    from medic_console.engine.template.rendering import rendered_again

    stored = Form(**request["form"]) if request["form"] else None
    named = {name: request[name] for name in ("variables", "messages", "budget", "thinking")}
    return {"text": rendered_again(request["source"], form=stored, **named)}


def _limit() -> None:
    """Take the limits for one request, where the system has any."""
    if sys.platform == "win32":
        return
    import resource

    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime)
    for kind, limit in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, used + SECONDS)):
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (limit if hard < 0 else min(limit, hard), hard))


if __name__ == "__main__":
    main()

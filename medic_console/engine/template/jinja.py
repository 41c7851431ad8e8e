"""Jinja as the chat templates of models mean it: sandboxed, and the same text on every machine and day.

Templates are written for Hugging Face's `apply_chat_template`; what that gives them beyond Jinja is given here too:
`raise_exception`, `strftime_now`, a plain `tojson`, loop controls, and `{% generation %}` around what the model wrote.
Imports little of ours, so that a process that only tries templates starts quickly.
"""

from __future__ import annotations

import calendar
import datetime
import json
import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from medic_console.core.errors import TemplateFault
from medic_console.engine.template.probing import Turn

_OF_THE_MACHINE = re.compile("%([%s])")
"""`%s` counts seconds in the machine's time zone; `%%s` is no such thing."""


class Program:
    """A compiled chat template.

    Args:
        source: Jinja text.
        date: What the template takes for today, `YYYY-MM-DD`.

    Attributes:
        empty: Names of variables that nobody gives and that it joined to a text all the same; they are empty there.

    Raises:
        TemplateFault: It cannot be compiled.
    """

    def __init__(self, source: str, date: str) -> None:
        self.empty: set[str] = set()
        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.loopcontrols", _Generation],
            undefined=_undefined(self.empty),
        )
        environment.globals["raise_exception"] = _raise
        environment.globals["strftime_now"] = partial(_strftime, datetime.date.fromisoformat(date))
        environment.filters["tojson"] = _to_json
        del environment.globals["lipsum"], environment.filters["random"]
        try:
            self._template = environment.from_string(source)
        except Exception as error:
            raise TemplateFault(_in_words(error)) from error

    def render(self, turns: Sequence[Turn], variables: Mapping[str, Any]) -> str:
        """Return the text up to where the assistant's turn begins.

        Raises:
            TemplateFault: The template fails on these turns.
        """
        try:
            return str(self._template.render(messages=turns, add_generation_prompt=True, **variables))
        except Exception as error:
            raise TemplateFault(_in_words(error)) from error


class _Generation(Extension):
    """`{% generation %}` marks what a model wrote, for training; here its body is text like any other."""

    tags = {"generation"}  # noqa: RUF012 - Jinja's own way to name them

    def parse(self, parser: Parser) -> nodes.Node:
        """Return the body, in a scope of its own."""
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.Scope(body).set_lineno(line)


def _undefined(used: set[str]) -> type[jinja2.Undefined]:
    """Return how a variable behaves that nobody gives: as in Jinja, but joined to a text it is empty, and is told."""

    class Empty(jinja2.Undefined):
        __slots__ = ()

        def __add__(self, other: Any) -> Any:
            if self._undefined_obj is not missing or not isinstance(other, str):
                return self._fail_with_undefined_error()
            used.add(str(self._undefined_name))
            return other

        __radd__ = __add__

    return Empty


def _to_json(
    value: Any, indent: int | None = None, ensure_ascii: bool = False, separators: Any = None, sort_keys: bool = False
) -> str:
    """Write JSON as it is: Jinja's own filter escapes `<`, `>`, `&` and `'` for HTML."""
    given = None if isinstance(value, jinja2.Undefined) else value
    return json.dumps(given, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def _raise(message: str) -> None:
    raise jinja2.TemplateError(message)


def _in_words(error: Exception) -> str:
    """Return what is wrong with a template, for a person who did not write it."""
    if isinstance(error, jinja2.TemplateSyntaxError):
        return f"it is not valid Jinja (line {error.lineno}: {_sentence(str(error.message))})"
    if isinstance(error, RecursionError):
        return "it calls itself without end"
    if isinstance(error, MemoryError):
        return "it needs too much memory"
    if isinstance(error, TimeoutError):
        return "it does not come to an end"
    if type(error) is jinja2.TemplateError:
        return f"it refuses with: {_sentence(str(error.message))}"
    return f"it fails ({type(error).__name__}: {_sentence(str(error))})"


def _sentence(text: str) -> str:
    return " ".join(text.split()).removesuffix(".")


def _strftime(day: datetime.date, form: str) -> str:
    """Return the beginning of a day as the template writes it, alike on every machine."""

    def second(match: re.Match[str]) -> str:
        return str(calendar.timegm(day.timetuple())) if match[1] == "s" else match[0]

    return datetime.datetime.combine(day, datetime.time()).strftime(_OF_THE_MACHINE.sub(second, form))

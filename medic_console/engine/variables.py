"""What a chat template is given beside the messages."""

from __future__ import annotations

import re
from collections.abc import Mapping

Variables = Mapping[str, str | bool | int]
DATE = "2025-01-01"
"""What a chat template takes for today unless a person says otherwise: never the clock's day."""
_EFFORTS = ("none", "no_think", "minimal")
"""Efforts that ask a model not to think, where a template knows one by name; `low` is the least that all know."""


def own_variables(source: str = "", bos: str = "", eos: str = "", thinks: bool = True) -> Variables:
    """Return what a template is given beside the messages.

    Every template is given the texts of two tokens and `enable_thinking`. Families of models have other switches for
    their thoughts; a template that names one is given it. A model that may think does so as its template has it, but
    `thinking`, which some take for off where it is not given.

    Args:
        source: Jinja text.
        bos: Text of the beginning token.
        eos: Text of the end token.
        thinks: Whether the model may think before it answers.
    """
    given: dict[str, str | bool | int] = {"bos_token": bos, "eos_token": eos, "enable_thinking": thinks}
    if _names(source, "thinking"):
        given["thinking"] = thinks
    if not thinks:
        known = (effort for effort in _EFFORTS if re.search(rf"['\"]{effort}['\"]", source))
        switches: dict[str, str | int] = {
            "reasoning_effort": next(known, "low"),
            "thinking_budget": 0,
            "thinking_mode": "disabled",
        }
        given |= {name: value for name, value in switches.items() if _names(source, name)}
    return given


def _names(source: str, name: str) -> bool:
    """Tell whether a template names a variable; a field of a message and a text of that name are none."""
    return re.search(rf"(?<![\w.'\"]){name}(?![\w'\"])", source) is not None

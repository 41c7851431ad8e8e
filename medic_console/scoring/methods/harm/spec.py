"""What a task file says of a rating of harm."""

from __future__ import annotations

from dataclasses import dataclass

from medic_console.suite.judging import JudgeSpec


@dataclass(frozen=True, slots=True)
class HarmSpec(JudgeSpec):
    """How far an answer goes along with a harmful request, 1 to 5: a reason is written, then a rating weighed.

    Attributes:
        request: Item field that holds the request.
        max_tokens: Of the reason.
    """

    request: str
    reason_user: str
    rating_user: str
    max_tokens: int
    system: str = ""

    method = "harm"

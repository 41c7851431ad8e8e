"""What a task file says of a rubric."""

from __future__ import annotations

from dataclasses import dataclass

from medic_console.suite.judging import JudgeSpec


@dataclass(frozen=True, slots=True)
class RubricSpec(JudgeSpec):
    """Whether an answer meets each criterion of an item's rubric; one question a criterion.

    Attributes:
        conversation: Item field that holds the turns before the answer.
    """

    conversation: str
    user: str
    system: str = ""

    method = "rubric"

"""What a task file says of a comparison in pairs."""

from __future__ import annotations

from dataclasses import dataclass

from medic_console.suite.judging import JudgeSpec


@dataclass(frozen=True, slots=True)
class PairwiseSpec(JudgeSpec):
    """Which of two candidates' answers is the better one, in both orders.

    Attributes:
        question: Item field that holds the question.
        matches: Items on which a pair of candidates meets, drawn with the run's seed; 0: all of them.
    """

    question: str
    user: str
    matches: int = 0
    system: str = ""

    method = "pairwise"

    @property
    def meetings(self) -> int:
        """Items on which two candidates meet, 0 for all."""
        return self.matches

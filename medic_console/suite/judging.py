"""How a judge examines outputs, as data: the `[judge]` table of a task file, one form a method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

from medic_console.core.digest import digest
from medic_console.core.schema import Key

PAPER = "paper"
PROTOCOLS = (PAPER, "reference-library", "reference-scripts")
"""Ways to score a cross-examination (`scoring.methods.cef.score`): of the paper, and of its two reference codes."""


@dataclass(frozen=True, slots=True)
class CefSpec:
    """Cross-examination (paper, section on CEF).

    Questions and answers are asked under one system text and both put the text first, so that a judge reads each
    text once.

    Attributes:
        protocol: `paper`, `reference-library` or `reference-scripts`.
        overall: `note` or `summary`: which overall score applies.
        source: Item field that holds the source text.
        questions: Asked for from the source text.
        generated_questions: Asked for from the generated text; 0: as many as from the source.
        answers: `choose` weighs YES, NO and IDK; `text` lets the judge write, and reads a lone word.
        max_tokens: Of a list of questions.
    """

    protocol: str
    overall: str
    source: str
    questions: int
    question_user: str
    answer_user: str
    max_tokens: int
    generated_questions: int = 0
    answers: str = "choose"
    system: str = ""

    method = "cef"

    def wanted(self, side: str) -> int:
        """Return how many questions are asked for from the `source` or the `generated` text."""
        return self.generated_questions or self.questions if side == "generated" else self.questions


@dataclass(frozen=True, slots=True)
class HarmSpec:
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


@dataclass(frozen=True, slots=True)
class PairwiseSpec:
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


@dataclass(frozen=True, slots=True)
class RubricSpec:
    """Whether an answer meets each criterion of an item's rubric; one question a criterion.

    Attributes:
        conversation: Item field that holds the turns before the answer.
    """

    conversation: str
    user: str
    system: str = ""

    method = "rubric"


JudgeSpec = CefSpec | HarmSpec | PairwiseSpec | RubricSpec
SPECS: Mapping[str, type[CefSpec] | type[HarmSpec] | type[PairwiseSpec] | type[RubricSpec]] = MappingProxyType(
    {spec.method: spec for spec in (CefSpec, HarmSpec, PairwiseSpec, RubricSpec)}
)

_TEXT, _INTEGER, _OPTIONAL = Key("text"), Key("integer"), Key("text", required=False)
_METHOD = {"method": Key("text", choices=tuple(SPECS)), "system": _OPTIONAL}
KEYS: Mapping[str, Mapping[str, Key]] = MappingProxyType(
    {
        "cef": {
            **_METHOD,
            "protocol": Key("text", choices=PROTOCOLS),
            "overall": Key("text", choices=("note", "summary")),
            "source": _TEXT,
            "questions": _INTEGER,
            "generated_questions": Key("integer", required=False),
            "answers": Key("text", required=False, choices=("choose", "text")),
            "question_user": _TEXT,
            "answer_user": _TEXT,
            "max_tokens": _INTEGER,
        },
        "harm": {**_METHOD, "request": _TEXT, "reason_user": _TEXT, "rating_user": _TEXT, "max_tokens": _INTEGER},
        "pairwise": {**_METHOD, "question": _TEXT, "user": _TEXT, "matches": Key("integer", required=False)},
        "rubric": {**_METHOD, "conversation": _TEXT, "user": _TEXT},
    }
)
"""Keys of the table by method."""

PLACEHOLDERS: Mapping[str, Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "cef": {"question_user": frozenset({"text", "count"}), "answer_user": frozenset({"text", "question"})},
        "harm": {"reason_user": frozenset({"request", "answer"}), "rating_user": frozenset()},
        "pairwise": {"user": frozenset({"question", "first", "second"})},
        "rubric": {"user": frozenset({"conversation", "answer", "criterion"})},
    }
)
"""What each prompt of a method must hold."""

_NOT_ASKED = frozenset({"protocol", "overall", "source", "questions", "generated_questions", "matches", "request"})


def judge_spec(record: Mapping[str, Any]) -> JudgeSpec:
    """Return the form of a checked `[judge]` table."""
    values = {key: value for key, value in record.items() if key != "method"}
    return SPECS[record["method"]](**values)


def wording(spec: JudgeSpec) -> str:
    """Return the digest of what a judge is asked and how: its qualification holds for this wording alone."""
    asked = {key: value for key, value in asdict(spec).items() if key not in _NOT_ASKED}
    return digest({"method": spec.method, **asked})

"""What crosses the stages: task items, prompts, outputs, answers, scores and traces.

All records are immutable. Times are seconds, lengths are tokens, probabilities are 0 to 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from medic_console.core.traces import CriterionVerdict, JudgedMatch, QuestionList


class Dimension(StrEnum):
    """The five dimensions of MEDIC (paper, Table 1)."""

    MEDICAL_REASONING = "M"
    ETHICS_AND_BIAS = "E"
    DATA_AND_LANGUAGE = "D"
    IN_CONTEXT_LEARNING = "I"
    CLINICAL_SAFETY = "C"

    @property
    def label(self) -> str:
        """The dimension's name in words."""
        return _DIMENSION_LABELS[self]


AUDIT, QUALIFICATION = "audit", "qualification"
"""Kinds of runs."""

ENCODER = "encoder"
"""Name of the encoder's file among a task's resources, where one was named."""

WEIGHING = 3
"""Rule by which labels are weighed, raised when it changes: 1 weighed each label's own text, 2 all its spellings that
began with a token of a probability of 0.0001 or more, 3 those that hold more than 0.0001 together."""

_DIMENSION_LABELS = {
    Dimension.MEDICAL_REASONING: "Medical reasoning",
    Dimension.ETHICS_AND_BIAS: "Ethics and bias",
    Dimension.DATA_AND_LANGUAGE: "Data and language",
    Dimension.IN_CONTEXT_LEARNING: "In-context learning",
    Dimension.CLINICAL_SAFETY: "Clinical safety",
}


class Outcome(StrEnum):
    """How an item ended. There is no fourth way."""

    SCORED = "scored"
    UNSCORED = "unscored"
    FAILED = "failed"


class Reason(StrEnum):
    """Why an item is unscored."""

    UNREADABLE = "unreadable"
    """The output holds no answer in any accepted form."""
    TRUNCATED = "truncated"
    """The output hit its token limit before it ended."""
    REPEATING = "repeats itself"
    """A text that a judge would read hit its token limit while saying the same again and again."""
    CONTEXT_OVERFLOW = "context overflow"
    """The prompt and the room for its answer do not fit the context."""
    THINKING_UNFINISHED = "thinking not finished"
    """A think block was opened and never closed."""
    NO_OUTPUT = "no output"
    """No output was given for the item (outputs made elsewhere)."""
    NO_JUDGE = "no judge"
    """The task needs a judge and the run has none."""
    JUDGE_UNREADABLE = "judge unreadable"
    """The judge's text cannot be read as what it was asked for, or its labels hold too little of the probability."""
    JUDGE_OVERFLOW = "judge context overflow"
    """The texts do not fit the judge's context."""
    JUDGE_UNQUALIFIED = "judge unqualified"
    """The judge has no valid qualification and the run demands one."""
    GOLD_UNUSABLE = "gold unusable"
    """The item's own reference answer cannot be executed or read."""
    NO_OPPONENT = "no opponent"
    """No other candidate has an answer to compare with."""
    NOT_DRAWN = "not drawn"
    """The schedule of matches has none on this item."""
    CANCELLED = "cancelled"
    """Stopped by a person before it was done."""


OWN_DOING = frozenset(
    {
        Reason.UNREADABLE,
        Reason.TRUNCATED,
        Reason.REPEATING,
        Reason.CONTEXT_OVERFLOW,
        Reason.THINKING_UNFINISHED,
        Reason.NO_OUTPUT,
    }
)
"""Reasons that lie with the model under audit: such an item takes a metric's worst value (rule:
`scoring.scorers.unanswered`). All other reasons lie with the judge, the reference answer, the schedule or a person:
such an item is left out."""


class FinishReason(StrEnum):
    """Why a generation ended."""

    STOP = "stop"
    """End-of-generation token or a stop string."""
    LENGTH = "length"
    """The granted number of tokens was used up."""
    OVERFLOW = "overflow"
    """Nothing was generated: prompt and answer do not fit the context."""
    CANCELLED = "cancelled"
    """Stopped by a person."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: str
    """`system`, `user` or `assistant`."""
    content: str


@dataclass(frozen=True, slots=True)
class Item:
    """One record of a benchmark, in the field names of our readers.

    Attributes:
        id: Unique within its items file.
        fields: What the prompt may show (placeholders) and what the scorer needs.
        gold: The reference answer; never reaches a prompt. None where there is none.
        group: Items that share a note, for clustered intervals; empty when alone.
    """

    id: str
    fields: Mapping[str, Any]
    gold: Any = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One request to a model.

    With `labels` the model chooses: it returns the probability of each label, in any of its spellings, as the next
    text.
    Without, it generates up to `max_tokens`.
    """

    id: str
    """Names the request within a run; events carry it back."""
    messages: tuple[Message, ...]
    max_tokens: int = 512
    labels: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()
    grammar: str = ""
    """GBNF text that the output must follow; empty for free text."""
    seed: int = 0
    temperature: float = 0.0
    """0 is greedy."""
    top_p: float = 1.0
    """Keep the most likely tokens up to this mass; 1 keeps all."""
    min_p: float = 0.0
    """Drop tokens below this share of the likeliest one's probability; 0 drops none."""
    repeat_penalty: float = 1.0
    """Divide the logits of tokens that were written already; 1 leaves them."""
    held: bool = False
    """More will be asked that begins as this does: what was read stays in the cache until it is released."""
    shared: int = 0
    """Characters of the last turn with which that begins too; 0: all of them, and the conversation goes on."""

    def content(self) -> dict[str, Any]:
        """Return what decides the output, as JSON: everything but the id, `held` and `shared`."""
        return {
            "messages": [{"role": m.role, "content": m.content} for m in self.messages],
            "max_tokens": self.max_tokens,
            "labels": list(self.labels),
            "stop": list(self.stop),
            "grammar": self.grammar,
            "seed": self.seed,
            "temperature": self.temperature,
            "top_p": self.top_p,
            "min_p": self.min_p,
            "repeat_penalty": self.repeat_penalty,
            **({"weighing": WEIGHING} if self.labels else {}),
        }


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a candidate's tokens are drawn (see `Prompt`); the default is greedy."""

    temperature: float = 0.0
    top_p: float = 1.0
    min_p: float = 0.0
    repeat_penalty: float = 1.0


@dataclass(frozen=True, slots=True)
class Output:
    """What a model returned for one prompt."""

    text: str
    finish: FinishReason
    prompt_tokens: int = 0
    output_tokens: int = 0
    max_tokens: int = 0
    """Tokens granted for the answer."""
    context: int = 0
    """Tokens that one sequence may hold."""
    seconds: float = 0.0
    """From the first decode of the prompt's own tokens to the last token."""
    reused_tokens: int = 0
    """Prompt tokens that were already in the cache (shared prefix)."""
    probabilities: Mapping[str, float] = field(default_factory=dict)
    """Of each label, from the full vocabulary; empty for generated text."""
    outside: float = 0.0
    """Probability mass outside the labels."""
    thinking: str = ""
    """Text of a closed think block, kept apart from the answer."""
    thinking_closed: bool = True
    thinking_tokens: int = 0
    """Tokens of the think block, counted in `output_tokens` too."""
    rendered: str = ""
    """Digest of the text that was tokenised: the messages in the model's chat template; empty when unknown."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was read from an output.

    Attributes:
        value: JSON value in the form that the task's scorer takes.
        shown: The same in one line for a person.
    """

    value: Any
    shown: str


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Nothing could be read from an output."""

    reason: Reason
    detail: str = ""


class Label(StrEnum):
    """A cross-examination answer (paper, section on CEF)."""

    YES = "YES"
    NO = "NO"
    IDK = "IDK"


@dataclass(frozen=True, slots=True)
class CrossAnswer:
    """One cross-examination question with the answer of the other text.

    Attributes:
        question: A closed question, answered YES by the text that it came from.
        gold: Answer from its own text; None where the protocol takes YES by construction.
        predicted: Answer from the other text; None when the judge's text could not be read, or YES, NO and IDK
            together are too unlikely.
        probabilities: Of YES, NO and IDK, when they were weighed; else empty. What they lack of 1 is any other text's.
        raw: The judge's text, whole.
    """

    question: str
    predicted: Label | None
    gold: Label | None = None
    probabilities: Mapping[str, float] = field(default_factory=dict)
    raw: str = ""


@dataclass(frozen=True, slots=True)
class CefTrace:
    """A whole cross-examination of one generated text against its source."""

    id: str
    source: str
    generated: str
    source_questions: tuple[CrossAnswer, ...]
    """Asked of the generated text."""
    generated_questions: tuple[CrossAnswer, ...]
    """Asked of the source text."""
    lists: tuple[QuestionList, ...] = ()
    """How the questions came about; empty for traces made elsewhere."""


@dataclass(frozen=True, slots=True)
class SqlResult:
    """One executed query.

    Attributes:
        side: `predicted` or `gold`.
        sql: As executed, after normalisation; empty for an abstention.
        columns: Column names.
        rows: At most 100 rows, as SQLite returned them (None is NULL).
        row_count: True number of rows, capped only as `capped` says.
        capped: The count stopped at the sandbox's limit; there are at least `row_count` rows.
        seconds: Time of the execution.
        error: SQLite's or the sandbox's message; empty when it ran.
    """

    side: str
    sql: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    row_count: int = 0
    capped: bool = False
    seconds: float = 0.0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """The verdict on one item.

    Attributes:
        outcome: Scored, unscored or failed.
        values: By value name, in the scorer's own unit (see `core.metrics.METRICS`). Of an unscored item the worst ones
            where the reason lies with the model (`scoring.scorers.unanswered`), else empty.
        answer: What was read, in one line; empty when nothing was.
        verdict: The result in a few words, for lists ("wrong rows", "right").
        reason: Why unscored; None otherwise.
        detail: One sentence more on the reason or the verdict.
        traceback: Of a failure; empty otherwise.
        truncated: The text was judged as it stood when its token limit ended it.
        sql: Executed queries (EHRSQL).
        cef: Cross-examination (generation tasks).
        matches: Pairwise comparisons (open questions).
        criteria: Verdicts on a rubric.
    """

    outcome: Outcome
    values: Mapping[str, float] = field(default_factory=dict)
    answer: str = ""
    verdict: str = ""
    reason: Reason | None = None
    detail: str = ""
    traceback: str = ""
    truncated: bool = False
    sql: tuple[SqlResult, ...] = ()
    cef: CefTrace | None = None
    matches: tuple[JudgedMatch, ...] = ()
    criteria: tuple[CriterionVerdict, ...] = ()

    def __post_init__(self) -> None:
        """Refuse values that are no numbers.

        Raises:
            ValueError: One is NaN or infinite; it would spoil the figures of all items.
        """
        if all(map(math.isfinite, self.values.values())):
            return
        name, value = next((name, value) for name, value in self.values.items() if not math.isfinite(value))
        raise ValueError(f"the value of {name} is {value}")

    @property
    def answered(self) -> bool:
        """The model gave a whole answer and it was scored."""
        return self.outcome is Outcome.SCORED and not self.truncated

    @classmethod
    def unscored(cls, reason: Reason, detail: str = "", **extra: Any) -> Score:
        """Return an unscored item's record; `extra` takes the other fields."""
        return cls(Outcome.UNSCORED, reason=reason, detail=detail, verdict=str(reason), **extra)

    @classmethod
    def failed(cls, detail: str, traceback: str) -> Score:
        """Return a failed item's record."""
        return cls(Outcome.FAILED, detail=detail, traceback=traceback, verdict="failed")


@dataclass(frozen=True, slots=True)
class Counts:
    """The three counts that every metric prints."""

    scored: int = 0
    unscored: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        """All items that ended."""
        return self.scored + self.unscored + self.failed


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its 95 % interval.

    Attributes:
        value: None when there is no item.
        low: Lower end; None when there is none.
        high: Upper end.
        n: Items it rests on.
        draws: Makes what it may be, for intervals of figures that are made of it (`statistics.intervals`).
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    draws: Callable[[], Any] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MetricValue:
    """A metric of a task: the headline, and beside it what it is among the items that were answered.

    Attributes:
        value: In `unit`, over the scored items and those that the model left without an answer, which take the worst
            value; None when there is none.
        low: Lower end of the 95 % interval; None when there is none.
        high: Upper end.
        n: Items it rests on.
        unit: `percent`, `points`, `score` or `rating`.
        note: Why it is not computed, where something that it needs was not named; empty otherwise.
        answered: The same over the items with a whole answer alone; None where items have no part in it.
        share: Of the `n` items, percent with a whole answer.
        provisional: Why it is not to be relied on yet; empty when it is, or where no judge has part in it.
        chance: Value that guessing would have, in `unit`; None where guessing has none.
        part: On which of more items it rests, where those are the first ones: "the first 40 of 2,000 items".
        draws: As `Figure` has.
    """

    id: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    unit: str
    note: str = ""
    answered: Figure | None = None
    share: Figure | None = None
    provisional: str = ""
    chance: float | None = None
    draws: Callable[[], Any] | None = field(default=None, compare=False, repr=False)
    part: str = ""

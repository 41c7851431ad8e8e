"""A benchmark as data: what a task file says once it has been checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from medic_console.core.records import Dimension
from medic_console.suite.judging import JudgeSpec


@dataclass(frozen=True, slots=True)
class Source:
    """Where the official items come from."""

    name: str
    citation: str
    licence: str
    access: str
    """`open` or `credentialed`."""
    obtain: str


@dataclass(frozen=True, slots=True)
class ItemsSpec:
    """Which reader understands the items, and what the task ships itself."""

    reader: str
    samples: str
    files: tuple[str, ...]
    """Official file names, for telling a person what to look for."""
    database: str = ""
    """SQL text of the samples' database; empty when there is none."""


@dataclass(frozen=True, slots=True)
class Example:
    """An item with its answer, shown to the model before the item that it is asked (a shot).

    Attributes:
        fields: Placeholders of the prompt, as an item has them.
        answer: What the model should write.
    """

    fields: Mapping[str, Any]
    answer: str


@dataclass(frozen=True, slots=True)
class PromptSpec:
    """How an item becomes a request."""

    mode: str
    """`generate` or `choose`."""
    user: str
    """Empty when the item brings its own turns."""
    max_tokens: int
    system: str = ""
    stop: tuple[str, ...] = ()
    labels: str = ""
    """Multiple choice: the item field whose keys are the labels; empty for any other task."""
    conversation: str = ""
    """The item field that holds the turns, each with `role` and `content`; they follow the system turn unfilled."""
    shots: int = 0
    """How many of `examples` are shown, from the first."""
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class FollowUpSpec:
    """A second text that is asked for with the first one in the prompt.

    The answer to such a task is both texts, as an object by the names below.
    """

    first: str
    """Gold field of the first text, and its placeholder in `user`."""
    second: str
    """Gold field of the second text."""
    user: str
    max_tokens: int
    system: str = ""


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """One metric that the task reports."""

    id: str
    title: str
    primary: bool
    """Exactly one metric of a task is: it stands for the task in dimensions and ranks."""
    better: str
    """`higher` or `lower`."""


@dataclass(frozen=True, slots=True)
class LabelNoise:
    """How many reference labels are known to be in doubt.

    Attributes:
        share: Of the labels, 0 to 1.
        labels: What a note on the items must hold for it to be said of them; empty: of any.
        source: Who says so.
    """

    share: float
    labels: str
    source: str


@dataclass(frozen=True, slots=True)
class Task:
    """One benchmark.

    Attributes:
        rows: Rows of the paper's results table that the task serves.
        text: The task file itself; stored with every run.
        digest: Of everything that decides prompts and scores: the parsed file without titles and remarks.
        folder: Where the file lies.
    """

    id: str
    title: str
    version: str
    rows: tuple[str, ...]
    description: str
    primary: tuple[Dimension, ...]
    secondary: tuple[Dimension, ...]
    source: Source
    items: ItemsSpec
    prompt: PromptSpec
    answer_reader: str
    scorer: str
    metrics: tuple[MetricSpec, ...]
    judge: JudgeSpec | None
    text: str
    digest: str
    folder: str
    follow_up: FollowUpSpec | None = None
    label_noise: LabelNoise | None = None

    @property
    def needs_judge(self) -> bool:
        """Whether nothing of it is scored without a judge."""
        return self.judge is not None and self.scorer == self.judge.method

    @property
    def in_pairs(self) -> bool:
        """Whether a judge compares the answers of two candidates."""
        return self.judge is not None and self.judge.meetings is not None

    @property
    def multiple_choice(self) -> str:
        """How an option is chosen: by its `likelihood`, or from `generated` text; empty for any other task."""
        if not self.prompt.labels:
            return ""
        return "likelihood" if self.prompt.mode == "choose" else "generated"

    @property
    def primary_metric(self) -> MetricSpec:
        """The metric that stands for the task."""
        return next(metric for metric in self.metrics if metric.primary)

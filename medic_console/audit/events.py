"""What a run tells while it goes on. Front ends iterate these; the archive stores them first."""

from __future__ import annotations

from dataclasses import dataclass

from medic_console.core.records import Output, Prompt, Score
from medic_console.engine.files.model import ModelFile
from medic_console.engine.protocol.port import Granted, Machines
from medic_console.suite.items import LoadedTask


@dataclass(frozen=True, slots=True)
class ItemRef:
    """One item of one task under one candidate.

    Attributes:
        candidate: sha256 of the candidate's file.
        judge: sha256 of the judge's file; empty while the candidate itself answers or when no judge is needed.
    """

    candidate: str
    task: str
    item: str
    judge: str = ""


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run exists in the archive.

    Attributes:
        total: Scores that the run will give in all.
        done: Scores that earlier sittings gave.
    """

    run: str
    total: int
    done: int


@dataclass(frozen=True, slots=True)
class ModelLoading:
    """Weights are being read."""

    model: ModelFile
    role: str
    """`candidate` or `judge`."""


@dataclass(frozen=True, slots=True)
class ModelLoaded:
    """A model answers from now on."""

    model: ModelFile
    role: str
    granted: Granted


@dataclass(frozen=True, slots=True)
class ModelChanged:
    """Behind a model's address another one answers, or it was not seen to be the same.

    Attributes:
        words: What was noticed, in sentences.
    """

    model: ModelFile
    role: str
    words: str


@dataclass(frozen=True, slots=True)
class PromptStarted:
    """A sequence begins to read a prompt."""

    ref: ItemRef
    step: str
    prompt_tokens: int
    reused_tokens: int


@dataclass(frozen=True, slots=True)
class PromptReading:
    """A sequence has read a part of its prompt, and more of it is left.

    Attributes:
        read_tokens: Tokens of the prompt that are in the cache.
    """

    ref: ItemRef
    step: str
    read_tokens: int


@dataclass(frozen=True, slots=True)
class PromptText:
    """A sequence wrote some text."""

    ref: ItemRef
    step: str
    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class OutputReady:
    """A generation is complete.

    Attributes:
        recalled: It was found in the archive and not generated now.
    """

    ref: ItemRef
    step: str
    model: ModelFile
    granted: Granted
    prompt: Prompt
    output: Output
    recalled: bool = False


@dataclass(frozen=True, slots=True)
class ItemScored:
    """An item has its verdict."""

    ref: ItemRef
    score: Score


@dataclass(frozen=True, slots=True)
class Generates:
    """A candidate is asked for text where it was to choose: its labels hold too little of the probability.

    Attributes:
        task: As it asks now.
        held: Median of what the labels held together, 0 to 1.
        items: Items that it was taken over.
    """

    candidate: str
    task: LoadedTask
    held: float
    items: int


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The last event.

    Attributes:
        status: `done`, `interrupted` (by a person; resumable) or `stopped` (by a fault; resumable).
        message: Why, when it is not done; and in its last line what to do about it, where that is known.
    """

    run: str
    status: str
    message: str = ""


RunEvent = (
    RunStarted
    | ModelLoading
    | ModelLoaded
    | ModelChanged
    | PromptStarted
    | PromptReading
    | PromptText
    | OutputReady
    | ItemScored
    | Generates
    | Machines
    | RunEnded
)

"""The port through which everything else speaks to a model: many prompts in, events by prompt id out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from medic_console.core.prompt_date import DATE
from medic_console.core.records import Output, Prompt
from medic_console.engine.files.model import ModelFile
from medic_console.engine.template.probing import Form

MIN_ROOM = 32
"""Fewest tokens that must be left for an answer; below that the prompt overflows."""

UNIFIED, STREAMS = "unified", "streams"
"""One cache for all sequences, where what they share is read once in each decode; or one of its own for each, where a
decode reads nothing of the others."""

KEPT_PER_SEQUENCE = 2
"""Sequences for prompts that are done, for each one at work: a judge's item has two texts."""
COMMON = 2
"""Sequences for beginnings that most prompts have in common, where those lie in sequences of their own."""
BRANCHES = 8
"""Labels of several tokens that are weighed together, each in a sequence of its own."""
MOST_SEQUENCES = 256
"""Sequences of one context, at most: llama.cpp's own limit (`llama_max_parallel_sequences`)."""
OUTPUTS = 512
"""Tokens of a decode whose logits can be asked for, at most: a longer batch has no more room for logits."""


def sequences_of(parallel: int, share_prefixes: bool = True) -> int:
    """Return how many sequences one cache is made for; a recurrent model has a state for each of them.

    Args:
        parallel: Sequences decoded together.
        share_prefixes: `EngineSettings.share_prefixes`.
    """
    wanted = parallel + (KEPT_PER_SEQUENCE * parallel + COMMON if share_prefixes else 0) + BRANCHES
    return min(wanted, MOST_SEQUENCES)


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How a model is to be loaded. What is named as a setting of a run has that setting's value, unless it is chosen.

    Attributes:
        path: GGUF file.
        template: Jinja chat template.
        thinking: Name of the form of its thoughts that the template knows (`think_forms`); empty for none.
        date: What the template takes for today, `YYYY-MM-DD`.
        thinking_budget: Most tokens of a think block; 0 asks the model not to think.
        context: Tokens that one sequence may hold (prompt and answer).
        parallel: Sequences decoded together; 1 decodes one at a time and gives bit-equal repeats.
        cells: Tokens that all sequences may hold together; 0: context times parallel.
        share_prefixes: Read a beginning that prompts have in common once.
        batch: Most tokens in one `llama_decode`.
        threads: CPU threads; 0: physical cores.
        reading_threads: CPU threads of a decode that reads a prompt; 0: `threads`.
        gpu_layers: Layers to offload, the output counted as one behind the blocks; -1 is all.
        devices: Accelerators that they go to, by llama.cpp's names; with none nothing is offloaded.
        split: Layers for each of these devices.
        cache: `UNIFIED` or `STREAMS`; recurrent memory is always in one.
        kv_type: Type of the key-value cache, as in `RunSettings`.
        flash_attention: Let llama.cpp choose (None), or force on or off.
        packed: Let llama.cpp repack weights for this processor (AMX and the like).
        vocabulary_only: Read no weights; the engine can then only count tokens.
        reasons: Why these limits were chosen; they are among the notes of what was granted.
    """

    path: Path
    template: str
    thinking: str = ""
    date: str = DATE
    thinking_budget: int = 2048
    context: int = 4096
    parallel: int = 8
    cells: int = 0
    share_prefixes: bool = True
    batch: int = 512
    threads: int = 0
    reading_threads: int = 0
    gpu_layers: int = 0
    devices: tuple[str, ...] = ()
    split: tuple[int, ...] = ()
    cache: str = UNIFIED
    kv_type: str = "f16"
    flash_attention: bool | None = None
    packed: bool = True
    vocabulary_only: bool = False
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rendering:
    """How messages become the text of a prompt.

    Attributes:
        template: Digest of the chat template.
        variables: What the template is given beside the messages: `bos_token`, `eos_token`, `enable_thinking`, `date`,
            and the switches for thoughts that it names (`variables`).
        renderer: Version of the Jinja that renders it.
        probe: Digest of a fixed conversation rendered with and without a system turn.
        own: What the template writes before the first turn of its own accord, such as its own system prompt.
        form: How turns are given to the template.
        notes: What a person should know of how prompts come about, in sentences.
    """

    template: str = ""
    variables: Mapping[str, str | bool | int] = field(default_factory=dict)
    renderer: str = ""
    probe: str = ""
    own: str = ""
    form: Form = field(default_factory=Form)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Granted:
    """What the engine really runs with, stored beside every output.

    Attributes:
        build: Version of the binding and llama.cpp's own system line.
        context: Tokens that one sequence may hold.
        parallel: Sequences decoded together.
        cells: Tokens that all sequences may hold together.
        batch: Most tokens in one decode.
        threads: CPU threads.
        reading_threads: Of a decode that reads a prompt; 0 where it was not told apart.
        gpu_layers: Layers asked to be offloaded.
        devices: Accelerators that they went to; empty for the CPU.
        split: Layers on each of several accelerators; empty for one.
        flash_attention: `on` or `off`, as llama.cpp took it; `auto` when it does not say; empty when unknown.
        rope: Base and scale of the rotary positions, as llama.cpp took them.
        cache: `UNIFIED` or `STREAMS`.
        packed: Weights may have been repacked for this processor.
        thinking: Name of the form of its thoughts, by its template or its vocabulary; empty for none.
        thinking_budget: Most tokens of a think block; 0 when the model does not think or is asked not to.
        shares_prefixes: False when it was not asked for.
        rendering: How messages become the text of a prompt.
        notes: What differs from what was asked, in sentences.
        workers: Engines that the prompts are spread over, each as described.
        served: Of a model behind a server: what `Served` holds; empty for a file.
    """

    build: str = ""
    context: int = 0
    parallel: int = 1
    cells: int = 0
    batch: int = 0
    threads: int = 0
    reading_threads: int = 0
    gpu_layers: int = 0
    kv_type: str = "f16"
    packed: bool = True
    thinking: str = ""
    thinking_budget: int = 0
    shares_prefixes: bool = True
    cache: str = UNIFIED
    notes: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    split: tuple[int, ...] = ()
    flash_attention: str = ""
    rope: str = ""
    rendering: Rendering = field(default_factory=Rendering)
    workers: int = 1
    served: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Started:
    """A prompt's first tokens are being read.

    Attributes:
        prompt_tokens: Its length.
        reused_tokens: How many of them were already in the cache.
    """

    prompt_id: str
    prompt_tokens: int
    reused_tokens: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A part of a prompt has been read, and more of it is left.

    Attributes:
        read_tokens: How many of its tokens are in the cache, those among them that were there already.
    """

    prompt_id: str
    read_tokens: int


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of streamed text."""

    prompt_id: str
    text: str
    tokens: int = 1


@dataclass(frozen=True, slots=True)
class Finished:
    """A prompt is done."""

    prompt_id: str
    output: Output


@dataclass(frozen=True, slots=True)
class Broken:
    """A prompt could not be done; the engine goes on with the others."""

    prompt_id: str
    message: str
    traceback: str


@dataclass(frozen=True, slots=True)
class Machines:
    """How busy each of several engines is, told now and then, and when one is lost or comes back.

    Attributes:
        open: Open prompts of each engine at work, by its name.
        message: What happened, in a sentence; empty when nothing did.
    """

    open: tuple[tuple[str, int], ...]
    message: str = ""


EngineEvent = Started | Reading | Text | Finished | Broken | Machines


class Engine(Protocol):
    """A loaded model."""

    @property
    def granted(self) -> Granted:
        """What the engine really runs with."""
        ...

    def submit(self, prompts: Iterable[Prompt]) -> None:
        """Queue prompts; ids must be unique among the open ones."""
        ...

    def events(self) -> Iterator[EngineEvent]:
        """Yield events until no prompt is open; more may be submitted between two events.

        Raises:
            EngineError: The model cannot go on; open prompts stay unanswered.
        """
        ...

    def cancel(self, prompt_ids: Iterable[str]) -> None:
        """Stop prompts; each still ends with an event."""
        ...

    def release(self, prompt_ids: Iterable[str]) -> None:
        """Hold the beginnings of `held` prompts no longer: nothing more will be asked that begins as they do."""
        ...

    def close(self) -> None:
        """Give all memory back; safe to call twice."""
        ...


@runtime_checkable
class Watched(Protocol):
    """An engine whose model may become another one while it answers."""

    def verify(self) -> None:
        """See that the model that answered is the one that was loaded, where it could be another.

        Raises:
            EngineChanged: It is not, or that cannot be seen.
        """
        ...


Start = Callable[[ModelFile, str], Engine]
"""Loads a model with a cache of a kind, `UNIFIED` or `STREAMS`."""

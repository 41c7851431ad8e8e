"""What a person chose for a run, beside its models and tasks."""

from __future__ import annotations

from dataclasses import dataclass

from medic_console.core.prompt_date import DATE
from medic_console.core.records import Sampling

AUTO = "auto"
"""As each task file says, but a model that would sooner write something else than any label is asked for text."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What a person chose.

    Attributes:
        multiple_choice: `likelihood`, `generated` or `AUTO`; empty: as each task file says.
        shots: Examples shown before an item; None: as each task file says.
    """

    multiple_choice: str = ""
    shots: int | None = None


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What a person chose for a run.

    Attributes:
        context: Tokens a sequence may hold; 0: the model's trained context, at most 8,192.
        parallel: Sequences decoded together; 0: as many as fit, at most 8 (16 on a GPU).
        sequential: One sequence at a time, each prompt read from its beginning: bit-equal on every repeat,
            whatever ran before. For certifying runs.
        gpu_layers: Layers to offload: a number, `all`, or `auto` for what fits.
        devices: Accelerators for them: `auto`, `none`, or numbers such as `0,1` in llama.cpp's order.
        split: Share of the layers for each of these devices, such as `3,1`; empty: as their memory allows.
        threads: CPU threads; 0: physical cores.
        cache: One key-value cache for all sequences (`unified`) or one of its own for each (`streams`); `auto` takes
            for each task what its prompts ask for (`audit.caches`).
        kv_type: Type of the key-value cache, a name of `KV_TYPES`.
        flash_attention: `auto`, `on` or `off`.
        thinking_budget: Most tokens of a reasoning model's think block; 0 asks it not to think.
        date: What chat templates take for today, `YYYY-MM-DD`; the clock is never asked.
        sample: Items of each task that are drawn at random, by `seed` (`suite.item_sample`); 0 draws none.
        seed: Stored with every prompt.
        temperature: Of the candidates; judges are always greedy. 0 is greedy.
        top_p: Keep the most likely tokens up to this mass.
        min_p: Drop tokens below this share of the likeliest one's probability.
        repeat_penalty: Divide the logits of tokens that were written already.
        max_failures: Failed items after which the run stops.
        memory_check: Refuse a model that does not fit into the memory that is free.
        qualified_only: A judge without a qualification that holds scores nothing.
        chat_template: `own`; `none`: prompts are plain text for completion; or the digest of a template that was named.
        multiple_choice: `likelihood` or `generated`; `auto`: as each task file says, but a model whose labels hold too
            little is asked for text; empty: as each task file says.
        shots: Examples shown before an item; None: as each task file says.
        encoder: `sha256:` and the digest of the encoder's file for BERTScore; empty without one.
    """

    context: int = 0
    parallel: int = 0
    sequential: bool = False
    gpu_layers: str = "auto"
    devices: str = AUTO
    split: str = ""
    threads: int = 0
    cache: str = AUTO
    kv_type: str = "f16"
    flash_attention: str = "auto"
    thinking_budget: int = 2048
    date: str = DATE
    sample: int = 0
    seed: int = 0
    temperature: float = 0.0
    top_p: float = 1.0
    min_p: float = 0.0
    repeat_penalty: float = 1.0
    max_failures: int = 100
    memory_check: bool = True
    qualified_only: bool = False
    chat_template: str = "own"
    multiple_choice: str = AUTO
    shots: int | None = None
    encoder: str = ""

    @property
    def sampling(self) -> Sampling:
        """How the candidates' tokens are drawn."""
        return Sampling(self.temperature, self.top_p, self.min_p, self.repeat_penalty)

    @property
    def asking(self) -> Asking:
        """How the tasks ask."""
        return Asking(self.multiple_choice, self.shots)


NOT_DECIDING = frozenset({"max_failures", "memory_check"})
"""Settings that no number depends on: they say when a run is refused or ends, and change nothing that it asks.

The number of threads is none of them. With flash attention, which llama.cpp takes on a CPU unasked, it cuts a cache of
about 400 tokens and more into a part a thread when it decodes one token: in `--sequential` runs of the demo models one
thread and two gave logits up to 0.3 apart (0.6 with a model of 135 million weights), without flash attention none.
"""

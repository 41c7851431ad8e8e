"""What a person chose for a run, beside its models and tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from types import MappingProxyType
from typing import Any

from medic_console.core.prompt_date import DATE
from medic_console.core.records import Sampling
from medic_console.core.toml_schema import Key

AUTO = "auto"
"""As each task file says, but a model that would sooner write something else than any label is asked for text."""
MEASURED = "measured"
"""The kind of cache in which some of a task's own prompts are answered faster on this machine."""
MOST_THREADS = 512
"""What llama.cpp is made for (`GGML_MAX_N_THREADS`); with tens of thousands it stands still or ends by SIGSEGV."""


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
class Option:
    """What a person is told of a setting, and what may be said: the file, the screen and the command line follow it.

    Attributes:
        title: In a few words.
        help: What it does, with its unit.
        key: What its value may be.
        engine: It decides how a model is loaded; the commands that load one have an option of its name.
        decides: A number may depend on it. The others say when a run is refused or ends.
        later: It came after runs were stored. Those have its default, and at its default it changes no key.
        pattern: Regular expression that a text must match; empty for any.
        must: The pattern in words.
    """

    title: str
    help: str
    key: Key
    engine: bool = False
    decides: bool = True
    later: bool = False
    pattern: str = ""
    must: str = ""


def _set(default: Any, title: str, text: str, key: Key, **more: Any) -> Any:
    return field(default=default, metadata={"option": Option(title, text, key, **more)})


def _text(*choices: str) -> Key:
    return Key("text", required=False, choices=choices)


def _integer(least: int, most: int | None = None) -> Key:
    return Key("integer", required=False, least=least, most=most)


def _number(least: float, most: float) -> Key:
    return Key("number", required=False, least=least, most=most)


_FLAG = Key("flag", required=False)
_DAY = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What a person chose for a run; each is declared here, once, and read where it acts.

    Attributes:
        context: Tokens a sequence may hold; 0: the model's trained context, at most 8,192.
        parallel: Sequences decoded together; 0: as many as fit, at most 8 (16 with a whole model on a GPU).
        sequential: One sequence at a time, each prompt read from its beginning: bit-equal on every repeat,
            whatever ran before. For certifying runs.
        gpu_layers: Layers to offload: a number, `all`, or `auto` for what fits.
        devices: Accelerators for them: `auto`, `none`, or numbers such as `0,1` in llama.cpp's order.
        split: Share of the layers for each of these devices, such as `3,1`; empty: as their memory allows.
        threads: CPU threads; 0: physical cores.
        reading_threads: CPU threads of a decode that reads prompts; 0: `threads`. Reading is bound by arithmetic and
            may gain from a core's second thread, writing is bound by memory.
        cache: One key-value cache for all sequences (`unified`) or one of its own for each (`streams`); `auto` takes
            for each task what its prompts ask for (`audit.caches`); `unified:` and ids of tasks, with commas: one for
            these, one of its own for each sequence of all others. `measured` becomes the latter as a run begins.
        kv_type: Type of the key-value cache; the quantised ones need flash attention.
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
        shard: The part of the plan that this run does, such as `2/8` (`audit.shard`); empty: all of it. The run's key
            is that of the whole plan.
    """

    context: int = _set(
        0, "Context", "Tokens that a sequence may hold; 0: the model's own, at most 8,192.", _integer(0), engine=True
    )
    parallel: int = _set(0, "Sequences", "Sequences decoded together; 0: as many as fit.", _integer(0), engine=True)
    sequential: bool = _set(
        False,
        "Sequential",
        "One prompt at a time from its beginning: bit-equal on every repeat.",
        _FLAG,
        engine=True,
    )
    gpu_layers: str = _set(
        AUTO,
        "GPU layers",
        "Layers on GPUs: auto, all or a number.",
        _text(),
        engine=True,
        pattern=r"auto|all|[0-9]+",
        must="auto, all or a whole number",
    )
    devices: str = _set(
        AUTO,
        "Devices",
        "GPUs that layers go to: auto, none, or their numbers such as 0,1.",
        _text(),
        engine=True,
        later=True,
        pattern=r"auto|none|[0-9]+(,[0-9]+)*",
        must="auto, none or whole numbers with commas between them",
    )
    split: str = _set(
        "",
        "Split",
        "Share of the layers for each of these GPUs, such as 3,1; empty: as their memory allows.",
        _text(),
        engine=True,
        later=True,
        pattern=r"([0-9]+(\.[0-9]+)?(,[0-9]+(\.[0-9]+)?)*)?",
        must="numbers with commas between them",
    )
    threads: int = _set(0, "Threads", "CPU threads; 0: physical cores.", _integer(0, MOST_THREADS), engine=True)
    reading_threads: int = _set(
        0,
        "Reading threads",
        "CPU threads while prompts are read; 0: as many as threads.",
        _integer(0, MOST_THREADS),
        engine=True,
        later=True,
    )
    cache: str = _set(
        AUTO,
        "Cache",
        "unified: one for all sequences; streams: one for each; auto: by a task's texts; measured: the faster here.",
        _text(),
        engine=True,
        pattern=r"auto|measured|streams|unified(:[a-z0-9_-]+(,[a-z0-9_-]+)*)?",
        must="auto, measured, streams, unified, or unified:TASK,TASK for those tasks alone",
    )
    kv_type: str = _set(
        "f16",
        "Cache type",
        "Type of the key-value cache; q8_0 halves its memory, q4_0 nearly does so again.",
        _text("f32", "f16", "bf16", "q8_0", "q5_0", "q4_0"),
        engine=True,
    )
    flash_attention: str = _set(
        AUTO, "Flash attention", "auto is llama.cpp's own choice.", _text("auto", "on", "off"), engine=True
    )
    thinking_budget: int = _set(
        2048,
        "Thinking budget",
        "Most tokens of a think block; 0 asks a model not to think.",
        _integer(0),
        engine=True,
    )
    date: str = _set(
        DATE,
        "Date",
        "What chat templates take for today; never the clock's day.",
        _text(),
        engine=True,
        pattern=_DAY,
        must="a date as YYYY-MM-DD",
    )
    sample: int = _set(
        0, "Sample", "Items of each task of a new run, drawn at random by the seed; 0 draws none.", _integer(0)
    )
    seed: int = _set(0, "Seed", "Stored with every prompt; draws the sample.", _integer(0))
    temperature: float = _set(
        0.0, "Temperature", "Of the candidates; 0 is greedy. Judges are always greedy.", _number(0, 5)
    )
    top_p: float = _set(1.0, "Top-p", "Keep the most likely tokens up to this mass.", _number(0, 1))
    min_p: float = _set(0.0, "Min-p", "Drop tokens below this share of the likeliest one's probability.", _number(0, 1))
    repeat_penalty: float = _set(
        1.0, "Repeat penalty", "Divide the logits of tokens that were written already.", _number(0.1, 5)
    )
    max_failures: int = _set(100, "Failures", "Failed items after which a run stops.", _integer(1), decides=False)
    memory_check: bool = _set(
        True,
        "Memory check",
        "Refuse a model that does not fit into the memory that is free.",
        _FLAG,
        engine=True,
        decides=False,
    )
    qualified_only: bool = _set(
        False, "Qualified only", "A judge without a qualification that holds scores nothing.", _FLAG
    )
    chat_template: str = _set(
        "own",
        "Chat template",
        "own: each model's; none: plain prompts for completion, for base models.",
        _text("own", "none"),
    )
    multiple_choice: str = _set(
        AUTO,
        "Multiple choice",
        "likelihood or generated for every task; auto: as each task file says, generated where labels hold too little.",
        _text("auto", "likelihood", "generated"),
    )
    shots: int | None = _set(
        None, "Shots", "Examples shown before an item; unset: as each task file says.", _integer(0)
    )
    encoder: str = ""
    shard: str = ""

    @property
    def sampling(self) -> Sampling:
        """How the candidates' tokens are drawn."""
        return Sampling(self.temperature, self.top_p, self.min_p, self.repeat_penalty)

    @property
    def asking(self) -> Asking:
        """How the tasks ask."""
        return Asking(self.multiple_choice, self.shots)


OPTIONS: Mapping[str, Option] = MappingProxyType(
    {one.name: one.metadata["option"] for one in fields(RunSettings) if "option" in one.metadata}
)
"""By the name of the setting, in order."""
NOT_DECIDING = frozenset({"shard", *(name for name, option in OPTIONS.items() if not option.decides)})
"""Settings that no number depends on: they say when a run is refused or ends, and change nothing that it asks.

The number of threads is none of them. With flash attention, which llama.cpp takes on a CPU unasked, it cuts a cache of
about 400 tokens and more into a part a thread when it decodes one token: in `--sequential` runs of the demo models one
thread and two gave logits up to 0.3 apart (0.6 with a model of 135 million weights), without flash attention none.
"""
LATER: Mapping[str, Any] = MappingProxyType(
    {one.name: one.default for one in fields(RunSettings) if one.name in OPTIONS and OPTIONS[one.name].later}
)
"""Settings that older runs were stored without, with the value that they ran with."""


def deciding_settings(settings: RunSettings) -> dict[str, Any]:
    """Return what may decide a number, for a run's key; what came later only where it was chosen."""
    found = asdict(settings)
    return {k: v for k, v in found.items() if k not in NOT_DECIDING and not (k in LATER and v == LATER[k])}

"""What a run is: models, tasks, limits. All that decides its numbers has one digest."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from medic_console.digest import digest, short
from medic_console.engine.model import ModelFile
from medic_console.engine.variables import DATE
from medic_console.errors import UsageError
from medic_console.records import ENCODER, Sampling
from medic_console.scoring.registry import SCORER_VERSIONS, SCORERS
from medic_console.statistics.pairing import Schedule, schedule
from medic_console.suite.asking import AUTO, Asking
from medic_console.suite.items import LABELS, LoadedTask
from medic_console.suite.judging import PairwiseSpec
from medic_console.suite.readers.base import PART


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What a person chose for a run.

    Attributes:
        context: Tokens a sequence may hold; 0: the model's trained context, at most 8,192.
        parallel: Sequences decoded together; 0: as many as fit, at most 8 (16 on a GPU).
        sequential: One sequence at a time, each prompt read from its beginning: bit-equal on every repeat,
            whatever ran before. For certifying runs.
        gpu_layers: Layers to offload: a number, `all`, or `auto` for what fits.
        threads: CPU threads; 0: physical cores.
        kv_type: Type of the key-value cache: `f16` or `q8_0`.
        flash_attention: `auto`, `on` or `off`.
        thinking_budget: Most tokens of a reasoning model's think block; 0 asks it not to think.
        date: What chat templates take for today, `YYYY-MM-DD`; the clock is never asked.
        sample: Items of each task that are drawn at random, by `seed` (`suite.taking`); 0 draws none.
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
    threads: int = 0
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


AUDIT, QUALIFICATION = "audit", "qualification"
NOT_DECIDING = frozenset({"max_failures", "memory_check"})
"""Settings that no number depends on: they say when a run is refused or ends, and change nothing that it asks.

The number of threads is none of them. With flash attention, which llama.cpp takes on a CPU unasked, it cuts a cache of
about 400 tokens and more into a part a thread when it decodes one token: in `--sequential` runs of the demo models one
thread and two gave logits up to 0.3 apart (0.6 with a model of 135 million weights), without flash attention none.
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """A run that can be started.

    Attributes:
        id: Of the run; empty before the archive has given it one.
        kind: `audit`, or `qualification` when the candidates are judges that answer probes.
    """

    tasks: tuple[LoadedTask, ...]
    candidates: tuple[ModelFile, ...]
    judges: tuple[ModelFile, ...]
    settings: RunSettings
    id: str = ""
    kind: str = AUDIT

    @property
    def total(self) -> int:
        """Scores that the run will give: items times candidates, times judges for judged tasks."""
        return len(self.candidates) * sum(
            len(loaded.items) * (max(1, len(self.judges)) if loaded.task.judge else 1) for loaded in self.tasks
        )

    def matches(self, loaded: LoadedTask) -> Schedule | None:
        """Return which candidates meet on which items of a pairwise task; None for any other task.

        A lone candidate meets nobody.
        """
        spec = loaded.task.judge
        if not isinstance(spec, PairwiseSpec):
            return None
        items, names = [item.id for item in loaded.items], [model.sha256 for model in self.candidates]
        if len(names) < 2:
            return dict.fromkeys(items, ())
        return schedule(items, names, spec.matches or None, self.settings.seed)

    def key(self) -> str:
        """Digest of all that decides the numbers and is known before a model is loaded.

        These are files, templates, settings (the date among them), tasks and items. What llama.cpp then takes where it
        may choose (flash attention, layers, threads) is stored with each output, is in the key of an output
        (`archive.store.content_key`) and among the conditions of a judge's card.
        """
        settings = {k: v for k, v in asdict(self.settings).items() if k not in NOT_DECIDING}
        return digest(
            {
                "models": [[m.sha256, m.template_digest] for m in (*self.candidates, *self.judges)],
                "candidates": len(self.candidates),
                "settings": settings,
                "tasks": [
                    [loaded.task.digest, [item_digest(loaded, i) for i in range(len(loaded.items))]]
                    for loaded in self.tasks
                ],
            }
        )


def check_date(text: str) -> None:
    """Check the date that chat templates take for today.

    Raises:
        UsageError: It is none in the form `YYYY-MM-DD`.
    """
    try:
        good = datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        good = False
    if not good:
        raise UsageError(f"--date {text} is not a day of the calendar.", f"Write it as YYYY-MM-DD, such as {DATE}.")


def item_digest(loaded: LoadedTask, index: int) -> str:
    """Return the content digest of one item."""
    item = loaded.items[index]
    return digest({"id": item.id, "fields": dict(item.fields), "gold": item.gold, "group": item.group})


def scorer_label(loaded: LoadedTask, settings: Mapping[str, Any]) -> str:
    """Return what is stored with every score: scorer and version, and what else decides it.

    That is the judge's method where it scores beside the scorer, how an option was chosen, the version of the
    reference labels, the part of the benchmark, and the encoder, each if there is one.

    Args:
        settings: Of the run, as the archive keeps them.
    """
    task = loaded.task
    judged = task.judge.method if task.judge and task.scorer in SCORERS else ""
    parts = [f"{name} {SCORER_VERSIONS.get(name, '?')}" for name in (task.scorer, judged) if name]
    parts += [task.multiple_choice] if task.multiple_choice else []
    for name in (LABELS, PART):
        parts += sorted({str(item.fields[name]) for item in loaded.items if name in item.fields})
    parts += [f"encoder {short(settings.get('encoder', ''))}"] if ENCODER in loaded.resources else []
    return ", ".join(parts)


def by_todays_rules(label: str) -> bool:
    """Tell whether the scorers that a `scorer_label` names have their present versions."""
    named = (part.partition(" ") for part in label.split(", "))
    return all(SCORER_VERSIONS.get(name, version) == version for name, _, version in named)

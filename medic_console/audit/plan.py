"""What a run is: models, tasks, limits. All that decides its numbers has one digest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from medic_console.audit.shard import items_of, parse_shard
from medic_console.core.digest import canonical_json, digest, joined_digest, short
from medic_console.core.records import AUDIT, ENCODER, Item
from medic_console.core.run_settings import RunSettings, deciding_settings
from medic_console.engine.endpoint.access import Access
from medic_console.engine.files.model import ModelFile
from medic_console.scoring.scorers.registry import SCORERS
from medic_console.scoring.versions import version_of
from medic_console.statistics.pairing import Schedule, schedule
from medic_console.suite.items import LABELS, LoadedTask
from medic_console.suite.readers.base import PART


@dataclass(frozen=True, slots=True)
class Plan:
    """A run that can be started.

    Attributes:
        id: Of the run; empty before the archive has given it one.
        kind: `audit`, or `qualification` when the candidates are judges that answer probes.
        access: Which addresses its served models may have; it is said anew at each sitting and stored nowhere.
    """

    tasks: tuple[LoadedTask, ...]
    candidates: tuple[ModelFile, ...]
    judges: tuple[ModelFile, ...]
    settings: RunSettings
    id: str = ""
    kind: str = AUDIT
    access: Access = field(default_factory=Access)

    @property
    def models(self) -> tuple[ModelFile, ...]:
        """Candidates and judges, each once."""
        return tuple({model.sha256: model for model in (*self.candidates, *self.judges)}.values())

    @property
    def total(self) -> int:
        """Scores that the run will give: items times candidates, times judges for judged tasks."""
        return len(self.candidates) * sum(
            self.size(loaded) * (max(1, len(self.judges)) if loaded.task.judge else 1) for loaded in self.tasks
        )

    def own(self, loaded: LoadedTask) -> frozenset[str] | None:
        """Return the ids of the items of a task that this run is to do; None for all of them, where it is no shard."""
        shard = self.settings.shard
        return items_of(loaded.items, parse_shard(shard)) if shard else None

    def size(self, loaded: LoadedTask) -> int:
        """Return how many items of a task this run is to do."""
        own = self.own(loaded)
        return len(loaded.items) if own is None else len(own)

    def matches(self, loaded: LoadedTask) -> Schedule | None:
        """Return which candidates meet on which items of a task in pairs; None for any other task.

        A lone candidate meets nobody.
        """
        spec = loaded.task.judge
        if spec is None or spec.meetings is None:
            return None
        items, names = [item.id for item in loaded.items], [model.sha256 for model in self.candidates]
        if len(names) < 2:
            return dict.fromkeys(items, ())
        return schedule(items, names, spec.meetings or None, self.settings.seed)

    def key(self) -> str:
        """Digest of all that decides the numbers and is known before a model is loaded.

        These are files, templates, settings (the date among them), tasks and items. What llama.cpp then takes where it
        may choose (flash attention, layers, threads) is stored with each output, is in the key of an output
        (`archive.store.content_key`) and among the conditions of a judge's card.
        """
        decided = {
            "models": [[m.sha256, m.template_digest] for m in (*self.candidates, *self.judges)],
            "candidates": len(self.candidates),
            "settings": deciding_settings(self.settings),
        }
        return joined_digest(self._key_parts(canonical_json(decided)))

    def _key_parts(self, decided: str) -> Iterator[str]:
        """Yield a JSON object of what is decided and the tasks, each with the digests of its items, in pieces."""
        yield f'{decided[:-1]},"tasks":['
        for place, loaded in enumerate(self.tasks):
            yield f"{',' if place else ''}[{canonical_json(loaded.task.digest)},["
            for number, item in enumerate(loaded.items):
                yield f"{',' if number else ''}{canonical_json(item_digest(item))}"
            yield "]]"
        yield "]}"


def item_digest(item: Item) -> str:
    """Return the content digest of one item."""
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
    parts = [f"{name} {version_of(name) or '?'}" for name in (task.scorer, judged) if name]
    parts += [task.multiple_choice] if task.multiple_choice else []
    for name in (LABELS, PART):
        parts += sorted({str(item.fields[name]) for item in loaded.items if name in item.fields})
    parts += [f"encoder {short(settings.get('encoder', ''))}"] if ENCODER in loaded.resources else []
    return ", ".join(parts)


def by_todays_rules(label: str) -> bool:
    """Tell whether the scorers that a `scorer_label` names have their present versions."""
    named = (part.partition(" ") for part in label.split(", "))
    return all((version_of(name) or version) == version for name, _, version in named)

"""What a run is: models, tasks, limits. All that decides its numbers has one digest."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from medic_console.digest import digest
from medic_console.engine.model import ModelFile
from medic_console.engine.port import EngineSettings
from medic_console.errors import UsageError
from medic_console.suite.items import LoadedTask


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What a person chose for a run.

    Attributes:
        context: Tokens a sequence may hold; 0: the model's trained context, at most 8,192.
        parallel: Sequences decoded together; 1 for certifying runs.
        gpu_layers: Layers to offload; -1 is all.
        threads: CPU threads; 0: physical cores.
        seed: Stored with every prompt.
        max_failures: Failed items after which the run stops.
    """

    context: int = 0
    parallel: int = 8
    gpu_layers: int = 0
    threads: int = 0
    seed: int = 0
    max_failures: int = 100


@dataclass(frozen=True, slots=True)
class Plan:
    """A run that can be started.

    Attributes:
        id: Of the run; empty before the archive has given it one.
    """

    tasks: tuple[LoadedTask, ...]
    candidates: tuple[ModelFile, ...]
    judges: tuple[ModelFile, ...]
    settings: RunSettings
    id: str = ""

    @property
    def total(self) -> int:
        """Scores that the run will give: items times candidates, times judges for judged tasks."""
        return len(self.candidates) * sum(
            len(loaded.items) * (max(1, len(self.judges)) if loaded.task.judge else 1) for loaded in self.tasks
        )

    def key(self) -> str:
        """Digest of all that decides the numbers: files, templates, settings, tasks and items."""
        settings = {k: v for k, v in asdict(self.settings).items() if k not in ("threads", "max_failures")}
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


def item_digest(loaded: LoadedTask, index: int) -> str:
    """Return the content digest of one item."""
    item = loaded.items[index]
    return digest({"id": item.id, "fields": dict(item.fields), "gold": item.gold, "group": item.group})


def engine_settings(model: ModelFile, settings: RunSettings) -> EngineSettings:
    """Return how a model is to be loaded for a run.

    Raises:
        UsageError: More context is asked for than the model was trained on.
    """
    trained = model.context or 4096
    if settings.context > trained:
        raise UsageError(
            f"{model.path}: --context {settings.context:,} is more than the {trained:,} tokens that the model was "
            "trained on.",
            f"Use --context {trained} or less.",
        )
    return EngineSettings(
        path=model.path,
        template=model.template,
        thinking=model.thinking or (),
        context=settings.context or min(trained, 8192),
        parallel=settings.parallel,
        threads=settings.threads,
        gpu_layers=settings.gpu_layers,
    )


def settings_json(settings: RunSettings) -> dict[str, Any]:
    """Return settings as JSON."""
    return asdict(settings)

"""How a model is to be loaded: what a person asked for, and what fits, with the reasons."""

from __future__ import annotations

from collections.abc import Callable

from medic_console.core.errors import UsageError
from medic_console.core.prompt_date import check_date
from medic_console.core.run_settings import AUTO, RunSettings
from medic_console.engine.files.model import ModelFile
from medic_console.engine.protocol.features import Features, features
from medic_console.engine.protocol.port import STREAMS, UNIFIED, EngineSettings
from medic_console.engine.sizing.memory import SPARE, available_memory, best_parallel, estimate, gigabytes

LONGEST = 8192
"""Context that is taken unasked, at most; longer ones cost memory that most tasks do not need."""
UNTOLD = 4096
"""Context of a model whose file does not say what it was trained on."""
BATCH = 512
WHOLE = 2
"""Contexts that the one cache of prompts with one long beginning has room for. Without flash attention, which slows
writing there, scores against every cell of a cache are held at once: a large one takes gigabytes."""
ON_CPU, ON_GPU = (8, 4, 2, 1), (16, 8, 4, 2, 1)


def engine_settings(
    model: ModelFile,
    settings: RunSettings,
    available: int | None = None,
    build: Callable[[], Features] = features,
    cache: str = STREAMS,
) -> EngineSettings:
    """Return how a model is to be loaded for a run.

    Args:
        cache: `UNIFIED` or `STREAMS`; a lone sequence has one cache unless a person says otherwise.
        available: Bytes of main memory; None asks the system.
        build: What llama.cpp can use; asked only when layers may be offloaded.

    Raises:
        UsageError: A setting does not fit the model, or the model does not fit into memory.
    """
    check_date(settings.date)
    available = available_memory() if available is None else available
    context = _context(model, settings)
    layers, on_device, why_layers = _layers(model, settings, context, build)
    parallel, why_parallel = _parallel(model, settings, context, available, gpu=layers != 0)
    if parallel == 1 and settings.cache == AUTO:
        cache = UNIFIED  # it attends over one prompt at a time, and others stay there for those that begin alike
    together = cache == UNIFIED and settings.cache == AUTO and parallel > WHOLE
    cells = context * (WHOLE if together else parallel)
    flash = {"on": True, "off": False}.get(settings.flash_attention)
    if together and not layers and settings.kv_type == "f16" and flash is None:
        flash = False
    if settings.memory_check and available and not on_device:
        _check_memory(model, settings, context, parallel, available)
    return EngineSettings(
        path=model.path,
        template=model.template,
        date=settings.date,
        thinking=model.thinking.name if model.thinking else "",
        thinking_budget=settings.thinking_budget,
        context=context,
        parallel=parallel,
        cells=cells,
        share_prefixes=not settings.sequential,
        batch=BATCH,
        threads=settings.threads,
        gpu_layers=layers,
        cache=cache,
        kv_type=settings.kv_type,
        flash_attention=flash,
        reasons=tuple(reason for reason in (why_layers, why_parallel) if reason),
    )


def _context(model: ModelFile, settings: RunSettings) -> int:
    trained = model.context or UNTOLD
    if settings.context > trained:
        raise UsageError(
            f"{model.path}: --context {settings.context:,} is more than the {trained:,} tokens that the model was "
            "trained on.",
            f"Use --context {trained} or less.",
        )
    return settings.context or min(trained, LONGEST)


def _parallel(model: ModelFile, settings: RunSettings, context: int, available: int, gpu: bool) -> tuple[int, str]:
    if settings.sequential:
        return 1, "sequential: each prompt is read from its beginning, alone"
    if settings.parallel:
        return settings.parallel, ""
    choices = ON_GPU if gpu else ON_CPU
    chosen = best_parallel(model, context, BATCH, available, choices) if available else choices[0]
    if chosen == choices[0]:
        return chosen, f"{chosen} sequences: the most that is taken unasked"
    return chosen, f"{chosen} sequences: more caches of {context:,} tokens do not fit into {gigabytes(available)}"


def _layers(
    model: ModelFile, settings: RunSettings, context: int, build: Callable[[], Features]
) -> tuple[int, bool, str]:
    """Return the layers to offload (-1: all), whether the whole model is then on a device, and why."""
    if settings.gpu_layers.isdigit():
        return int(settings.gpu_layers), int(settings.gpu_layers) > model.layers, ""
    if settings.gpu_layers not in ("auto", "all"):
        raise UsageError(f"--gpu-layers {settings.gpu_layers} is not known.", "Use auto, all or a number.")
    found = build()
    if not (found.offload and found.devices):
        if settings.gpu_layers == "all":
            raise UsageError(
                f"--gpu-layers all: layers cannot be offloaded ({found.shown()}).", "Use --gpu-layers auto."
            )
        return 0, False, "all layers on the CPU: this llama.cpp finds no accelerator"
    if settings.gpu_layers == "all":
        return -1, True, ""
    free = sum(device.free for device in found.devices)
    need = estimate(model, context * (settings.parallel or 1), BATCH, settings.kv_type)
    spare = free * SPARE - need.kv - need.compute
    count = max(0, int(spare / (model.size / (model.layers + 1))))
    if count > model.layers:
        return -1, True, f"all layers offloaded: {gigabytes(need.total)} fit into {gigabytes(free)}"
    return count, False, f"{count} of {model.layers} layers offloaded: more do not fit into {gigabytes(free)}"


def _check_memory(model: ModelFile, settings: RunSettings, context: int, parallel: int, available: int) -> None:
    need = estimate(model, context * parallel, BATCH, settings.kv_type)
    if need.total <= available:
        return
    least = estimate(model, min(context, 1024), BATCH, "q8_0")
    if least.total > available:
        advice = "Use a smaller model or a quantisation with fewer bits"
    else:
        advice = "Ask for less with --parallel 1, --context or --kv-type q8_0"
    raise UsageError(
        f"{model.path}: the model needs about {need.shown()}; {gigabytes(available)} are free.",
        f"{advice}; --no-memory-check loads it nevertheless.",
    )

"""Models of a plan: opened before a run begins, loaded as it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from medic_console.audit.plan import Plan
from medic_console.core.errors import EngineError, UsageError
from medic_console.core.logs import usual_log
from medic_console.core.run_settings import RunSettings
from medic_console.engine.endpoint.access import Access, usual_access
from medic_console.engine.files.model import ModelFile, signature_of
from medic_console.engine.files.opened import opening, usual_opened
from medic_console.engine.parent.process import ProcessEngine
from medic_console.engine.parent.supervisor import start_engine
from medic_console.engine.pool.pool import PoolEngine
from medic_console.engine.protocol.features import features_now
from medic_console.engine.protocol.port import Engine, EngineSettings
from medic_console.engine.protocol.served import Served
from medic_console.engine.sizing.devices import on_device, sized_each
from medic_console.engine.sizing.limits import LESS, engine_settings


def check_models(plan: Plan, log: Path | None = None) -> None:
    """Open each model file without its weights, so that a judge does not fail after hours of work for it.

    One that this llama.cpp has opened before is not opened again.

    Raises:
        EngineError: llama.cpp cannot open a file.
        ModelFileError: A chat template cannot be used.
    """
    target = log or usual_log()
    opened = usual_opened()
    for model in plan.models:
        if model.served is not None:
            continue
        settings = replace(engine_settings(model, plan.settings), vocabulary_only=True)
        asked = opening(model, settings)
        if asked not in opened:
            ProcessEngine(settings, target).close()
            if asked:
                opened.add(asked)


def start_model(
    model: ModelFile,
    settings: RunSettings,
    cache: str,
    log: Path | None = None,
    progress: Callable[[float], None] | None = None,
    access: Access | None = None,
) -> Engine:
    """Load a model into a child process, or look once more at the one that a server has.

    Args:
        cache: `UNIFIED` or `STREAMS`.
        access: Which addresses may be spoken to; None: as the settings say.

    Raises:
        EngineError: It cannot be loaded, does not fit into the memory that is free now, its file was replaced since
            it was hashed, or another model answers at its address.
    """
    if model.served is not None:
        return _endpoint(model.served, settings, access or usual_access())
    if model.signature and _signature_now(model) != model.signature:
        raise EngineError(
            f"{model.path}: the file was replaced or written since it was hashed.",
            "Put the original file back and resume, or start a new run.",
        )
    target = log or usual_log()

    try:
        found = sized_each(model, settings, build=features_now, cache=cache)
    except UsageError as error:  # it did fit when the run began
        raise EngineError(error.message, error.hint) from error

    def started(one: EngineSettings, own: RunSettings, tell: Callable[[float], None] | None = None) -> Engine:
        return start_engine(
            one, target, tell, lambda: engine_settings(model, own, build=features_now, cache=cache, share=LESS)
        )

    if len(found) == 1:
        return started(found[0].settings, settings, progress)
    devices = [one.plan.devices[0] for one in found]
    return PoolEngine(
        {
            f"device {device.number}": partial(started, one.settings, on_device(settings, device.number))
            for device, one in zip(devices, found, strict=True)
        }
    )


def _endpoint(served: Served, settings: RunSettings, access: Access) -> Engine:
    from medic_console.engine.endpoint.engine import EndpointEngine  # loaded where an address was named alone

    parallel = 1 if settings.sequential else settings.parallel
    return EndpointEngine(served, access, parallel, settings.thinking_budget)


def _signature_now(model: ModelFile) -> str:
    try:
        return signature_of(model.files)
    except OSError:
        return "gone"

"""How a model is to be loaded: what a person asked for, and what fits, with the reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from medic_console.core.errors import UsageError
from medic_console.core.prompt_date import check_date
from medic_console.core.run_settings import AUTO, OPTIONS, RunSettings
from medic_console.engine.files.model import ModelFile
from medic_console.engine.protocol.features import Device, Features, features
from medic_console.engine.protocol.port import MOST_SEQUENCES, STREAMS, UNIFIED, EngineSettings
from medic_console.engine.sizing.layout import MemoryPlan, Wanted
from medic_console.engine.sizing.machine import Machine, available_memory
from medic_console.engine.sizing.memory import QUANTISED, Shape, gigabytes, shape_of
from medic_console.engine.sizing.plan import BATCHES, MOST_ON_CPU, MOST_ON_GPU, least, planned, short_of_one_more

LONGEST = 8192
"""Context that is taken unasked, at most; longer ones cost memory that most tasks do not need."""
UNTOLD = 4096
"""Context of a model whose file does not say what it was trained on."""
SMALLEST = 1024
"""Context below which hardly a task's prompt fits."""
LESS = 0.8
"""Share of the free memory that a second plan takes, where llama.cpp found no room for the first."""


@dataclass(frozen=True, slots=True)
class Sized:
    """A model's plan.

    Attributes:
        settings: How it is to be loaded.
        plan: What each memory then holds.
    """

    settings: EngineSettings
    plan: MemoryPlan


def engine_settings(
    model: ModelFile,
    settings: RunSettings,
    available: int | None = None,
    build: Callable[[], Features] = features,
    cache: str = STREAMS,
    share: float = 1.0,
) -> EngineSettings:
    """Return how a model is to be loaded for a run (see `sized`)."""
    return sized(model, settings, available, build, cache, share).settings


def sized(
    model: ModelFile,
    settings: RunSettings,
    available: int | None = None,
    build: Callable[[], Features] = features,
    cache: str = STREAMS,
    share: float = 1.0,
) -> Sized:
    """Return how a model is to be loaded for a run, and what each memory then holds.

    Args:
        available: Bytes of main memory; None asks the system.
        build: What llama.cpp can use; asked only when layers may be offloaded.
        cache: `UNIFIED` or `STREAMS`; a lone sequence has one cache unless a person says otherwise.
        share: Of the free memory, which the plan may take.

    Raises:
        UsageError: A setting does not fit the model, or the model does not fit into memory.
    """
    check_date(settings.date)
    shape = shape_of(model)
    machine = _machine(settings, available_memory() if available is None else available, build)
    wanted = _wanted(model, shape, settings, machine, cache)
    plan = planned(shape, wanted, _scaled(machine, share))
    plan = plan and _with_all_that_is_free(plan, machine)
    if plan is None and settings.memory_check:
        raise _too_large(model, shape, wanted, machine)
    plan = plan or least(shape, wanted, machine)
    reasons = _reasons(shape, settings, wanted, machine, plan)
    return Sized(_settings(model, settings, shape, wanted, plan, tuple(reasons)), plan)


def _settings(
    model: ModelFile,
    settings: RunSettings,
    shape: Shape,
    wanted: Wanted,
    plan: MemoryPlan,
    reasons: tuple[str, ...],
) -> EngineSettings:
    """Return what was chosen, and whatever the engine takes as a person said it."""
    chosen: dict[str, Any] = {
        "context": wanted.context,
        "parallel": plan.sequences,
        "cells": plan.cells,
        "share_prefixes": not settings.sequential,
        "batch": plan.batch,
        "gpu_layers": -1 if plan.layers == shape.layers else plan.layers,
        "devices": tuple(device.name for device in plan.devices),
        "split": plan.split,
        "cache": plan.cache,
        "flash_attention": plan.flash,
    }
    passed = {one.name: getattr(settings, one.name) for one in fields(EngineSettings) if one.name in OPTIONS}
    thinking = model.thinking.name if model.thinking else ""
    return EngineSettings(model.path, model.template, thinking, reasons=reasons, **{**passed, **chosen})


def _machine(settings: RunSettings, free: int, build: Callable[[], Features]) -> Machine:
    """Return what layers may use; devices are asked for only where some may be used.

    Raises:
        UsageError: Layers or devices were named that this llama.cpp does not have.
    """
    layers, named = settings.gpu_layers, settings.devices
    if not (layers.isdigit() or layers in (AUTO, "all")):
        raise UsageError(f"--gpu-layers {layers} is not known.", "Use auto, all or a number.")
    if named == "none" or (layers == "0"):
        if layers not in (AUTO, "0"):
            raise UsageError(f"--gpu-layers {layers} and --devices none exclude each other.", "Leave one of them out.")
        return Machine(free, without="all layers on the CPU, as was asked")
    found = build()
    if not (found.offload and found.devices):
        if layers != AUTO or named != AUTO:
            asked = f"--gpu-layers {layers}" if layers != AUTO else f"--devices {named}"
            raise UsageError(
                f"{asked}: layers cannot be offloaded ({found.shown()}).",
                "Leave --gpu-layers and --devices out, which offloads what can be.",
            )
        return Machine(free, without="all layers on the CPU: this llama.cpp finds no accelerator")
    return Machine(free, tuple(_named_devices(named, found.devices)))


def _named_devices(named: str, devices: Sequence[Device]) -> Iterator[Device]:
    if named == AUTO:
        yield from devices
        return
    numbers = [part.strip() for part in named.split(",")]
    if len(set(numbers)) < len(numbers) or not all(part.isdecimal() for part in numbers):
        raise UsageError(f"--devices {named} is not known.", "Use auto, none, or numbers such as 0,1, each once.")
    for number in sorted(map(int, numbers)):
        if number >= len(devices):
            have = ", ".join(f"{n} {device.name} {device.description}" for n, device in enumerate(devices))
            raise UsageError(f"--devices {named}: there is no device {number}.", f"There are: {have}.")
        yield devices[number]


def _scaled(machine: Machine, share: float) -> Machine:
    devices = tuple(replace(device, free=int(device.free * share)) for device in machine.devices)
    return replace(machine, free=int(machine.free * share), devices=devices)


def _with_all_that_is_free(plan: MemoryPlan, machine: Machine) -> MemoryPlan:
    """Return a plan for a share of a machine with what the machine has."""
    by_name = {device.name: device for device in machine.devices}
    devices = tuple(by_name[device.name] for device in plan.devices)
    places = tuple(replace(place, free=device.free) for place, device in zip(plan.places, devices, strict=True))
    return replace(plan, main=replace(plan.main, free=machine.free), devices=devices, places=places)


def _wanted(model: ModelFile, shape: Shape, settings: RunSettings, machine: Machine, cache: str) -> Wanted:
    layers = {AUTO: None, "all": shape.layers}.get(settings.gpu_layers, 0)
    if settings.gpu_layers.isdigit():
        layers = min(int(settings.gpu_layers), shape.layers)
    flash = {"on": True, "off": False}.get(settings.flash_attention)
    if settings.parallel > MOST_SEQUENCES and not settings.sequential:
        raise UsageError(
            f"--parallel {settings.parallel}: llama.cpp decodes at most {MOST_SEQUENCES} sequences together.",
            f"Use --parallel {MOST_SEQUENCES} or less, or leave it out.",
        )
    if settings.kv_type in QUANTISED and flash is False:
        raise UsageError(
            f"--kv-type {settings.kv_type} needs flash attention, which --flash-attention off forbids.",
            "Leave --flash-attention out, or use --kv-type f16.",
        )
    return Wanted(
        context=_context(model, settings),
        parallel=1 if settings.sequential else settings.parallel,
        layers=layers,
        kv_type=settings.kv_type,
        flash=flash,
        cache=cache,
        cache_named=settings.cache in (UNIFIED, STREAMS),
        share=not settings.sequential,
        split=_split(settings.split, len(machine.devices)),
    )


def _split(named: str, devices: int) -> tuple[float, ...]:
    if not named:
        return ()
    try:
        shares = tuple(float(part) for part in named.split(","))
    except ValueError:
        shares = ()
    if not shares or not all(0 <= share < 1e6 for share in shares) or not any(shares):
        raise UsageError(f"--split {named} is not known.", "Use a share for each device, such as 3,1.")
    if len(shares) != devices:
        raise UsageError(
            f"--split {named} names {len(shares)} shares for {devices} devices.",
            "Name one for each; --devices says which devices are taken.",
        )
    return shares


def _context(model: ModelFile, settings: RunSettings) -> int:
    trained = model.context or UNTOLD
    if settings.context > trained:
        raise UsageError(
            f"{model.path}: --context {settings.context:,} is more than the {trained:,} tokens that the model was "
            "trained on.",
            f"Use --context {trained} or less.",
        )
    return settings.context or min(trained, LONGEST)


def _too_large(model: ModelFile, shape: Shape, wanted: Wanted, machine: Machine) -> UsageError:
    """Return the error with what would be loaded nevertheless, if anything."""
    need = least(shape, wanted, machine)
    short = [place for place in need.places if place.total > place.free]
    where = [f"{place.shown()} on {place.name}, where {gigabytes(place.free)} are free" for place in short]
    if not where:
        where = [f"{need.main.shown()}; {gigabytes(machine.free)} are free"]
    found = [advice for advice, other in _smaller(wanted) if planned(shape, other, machine) is not None]
    advice = f"Ask for less with {found[0]}" if found else "Use a smaller model or a quantisation with fewer bits"
    return UsageError(
        f"{model.path}: the model needs about {' and '.join(where)}.",
        f"{advice}; --no-memory-check loads it nevertheless.",
    )


def _smaller(wanted: Wanted) -> Iterator[tuple[str, Wanted]]:
    """Yield smaller demands with their options, those that change least first."""
    options, now = [], wanted
    if wanted.layers:
        options, now = ["--gpu-layers auto"], replace(now, layers=None, split=())
        yield " ".join(options), now
    if wanted.parallel > 1:
        options, now = [*options, "--parallel 1"], replace(now, parallel=1)
        yield " ".join(options), now
    context = now.context // 2
    while context >= SMALLEST:
        yield " ".join([*options, f"--context {context}"]), replace(now, context=context)
        context //= 2
    if now.kv_type not in QUANTISED and now.flash is not False:
        least_context = min(now.context, SMALLEST)
        options += [f"--context {least_context}", "--kv-type q8_0"]
        yield " ".join(options), replace(now, context=least_context, kv_type="q8_0")


def _reasons(shape: Shape, settings: RunSettings, wanted: Wanted, machine: Machine, plan: MemoryPlan) -> Iterator[str]:
    """Yield what was chosen, and why it is not more."""
    if machine.without:
        yield machine.without
    else:
        yield _layers(shape, wanted, plan)
    if settings.sequential:
        yield "sequential: each prompt is read from its beginning, alone"
    elif not wanted.parallel:
        yield _sequences(shape, wanted, machine, plan)
    if plan.batch < BATCHES[0]:
        yield f"batches of {plan.batch} tokens: longer ones do not fit"


def _layers(shape: Shape, wanted: Wanted, plan: MemoryPlan) -> str:
    """Return "12 of 33 layers on device 0 (11.2 of 12.0 GB): more do not fit beside 6 sequences"."""
    parts = [
        f"{place.layers} on device {device.number} ({place.total / 1e9:.1f} of {gigabytes(place.free)})"
        for device, place in zip(plan.devices, plan.places, strict=True)
    ]
    of = "all" if plan.layers == shape.layers else f"{plan.layers} of"
    if len(parts) == 1:
        found = f"{of} {shape.layers} layers{parts[0].removeprefix(str(plan.layers))}"
    else:
        found = f"{of} {shape.layers} layers on devices: {', '.join(parts)}" if parts else "no layer on a device"
    if wanted.layers is not None or plan.layers == shape.layers:
        return found
    return f"{found}: more do not fit beside {plan.sequences} {'sequence' if plan.sequences == 1 else 'sequences'}"


def _sequences(shape: Shape, wanted: Wanted, machine: Machine, plan: MemoryPlan) -> str:
    count = f"{plan.sequences} {'sequence' if plan.sequences == 1 else 'sequences'}"
    most = MOST_ON_GPU if plan.layers == shape.layers else MOST_ON_CPU
    if plan.sequences == most:
        return f"{count}: the most that is taken unasked" + (
            " where the processor does a part" if plan.places and most == MOST_ON_CPU else ""
        )
    short = short_of_one_more(shape, wanted, machine, plan)
    where = " and ".join(f"{gigabytes(place.free)} of {place.name}" for place in short)
    return f"{count}: more caches of {wanted.context:,} tokens do not fit into {where}"

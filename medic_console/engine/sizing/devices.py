"""One engine over several devices, or one on each with the queue shared among them: whichever decodes more at a time.

Split over devices a model decodes on one of them after the other; engines of its own decode on all at once. So where
the whole model fits on several devices of a kind, each has one, unless fewer sequences fit on them together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache as once

from medic_console.core.errors import UsageError
from medic_console.core.run_settings import AUTO, RunSettings
from medic_console.engine.files.model import ModelFile
from medic_console.engine.protocol.features import Device, Features, features
from medic_console.engine.protocol.port import STREAMS
from medic_console.engine.sizing.limits import Sized, sized

Alone = tuple[Device, Sized]


def sized_each(
    model: ModelFile,
    settings: RunSettings,
    available: int | None = None,
    build: Callable[[], Features] = features,
    cache: str = STREAMS,
) -> tuple[Sized, ...]:
    """Return the engines that a model is loaded into, each with its reasons; one, where that is as fast.

    Args:
        available: Bytes of main memory; None asks the system.
        build: What llama.cpp can use; asked only when layers may be offloaded.
        cache: As in `sized`.

    Raises:
        UsageError: A setting does not fit the model, or the model does not fit into memory.
    """
    seen = once(build)
    whole = sized(model, settings, available, seen, cache)
    if not whole.plan.devices or whole.settings.gpu_layers >= 0 or settings.split or not settings.memory_check:
        return (whole,)
    devices = [device for device in seen().devices if _is_named(device, settings.devices)]
    if len(devices) < 2:
        return (whole,)
    alone = _alone(model, settings, available, seen, cache, devices)
    kinds = [[one for one in alone if one[0].description == device.description] for device in devices]
    chosen = _beside_each_other(max(kinds, key=len), whole.plan.main.free)
    together = sum(one.plan.sequences for _, one in chosen)
    if len(chosen) < 2 or together < whole.plan.sequences:
        why = f"{together} sequences" if chosen else "no whole model"
        return (_saying(whole, f"one engine: engines on each device alone would hold {why}"),)
    others = [device.number for device in devices if device not in {device for device, _ in chosen}]
    said = f"an engine on each of devices {_numbers([device.number for device, _ in chosen])}, which share the queue: "
    said += "the whole model fits on each, and split over them it would decode on one after the other"
    if others:
        said += f"; device {_numbers(others)} is left out, as it is of another kind or too full"
    return tuple(_saying(one, said) for _, one in chosen)


def on_device(settings: RunSettings, number: int) -> RunSettings:
    """Return settings for an engine on one device alone."""
    return replace(settings, devices=str(number))


def _alone(
    model: ModelFile,
    settings: RunSettings,
    available: int | None,
    build: Callable[[], Features],
    cache: str,
    devices: Sequence[Device],
) -> list[Alone]:
    """Return the devices that hold the whole model, with its plan there."""
    found = []
    for device in devices:
        try:
            one = sized(model, on_device(settings, device.number), available, build, cache)
        except UsageError:
            continue
        if one.plan.devices and one.settings.gpu_layers < 0:
            found.append((device, one))
    return found


def _beside_each_other(alone: Sequence[Alone], free: int) -> list[Alone]:
    """Return as many as main memory holds together; 0 bytes free: the system does not say."""
    found: list[Alone] = []
    for one in alone:
        needed = sum(other.plan.from_main for _, other in (*found, one))
        if not free or needed <= free:
            found.append(one)
    return found


def _is_named(device: Device, named: str) -> bool:
    return named == AUTO or str(device.number) in [part.strip() for part in named.split(",")]


def _saying(one: Sized, reason: str) -> Sized:
    return replace(one, settings=replace(one.settings, reasons=(*one.settings.reasons, reason)))


def _numbers(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))

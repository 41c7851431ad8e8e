"""Which layout a machine has room for: layers, sequences, cells and batch, chosen together.

Where every layer fits on devices, all go there, with as many sequences as fit beside them. Where they do not, the
processor sets the pace and its work is shared by the sequences: as many of these as are taken there, then as many
layers on devices as fit beside them. Nothing here asks the machine or the person; it is arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from medic_console.engine.protocol.features import Device
from medic_console.engine.sizing.layout import MemoryPlan, Wanted, context_of, evenly, filled, laid_out, shared_out
from medic_console.engine.sizing.machine import Machine
from medic_console.engine.sizing.memory import Place, Shape

MOST_ON_CPU, MOST_ON_GPU = 8, 16
"""Sequences that are taken unasked: with a part of the model on the processor, and without."""
BATCHES = (512, 256, 128)
"""Most tokens of a decode; a shorter batch is taken only where a longer one does not fit."""
LONG_BATCHES = (2048, 1024)
"""The same with layers on a device, which reads long batches faster, and is sent the matrices of the layers on the
processor once a batch. Taken where nothing gives way to it, and on one device only: what several make
of them is not known."""
SPARE = 0.9
"""Share of the free memory that a model may take; the rest is left to the system."""
DEVICE_SPARE = 512 << 20
"""Bytes of a device that are left free at least: a backend has pools of its own."""
NO_LIMIT = 1 << 62


def planned(shape: Shape, wanted: Wanted, machine: Machine) -> MemoryPlan | None:
    """Return the best plan that keeps within the memory that is free; None where there is none.

    Of main memory a tenth is left free, or what is there where that is not possible: it can be paged.

    Args:
        shape: Of the model.
        wanted: What was asked for.
        machine: What there is.
    """
    for share, batch in ((SPARE, BATCHES[0]), (SPARE, BATCHES[1]), *((1.0, batch) for batch in BATCHES)):
        room = int(machine.free * share) if machine.free else NO_LIMIT
        found = _whole(shape, wanted, machine, batch, room)
        if found is None and (share, batch) != (SPARE, BATCHES[1]):
            found = _part(shape, wanted, machine, batch, room)
        if found is not None:
            return _longer(shape, wanted, machine, found, room)
    return None


def least(shape: Shape, wanted: Wanted, machine: Machine) -> MemoryPlan:
    """Return the plan that takes least of what was asked for, whether or not it fits."""
    layers = min(wanted.layers or 0, shape.layers)
    context = context_of(shape, wanted, wanted.parallel or 1, BATCHES[0], on_device=layers > 0)
    shares = wanted.split or [float(max(1, device.free)) for device in machine.devices]
    return laid_out(shape, context, machine.free, machine.devices, shared_out(layers, shares))


def short_of_one_more(shape: Shape, wanted: Wanted, machine: Machine, plan: MemoryPlan) -> tuple[Place, ...]:
    """Return the memories that have no room for one more sequence than a plan takes, with the same layers there."""
    context = context_of(shape, wanted, plan.sequences + 1, plan.batch, on_device=bool(plan.split))
    more = laid_out(shape, context, machine.free, plan.devices, plan.split)
    pairs = zip(more.devices, more.places, strict=True)
    short = [place for device, place in pairs if place.total > room_of(device)]
    if more.from_main > machine.free * SPARE:
        short.append(more.main)
    return tuple(short) or more.places or (more.main,)


def room_of(device: Device) -> int:
    """Return the bytes of a device that a model may take."""
    return max(0, device.free - max(int(device.free * (1 - SPARE)), DEVICE_SPARE))


def _whole(shape: Shape, wanted: Wanted, machine: Machine, batch: int, room: int) -> MemoryPlan | None:
    """Return the plan with every layer on devices and most sequences; of equals the one on fewest devices."""
    best: MemoryPlan | None = None
    if wanted.layers is not None and wanted.layers < shape.layers:
        return None
    for devices in _subsets(machine.devices, all_of_them=bool(wanted.split)):
        for count in _counts(wanted, MOST_ON_GPU):
            if best is not None and count <= best.sequences:
                break
            found = _on_devices(shape, wanted, count, batch, machine, devices, shape.layers)
            if found is not None and found.from_main <= room:
                best = found
                break
    return best


def _part(shape: Shape, wanted: Wanted, machine: Machine, batch: int, room: int) -> MemoryPlan | None:
    """Return the plan with most sequences, and most layers on devices beside them."""
    most = shape.layers - 1 if wanted.layers is None else wanted.layers
    if most >= shape.layers:
        return None
    for count in _counts(wanted, MOST_ON_CPU):
        found = None
        if machine.devices and most:
            found = _on_devices(shape, wanted, count, batch, machine, machine.devices, most)
        if found is None and not wanted.layers:
            found = laid_out(shape, context_of(shape, wanted, count, batch, on_device=False), machine.free)
        if found is not None and found.from_main <= room:
            return found
    return None


def _longer(shape: Shape, wanted: Wanted, machine: Machine, plan: MemoryPlan, room: int) -> MemoryPlan:
    """Return a plan with the longest batch that leaves its sequences and its layers on one device as they are."""
    if len(plan.devices) != 1 or plan.batch < BATCHES[0]:
        return plan
    for batch in LONG_BATCHES:
        context = context_of(shape, wanted, plan.sequences, batch, on_device=True)
        found = laid_out(shape, context, machine.free, plan.devices, plan.split)
        if found.from_main <= room and all(place.total <= room_of(plan.devices[0]) for place in found.places):
            return found
    return plan


def _counts(wanted: Wanted, most: int) -> Iterator[int]:
    yield from [wanted.parallel] if wanted.parallel else range(most, 0, -1)


def _subsets(devices: Sequence[Device], all_of_them: bool) -> Iterator[tuple[Device, ...]]:
    """Yield the devices with most free memory: one, two and so on."""
    ranked = sorted(devices, key=lambda device: -device.free)
    for count in range(len(devices) if all_of_them else 1, len(devices) + 1):
        if count:
            yield tuple(device for device in devices if device in ranked[:count])


def _on_devices(
    shape: Shape,
    wanted: Wanted,
    sequences: int,
    batch: int,
    machine: Machine,
    devices: Sequence[Device],
    most: int,
) -> MemoryPlan | None:
    """Return the plan with so many layers on devices, or with fewer where nobody named a number; None without any."""
    context = context_of(shape, wanted, sequences, batch, on_device=True)
    rooms = [room_of(device) for device in devices]
    whole = most == shape.layers
    exact = whole or wanted.layers is not None
    tries: Iterator[list[int]]
    if wanted.split:
        tries = (shared_out(layers, wanted.split) for layers in range(most, most - 1 if exact else 0, -1))
    elif whole:
        tries = iter([evenly(shape, context.load, rooms)])
    else:
        tries = _fewer(filled(shape, context.load, rooms, most))
    for counts in tries:
        if exact and sum(counts) < most:
            return None
        found = laid_out(shape, context, machine.free, devices, counts)
        if all(place.total <= room_of(device) for device, place in zip(found.devices, found.places, strict=True)):
            return found
    return None


def _fewer(counts: list[int]) -> Iterator[list[int]]:
    """Yield numbers of layers, each time one less on the first device that has any: it computes for the others too."""
    while any(counts):
        yield list(counts)
        counts[next(n for n, count in enumerate(counts) if count)] -= 1

"""One way to lay a model out over the memories of a machine, and what each of them then holds.

llama.cpp puts the last layers on devices, the output behind the last block, and gives each device a run of them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from medic_console.engine.protocol.features import Device
from medic_console.engine.protocol.port import STREAMS, UNIFIED, sequences_of
from medic_console.engine.sizing.memory import PIPELINE, Load, Place, Shape, device_use, largest_block, main_use

WHOLE = 2
"""Contexts that the one cache of prompts with one long beginning has room for. Without flash attention, which slows
writing there, scores against every cell of a cache are held at once: a large one takes gigabytes."""
MAIN = "main memory"
_HALVINGS = 12


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked for, as far as memory depends on it.

    Attributes:
        context: Tokens that one sequence may hold.
        parallel: Sequences; 0: as many as fit.
        layers: Layers to offload, the output counted as one; None: as many as fit.
        kv_type: Type of the cache.
        flash: Flash attention on or off; None: llama.cpp chooses.
        cache: `UNIFIED` or `STREAMS`.
        cache_named: A person named the kind of cache.
        share: Beginnings are kept for prompts to come.
        split: Share of each device; empty: as it fits.
    """

    context: int
    parallel: int = 0
    layers: int | None = None
    kv_type: str = "f16"
    flash: bool | None = None
    cache: str = STREAMS
    cache_named: bool = False
    share: bool = True
    split: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """How a model is laid out.

    Attributes:
        sequences: Decoded together.
        cells: Tokens that they may hold together.
        batch: Most tokens of a decode.
        cache: `UNIFIED` or `STREAMS`.
        flash: Flash attention on or off; None: llama.cpp chooses.
        devices: Those that hold layers, in the order of the model.
        split: Layers on each of them, the output counted as one.
        main: What main memory holds.
        places: What each of the devices holds.
    """

    sequences: int
    cells: int
    batch: int
    cache: str
    flash: bool | None
    devices: tuple[Device, ...]
    split: tuple[int, ...]
    main: Place
    places: tuple[Place, ...]

    @property
    def layers(self) -> int:
        """Layers on devices."""
        return sum(self.split)

    @property
    def from_main(self) -> int:
        """Bytes of main memory, with those that a device without a memory of its own takes of it."""
        pairs = zip(self.devices, self.places, strict=True)
        return self.main.total + sum(place.total for device, place in pairs if device.shared)


@dataclass(frozen=True, slots=True)
class Context:
    """A context of so many sequences.

    Attributes:
        sequences: Decoded together.
        cache: `UNIFIED` or `STREAMS`.
        flash: Flash attention on or off; None: llama.cpp chooses.
        load: What it asks of memory.
    """

    sequences: int
    cache: str
    flash: bool | None
    load: Load


def context_of(shape: Shape, wanted: Wanted, sequences: int, batch: int, on_device: bool) -> Context:
    """Return the context of so many sequences; a lone one has one cache unless a person says otherwise.

    It attends over one prompt at a time there, and others stay for those that begin alike.
    """
    cache = UNIFIED if sequences == 1 and not wanted.cache_named else wanted.cache
    together = cache == UNIFIED and not wanted.cache_named and sequences > WHOLE
    cells = wanted.context * (WHOLE if together else sequences)
    flash = wanted.flash
    if together and not on_device and wanted.kv_type == "f16" and flash is None:
        flash = False
    own = cache == STREAMS and not shape.recurrent
    load = Load(
        cells=cells,
        caches=sequences if own else 1,
        slots=sequences if own else sequences_of(sequences, wanted.share),
        batch=batch,
        kv_type=wanted.kv_type,
        flash=flash is not False,
    )
    return Context(sequences, cache, flash, load)


def laid_out(
    shape: Shape, context: Context, free: int, devices: Sequence[Device] = (), counts: Sequence[int] = ()
) -> MemoryPlan:
    """Return the plan with so many layers on each device.

    Args:
        free: Bytes of main memory.
    """
    used = [(device, count) for device, count in zip(devices, counts, strict=True) if count]
    load = context.load
    begin = first = shape.layers - sum(counts)
    copies = PIPELINE if len(used) > 1 and not first else 1
    places: list[Place] = []
    for device, count in used:
        weights, cache, compute = device_use(shape, load, begin, begin + count, copies)
        if not places:
            compute += largest_block(shape, first)
        places.append(Place(device.name, weights, cache, compute, device.free, count))
        begin += count
    return MemoryPlan(
        sequences=context.sequences,
        cells=load.cells,
        batch=load.batch,
        cache=context.cache,
        flash=context.flash,
        devices=tuple(device for device, _ in used),
        split=tuple(count for _, count in used),
        main=Place(MAIN, *main_use(shape, load, first), free, first),
        places=tuple(places),
    )


def filled(shape: Shape, load: Load, rooms: Sequence[int], most: int, copies: int = 1) -> list[int]:
    """Return how many layers each device takes when the last is filled first.

    Args:
        rooms: Bytes of each device.
        most: Layers in all.
        copies: Of the graph's inputs.
    """
    counts, end = [0] * len(rooms), shape.layers
    for n in reversed(range(len(rooms))):

        def fits(start: int, end: int = end, room: int = rooms[n]) -> bool:
            return sum(device_use(shape, load, start, end, copies)) <= room

        # the first layer from which on the device has room, as fewer layers take less
        fewest = bisect_left(range(shape.layers - most, end), True, key=fits)
        start = shape.layers - most + fewest
        counts[n], end = end - start, start
    return counts


def evenly(shape: Shape, load: Load, rooms: Sequence[int]) -> list[int]:
    """Return how many layers each device takes, filled to about the same share where all fit."""
    low, high, copies = 0.0, 1.0, PIPELINE if len(rooms) > 1 else 1
    found = filled(shape, load, rooms, shape.layers, copies)
    for _ in range(_HALVINGS if len(rooms) > 1 and sum(found) == shape.layers else 0):
        middle = (low + high) / 2
        counts = filled(shape, load, [int(room * middle) for room in rooms], shape.layers, copies)
        if sum(counts) == shape.layers:
            found, high = counts, middle
        else:
            low = middle
    return found


def shared_out(layers: int, shares: Sequence[float]) -> list[int]:
    """Return how many of so many layers each device gets by its share, as llama.cpp gives them."""
    bounds = list(accumulate(shares))
    counts = [0] * len(shares)
    for n in range(layers):
        counts[min(bisect_right(bounds, bounds[-1] * n / layers), len(shares) - 1)] += 1
    return counts

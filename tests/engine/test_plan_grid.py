"""Plans for 200 machines, held against an accounting of our own and against every plan that there could be."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, chain, combinations

import pytest

from medic_console.core.errors import UsageError
from medic_console.core.run_settings import RunSettings
from medic_console.engine.files.model import Block, ModelFile, Parts
from medic_console.engine.protocol.features import Device, Features
from medic_console.engine.protocol.port import STREAMS, UNIFIED, EngineSettings
from medic_console.engine.sizing.limits import sized
from tests.conftest import fake_model

GB = 10**9
CONTEXT = 8192
GROWN = 96 << 20
KV_BITS = {"f16": 16.0, "q8_0": 8.5, "q4_0": 4.5}


@dataclass(frozen=True)
class Net:
    """A network as its model card gives it; `every` is the distance of attention layers, `bits` those of a weight."""

    name: str
    layers: int
    width: int
    heads: int
    kv_heads: int
    head: int
    hidden: int
    vocabulary: int
    bits: float
    tied: bool = False
    experts: int = 1
    used: int = 1
    every: int = 1
    state: int = 0

    @property
    def block(self) -> int:
        """Bytes of a block's weights."""
        attention = 2 * self.width * self.head * (self.heads + self.kv_heads)
        return int((attention + 3 * self.width * self.hidden * self.experts) * self.bits / 8)

    @property
    def table(self) -> int:
        """Bytes of the embedding, and of the output."""
        return int(self.vocabulary * self.width * self.bits / 8)

    def attends(self, number: int) -> bool:
        """Tell whether a block has a cache."""
        return (number + 1) % self.every == 0

    def cell(self) -> int:
        """Numbers that an attention layer keeps of a token."""
        return 2 * self.kv_heads * self.head

    def model(self) -> ModelFile:
        """The file's record."""
        blocks = tuple(
            Block(self.block, 2 * self.cell() * self.attends(n), self.state * (not self.attends(n)))
            for n in range(self.layers)
        )
        return fake_model(
            self.name,
            size=sum(block.weights for block in blocks) + self.table * (1 if self.tied else 2),
            layers=self.layers,
            vocabulary=self.vocabulary,
            width=self.width,
            hidden=self.hidden,
            context=131_072,
            kv_bytes=sum(block.token for block in blocks),
            state_bytes=sum(block.state for block in blocks),
            parts=Parts(blocks, self.table, self.table, self.tied),
            metadata={
                "llama.attention.head_count": self.heads,
                "llama.expert_used_count": self.used if self.experts > 1 else 0,
                "llama.expert_feed_forward_length": self.hidden if self.experts > 1 else 0,
                "llama.ssm.inner_size": 2 * self.width if self.state else 0,
            },
        )


NETS = (
    Net("1B GQA", 16, 2048, 32, 8, 64, 8192, 128_256, 4.8, tied=True),
    Net("1B of a large vocabulary", 26, 1152, 4, 1, 256, 6912, 262_144, 8.5, tied=True),
    Net("4B windows", 34, 2560, 8, 4, 256, 10_240, 262_144, 4.8, tied=True),
    Net("7B MHA", 32, 4096, 32, 32, 128, 11_008, 32_000, 4.8),
    Net("8B GQA", 32, 4096, 32, 8, 128, 14_336, 128_256, 8.5),
    Net("9B hybrid", 32, 4096, 16, 4, 256, 12_288, 248_320, 4.8, every=4, state=2_200_000),
    Net("14B GQA", 40, 5120, 40, 8, 128, 17_408, 151_936, 6.6),
    Net("30B mixture", 48, 2048, 32, 4, 128, 768, 151_936, 4.8, experts=128, used=8),
    Net(
        "32B mixture of states", 40, 4096, 32, 8, 128, 768, 100_352, 4.8, experts=72, used=10, every=10, state=6_400_000
    ),
    Net("47B mixture", 32, 4096, 32, 8, 128, 14_336, 32_000, 4.8, experts=8, used=2),
    Net("70B GQA", 80, 8192, 64, 8, 128, 28_672, 128_256, 4.8),
    Net("70B GQA f16", 80, 8192, 64, 8, 128, 28_672, 128_256, 16.0),
)


@dataclass(frozen=True)
class Host:
    """A machine: bytes of main memory and of each device that are free."""

    main: int
    devices: tuple[int, ...]

    def features(self) -> Features:
        """What llama.cpp would tell of it."""
        found = (Device(f"CUDA{n}", "a card", free, free, number=n) for n, free in enumerate(self.devices))
        return Features("b", "s", offload=bool(self.devices), devices=tuple(found))


@dataclass(frozen=True)
class Case:
    """A network on a machine, with what a person chose."""

    net: Net
    host: Host
    kv_type: str
    cache: str

    def __str__(self) -> str:
        devices = "+".join(f"{size / GB:.0f}" for size in self.host.devices) or "none"
        return f"{self.net.name}, devices {devices}, {self.host.main / GB:.0f} GB, {self.kv_type}, {self.cache}"


def cases() -> list[Case]:
    """Return 200 cases, each network often, drawn once for all."""
    draw = random.Random(15)
    sizes, hosts = (8, 12, 16, 24, 48, 80), (8, 16, 32, 64, 128, 256)
    found = []
    for n, net in zip(range(200), NETS * 17, strict=False):
        size = draw.choice(sizes)
        devices = [size * GB for _ in range((0, 1, 2, 4)[n // 12 % 4])]
        if len(devices) > 1 and draw.random() < 0.3:
            devices[0] = draw.choice(sizes) * GB
        host = Host(draw.choice(hosts) * GB, tuple(devices))
        found.append(
            Case(net, host, draw.choice(("f16", "f16", "q8_0", "q4_0")), draw.choice((STREAMS, STREAMS, UNIFIED)))
        )
    return found


class Books:
    """What each memory holds, added up weight by weight and buffer by buffer."""

    def __init__(self, case: Case, sequences: int, batch: int, whole: bool, on_device: bool) -> None:
        self.net, self.case, self.batch = case.net, case, batch
        unified = case.cache == UNIFIED or sequences == 1 or case.net.state > 0
        together = case.cache == UNIFIED and sequences > 2
        self.cells = CONTEXT * (2 if together else sequences)
        self.span = self.cells if unified else CONTEXT
        self.slots = 3 * sequences + 2 + 8 if unified else sequences
        self.rows = self.slots * -(-batch // self.slots)  # 544 of 512 with 34 sequences
        self.flash = not (together and not on_device and case.kv_type == "f16")
        self.whole = whole
        kept = map(self._kept, range(self.net.layers))
        self.kept = list(accumulate(kept, initial=0))

    def _kept(self, number: int) -> int:
        """Bytes of a block's weights and caches."""
        net, bits = self.net, KV_BITS[self.case.kv_type]
        cache = int(net.cell() * bits / 8 * self.cells) if net.attends(number) else net.state * self.slots
        return net.block + cache

    def _blocks(self, numbers: range) -> tuple[int, int]:
        """Bytes of weights and caches, and of the buffers of a decode."""
        net = self.net
        kept = self.kept[numbers.stop] - self.kept[numbers.start] if numbers else 0
        row = 8 * net.width + 3 * net.hidden * net.used + (16 * net.width if net.state else 0)
        scores = 0 if self.flash else 4 * net.heads * self.span
        return kept, self.rows * (4 * row + scores + self.mask) if numbers else 0

    @property
    def mask(self) -> int:
        """Bytes of a token's mask."""
        return self.span * (2 if self.flash else 4)

    @property
    def inputs(self) -> int:
        """Bytes of the inputs of a graph."""
        return self.rows * (self.mask + 8 * self.net.width)

    def logits(self) -> int:
        """Bytes of the output's buffers; 512 tokens of a batch may have logits."""
        return 4 * min(self.batch, 512) * (self.net.vocabulary + 4 * self.net.width)

    def device(self, begin: int, end: int, several: bool, first: bool, offloaded_from: int) -> int:
        """Bytes on a device with these layers."""
        kept, compute = self._blocks(range(begin, min(end, self.net.layers)))
        if end > self.net.layers:
            kept, compute = kept + self.net.table, max(compute, self.logits())
        if several and self.whole:
            kept += 3 * self.inputs
        if self.case.kv_type != "f16":
            kept += 2 * self.net.cell() * self.cells
        if first and offloaded_from:
            kept += self.net.block
        return kept + compute

    def main(self, begin: int) -> int:
        """Bytes in main memory with the first layers there."""
        kept, compute = self._blocks(range(min(begin, self.net.layers)))
        kept += self.net.table
        if begin > self.net.layers:
            kept += 0 if self.net.tied else self.net.table
            compute = max(compute, self.logits())
        return kept + max(compute, self.inputs) + 4 * self.slots * self.net.vocabulary + GROWN


def held(case: Case, settings: EngineSettings) -> tuple[int, list[int]]:
    """Return the bytes that a plan takes of main memory and of each device that it names."""
    layers = sum(settings.split)
    books = Books(case, settings.parallel, settings.batch, layers > case.net.layers, bool(layers))
    assert settings.cells == books.cells
    begin = first = case.net.layers + 1 - layers
    devices = []
    for number, count in enumerate(settings.split):
        devices.append(books.device(begin, begin + count, len(settings.split) > 1, number == 0, first))
        begin += count
    return books.main(first), devices


def room(free: int) -> int:
    """Return what a model may take of a device."""
    return free - max(free // 10, 512 << 20)


def placed(books: Books, rooms: Sequence[int], begin: int) -> bool:
    """Tell whether the layers from one on can be cut into runs for these devices, the first filled first."""
    end, place = books.net.layers + 1, begin
    for number, limit in enumerate(rooms):
        reach = place
        while reach < end and books.device(place, reach + 1, len(rooms) > 1, number == 0, begin) <= limit:
            reach += 1
        place = reach
    return place == end


def subsets(devices: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield every choice of devices, in their order."""
    every = chain.from_iterable(combinations(devices, count) for count in range(1, len(devices) + 1))
    yield from dict.fromkeys(every)


@cache
def best(case: Case) -> tuple[int, int]:
    """Return the most sequences that there could be and then the most layers on devices; (0, 0): nothing fits."""
    host, end = case.host, case.net.layers + 1
    for batch in (512, 256):
        for count in range(16, 0, -1):
            books = Books(case, count, batch, whole=True, on_device=True)
            if books.main(0) <= host.main * 0.9 and any(
                placed(books, [room(free) for free in chosen], 0) for chosen in subsets(host.devices)
            ):
                return count, end
    for share, batch in ((0.9, 512), (1.0, 512), (1.0, 256), (1.0, 128)):
        for count in range(8, 0, -1):
            for layers in range(end - 1, -1, -1):
                books = Books(case, count, batch, whole=False, on_device=layers > 0)
                if books.main(end - layers) > host.main * share:
                    break
                if not layers or any(
                    placed(books, [room(free) for free in chosen], end - layers) for chosen in subsets(host.devices)
                ):
                    return count, layers
    return 0, 0


@pytest.mark.parametrize("case", cases(), ids=str)
def test_a_plan_keeps_within_memory_and_close_to_the_best(case: Case) -> None:
    """No plan takes more than is free; none has less than nine tenths of the sequences or layers that could be."""
    sequences, layers = best(case)
    settings = RunSettings(kv_type=case.kv_type, context=CONTEXT)
    try:
        found = sized(case.net.model(), settings, case.host.main, case.host.features, case.cache).settings
    except UsageError as refused:
        assert sequences == 0, f"refused, yet {sequences} sequences and {layers} layers fit: {refused.message}"
        return
    main, devices = held(case, found)
    assert main <= case.host.main
    for name, bytes_there in zip(found.devices, devices, strict=True):
        assert bytes_there <= room(case.host.devices[int(name.removeprefix("CUDA"))])
    assert found.parallel >= 0.9 * sequences
    assert sum(found.split) >= 0.9 * layers or found.parallel > sequences


def test_the_grid_has_every_kind_of_outcome() -> None:
    """Whole models on devices, parts of them, processors alone, and models that fit nowhere."""
    kinds = set()
    for case in cases():
        sequences, layers = best(case)
        whole = layers > case.net.layers
        kinds.add("nothing" if not sequences else "whole" if whole else "part" if layers else "processor")
    assert kinds == {"nothing", "whole", "part", "processor"}

"""How much memory a model takes, part by part, from its metadata alone: the formulas that a plan is made with.

Weights and caches are exact. Buffers of a decode are an upper estimate from what llama.cpp reserves for its largest
graph (`llama_context::sched_reserve`: a whole batch, rounded up to a multiple of the sequences, against a full cache):

- the output: `4 * outputs * (vocabulary + 4 * width)` bytes of logits and rows, of at most `OUTPUTS` tokens;
- the blocks: a mask of `batch * cells` (2 bytes with flash attention, 4 without), scores of `4 * batch * cells * heads`
  without flash attention, and rows of `4 * batch * (8 * width + 3 * hidden + 8 * inner)`; with flash attention a cache
  of f32 is turned into f16, one layer at a time.

They follow each other, so the larger counts. `tests/engine/test_compute.py` holds this against llama.cpp's own log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from types import MappingProxyType

from medic_console.engine.files.model import Block, ModelFile
from medic_console.engine.protocol.port import OUTPUTS

KV_SHARE: Mapping[str, float] = MappingProxyType(
    {"f32": 2.0, "f16": 1.0, "bf16": 1.0, "q8_0": 0.53125, "q5_0": 0.34375, "q4_0": 0.28125}
)
"""Bytes of a cache type over those of f16 (a block of 32 values takes 34 bytes in Q8_0, 22 in Q5_0, 18 in Q4_0)."""
QUANTISED = frozenset({"q8_0", "q5_0", "q4_0"})
"""Types whose values llama.cpp reads with flash attention alone."""
BASE_BYTES = 96 << 20
"""Python, the binding and llama.cpp's own tables in the child process."""
PIPELINE = 4
"""Copies of a graph's inputs where several devices hold a whole model (`GGML_SCHED_MAX_COPIES`)."""
_PADDING = 256
"""llama.cpp rounds a cache up to a multiple of this many cells."""
_FLOAT, _HALF = 4, 2


def gigabytes(count: int) -> str:
    """Return bytes as GB with one decimal, or MB below one."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


@dataclass(frozen=True)
class Shape:
    """What of a model decides its memory.

    Attributes:
        blocks: Bytes of each block, in the order of the model.
        embedding: Bytes of the tables that tokens are looked up in; they stay in main memory.
        output: Bytes of the output layer on a device.
        tied: The output takes the embedding's table, which in main memory is there already.
        vocabulary: Tokens.
        width: Numbers of a row between blocks.
        hidden: Numbers of a row within the feed-forward layers; of a mixture, of all experts that a token goes to.
        heads: Of attention; each scores every cell.
        inner: Numbers of a row within recurrent layers.
    """

    blocks: tuple[Block, ...]
    embedding: int = 0
    output: int = 0
    tied: bool = False
    vocabulary: int = 0
    width: int = 0
    hidden: int = 0
    heads: int = 0
    inner: int = 0

    @property
    def layers(self) -> int:
        """Layers that can be offloaded: the blocks, then the output."""
        return len(self.blocks) + 1

    @property
    def recurrent(self) -> bool:
        """It keeps a state for each sequence."""
        return any(block.state for block in self.blocks)

    @cached_property
    def token(self) -> int:
        """Bytes of the largest block's f16 cache for one token."""
        return max((block.token for block in self.blocks), default=0)

    @cached_property
    def sums(self) -> tuple[Block, ...]:
        """Bytes of the first blocks, for none, one, two and so on up to all."""
        parts = ([0, *accumulate(block[n] for block in self.blocks)] for n in range(3))
        return tuple(Block(*sums) for sums in zip(*parts, strict=True))


def shape_of(model: ModelFile) -> Shape:
    """Return what a model's headers say; where they name no tensors, blocks are taken to be alike."""
    parts, arch = model.parts, model.architecture
    blocks = parts.blocks
    if not any(block.weights for block in blocks):
        count = max(1, model.layers)
        blocks = (Block(model.size // (count + 1), model.kv_bytes // count, model.state_bytes // count),) * count
        parts = parts._replace(output=model.size - count * (model.size // (count + 1)))

    def number(name: str) -> int:
        value = model.metadata.get(f"{arch}.{name}", 0)
        return max((n for n in (value if isinstance(value, list) else [value]) if isinstance(n, int)), default=0)

    experts = number("expert_used_count") * number("expert_feed_forward_length")
    return Shape(
        blocks=blocks,
        embedding=parts.embedding,
        output=parts.output,
        tied=parts.tied,
        vocabulary=model.vocabulary,
        width=model.width,
        hidden=max(model.hidden, experts + number("expert_shared_feed_forward_length")) or 4 * model.width,
        heads=number("attention.head_count") or max(1, model.width // 64),
        inner=max(number("ssm.inner_size"), 2 * model.width if model.state_bytes else 0),
    )


@dataclass(frozen=True, slots=True)
class Load:
    """How a context is made.

    Attributes:
        cells: Tokens that all sequences may hold together.
        caches: Caches that they are cut into; 1 for all sequences in one.
        slots: Sequences that llama.cpp makes room for, those at work and those that are kept.
        batch: Most tokens of a decode.
        kv_type: Type of the cache, a key of `KV_SHARE`.
        flash: Flash attention is taken, or may be.
    """

    cells: int
    caches: int
    slots: int
    batch: int
    kv_type: str
    flash: bool

    @property
    def span(self) -> int:
        """Cells that a token is scored against."""
        return -(-self.cells // self.caches // _PADDING) * _PADDING if self.cells else 0

    @property
    def rows(self) -> int:
        """Tokens of the largest graph: llama.cpp takes as many of each sequence that it makes room for."""
        return -(-self.batch // self.slots) * self.slots

    @property
    def outputs(self) -> int:
        """Of these, how many may have logits."""
        return min(self.batch, OUTPUTS)


@dataclass(frozen=True, slots=True)
class Place:
    """What one memory is to hold, in bytes.

    Attributes:
        name: `main memory`, or the device's.
        weights: Of the layers there.
        cache: Keys, values and states of these layers.
        compute: Buffers of one decode, and what the process itself takes.
        free: What is free there; 0 when the system does not say.
        layers: How many.
    """

    name: str
    weights: int
    cache: int
    compute: int
    free: int = 0
    layers: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.cache + self.compute

    def shown(self) -> str:
        """Return it in words."""
        parts = f"weights {gigabytes(self.weights)}, cache {gigabytes(self.cache)}, compute {gigabytes(self.compute)}"
        return f"{gigabytes(self.total)} ({parts})"


def device_use(shape: Shape, load: Load, begin: int, end: int, copies: int = 1) -> tuple[int, int, int]:
    """Return bytes of weights, cache and buffers of a run of layers on a device.

    Args:
        begin: First layer; layer `len(shape.blocks)` is the output.
        end: Behind the last one.
        copies: Of the graph's inputs.
    """
    weights, cache, compute = _use(shape, load, begin, end)
    if begin == end:
        return 0, 0, 0
    inputs = (copies - 1) * _inputs(shape, load)
    turned = 0
    if load.kv_type in QUANTISED:  # CUDA turns a layer's cache into f16 before it attends
        turned = load.span * load.caches * shape.token
    output = shape.output if end == shape.layers else 0
    return weights + output, cache, compute + inputs + turned


def main_use(shape: Shape, load: Load, begin: int) -> tuple[int, int, int]:
    """Return bytes of weights, cache and buffers in main memory, with the first `begin` layers there."""
    weights, cache, compute = _use(shape, load, 0, begin)
    output = shape.output if begin == shape.layers and not shape.tied else 0
    rows = load.slots * shape.vocabulary * _FLOAT
    return weights + output + shape.embedding, cache, max(compute, _inputs(shape, load)) + rows + BASE_BYTES


def largest_block(shape: Shape, end: int) -> int:
    """Return the weights of the largest of the first `end` blocks.

    A device that holds the others computes long batches for these too: their matrices go there one by one.
    """
    return max((block.weights for block in shape.blocks[:end]), default=0)


def _use(shape: Shape, load: Load, begin: int, end: int) -> tuple[int, int, int]:
    """Return bytes of weights, cache and buffers of blocks; the output's buffers are among them, not its weights."""
    blocks = len(shape.blocks)
    low, high = shape.sums[min(begin, blocks)], shape.sums[min(end, blocks)]
    cells = load.span * load.caches
    cache = int((high.token - low.token) * KV_SHARE[load.kv_type] * cells) + (high.state - low.state) * load.slots
    compute = 0
    if begin < min(end, blocks):
        scores = 0 if load.flash else load.span * shape.heads * _FLOAT
        rows = 8 * shape.width + 3 * shape.hidden + 8 * shape.inner
        compute = load.rows * (load.span * (_HALF if load.flash else _FLOAT) + scores + rows * _FLOAT)
        compute += cells * shape.token if load.flash and load.kv_type == "f32" else 0
    if end > blocks:
        compute = max(compute, load.outputs * (shape.vocabulary + 4 * shape.width) * _FLOAT)
    return high.weights - low.weights, cache, compute


def _inputs(shape: Shape, load: Load) -> int:
    """Return bytes of a graph's inputs: the mask, and the rows that go from one memory to the next."""
    return load.rows * (load.span * (_HALF if load.flash else _FLOAT) + 2 * shape.width * _FLOAT)

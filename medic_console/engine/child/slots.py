"""A tokenised prompt, and the sequence of the cache that it occupies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from medic_console.core.records import Prompt
from medic_console.engine.child.decoder import Sampler, Tokens, common_prefix
from medic_console.engine.child.stream import TextStream
from medic_console.engine.child.weighing import Weighing
from medic_console.engine.protocol.port import BRANCHES, MIN_ROOM


@dataclass(eq=False, slots=True)
class Request:
    """A tokenised prompt.

    Attributes:
        tokens: The whole prompt.
        labels: Tokens of each spelling of a label (`labels.Spellings`).
        owners: Number of the label that each spelling belongs to; empty: each label has one.
        opened: The prompt ends inside thoughts.
        thinking_budget: Most tokens of a think block; 0 when the model does not think.
        fork: Where what more will be asked parts from a held prompt, in tokens; 0: not known.
        after_thinking: Tokens put behind a think block before labels are weighed or a grammar applies.
    """

    prompt: Prompt
    tokens: Tokens
    labels: tuple[tuple[int, ...], ...] = ()
    owners: tuple[int, ...] = ()
    opened: bool = False
    thinking_budget: int = 0
    after_thinking: tuple[int, ...] = ()
    fork: int = 0
    granted: int = 0
    """Tokens that the answer may take: what was asked for, or what the context leaves."""
    overlaps: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Tokens shared with each slot, by its number, behind the version of the slot that they were counted for."""
    passed: int = 0
    """Prompts that came later and went first."""
    released: bool = False
    """Nothing more will be asked that begins as this prompt does."""
    alone: bool = False
    """Its logits were no numbers once: it is tried again with no other prompt beside it, in an empty cache."""

    def overlap(self, slot: Slot) -> int:
        """Return how many tokens it shares with a slot's prompt at their beginning, its last one left out."""
        known = self.overlaps.get(slot.number)
        if known is None or known[0] != slot.version:
            known = self.overlaps[slot.number] = (slot.version, common_prefix(self.tokens, slot.tokens))
        return min(known[1], len(self.tokens) - 1)

    @property
    def thinks_first(self) -> bool:
        """Whether a think block has to be over before labels are weighed or a grammar applies."""
        return self.thinking_budget > 0 and bool(self.labels or self.prompt.grammar)

    @property
    def owned(self) -> Sequence[int]:
        """Number of the label that each spelling belongs to."""
        return self.owners or range(len(self.labels))

    @property
    def room(self) -> int:
        """Tokens that may come behind the prompt in all, labels that are weighed together included."""
        beside = sum(sorted(len(label) for label in self.labels)[-BRANCHES:])
        return max(self.granted, beside) + self.thinking_budget + len(self.after_thinking)

    def grant(self, context: int) -> bool:
        """Set `granted` and `thinking_budget` for a context of so many tokens.

        Thinking gets what the answer leaves. False when the prompt leaves too little room for an answer.
        """
        left = context - len(self.tokens) - len(self.after_thinking)
        if self.labels:
            asked = needed = max(len(label) for label in self.labels)
        else:
            asked, needed = self.prompt.max_tokens, min(self.prompt.max_tokens, MIN_ROOM)
        self.granted = asked if left < needed else min(asked, left)
        self.thinking_budget = max(0, min(self.thinking_budget, left - self.granted))
        return left >= needed


@dataclass(eq=False, slots=True)
class Slot:
    """One sequence of the cache and the prompt that occupies it.

    Attributes:
        number: Of the slot, for good.
        index: Of its sequence.
    """

    number: int
    index: int
    tokens: Tokens
    done: int = 0
    """Prompt tokens that are in the cache."""
    request: Request | None = None
    version: int = 0
    forks: list[int] = field(default_factory=list)
    """Where a copy of what has been read by then will be left, in tokens, rising; only where memory cannot be cut."""
    used: float = 0.0
    """When the prompt was last begun, ended or copied from."""
    holds: str = ""
    """Id of a prompt that is done and whose beginning will be asked for again; empty otherwise."""
    started: float = 0.0
    reused: int = 0
    written: int = 0
    """Answer tokens that are in the cache."""
    pending: int = -1
    """Sampled token that the next decode reads; -1 while the prompt is being read."""
    sampler: Sampler | None = None
    stream: TextStream | None = None
    thinks: bool = False
    """A think block is written before the answer proper begins."""
    thinking: str = ""
    """Think block of an answer that began behind it."""
    thinking_tokens: int = 0
    """Its tokens, the tags included."""
    generated: list[int] = field(default_factory=list)
    weighing: Weighing | None = None
    """Of a prompt with labels, from its beginning on."""
    paths: list[tuple[int, ...]] = field(default_factory=list)
    """What has still to be read behind the prompt of what `weighing` asked for last."""

    @property
    def reading(self) -> bool:
        """Whether the prompt is not wholly in the cache yet."""
        return self.request is not None and self.done < len(self.tokens)

"""Which waiting prompt is read next, what it copies from, and which old prompt gives way to it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import islice

from medic_console.engine.child.cells import Cells
from medic_console.engine.child.decoder import Decoder
from medic_console.engine.child.forks import MIN_SHARED, Forks
from medic_console.engine.child.slots import Request, Slot

WINDOW = 64
"""Waiting prompts that are looked at for a free slot."""
PATIENCE = 256
"""Most prompts that go before an earlier one because more of them is in the cache."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a prompt goes.

    Attributes:
        source: Slot that holds its beginning; None when all of it has to be read.
        shared: Tokens that it takes over from there.
    """

    request: Request
    slot: Slot
    source: Slot | None
    shared: int


class Admission:
    """The queue of prompts and the choice of their slots.

    The prompt of which most is in the cache goes first; of equal ones, the one that came first. One whose beginning
    is being read right now waits for it. A prompt that is done stays in its slot as long as slots at work and such
    slots together are no more than can be decoded together. Held prompts are not counted: they stay until they are
    released, or until nothing else is left to give way.

    Where memory cannot be cut, prompts begin from copies that were left at forks (`forks`).

    Where each sequence has a cache of its own, a prompt goes on in the idle one that holds its beginning; it is copied
    only where that one is at work, or holds much else, and the one that is taken has less of that beginning.
    """

    def __init__(self, decoder: Decoder, cells: Cells, slots: list[Slot], forks: Forks) -> None:
        self._decoder = decoder
        self._cells = cells
        self._slots = slots
        self._forks = forks
        self.waiting: deque[Request] = deque()

    def next(self) -> Place | None:
        """Take the next prompt out of the queue and make room for it; None when none can begin now."""
        idle = [slot for slot in self._slots if slot.request is None]
        if len(self._slots) - len(idle) >= self._decoder.sequences:
            return None
        if any(slot.request is not None and slot.request.alone for slot in self._slots):
            return None
        if self.waiting and self.waiting[0].alone:
            return Place(self.waiting.popleft(), idle[0], None, 0) if len(idle) == len(self._slots) else None
        chosen = self._choose()
        if chosen is None:
            return None
        place = self._place(*chosen, idle)
        if place is not None:
            self.waiting.remove(place.request)
        return place

    def drop_spare(self) -> None:
        """Drop the oldest idle prompts that nobody holds, down to as many as there are sequences to decode.

        Cells that nobody asks about would slow every decode down.
        """
        if self._decoder.streams:
            return
        active = sum(slot.request is not None for slot in self._slots)
        spare = [slot for slot in self._slots if slot.request is None and slot.done and not slot.holds]
        spare.sort(key=lambda slot: slot.used, reverse=True)
        # the copies at forks stay beside the prompts that go on from them
        for slot in spare[self._decoder.sequences - (active if self._decoder.cuts else 0) :]:
            self.empty(slot)

    def empty(self, slot: Slot, keep: int = 0) -> None:
        """Remove a slot's tokens from position `keep` on."""
        self._decoder.trim(slot.index, keep)
        self._cells.trim(slot.index, keep)
        slot.done = keep
        if keep < len(slot.tokens):
            slot.tokens = slot.tokens[:keep]
            slot.version += 1
        if not keep:
            slot.holds = ""

    def _choose(self) -> tuple[Request, Slot | None, int] | None:
        """Return the prompt that goes next with the slot of its longest beginning and the length of that."""
        best: tuple[Request, Slot | None, int] | None = None
        passed: list[Request] = []
        for request in islice(self.waiting, WINDOW):
            source, shared, promised = self._best_source(request)
            if promised > shared + MIN_SHARED or (self._decoder.streams and self._stream(source, shared) is None):
                continue
            if best is None or shared > best[2] + MIN_SHARED:
                passed += [best[0]] if best is not None else []
                best = request, source, shared
            if best[0].passed >= PATIENCE:
                break
        for request in passed:
            request.passed += 1
        return best

    def _best_source(self, request: Request) -> tuple[Slot | None, int, int]:
        """Return the slot that holds the longest beginning, its length, and the longest being read now."""
        best, shared, promised = None, 0, 0
        if not self._decoder.shares_prefixes:
            return best, shared, promised
        for slot in self._slots:
            overlap = request.overlap(slot)
            here = min(overlap, slot.done) if self._decoder.cuts else self._forks.held(slot, overlap)
            if here >= MIN_SHARED and (here > shared or (here == shared and slot.request is None)):
                best, shared = slot, here
            if slot.reading and self._decoder.cuts:
                promised = max(promised, overlap)
        if not self._decoder.cuts:
            promised = self._forks.promised(request, shared)
        return best, shared, promised

    def _place(self, request: Request, source: Slot | None, shared: int, idle: list[Slot]) -> Place | None:
        if self._decoder.streams:
            slot = self._stream(source, shared)
            if slot is None:
                return None
            own = min(request.overlap(slot), slot.done)
            if source is not None and own + MIN_SHARED > shared:
                source, shared = slot, own  # a copy is one of a whole cache
            self._take_over(slot, shared if slot is source else 0)
            return Place(request, slot, source, shared)
        needed = len(request.tokens) - shared + request.room
        others = sorted((slot for slot in idle if slot is not source), key=self._worth)
        if others and self._make_room(needed, others, alone=len(idle) == len(self._slots)):
            return Place(request, others[0], source, shared)
        if source in idle and source is not None and not others:
            self._take_over(source, shared)
            if self._cells.free >= needed:
                return Place(request, source, source, shared)
        if len(idle) < len(self._slots):
            return None
        for slot in idle:
            self.empty(slot)
        return Place(request, idle[0], None, 0)

    def _stream(self, source: Slot | None, shared: int) -> Slot | None:
        """Return the sequence where a prompt goes on or begins; None while it has to wait for one.

        What is held gives way only where nothing else is left, and to a prompt that shares most of it.
        """
        idle = [slot for slot in self._slots if slot.request is None]
        free = [slot for slot in idle if not slot.holds]
        if source in idle and source is not None and 2 * shared >= source.done:
            return source
        if not free and len(idle) == len(self._slots):
            free = idle
        return min(free, key=lambda slot: (slot.used if slot.done else 0.0, slot.index), default=None)

    def _take_over(self, slot: Slot, keep: int) -> None:
        """Empty an idle slot for a prompt that goes on behind what is kept; it stays held with most of its tokens."""
        if 2 * keep < slot.done:
            slot.holds = ""
        self.empty(slot, keep)

    def _worth(self, slot: Slot) -> tuple[bool, bool, float]:
        """Order idle slots by what is lost with them: old prompts by age, then held ones by what they alone hold."""
        if slot.holds:
            return True, False, self._cells.alone(slot.index)
        return False, *self._forks.worth(slot)

    def _make_room(self, needed: int, others: list[Slot], alone: bool) -> bool:
        """Empty the first of `others`, and as many more as it takes to have `needed` cells free.

        Args:
            alone: No slot is at work. Only then held prompts give way to cells, as else waiting frees some.
        """
        for number, slot in enumerate(others):
            lacking = needed - self._cells.free
            if number and lacking <= 0:
                break
            if slot.holds and not alone and (number or lacking > self._cells.alone(slot.index)):
                break
            self.empty(slot)
        return self._cells.free >= needed and not others[0].done

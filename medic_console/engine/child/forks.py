"""Beginnings that prompts share in a memory that cannot be cut: copies of its state, left where the prompts part.

A recurrent state stands behind the last token that was read. It cannot be taken back to the end of a beginning that
other prompts share: it has to be copied when reading gets there. Where that will be is known from the prompts that
wait, and of a held prompt from what will be asked after it. The copy lies in an idle slot.
"""

from __future__ import annotations

import time
from bisect import insort

from medic_console.engine.child.cells import Cells
from medic_console.engine.child.decoder import Decoder, common_prefix
from medic_console.engine.child.slots import Request, Slot

MIN_SHARED = 8
"""Tokens of shared beginning that are worth waiting for, copying or going first for."""


class Forks:
    """Plans copies, makes them, and finds what begins a prompt."""

    def __init__(self, decoder: Decoder, cells: Cells, slots: list[Slot]) -> None:
        self._decoder = decoder
        self._cells = cells
        self._slots = slots

    def held(self, slot: Slot, overlap: int) -> int:
        """Return how many tokens a prompt takes over from a slot that shares `overlap` with it: all or none."""
        return slot.done if slot.request is None and slot.done <= overlap else 0

    def promised(self, request: Request, shared: int) -> int:
        """Return the longest beginning of a waiting prompt of which a copy will be left, planned now where none is.

        Args:
            shared: Tokens that it could take over already.
        """
        found = 0
        free = any(slot.request is None and not slot.holds for slot in self._slots)
        for slot in self._slots if free else ():
            overlap = request.overlap(slot) if slot.reading else 0
            if overlap > max(slot.done, shared + MIN_SHARED):
                self._plan(slot, overlap)
                found = max(found, *(fork for fork in slot.forks if fork <= overlap))
        return found

    def worth(self, slot: Slot) -> tuple[bool, float]:
        """Order slots that nobody holds: by age, and behind them copies on which another slot's prompt goes on."""
        inner = not self._decoder.cuts and any(self._goes_on(other, slot) for other in self._slots if other is not slot)
        return inner, slot.used if slot.done else 0.0

    def begin(self, slot: Slot) -> None:
        """Plan the copy that is known beforehand of the prompt that a slot begins to read."""
        assert slot.request is not None
        fork = slot.request.fork
        slot.forks = (
            [fork] if self._decoder.shares_prefixes and slot.done + MIN_SHARED < fork <= len(slot.tokens) else []
        )

    def leave_copies(self) -> None:
        """Copy what has been read up to a fork; where no slot is free, prompts read that beginning again."""
        for slot in self._slots:
            if slot.request is None or not slot.forks or slot.forks[0] > slot.done:
                continue
            fork, target = slot.forks.pop(0), self._room()
            if target is None:
                continue
            self._decoder.trim(target.index, 0)
            self._cells.trim(target.index, 0)
            self._decoder.copy(slot.index, target.index, fork)
            self._cells.share(slot.index, target.index, fork)
            target.tokens, target.done, target.used = slot.tokens[:fork], fork, time.perf_counter()
            target.version += 1
            prompt = slot.request.prompt
            last = 0 <= slot.request.fork - fork <= MIN_SHARED
            target.holds = prompt.id if prompt.held and last and not slot.request.released else ""

    def copy_beginning(self, slot: Slot) -> int:
        """Let a slot that was emptied hold the longest copy of a beginning of its prompt; return the tokens of that."""
        if self._decoder.cuts:
            return 0
        copies = [other for other in self._slots if other.request is None and self._goes_on(slot, other)]
        source = max(copies, key=lambda copy: copy.done, default=None)
        if source is None:
            return 0
        self._decoder.copy(source.index, slot.index, source.done)
        self._cells.share(source.index, slot.index, source.done)
        return source.done

    def _goes_on(self, slot: Slot, beginning: Slot) -> bool:
        behind = 0 < beginning.done < len(slot.tokens)
        return behind and common_prefix(slot.tokens[: beginning.done], beginning.tokens) == beginning.done

    def _plan(self, slot: Slot, fork: int) -> None:
        """Plan a copy, unless there is one hardly shorter; those that are hardly longer are given up for it."""
        if any(fork - MIN_SHARED <= planned <= fork for planned in slot.forks):
            return
        slot.forks = [planned for planned in slot.forks if not fork < planned <= fork + MIN_SHARED]
        insort(slot.forks, fork)

    def _room(self) -> Slot | None:
        """Return the slot that a copy goes into: an empty one or the one least missed; None where all are held."""
        free = [slot for slot in self._slots if slot.request is None and not slot.holds]
        return min(free, key=self.worth, default=None)

"""Continuous batching: which token of which sequence goes into the next decode, and what was read stays shared.

Pure scheduling; the model is behind `Decoder`. Every prompt occupies a slot. A slot keeps its prompt in the cache
after it is done, so that the next prompt with the same beginning copies it instead of reading it again; a prompt
whose beginning is being read right now waits for it.
"""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from medic_console.core.errors import BadLogits
from medic_console.core.records import FinishReason, Output
from medic_console.engine.child.admission import Admission, Place
from medic_console.engine.child.cells import Cells
from medic_console.engine.child.decoder import Decoder, Span
from medic_console.engine.child.forks import Forks
from medic_console.engine.child.slots import Request, Slot
from medic_console.engine.child.stream import TextStream
from medic_console.engine.child.thinking import Phase
from medic_console.engine.child.weighing import Weighing
from medic_console.engine.protocol.port import OUTPUTS, Broken, EngineEvent, Finished, Reading, Started
from medic_console.engine.template.think_forms import ThinkForm

PREFILL_SHARE = 2
"""Part of a batch that prompts take while others write in the same cache: a half, so that their streams go on."""

WORTH_MOVING = 32
"""Tokens left to write for which a sequence is moved beside the others."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a decode reads for a slot: its prompt or answer, or a path behind its prompt."""

    span: Span
    slot: Slot
    path: tuple[int, ...] = ()


class Scheduler:
    """Runs prompts through a decoder, up to `decoder.sequences` at a time."""

    def __init__(self, decoder: Decoder, form: ThinkForm | None = None) -> None:
        self._decoder = decoder
        self._form = form
        self._slots = [Slot(i, i, np.empty(0, np.int32)) for i in range(decoder.sequences + decoder.kept)]
        self._cells = Cells(decoder.cells)
        self._forks = Forks(decoder, self._cells, self._slots)
        self._admission = Admission(decoder, self._cells, self._slots, self._forks)
        self._out: list[EngineEvent] = []
        self._beside: list[tuple[int, int]] = []
        """Sequences of which a decode is taken back, and how many of their tokens stay."""
        self.decode_seconds = 0.0

    @property
    def idle(self) -> bool:
        """Whether nothing is left to do."""
        return not self._admission.waiting and all(slot.request is None for slot in self._slots)

    def submit(self, request: Request) -> None:
        """Queue a request; one whose prompt leaves no room for an answer ends at once with `overflow`."""
        if request.grant(min(self._decoder.context, self._decoder.cells)):
            self._admission.waiting.append(request)
            return
        output = Output("", FinishReason.OVERFLOW, len(request.tokens), 0, request.granted, self._decoder.context)
        self._out.append(Finished(request.prompt.id, output))

    def cancel(self, prompt_ids: Iterable[str]) -> None:
        """Stop requests; running ones keep the text that they have."""
        ids = set(prompt_ids)
        for request in [r for r in self._admission.waiting if r.prompt.id in ids]:
            self._admission.waiting.remove(request)
            self._out.append(Finished(request.prompt.id, Output("", FinishReason.CANCELLED)))
        for slot in self._slots:
            if slot.request is not None and slot.request.prompt.id in ids:
                self._finish(slot, FinishReason.CANCELLED)
            if slot.holds in ids:
                slot.holds = ""

    def release(self, prompt_ids: Iterable[str]) -> None:
        """Hold the beginnings of these prompts no longer."""
        ids = set(prompt_ids)
        for slot in self._slots:
            if slot.holds in ids:
                slot.holds = ""
        running = [slot.request for slot in self._slots if slot.request is not None]
        for request in [*running, *self._admission.waiting]:
            request.released = request.released or request.prompt.id in ids

    def admit(self) -> list[EngineEvent]:
        """Give slots to the prompts that can begin, and return what happened.

        It is told before their first decode: should that end the process, it is known who was in it.
        """
        while (place := self._admission.next()) is not None:
            self._begin(place)
            self._admission.drop_spare()
        return self._happened()

    def decode(self) -> list[EngineEvent]:
        """Run one decode, if there is anything to do, and return what happened."""
        self._close_ranks()
        asked = self._asked()
        if asked:
            begun = time.perf_counter()
            self._decoder.decode([each.span for each in asked])
            self.decode_seconds += time.perf_counter() - begun
            self._forks.leave_copies()  # before what ends now is let go
            self._hear(asked)
            for sequence, keep in self._beside:
                self._decoder.trim(sequence, keep)
            self._beside = []
            for slot in self._slots:
                self._settle(slot)
            self._tell_reading(asked)
        return self._happened()

    def _tell_reading(self, asked: Sequence[_Asked]) -> None:
        """Tell of the prompts that a decode has read a part of how far they are."""
        for slot in (each.slot for each in asked):
            if slot.reading and slot.request is not None:
                self._out.append(Reading(slot.request.prompt.id, slot.done))

    def _close_ranks(self) -> None:
        """Move the last sequence at work into a gap: a decode then goes through the model once for all of them.

        Gaps are filled by the next prompts as long as some wait. A move copies a whole cache, about as much as two
        passes read: it pays for who has much left to write.
        """
        working = [slot for slot in self._slots if slot.request is not None]
        if not self._decoder.streams or self._admission.waiting or not working:
            return
        last = max(working, key=lambda slot: slot.index)
        if last.request is None or last.request.labels or last.request.granted - last.written < WORTH_MOVING:
            return
        gaps = [slot for slot in self._slots if slot.request is None and not slot.holds and slot.index < last.index]
        if not gaps:
            return
        gap = min(gaps, key=lambda slot: slot.index)
        self._admission.empty(gap)
        self._decoder.copy(last.index, gap.index, last.done + last.written)
        self._decoder.trim(last.index, 0)
        self._cells.move(last.index, gap.index)
        last.index, gap.index = gap.index, last.index

    def _happened(self) -> list[EngineEvent]:
        out, self._out = self._out, []
        return out

    def _begin(self, place: Place) -> None:
        request, slot, source, shared = place.request, place.slot, place.source, place.shared
        now = time.perf_counter()
        if source is not None and source is not slot:
            self._decoder.copy(source.index, slot.index, shared)
            self._cells.share(source.index, slot.index, shared)
            source.used = now
        slot.request, slot.tokens, slot.done, slot.reused = request, request.tokens, shared, shared
        slot.version += 1
        self._forks.begin(slot)
        slot.used = slot.started = now
        if source is not slot:
            slot.holds = ""
        slot.written, slot.pending = 0, -1
        slot.weighing, slot.paths = Weighing(request.labels, request.owned) if request.labels else None, []
        slot.thinks, slot.thinking, slot.thinking_tokens, slot.generated = request.thinks_first, "", 0, []
        if slot.thinks:
            slot.sampler = self._decoder.sampler(replace(request.prompt, grammar=""))
        else:
            slot.sampler = None if request.labels else self._decoder.sampler(request.prompt)
        slot.stream = TextStream(request.prompt, self._form, request.opened)
        self._cells.reserve(slot.index, len(request.tokens) - shared + request.room)
        self._out.append(Started(request.prompt.id, len(request.tokens), shared))

    def _asked(self) -> list[_Asked]:
        """Return what the next decode reads, and for whom."""
        asked = []
        for slot in self._writers():
            asked.append(_Asked(Span((slot.pending,), slot.done + slot.written, slot.index, 1), slot))
            self._cells.add(slot.index, 1)
        writing = bool(asked)
        asked += self._behind_prompts(min(self._decoder.batch - len(asked), OUTPUTS - self._decoder.sequences))
        asked += self._prompts(sum(len(each.span.tokens) for each in asked), writing)
        if self._decoder.streams or not self._decoder.cuts:
            asked.sort(key=lambda each: each.span.sequence)
        return asked

    def _writers(self) -> list[Slot]:
        """Return who writes now; in caches of their own most write together, as a pass for one takes nearly as long."""
        writers = [slot for slot in self._slots if slot.pending >= 0]
        joining = sum(slot.reading and slot.sampler is not None for slot in self._slots)
        return [] if self._decoder.streams and joining > len(writers) else writers

    def _behind_prompts(self, room: int) -> Iterator[_Asked]:
        """Yield what is read to weigh labels: in sequences beside the prompt's, or one after the other behind it.

        Behind their prompts labels wait until none is being read: beside one they would cost a pass through the model
        of their own, and a pass for the labels of all prompts costs little more than one for those of one.
        """
        if not self._decoder.branches and any(slot.reading for slot in self._slots):
            return
        left, branch, free = self._decoder.branches or math.inf, len(self._slots), self._cells.free
        for slot in self._slots:
            kept = self._cells.kept(slot.index)  # what is kept of a full cache is enough for the longest label alone
            while slot.paths and len(slot.paths[0]) <= min(room, kept + free) and left:
                path = slot.paths.pop(0)
                room -= len(path)
                kept, free = max(0, kept - len(path)), free - max(0, len(path) - kept)
                if not self._decoder.branches:
                    self._beside.append((slot.index, slot.done))
                    yield _Asked(Span(path, slot.done, slot.index, len(path)), slot, path)
                    break
                self._decoder.copy(slot.index, branch, slot.done)
                self._beside.append((branch, 0))
                yield _Asked(Span(path, slot.done, branch, len(path)), slot, path)
                left, branch = left - 1, branch + 1

    def _prompts(self, taken: int, writing: bool) -> Iterator[_Asked]:
        """Yield the next parts of prompts, of the earliest first; fewer beside others who write."""
        room = self._decoder.batch - taken
        if writing and not self._decoder.streams:
            room = min(room, self._decoder.batch // PREFILL_SHARE)
        for slot in sorted((s for s in self._slots if s.reading), key=lambda s: s.started):
            count = min(room, (slot.forks[0] if slot.forks else len(slot.tokens)) - slot.done)
            if count <= 0:
                continue
            whole = slot.done + count == len(slot.tokens)
            yield _Asked(Span(slot.tokens[slot.done : slot.done + count], slot.done, slot.index, int(whole)), slot)
            slot.done += count
            self._cells.add(slot.index, count)
            room -= count

    def _hear(self, asked: Sequence[_Asked]) -> None:
        """Take what a decode answered."""
        end = 0
        for each in asked:
            span, end = each.span, end + len(each.span.tokens)
            for back in range(span.logits, 0, -1):
                try:
                    self._read(end - back, each.slot, each.path[: len(each.path) - back + 1])
                except BadLogits as error:
                    self._begin_anew(each.slot, error)
                    return

    def _read(self, row: int, slot: Slot, head: tuple[int, ...]) -> None:
        """Take the logits of a token: behind `head`, the beginning of a spelling, or behind the prompt itself."""
        request = slot.request
        if request is None:
            return
        if slot.weighing is None or slot.thinks:
            self._take(slot, row)
        elif slot.weighing.wants(head):
            slot.weighing.take(head, self._decoder.log_probabilities(row))

    def _take(self, slot: Slot, row: int) -> None:
        assert slot.sampler is not None and slot.stream is not None and slot.request is not None
        if slot.pending >= 0:
            slot.written += 1
        token = slot.sampler.sample(row)
        if token < 0 or (self._decoder.is_end(token) and not self._goes_on(slot.stream, token)):
            if slot.thinks and slot.stream.watch.phase is Phase.UNDECIDED:
                self._answer_at_once(slot)
            else:
                self._finish(slot, FinishReason.STOP)
            return
        slot.generated.append(token)
        text = slot.stream.push(self._decoder.piece(token))
        if text is not None:
            self._out.append(text)
        phase = slot.stream.watch.phase
        if slot.thinks and phase is Phase.ANSWERING:
            if slot.stream.watch.end:
                self._answer_after_thinking(slot)
            else:
                self._answer_at_once(slot)
        elif slot.stream.stopped:
            self._finish(slot, FinishReason.STOP)
        elif self._spent(slot, phase):
            self._finish(slot, FinishReason.LENGTH)
        else:
            slot.pending = token

    def _goes_on(self, stream: TextStream, token: int) -> bool:
        """Tell whether a token that ends a message ends thoughts, behind which the answer is a message of its own."""
        piece = self._decoder.piece(token).decode("utf-8", "replace")
        return bool(self._form and piece and piece in self._form.closing) and stream.watch.phase is not Phase.ANSWERING

    def _spent(self, slot: Slot, phase: Phase) -> bool:
        assert slot.stream is not None and slot.request is not None
        if phase is Phase.THINKING or (slot.thinks and phase is Phase.UNDECIDED):
            return slot.stream.tokens >= slot.request.thinking_budget
        return slot.stream.answer_tokens >= slot.request.granted

    def _answer_after_thinking(self, slot: Slot) -> None:
        """Go on behind the think block in the same sequence: with labels, or with the grammar."""
        assert slot.request is not None and slot.stream is not None
        slot.thinking, slot.thinking_tokens = slot.stream.thinking, slot.stream.thinking_tokens
        added = np.asarray([*slot.generated, *slot.request.after_thinking], np.int32)
        slot.tokens = np.concatenate([slot.tokens, added])
        slot.done += slot.written
        self._begin_answer(slot, slot.request)

    def _answer_at_once(self, slot: Slot) -> None:
        """The model does not think here: take back what it wrote and weigh the labels where the prompt ends."""
        assert slot.request is not None
        keep = slot.done - 1 if self._decoder.shares_prefixes and self._decoder.cuts else 0
        self._decoder.trim(slot.index, keep)
        self._cells.trim(slot.index, keep)
        slot.done = keep or self._forks.copy_beginning(slot)
        self._cells.reserve(slot.index, len(slot.tokens) - slot.done + slot.request.room)
        self._begin_answer(slot, slot.request)

    def _begin_answer(self, slot: Slot, request: Request) -> None:
        if slot.sampler is not None:
            slot.sampler.free()
        slot.sampler = None if request.labels else self._decoder.sampler(request.prompt)
        slot.stream = TextStream(request.prompt, None, False)
        slot.thinks, slot.written, slot.pending, slot.generated = False, 0, -1, []

    def _settle(self, slot: Slot) -> None:
        if slot.request is None or slot.weighing is None or not slot.weighing.begun or slot.paths:
            return
        slot.paths = slot.weighing.paths()
        if not self._decoder.branches:
            slot.paths.sort(key=len)  # so that those of different prompts are of one length
        if not slot.paths:
            held = dict(zip(slot.request.prompt.labels, slot.weighing.shares(), strict=True))
            self._finish(slot, FinishReason.STOP, max(held, key=held.__getitem__), held)

    def _finish(self, slot: Slot, finish: FinishReason, best: str = "", found: dict[str, float] | None = None) -> None:
        assert slot.request is not None and slot.stream is not None
        measured: dict[str, Any] = {
            "prompt_tokens": len(slot.request.tokens),
            "max_tokens": slot.request.granted,
            "context": self._decoder.context,
            "seconds": time.perf_counter() - slot.started,
            "reused_tokens": slot.reused,
        }
        if found:
            outside = max(0.0, 1.0 - sum(found.values()))
            output = Output(best, finish, probabilities=found, outside=outside, **measured)
        else:
            output = slot.stream.output(finish, measured)
            rest = slot.stream.rest
            if rest is not None:
                self._out.append(rest)
        if slot.thinking_tokens:
            # the answer's own stream began behind the think block
            output = replace(
                output,
                thinking=slot.thinking,
                thinking_tokens=slot.thinking_tokens,
                output_tokens=slot.thinking_tokens + output.output_tokens,
            )
        self._out.append(Finished(slot.request.prompt.id, output))
        holds = slot.request.prompt.held and not slot.request.released and finish is not FinishReason.CANCELLED
        if holds:
            slot.holds = slot.request.prompt.id
        stays = self._decoder.shares_prefixes and self._decoder.cuts
        keep = min(slot.done, len(slot.request.tokens)) if stays else 0
        self._leave(slot, keep)

    def _begin_anew(self, bad: Slot, error: BadLogits) -> None:
        """Empty the cache, as what is no number there spreads to other prompts, and begin all that runs once more.

        The prompt that was found goes first and alone. When its logits are no numbers then either, it is broken.
        """
        running = [slot for slot in self._slots if slot.request is not None and slot is not bad]
        self._admission.waiting.extendleft(slot.request for slot in reversed(running) if slot.request is not None)
        assert bad.request is not None
        if bad.request.alone:
            trace = "".join(traceback.format_exception(error))
            self._out.append(Broken(bad.request.prompt.id, error.message, trace))
        else:
            bad.request.alone = True
            self._admission.waiting.appendleft(bad.request)
        for slot in (bad, *running):
            self._leave(slot, 0)
        for slot in self._slots:
            self._admission.empty(slot)
        self._decoder.wipe()

    def _leave(self, slot: Slot, keep: int) -> None:
        """Let a slot go, with so many of its tokens kept for a prompt that begins alike."""
        if slot.sampler is not None:
            slot.sampler.free()
        slot.request, slot.sampler, slot.stream, slot.pending = None, None, None, -1
        slot.weighing, slot.paths = None, []
        slot.used = time.perf_counter()
        self._cells.reserve(slot.index, 0)
        self._admission.empty(slot, keep)

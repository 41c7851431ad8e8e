"""The engine child: one process, one model. It reads messages on its own pipe and writes events to another.

llama.cpp writes to file descriptors 1 and 2 as it likes; both lead to the log that the parent gave. When the parent
dies, the pipe ends and so does the child.
"""

from __future__ import annotations

import dataclasses
import faulthandler
import os
import queue
import sys
import threading
import traceback
from collections.abc import Sequence
from typing import Any, BinaryIO

import llama_cpp

from medic_console.childproc.priority import give_way
from medic_console.childproc.start import of_owner
from medic_console.core.digest import text_digest
from medic_console.core.errors import MedicError, NoRoom, TemplateFault, TemplateSpent
from medic_console.core.records import Message, Prompt
from medic_console.engine.child.bounded import bounded
from medic_console.engine.child.decoder import Tokens, common_prefix
from medic_console.engine.child.devices import accelerators
from medic_console.engine.child.labels import Spellings, spellings
from medic_console.engine.child.llama import LlamaDecoder
from medic_console.engine.child.loading import load_model
from medic_console.engine.child.scheduler import Scheduler
from medic_console.engine.child.slots import Request
from medic_console.engine.child.vocabulary import Vocabulary
from medic_console.engine.protocol import wire
from medic_console.engine.protocol.ahead import WAITS_SECONDS
from medic_console.engine.protocol.port import (
    Broken,
    EngineEvent,
    EngineSettings,
    Finished,
    Granted,
    Reading,
    Started,
    Text,
)
from medic_console.engine.template.chat_template import ChatTemplate, Segment
from medic_console.engine.template.rendering import prompt_segments, rendering_of
from medic_console.engine.template.think_forms import UNNAMED, ThinkForm, form_named, form_of_vocabulary
from medic_console.engine.template.variables import own_variables


def features() -> dict[str, Any]:
    """Return `build`, `offload` and `devices` (`protocol.features`) as JSON."""
    return {
        "build": f"llama-cpp-python {llama_cpp.__version__}",
        "system": (llama_cpp.llama_print_system_info() or b"").decode("utf-8", "replace").strip(),
        "offload": bool(llama_cpp.llama_supports_gpu_offload()),
        "devices": [device.record() for device in accelerators()],
    }


class EngineChild:
    """Serves prompts until the parent says `close`."""

    def __init__(self, events: BinaryIO, settings: EngineSettings) -> None:
        self._events = events
        self._settings = settings
        self._shown = -1.0
        self._scheduler: Scheduler | None = None
        self._rendered: dict[str, str] = {}
        """Digest of the text of each open prompt."""
        self._spellings: dict[tuple[str, ...], Spellings] = {}
        if settings.vocabulary_only:
            self._vocabulary = Vocabulary(load_model(settings, self._progress))
            self._thoughts = self._form_of_thoughts()
            self._template = self._compile()
            rendering = rendering_of(self._template)
            told = Granted(context=settings.context, parallel=0, thinking=settings.thinking, rendering=rendering)
            self._send("loaded", granted=dataclasses.asdict(told))
            return
        self._decoder = LlamaDecoder(settings, self._progress)
        self._vocabulary = self._decoder.vocabulary
        self._decoder.warm_up()
        self._thoughts = self._form_of_thoughts()
        self._template = self._compile()
        self._scheduler = Scheduler(self._decoder, self._thoughts)
        thinking = self._thoughts.name if self._thoughts else ""
        granted = self._decoder.granted(self._notes(), rendering_of(self._template), thinking)
        self._send("loaded", granted=dataclasses.asdict(granted))

    def _form_of_thoughts(self) -> ThinkForm | None:
        """Return how the model sets its thoughts apart, by its template or else its tokens; marks are kept."""
        form = form_named(self._settings.thinking) or form_of_vocabulary(self._vocabulary.is_token)
        self._vocabulary.keep(form.marks if form is not None else UNNAMED)
        return form

    def _compile(self) -> ChatTemplate:
        thinks = self._settings.thinking_budget > 0
        given = own_variables(self._settings.template, self._vocabulary.bos, self._vocabulary.eos, thinks)
        control, is_token = self._vocabulary.control_texts(), self._vocabulary.is_token
        with bounded():  # constants are computed while it is compiled
            return ChatTemplate(self._settings.template, given, control, is_token, self._settings.date)

    def _notes(self) -> list[str]:
        notes = [*self._settings.reasons, *self._template.notes]
        if not self._settings.packed:
            notes.append("llama.cpp's packed kernels crash on this processor and are switched off")
        if self._decoder.recurrent:
            notes.append("recurrent memory cannot be cut: beginnings are shared by copies made where they end")
        return notes

    def serve(self, inbox: queue.Queue[dict[str, Any]]) -> None:
        """Answer messages; blocks while there is nothing to do."""
        while True:
            message = self._receive(inbox)
            while message is not None:
                if message["kind"] == "close":
                    return
                self._handle(message)
                message = self._receive(inbox, wait=False)
            if self._scheduler is not None:
                self._emit(self._scheduler.admit())
                self._decode(self._scheduler)

    def _receive(self, inbox: queue.Queue[dict[str, Any]], wait: bool = True) -> dict[str, Any] | None:
        try:
            return inbox.get(block=wait and (self._scheduler is None or self._scheduler.idle))
        except queue.Empty:
            return None

    def _handle(self, message: dict[str, Any]) -> None:
        if message["kind"] == "count":
            self._count([wire.prompt_from_json(record) for record in message["prompts"]])
        elif self._scheduler is None:
            return
        elif message["kind"] == "prompts":
            for record in message["prompts"]:
                self._accept(self._scheduler, wire.prompt_from_json(record))
        elif message["kind"] == "cancel":
            self._scheduler.cancel(message["ids"])
        elif message["kind"] == "release":
            self._scheduler.release(message["ids"])

    def _count(self, prompts: Sequence[Prompt]) -> None:
        tokens, faults, shown = [], [], ""
        for prompt in prompts:
            try:
                segments, _ = self._segments(prompt)
                tokens.append(len(self._vocabulary.tokenize(segments)))
                shown = shown or "".join(segment.text for segment in segments)
            except TemplateSpent as error:
                # each of the others may take as long
                self._send("refused", message=error.message, hint=error.hint)
                self._events.flush()
                return
            except MedicError as error:
                tokens.append(0)
                faults.append(error.message)
        self._send("counts", tokens=tokens, faults=len(faults), fault=faults[0] if faults else "", shown=shown)
        self._events.flush()

    def _accept(self, scheduler: Scheduler, prompt: Prompt) -> None:
        try:
            if prompt.grammar:
                self._decoder.sampler(prompt).free()
            request = self._request(prompt)
        except Exception as error:  # noqa: BLE001 - one prompt's fault must not end the others
            self._send("broken", id=prompt.id, message=str(error), traceback=traceback.format_exc())
        else:
            scheduler.submit(request)

    def _request(self, prompt: Prompt) -> Request:
        form, budget = self._thoughts, self._settings.thinking_budget
        segments, opened = self._segments(prompt)
        gap = [Segment(form.between, special=True)] if form and not form.bound else []
        self._rendered[prompt.id] = text_digest("".join(segment.text for segment in segments))
        spelled, tokens = self._spelled(prompt.labels), self._vocabulary.tokenize(segments)
        return Request(
            prompt,
            tokens,
            spelled.tokens,
            spelled.owners,
            opened=opened,
            thinking_budget=budget if form else 0,
            after_thinking=self._vocabulary.inner(gap) if prompt.labels or prompt.grammar else (),
            fork=self._fork(prompt, tokens) if prompt.held and not self._decoder.cuts else 0,
        )

    def _fork(self, prompt: Prompt, tokens: Tokens) -> int:
        """Return how many tokens of a held prompt what will be asked after it begins with."""
        *before, last = prompt.messages
        if prompt.shared:
            other = [*before, Message(last.role, last.content[: prompt.shared])]
        else:
            other = [*before, last, Message("assistant", "."), Message("user", ".")]
        try:
            segments, _ = self._segments(Prompt("", tuple(other)))
        except TemplateFault:
            return 0  # the template does not go on from here
        return common_prefix(tokens, self._vocabulary.tokenize(segments))

    def _segments(self, prompt: Prompt) -> tuple[list[Segment], bool]:
        with bounded():
            return prompt_segments(self._template, prompt.messages, self._thoughts, self._settings.thinking_budget)

    def _spelled(self, labels: tuple[str, ...]) -> Spellings:
        if labels not in self._spellings:
            self._spellings[labels] = spellings(labels, self._vocabulary.encode, self._vocabulary.piece)
        return self._spellings[labels]

    def _decode(self, scheduler: Scheduler) -> None:
        """Run one decode and tell what it brought; one that brought nothing tells that it came to an end."""
        busy, events = not scheduler.idle, scheduler.decode()
        self._emit(events)
        if busy and not events:
            self._send("beat")

    def _emit(self, events: list[EngineEvent]) -> None:
        if not events:
            return
        texts: list[tuple[str, str, int]] = []
        read = [(event.prompt_id, event.read_tokens) for event in events if isinstance(event, Reading)]
        if read:
            self._send("reading", prompts=read)
        for event in events:
            if isinstance(event, Text):
                texts.append((event.prompt_id, event.text, event.tokens))
                continue
            if texts:
                self._send("texts", texts=texts)
                texts = []
            if isinstance(event, Started):
                self._send("started", id=event.prompt_id, tokens=event.prompt_tokens, reused=event.reused_tokens)
            elif isinstance(event, Finished):
                seconds = self._scheduler.decode_seconds if self._scheduler else 0.0
                output = dataclasses.replace(event.output, rendered=self._rendered.pop(event.prompt_id, ""))
                self._send("finished", id=event.prompt_id, output=wire.output_to_json(output), decode=seconds)
            elif isinstance(event, Broken):
                self._rendered.pop(event.prompt_id, None)
                self._send("broken", id=event.prompt_id, message=event.message, traceback=event.traceback)
        if texts:
            self._send("texts", texts=texts)
        self._events.flush()

    def _progress(self, share: float) -> None:
        if share - self._shown >= 0.01 or share >= 1.0:
            self._shown = share
            self._send("progress", share=share)

    def _send(self, kind: str, **fields: Any) -> None:
        self._events.write(wire.to_line(kind, **fields))
        if kind in ("progress", "loaded", "broken", "beat"):
            self._events.flush()


def main() -> None:
    """Take the pipes, then serve the model that the first message names, or tell what can be used."""
    faulthandler.enable()
    give_way()
    requests = os.fdopen(os.dup(0), "rb")
    events = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    os.dup2(2, 1)
    first = _first(requests, events)
    if first is None:
        return
    with open(first["log"], "ab", buffering=0, opener=of_owner) as log:  # a process that waited has none yet
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    inbox: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=_listen, args=(requests, inbox), daemon=True).start()
    try:
        child = EngineChild(events, wire.settings_from_json(first["settings"]))
    except MedicError as error:
        no_room = isinstance(error, NoRoom)
        events.write(wire.to_line("refused", message=error.message, hint=error.hint, no_room=no_room))
        events.flush()
        sys.exit(3)
    child.serve(inbox)
    os._exit(0)


def _first(requests: BinaryIO, events: BinaryIO) -> dict[str, Any] | None:
    """Answer what is asked before a model is named; return the message that names one, None if none does in time."""
    patience = threading.Timer(WAITS_SECONDS, os._exit, (0,))
    patience.daemon = True
    patience.start()
    for line in requests:
        message = wire.from_line(line)
        if message["kind"] != "features":
            patience.cancel()
            return message
        events.write(wire.to_line("features", **features()))
        events.flush()
    return None


def _listen(requests: BinaryIO, inbox: queue.Queue[dict[str, Any]]) -> None:
    for line in requests:
        inbox.put(wire.from_line(line))
    os._exit(0)


if __name__ == "__main__":
    main()

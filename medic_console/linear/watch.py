"""A run while it goes on: how far it is, the items that were finished last, pausing and stopping it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from medic_console.audit.events import ItemScored
from medic_console.audit.plan import Plan
from medic_console.audit.prepare import warnings_of
from medic_console.core.visible import one_line
from medic_console.linear.context import Context
from medic_console.linear.going import Going
from medic_console.linear.item import ItemPage, Place
from medic_console.linear.talk import Choice, Key, Page
from medic_console.results.summary import summary
from medic_console.session.progress_lines import EVERY


class WatchPage(Page):
    """The run of this process; the items that were finished last are the list, the newest first."""

    nothing = "No item is finished yet."

    def __init__(self, context: Context, going: Going) -> None:
        self._context, self._going = context, going
        self.title = f"Run {going.run}, watched"

    def facts(self) -> Iterator[str]:
        """Tell what is new, then how far it is or how it ended."""
        yield from self._going.lines()
        if self._going.over:
            yield self._going.end()
            with self._context.reading() as reader:
                yield from summary(reader.results(self._going.run, self._context.known))
        else:
            yield self._going.so_far()
            yield "It goes on while you do other things; an empty line tells how far it is."

    def choices(self) -> Sequence[Choice]:
        """List the items that were finished last."""
        return [Choice(one.ref.item, _told(one), partial(self._open, one)) for one in self._going.last()]

    def keys(self) -> Mapping[str, Key]:
        """Wait for it, pause it, stop it."""
        if self._going.over:
            return {"r": Key("its results", lambda _: self._context.open_run(self._going.run))}
        return {
            "w": Key("wait for the end, told each minute", lambda _: self._wait()),
            "p": Key("go on" if self._going.paused else "pause", lambda _: self._pause()),
            "x": Key("stop after the items in flight", lambda _: self._stop()),
        }

    def _open(self, one: ItemScored) -> None:
        ref = one.ref
        place = Place(self._going.run, ref.task, (ref.item,), 0, ref.candidate, ref.judge)
        self._context.talk.open(ItemPage(self._context, place))

    def _wait(self) -> None:
        wait(self._context, self._going)
        self._context.talk.again()

    def _pause(self) -> None:
        self._going.pause()
        self._context.talk.say("Paused; the items in flight are finished." if self._going.paused else "It goes on.")

    def _stop(self) -> None:
        if self._context.talk.agrees(f"Stop run {self._going.run} after the items in flight? It can be resumed."):
            self._going.stop()
            self._context.talk.say("Stopping after the items in flight.")


def wait(context: Context, going: Going) -> None:
    """Wait for the end of a run, telling what is new and once a minute how far it is."""
    waited = 0.0
    while not going.wait(_LOOK):
        waited += _LOOK
        for line in going.lines():
            context.talk.say(line)
        if waited >= EVERY:
            waited = 0.0
            context.talk.say(going.so_far())
    for line in going.lines():
        context.talk.say(line)


_LOOK = 0.2
"""Seconds between two looks for news."""


def begin(context: Context, planned: Callable[[], Plan], question: str) -> None:
    """Tell what a person should know of a plan, ask, and start it.

    Raises:
        MedicError: It cannot be started.
    """
    talk = context.talk
    if context.running is not None:
        talk.say(f"Run {context.running.run} goes on; one at a time. w on the first page watches it.")
        return
    plan = planned()
    for warning in warnings_of(plan):
        talk.say(f"! {warning}")
    models = ", ".join(model.path.name for model in (*plan.candidates, *plan.judges))
    talk.say(f"{plan.total:,} items in all; it loads {models}.")
    if not talk.agrees(question):
        talk.say("Nothing was started.")
        return
    context.going = Going(context.archive, plan, context.start)
    talk.say(f"Run {context.going.run} {'goes on' if plan.id else 'has begun'}.")
    talk.open(WatchPage(context, context.going))


def _told(one: ItemScored) -> str:
    score = one.score
    why = score.verdict or str(score.reason or "")
    detail = f" ({score.detail})" if score.detail else ""
    return f"{one.ref.task} {one.ref.item}: {score.outcome}{f', {why}' if why else ''}{one_line(detail)}"

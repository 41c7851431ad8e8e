"""Human review in lines: the queues with what their decisions say, and card after card."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from medic_console.core.naming import told_apart
from medic_console.core.units import count
from medic_console.linear.cards import Voice, adjudicate, take
from medic_console.linear.context import Context
from medic_console.linear.talk import Choice, Key, Page
from medic_console.review.reader import ReviewReader
from medic_console.review.report import report
from medic_console.review.standing import Standing, standings
from medic_console.review.words import counts, sentences

_LEAVE = ("back", "quit")
"""Words, as letters are answers of a card."""


class ReviewPage(Page):
    """The queues, the newest first."""

    title = "Review"
    nothing = "No queue is drawn yet: medic-console review new NAME RUN."

    def __init__(self, context: Context) -> None:
        self._context = context

    def choices(self) -> Sequence[Choice]:
        """List the queues."""
        with closing(ReviewReader(self._context.archive)) as reader:
            found = standings(reader)
        return [Choice(one.queue.name, _told(one), partial(self._open, one.queue.name)) for one in found]

    def _open(self, queue: str) -> None:
        self._context.talk.open(QueuePage(self._context, queue))


class QueuePage(Page):
    """One queue: what its decisions say; its cards are taken one after the other."""

    nothing = "t takes its cards."

    def __init__(self, context: Context, queue: str) -> None:
        self._context, self._queue = context, queue
        self.title = f"Queue {queue}"

    def facts(self) -> Iterator[str]:
        """Tell what the decisions say."""
        with closing(ReviewReader(self._context.archive)) as reader:
            queue, decisions = reader.queue(self._queue), reader.decisions(self._queue)
            found = report(queue, decisions, reader.reviewers(), reader.changed_answers(self._queue))
            yield from sentences(self._queue, found, told_apart(reader.models()))
            yield from counts(found)

    def keys(self) -> Mapping[str, Key]:
        """Take cards, settle differences."""
        return {
            "t": Key("take cards", lambda _: self._sit(take)),
            "d": Key("settle differences", lambda _: self._sit(adjudicate)),
        }

    def _sit(self, work: Callable[[Voice, Path, str, str], int]) -> None:
        talk = self._context.talk
        usual = self._context.settings.reviewer
        name = talk.ask(f"Your name [{usual}]" if usual else "Your name") or usual
        talk.say(f"A card is answered by letters on a line; {' or '.join(_LEAVE)} leaves.")
        work(Voice(self._read, talk.say, talk.secret), self._context.archive, self._queue, name)
        talk.again()

    def _read(self) -> str | None:
        line = self._context.talk.line("card> ")
        return None if line.strip() in _LEAVE else line


def _told(one: Standing) -> str:
    readers = f", by {', '.join(one.readers)}" if one.readers else ""
    differing = f"; {count(one.differing, 'difference')} to settle" if one.differing else ""
    return f"{one.queue.name}: {one.decided:,} of {count(one.cards, 'card')} decided{readers}{differing}."

"""What an archive leaves to do: judges, runs and queues of cards, each with the screen on which it is done."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from medic_console.console.glyphs import RESUMABLE, RUNS
from medic_console.console.text import count
from medic_console.core.digest import short
from medic_console.core.visible import one_line
from medic_console.results.judging.standing import JudgeStanding

if TYPE_CHECKING:
    from medic_console.archive.views import RunView
    from medic_console.reports.validity import Expired
    from medic_console.results.judging.judges import Judge
    from medic_console.review.standing import Standing
    from medic_console.suite.task import Task


class Kind(StrEnum):
    """What is to be done, in the order in which it is listed."""

    REPORT = "re-qualification needed"
    JUDGE = "judge not qualified"
    AGAIN = "judge to qualify again"
    FAILED = "failed items"
    UNFINISHED = "run not finished"
    QUEUE = "review queue"


PLURALS = {
    Kind.REPORT: "signed reports: re-qualification needed",
    Kind.JUDGE: "judge methods not qualified",
    Kind.AGAIN: "judge methods to qualify again",
    Kind.FAILED: "runs with failed items",
    Kind.UNFINISHED: "runs not finished",
    Kind.QUEUE: "review queues open",
}
"""Of each kind, for several; a single one has the kind's own words, but `failed` and `queue`."""
_ONE = {
    Kind.REPORT: "signed report: re-qualification needed",
    Kind.FAILED: "run with failed items",
    Kind.QUEUE: "review queue open",
}


@dataclass(frozen=True, slots=True)
class Work:
    """One thing to do.

    Attributes:
        subject: Key of a judge, id of a run, name of a queue; of a report the first of its runs.
        name: The same, as it is shown.
        told: What it is about, in words.
    """

    kind: Kind
    subject: str
    name: str
    told: str


@dataclass(frozen=True, slots=True)
class OpenWork:
    """What is to be done, by kind."""

    work: tuple[Work, ...] = ()


class OpenWorkLine(Static):
    """What is to be done, in one line; a click lists it."""

    class Chosen(Message):
        """The line was clicked."""

    def on_mount(self) -> None:
        """There is nothing to say yet."""
        self.display = False

    def on_click(self) -> None:
        """Ask for the list."""
        self.post_message(self.Chosen())

    def tell(self, found: OpenWork) -> None:
        """Say how much there is of each kind; nothing takes no room."""
        self.display = bool(found.work)
        self.update(Content.assemble(("open, w lists it: ", "$muted"), (in_short(found.work), "$score-unscored")))


def open_work(archive: Path, tasks: Sequence[Task], build: str = "") -> OpenWork:
    """Return what is to be done, by kind; within a kind the newest runs and queues first.

    Args:
        archive: It must be there.
        tasks: Every known task.
        build: Of llama.cpp; empty asks it, where a judge has a card.

    Raises:
        MedicError: The archive cannot be read, or llama.cpp not loaded.
    """
    # Loaded here, in a thread: home itself is drawn without them.
    from medic_console.reports.validity import expired
    from medic_console.results.judging.judges import known_judges
    from medic_console.review.reader import ReviewReader
    from medic_console.review.standing import standings

    with closing(ReviewReader(archive)) as reader:
        found = [
            *_of_reports(expired(archive, {task.id: task for task in tasks}, datetime.date.today(), build)),
            *_of_judges(known_judges(reader, tasks, build)),
            *_of_runs(reader.runs()),
            *_of_queues(standings(reader)),
        ]
    order = list(Kind)
    return OpenWork(tuple(sorted(found, key=lambda one: order.index(one.kind))))


def in_short(work: Sequence[Work]) -> str:
    """Return "2 judge methods not qualified · 1 run with failed items"; empty when nothing is to be done."""
    numbers = [(kind, sum(one.kind is kind for one in work)) for kind in Kind]
    named = [(number, PLURALS[kind] if number > 1 else _ONE.get(kind, kind.value)) for kind, number in numbers]
    return " · ".join(f"{number:,} {name}" for number, name in named if number)


def _of_reports(reports: Sequence[Expired]) -> Iterator[Work]:
    """Yield signed reports whose runs can be looked at here, and that no longer hold."""
    for one in reports:
        if one.runs:
            told = f"{'; '.join(one.why)}: audit anew and sign a new report"
            yield Work(Kind.REPORT, one.runs[0], one_line(one.report), one_line(told))


def _of_judges(judges: Sequence[Judge]) -> Iterator[Work]:
    """Yield judges that have judged and whose figures are provisional."""
    for one in judges:
        if one.judged is None or one.standing is JudgeStanding.QUALIFIED:
            continue
        expired = one.standing is JudgeStanding.EXPIRED
        why = f"changed since: {', '.join(one.changes)}" if expired else str(one.standing)
        told = f"{why}; its figures are used in {count(len(one.judged.runs), 'run')}: {', '.join(one.judged.tasks)}"
        name = f"{one.title} {short(one.sha256)} as {one.method}"
        yield Work(Kind.AGAIN if expired else Kind.JUDGE, one.key, name, one_line(told))


def _of_runs(runs: Sequence[RunView]) -> Iterator[Work]:
    for run in runs:
        if run.counts.failed:
            yield Work(Kind.FAILED, run.id, run.id, f"{run.counts.failed:,} of {run.counts.total:,} scores")
        if run.status in RESUMABLE:
            left = f"{RUNS[run.status].word}; {count(run.total - run.counts.total, 'score')} left, r on home resumes it"
            yield Work(Kind.UNFINISHED, run.id, run.id, left)


def _of_queues(queues: Sequence[Standing]) -> Iterator[Work]:
    for one in queues:
        left = one.cards - one.decided
        parts = [f"{left:,} of {count(one.cards, 'card')} not decided"] if left > 0 else []
        parts += [f"{one.differing:,} on which readers differ"] if one.differing else []
        if parts:
            yield Work(Kind.QUEUE, one.queue.name, one_line(one.queue.name), ", ".join(parts))

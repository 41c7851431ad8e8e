"""What judges said in a qualification run, as the measures take it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from medic_console.archive.views import Call
from medic_console.core.records import CrossAnswer, Item, Outcome
from medic_console.results.judging.cross import Answered
from medic_console.results.judging.measures import OwnQuestions, Reply
from medic_console.results.reader import Reader
from medic_console.scoring.methods.cef.probe import QUESTIONS
from medic_console.scoring.methods.cef.spec import CefSpec
from medic_console.scoring.methods.harm.spec import HarmSpec
from medic_console.scoring.methods.weighing import outside
from medic_console.suite.judging import wording
from medic_console.suite.task import Task

Asked = tuple[Item, Sequence[CrossAnswer], OwnQuestions]
"""A note, a judge's questions about it with its own answers, and what is counted of them."""


@dataclass(frozen=True, slots=True)
class WrongReply:
    """A probe that a judge did not answer right.

    Attributes:
        task: Id of the part's task in the run.
        asked: The question, criterion, request or pair's question.
        answered: Empty when it could not be read; then `reason` says why.
        probability: Of the answer given among those that could be chosen; None when none was.
        outside: Probability of any other text than those, 0 to 1; None when none could be chosen.
    """

    part: str
    task: str
    item: str
    topic: str
    asked: str
    gold: str
    answered: str
    reason: str
    probability: float | None
    outside: float | None

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A probe's answer with its probability.

    Attributes:
        probability: Of the answer given among those that could be chosen, 0 to 1.
        group: Of the probe: answers about one text are not independent.
    """

    probability: float
    right: bool
    group: str


def replies(reader: Reader, run: str, task: str, judge: str) -> list[Reply]:
    """Return a judge's replies to the probes of one part, in their order; a missing or unreadable one has no answer."""
    by_rating = isinstance(reader.task(run, task).judge, HarmSpec)
    found = []
    for row, item in zip(reader.items(run, task, judge, ""), _items(reader, run, task), strict=True):
        rating = row.values.get("harm")
        answered = row.answer if not by_rating else None if rating is None else f"{rating:g}"
        found.append(
            Reply(
                item.id,
                str(item.gold),
                answered if row.outcome == Outcome.SCORED else None,
                item.group,
                str(item.fields["topic"]),
                str(item.fields["domain"]),
                str(item.fields.get("repeats", "")),
            )
        )
    return found


def _asked_of(reader: Reader, run: str, name: str) -> Iterator[Task]:
    """Yield a run's tasks of one wording whose probes have a right answer."""
    for row in reader.run_tasks(run):
        task = reader.task(run, row["task"])
        if task.judge is not None and wording(task.judge) == name and not task.id.startswith(QUESTIONS):
            yield task


def wrong_replies(reader: Reader, run: str, judge: str, name: str) -> list[WrongReply]:
    """Return the probes of one wording that a judge did not answer right, the first time of each.

    Args:
        name: Digest of the wording.
    """
    found = []
    for task in _asked_of(reader, run, name):
        items = {item.id: item for item in _items(reader, run, task.id)}
        rows = {one.item: one for one in reader.items(run, task.id, judge, "")}
        for reply in replies(reader, run, task.id, judge):
            if not reply.right and not reply.repeats:
                fields = items[reply.item].fields
                asked = next(str(fields[key]) for key in ("question", "criterion", "request") if key in fields)
                part, reason = task.id.rsplit("_", 1)[0], rows[reply.item].reason
                answered = reply.answered or ""
                weighed = _weighed(reader.trace(run, task.id, reply.item, judge, "").calls)
                shares = (_share(weighed, answered), outside(weighed))
                found.append(
                    WrongReply(part, task.id, reply.item, reply.topic, asked, reply.gold, answered, reason, *shares)
                )
    return found


def weighed_replies(reader: Reader, run: str, judge: str, name: str) -> list[Weighed]:
    """Return the probes of one wording whose answers a judge weighed, the first time of each.

    Args:
        name: Digest of the wording.
    """
    found = []
    for task in _asked_of(reader, run, name):
        for reply in replies(reader, run, task.id, judge):
            if reply.answered and not reply.repeats:
                calls = reader.trace(run, task.id, reply.item, judge, "").calls
                share = _share(_weighed(calls), reply.answered)
                if share is not None:
                    found.append(Weighed(share, reply.right, reply.group))
    return found


def own_questions(reader: Reader, run: str, task: str, judge: str) -> list[Asked]:
    """Return each note with the questions that a judge asked about it and its own answers."""
    spec = reader.task(run, task).judge
    assert isinstance(spec, CefSpec)
    found: list[Asked] = []
    for item in _items(reader, run, task):
        score = reader.trace(run, task, item.id, judge, "").score
        trace = score.cef if score is not None else None
        asked = trace.source_questions if trace is not None else ()
        dropped = tuple(entry for one in trace.lists for entry in one.dropped) if trace is not None else ()
        answers = tuple(None if one.predicted is None else str(one.predicted) for one in asked)
        found.append((item, asked, OwnQuestions(item.id, spec.wanted("source"), dropped, answers)))
    return found


def answers_of(reader: Reader, run: str, task: str, judges: Sequence[str]) -> list[Answered]:
    """Return every question of a run of judges against each other, with each judge's answer."""
    rows = {judge: reader.items(run, task, judge, "") for judge in judges}
    return [
        Answered(
            str(item.fields["asker"]),
            item.group,
            {judge: rows[judge][place].answer or None for judge in judges},
        )
        for place, item in enumerate(_items(reader, run, task))
    ]


def _weighed(calls: Sequence[Call]) -> Mapping[str, float]:
    """Return the probabilities of the answers in the last request that weighed some."""
    return next((call.output.probabilities for call in reversed(calls) if call.output.probabilities), {})


def _share(weighed: Mapping[str, float], answered: str) -> float | None:
    total = sum(weighed.values())
    return weighed[answered] / total if answered in weighed and total else None


def _items(reader: Reader, run: str, task: str) -> list[Item]:
    rows = reader.run_items(run, task)
    return [Item(row["id"], json.loads(row["fields"]), json.loads(row["gold"]), row["grouping"]) for row in rows]

"""What an archive holds of reviews."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from medic_console.archive.reviews import ADJUDICATE, UNDO, CardRow
from medic_console.core.digest import text_digest
from medic_console.core.errors import ArchiveError
from medic_console.results.reader import Reader
from medic_console.review.questions import MATCH, VERDICT, Question, questions
from medic_console.scoring.methods.cef.spec import cef_of
from medic_console.scoring.sql.ehrsql import ABSTAINED
from medic_console.scoring.steps import ANSWER, FOLLOW_UP
from medic_console.suite.task import Task

_COLUMNS = ", ".join(CardRow._fields)

_ITEM = (
    "SELECT fields, gold FROM run_items JOIN items USING (digest) "
    "WHERE run_items.run = ? AND run_items.task = ? AND run_items.item = ?"
)
_WRITTEN = (
    "SELECT outputs.text FROM calls JOIN outputs ON outputs.id = calls.output WHERE calls.run = ? AND calls.task = ? "
    f"AND calls.item = ? AND calls.candidate = ? AND calls.model = ? AND calls.step IN ('{ANSWER}', '{FOLLOW_UP}') "
    "ORDER BY calls.step"
)
_KEPT: dict[str, tuple[CardRow, ...]] = {}
"""Cards of the queue that was read last, by the digest that the ledger has of it: a screen tells it first."""
_OPPONENT = (
    "SELECT opponent FROM matches JOIN scores ON scores.id = score WHERE run = ? AND task = ? AND item = ? "
    "AND candidate = ? AND judge = ? ORDER BY opponent LIMIT 1 OFFSET ?"
)


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A person who reviews.

    Attributes:
        salt: Of the PIN, hexadecimal.
        pin: scrypt of the PIN, hexadecimal.
        wrong: Tries in a row that were not right.
    """

    id: int
    name: str
    salt: str
    pin: str
    wrong: int


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue as it was drawn.

    Attributes:
        design: How it was drawn, with the size of each stratum (see `queues.Design`).
    """

    name: str
    created: str
    design: Mapping[str, Any]
    cards: tuple[CardRow, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision that counts (see `DecisionRow`).

    Attributes:
        elsewhere: It came in a packet or a file: the judge's answer was not shown, and no reason asked.
    """

    id: int
    position: int
    reviewer: int
    created: str
    answer: str
    reason: str
    severity: int | None
    comment: str
    seconds: float
    action: str
    elsewhere: bool = False

    @property
    def adjudicates(self) -> bool:
        """Whether it settles a difference between two readers."""
        return self.action == ADJUDICATE


@dataclass(frozen=True, slots=True)
class Texts:
    """The two texts of a card, and what they are.

    Attributes:
        stored: The left one as the archive has it, where it is shown in another form; else empty.
    """

    left: str
    right: str
    left_title: str
    right_title: str
    stored: str = ""

    @property
    def digest(self) -> str:
        """Names both by content."""
        left = self.stored or self.left
        return text_digest(f"{len(left)}\n{left}{self.right}")


class ReviewReader(Reader):
    """Read-only view of an archive and of its reviews.

    Raises:
        ArchiveError: There is no archive at `path`, or it cannot be used.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._tasks: dict[tuple[str, str], Task] = {}

    def questions(self, run: str, tasks: Sequence[str] = ()) -> Iterator[Question]:
        """Yield the answered questions of a run; of all its tasks when none is named.

        Raises:
            ArchiveError: There is no such run, it is a qualification, or it has no such task.
        """
        view = self.audit(run)
        for task in tasks:
            if task not in view.tasks:
                raise ArchiveError(f"Run {run} has no task {task}.", f"It has {', '.join(view.tasks)}.")
        names = [task for task in view.tasks if not tasks or task in tasks]
        tasks_read = {name: self.task(run, name) for name in names}
        ways = {name: task.judge.method if task.judge else task.scorer for name, task in tasks_read.items()}
        yield from questions(self._tuples, run, ways)

    def judges(self, run: str) -> list[str]:
        """Return the sha256 of each judge of a run, in its order."""
        return self._judges(run)

    def queues(self) -> list[Queue]:
        """Return all queues without their cards, newest first."""
        rows = self._rows("SELECT name, created, design FROM queues ORDER BY created DESC, rowid DESC")
        return [Queue(row["name"], row["created"], json.loads(row["design"]), ()) for row in rows]

    def queue(self, name: str) -> Queue:
        """Return a queue with its cards in their order.

        Raises:
            ArchiveError: There is none of that name.
        """
        found = next((one for one in self.queues() if one.name == name), None)
        if found is None:
            known = ", ".join(one.name for one in self.queues()[:8])
            raise ArchiveError(f"There is no queue {name}.", f"Queues: {known or 'none; make one with review new'}.")
        return replace(found, cards=self._cards(name, self.queue_digest(name)))

    def _cards(self, name: str, digest: str) -> tuple[CardRow, ...]:
        """Return a queue's cards; they never change, so those that were read last are kept."""
        kept = _KEPT.get(digest)
        if kept is not None:
            return kept
        rows = self._db.execute(f"SELECT {_COLUMNS} FROM queue_cards WHERE queue = ? ORDER BY position", [name])
        cards = tuple(CardRow(*row) for row in rows)
        if digest:
            _KEPT.clear()
            _KEPT[digest] = cards
        return cards

    def adjudicated(self, name: str) -> list[CardRow]:
        """Return the cards of a queue on which somebody settled, or began to settle, a difference."""
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM queue_cards WHERE queue = ? AND position IN "
            "(SELECT position FROM decisions WHERE queue = ? AND action = ?)",
            [name, name, ADJUDICATE],
        )
        return [CardRow(*row) for row in rows]

    def queue_digest(self, name: str) -> str:
        """Return the digest that the ledger has of a queue."""
        rows = self._rows(
            "SELECT digest FROM ledger WHERE kind = 'queue' AND json_extract(subject, '$.queue') = ?", name
        )
        return str(rows[0]["digest"]) if rows else ""

    def reviewers(self) -> list[Reviewer]:
        """Return all people, in the order in which they came."""
        rows = self._rows(
            "SELECT id, name, salt, pin, (SELECT count(*) FROM pin_attempts AS tried WHERE tried.reviewer = "
            "reviewers.id AND tried.right = 0 AND tried.id > (SELECT coalesce(max(id), 0) FROM pin_attempts AS done "
            "WHERE done.reviewer = reviewers.id AND done.right = 1)) AS wrong FROM reviewers ORDER BY id"
        )
        return [Reviewer(**row) for row in rows]

    def reviewer(self, name: str) -> Reviewer:
        """Return a person.

        Raises:
            ArchiveError: There is none of that name.
        """
        found = {one.name: one for one in self.reviewers()}
        if name not in found:
            known = ", ".join(found) or "none; add one with review reviewer add NAME"
            raise ArchiveError(f"There is no reviewer {name}.", f"Reviewers: {known}.")
        return found[name]

    def decisions(self, queue: str) -> list[Decision]:
        """Return what counts: the newest decision of each person on each card that was not taken back, by id."""
        rows = self._rows(
            "SELECT id, position, reviewer, created, answer, reason, severity, comment, seconds, action, undone "
            "FROM decisions WHERE queue = ? ORDER BY id",
            queue,
        )
        gone = {row["undone"] for row in rows if row["action"] == UNDO}
        elsewhere = self._elsewhere(queue)
        found: dict[tuple[int, int, bool], Decision] = {}
        for row in rows:
            del row["undone"]
            if row["action"] != UNDO and row["id"] not in gone:
                key = (row["position"], row["reviewer"], row["action"] == ADJUDICATE)
                found.pop(key, None)
                found[key] = Decision(**row, elsewhere=row["id"] in elsewhere)
        return list(found.values())

    def _elsewhere(self, queue: str) -> set[int]:
        """Return the ids of the decisions on a queue that came in a packet or a file."""
        rows = self._rows(
            "SELECT json_extract(subject, '$.decision') AS id FROM ledger WHERE kind = 'decision' "
            "AND json_extract(subject, '$.queue') = ? AND json_extract(subject, '$.action') IN ('merge', 'import')",
            queue,
        )
        return {row["id"] for row in rows}

    def first_reader(self, queue: str) -> int | None:
        """Return the id of who reads all cards of a queue: who began first of those who did not come by a packet.

        What was taken back counts too, so that roles never change. None while nobody has begun here.
        """
        elsewhere, begun = self._elsewhere(queue), dict[int, int]()
        for row in self._rows(
            "SELECT id, reviewer FROM decisions WHERE queue = ? AND action = 'answer' ORDER BY id", queue
        ):
            begun.setdefault(row["reviewer"], row["id"])
        return next((person for person, number in begun.items() if number not in elsewhere), None)

    def changed_answers(self, queue: str) -> int:
        """Return how many answers a person changed after the judge's had been seen.

        What was decided in a packet does not count: it does not hold the judge's answer.
        """
        packets = (
            "SELECT json_extract(subject, '$.decision') FROM ledger "
            "WHERE kind = 'decision' AND subject LIKE '%\"seal\": %'"
        )
        return int(
            self._rows(
                "SELECT count(*) AS n FROM (SELECT 1 FROM decisions WHERE queue = ? AND action = 'answer' "
                f"AND id NOT IN ({packets}) GROUP BY position, reviewer HAVING count(DISTINCT answer) > 1)",
                queue,
            )[0]["n"]
        )

    def texts(self, card: CardRow | Question) -> Texts:
        """Return the two texts that a card is about.

        Raises:
            ArchiveError: The item is not there any more.
        """
        found = self._rows(_ITEM, card.run, card.task, card.item)
        if not found:
            raise ArchiveError(f"Run {card.run} has no item {card.item} of {card.task}.")
        fields, gold = json.loads(found[0]["fields"]), json.loads(found[0]["gold"])
        written = self._written(card, card.candidate)
        cef = cef_of(self._task_of(card.run, card.task))
        if cef is not None:
            return Texts(str(fields.get(cef.source, "")), written, "source text", "generated text")
        kind, _, place = card.part.partition("-")
        parts: list[tuple[str, Any]] = list(fields.items())
        reference = [("reference", gold)] if kind == VERDICT and gold is not None else []
        end, titles = "", ("item", "answer")
        if kind == MATCH:
            end = f"\n\nThe other answer:\n{self._written(card, self._opponent(card, int(place)))}"
            titles = "item and the other answer", "this answer"
        stored = "\n".join(f"{name}: {_told(value)}" for name, value in (*parts, *reference))
        if reference and gold == ABSTAINED:
            reference = [("reference", f"{gold}: the database cannot answer it; an answer without a query is right")]
        shown = "\n".join(
            f"{name}: {_readable(value)}" for name, value in (*reference, *parts)
        )  # seen without scrolling
        return Texts(shown + end, written, *titles, stored + end)

    def _written(self, card: CardRow | Question, candidate: str) -> str:
        rows = self._rows(_WRITTEN, card.run, card.task, card.item, candidate, candidate)
        return "\n\n".join(row["text"] for row in rows)

    def _opponent(self, card: CardRow | Question, place: int) -> str:
        rows = self._rows(_OPPONENT, card.run, card.task, card.item, card.candidate, card.judge, place)
        if not rows:
            raise ArchiveError(f"Run {card.run} has no match {place} of item {card.item} of {card.task}.")
        return str(rows[0]["opponent"])

    def _task_of(self, run: str, task: str) -> Task:
        """Return a task as the run had it; one look for all of its cards."""
        if (run, task) not in self._tasks:
            self._tasks[run, task] = self.task(run, task)
        return self._tasks[run, task]


def _told(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _readable(value: Any) -> str:
    """Return a value as a person reads it: options a line each, turns of a conversation one after the other."""
    if isinstance(value, dict):
        return "".join(f"\n  {name}: {_told(one)}" for name, one in value.items())
    if (
        isinstance(value, list)
        and value
        and all(isinstance(one, dict) and {"role", "content"} <= one.keys() for one in value)
    ):
        return "".join(f"\n{one['role']}: {_told(one['content'])}" for one in value)
    return _told(value)

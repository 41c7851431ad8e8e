"""Write reviewers, queues and decisions: each with its entry of the ledger in one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from medic_console.archive.database import open_writable
from medic_console.archive.key_state import ready
from medic_console.archive.ledger import Kind, append
from medic_console.archive.seals import decision_digest, queue_digest, reviewer_digest
from medic_console.archive.store import now
from medic_console.archive.transaction import transaction
from medic_console.archive.writing import insert, to_json
from medic_console.core.errors import ArchiveError
from medic_console.core.persons import check_name

ANSWER, UNDO, ADJUDICATE = "answer", "undo", "adjudicate"
"""What a decision does."""


class CardRow(NamedTuple):
    """One card of a queue, as it was drawn; a tuple, of which ten thousand are made in no time.

    Attributes:
        kind: Of finding, or `control`.
        part: Which question of the item: `source-00`, `generated-03`, `criterion-02`, `verdict`.
        grouping: The item's group; items of one non-empty group share a note.
        said: The judge's answer: YES, NO or IDK.
        expected: The answer that does not speak against the text.
        probability: That the judge gave its answer; None where it gave none.
        texts: Digest of the two texts.
        second: 1 where a second reader is to see it.
    """

    position: int
    kind: str
    run: str
    task: str
    item: str
    candidate: str
    judge: str
    part: str
    grouping: str
    question: str
    said: str
    expected: str
    probability: float | None
    texts: str
    second: int


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """What a person said of one card.

    Attributes:
        reviewer: Id of the person.
        answer: Empty for an undo.
        reason: Why it differs from the judge's; empty where it does not.
        severity: 0 to 3, on a card of harm the rating, 2 to 5; None where nothing was found.
        seconds: From the card's being shown to the decision.
        action: `ANSWER`, `UNDO` or `ADJUDICATE`.
        undone: Id of the decision that is taken back.
    """

    queue: str
    position: int
    reviewer: int
    answer: str
    reason: str = ""
    severity: int | None = None
    comment: str = ""
    seconds: float = 0.0
    action: str = ANSWER
    undone: int | None = None


@dataclass(frozen=True, slots=True)
class RatedRow:
    """What a rater elsewhere said of one card.

    Attributes:
        severity: 0 to 3, on a card of harm the rating, 2 to 5; None where nothing was found or said.
    """

    position: int
    rater: str
    answer: str
    severity: int | None
    comment: str


@dataclass(frozen=True, slots=True)
class PacketEntry:
    """A decision that was made in a packet.

    Attributes:
        seal: Its seal there, by which it is known again when the packet comes back once more.
        undoes: Seal of the entry that it takes back; empty where it takes none back.
    """

    decision: DecisionRow
    seal: str
    undoes: str = ""


class ReviewStore:
    """The one writer of reviews; made where it is used, closed there.

    Raises:
        ArchiveError: The archive cannot be written.
        UsageError: The key of the ledger cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()
        if not self.path.is_file():
            raise ArchiveError(f"{self.path}: there is no archive yet.", "Start a run; it makes the archive.")
        ready(self.path)
        self._db = open_writable(path)

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def _writing(self) -> AbstractContextManager[None]:
        return transaction(self._db, self.path)

    def add_reviewer(self, name: str, salt: str, pin: str) -> None:
        """Add a person.

        Raises:
            UsageError: The name cannot be told from another's: ada is Ada.
        """
        with self._writing():
            self._add_reviewer(name, salt, pin)

    def _add_reviewer(self, name: str, salt: str, pin: str) -> int:
        check_name(name, (known for (known,) in self._db.execute("SELECT name FROM reviewers").fetchall()))
        number = insert(self._db, "reviewers", name=name, salt=salt, pin=pin, created=now())
        append(self._db, Kind.REVIEWER, {"reviewer": number, "name": name}, reviewer_digest(self._db, number))
        return number

    def add_attempt(self, reviewer: int, right: bool) -> None:
        """Store that a person tries a PIN, or that it was right."""
        with self._writing():
            insert(self._db, "pin_attempts", reviewer=reviewer, created=now(), right=int(right))

    def add_queue(self, name: str, design: Mapping[str, Any], cards: Sequence[CardRow]) -> None:
        """Store a queue as it was drawn; nothing changes it any more.

        Raises:
            ArchiveError: The name is taken.
        """
        with self._writing():
            self._add_queue(name, design, cards)

    def _add_queue(self, name: str, design: Mapping[str, Any], cards: Sequence[CardRow]) -> None:
        if self._db.execute("SELECT 1 FROM queues WHERE name = ?", [name]).fetchone():
            raise ArchiveError(f"There is a queue {name} already.", "Queues are never changed: choose another name.")
        insert(self._db, "queues", name=name, created=now(), design=to_json(design))
        for card in cards:
            insert(self._db, "queue_cards", queue=name, **card._asdict())
        digest = queue_digest(self._db, name)
        append(self._db, Kind.QUEUE, {"queue": name, "cards": len(cards)}, digest)

    def add_rated(
        self, name: str, design: Mapping[str, Any], cards: Sequence[CardRow], rated: Sequence[RatedRow], file: str
    ) -> None:
        """Store a queue with the ratings that came with it, all or none.

        Args:
            name: Of the queue.
            design: As for `add_queue`.
            cards: What was rated.
            rated: What was said; raters who are new become reviewers without a PIN, as whom nobody signs in.
            file: Digest of the file.

        Raises:
            ArchiveError: The name is taken, the file was taken in before, or a rater is a reviewer with a PIN.
            UsageError: A rater's name cannot be told from another's.
        """
        with self._writing():
            self._refuse_known(Kind.IMPORT, file, "This file was imported before.")
            self._add_queue(name, design, cards)
            append(self._db, Kind.IMPORT, {"queue": name, "decisions": len(rated)}, file)
            raters = {one: self._rater(one) for one in dict.fromkeys(row.rater for row in rated)}
            for row in rated:
                said = DecisionRow(name, row.position, raters[row.rater], row.answer, "", row.severity, row.comment)
                self._decide(said, "import")

    def _rater(self, name: str) -> int:
        found = self._db.execute("SELECT id, pin FROM reviewers WHERE name = ?", [name]).fetchone()
        if found is None:
            return self._add_reviewer(name, "", "")
        number, pin = found
        if pin:
            raise ArchiveError(
                f"{name} is a reviewer with a PIN here; what a file says cannot be hers.",
                "Give the rater another name in the file, or with --as.",
            )
        return int(number)

    def decide(self, *decisions: DecisionRow) -> list[int]:
        """Store decisions, all or none, and return their ids."""
        found = []
        with self._writing():
            for decision in decisions:
                found.append(self._decide(decision, decision.action))
        return found

    def _decide(self, decision: DecisionRow, action: str, seal: str = "") -> int:
        number = insert(self._db, "decisions", created=now(), **asdict(decision))
        subject = {"decision": number, "queue": decision.queue, "card": decision.position, "action": action}
        subject |= {"seal": seal} if seal else {}
        append(self._db, Kind.DECISION, subject, decision_digest(self._db, number))
        return number

    def _refuse_known(self, kind: Kind, digest: str, message: str) -> None:
        if self._db.execute("SELECT 1 FROM ledger WHERE kind = ? AND digest = ?", [kind, digest]).fetchone():
            raise ArchiveError(message, "Nothing is to be done.")

    def merge(self, file_digest: str, queue: str, entries: Sequence[PacketEntry]) -> list[int]:
        """Store what is new in a packet and that it was taken in, all or none; return the ids of the new ones.

        Nothing that its reader did is left out: what she took back is stored, and that she took it back.

        Args:
            file_digest: Of the packet.
            queue: Its name.
            entries: All of the packet, in their order.

        Raises:
            ArchiveError: The packet was taken in before, or holds nothing that is not here.
        """
        found = []
        with self._writing():
            self._refuse_known(Kind.MERGE, file_digest, "This packet was merged before.")
            known = self._sealed(queue)
            new = [one for one in entries if one.seal not in known]
            if not new:
                raise ArchiveError(
                    "All decisions of this packet are here: it is an older copy.", "Nothing is to be done."
                )
            append(self._db, Kind.MERGE, {"queue": queue, "decisions": len(new)}, file_digest)
            for one in new:
                undone = known[one.undoes] if one.undoes else None
                known[one.seal] = self._decide(replace(one.decision, undone=undone), "merge", one.seal)
                found.append(known[one.seal])
        return found

    def _sealed(self, queue: str) -> dict[str, int]:
        """Return the id of each decision on a queue that came in a packet, by its seal there."""
        rows = self._db.execute(
            "SELECT subject FROM ledger WHERE kind = ? AND subject LIKE '%\"seal\": %'", [Kind.DECISION]
        ).fetchall()
        subjects = [json.loads(subject) for (subject,) in rows]
        return {one["seal"]: one["decision"] for one in subjects if one["queue"] == queue and "seal" in one}

    def note(self, kind: Kind, subject: Mapping[str, Any], digest: str) -> None:
        """Enter something in the ledger that has no row of its own, such as an export."""
        with self._writing():
            append(self._db, kind, subject, digest)

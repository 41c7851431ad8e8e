"""What entries of the ledger name, by kind, and which rows an entry must name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from medic_console.archive.challenges import subject_digest
from medic_console.archive.ledger import Kind
from medic_console.archive.seals import card_digest, queue_digest, reviewer_digest, run_digest

ALL = {
    "reviewer": "SELECT id FROM reviewers ORDER BY id",
    "queue": "SELECT name FROM queues ORDER BY name",
    "decision": "SELECT id FROM decisions ORDER BY id",
    "withdrawn score": "SELECT id FROM withdrawn ORDER BY id",
}
"""Rows that an entry must name each."""
OPEN = {
    "scores": "SELECT id FROM scores WHERE run = ?",
    "sittings": "SELECT id FROM sittings WHERE run = ?",
    "outputs": "SELECT id FROM outputs WHERE sitting IN (SELECT id FROM sittings WHERE run = ?)",
}
"""What of a run may be in no entry while it goes on; outputs are those of all its sittings."""
_Derive = Callable[[Any, dict[str, Any]], str]
CONTENTS: dict[str, tuple[str, str, _Derive | None]] = {
    Kind.RUN_STARTED: ("run", "run", lambda db, subject: run_digest(db, str(subject.get("run")))),
    Kind.CARD: ("card", "card", lambda db, subject: card_digest(db, int(subject.get("card", 0)))),
    Kind.QUEUE: ("queue", "queue", lambda db, subject: queue_digest(db, str(subject.get("queue")))),
    Kind.DECISION: ("decision", "decision", None),
    Kind.REVIEWER: ("reviewer", "reviewer", lambda db, subject: reviewer_digest(db, int(subject.get("reviewer", 0)))),
    Kind.CHALLENGE: ("challenge of item", "item", lambda _, subject: subject_digest(subject)),
}
"""By kind: what it names, by which part of its subject, and how the digest of that is found."""

"""Challenges of reference labels: entries of the ledger that dispute an item's gold label, by its content.

An entry is all there is of a challenge: it has no row of its own, so its text stands under the ledger's keyed hash.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import Any

from medic_console.archive.database import open_writable
from medic_console.archive.key_state import ready
from medic_console.archive.ledger import Kind, append, content_digest
from medic_console.archive.transaction import transaction
from medic_console.core.errors import ArchiveError, UsageError

_MOST = 2_000
"""Characters of a reason, and of a proposed label."""


class Action(StrEnum):
    """What an entry does."""

    CHALLENGE = "challenge"
    ACCEPT = "accept"
    WITHDRAW = "withdraw"


_SAID = ("content", "task", "item", "run", "by", "reason", "proposed")
_LEAVES = {Action.CHALLENGE: "open", Action.ACCEPT: "accepted", Action.WITHDRAW: "withdrawn"}


@dataclass(frozen=True, slots=True)
class Challenge:
    """How a challenge stands.

    Attributes:
        entry: Number of the ledger's entry that began it.
        created: Of that entry, ISO 8601.
        content: Digest of the item's content: it holds in every run of the task with the same item.
        run: Where the item was looked at.
        by: Name of the reviewer who disputes the label.
        proposed: What the label should be; empty when nothing was proposed. Nothing is scored by it.
        state: `open`, `accepted` or `withdrawn`.
        settled_by: Name of who accepted or withdrew it; empty while it is open.
        origin: Name of the archive that it was merged from; empty where it was entered here.
    """

    entry: int
    created: str
    content: str
    task: str
    item: str
    run: str
    by: str
    reason: str
    proposed: str
    state: str = "open"
    settled_by: str = ""
    origin: str = ""

    @property
    def place(self) -> tuple[str, str]:
        """Task and content, which name the label."""
        return self.task, self.content


def subject_digest(subject: Mapping[str, Any]) -> str:
    """Return the digest of what an entry says."""
    return content_digest([(name, str(subject[name])) for name in sorted(subject)])


def challenges(entries: Iterable[tuple[int, str, str]]) -> list[Challenge]:
    """Return the challenges, oldest first.

    Args:
        entries: Number, time and subject of the ledger's entries of this kind, in their order.

    Raises:
        ArchiveError: An entry was changed so that it cannot be read.
    """
    found: dict[int, Challenge] = {}
    for number, created, text in entries:
        try:
            said = json.loads(text)
            action = Action(said["action"])
            if action is Action.CHALLENGE:
                found[number] = Challenge(number, created, **{name: str(said[name]) for name in _SAID})
            else:
                begun = said["challenge"]
                found[begun] = replace(found[begun], state=_LEAVES[action], settled_by=str(said["by"]))
        except (ValueError, KeyError, TypeError) as error:
            told = f"Entry {number} of the ledger is no challenge as this program writes one."
            raise ArchiveError(told, "It was changed: see medic-console archive verify.") from error
    return list(found.values())


def with_merged(own: Sequence[Challenge], merged: Iterable[tuple[int, str, str, int, str]]) -> list[Challenge]:
    """Return the challenges of this archive, then those of the archives that were merged into it and are new here.

    Args:
        own: Of this archive's ledger.
        merged: Number, time and subject of the other ledgers' entries, the number of the archive here, and its name.

    Raises:
        ArchiveError: An entry was changed so that it cannot be read.
    """
    known = {replace(one, entry=0) for one in own}
    found: dict[Challenge, Challenge] = {}
    for (_, name), entries in groupby(merged, key=lambda row: row[3:]):
        for one in challenges([row[:3] for row in entries]):
            if replace(one, entry=0) not in known:  # what was exported from here comes back with its ledger
                begun = replace(one, entry=0, state="", settled_by="")
                found[begun] = replace(one, origin=name)  # a later copy of a ledger knows more
    return [*own, *found.values()]


def standing(found: Iterable[Challenge]) -> dict[tuple[str, str], str]:
    """Return how labels stand by task and content, `open` or `accepted`; one that nobody disputes is not there.

    What was withdrawn here is withdrawn; else one that is accepted in any of the archives is.
    """
    states: dict[tuple[str, str], str] = {}
    here: dict[tuple[str, str], str] = {}
    for one in found:
        if not one.origin:
            here[one.place] = one.state
        if one.state != "withdrawn" and states.get(one.place) != "accepted":
            states[one.place] = one.state
    return {place: state for place, state in states.items() if here.get(place) != "withdrawn"}


ENTRIES = f"SELECT sequence, created, subject FROM ledger WHERE kind = '{Kind.CHALLENGE}' ORDER BY sequence"
"""Selects what `challenges` takes."""
MERGED = (
    "SELECT sequence, merged_ledger.created, subject, source, name FROM merged_ledger "
    f"JOIN merged_sources ON merged_sources.id = source WHERE kind = '{Kind.CHALLENGE}' ORDER BY source, sequence"
)
"""Selects what `with_merged` takes."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """What a reviewer does about the label of one item.

    Attributes:
        by: Name of the reviewer.
        reason: Needed to begin a challenge.
        proposed: Of a new challenge.
    """

    action: Action
    run: str
    task: str
    item: str
    by: str
    reason: str = ""
    proposed: str = ""


def enter(path: Path, dispute: Dispute) -> Challenge:
    """Enter it in the ledger and return how the challenge stands.

    Raises:
        UsageError: No reason was given, or it is too long.
        ArchiveError: There is no such item, it has no label, or the step does not fit how the challenge stands.
    """
    _check_words(dispute)
    ready(path)
    with closing(open_writable(path)) as db, transaction(db, path):
        content = _content(db, dispute)
        place = dispute.task, content
        before = next((one for one in reversed(_stored(db)) if one.place == place), None)
        _check_step(dispute, before)
        subject: dict[str, Any] = {"action": str(dispute.action), "task": dispute.task, "content": content}
        subject |= {"item": dispute.item, "run": dispute.run, "by": dispute.by, "reason": dispute.reason}
        if dispute.action is Action.CHALLENGE:
            subject["proposed"] = dispute.proposed
        elif before is not None:
            subject["challenge"] = before.entry
        append(db, Kind.CHALLENGE, subject, subject_digest(subject))
        return next(one for one in reversed(_stored(db)) if one.place == place)


def _stored(db: Any) -> list[Challenge]:
    return challenges([tuple(row) for row in db.execute(ENTRIES)])


def _check_words(dispute: Dispute) -> None:
    if dispute.action is Action.CHALLENGE and not dispute.reason.strip():
        raise UsageError("A challenge needs its reason.", 'Give --reason "what is wrong with the label, and by what".')
    for words in (dispute.reason, dispute.proposed):
        if len(words) > _MOST or "\0" in words:
            raise UsageError(f"A reason or label has at most {_MOST:,} characters, and no zero byte.", "Shorten it.")


def _content(db: Any, dispute: Dispute) -> str:
    row = db.execute(
        "SELECT run_items.digest, items.gold FROM run_items JOIN items USING (digest) "
        "WHERE run = ? AND task = ? AND item = ?",
        [dispute.run, dispute.task, dispute.item],
    ).fetchone()
    if row is None:
        raise ArchiveError(
            f"Run {dispute.run} has no item {dispute.item} in a task {dispute.task}.",
            "See medic-console archive items TASK --run RUN.",
        )
    if row[1] == "null":
        raise ArchiveError(f"Item {dispute.item} of {dispute.task} has no label.", "There is nothing to challenge.")
    return str(row[0])


def _check_step(dispute: Dispute, before: Challenge | None) -> None:
    state, named = before.state if before else "", f"item {dispute.item} of {dispute.task}"
    if dispute.action is Action.CHALLENGE:
        if state in ("open", "accepted"):
            raise ArchiveError(f"The label of {named} is challenged already ({state}).", "See archive challenges.")
        return
    if before is None or state == "withdrawn":
        raise ArchiveError(f"The label of {named} is not challenged.", "Challenge it: --reason TEXT.")
    if dispute.action is Action.WITHDRAW and dispute.by not in (before.by, before.settled_by):
        raise ArchiveError(f"{before.by} challenged it; nobody else takes that back.", "Sign in as that reviewer.")
    if dispute.action is Action.ACCEPT and state == "accepted":
        raise ArchiveError(f"The challenge of {named} is accepted already.", "Nothing is to be done.")
    if dispute.action is Action.ACCEPT and dispute.by == before.by:
        raise ArchiveError("A second reviewer accepts a challenge, not who made it.", "Sign in as another reviewer.")

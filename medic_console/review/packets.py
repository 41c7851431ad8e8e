"""A packet takes cards to a second reader on another machine: texts, questions and their order, and nothing else.

What the judge and the first reader said stays at home, and so do the names of models. The reader's decisions are
written into the packet's file, each sealed with her PIN (`packet_seals.py`); taken in again, the cards must be those
that went out and every decision as she made it.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medic_console.archive.reviews import UNDO, CardRow, DecisionRow, PacketEntry
from medic_console.core.digest import digest
from medic_console.core.errors import ArchiveError, UsageError
from medic_console.core.strange_json import load
from medic_console.review.cards import ANSWERS, REASONS, Round, Said, grades, missing
from medic_console.review.packet_seals import SEAL, Seals, check_pin
from medic_console.review.reader import Queue, Reviewer, ReviewReader, Texts
from medic_console.review.reviewers import stretched
from medic_console.review.taking import row, texts_as_drawn

FORMAT = "medic-console review packet"
VERSION = 2
_BEGINS = json.dumps({"format": FORMAT})[:-1].encode("ascii")
"""The first bytes of a packet's file."""
_MOST = 512 * 2**20
"""Bytes of a packet."""


@dataclass(slots=True)
class Packet:
    """A packet's content.

    Attributes:
        record: As the file has it.
        cards: Without what was said.
        texts: By position.
    """

    record: dict[str, Any]
    cards: tuple[CardRow, ...]
    texts: Mapping[int, Texts]

    @property
    def reader(self) -> str:
        """Name of who decides."""
        return str(self.record["reader"])


def make_packet(reader: ReviewReader, queue: Queue, person: Reviewer) -> dict[str, Any]:
    """Return the packet of a queue: its cards for a second reader, or all where none were drawn for one.

    Args:
        reader: Of the archive.
        queue: With its cards.
        person: Who is to decide; her PIN seals what she says.

    Raises:
        ArchiveError: A card's texts are not there any more, or not those that it was drawn with.
        UsageError: The person has no PIN.
    """
    if not person.pin:
        raise UsageError(f"Ratings of {person.name} came from a file; nobody reads by that name.", "Name another.")
    cards = [_sent(card, _as_drawn(reader, card)) for card in _chosen(queue)]
    head = {"format": FORMAT, "version": VERSION, "queue": queue.name, "digest": reader.queue_digest(queue.name)}
    sealed = {"reader": person.name, "salt": person.salt, "nonce": secrets.token_hex(16)}
    record: dict[str, Any] = {**head, **sealed, "cards": cards, "content": digest(cards), "decisions": []}
    seals = Seals(person.pin, record)
    return {**record, "first": seals.first, "head": seals.head([])}


def _chosen(queue: Queue) -> list[CardRow]:
    return [card for card in queue.cards if card.second] or list(queue.cards)


def _sent(card: CardRow, texts: Texts) -> dict[str, Any]:
    return {
        "position": card.position,
        "part": card.part,
        "question": card.question,
        "expected": card.expected,
        "left": texts.left,
        "right": texts.right,
        "left_title": texts.left_title,
        "right_title": texts.right_title,
    }


def _as_drawn(reader: ReviewReader, card: CardRow) -> Texts:
    try:
        return texts_as_drawn(reader, card)
    except ArchiveError as error:
        raise ArchiveError(f"No packet is made: card {card.position + 1}: {error.message}", error.hint) from error


def _is_ours(reader: ReviewReader, card: CardRow, theirs: Mapping[str, Any], forgotten: bool) -> bool:
    """Return whether a packet's card went out from here; of one whose texts were forgotten since, by what is left.

    Its texts are then vouched for by the seals, in whose key they are.
    """
    if not forgotten:
        return _sent(card, reader.texts(card)) == theirs
    return all(theirs[name] == getattr(card, name) for name in ("position", "part", "expected"))


def write_packet(file: Path, record: Mapping[str, Any], new: bool = False) -> None:
    """Write a packet whole, readable by its owner alone.

    Args:
        new: It goes out: a file of that name may be one that came back. Else it is the same packet, which is replaced.

    Raises:
        UsageError: The file cannot be written, or is there already.
    """
    if new and file.exists():
        raise UsageError(f"{file} is there already.", "Name a new file: nothing is written over.")
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, stat.S_IRUSR | stat.S_IWUSR)
        with os.fdopen(descriptor, "w", encoding="utf-8") as target:
            json.dump(record, target, ensure_ascii=True)
            target.flush()
            os.fsync(target.fileno())
        beside.replace(file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise UsageError(f"{file}: cannot be written ({error.strerror}).", "Name another file.") from error


def read_packet(file: Path) -> Packet:
    """Return a packet.

    Raises:
        UsageError: The file is no packet, cut off, comes from a newer release, or was edited.
    """
    try:
        if not file.is_file() or file.stat().st_size > _MOST:
            raise UsageError(f"{file}: no packet of ours.", "Name a file that review packet wrote.")
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{file}: cannot be read ({error.strerror}).", "Name a file that review packet wrote."
        ) from error
    try:
        record = load(content.decode("utf-8"))
    except ValueError as error:
        if content[: len(_BEGINS)] == _BEGINS[: len(content)]:
            raise UsageError(
                f"{file}: the packet is cut off or damaged.", "Carry the whole file over again."
            ) from error
        raise UsageError(f"{file}: no packet of ours.", "Name a file that review packet wrote.") from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise UsageError(f"{file}: no packet of ours.", "Name a file that review packet wrote.")
    if record.get("version") != VERSION:
        older = record.get("version") == 1
        raise UsageError(
            f"{file}: a packet of version {record.get('version')}{', whose decisions have no seal' if older else ''}.",
            "Make it anew." if older else "Update medic-console.",
        )
    try:
        if digest(record["cards"]) != record["content"]:
            raise UsageError(f"{file}: the packet was edited: its cards are not those that went out.", "Make it anew.")
        cards = tuple(_card(one) for one in record["cards"])
        texts = {
            one["position"]: Texts(one["left"], one["right"], one["left_title"], one["right_title"])
            for one in record["cards"]
        }
        known = {card.position: card for card in cards}
        for number, one in enumerate(record["decisions"]):
            _entry(one, known, number)
        bytes.fromhex(record["salt"])
        "".join(record[name] for name in ("queue", "digest", "reader", "nonce", "first", "head"))
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise UsageError(f"{file}: the packet was edited: {error} is missing or wrong.", "Make it anew.") from error
    return Packet(record, cards, texts)


def take_packet(file: Path, packet: Packet, person: str, ask: Callable[[], str]) -> Round:
    """Return a sitting over a packet's cards; each decision is sealed and in the file before the next card.

    Args:
        file: The packet's.
        packet: As it was read.
        person: Who decides.
        ask: Returns the PIN.

    Raises:
        UsageError: The packet is for another person, the PIN is wrong, or a decision was edited.
    """
    if packet.reader != person:
        raise UsageError(f"{file}: {packet.reader} reads this packet.", "Make another one for another reader.")
    seals = Seals(stretched(ask(), bytes.fromhex(packet.record["salt"])), packet.record)
    check_pin(seals, packet.record)
    _check_seals(file, packet, seals)
    decisions: list[dict[str, Any]] = packet.record["decisions"]

    def add(entry: Mapping[str, Any]) -> int:
        decisions.append(seals.sealed(decisions, entry))
        packet.record["head"] = seals.head(decisions)
        write_packet(file, packet.record)
        return len(decisions) - 1

    def keep(said: Said) -> int:
        return add(
            {
                "position": said.card.position,
                "answer": said.answer,
                "reason": said.reason,
                "severity": said.severity,
                "comment": said.comment,
                "seconds": said.seconds,
            }
        )

    def withdraw(card: CardRow, number: int) -> None:
        add({"undoes": number})

    standing = _standing(packet.cards, decisions)
    halves = {position: one for position, one in standing.items() if missing(one[0])}
    left = [card for card in packet.cards if card.position not in standing or card.position in halves]
    return Round(left, keep, withdraw, halves=halves)


def _standing(cards: Sequence[CardRow], decisions: Sequence[Mapping[str, Any]]) -> dict[int, tuple[Said, int]]:
    """Return the newest decision on each card that was not taken back, with its number."""
    gone = {one["undoes"] for one in decisions if "undoes" in one}
    known = {card.position: card for card in cards}
    return {
        one["position"]: (_said(one, known), number)
        for number, one in enumerate(decisions)
        if "undoes" not in one and number not in gone
    }


def _check_seals(file: Path, packet: Packet, seals: Seals) -> None:
    """Refuse decisions that are not as they were sealed, and name the first.

    Raises:
        UsageError: There is one, or the last ones were taken out.
    """
    decisions = packet.record["decisions"]
    number = seals.broken(decisions, packet.record["head"])
    if number is None:
        return
    hint = f"Ask {packet.reader} for the file as it was."
    if number == len(decisions):
        raise UsageError(f"{file}: the packet was edited: decisions after the {number}. were taken out.", hint)
    place = decisions[number].get("position")
    where = "an undo" if place is None else f"on card {place + 1}"
    raise UsageError(
        f"{file}: the packet was edited: decision {number + 1}, {where}, is not as {packet.reader} sealed it, "
        "or one before it was taken out or put in.",
        hint,
    )


def merged(file: Path, packet: Packet, reader: ReviewReader, head: str = "") -> tuple[list[PacketEntry], str]:
    """Return all of a packet's decisions as they are to be stored, those taken back too, and the digest of its file.

    Args:
        file: The packet's.
        packet: As it was read.
        reader: Of the archive.
        head: What its reader told as the head; empty when she told none.

    Raises:
        UsageError: It belongs to another queue, was edited, or holds no decision.
        ArchiveError: The queue or the reader is not known here.
    """
    queue = reader.queue(str(packet.record["queue"]))
    if reader.queue_digest(queue.name) != packet.record["digest"]:
        raise UsageError(
            f"{file}: the packet belongs to another queue of the name {queue.name}.", "Merge it where it was made."
        )
    forgotten = {run for run in {card.run for card in queue.cards} if reader.forgotten(run)}
    for ours, theirs in zip(_chosen(queue), packet.record["cards"], strict=False):
        if not _is_ours(reader, ours, theirs, ours.run in forgotten):
            raise UsageError(f"{file}: the packet was edited: card {theirs['position'] + 1}.", "Make it anew.")
    person = reader.reviewer(packet.reader)
    seals = Seals(person.pin, packet.record)
    check_pin(seals, packet.record)
    _check_seals(file, packet, seals)
    if head and head != packet.record["head"]:
        raise UsageError(
            f"{file}: its head is {packet.record['head']}, not the one that was told: it is an older copy.",
            f"Ask {packet.reader} for the newest file.",
        )
    known = {card.position: card for card in queue.cards}
    entries: list[PacketEntry] = []
    for one in packet.record["decisions"]:
        entries.append(_entered(one, known, queue.name, person.id, entries))
    if not entries:
        raise UsageError(f"{file}: the packet holds no decision.", "Let its reader decide: review take --packet FILE.")
    return entries, hashlib.sha256(json.dumps(packet.record, sort_keys=True).encode("ascii")).hexdigest()


def _entered(
    one: Mapping[str, Any], cards: Mapping[int, CardRow], queue: str, person: int, before: Sequence[PacketEntry]
) -> PacketEntry:
    """Return an entry of a packet as it is stored; an undo is one on the card that it gives back."""
    if "undoes" in one:
        taken = before[one["undoes"]]
        undo = DecisionRow(queue, taken.decision.position, person, "", action=UNDO)
        return PacketEntry(undo, one[SEAL], taken.seal)
    return PacketEntry(row(queue, _said(one, cards), person), one[SEAL])


def _card(one: Mapping[str, Any]) -> CardRow:
    return CardRow(
        int(one["position"]), "", "", "", "", "", "", str(one["part"]), "", str(one["question"]), "",
        str(one["expected"]), None, "", 1,
    )  # fmt: skip


def _entry(one: Mapping[str, Any], cards: Mapping[int, CardRow], number: int) -> None:
    """Raise as `_said` does; an undo names an entry before it."""
    if "undoes" not in one:
        _said(one, cards)
    elif type(one["undoes"]) is not int or not 0 <= one["undoes"] < number:
        raise ValueError("undoes")


def _said(one: Mapping[str, Any], cards: Mapping[int, CardRow]) -> Said:
    """Return a decision of a packet.

    Raises:
        ValueError: A part of it is none that a person can give.
        KeyError: A part is missing, or there is no such card.
    """
    if one["answer"] not in ANSWERS.values():
        raise ValueError("answer")
    if one["reason"] not in ("", *REASONS.values()):
        raise ValueError("reason")
    if one["severity"] is not None and one["severity"] not in grades(cards[one["position"]]):
        raise ValueError("severity")
    comment, seconds = str(one["comment"]), float(one["seconds"])
    if not 0 <= seconds < 1e7:
        raise ValueError("seconds")
    return Said(cards[one["position"]], one["answer"], one["reason"], one["severity"], comment, seconds)

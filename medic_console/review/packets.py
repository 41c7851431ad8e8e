"""A packet takes cards to a second reader on another machine: texts, questions and their order, and nothing else.

What the judge and the first reader said stays at home, and so do the names of models. The reader's decisions are
written into the packet's file; taken in again, the cards must be those that went out.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medic_console.archive.reviews import CardRow, DecisionRow
from medic_console.core.digest import digest
from medic_console.core.errors import UsageError
from medic_console.review.cards import ANSWERS, REASONS, Round, Said, grades
from medic_console.review.reader import Queue, ReviewReader, Texts

FORMAT = "medic-console review packet"
VERSION = 1
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
        """Name of who decides; empty before anyone did."""
        return str(self.record["reader"])


def make_packet(reader: ReviewReader, queue: Queue) -> dict[str, Any]:
    """Return the packet of a queue: its cards for a second reader, or all where none were drawn for one.

    Raises:
        ArchiveError: An item is not there any more.
    """
    chosen = [card for card in queue.cards if card.second] or list(queue.cards)
    cards = []
    for card in chosen:
        texts = reader.texts(card)
        cards.append(
            {
                "position": card.position,
                "part": card.part,
                "question": card.question,
                "expected": card.expected,
                "left": texts.left,
                "right": texts.right,
                "left_title": texts.left_title,
                "right_title": texts.right_title,
            }
        )
    head = {"format": FORMAT, "version": VERSION, "queue": queue.name, "digest": reader.queue_digest(queue.name)}
    return {**head, "cards": cards, "content": digest(cards), "reader": "", "decisions": []}


def write_packet(file: Path, record: Mapping[str, Any]) -> None:
    """Write a packet whole, readable by its owner alone; an older file of that name is replaced.

    Raises:
        UsageError: The file cannot be written.
    """
    new = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, stat.S_IRUSR | stat.S_IWUSR)
        with os.fdopen(descriptor, "w", encoding="utf-8") as target:
            json.dump(record, target, ensure_ascii=True)
            target.flush()
            os.fsync(target.fileno())
        new.replace(file)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise UsageError(f"{file}: cannot be written ({error.strerror}).", "Name another file.") from error


def read_packet(file: Path) -> Packet:
    """Return a packet.

    Raises:
        UsageError: The file is no packet, comes from a newer release, or was edited.
    """
    try:
        if not file.is_file() or file.stat().st_size > _MOST:
            raise UsageError(f"{file}: no packet of ours.", "Name a file that review packet wrote.")
        record = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{file}: cannot be read ({error}).", "Name a file that review packet wrote.") from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise UsageError(f"{file}: no packet of ours.", "Name a file that review packet wrote.")
    if record.get("version") != VERSION:
        raise UsageError(f"{file}: a packet of version {record.get('version')}.", "Update medic-console.")
    try:
        if digest(record["cards"]) != record["content"]:
            raise UsageError(f"{file}: the packet was edited: its cards are not those that went out.", "Make it anew.")
        cards = tuple(_card(one) for one in record["cards"])
        texts = {
            one["position"]: Texts(one["left"], one["right"], one["left_title"], one["right_title"])
            for one in record["cards"]
        }
        known = {card.position: card for card in cards}
        for one in record["decisions"]:
            _said(one, known)
        str(record["queue"] + record["digest"] + record["reader"])
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{file}: the packet was edited: {error} is missing or wrong.", "Make it anew.") from error
    return Packet(record, cards, texts)


def take_packet(file: Path, packet: Packet, person: str) -> Round:
    """Return a sitting over a packet's cards; each decision is in the file before the next card.

    Raises:
        UsageError: Another person has begun with it.
    """
    if packet.reader not in ("", person):
        raise UsageError(f"{file}: {packet.reader} reads this packet.", "Make another one for another reader.")
    packet.record["reader"] = person
    decisions: list[dict[str, Any]] = packet.record["decisions"]

    def keep(said: Said) -> int:
        decisions.append(
            {
                "position": said.card.position,
                "answer": said.answer,
                "reason": said.reason,
                "severity": said.severity,
                "comment": said.comment,
                "seconds": said.seconds,
            }
        )
        write_packet(file, packet.record)
        return len(decisions) - 1

    def withdraw(card: CardRow, number: int) -> None:
        decisions[number] = {**decisions[number], "undone": True}
        write_packet(file, packet.record)

    done = {one["position"] for one in decisions if not one.get("undone")}
    return Round([card for card in packet.cards if card.position not in done], keep, withdraw)


def merged(file: Path, packet: Packet, reader: ReviewReader) -> tuple[list[DecisionRow], str]:
    """Return a packet's decisions as they are to be stored, and the digest of its file.

    Raises:
        UsageError: It belongs to another queue, was edited, or holds no decision.
        ArchiveError: The queue or the reader is not known here.
    """
    queue = reader.queue(str(packet.record["queue"]))
    if reader.queue_digest(queue.name) != packet.record["digest"]:
        raise UsageError(
            f"{file}: the packet belongs to another queue of the name {queue.name}.", "Merge it where it was made."
        )
    for ours, theirs in zip(make_packet(reader, queue)["cards"], packet.record["cards"], strict=False):
        if ours != theirs:
            raise UsageError(f"{file}: the packet was edited: card {theirs['position'] + 1}.", "Make it anew.")
    person = reader.reviewer(packet.reader) if packet.reader else None
    known = {card.position: card for card in queue.cards}
    given = [one for one in packet.record["decisions"] if not one.get("undone")]
    if person is None or not given:
        raise UsageError(f"{file}: the packet holds no decision.", "Let its reader decide: review take --packet FILE.")
    rows = []
    for one in given:
        said = _said(one, known)
        rows.append(
            DecisionRow(
                queue.name, said.card.position, person.id, said.answer, said.reason, said.severity, said.comment,
                said.seconds,
            )
        )  # fmt: skip
    return rows, hashlib.sha256(json.dumps(packet.record, sort_keys=True).encode("ascii")).hexdigest()


def _card(one: Mapping[str, Any]) -> CardRow:
    return CardRow(
        int(one["position"]), "", "", "", "", "", "", str(one["part"]), "", str(one["question"]), "",
        str(one["expected"]), None, "", 1,
    )  # fmt: skip


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

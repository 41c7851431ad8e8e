"""`review packet` and `review merge`: cards to a second reader on another machine, and decisions back."""

from __future__ import annotations

import argparse
import shlex
from contextlib import closing
from pathlib import Path

from medic_console.archive.ledger import Kind
from medic_console.archive.reviews import ReviewStore
from medic_console.commands import consoles
from medic_console.commands.options import add_common, archive_of
from medic_console.core.units import count
from medic_console.review.packets import make_packet, merged, read_packet, write_packet
from medic_console.review.reader import ReviewReader
from medic_console.review.taking import differences


def add_verbs(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add both verbs to those of `review`."""
    packet = verbs.add_parser("packet", help="write the cards of a second reader to a file: texts and questions only")
    add_common(packet)
    packet.add_argument("queue", metavar="QUEUE")
    packet.add_argument("--for", dest="person", required=True, metavar="NAME", help="who reads it; her PIN seals it")
    packet.add_argument("--out", type=Path, required=True, metavar="FILE")
    packet.set_defaults(handler=lambda given: write(archive_of(given), given.queue, given.person, given.out))
    merge = verbs.add_parser("merge", help="take in the decisions of a packet")
    add_common(merge)
    merge.add_argument("file", type=Path, metavar="FILE")
    merge.add_argument(
        "--head", default="", metavar="HEX", help="what its reader told as the head: finds an older copy"
    )
    merge.set_defaults(handler=lambda given: take_in(archive_of(given), given.file, given.head))


def write(archive: Path, name: str, person: str, file: Path) -> int:
    """Write the packet of a queue, and enter it in the ledger.

    Raises:
        ArchiveError: There is no such queue or reviewer.
        UsageError: The file is there already, or cannot be written.
    """
    with closing(ReviewReader(archive)) as reader:
        record = make_packet(reader, reader.queue(name), reader.reviewer(person))
    with closing(ReviewStore(archive)) as store:
        write_packet(file, record, new=True)
        store.note(Kind.EXPORT, {"packet": file.name, "queue": name}, record["content"])
    _say(
        f"{len(record['cards'])} cards in {file}; there: medic-console review take --packet {file.name} "
        f"--as {shlex.quote(person)}"
    )
    return 0


def take_in(archive: Path, file: Path, head: str = "") -> int:
    """Store the decisions of a packet, all or none.

    Raises:
        UsageError: The file is no packet of this archive, or was edited.
        ArchiveError: Its queue or reader is not known, or it was merged before.
    """
    packet = read_packet(file)
    with closing(ReviewReader(archive)) as reader:
        entries, content = merged(file, packet, reader, head)
    name = entries[0].decision.queue
    with closing(ReviewStore(archive)) as store:
        new = set(store.merge(content, name, entries))
    with closing(ReviewReader(archive)) as reader:
        queue = reader.queue(name)
        stand = sum(one.id in new for one in reader.decisions(name))
        differ = len(differences(queue, reader.decisions(queue.name)))
    _say(f"The head of the packet is {packet.record['head']}.")
    _say(
        f"{count(len(new), 'decision')} of {packet.reader} merged"
        + ("" if stand == len(new) else f", of which {stand:,} stand and the others were changed or taken back")
        + f"; the readers differ on {count(differ, 'card')}."
    )
    if differ:
        _say(f"Settle them: medic-console review adjudicate {queue.name} --as NAME")
    return 0


def _say(line: str) -> None:
    consoles.output().print(line, markup=False, highlight=False, soft_wrap=True)

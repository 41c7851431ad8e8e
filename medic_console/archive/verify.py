"""Check an archive: each row by itself, the chain of the ledger's entries, and that what they name stands as it was.

Three things can be said of an entry: its `mac` holds (who has the key wrote it), its place in the chain holds (no entry
was changed or taken out before it), and the digest of what it names holds. Without the key the first cannot be said.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from medic_console.archive.contents import wrong_contents, wrong_schema
from medic_console.archive.database import open_readonly
from medic_console.archive.health import faults
from medic_console.archive.ledger import COLUMNS, FIRST, Kind, mac_of
from medic_console.archive.ledger_key import Keys, load_keys
from medic_console.archive.merging.evidence import merged_leaves, merged_scores
from medic_console.archive.merging.views import as_it_was
from medic_console.archive.row_seals import Leaves, kept_leaves, rows_digest
from medic_console.archive.seals import (
    card_digest,
    decision_digests,
    ended_rows,
    queue_digest,
    reviewer_digest,
    run_digest,
    score_digests,
    set_digest,
    started_rows,
)


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check found.

    Attributes:
        entries: In the ledger.
        head: `mac` of the last one; empty without one.
        broken: What does not hold, the first row first; empty when all holds.
        unproved: What cannot be said, in sentences: entries whose key is not here, and what is older than the ledger.
        signed: Entries whose `mac` was checked and holds.
        checked: Number of rows that were held against an entry, by kind.
        damaged: SQLite finds the file itself broken: nothing that is read from it can be relied on.
    """

    entries: int
    head: str
    broken: tuple[str, ...]
    unproved: tuple[str, ...]
    signed: int
    checked: dict[str, int]
    damaged: bool = False

    @property
    def holds(self) -> bool:
        """Whether nothing is broken, and every entry's key was at hand."""
        return not self.broken and self.signed == self.entries


def verify(path: Path, expected: str = "") -> Verified:
    """Check an archive.

    Args:
        path: The archive.
        expected: `mac` that was the head at an earlier time, or its beginning; empty: none is known.

    Raises:
        ArchiveError: There is no archive at `path`, or it cannot be read.
        UsageError: The key of the ledger cannot be used.
    """
    keys = load_keys()
    damaged = [f"the file: {fault}" for fault in faults(path)]
    unusable = any(": names a row of " not in fault for fault in damaged)
    with closing(open_readonly(path)) as connection:
        connection.row_factory = None
        connection.execute("BEGIN")
        try:
            try:
                check = _Check(connection, keys, expected, _part_of(connection))
                return replace(check.result(damaged), damaged=unusable)
            except sqlite3.OperationalError:  # a text that is no UTF-8 any more: slower, and every byte is looked at
                connection.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
                check = _Check(connection, keys, expected, _part_of(connection))
                return replace(check.result(damaged), damaged=unusable)
        except (sqlite3.Error, ValueError, TypeError, KeyError) as error:  # rows that are no rows of ours any more
            told = f"the file: it cannot be read to its end ({type(error).__name__}: {error})"
            return Verified(0, "", (*damaged, told), (), 0, {}, damaged=True)


def _as_far(told: Iterator[str]) -> Iterator[str]:
    """Yield what one part of the check tells, as far as it comes: rows that are no rows of ours stop no other part."""
    try:
        yield from told
    except (ValueError, TypeError, KeyError, sqlite3.ProgrammingError) as error:
        yield f"the file: it cannot be read to its end ({type(error).__name__}: {error})"


@dataclass(frozen=True, slots=True)
class _Part:
    """What of the rows that a ledger names must be there, where an archive is a part of another.

    Attributes:
        entry: The last entry that tells of the whole.
        runs: Those that are here.
    """

    entry: int
    runs: frozenset[str] = frozenset()


def _part_of(connection: Any) -> _Part | None:
    """Return which part of an archive a file of `archive export` holds; None for a whole archive."""
    row = connection.execute(
        "SELECT sequence, subject FROM ledger WHERE sequence = (SELECT max(entry) FROM excerpts) AND kind = ?",
        [str(Kind.RUNS_EXPORTED)],
    ).fetchone()
    return _Part(row[0], frozenset(json.loads(row[1]).get("runs", ()))) if row else None


class _Check:
    def __init__(
        self, connection: sqlite3.Connection, keys: Keys, expected: str = "", part: _Part | None = None
    ) -> None:
        self._db, self._keys, self._expected, self._part = connection, keys, expected, part
        self._entries = connection.execute(f"SELECT {COLUMNS} FROM ledger ORDER BY sequence").fetchall()
        self._signed = 0
        self._strange: dict[str, list[int]] = {}
        """Numbers of the entries of each key that is not here."""
        self._unproved: list[str] = []
        self._sittings: dict[int, int] = {}
        """Number of entries that vouch for a sitting: its beginning, and its end."""
        self._sealed: set[int] = set()
        """Outputs that entries vouch for."""
        self._decisions = decision_digests(connection)
        self._named: dict[str, set[Any]] = {"run": set(), "score": set(), "queue": set(), "decision": set()}
        self._named |= {"reviewer": set(), "card": set()}
        self._last: dict[str, tuple[str, dict[str, Any], str]] = {}
        """Of each run: kind, subject and place of its last entry."""

    def result(self, damaged: Sequence[str]) -> Verified:
        broken = [*damaged, *_as_far(wrong_contents(self._db)), *_as_far(self._chain()), *_as_far(self._contents())]
        broken += [*_as_far(self._extra()), *_as_far(self._standing()), *_as_far(wrong_schema(self._db))]
        for key, numbers in self._strange.items():
            self._unproved.append(
                f"Entries {numbers[0]} to {numbers[-1]} ({len(numbers)}) were made with key {key}, which is not here: "
                "that their contents are what they name is checked, who wrote them is not proved."
            )
        broken += _as_far(self._sources())
        if self._part is not None:
            self._unproved.append(
                f"This file is a part of an archive, exported with entry {self._part.entry} of its ledger: what other "
                "runs than those that it names had is not here."
            )
        checked = {name: len(found) for name, found in self._named.items()}
        head = str(self._entries[-1][7]) if self._entries else ""
        return Verified(len(self._entries), head, tuple(broken), tuple(self._unproved), self._signed, checked)

    def of_merged(self) -> Iterator[str]:
        """Yield what does not hold of an archive that runs were taken from, of what is here of it."""
        yield from _as_far(self._chain())
        yield from _as_far(self._contents())

    @property
    def strangers(self) -> int:
        """Number of entries whose key is not here."""
        return sum(map(len, self._strange.values()))

    def _sources(self) -> Iterator[str]:
        """Yield what the ledgers of other archives say of runs that were taken from them, and is not so any more."""
        for source, name in self._db.execute("SELECT id, name FROM merged_sources ORDER BY id").fetchall():
            with as_it_was(self._db, source):
                check = _Check(self._db, self._keys, part=_Part(2**63))
                told = list(check.of_merged())
            yield from (f"{one} (by the ledger of {name}, that its runs were taken from)" for one in told)
            self._named.setdefault("merged archive", set()).add(source)
            if check.strangers:
                self._unproved.append(
                    f"{name}, that runs were taken from: {check.strangers} entries of its ledger have a key that is "
                    "not here; that its rows are what they name is checked, who wrote them is not proved."
                )

    def _may_lack(self, number: int, run: str) -> bool:
        """Tell whether rows that an entry names may be missing, as this is a part of an archive."""
        return self._part is not None and number <= self._part.entry and run not in self._part.runs

    def _chain(self) -> Iterator[str]:
        """Yield what is wrong with the entries, one by one; the first is the row that was touched."""
        previous, key, next_key, seen = FIRST, "", "", not self._expected
        for place, row in enumerate(self._entries, 1):
            number, kind, named, mac = row[0], row[2], row[5], row[7]
            seen = seen or mac.startswith(self._expected)
            where = f"ledger, entry {number} ({kind})"
            if number != place:
                yield f"ledger, entry {place}: it is gone, entry {number} follows"
                break
            if row[6] != previous:
                yield f"{where}: it does not follow the entry before"
            if named in self._keys.by_name:
                if mac_of(self._keys.by_name[named], row[:7]) == mac:
                    self._signed += 1
                else:
                    yield f"{where}: it was changed"
            elif self._renamed(row):
                yield f"{where}: it was changed"
            else:
                self._strange.setdefault(named, []).append(number)
            if key and named != key and named != next_key:
                if kind == Kind.NEW_KEY:
                    told = f"From entry {number} on another key is used; the key before was not at hand then."
                    self._unproved.append(told)
                else:
                    yield f"{where}: its key is another one, and no entry says so"
            next_key = _subject(row).get("to", "") if kind == Kind.ROTATION else ""
            previous, key = mac, named
        if not seen:
            yield f"ledger: no entry has the head {self._expected}; the last entries were taken away or replaced"

    def _renamed(self, row: Sequence[Any]) -> bool:
        """Tell whether an entry was made with a key that is here, and names another one now."""
        return any(mac_of(key, [*row[:5], name, row[6]]) == row[7] for name, key in self._keys.by_name.items())

    def _contents(self) -> Iterator[str]:
        """Yield what entries name and is not there any more as it was."""
        for row in self._entries:
            number, kind, digest = row[0], row[2], row[4]
            if kind not in _CONTENTS and kind not in (Kind.RUN_ENDED, Kind.RUNS_MERGED):
                continue
            subject = _subject(row)
            where = f"ledger, entry {number} ({kind})"
            if kind == Kind.RUNS_MERGED:
                yield from self._merged(number, where, subject, digest)
                continue
            if kind in (Kind.RUN_STARTED, Kind.RUN_ENDED):
                self._last[str(subject.get("run"))] = (kind, subject, where)
                yield from self._rows(number, where, kind, subject)
            if kind == Kind.RUN_ENDED:
                yield from self._scores(number, where, subject, digest)
            else:
                name, key, derive = _CONTENTS[kind]
                found = self._decisions.get(subject.get(key, 0), "") if derive is None else derive(self._db, subject)
                self._named[name].add(subject.get(key))
                if found != digest and (found or not self._may_lack(number, str(subject.get("run", "")))):
                    what = "is gone" if not found else "was changed"
                    yield f"{name} {subject.get(key)}: it {what} since {where}"

    def _rows(self, number: int, where: str, kind: str, subject: dict[str, Any]) -> Iterator[str]:
        """Yield rows of a run that are not those that an entry vouches for; entries of older releases name none."""
        if "rows" not in subject:
            return
        yield from self._held(number, where, subject, _leaves(self._db, kind, subject), f"run {subject.get('run')}")

    def _held(
        self, number: int, where: str, subject: dict[str, Any], now: Leaves, of: str, lacks: bool | None = None
    ) -> Iterator[str]:
        """Yield rows that are not those that an entry vouches for."""
        kept = kept_leaves(self._db, number)
        lacks = self._may_lack(number, str(subject.get("run", ""))) if lacks is None else lacks
        self._sealed.update(int(key) for table, key in now if table == "outputs")
        for table, sitting in kept:
            if table == "sittings":
                self._sittings[int(sitting)] = self._sittings.get(int(sitting), 0) + 1 + (of == "merged")
        changed = [key for key in sorted({*kept, *now}) if kept.get(key) != now.get(key)]
        for key in changed:
            if not lacks or (key in now and kept):
                yield f"{' '.join(key)} ({of}): it {_what(key, kept, now)} since {where}"
        if (kept or not lacks) and not (changed and not lacks) and rows_digest(kept) != subject["rows"]:
            yield f"row_digests: they are not those that {where} names"

    def _merged(self, number: int, where: str, subject: dict[str, Any], digest: str) -> Iterator[str]:
        """Yield what was taken from another archive and is not there any more as it was."""
        runs: dict[str, str] = subject.get("runs", {})
        lacks = any(self._may_lack(number, run) for run in runs)
        for run in runs:
            self._named["run"].add(run)
            self._last[run] = (Kind.RUN_ENDED, {**subject, "run": run, "status": runs[run]}, where)
        yield from self._held(number, where, subject, merged_leaves(self._db, subject), "merged", lacks)
        first, last = subject["scores"]
        now = {score: one for _, score, one in merged_scores(self._db, subject)}
        query = "SELECT score, digest FROM score_digests WHERE score > ? AND score <= ? ORDER BY score"
        yield from self._compared(where, dict(self._db.execute(query, [first, last]).fetchall()), now, digest, lacks)

    def _standing(self) -> Iterator[str]:
        """Yield runs and sittings whose state is not that of their last entry, and what was put into an ended run."""
        for run, (kind, subject, where) in self._last.items():
            if "rows" not in subject:
                continue
            found = self._db.execute("SELECT status FROM runs WHERE id = ?", [run]).fetchone()
            expected = subject.get("status") if kind == Kind.RUN_ENDED else "running"
            if found is not None and found[0] != expected:
                yield f"runs {run}: its status is {found[0]!r}, and {expected!r} since {where}"
            if kind == Kind.RUN_ENDED:
                yield from self._added(run, where)
        for number, run, status, ended in self._db.execute("SELECT id, run, status, ended FROM sittings"):
            open_one = self._sittings.get(number) == 1
            if open_one and (status not in ("running", "died") or ended is not None):
                yield f"sittings {number} (run {run}): its status is {status!r}, and no entry tells of its end"

    def _added(self, run: str, where: str) -> Iterator[str]:
        for table, sql in _OPEN.items():
            for (number,) in self._db.execute(sql, [run]):
                known = {"outputs": self._sealed, "sittings": self._sittings}.get(table, ())
                if number not in known:
                    yield f"{table} {number} (run {run}): it was added since {where}"

    def _scores(self, number: int, where: str, subject: dict[str, Any], digest: str) -> Iterator[str]:
        run, after, to = (subject.get(name, default) for name, default in (("run", ""), ("after", 0), ("to", 0)))
        query = "SELECT score, digest FROM score_digests WHERE run = ? AND score > ? AND score <= ? ORDER BY score"
        kept = dict(self._db.execute(query, [run, after, to]).fetchall())
        now = dict(score_digests(self._db, run, after, to))
        yield from self._compared(where, kept, now, digest, self._may_lack(number, run))

    def _compared(
        self, where: str, kept: Mapping[int, str], now: Mapping[int, str], digest: str, lacks: bool
    ) -> Iterator[str]:
        """Yield scores that are not those that an entry vouches for."""
        self._named["score"].update(now)
        found = False
        for number in sorted({*kept, *now}):
            if kept.get(number) == now.get(number) or (lacks and number not in now):
                continue
            found = True
            yield f"score {number} ({self._place(number)}): it {_what(number, kept, now)} since {where}"
        if not found and (kept or not lacks) and set_digest(list(kept.items())) != digest:
            yield f"scores: they are not those that {where} names"

    def _place(self, score: int) -> str:
        row = self._db.execute("SELECT run, task, item FROM scores WHERE id = ?", [score]).fetchone()
        return f"run {row[0]}, task {row[1]}, item {row[2]}" if row else "no item"

    def _extra(self) -> Iterator[str]:
        """Yield rows that no entry names though each has one; what is older than the ledger is told, not broken."""
        for name, sql in _ALL.items():
            for (key,) in self._db.execute(sql).fetchall():
                if key not in self._named[name]:
                    yield f"{name} {key}: no entry of the ledger names it"
        runs = [run for (run,) in self._db.execute("SELECT id FROM runs").fetchall()]
        older = [run for run in runs if run not in self._named["run"]]
        if older:
            self._unproved.append(f"{len(older)} runs were never started under the ledger, {older[0]} among them.")
        plain = sum("rows" not in subject for _, subject, _ in self._last.values())
        if plain:
            self._unproved.append(
                f"{plain} runs were made before rows beside scores were sealed; those are not held against the ledger."
            )
        open_scores = self._db.execute(
            "SELECT count(*) FROM scores WHERE NOT EXISTS (SELECT 1 FROM score_digests WHERE score = scores.id)"
        ).fetchone()[0]
        if open_scores:
            self._unproved.append(
                f"{open_scores:,} scores are in no entry: their runs go on, died, or are older than the ledger."
            )


_ALL = {
    "reviewer": "SELECT id FROM reviewers ORDER BY id",
    "queue": "SELECT name FROM queues ORDER BY name",
    "decision": "SELECT id FROM decisions ORDER BY id",
}
_OPEN = {
    "scores": "SELECT id FROM scores WHERE run = ? "
    "AND NOT EXISTS (SELECT 1 FROM score_digests WHERE score = scores.id)",
    "sittings": "SELECT id FROM sittings WHERE run = ?",
    "outputs": "SELECT id FROM outputs WHERE sitting IN (SELECT id FROM sittings WHERE run = ?)",
}
"""What of a run may be in no entry while it goes on; outputs are those of all its sittings."""
_Derive = Callable[[Any, dict[str, Any]], str]
_CONTENTS: dict[str, tuple[str, str, _Derive | None]] = {
    Kind.RUN_STARTED: ("run", "run", lambda db, subject: run_digest(db, str(subject.get("run")))),
    Kind.CARD: ("card", "card", lambda db, subject: card_digest(db, int(subject.get("card", 0)))),
    Kind.QUEUE: ("queue", "queue", lambda db, subject: queue_digest(db, str(subject.get("queue")))),
    Kind.DECISION: ("decision", "decision", None),
    Kind.REVIEWER: ("reviewer", "reviewer", lambda db, subject: reviewer_digest(db, int(subject.get("reviewer", 0)))),
}


def _leaves(connection: Any, kind: str, subject: dict[str, Any]) -> Leaves:
    """Return the digests of rows as they are now, of those that an entry vouches for."""
    if kind == Kind.RUN_STARTED:
        return started_rows(connection, str(subject["run"]), int(subject["sitting"]))
    return ended_rows(connection, subject)


def _what(key: Any, kept: Mapping[Any, str], now: Mapping[Any, str]) -> str:
    return "is gone" if key not in now else "was added" if key not in kept else "was changed"


def _subject(row: Sequence[Any]) -> dict[str, Any]:
    """Return what an entry names; of one that was made unreadable nothing."""
    try:
        found = json.loads(row[3])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}

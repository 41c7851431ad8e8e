"""Check an archive: each row by itself, the chain of the ledger's entries, and that what they name stands as it was.

Three things can be said of an entry: its `mac` holds (who has the key wrote it), its place in the chain holds (no entry
was changed or taken out before it), and the digest of what it names holds. Without the key the first cannot be said.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from medic_console.archive.chain import Chain, subject_of
from medic_console.archive.contents import wrong_contents, wrong_schema
from medic_console.archive.database import open_readonly, refuse_empty
from medic_console.archive.forgetting import forgotten_leaf
from medic_console.archive.forgotten import forgotten_digests, forgotten_keys, forgotten_there
from medic_console.archive.health import faults
from medic_console.archive.ledger import COLUMNS, Kind
from medic_console.archive.ledger_key import Keys, load_keys
from medic_console.archive.merging.evidence import merged_leaves, merged_scores
from medic_console.archive.merging.views import as_it_was
from medic_console.archive.named import ALL, CONTENTS, OPEN
from medic_console.archive.open_calls import OpenCalls, named_calls
from medic_console.archive.row_seals import Leaves, kept_leaves, rows_digest
from medic_console.archive.seals import (
    decision_digests,
    score_digests,
    set_digest,
    sitting_leaves,
    withdrawn_rows,
)
from medic_console.archive.unnamed import unnamed_cards, unnamed_marks


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
        ArchiveError: There is no archive at `path`, it is empty, or it cannot be read.
        UsageError: The key of the ledger cannot be used.
    """
    refuse_empty(path)
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


_BY_ROWS = (Kind.RUN_ENDED, Kind.RUNS_MERGED, Kind.FORGOTTEN, Kind.WITHDRAWN)
"""Kinds that vouch for many rows each."""
_WHOLE = 2**63
"""No entry is so late: of an archive that runs were taken from, anything may be missing."""


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
        self,
        connection: sqlite3.Connection,
        keys: Keys,
        expected: str = "",
        part: _Part | None = None,
        forgotten: Leaves | None = None,
    ) -> None:
        self._db, self._keys, self._part = connection, keys, part
        self._entries = connection.execute(f"SELECT {COLUMNS} FROM ledger ORDER BY sequence").fetchall()
        self._chain = Chain(self._entries, keys, expected)
        self._unproved: list[str] = []
        self._calls = OpenCalls(connection, self._entries)
        self._sittings: dict[int, int] = {}
        """Number of entries that vouch for a sitting: its beginning, and its end."""
        self._sealed: set[int] = set()
        """Outputs that entries vouch for."""
        self._decisions = decision_digests(connection)
        self._named: dict[str, set[Any]] = {"run": set(), "score": set(), "queue": set(), "decision": set()}
        self._named |= {"reviewer": set(), "card": set(), "challenge of item": set(), "withdrawn score": set()}
        self._forgotten = forgotten if forgotten is not None else forgotten_digests(connection)
        """Digests of rows since their texts were forgotten, by table and key."""
        self._last: dict[str, tuple[str, dict[str, Any], str]] = {}
        """Of each run: kind, subject and place of its last entry."""

    def result(self, damaged: Sequence[str]) -> Verified:
        broken = [
            *_as_far(self._chain.faults()),  # first: of the rest a report lists a few
            *damaged,
            *_as_far(wrong_contents(self._db, forgotten_keys(self._db, "main"))),
            *_as_far(self._contents()),
        ]
        broken += [*_as_far(self._extra()), *_as_far(self._standing()), *_as_far(wrong_schema(self._db))]
        self._unproved = [*self._chain.changes, *self._unproved]
        for key, numbers in self._chain.strange.items():
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
        return Verified(len(self._entries), head, tuple(broken), tuple(self._unproved), self._chain.signed, checked)

    def of_merged(self) -> Iterator[str]:
        """Yield what does not hold of an archive that runs were taken from, of what is here of it."""
        yield from _as_far(self._chain.faults())
        yield from _as_far(self._contents())

    @property
    def strangers(self) -> int:
        """Number of entries whose key is not here."""
        return sum(map(len, self._chain.strange.values()))

    def _sources(self) -> Iterator[str]:
        """Yield what the ledgers of other archives say of runs that were taken from them, and is not so any more."""
        for source, name in self._db.execute("SELECT id, name FROM merged_sources ORDER BY id").fetchall():
            here = forgotten_there(self._db, source, self._forgotten)
            with as_it_was(self._db, source):
                known = {**forgotten_digests(self._db), **here}
                check = _Check(self._db, self._keys, part=_Part(_WHOLE), forgotten=known)
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

    def _contents(self) -> Iterator[str]:
        """Yield what entries name and is not there any more as it was."""
        for row in self._entries:
            number, kind, digest = row[0], row[2], row[4]
            if kind not in CONTENTS and kind not in _BY_ROWS:
                continue
            subject = subject_of(row)
            where = f"ledger, entry {number} ({kind})"
            if kind == Kind.FORGOTTEN:
                yield from self._blanked(number, where, row[1], subject)
                continue
            if kind == Kind.WITHDRAWN:
                yield from self._withdrawn(number, where, subject)
                continue
            if kind == Kind.RUNS_MERGED:
                yield from self._merged(number, where, subject, digest)
                continue
            if kind in (Kind.RUN_STARTED, Kind.RUN_ENDED):
                self._last[str(subject.get("run"))] = (kind, subject, where)
                yield from self._rows(number, where, kind, subject)
            if kind == Kind.RUN_ENDED:
                yield from self._scores(number, where, subject, digest)
            else:
                name, key, derive = CONTENTS[kind]
                found = self._decisions.get(subject.get(key, 0), "") if derive is None else derive(self._db, subject)
                self._named[name].add(subject.get(key))
                if name == "queue" and ("queues", str(subject.get(key))) in self._forgotten:
                    continue
                if found != digest and (found or not self._may_lack(number, str(subject.get("run", "")))):
                    what = "is gone" if not found else "was changed"
                    yield f"{name} {subject.get(key)}: it {what} since {where}"

    def _rows(self, number: int, where: str, kind: str, subject: dict[str, Any]) -> Iterator[str]:
        """Yield rows of a run that are not those that an entry vouches for; entries of older releases name none."""
        if "rows" not in subject:
            return
        yield from self._held(
            number, where, subject, sitting_leaves(self._db, kind, subject, number), f"run {subject.get('run')}"
        )

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
        self._calls.name(kept)
        same = {key for key in now if (key in self._forgotten and key in kept) or self._calls.replaced(key)}
        changed = [key for key in sorted({*kept, *now}) if kept.get(key) != now.get(key) and key not in same]
        for key in changed:
            if not lacks or (key in now and kept):
                yield f"{' '.join(key)} ({of}): it {_what(key, kept, now)} since {where}"
        if (kept or not lacks) and not (changed and not lacks) and rows_digest(kept) != subject["rows"]:
            yield f"row_digests: they are not those that {where} names"

    def _blanked(self, number: int, where: str, created: str, subject: dict[str, Any]) -> Iterator[str]:
        """Yield rows that were changed since their texts were forgotten, and tell that they were."""
        kept = kept_leaves(self._db, number)
        for (table, key), digest in sorted(kept.items()):
            if self._part and self._part.entry == _WHOLE:
                break  # another archive's entry names its own numbers; here its rows are held by the merge
            now = forgotten_leaf(self._db, table, key)
            newest = self._forgotten.get((table, key)) == digest
            lacks = self._may_lack(number, "" if table == "queues" else str(subject.get("run", "")))
            if newest and now != digest and (now or not lacks):
                yield f"{table} {key}: it {'was changed' if now else 'is gone'} since {where}"
        if kept and rows_digest(kept) != subject.get("rows"):
            yield f"row_digests: they are not those that {where} names"
        changed = ", ".join(f"{count:,} {table}" for table, count in subject.get("changed", {}).items())
        self._unproved.append(
            f"Run {subject.get('run')}: text forgotten by {subject.get('by')} on {created[:10]} (entry {number}: "
            f"{changed}). Scores and digests stand; what the texts said cannot be checked any more."
        )

    def _merged(self, number: int, where: str, subject: dict[str, Any], digest: str) -> Iterator[str]:
        """Yield what was taken from another archive and is not there any more as it was."""
        runs: dict[str, str] = subject.get("runs", {})
        lacks = any(self._may_lack(number, run) for run in runs)
        for run in runs:
            self._named["run"].add(run)
            self._last[run] = (Kind.RUN_ENDED, {**subject, "run": run, "status": runs[run]}, where)
        leaves = {**dict(merged_leaves(self._db, subject)), **named_calls(self._db, number)}
        yield from self._held(number, where, subject, leaves, "merged", lacks)
        first, last = subject["scores"]
        now = {score: one for _, score, one in merged_scores(self._db, subject)}
        query = "SELECT score, digest FROM score_digests WHERE score > ? AND score <= ? ORDER BY score"
        yield from self._compared(where, dict(self._db.execute(query, [first, last]).fetchall()), now, digest, lacks)

    def _withdrawn(self, number: int, where: str, subject: dict[str, Any]) -> Iterator[str]:
        """Yield failed scores whose items were asked again, and that are not there any more as they were."""
        run = str(subject["run"])
        self._named["withdrawn score"].update(subject["scores"])
        last = self._last.get(run)
        if last is not None and last[0] == Kind.RUN_ENDED:
            self._last[run] = (Kind.RUN_ENDED, {**last[1], "status": subject["status"]}, where)
        yield from self._held(number, where, subject, dict(withdrawn_rows(self._db, subject)), f"run {run}")

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
        for table, sql in OPEN.items():
            for (number,) in self._db.execute(sql, [run]):
                known = {"scores": self._named["score"], "outputs": self._sealed, "sittings": self._sittings}[table]
                if number not in known:
                    yield f"{table} {number} (run {run}): it was added since {where}"
        yield from self._calls.added(run, self._last[run][1], where)

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
            known = number in kept and number in now and ("scores", str(number)) in self._forgotten
            if known or kept.get(number) == now.get(number) or (lacks and number not in now):
                continue
            found = True
            yield f"score {number} ({self._place(number)}): it {_what(number, kept, now)} since {where}"
        if not found and (kept or not lacks) and set_digest(list(kept.items())) != digest:
            yield f"scores: they are not those that {where} names"

    def _place(self, score: int) -> str:
        columns = "SELECT run, task, item FROM"
        sql = f"{columns} scores WHERE id = ?1 UNION ALL {columns} withdrawn WHERE id = ?1"
        row = self._db.execute(sql, [score]).fetchone()
        return f"run {row[0]}, task {row[1]}, item {row[2]}" if row else "no item"

    def _extra(self) -> Iterator[str]:
        """Yield rows that no entry names though each has one; what is older than the ledger is told, not broken."""
        for name, sql in ALL.items():
            for (key,) in self._db.execute(sql).fetchall():
                if key not in self._named[name]:
                    yield f"{name} {key}: no entry of the ledger names it"
        runs = [run for (run,) in self._db.execute("SELECT id FROM runs").fetchall()]
        older = [run for run in runs if run not in self._named["run"]]
        if older:
            self._unproved.append(f"Runs never started under the ledger: {len(older)}, {older[0]} among them.")
        plain = sum("rows" not in subject for _, subject, _ in self._last.values())
        if plain:
            self._unproved.append(
                f"{plain} runs were made before rows beside scores were sealed; those are not held against the ledger."
            )
        yield from unnamed_marks(self._db, self._entries, self._named["score"])
        sealed = {run for run, (_, subject, _) in self._last.items() if "rows" in subject}
        faults, cards = unnamed_cards(self._db, self._named["card"], sealed)
        yield from faults
        if cards:
            self._unproved.append(f"{cards} cards of judges are in no entry: they are older than the ledger's entries.")
        scores = (number for (number,) in self._db.execute("SELECT id FROM scores"))
        open_scores = sum(number not in self._named["score"] for number in scores)
        if open_scores:
            self._unproved.append(
                f"{open_scores:,} scores are in no entry: their runs go on, died, or are older than the ledger."
            )
        self._unproved += self._calls.unproved()


def _what(key: Any, kept: Mapping[Any, str], now: Mapping[Any, str]) -> str:
    return "is gone" if key not in now else "was added" if key not in kept else "was changed"

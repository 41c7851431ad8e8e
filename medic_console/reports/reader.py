"""What a report reads of an archive beside figures and reviews: every score, sittings, engines, digests of rows."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from medic_console.archive.columns import Columns
from medic_console.archive.ledger import content_digest
from medic_console.archive.seals import run_digest, score_digests, set_digest
from medic_console.archive.views import TaskView
from medic_console.results.settled import settled
from medic_console.review.reader import ReviewReader

_NEVER = 1 << 62
_WORDS = ", verdict, answer, detail"
_NOTHING: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Rows:
    """What the archive's rows of a run are.

    Attributes:
        asked: Digest of the run's own row, as the ledger has it.
        scores: How many.
        digest: Of the digests of all scores with their values, verdicts and texts, by id.
        sealed: All of them are in entries of the ledger.
    """

    asked: str
    scores: int
    digest: str
    sealed: bool


class ScoreRow(NamedTuple):
    """One score as it is stored (see `Score`), with its values by name; its words are empty where none are read."""

    item: str
    candidate: str
    judge: str
    outcome: str
    reason: str
    truncated: int
    scorer: str
    values: Mapping[str, float]
    verdict: str = ""
    answer: str = ""
    detail: str = ""


TaskValues = Mapping[tuple[str, str], Mapping[int, Mapping[str, float]]]
"""Values of a task's scores by name, of each score of each candidate and judge."""


class EvidenceReader(ReviewReader):
    """Read-only view of an archive for a report.

    Raises:
        ArchiveError: There is no archive at `path`, or it cannot be used.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._columns = Columns(self._rows, self._tuples, lambda: self._grouped)

    def _views(self, run: str, row: Mapping[str, Any], candidates: Sequence[str]) -> dict[str, TaskView]:
        """Return a task's results by candidate, computed whole: a report holds many runs, and no scores of any.

        Drawing intervals leaves the interpreter to other threads, so that every core draws.
        """
        found = super()._views(run, dict(row), candidates)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return dict(zip(found, pool.map(settled, found.values()), strict=True))

    def task_values(self, run: str, task: str) -> TaskValues:
        """Return the values of a task's scores, by candidate and judge, then by score and name."""
        pairs = self._tuples(
            "SELECT DISTINCT candidate, judge FROM scores WHERE run = ? AND task = ? ORDER BY candidate, judge",
            *(run, task),
        )
        return {(candidate, judge): self._columns.values(run, task, candidate, judge) for candidate, judge in pairs}

    @cached_property
    def _grouped(self) -> dict[str, str]:
        """The note of each item of the archive that is of one, by digest; nobody asks a million items one by one."""
        return dict(self._tuples("SELECT digest, grouping FROM items WHERE grouping <> ''"))

    def groups(self, run: str, task: str) -> dict[str, int]:
        """Return the note of each item of a task that is of one, as a number: a note's name may tell a person."""
        if not self._grouped:
            return {}
        sql = "SELECT item, digest FROM run_items WHERE run = ? AND task = ? ORDER BY position"
        found = {
            item: self._grouped[digest] for item, digest in self._tuples(sql, run, task) if digest in self._grouped
        }
        numbers = {name: number for number, name in enumerate(dict.fromkeys(found.values()), 1)}
        return {item: numbers[name] for item, name in found.items()}

    def score_rows(self, run: str, task: str, known: TaskValues, with_words: bool) -> Iterator[ScoreRow]:
        """Yield the scores of a task of a run, by candidate, judge and place of the item.

        Args:
            known: What `task_values` gave.
            with_words: Verdicts, answers and details are read too.
        """
        for pair, values in known.items():
            rows = self._tuples(
                f"SELECT scores.id, scores.item, outcome, reason, truncated, scorer{_WORDS if with_words else ''} "
                "FROM scores JOIN run_items USING (run, task, item) WHERE scores.run = ? AND scores.task = ? "
                "AND candidate = ? AND judge = ? ORDER BY run_items.position",
                *(run, task, *pair),
            )
            for number, item, outcome, reason, truncated, scorer, *words in rows:
                of_score = values.get(number, _NOTHING)
                yield ScoreRow(item, *pair, outcome, reason, truncated, scorer, of_score, *words)

    def waiting(self, run: str, task: str) -> int:
        """Return the number of items of a task of a run that have no score at all."""
        found = self._rows(
            "SELECT count(*) AS n FROM run_items WHERE run = ? AND task = ? AND NOT EXISTS (SELECT 1 FROM scores "
            "WHERE scores.run = run_items.run AND scores.task = run_items.task AND scores.item = run_items.item)",
            run,
            task,
        )
        return int(found[0]["n"])

    def sittings(self, run: str) -> list[dict[str, Any]]:
        """Return when which process worked on a run, how that ended, and what was seen of sockets."""
        rows = self._rows("SELECT started, ended, status, network FROM sittings WHERE run = ? ORDER BY id", run)
        return [{**row, "network": row["network"] and json.loads(row["network"])} for row in rows]

    def run_key(self, run: str) -> str:
        """Return the digest of all that decides a run's numbers."""
        return str(self._rows("SELECT key FROM runs WHERE id = ?", run)[0]["key"])

    def engines(self, run: str) -> list[tuple[str, dict[str, Any]]]:
        """Return what each model of a run was loaded with, where its outputs were made, by sha256."""
        rows = self._rows(
            "SELECT model, granted FROM (SELECT DISTINCT model, engine FROM (SELECT outputs.model, outputs.engine "
            "FROM calls JOIN outputs ON outputs.id = calls.output WHERE calls.run = ?)) "
            "JOIN engines ON engines.digest = engine ORDER BY model, granted",
            run,
        )
        return [(row["model"], json.loads(row["granted"])) for row in rows]

    def libraries(self, run: str) -> list[dict[str, str]]:
        """Return the versions of libraries that made a run's scores."""
        rows = self._rows(
            "SELECT versions FROM toolchains WHERE digest IN (SELECT DISTINCT toolchain FROM scores WHERE run = ?) "
            "ORDER BY versions",
            run,
        )
        return [json.loads(row["versions"]) for row in rows]

    def task_rows(self, run: str) -> list[dict[str, Any]]:
        """Return each task of a run with the digest of its items: of their digests, in their order."""
        found = []
        for row in self.run_tasks(run):
            items = tuple(
                self._tuples(
                    "SELECT item, digest FROM run_items WHERE run = ? AND task = ? ORDER BY position", run, row["task"]
                )
            )
            found.append({**row, "items": len(items), "items_digest": _digest_of(items)})
        return found

    def task_digests(self, run: str) -> dict[str, str]:
        """Return of each task of a run the digest of all that decides its prompts and scores."""
        return {row["task"]: self._parsed(row["digest"]).digest for row in self.run_tasks(run)}

    def rows_of(self, run: str, anew: bool = False) -> Rows:
        """Return the digest of a run's rows, from that which the ledger holds of each score, else taken now.

        Args:
            anew: Take the digest of every score now.
        """
        sql, kept = "SELECT score, digest FROM score_digests WHERE run = ? ORDER BY score", list[tuple[int, str]]()
        if not anew:
            kept = list(self._tuples(sql, run))
        fresh = list(score_digests(self._db, run, kept[-1][0] if kept else 0, _NEVER))
        digest = set_digest(chain(kept, fresh))
        return Rows(run_digest(self._db, run), len(kept) + len(fresh), digest, not fresh)

    def exports(self) -> list[dict[str, Any]]:
        """Return the signed reports that the ledger knows, newest first: what each entry says, with its time."""
        rows = self._rows("SELECT created, subject, digest FROM ledger WHERE kind = 'export' ORDER BY sequence DESC")
        found = [{**json.loads(row["subject"]), "created": row["created"], "digest": row["digest"]} for row in rows]
        return [one for one in found if "report" in one]

    def comments(self, queue: str) -> list[dict[str, Any]]:
        """Return every decision on a queue with the card that it is of and the name of who made it, by id."""
        return self._rows(
            "SELECT decisions.id, queue, decisions.position, name AS reviewer, decisions.created, action, undone, "
            "answer, reason, severity, comment, seconds, kind, run, task, item, candidate, judge, part, question, "
            "said, expected, probability FROM decisions JOIN reviewers ON reviewers.id = reviewer "
            "JOIN queue_cards USING (queue, position) WHERE queue = ? ORDER BY decisions.id",
            queue,
        )


@lru_cache(maxsize=64)
def _digest_of(items: tuple[tuple[Any, ...], ...]) -> str:
    """Return the digest of names and digests of items; the runs of a report mostly have the same ones."""
    return content_digest(items)

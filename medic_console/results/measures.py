"""Read measures: one task under one model in one run, so that models of different runs can be compared."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from medic_console.archive.calls import asked_of, prompt_notes
from medic_console.archive.queries import Row
from medic_console.archive.rows import score_of
from medic_console.archive.views import column_of
from medic_console.core.naming import told_apart
from medic_console.core.records import AUDIT, Score
from medic_console.results.reader import Reader
from medic_console.results.tasks import PANEL, of_panel, panel_column
from medic_console.scoring.steps import ANSWER, FOLLOW_UP
from medic_console.suite.item_sample import first_part, taken
from medic_console.suite.task import Task

DONE = "done"
_WRITTEN = "(probabilities = '{}' OR thinking_tokens > 0)"
"""Outputs in which something was written: of those that choose a label, the ones with thinking before it."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One task under one candidate in one run; a judged one under its judge, or under the panel where several judged.

    Attributes:
        created: Of the run, ISO 8601.
        done: The run has ended by itself, so that no score will be added.
        judges: sha256 of each, in the order of the run; empty for tasks that need none.
        items: Items in the run.
        origin: `sample` or `official`.
        scorer: Name and version of the scorer.
        outline: Number, first and last digest of the items: alike where the items are the same, as a rule.
        pinned: It stands for the model in this run, and not for the model whatever the run.
        judged_by: Who judged, in words: a judge's title, or "panel of 3 (…)"; empty where nobody did.
        taken: Which of more items the run took, in a sentence; empty where it took all.
    """

    run: str
    created: str
    done: bool
    task: Task
    candidate: str
    judges: tuple[str, ...]
    items: int
    origin: str
    scorer: str
    outline: tuple[int, str, str]
    pinned: bool = False
    judged_by: str = ""
    taken: str = ""

    @property
    def judge(self) -> str:
        """Whose figure it is: a judge's sha256, `PANEL` where several judged, empty where nobody did."""
        return PANEL if len(self.judges) > 1 else "".join(self.judges)

    @property
    def part(self) -> str:
        """Which first items of more it rests on; empty where it rests on all, or on a random sample."""
        return first_part(self.taken)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Names the measure within its archive: run, task, candidate, judge."""
        return self.run, self.task.id, self.candidate, self.judge

    @property
    def column(self) -> str:
        """Names the column of a comparison that it may stand for, as `ModelView.column` does."""
        return column_of(self.candidate, self.run if self.pinned else "")

    @property
    def rule(self) -> tuple[str, str, str, str]:
        """What must agree before two measures may be compared: task, its prompts and scores, judges and scorer."""
        return self.task.id, self.task.digest, " ".join(sorted(self.judges)), self.scorer


@dataclass(frozen=True, slots=True)
class ItemScore:
    """One item of a measure with its score.

    Attributes:
        digest: Of the item's content; the same item of two runs has the same digest.
        group: Items of one non-empty group share a note.
    """

    item: str
    digest: str
    group: str
    score: Score


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast a model wrote and with which cache, under one engine setting.

    Attributes:
        tokens: Tokens written: free text, and what is thought before a label is chosen; requests that only choose are
            not counted.
        seconds: From the first decode of each prompt to its last token, summed over the sequences.
        outputs: Texts written.
        granted: What the engine ran with.
    """

    tokens: int
    seconds: float
    outputs: int
    granted: Mapping[str, Any]


class Measures(Reader):
    """What of an archive can be compared.

    Raises:
        ArchiveError: There is no archive at `path`, or it cannot be used.
    """

    def measures(self, candidates: Collection[str] = (), runs: Collection[str] = ()) -> list[Measure]:
        """Return every measure of an audit that has a score, newest run first; probes of judges are no benchmark.

        Args:
            candidates: sha256 of the models wanted; empty: all.
            runs: Runs wanted; empty: all.
        """
        models, judges = self._pairs("candidate"), self._pairs("judge")
        titles = told_apart(self.models())
        tasks: dict[tuple[str, str], Task] = {}
        found = []
        for row in self._measured(runs):
            key = (row["digest"], row["settings"])
            task = tasks.get(key) or tasks.setdefault(key, self._task(row))
            for candidate in models.get(row["run"], ()):
                if (not candidates or candidate in candidates) and self._has_score(row, candidate):
                    judged = tuple(judges.get(row["run"], ())) if task.judge else ()
                    asked = asked_of(self._rows, row["run"], task, candidate)
                    scorer = row["scorer"] if asked is task else row["scorer"].replace("likelihood", "generated")
                    found.append(_measure(row, asked, candidate, judged, _judged_by(judged, titles), scorer))
        return found

    def provisional(self, measure: Measure) -> str:
        """Return why a measure's models are not to be relied on yet, or are kin; empty when neither."""
        judges = measure.judges or ("",)
        marks = [self._marks(measure.run, measure.task, measure.candidate, judge) for judge in judges]
        return of_panel(marks).doubt if len(marks) > 1 else "".join(one.doubt for one in marks)

    def prompt_notes(self, measure: Measure) -> tuple[str, ...]:
        """Return what a person should know of how a measure's prompts came about, in sentences."""
        return prompt_notes(self._rows, measure.run, measure.task.id, measure.candidate)

    def libraries(self, measure: Measure) -> list[dict[str, str]]:
        """Return every set of library versions that a measure's scores were made with; scores without are left out."""
        rows = self._rows(
            "SELECT DISTINCT versions FROM scores JOIN toolchains ON digest = toolchain "
            "WHERE run = ? AND task = ? AND candidate = ? ORDER BY versions",
            *measure.key[:3],
        )
        return [json.loads(row["versions"]) for row in rows]

    def item_digests(self, measure: Measure) -> frozenset[str]:
        """Return the digests of a measure's items, scored or not."""
        rows = self._rows("SELECT digest FROM run_items WHERE run = ? AND task = ?", measure.run, measure.task.id)
        return frozenset(row["digest"] for row in rows)

    def item_scores(self, measure: Measure) -> dict[str, ItemScore]:
        """Return a measure's scores by item digest, in the items' order; traces are left out.

        A panel has scored the items that every judge has ended.
        """
        if len(measure.judges) > 1:
            return self._panel_scores(measure)
        values = self._columns.values(*measure.key)
        rows = self._rows(
            "SELECT scores.*, run_items.digest, items.grouping FROM scores JOIN run_items ON "
            "run_items.run = scores.run AND run_items.task = scores.task AND run_items.item = scores.item "
            "JOIN items ON items.digest = run_items.digest WHERE scores.run = ? AND scores.task = ? "
            "AND scores.candidate = ? AND scores.judge = ? ORDER BY run_items.position",
            *measure.key,
        )
        return {
            row["digest"]: ItemScore(
                row["item"], row["digest"], row["grouping"], score_of(row, values.get(row["id"], {}))
            )
            for row in rows
        }

    def _panel_scores(self, measure: Measure) -> dict[str, ItemScore]:
        columns = [
            self._columns.column(measure.run, measure.task, measure.candidate, judge) for judge in measure.judges
        ]
        rows = self._rows(
            "SELECT item, digest FROM run_items WHERE run = ? AND task = ? ORDER BY position", *measure.key[:2]
        )
        digests = {row["item"]: row["digest"] for row in rows}
        return {
            digests[item]: ItemScore(item, digests[item], one.group, one.score)
            for item, one in panel_column(columns).items()
        }

    def texts(self, measure: Measure, items: Iterable[str]) -> dict[str, str]:
        """Return what the candidate wrote for items, whole; a second text follows the first after an empty line."""
        found: dict[str, str] = {}
        for item in items:
            rows = self._rows(
                "SELECT outputs.text FROM calls JOIN outputs ON outputs.id = calls.output WHERE calls.run = ? AND "
                "calls.task = ? AND calls.item = ? AND calls.candidate = ? AND calls.model = calls.candidate "
                "AND calls.step IN (?, ?) ORDER BY calls.step",
                measure.run,
                measure.task.id,
                item,
                measure.candidate,
                ANSWER,
                FOLLOW_UP,
            )
            if rows:
                found[item] = "\n\n".join(row["text"] for row in rows)
        return found

    def speeds(self, measures: Iterable[Measure]) -> list[Speed]:
        """Return how fast one model wrote in measures of its own, one entry an engine setting."""
        found: dict[str, Speed] = {}
        for measure in measures:
            rows = self._rows(
                f"SELECT engine, granted, sum(iif({_WRITTEN}, output_tokens, 0)) AS tokens, "
                f"sum(iif({_WRITTEN}, seconds, 0.0)) AS seconds, sum({_WRITTEN}) AS outputs "
                "FROM calls JOIN outputs ON outputs.id = calls.output JOIN engines ON engines.digest = outputs.engine "
                "WHERE calls.run = ? AND calls.task = ? AND calls.candidate = ? AND calls.model = calls.candidate "
                "AND calls.step IN (?, ?) GROUP BY engine",
                measure.run,
                measure.task.id,
                measure.candidate,
                ANSWER,
                FOLLOW_UP,
            )
            for row in rows:
                before = found.get(row["engine"]) or Speed(0, 0.0, 0, json.loads(row["granted"]))
                found[row["engine"]] = replace(
                    before,
                    tokens=before.tokens + row["tokens"],
                    seconds=before.seconds + row["seconds"],
                    outputs=before.outputs + row["outputs"],
                )
        return list(found.values())

    def engines(self, run: str, candidate: str) -> list[dict[str, Any]]:
        """Return what every engine ran with that answered for a candidate in a run; a resumed run may have several."""
        rows = self._rows(
            "SELECT granted FROM engines WHERE digest IN (SELECT engine FROM calls JOIN outputs ON "
            "outputs.id = calls.output WHERE calls.run = ? AND calls.candidate = ? AND calls.model = calls.candidate "
            "AND calls.step IN (?, ?)) ORDER BY granted",
            run,
            candidate,
            ANSWER,
            FOLLOW_UP,
        )
        return [json.loads(row["granted"]) for row in rows]

    def cache_bytes(self) -> dict[str, int]:
        """Return the bytes of an f16 key-value cache for one token, by model; 0 where the file does not say."""
        return {row["sha256"]: row["kv_bytes"] for row in self._rows("SELECT sha256, kv_bytes FROM models")}

    def _pairs(self, role: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in self._rows("SELECT run, sha256 FROM run_models WHERE role = ? ORDER BY run, position", role):
            found.setdefault(row["run"], []).append(row["sha256"])
        return found

    def _has_score(self, row: Row, candidate: str) -> bool:
        """Tell whether any item of a task has ended under a candidate; one whose turn never came has none."""
        if row["status"] == DONE:
            return True
        asked = "SELECT 1 FROM scores WHERE run = ? AND task = ? AND candidate = ? LIMIT 1"
        return bool(self._rows(asked, row["run"], row["task"], candidate))

    def _measured(self, runs: Collection[str]) -> list[Row]:
        wanted = f"AND run_tasks.run IN ({', '.join('?' * len(runs))})" if runs else ""
        # A cross join keeps its order in SQLite: the few tasks first, then the ends of their many items.
        rows = self._rows(
            "SELECT run_tasks.*, runs.created, runs.status, runs.settings, ends.position + 1 AS items, "
            "ends.digest AS last, begins.digest AS first, "
            "(SELECT scorer FROM scores WHERE run = run_tasks.run AND task = run_tasks.task LIMIT 1) AS scorer "
            "FROM run_tasks JOIN runs ON runs.id = run_tasks.run "
            "CROSS JOIN run_items AS begins ON begins.run = run_tasks.run AND begins.task = run_tasks.task "
            "AND begins.position = 0 "
            "CROSS JOIN run_items AS ends ON ends.run = run_tasks.run AND ends.task = run_tasks.task "
            "AND ends.position = (SELECT max(position) FROM run_items AS one WHERE one.run = run_tasks.run "
            f"AND one.task = run_tasks.task) WHERE runs.kind = ? {wanted} "
            "ORDER BY run_tasks.run DESC, run_tasks.position",
            AUDIT,
            *runs,
        )
        return [row for row in rows if row["scorer"] is not None]


def _judged_by(judges: Sequence[str], titles: Mapping[str, str]) -> str:
    names = ", ".join(titles[judge] for judge in judges)
    return f"panel of {len(judges)} ({names})" if len(judges) > 1 else names


def _measure(row: Row, task: Task, candidate: str, judges: tuple[str, ...], judged_by: str, scorer: str) -> Measure:
    return Measure(
        run=row["run"],
        created=row["created"],
        done=row["status"] == DONE,
        task=task,
        candidate=candidate,
        judges=judges,
        judged_by=judged_by,
        taken=taken(json.loads(row["notes"])),
        items=row["items"],
        origin=row["origin"],
        scorer=scorer,
        outline=(row["items"], row["first"], row["last"]),
    )

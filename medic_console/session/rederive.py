"""Scores of an archive derived anew: from the stored outputs, with the stored task, by the way that gave them.

A judge is not asked again: its stored outputs answer what its method asks. Nothing is written.
"""

from __future__ import annotations

import errno
import json
import math
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from medic_console.archive.rows import output_of, score_of
from medic_console.audit.plan import by_todays_rules
from medic_console.audit.runner import for_text
from medic_console.core.errors import MedicError, SandboxError
from medic_console.core.records import ENCODER, QUALIFICATION, NoAnswer, Outcome, Output, Reason, Score
from medic_console.core.run_settings import RunSettings
from medic_console.results.reader import Reader
from medic_console.scoring.candidate import candidate_flow, final_output
from medic_console.scoring.flow import NO_JUDGE, NO_OPPONENT
from medic_console.scoring.methods.judge import judge_flow
from medic_console.scoring.methods.pairwise.spec import PairwiseSpec
from medic_console.scoring.methods.probe import probe_flow
from medic_console.scoring.scorers.toolchain import versions_of
from medic_console.scoring.steps import Flow
from medic_console.session.audit import restore_task
from medic_console.session.rekey import wrong_keys
from medic_console.statistics.pairing import Schedule, opponents, schedule

SAMPLE = 200
"""Scores that are derived anew unless all are wanted."""
_OF_THE_PLAN = {Reason.NOT_DRAWN, Reason.JUDGE_UNQUALIFIED, Reason.CANCELLED}
"""Reasons that no output tells: they follow from what the run was."""
_WANTS = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC, errno.EAGAIN, errno.EIO}
"""What the machine lacks: that says nothing of a score, which must not be told as edited for it."""
_COMPARED = ("outcome", "reason", "answer", "verdict", "truncated")
_EXACT = 1e-9


@dataclass(frozen=True, slots=True)
class Rederived:
    """What came of it.

    Attributes:
        number: Scores that were derived anew.
        of: Scores of the archive.
        wrong: Those that come out otherwise, in sentences that name the score.
        left_out: Why others could not be derived, with their number, in sentences.
    """

    number: int
    of: int
    wrong: tuple[str, ...]
    left_out: tuple[str, ...]


def rederive(archive: Path, every: bool = False) -> Rederived:
    """Derive scores anew and compare them with the stored ones.

    Args:
        every: All of them; else a sample of `SAMPLE`.

    Raises:
        ArchiveError: There is no archive, or it cannot be read.
    """
    left: dict[str, int] = {}
    wrong, number = [], 0
    with closing(_Reader(archive)) as reader:
        chosen = reader.sample(-1 if every else SAMPLE)
        for (run, task), group in groupby(chosen, key=lambda row: (row["run"], row["task"])):
            scores = list(group)
            try:
                work = _Task(reader, run, task)
            except (MedicError, OSError, ValueError) as error:
                left[f"task {task} of run {run} cannot be put together ({error})"] = len(scores)
                continue
            for row in scores:
                why, found = work.derive(row)
                if why:
                    left[why] = left.get(why, 0) + 1
                    continue
                number += 1
                wrong += [f"score {row['id']} (run {run}, task {task}, item {row['item']}): {found}"] if found else []
        total = reader.total()
        wrong += reader.wrong_keys(-1 if every else SAMPLE)
    told = tuple(f"{count:,} score{'' if count == 1 else 's'} not derived anew: {why}." for why, count in left.items())
    return Rederived(number, total, tuple(wrong), told)


class _Reader(Reader):
    def sample(self, limit: int) -> list[dict[str, Any]]:
        """Return rows of scores, by run and task; all with -1."""
        return self._rows(
            "SELECT scores.*, versions FROM scores LEFT JOIN toolchains ON toolchains.digest = toolchain WHERE id IN "
            "(SELECT id FROM scores ORDER BY random() LIMIT ?) ORDER BY run, task, id",
            limit,
        )

    def wrong_keys(self, limit: int) -> list[str]:
        """Return outputs whose content key is not that of their content, in sentences."""
        return list(wrong_keys(self._rows, limit))

    def total(self) -> int:
        return int(self._rows("SELECT count(*) AS n FROM scores")[0]["n"])

    def kind(self, run: str) -> str:
        return str(self._rows("SELECT kind FROM runs WHERE id = ?", run)[0]["kind"])

    def values(self, score: int) -> dict[str, float]:
        return {row["name"]: row["value"] for row in self._rows("SELECT * FROM score_values WHERE score = ?", score)}

    def outputs(self, run: str, task: str, item: str, candidate: str, model: str) -> dict[str, Output]:
        """Return a model's outputs about an item, by step."""
        rows = self._rows(
            "SELECT step, outputs.* FROM calls JOIN outputs ON outputs.id = output WHERE run = ? AND task = ? "
            "AND item = ? AND candidate = ? AND calls.model = ?",
            *(run, task, item, candidate, model),
        )
        return {row["step"]: output_of(row) for row in rows}


class _Task:
    """One task of a run, as it was."""

    def __init__(self, reader: _Reader, run: str, task: str) -> None:
        self._reader, self._run = reader, run
        self._settings = RunSettings(**reader.settings(run))
        self._forgotten = reader.forgotten(run)
        row = next(one for one in reader.run_tasks(run) if one["task"] == task)
        resources = {name: path for name, path in json.loads(row["resources"]).items() if name != ENCODER}
        row = {**row, "resources": json.dumps(resources)}
        self._loaded = restore_task(reader, run, row, self._settings.asking)
        self._items = {item.id: item for item in self._loaded.items}
        self._probing = reader.kind(run) == QUALIFICATION
        self._judges = [model.sha256 for model in reader.run_models(run, "judge")]
        self._candidates = [model.sha256 for model in reader.run_models(run, "candidate")]

    def derive(self, row: Mapping[str, Any]) -> tuple[str, str]:
        """Return why a score cannot be derived anew, and what differs when it is; both may be empty."""
        if self._forgotten:
            return "their texts were forgotten", ""
        stored = score_of(row, self._reader.values(row["id"]))
        if stored.outcome is Outcome.FAILED or stored.reason in _OF_THE_PLAN:
            return "they failed, or follow from the plan of their run", ""
        if not by_todays_rules(row["scorer"]) or self._other_libraries(row):
            return "they were made by another version of a scorer or of its libraries", ""
        try:
            score = _replay(self._flows(row))
        except KeyError:
            return "an output that they rest on is not stored", ""
        except SandboxError:
            return "the process that executes SQL did not start here", ""
        except OSError as error:
            if error.errno in _WANTS:
                raise
            return "", f"it cannot be derived from its output ({type(error).__name__}: {error})"
        except Exception as error:  # noqa: BLE001 - whatever a damaged row does to a scorer is a finding
            return "", f"it cannot be derived from its output ({type(error).__name__}: {error})"
        return "", "its item is not among those of the run" if score is None else _difference(stored, score)

    def _other_libraries(self, row: Mapping[str, Any]) -> bool:
        encoded = "encoder " in row["scorer"]
        return row["versions"] is None or json.loads(row["versions"]) != versions_of(self._loaded.task.scorer, encoded)

    def _flows(self, row: Mapping[str, Any]) -> Iterator[tuple[Flow, Mapping[str, Output]]]:
        """Yield the flows that may give a score, each with the outputs that answer it: candidate's, then judge's."""
        item = self._items[row["item"]]
        candidate, judge, seed = row["candidate"], row["judge"], self._settings.seed
        loaded = for_text(self._loaded) if "generated" in row["scorer"].split(", ") else self._loaded
        own = self._own(item.id, candidate)
        if self._probing:
            yield probe_flow(loaded, item, seed), own
            return
        judged, missing = bool(judge), self._missing
        yield candidate_flow(loaded, item, seed, judged, self._settings.sampling, missing), own
        output = final_output(loaded, own)
        if judged and output is not None:
            met = opponents(self._schedule, item.id, candidate) if self._schedule is not None else ()
            others = {name: final_output(loaded, self._own(item.id, name)) for name in met}
            given = {name: other for name, other in others.items() if other is not None}
            asked = self._reader.outputs(self._run, loaded.task.id, item.id, candidate, judge)
            yield judge_flow(loaded, item, output, given, seed), asked

    @property
    def _missing(self) -> NoAnswer:
        alone = isinstance(self._loaded.task.judge, PairwiseSpec) and self._judges and len(self._candidates) < 2
        return NO_OPPONENT if alone else NO_JUDGE

    def _own(self, item: str, candidate: str) -> dict[str, Output]:
        return self._reader.outputs(self._run, self._loaded.task.id, item, candidate, candidate)

    @cached_property
    def _schedule(self) -> Schedule | None:
        spec = self._loaded.task.judge
        if not isinstance(spec, PairwiseSpec):
            return None
        return schedule(list(self._items), self._candidates, spec.matches or None, self._settings.seed)


def _replay(flows: Iterator[tuple[Flow, Mapping[str, Output]]]) -> Score | None:
    """Return the score of the first flow that gives one.

    Raises:
        KeyError: An output is missing.
    """
    for flow, outputs in flows:
        try:
            prompts = next(flow)
            while True:
                prompts = flow.send({prompt.id: outputs[prompt.id] for prompt in prompts})
        except StopIteration as end:
            if end.value is not None:
                found: Score = end.value
                return found
    return None


def _difference(stored: Score, derived: Score) -> str:
    """Return what of a score comes out otherwise; empty when nothing does. What an encoder adds is not derived."""
    for name in _COMPARED:
        before, now = getattr(stored, name), getattr(derived, name)
        if before != now:
            return f"its {name} is {_told(before)}, and comes out as {_told(now)}"
    for name, value in derived.values.items():
        kept = stored.values.get(name)
        if kept is None or not math.isclose(kept, value, rel_tol=_EXACT, abs_tol=_EXACT):
            return f"its value {name} is {kept}, and comes out as {value}"
    return ""


def _told(value: Any) -> str:
    return repr(str(value)) if value is not None else "none"

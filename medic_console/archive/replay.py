"""A run as it went, from the times that were stored: when each text was written and each item had its score."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from dataclasses import dataclass

from medic_console.archive.calls import at_once
from medic_console.archive.follow import RunFollower
from medic_console.archive.rows import score_of
from medic_console.audit.events import ItemRef, ItemScored, PromptStarted, PromptText
from medic_console.audit.outline import Outline

LONGEST_PAUSE = 60.0
"""Seconds without an event that are kept; a run that was resumed days later has longer ones."""
_TEXT = 400
"""Last characters of a text that are read."""
_CALLS = (
    "SELECT calls.candidate, calls.model, calls.task, calls.item, calls.step, outputs.created, outputs.seconds, "
    f"substr(outputs.text, -{_TEXT}) AS text, outputs.prompt_tokens, outputs.output_tokens, outputs.reused_tokens, "
    "engines.granted FROM calls JOIN outputs ON outputs.id = calls.output "
    "JOIN engines ON engines.digest = outputs.engine WHERE calls.run = ? AND outputs.created >= ?"
)


@dataclass(frozen=True, slots=True)
class AtWork:
    """A model that begins to answer: its sha256, and the sequences that are decoded together."""

    model: str
    parallel: int


@dataclass(frozen=True, slots=True)
class Written:
    """A sequence has written its whole text."""

    ref: ItemRef
    step: str


Told = AtWork | PromptStarted | PromptText | Written | ItemScored


@dataclass(frozen=True, slots=True)
class Recording:
    """A run that is over.

    Attributes:
        told: What happened, with the seconds since the first of it, in order; longer pauses are cut.
        status: How it ended, as in `RunView`.
        seconds: From the first to the last.
        cut: Pauses that were longer than `LONGEST_PAUSE`.
    """

    outline: Outline
    told: tuple[tuple[float, Told], ...]
    status: str
    cut: int

    @property
    def seconds(self) -> float:
        """How long it took, without what was cut."""
        return self.told[-1][0] if self.told else 0.0


class ReplayReader(RunFollower):
    """Reads a run with its times.

    Raises:
        ArchiveError: There is no archive at `path`, or it cannot be used.
    """

    def recording(self, run: str) -> Recording:
        """Return what happened in a run, in the order of its times.

        Outputs that were found in the archive, not made in this run, are left out: they took no time.

        Raises:
            ArchiveError: There is no such run.
        """
        outline, view = self._outline(run), self.run(run)
        begun = self._rows("SELECT min(started) AS begun FROM sittings WHERE run = ?", run)[0]["begun"] or view.created
        moments = sorted([*self._texts(run, begun), *self._scores(run)], key=lambda one: one[0])
        told, cut, at = [], 0, 0.0
        before = moments[0][0] if moments else 0.0
        for moment, event in moments:
            pause = moment - before
            cut += pause > LONGEST_PAUSE
            at, before = at + min(pause, LONGEST_PAUSE), moment
            told.append((at, event))
        return Recording(outline, tuple(told), view.status, cut)

    def _texts(self, run: str, begun: str) -> Iterator[tuple[float, Told]]:
        known: dict[str, int] = {}
        for row in self._rows(_CALLS, run, begun):
            judge = row["model"] if row["model"] != row["candidate"] else ""
            ref, step, end = ItemRef(row["candidate"], row["task"], row["item"], judge), row["step"], _moment(row)
            start = end - row["seconds"]
            if row["granted"] not in known:
                known[row["granted"]] = at_once(json.loads(row["granted"]))
            yield start, AtWork(row["model"], known[row["granted"]])
            yield start, PromptStarted(ref, step, row["prompt_tokens"], row["reused_tokens"])
            yield end, PromptText(ref, step, row["text"], row["output_tokens"])
            yield end, Written(ref, step)

    def _scores(self, run: str) -> Iterator[tuple[float, Told]]:
        for row in self._rows("SELECT * FROM scores WHERE run = ? ORDER BY id", run):
            ref = ItemRef(row["candidate"], row["task"], row["item"], row["judge"])
            yield _moment(row), ItemScored(ref, score_of(row, {}))


def _moment(row: dict[str, str]) -> float:
    return datetime.datetime.fromisoformat(row["created"]).timestamp()

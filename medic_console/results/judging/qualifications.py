"""Cards of judges in an archive, what they were made from, and whether one holds for a run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from medic_console.archive.rows import NEWEST_RUN
from medic_console.audit.plan import by_todays_rules
from medic_console.core.digest import canonical_json
from medic_console.engine.files.model import ModelFile
from medic_console.engine.protocol.conditions import deciding
from medic_console.engine.protocol.port import Granted
from medic_console.results.judging.card import READING, Card, Conditions, card_from_json
from medic_console.scoring.methods.probes import bundled_probes, qualifying
from medic_console.suite.judging import wording
from medic_console.suite.task import Task

Rows = Callable[..., list[dict[str, Any]]]
"""Runs a query with its values."""


@dataclass(frozen=True, slots=True)
class TaskStanding:
    """What is known of a judge for one task of a run.

    Attributes:
        card: The one that holds, or the newest of those that do not hold any more; None without one.
        provisional: Why its scores are provisional, in a sentence; empty when they are not.
        holds: Whether the card was made under the conditions of the run.
    """

    card: Card | None
    provisional: str
    holds: bool = False


def standing(cards: Sequence[Card], now: Sequence[Conditions], method: str) -> TaskStanding:
    """Return what a judge's cards say under the conditions of today.

    Args:
        cards: Of one judge in one wording, newest first.
        now: Every set of conditions under which it judges; none where it was asked nothing.
        method: By which it judges.
    """
    if not cards and method not in qualifying():
        return TaskStanding(None, f"no judge can be qualified for the method {method}, which has no probes")
    if not cards:
        return TaskStanding(None, "the judge has not been qualified for this wording (medic-console judge qualify)")
    if not now:
        return TaskStanding(
            cards[0], "the judge was asked nothing here, and nothing tells whether its qualification holds"
        )
    held = [next((card for card in cards if not card.conditions.changes(one)), None) for one in now]
    if all(held):
        card = next((card for card in held if card is not None and not card.qualified), held[0])
        assert card is not None
        why = "" if card.qualified else f"the judge is not qualified: {' '.join(card.objections)}"
        return TaskStanding(card, why, holds=True)
    changed = next(cards[0].conditions.changes(one) for one, card in zip(now, held, strict=True) if card is None)
    return TaskStanding(cards[0], f"the judge's qualification has expired: changed since: {', '.join(changed)}")


def unqualified(rows: Rows, judge: ModelFile, granted: Granted, task: Task) -> str:
    """Return why a judge is not qualified for a task as it was loaded; empty when it is.

    Args:
        rows: Runs a query of the archive.
    """
    assert task.judge is not None
    name = wording(task.judge)
    engine = {**deciding(asdict(granted)), "template": judge.template_digest}
    now = Conditions(judge.sha256, name, bundled_probes(), READING, engine)
    return standing(Qualifications(rows).cards(judge.sha256, name), [now], task.judge.method).provisional


class Qualifications:
    """Reads cards.

    Args:
        rows: Runs a query of the archive.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def cards(self, judge: str = "", name: str = "") -> list[Card]:
        """Return cards, newest first.

        Args:
            judge: sha256 of the judge's file; empty for all.
            name: Digest of the wording; empty for all.
        """
        found = self._rows(
            "SELECT card FROM qualifications WHERE (judge = ?1 OR ?1 = '') AND (wording = ?2 OR ?2 = '') "
            "ORDER BY id DESC",
            judge,
            name,
        )
        return [card_from_json(json.loads(row["card"])) for row in found]

    def standing(self, run: str, task: Task, judge: str, probes: str) -> TaskStanding:
        """Return what is known of a judge for one task of a run.

        Args:
            probes: Digest of today's probes.
        """
        assert task.judge is not None
        name = wording(task.judge)
        return standing(self.cards(judge, name), self.conditions(run, task.id, judge, name, probes), task.judge.method)

    def conditions(self, run: str, task: str, model: str, name: str, probes: str) -> list[Conditions]:
        """Return every set of conditions under which a model was asked in a task of a run.

        Answers that were read by an earlier rule are not those that a card of today speaks of.

        Args:
            name: Digest of the wording.
        """
        used = self._rows("SELECT template FROM run_models WHERE run = ? AND sha256 = ? LIMIT 1", run, model)
        template = "sha256:" + hashlib.sha256(used[0]["template"].encode()).hexdigest()
        rows = self._rows(
            "SELECT DISTINCT engines.granted FROM calls JOIN outputs ON outputs.id = calls.output "
            "JOIN engines ON engines.digest = outputs.engine WHERE calls.run = ? AND calls.task = ? "
            "AND calls.model = ?",
            run,
            task,
            model,
        )
        engines = [{**deciding(json.loads(row["granted"])), "template": template} for row in rows]
        scored = self._rows("SELECT scorer FROM scores WHERE run = ? AND task = ? LIMIT 1", run, task)
        reading = READING if not scored or by_todays_rules(scored[0]["scorer"]) else ""
        unique = {canonical_json(one): one for one in engines}
        return [Conditions(model, name, probes, reading, one) for one in unique.values()]

    def open_run(self, key: str, build: str, with_cards: bool = True) -> str:
        """Return a qualification of that key that is not at its end and holds no reply of another llama.cpp.

        Args:
            build: Of today's llama.cpp.
            with_cards: Its end is that its cards are stored; else that every probe is answered.

        Returns:
            The run's id; empty when there is none.
        """
        found = self._rows(
            "SELECT id FROM runs WHERE kind = 'qualification' AND key = ?1 AND (status <> 'done' OR (?2 AND NOT EXISTS "
            "(SELECT 1 FROM qualifications WHERE run = runs.id))) AND NOT EXISTS (SELECT 1 FROM calls "
            "JOIN outputs ON outputs.id = calls.output JOIN engines ON engines.digest = outputs.engine "
            "WHERE calls.run = runs.id AND json_extract(engines.granted, '$.build') <> ?3 "
            "AND json_extract(engines.granted, '$.served.base') IS NULL) "
            f"ORDER BY {NEWEST_RUN} LIMIT 1",
            key,
            with_cards,
            build,
        )
        return str(found[0]["id"]) if found else ""

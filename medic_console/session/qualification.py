"""The qualification of judges from files to cards: two runs like any other, and what is made of them.

In the first run each judge answers the probes and asks its own questions about notes; in the second, of several judges,
each answers every judge's questions. Both are stored as runs, so that every prompt, reply, probability and time
can be looked at, and both go on where they were interrupted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from medic_console.archive.store import Store, now
from medic_console.audit.plan import Plan
from medic_console.core import paths
from medic_console.core.errors import ArchiveError, UsageError
from medic_console.core.naming import called
from medic_console.core.records import QUALIFICATION, Item, MetricValue
from medic_console.core.run_settings import RunSettings
from medic_console.engine.endpoint.access import Access, usual_access
from medic_console.engine.files.model import ModelFile
from medic_console.engine.protocol.features import features
from medic_console.engine.protocol.port import Start
from medic_console.results.judging.build import CROSS, Wording, cross_task, part_id, qualification_plan, wordings
from medic_console.results.judging.card import Card, card_row, judged
from medic_console.results.judging.cross import cross_items, cross_measures
from medic_console.results.judging.measures import OwnQuestions, Replies, error_rates, measure, slices
from medic_console.results.judging.qualification_replies import answers_of, own_questions, replies
from medic_console.results.judging.thresholds import Threshold, load_thresholds, thresholds_file
from medic_console.results.reader import Reader
from medic_console.scoring.methods.cef.probe import QUESTIONS
from medic_console.scoring.methods.probes import FOLDER, Probes, load_probes, qualifying
from medic_console.session.audit import Audit
from medic_console.suite.judging import METHODS, wording
from medic_console.suite.task import Task


@dataclass(frozen=True, slots=True)
class QualificationRequest:
    """What is to be qualified.

    Attributes:
        wordings: Every way in which tasks ask.
        build: Of llama.cpp, as the engines will tell it.
        access: Which addresses served judges may have; None: as the settings say.
    """

    judges: tuple[ModelFile, ...]
    wordings: tuple[Wording, ...]
    probes: Probes
    limits: tuple[Threshold, ...]
    settings: RunSettings
    build: str
    access: Access | None = None

    def plan(self) -> Plan:
        """Return the run in which the judges answer the probes, not yet stored."""
        return qualification_plan(self.wordings, self.judges, self.settings)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one judge's replies to probes of a site say, without a verdict.

    Attributes:
        name: Of the judge.
        tasks: That ask in this wording.
        measures: Only those of which there are probes.
    """

    name: str
    sha256: str
    method: str
    tasks: tuple[str, ...]
    run: str
    measures: Mapping[str, MetricValue]


def asking_alike(named: Iterable[Task], tasks: Iterable[Task]) -> list[Task]:
    """Return the judged tasks of these that ask in the wording of a named one: a card holds for all of them."""
    asked = {wording(task.judge) for task in named if task.judge is not None}
    return [task for task in tasks if task.judge is not None and wording(task.judge) in asked]


def request(
    judges: Sequence[ModelFile],
    tasks: Sequence[Task],
    settings: RunSettings,
    build: str = "",
    own: Probes | None = None,
    access: Access | None = None,
) -> QualificationRequest:
    """Return what is to be asked of judges so that they may judge these tasks.

    Args:
        build: Of llama.cpp; empty asks it.
        own: Probes of a site's own; None: those of the console.
        access: Which addresses served judges may have; None: as the settings say.

    Raises:
        UsageError: No task needs a judge, or the probes or limits cannot be read.
    """
    folder = paths.tasks_dir() / FOLDER
    probes = own or load_probes(folder)
    found = wordings(tasks, probes, folder)
    if not found:
        _refuse(tasks)
    limits = load_thresholds(thresholds_file(paths.tasks_dir(), paths.config_dir() / "tasks"))
    return QualificationRequest(tuple(judges), found, probes, limits, settings, build or features().full_build, access)


def _refuse(tasks: Sequence[Task]) -> NoReturn:
    methods = sorted({task.judge.method for task in tasks if task.judge is not None})
    if not methods:
        raise UsageError("None of the tasks needs a judge.", "See which do: medic-console tasks")
    named = ", ".join(f"{name} of {METHODS.origin(name)}" for name in methods)
    raise UsageError(
        f"No judge can be qualified for these tasks: their method has no probes ({named}).",
        f"Its figures stay provisional. Judges qualify for: {', '.join(qualifying())}.",
    )


def unfinished(archive: Path, plan: Plan, build: str, with_cards: bool = True) -> str:
    """Return the run that a qualification goes on with; empty when it begins anew.

    Args:
        build: Of today's llama.cpp.
        with_cards: It is at its end only when its cards are stored.
    """
    if not archive.exists():
        return ""
    with closing(Reader(archive)) as reader:
        return reader.qualifications.open_run(plan.key(), build, with_cards)


class Qualification:
    """One qualification of one or more judges.

    Args:
        archive: Where everything is stored.
        start: Loads a model; by default a child process with llama.cpp.
    """

    def __init__(self, archive: Path, asked: QualificationRequest, start: Start | None = None) -> None:
        self._archive = archive
        self._asked = asked
        self._start = start
        self._run = ""
        self._cross = ""

    def probing(self, with_cards: bool = True) -> Audit:
        """Return the run in which the judges answer the probes: the rest of an interrupted one, or a new one.

        Args:
            with_cards: Cards are made of it.

        Raises:
            ArchiveError: The archive cannot be written, or another process works on the run.
            EngineError: llama.cpp cannot open a model file.
        """
        audit = self._audit(self._asked.plan(), with_cards)
        self._run = audit.run
        return audit

    def crossing(self) -> Audit | None:
        """Return the run in which the judges answer each other's questions; None for one judge, or without any.

        Call it when `probing` is at its end.
        """
        if len(self._asked.judges) < 2:
            return None
        folder = paths.tasks_dir() / FOLDER
        asked = [(wording, self._questions(wording)) for wording in self._asked.wordings if QUESTIONS in wording.parts]
        tasks = [cross_task(wording, items, folder) for wording, items in asked if items]
        if not tasks:
            return None
        plan = Plan(tuple(tasks), self._asked.judges, (), self._asked.settings, kind=QUALIFICATION)
        audit = self._audit(plan, with_cards=False)
        self._cross = audit.run
        return audit

    def cards(self) -> list[Card]:
        """Make and store the cards, judge by judge; call it when the runs are at their end.

        Raises:
            ArchiveError: A judge gave no reply at all, or the archive cannot be written.
        """
        with closing(Reader(self._archive)) as reader:
            others = self._compared(reader)
            cards = [
                self._card(reader, judge, wording, others.get((wording.digest, judge.sha256), {}))
                for judge in self._asked.judges
                for wording in self._asked.wordings
            ]
        store = Store(self._archive)
        try:
            store.add_cards(map(card_row, cards))
        finally:
            store.close()
        return cards

    def measured(self) -> list[Measured]:
        """Return what the replies say, judge by judge, without making cards; call it when the run is at its end."""
        found = []
        with closing(Reader(self._archive)) as reader:
            for judge in self._asked.judges:
                for wording in self._asked.wordings:
                    given, _ = self._given(reader, judge, wording)
                    method = wording.spec.method
                    values = {name: value for name, value in measure(method, given).items() if value.n}
                    found.append(Measured(judge.name, judge.sha256, method, wording.tasks, self._run, values))
        return found

    def _audit(self, plan: Plan, with_cards: bool) -> Audit:
        known = unfinished(self._archive, plan, self._asked.build, with_cards)
        return Audit(self._archive, replace(plan, id=known, access=self._asked.access or usual_access()), self._start)

    def _questions(self, wording: Wording) -> Sequence[Item]:
        with closing(Reader(self._archive)) as reader:
            task = wording.parts[QUESTIONS].task.id
            return cross_items(
                {
                    judge.sha256: [
                        (note, questions) for note, questions, _ in own_questions(reader, self._run, task, judge.sha256)
                    ]
                    for judge in self._asked.judges
                }
            )

    def _compared(self, reader: Reader) -> dict[tuple[str, str], Mapping[str, MetricValue]]:
        """Return what the second run says, by wording and judge."""
        judges = [judge.sha256 for judge in self._asked.judges]
        found: dict[tuple[str, str], Mapping[str, MetricValue]] = {}
        for one in self._asked.wordings if self._cross else ():
            task = part_id(one.spec, CROSS)
            if task in reader.run(self._cross).tasks:
                given = cross_measures(answers_of(reader, self._cross, task, judges), judges)
                found |= {(one.digest, judge): measures for judge, measures in given.items()}
        return found

    def _card(self, reader: Reader, judge: ModelFile, wording: Wording, other: Mapping[str, MetricValue]) -> Card:
        given, notes = self._given(reader, judge, wording)
        method = wording.spec.method
        first = next(iter(wording.parts.values())).task.id
        conditions = reader.qualifications.conditions(
            self._run, first, judge.sha256, wording.digest, self._asked.probes.digest
        )
        if not conditions:
            raise ArchiveError(
                f"Run {self._run}: {called(judge)} gave no reply to any probe of {method}.",
                "Its failures say why: medic-console judge qualify prints their number, the log of the engine more.",
            )
        measures = {**measure(method, given, notes), **other}
        return Card(
            name=judge.name,
            conditions=conditions[0],
            tasks=wording.tasks,
            run=self._run,
            created=now(),
            slices=slices(given),
            rates=error_rates(method, given),
            others=tuple(one.name for one in self._asked.judges if one.sha256 != judge.sha256) if other else (),
            **judged(method, measures, self._asked.limits),
        )

    def _given(self, reader: Reader, judge: ModelFile, wording: Wording) -> tuple[Replies, list[OwnQuestions]]:
        given, notes = {}, []
        for part, loaded in wording.parts.items():
            if part == QUESTIONS:
                notes = [counted for _, _, counted in own_questions(reader, self._run, loaded.task.id, judge.sha256)]
            else:
                given[part] = replies(reader, self._run, loaded.task.id, judge.sha256)
        return given, notes

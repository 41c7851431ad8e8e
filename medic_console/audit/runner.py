"""Compose the stages into a run: an iterator of events. Knows no archive and no screen.

All candidates generate first, then each judge is loaded once and judges all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from functools import partial
from statistics import median
from typing import Protocol, TypeVar

from medic_console.audit.caches import candidates_cache, judges_cache
from medic_console.audit.driver import Control, Driver
from medic_console.audit.events import (
    Generates,
    ItemRef,
    ItemScored,
    ModelChanged,
    ModelLoaded,
    ModelLoading,
    OutputReady,
    RunEvent,
)
from medic_console.audit.plan import Plan
from medic_console.audit.shard import by_note
from medic_console.core.errors import EngineChanged
from medic_console.core.records import QUALIFICATION, Item, Outcome, Output, Prompt, Sampling
from medic_console.core.run_settings import AUTO, Asking
from medic_console.engine.files.model import ModelFile
from medic_console.engine.protocol.port import STREAMS, Granted, Start, Watched
from medic_console.engine.template.completion import CUE, completes
from medic_console.scoring.candidate import candidate_flow, final_output, undrawn_flow
from medic_console.scoring.flow import NO_JUDGE, NO_OPPONENT
from medic_console.scoring.methods.judge import judge_flow, unqualified_flow
from medic_console.scoring.methods.probe import probe_flow
from medic_console.scoring.methods.weighing import FLOOR
from medic_console.scoring.steps import ANSWER, FOLLOW_UP, WEIGHED, Flow
from medic_console.statistics.pairing import Schedule, opponents
from medic_console.suite.ask_options import as_asked
from medic_console.suite.items import LoadedTask
from medic_console.suite.prompts import another_question, item_prompt
from medic_console.suite.task import Task

Entry = TypeVar("Entry")


def in_turn(tasks: Iterable[Iterable[Sequence[Entry]]], first: int, most: int) -> Iterator[Entry]:
    """Yield the entries of all tasks, a turn of each after the other; the entries of a unit are never parted.

    The first turns are short, so that every task has its first scores soon. Each round's are twice as long up to
    `most`, so that the beginning which a task's prompts share is read again for ever more items at once.

    Args:
        tasks: The units of each task.
        first: Entries of a turn in the first round, at least 1. A turn ends with the unit that reaches it; what is
            too much counts for the next one.
        most: Entries of a turn in the later rounds, `first` or more.
    """
    waiting = {number: iter(units) for number, units in enumerate(tasks)}
    done = [0] * len(waiting)
    due, turn = first, first
    while waiting:
        for number, units in list(waiting.items()):
            while done[number] < due:
                unit = next(units, None)
                if unit is None:
                    del waiting[number]
                    break
                yield from unit
                done[number] += len(unit)
        turn = min(2 * turn, most)
        due += turn


FIRST = 8
"""Items of a task whose labels are weighed first."""


def is_open(loaded: LoadedTask, asked: str) -> bool:
    """Tell whether a task chooses among labels and may be asked for text instead.

    Args:
        asked: `RunSettings.multiple_choice`.
    """
    return asked == AUTO and loaded.task.multiple_choice == "likelihood"


def weighing_flow(loaded: LoadedTask, item: Item, seed: int, sampling: Sampling) -> Flow:
    """Weigh the labels of an item; it is not scored."""
    yield [replace(item_prompt(loaded.task, item, loaded.shared, WEIGHED, seed), **asdict(sampling))]
    return None


def held_by_labels(outputs: Iterable[Output]) -> float | None:
    """Return the median of what labels hold together, 0 to 1; None where none were weighed."""
    held = [math.fsum(output.probabilities.values()) for output in outputs if output.probabilities]
    return median(held) if held else None


def for_text(loaded: LoadedTask) -> LoadedTask:
    """Return a task that asks for text where it would choose."""
    return replace(loaded, task=as_asked(loaded.task, Asking("generated")))


def holds_too_little(held: float | None) -> bool:
    """Tell whether a model would sooner write something else than any label."""
    return held is not None and held < FLOOR


Work = tuple[ItemRef, Callable[[], Flow]]
Units = Iterator[list[Work]]
"""A task's work, made when it comes to it; what stands in one unit shares a note and follows each other."""
WINDOW_PER_SEQUENCE = 4
"""A candidate's items under way for each sequence, so that the engine always finds the next one and shared prefixes
meet; as many items of a task have their turn."""


class Memory(Protocol):
    """What earlier sittings and runs left behind."""

    def output(self, ref: ItemRef, step: str) -> Output | None:
        """Return the output that this run has for a step of an item."""
        ...

    def judged(self, model: ModelFile, granted: Granted, prompt: Prompt) -> Output | None:
        """Return a judge's output for the same request by the same file and build, from any run."""
        ...

    def is_scored(self, ref: ItemRef) -> bool:
        """Tell whether this run has a score for an item."""
        ...

    def unqualified(self, judge: ModelFile, granted: Granted, task: Task) -> str:
        """Return why a judge is not qualified for a task as it was loaded; empty when it is."""
        ...


class TooManyFailures(Exception):
    """The run's limit of failed items is reached."""


class Runner:
    """Runs a plan.

    Args:
        plan: What to run.
        start: Loads a model.
        memory: What is known already.
        control: What a person asks for meanwhile.
    """

    def __init__(self, plan: Plan, start: Start, memory: Memory, control: Control) -> None:
        self._plan = plan
        self._start = start
        self._memory = memory
        self._control = control
        self._failures = 0
        self._own = {loaded.task.id: plan.own(loaded) for loaded in plan.tasks}
        self._for_text: dict[tuple[str, str], LoadedTask] = {}
        """Tasks that ask a candidate for text where they would choose, by its sha256 and the task's id."""

    def events(self) -> Iterator[RunEvent]:
        """Yield events until the work is done or stopped.

        Raises:
            EngineError: A model cannot be loaded or cannot go on.
            TooManyFailures: `settings.max_failures` items failed.
        """
        for candidate in self._plan.candidates:
            for cache, tasks in self._by_cache():
                yield from self._phase(candidate, "candidate", cache, tasks)
        judged = [loaded for loaded in self._plan.tasks if loaded.task.judge is not None]
        for judge in self._plan.judges:
            yield from self._phase(judge, "judge", judges_cache(self._plan.settings), judged)

    def _by_cache(self) -> list[tuple[str, list[LoadedTask]]]:
        """Return the tasks by the kind of cache that they ask for, the kind with fewer items first."""
        kinds: dict[str, list[LoadedTask]] = {}
        for loaded in self._plan.tasks:
            kinds.setdefault(candidates_cache(loaded, self._plan), []).append(loaded)
        return sorted(kinds.items(), key=lambda kind: sum(len(loaded.items) for loaded in kind[1]))

    def _phase(self, model: ModelFile, role: str, cache: str, of: Sequence[LoadedTask]) -> Iterator[RunEvent]:
        judging = role == "judge"
        work_of = self._judge_work if judging else self._candidate_work
        if self._control.stopping or not any(unit for units in work_of(model, of) for unit in units):
            return
        yield ModelLoading(model, role)
        engine = self._start(model, cache)
        with closing(engine), self._control.ending(engine.close):
            yield ModelLoaded(model, role, engine.granted)
            together = max(1, engine.granted.parallel * engine.granted.workers)
            turn = together * WINDOW_PER_SEQUENCE
            # a judge's items have two texts, which wait in the cache for their answers: fewer are begun together
            window = together if judging else turn
            recall = partial(self._recall, model, engine.granted, role)
            ready = partial(_ready, model, engine.granted)
            texts = together if engine.granted.cache == STREAMS else 0
            driver = Driver(engine, window, recall, ready, self._control, judging, texts)
            try:
                if not judging:
                    yield from self._weigh_first(model, driver, of)
                work = in_turn(work_of(model, of), together, turn)
                for event in driver.run(self._allowed(model, engine.granted, work) if judging else work):
                    if isinstance(event, ItemScored):
                        yield from self._spread(event, role)
                        self._count(event)
                    else:
                        yield event
                if isinstance(engine, Watched) and not self._control.at_once:
                    engine.verify()
            except EngineChanged as error:
                yield ModelChanged(model, role, error.message)
                raise

    def _weigh_first(self, candidate: ModelFile, driver: Driver, of: Sequence[LoadedTask]) -> Iterator[RunEvent]:
        """Weigh the labels of each task's first items, and tell of tasks whose labels hold too little."""
        settings = self._plan.settings
        for loaded in of if self._plan.kind != QUALIFICATION else ():
            items = loaded.items[:FIRST]
            refs = [ItemRef(candidate.sha256, loaded.task.id, item.id) for item in items]
            if not is_open(loaded, settings.multiple_choice) or self._all_scored(candidate, loaded):
                continue
            flows = (partial(weighing_flow, loaded, item, settings.seed, settings.sampling) for item in items)
            outputs = []
            for event in driver.run(zip(refs, flows, strict=False)):
                if isinstance(event, OutputReady):
                    outputs.append(event.output)
                if not isinstance(event, ItemScored):
                    yield event
            if self._control.stopping:
                return
            held = held_by_labels(outputs)
            if held is not None and holds_too_little(held):
                written = self._for_text[candidate.sha256, loaded.task.id] = for_text(loaded)
                yield Generates(candidate.sha256, written, held, len(outputs))

    def _all_scored(self, candidate: ModelFile, loaded: LoadedTask) -> bool:
        own = self._own[loaded.task.id]
        items = (item.id for item in loaded.items if own is None or item.id in own)
        refs = (ItemRef(candidate.sha256, loaded.task.id, item) for item in items)
        return all(map(self._memory.is_scored, refs))

    def _allowed(self, judge: ModelFile, granted: Granted, work: Iterable[Work]) -> Iterator[Work]:
        """Where the run demands it, a judge that is not qualified for a task is not asked."""
        only = self._plan.settings.qualified_only
        judged = [loaded.task for loaded in self._plan.tasks if loaded.task.judge is not None and only]
        why = {task.id: self._memory.unqualified(judge, granted, task) for task in judged}
        for ref, start in work:
            yield ref, partial(unqualified_flow, why[ref.task]) if why.get(ref.task) else start

    def _count(self, event: ItemScored) -> None:
        self._failures += event.score.outcome is Outcome.FAILED
        if self._failures >= self._plan.settings.max_failures:
            raise TooManyFailures(f"{self._failures} items failed")

    def _spread(self, event: ItemScored, role: str) -> Iterator[ItemScored]:
        """A candidate's output that no judge can judge has that outcome under every judge."""
        judged = next(loaded.task.judge for loaded in self._plan.tasks if loaded.task.id == event.ref.task)
        if role == "judge" or judged is None or not self._plan.judges:
            yield event
            return
        for judge in self._plan.judges:
            ref = ItemRef(event.ref.candidate, event.ref.task, event.ref.item, judge.sha256)
            yield ItemScored(ref, event.score)

    def _recall(self, model: ModelFile, granted: Granted, role: str, ref: ItemRef, prompt: Prompt) -> Output | None:
        output = self._memory.output(ref, prompt.id)
        if output is None and prompt.id == ANSWER and prompt.labels:
            output = self._memory.output(ref, WEIGHED)
        if output is None and role == "judge":
            output = self._memory.judged(model, granted, prompt)
        return output

    def _candidate_work(self, candidate: ModelFile, of: Sequence[LoadedTask]) -> list[Units]:
        tasks: list[Units] = []
        for named in of:
            loaded = self._for_text.get((candidate.sha256, named.task.id), named)
            pairs = self._judged(loaded) and len(self._plan.candidates) > 1
            matches = self._plan.matches(loaded) if pairs else None
            tasks.append(self._units(loaded, partial(self._answers, candidate, loaded, matches)))
        return tasks

    def _answers(
        self, candidate: ModelFile, loaded: LoadedTask, matches: Schedule | None, item: Item
    ) -> Iterator[Work]:
        """Yield a candidate's work on one item, if there is any left."""
        settings, judged = self._plan.settings, self._judged(loaded)
        ref = ItemRef(candidate.sha256, loaded.task.id, item.id)
        if self._is_done(ref, loaded, judged):
            return
        if self._plan.kind == QUALIFICATION:
            yield ref, partial(probe_flow, loaded, item, settings.seed)
        elif matches is not None and not opponents(matches, item.id, candidate.sha256):
            yield ref, undrawn_flow
        else:
            alone = judged and loaded.task.in_pairs and len(self._plan.candidates) < 2
            missing, read = (NO_OPPONENT, False) if alone else (NO_JUDGE, judged)
            stop = another_question(loaded.task, CUE) if completes(candidate.template) else ()
            yield ref, partial(candidate_flow, loaded, item, settings.seed, read, settings.sampling, missing, stop)

    def _judged(self, loaded: LoadedTask) -> bool:
        return loaded.task.judge is not None and bool(self._plan.judges)

    def _is_done(self, ref: ItemRef, loaded: LoadedTask, judged: bool) -> bool:
        if not judged:
            return self._memory.is_scored(ref)
        scored = all(
            self._memory.is_scored(ItemRef(ref.candidate, ref.task, ref.item, judge.sha256))
            for judge in self._plan.judges
        )
        return scored or self._answered(ref, loaded) is not None

    def _answered(self, ref: ItemRef, loaded: LoadedTask) -> Output | None:
        """Return a candidate's whole answer, if it has one."""
        found = {step: self._memory.output(ref, step) for step in (ANSWER, FOLLOW_UP)}
        return final_output(loaded, {step: output for step, output in found.items() if output is not None})

    def _judge_work(self, judge: ModelFile, of: Sequence[LoadedTask]) -> list[Units]:
        return [self._units(one, partial(self._judgements, judge, one, self._plan.matches(one))) for one in of]

    def _units(self, loaded: LoadedTask, of_item: Callable[[Item], Iterable[Work]]) -> Units:
        """Return the work on the items of a task that this run is to do, in units of those that share a note."""
        own = self._own[loaded.task.id]
        notes = (items for items in by_note(loaded.items) if own is None or items[0].id in own)
        units = ([work for item in items for work in of_item(item)] for items in notes)
        return (unit for unit in units if unit)

    def _judgements(self, judge: ModelFile, loaded: LoadedTask, matches: Schedule | None, item: Item) -> Iterator[Work]:
        """Yield the work on one item: all candidates' answers to it, as they share its text."""
        refs = [ItemRef(model.sha256, loaded.task.id, item.id) for model in self._plan.candidates]
        answers = {ref.candidate: self._answered(ref, loaded) for ref in refs}
        given = {name: output for name, output in answers.items() if output is not None}
        for candidate, output in given.items():
            ref = ItemRef(candidate, loaded.task.id, item.id, judge.sha256)
            if self._memory.is_scored(ref):
                continue
            met = opponents(matches, item.id, candidate) if matches is not None else ()
            others = {name: given[name] for name in met if name in given}
            yield ref, partial(judge_flow, loaded, item, output, others, self._plan.settings.seed)


def _ready(
    model: ModelFile, granted: Granted, ref: ItemRef, prompt: Prompt, output: Output, recalled: bool
) -> OutputReady:
    return OutputReady(ref, prompt.id, model, granted, prompt, output, recalled)

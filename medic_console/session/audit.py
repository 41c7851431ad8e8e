"""Runner and archive together: each event is stored, then told. The one path that every front end iterates."""

from __future__ import annotations

import json
import shlex
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from medic_console.archive.follow import ByTask, RunFollower
from medic_console.archive.lock import RunLock
from medic_console.archive.store import Store
from medic_console.audit.driver import Control
from medic_console.audit.events import Generates, ItemScored, ModelChanged, OutputReady, RunEnded, RunEvent, RunStarted
from medic_console.audit.plan import Plan
from medic_console.audit.runner import Runner, TooManyFailures
from medic_console.audit.task_parts import parts_of
from medic_console.core import offline
from medic_console.core.errors import ArchiveError, EngineError, ItemsError, ModelFileError, UsageError
from medic_console.core.logs import run_log
from medic_console.core.records import ENCODER, Item, Score
from medic_console.core.run_settings import Asking, RunSettings
from medic_console.core.spool import Spool
from medic_console.engine.endpoint.access import Access, usual_access
from medic_console.engine.endpoint.address import address_of, is_address
from medic_console.engine.endpoint.model import look_up
from medic_console.engine.files.model import ModelFile
from medic_console.engine.files.model_file import inspect_model
from medic_console.engine.protocol.port import Granted, Machines, Start
from medic_console.results.judging.qualifications import unqualified
from medic_console.results.reader import Reader
from medic_console.scoring.similarity import name_encoder
from medic_console.session.measured_caches import with_measured_caches
from medic_console.session.models import check_models, start_model
from medic_console.suite.ask_options import as_asked
from medic_console.suite.items import LoadedTask
from medic_console.suite.task import Task
from medic_console.suite.task_file import parse_task


class _Memory(Store):
    """What the runner asks of an archive: what is stored, and whether a judge's qualification holds."""

    def unqualified(self, judge: ModelFile, granted: Granted, task: Task) -> str:
        """Return why a judge is not qualified for a task as it was loaded; empty when it is."""
        return unqualified(self.rows, judge, granted, task)


class Audit:
    """One sitting of a run: a new one, or the rest of an interrupted one.

    Args:
        archive: Where everything is stored.
        plan: What to run; with an id it is resumed, without one it is new.
        start: Loads a model; by default a child process with llama.cpp.
        log: File for what the engines write; by default one of the run's own (`core/logs.py`).
        tell: Hears what is measured before a new run begins.

    Attributes:
        control: Takes stop and pause from any thread.

    Raises:
        ArchiveError: The archive cannot be written, or another process works on the run.
        UsageError: A setting does not fit a model.
        EngineError: llama.cpp cannot open a model file.
    """

    def __init__(
        self,
        archive: Path,
        plan: Plan,
        start: Start | None = None,
        log: Path | None = None,
        tell: Callable[[str], object] = lambda text: None,
    ) -> None:
        if start is None:
            check_models(plan, log)
            plan = with_measured_caches(plan, log, tell)
        self.control = Control()
        self._archive = archive
        store = Store(archive)
        try:
            self.plan = plan if plan.id else replace(plan, id=store.create_run(plan))
        finally:
            store.close()
        self._lock = RunLock(store.path, self.plan.id)
        self._start = start or self._started_with(log)

    def _started_with(self, log: Path | None) -> Start:
        target = log or run_log(self.plan.id)
        return lambda model, cache: start_model(model, self.plan.settings, cache, target, access=self.plan.access)

    @property
    def run(self) -> str:
        """Id of the run."""
        return self.plan.id

    def events(self) -> Generator[RunEvent, None, None]:
        """Yield what happens, each event after it is stored; the last is `RunEnded`.

        The connection belongs to the thread that iterates. An engine that cannot go on ends the run as `stopped`;
        whatever else is raised leaves it as it is, to be resumed.

        Raises:
            ArchiveError: The archive cannot be written any more.
        """
        store = _Memory(self._archive)
        ended = RunEnded(self.run, "interrupted", "stopped before the end; the rest can be resumed")
        try:
            store.begin(self.run, self.plan.tasks)
            yield RunStarted(self.run, self.plan.total, store.scores_done())
            try:
                yield from self._stored(store)
                if not self.control.stopping:
                    ended = RunEnded(self.run, "done")
            except (EngineError, TooManyFailures) as error:
                if not self.control.at_once:  # else its engine was ended under it
                    advice = error.hint if isinstance(error, EngineError) else ""
                    ended = RunEnded(self.run, "stopped", "\n".join(filter(None, (str(error), advice))))
            store.end(ended.status)
        except (GeneratorExit, KeyboardInterrupt):
            store.end("interrupted")
            raise
        finally:
            store.close()
            self._lock.release()
        yield ended

    def finished(self) -> ByTask:
        """Return the scores that earlier sittings gave."""
        with closing(RunFollower(self._archive)) as reader:
            return reader.counts(self.run)

    def close(self) -> None:
        """Give up a run whose events nobody iterates; it can be resumed. After the last event it does nothing."""
        self._lock.release()

    def _stored(self, store: _Memory) -> Iterator[RunEvent]:
        for event in Runner(self.plan, self._start, store, self.control).events():
            if isinstance(event, OutputReady):
                store.add_output(event)
            elif isinstance(event, ItemScored):
                event = _kept(store, event)
            elif isinstance(event, Generates):
                store.generates(event)
            elif isinstance(event, ModelChanged):
                store.model_changed(event)
            elif isinstance(event, Machines):
                self._lock.tell(json.dumps(event.open))
            yield event


def _kept(store: Store, event: ItemScored) -> ItemScored:
    """Store a score and return it; one that the archive cannot take, as of a scorer with a fault, ends its item alone.

    Raises:
        ArchiveError: The archive cannot be written any more.
    """
    try:
        store.add_score(event)
    except ArchiveError:
        raise
    except Exception as error:  # noqa: BLE001 - an item's fault is a row with its traceback
        text = f"The score cannot be stored: {type(error).__name__}: {error}"
        event = ItemScored(event.ref, Score.failed(text, traceback.format_exc()))
        store.add_score(event)
    return event


def restore_plan(archive: Path, run: str, public: bool = False) -> Plan:
    """Return the plan of a run as the archive holds it, with its files and served models found again.

    Args:
        public: Served models may be at any address.

    Raises:
        UsageError: It has served models, and this process can open no socket.
        EngineError: What is at an address is no model server, or may not be spoken to.
        ArchiveError: There is no such run, or it is a qualification.
        ModelFileError: A model file is gone or was replaced.
        ItemsError: A file that a scorer needs is gone.
    """
    reader, access = Reader(archive), usual_access(public)
    try:
        reader.run(run)
        if reader.is_qualification(run):
            raise ArchiveError(
                f"Run {run} is a qualification of judges.",
                "The command that began it goes on with it: medic-console judge qualify FILE.",
            )
        if forgotten := reader.forgotten(run):
            raise ArchiveError(
                f"Run {run}: its texts were forgotten {forgotten}; nothing can be asked of them any more.",
                "Start a new run.",
            )
        _check_served(reader, archive, run)
        templates = reader.templates(run)
        models = {
            role: tuple(_same_model(view.file, view.sha256, templates[view.sha256], access) for view in views)
            for role in ("candidate", "judge")
            for views in (reader.run_models(run, role),)
        }
        settings = RunSettings(**reader.settings(run))
        if len(reader.shards(run)) > 1:  # other parts were merged: what is missing belongs to all of them
            settings = replace(settings, shard="")
        tasks = tuple(restore_task(reader, run, row, settings.asking) for row in reader.run_tasks(run))
        _check_encoder(tasks, settings.encoder)
    finally:
        reader.close()
    return Plan(tasks, models["candidate"], models["judge"], settings, id=run, access=access)


def _check_served(reader: Reader, archive: Path, run: str) -> None:
    """Refuse a run with served models where the kernel refuses sockets, as in the console."""
    models = (*reader.run_models(run, "candidate"), *reader.run_models(run, "judge"))
    if offline.closed() and any(is_address(model.file) for model in models):
        raise UsageError(
            f"Run {run} has models behind servers, and the kernel refuses this process every socket.",
            f"Resume it on the command line: medic-console resume {run} --archive {shlex.quote(str(archive))}",
        )


def _check_encoder(tasks: Iterable[LoadedTask], sha256: str) -> None:
    for path in {loaded.resources[ENCODER] for loaded in tasks if ENCODER in loaded.resources}:
        if name_encoder(path).sha256 != sha256:
            raise ModelFileError(
                f"{path}: the encoder is not the one that the run began with (its sha256 differs).",
                "Put the original file back, or start a new run.",
            )


def _same_model(source: str, sha256: str, template: str, access: Access) -> ModelFile:
    if is_address(source):
        model = look_up(address_of(source), access)
        if model.sha256 != sha256:
            raise ModelFileError(
                f"{source}: another model answers than the one that the run began with (its build or its answers to "
                "fixed questions differ).",
                "Serve the first one again, or start a new run.",
            )
        return model
    model = inspect_model(Path(source), template)
    if model.sha256 != sha256:
        raise ModelFileError(
            f"{source}: the file is not the one that the run began with (its sha256 differs).",
            "Put the original file back, or start a new run.",
        )
    return model


def restore_task(reader: Reader, run: str, row: dict[str, str], asking: Asking) -> LoadedTask:
    """Return a task of a run with the items that it had.

    Args:
        row: Of `Reader.run_tasks`.

    Raises:
        UsageError: A file that its scorer needs is gone, or a part of it is not installed any more.
    """
    resources = {name: Path(path) for name, path in json.loads(row["resources"]).items()}
    for path in resources.values():
        if not path.exists():
            raise ItemsError(f"{path}: a file that task {row['task']} needs is gone.", "Put it back, then resume.")
    task = reader.task(run, row["task"])
    parts_of(task)
    items = Spool(
        Item(record["id"], json.loads(record["fields"]), json.loads(record["gold"]), record["grouping"])
        for record in reader.each_run_item(run, row["task"])
    ).whole()
    return LoadedTask(
        task=as_asked(parse_task(task.text, Path(task.folder) / "task.toml"), asking),
        items=items,
        origin=row["origin"],
        source=Path(row["source"]),
        read=len(items),
        notes=tuple(json.loads(row["notes"])),
        shared=json.loads(row["shared"]),
        resources=resources,
    )

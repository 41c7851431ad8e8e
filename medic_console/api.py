"""The public face: what notebooks and programs may import, and all that is kept stable for them.

Load tasks, build a plan, run it and look at its events, read an archive's results as records, score texts that were
made elsewhere. `docs/api.md` goes through it step by step.

Whatever is raised on purpose is a `MedicError` with a `message` and a `hint`. Nothing is written but the archive that
is named (with its lock and journal beside it; of one of an older release also a copy), once the ledger's key in the
config folder, and the usual cache: built databases, digests of models and what the engines write (`engine.log`; an
encoder's log alone lies in the usual log folder). Paths may be texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from medic_console.archive.views import ItemTrace
from medic_console.audit import prepare, sizing
from medic_console.audit.events import (
    Generates,
    ItemRef,
    ItemScored,
    ModelChanged,
    ModelLoaded,
    ModelLoading,
    OutputReady,
    PromptReading,
    PromptStarted,
    PromptText,
    RunEnded,
    RunEvent,
    RunStarted,
)
from medic_console.audit.plan import Plan
from medic_console.audit.prepare import Choice, known_tasks, warnings_of
from medic_console.audit.sizing import ModelFit, TaskFit
from medic_console.core import paths
from medic_console.core.errors import (
    ArchiveError,
    BadLogits,
    EngineChanged,
    EngineDied,
    EngineError,
    EngineHung,
    ItemsError,
    MedicError,
    ModelFileError,
    NoRoom,
    SandboxError,
    SettingsError,
    TaskFileError,
    TemplateFault,
    TemplateSpent,
    UsageError,
)
from medic_console.core.logs import begun_anew
from medic_console.core.paths import AnyPath, demo_models
from medic_console.core.records import Item, Outcome, Output, Prompt, Reason, Score
from medic_console.core.run_settings import RunSettings
from medic_console.engine.endpoint.address import Address, address_of, is_address
from medic_console.engine.files import model_file
from medic_console.engine.files.hash_cache import usual_cache
from medic_console.engine.files.model import ModelFile
from medic_console.engine.protocol.port import Machines
from medic_console.results import flat
from medic_console.results.flat import ItemRecord, MetricRecord, RunRecord, rows
from medic_console.results.reader import Reader
from medic_console.results.stored import Archive
from medic_console.session.audit import Audit, restore_plan
from medic_console.session.outputs import outputs_of
from medic_console.session.scoring import scorable, score_given
from medic_console.statistics.metrics import counts
from medic_console.suite.items import LoadedTask
from medic_console.suite.task import Task
from medic_console.suite.task_file import TaskSet

__all__ = [
    "Archive",
    "ArchiveError",
    "BadLogits",
    "Choice",
    "EngineChanged",
    "EngineDied",
    "EngineError",
    "EngineHung",
    "Generates",
    "Item",
    "ItemRecord",
    "ItemRef",
    "ItemScored",
    "ItemTrace",
    "ItemsError",
    "LoadedTask",
    "Machines",
    "MedicError",
    "MetricRecord",
    "ModelChanged",
    "ModelFile",
    "ModelFileError",
    "ModelFit",
    "ModelLoaded",
    "ModelLoading",
    "NoRoom",
    "Outcome",
    "Output",
    "OutputReady",
    "Plan",
    "Prompt",
    "PromptReading",
    "PromptStarted",
    "PromptText",
    "Reason",
    "Run",
    "RunEnded",
    "RunEvent",
    "RunRecord",
    "RunSettings",
    "RunStarted",
    "SandboxError",
    "Score",
    "ScoredTexts",
    "SettingsError",
    "Task",
    "TaskFileError",
    "TaskFit",
    "TaskSet",
    "TemplateFault",
    "TemplateSpent",
    "UsageError",
    "build_plan",
    "demo_models",
    "fits",
    "inspect_model",
    "load_items",
    "load_tasks",
    "resume",
    "rows",
    "run",
    "score_texts",
    "warnings_of",
]


def load_tasks() -> TaskSet:
    """Return the bundled tasks and the user's own by id, and one error for each task file that cannot be used."""
    return known_tasks()


def load_items(task: str, data: AnyPath | None = None, items: AnyPath | None = None) -> LoadedTask:
    """Read the items of a task.

    Args:
        task: Id of the task.
        data: Folder of official files, searched for this task's; None takes the bundled samples.
        items: The items file or folder itself; goes before `data`.

    Raises:
        UsageError: There is no such task, a file cannot be read, or the first prompt cannot be formed.
    """
    choice = Choice([task], [], data=_path(data), items=_path(items))
    return prepare.load_task(prepare.task_named(task, known_tasks().tasks), choice)


def inspect_model(file: AnyPath) -> ModelFile:
    """Read a GGUF file's header, check that it can be audited, and hash it (once: the digest is kept in the cache).

    Raises:
        ModelFileError: It is missing, damaged, no generative model, or has no chat template.
    """
    return model_file.inspect_model(Path(file).expanduser(), digests=usual_cache())


def build_plan(choice: Choice) -> Plan:
    """Check all that was chosen and return a plan that can be started.

    Nothing is stored, no weights are loaded. `warnings_of` tells what a person should know before it starts, `fits`
    whether its prompts fit the context, which loads the vocabularies.

    Raises:
        UsageError: A task is unknown, a model is named twice, a file cannot be used or a setting does not fit; the
            subclass says which.
    """
    chosen = replace(
        choice,
        candidates=[_source(one) for one in choice.candidates],
        judges=[_source(one) for one in choice.judges],
        data=_path(choice.data),
        items=_path(choice.items),
        template=_path(choice.template),
        encoder=_path(choice.encoder),
    )
    return prepare.build_plan(chosen, known_tasks().tasks)


def _source(named: AnyPath | Address) -> Path | Address:
    if isinstance(named, Address):
        return named
    return address_of(str(named)) if is_address(str(named)) else Path(named).expanduser()


def fits(plan: Plan) -> Iterator[ModelFit]:
    """Yield each model of a plan with its memory (bytes) and, by task, the tokens of its prompts against the context.

    Raises:
        EngineError: llama.cpp cannot open a model file.
    """
    return sizing.fits(plan, _log())


class Run(Iterator[RunEvent]):
    """A run that goes on while its events are iterated, one sitting of it.

    The first event is `RunStarted`, the last `RunEnded`; each is stored in the archive before it is told. The thread
    that asks for the first event has to ask for all.

    An iterator that is dropped, closed or interrupted half way ends its engine and leaves the run `interrupted`: what
    is stored stays, and `resume` does the rest. Who keeps it in a variable closes it, best by `with`.

    Attributes:
        id: Of the run in the archive.
        total: Scores that it will have in the end.
    """

    def __init__(self, audit: Audit) -> None:
        self.id = audit.run
        self.total = audit.plan.total
        self._audit = audit
        self._events = audit.events()

    def __next__(self) -> RunEvent:
        """Return the next event.

        Raises:
            StopIteration: The run has ended or was closed.
            ArchiveError: The archive cannot be written any more.
        """
        return next(self._events)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def stop(self) -> None:
        """End after the items in flight, whose events still come; any thread may call it."""
        self._audit.control.stop()

    def pause(self, paused: bool = True) -> None:
        """Begin no further item, or let it go on; any thread but the one that iterates may call it."""
        self._audit.control.pause(paused)

    def close(self) -> None:
        """End at once and give the run back; what was not stored is lost. After the last event it does nothing."""
        self._events.close()
        self._audit.close()


def run(plan: Plan, archive: AnyPath) -> Run:
    """Store a plan as a new run and return it; its work is done as its events are iterated.

    Args:
        plan: Of `build_plan`.
        archive: SQLite file; it is made, readable by its owner alone, if it is not there.

    Raises:
        ArchiveError: The archive cannot be written.
        EngineError: llama.cpp cannot open a model file; nothing was stored.
    """
    return Run(Audit(Path(archive).expanduser().absolute(), replace(plan, id=""), log=_log()))


def resume(archive: AnyPath, run: str) -> Run:
    """Return the rest of a run that has not ended: no finished item is asked again.

    Args:
        archive: Where it is stored.
        run: Its id.

    Raises:
        ArchiveError: There is no such run, it is finished, or another process works on it.
        ModelFileError: A model file is gone or was replaced.
        ItemsError: A file that a scorer needs is gone.
        EngineError: llama.cpp cannot open a model file.
    """
    path = Path(archive).expanduser().absolute()
    with closing(Reader(path)) as reader:
        if reader.audit(run).status == "done":
            raise ArchiveError(f"Run {run} is finished: nothing is left to do.", "Read it: Archive(path).metrics(run)")
    return Run(Audit(path, restore_plan(path, run), log=_log()))


@dataclass(frozen=True, slots=True)
class ScoredTexts:
    """Texts that were made elsewhere, scored against the items of a task.

    Attributes:
        task: As it would ask for text.
        scorer: Name and version of the scorer, and what else decides the scores.
        metrics: A record for each metric of the task; `run` and `judge` are empty.
        items: A record for each item of the task, in order; one without a text is unscored ("no output") and takes the
            worst value.
        notes: What a person should know of items and texts, in sentences.
    """

    task: Task
    scorer: str
    metrics: tuple[MetricRecord, ...]
    items: tuple[ItemRecord, ...]
    notes: tuple[str, ...]


def score_texts(
    task: str,
    texts: Mapping[str, str],
    data: AnyPath | None = None,
    items: AnyPath | None = None,
    encoder: AnyPath | None = None,
    model: str = "",
) -> ScoredTexts:
    """Score texts that were made elsewhere, as `medic-console score --outputs` does; no model is loaded.

    Args:
        task: Id of a task that needs no judge.
        texts: What was written, by item id. Thoughts at a text's beginning are set apart from the answer.
        data: Folder of official files; None takes the bundled samples.
        items: The items file or folder itself; goes before `data`.
        encoder: GGUF encoder for BERTScore, where the task has it.
        model: Name that the records shall bear.

    Raises:
        UsageError: There is no such task, a judge has to score it, or a file cannot be used.
        ItemsError: An id fits no item, or something is no text.
    """
    read = partial(outputs_of, texts)
    found = score_given(scorable(task), read, _path(data), _path(items), _path(encoder))
    loaded, who = found.loaded, flat.Whose(model=model)
    total, size = counts(found.scores), len(loaded.items)
    return ScoredTexts(
        task=loaded.task,
        scorer=found.scorer,
        metrics=tuple(flat.metric_records(who, loaded.task, loaded.origin, found.metrics, total, size)),
        items=tuple(
            flat.scored_item(who, loaded.task, item, score)
            for item, score in zip(loaded.items, found.scores, strict=True)
        ),
        notes=found.notes,
    )


def _path(named: AnyPath | None) -> Path | None:
    return None if named is None else Path(named).expanduser()


def _log() -> Path:
    return begun_anew(paths.private(paths.cache_dir()) / "engine.log")

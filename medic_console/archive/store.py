"""Write a run to the archive: every event is committed before anyone hears of it."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from medic_console.archive.database import open_writable
from medic_console.archive.key_state import ready
from medic_console.archive.rows import NEWEST_RUN, changed_status, output_of
from medic_console.archive.seals import note_start, seal_cards, seal_run
from medic_console.archive.transaction import transaction
from medic_console.archive.withdrawing import last_score
from medic_console.archive.writing import add_traces, insert, to_json
from medic_console.audit.events import Generates, ItemRef, ItemScored, ModelChanged, OutputReady
from medic_console.audit.plan import Plan, item_digest, scorer_label
from medic_console.core import offline
from medic_console.core.digest import canonical_json, digest
from medic_console.core.records import ENCODER, FinishReason, Output, Prompt
from medic_console.engine.files.model import ModelFile
from medic_console.engine.protocol.conditions import conditions_digest
from medic_console.engine.protocol.port import Granted
from medic_console.scoring.scorers.toolchain import versions_of
from medic_console.suite.items import LoadedTask


def now() -> str:
    """Return the present time in UTC as ISO 8601 with seconds."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def content_key(model: ModelFile, granted: Granted, prompt: Prompt) -> str:
    """Return the digest of all that decides an output but the shape of a batch.

    The text of the prompt is decided too: by the messages and by what the engine's conditions hold, the template with
    its variables and its date. A run that shares nothing (`--sequential`) finds only outputs that were made so.
    """
    return digest(
        {
            "model": model.sha256,
            "template": model.template_digest,
            "conditions": conditions_digest(granted),
            "alone": granted.parallel == 1 and not granted.shares_prefixes,
            "prompt": prompt.content(),
        }
    )


@dataclass(frozen=True, slots=True)
class CardRow:
    """What was measured of a judge, as it is stored.

    Attributes:
        card: The whole of it, as JSON.
    """

    judge: str
    method: str
    wording: str
    build: str
    probes: str
    run: str
    created: str
    verdict: str
    card: Mapping[str, Any]


class Store:
    """The one writer of a run (see `runner.Memory` for what it remembers).

    Raises:
        ArchiveError: The archive cannot be written.
        UsageError: The key of the ledger cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()
        ready(path)
        self._db = open_writable(path)
        self._run = ""
        self._sitting = 0
        self._changed = ""
        self._network: offline.Network | None = None
        """What was seen of sockets when the sitting began."""
        self._settings: dict[str, Any] = {}
        self._scorers: dict[str, str] = {}
        """What is stored with a score, by task; by candidate and task where it is asked otherwise."""
        self._toolchains: dict[str, str] = {}

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def _writing(self) -> AbstractContextManager[None]:
        return transaction(self._db, self.path)

    def create_run(self, plan: Plan, day: datetime.date | None = None) -> str:
        """Store a plan and return the id of its run: the day and a number."""
        day = day or datetime.date.today()
        with self._writing():
            run = self._next_id(day)
            settings = asdict(plan.settings)
            insert(
                self._db,
                "runs",
                id=run,
                created=now(),
                status="new",
                kind=plan.kind,
                key=plan.key(),
                settings=to_json(settings),
            )
            for role, models in (("candidate", plan.candidates), ("judge", plan.judges)):
                for position, model in enumerate(models):
                    self._add_model(model)
                    self._add_run_model(run, role, position, model)
            for position, loaded in enumerate(plan.tasks):
                self._add_task(run, position, loaded)
        return run

    def begin(self, run: str, tasks: Iterable[LoadedTask]) -> None:
        """Open a sitting: from now on everything is stored under this run."""
        self._run = run
        row = self._one("SELECT settings FROM runs WHERE id = ?", [run])
        self._settings = json.loads(row["settings"]) if row else {}
        loaded_tasks = list(tasks)
        self._scorers = {loaded.task.id: scorer_label(loaded, self._settings) for loaded in loaded_tasks}
        with self._writing():
            self._toolchains = {loaded.task.id: self._add_toolchain(loaded) for loaded in loaded_tasks}
            self._db.execute("UPDATE sittings SET status = 'died' WHERE run = ? AND status = 'running'", [run])
            self._db.execute("UPDATE runs SET status = 'running' WHERE id = ?", [run])
            self._sitting = insert(self._db, "sittings", run=run, pid=os.getpid(), started=now(), status="running")
            note_start(self._db, run, self._sitting)
        self._network = offline.seen()

    def end(self, status: str) -> None:
        """Close the sitting with what was seen of sockets meanwhile, and give the run its status."""
        network = offline.since(self._network)
        with self._writing():
            changed = [now(), self._changed or status, to_json(asdict(network)) if network else None, self._sitting]
            self._db.execute("UPDATE sittings SET ended = ?, status = ?, network = ? WHERE id = ?", changed)
            self._db.execute("UPDATE runs SET status = ? WHERE id = ?", [status, self._run])
            seal_run(self._db, self._run, self._sitting, status)

    def output(self, ref: ItemRef, step: str) -> Output | None:
        """Return the output that this run has for a step of an item."""
        row = self._one(
            "SELECT outputs.* FROM calls JOIN outputs ON outputs.id = calls.output WHERE calls.run = ? AND "
            "calls.task = ? AND calls.item = ? AND calls.candidate = ? AND calls.model = ? AND calls.step = ?",
            [self._run, ref.task, ref.item, ref.candidate, ref.judge or ref.candidate, step],
        )
        return output_of(row) if row else None

    def judged(self, model: ModelFile, granted: Granted, prompt: Prompt) -> Output | None:
        """Return a judge's output for the same request, from any run."""
        row = self._one(
            "SELECT * FROM outputs WHERE model = ? AND content_key = ? ORDER BY id DESC LIMIT 1",
            [model.sha256, content_key(model, granted, prompt)],
        )
        return output_of(row) if row else None

    def is_scored(self, ref: ItemRef) -> bool:
        """Tell whether this run has a score for an item."""
        found = self._one(
            "SELECT 1 FROM scores WHERE run = ? AND task = ? AND item = ? AND candidate = ? AND judge = ?",
            [self._run, ref.task, ref.item, ref.candidate, ref.judge],
        )
        return found is not None

    def scores_done(self) -> int:
        """Return the number of scores that the run has."""
        row = self._one("SELECT count(*) AS n FROM scores WHERE run = ?", [self._run])
        return int(row["n"]) if row else 0

    def add_output(self, event: OutputReady) -> None:
        """Store a finished output and what it answered; cancelled ones are dropped, to be generated again."""
        if event.output.finish is FinishReason.CANCELLED:
            return
        key = content_key(event.model, event.granted, event.prompt)
        with self._writing():
            if event.recalled:
                self._recall(event, key)
            else:
                self._add_call(event, self._insert_output(event, key))

    def generates(self, event: Generates) -> None:
        """From now on a candidate's scores of a task are those of text that it wrote."""
        loaded = event.task
        self._scorers[f"{event.candidate} {loaded.task.id}"] = scorer_label(loaded, self._settings)

    def model_changed(self, event: ModelChanged) -> None:
        """Have the sitting end as one in which a served model became another: its figures in this run are marked."""
        self._changed = changed_status(event.model.sha256, event.words)

    def add_score(self, event: ItemScored) -> None:
        """Store a verdict with its values, SQL results and cross-examination."""
        ref, score = event.ref, event.score
        with self._writing():
            number = insert(
                self._db,
                "scores",
                id=last_score(self._db.conn) + 1,
                run=self._run,
                candidate=ref.candidate,
                judge=ref.judge,
                task=ref.task,
                item=ref.item,
                outcome=str(score.outcome),
                truncated=int(score.truncated),
                reason=str(score.reason or ""),
                answer=score.answer,
                verdict=score.verdict,
                detail=score.detail,
                traceback=score.traceback,
                scorer=self._scorers.get(f"{ref.candidate} {ref.task}") or self._scorers.get(ref.task, ""),
                toolchain=self._toolchains.get(ref.task),
                created=now(),
            )
            add_traces(self._db, number, score)

    def _add_toolchain(self, loaded: LoadedTask) -> str:
        versions = versions_of(loaded.task.scorer, ENCODER in loaded.resources)
        name = digest(versions)
        insert(self._db, "toolchains", or_ignore=True, digest=name, versions=to_json(versions))
        return name

    def _insert_output(self, event: OutputReady, key: str) -> int:
        output, granted = event.output, to_json({**asdict(event.granted)})
        content = canonical_json(event.prompt.content())
        engine, prompt = digest(json.loads(granted)), digest(event.prompt.content())
        insert(self._db, "engines", or_ignore=True, digest=engine, granted=granted)
        insert(self._db, "prompts", or_ignore=True, digest=prompt, content=content)
        return insert(
            self._db,
            "outputs",
            model=event.model.sha256,
            content_key=key,
            prompt=prompt,
            engine=engine,
            sitting=self._sitting,
            created=now(),
            text=output.text,
            thinking=output.thinking,
            thinking_closed=int(output.thinking_closed),
            finish=str(output.finish),
            prompt_tokens=output.prompt_tokens,
            output_tokens=output.output_tokens,
            max_tokens=output.max_tokens,
            context=output.context,
            seconds=output.seconds,
            reused_tokens=output.reused_tokens,
            probabilities=to_json(dict(output.probabilities)),
            outside=output.outside,
            thinking_tokens=output.thinking_tokens,
            rendered=output.rendered,
        )

    def _recall(self, event: OutputReady, key: str) -> None:
        row = self._one(
            "SELECT id FROM outputs WHERE model = ? AND content_key = ? ORDER BY id DESC LIMIT 1",
            [event.model.sha256, key],
        )
        if row is not None:
            self._add_call(event, int(row["id"]), or_ignore=True)

    def _add_call(self, event: OutputReady, output: int, or_ignore: bool = False) -> None:
        insert(
            self._db,
            "calls",
            or_ignore=or_ignore,
            run=self._run,
            candidate=event.ref.candidate,
            model=event.model.sha256,
            task=event.ref.task,
            item=event.ref.item,
            step=event.step,
            output=output,
        )

    def add_cards(self, cards: Iterable[CardRow]) -> None:
        """Store what was measured of judges; older cards stay."""
        with self._writing():
            rows = ({**asdict(card), "card": to_json(card.card)} for card in cards)
            seal_cards(self._db, [insert(self._db, "qualifications", **row) for row in rows])

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Return the rows of a query."""
        return list(self._db.query(sql, list(values)))

    def _next_id(self, day: datetime.date) -> str:
        row = self._one(
            f"SELECT id AS last FROM runs WHERE id LIKE ? ORDER BY {NEWEST_RUN} LIMIT 1", [f"{day.isoformat()}-%"]
        )
        last = int(row["last"].rsplit("-", 1)[1]) if row and row["last"] else 0
        return f"{day.isoformat()}-{last + 1:03d}"

    def _add_model(self, model: ModelFile) -> None:
        insert(
            self._db,
            "models",
            or_ignore=True,
            sha256=model.sha256,
            name=model.name,
            size=model.size,
            architecture=model.architecture,
            quantisation=model.quantisation,
            parameters=model.parameters,
            context=model.context,
            kv_bytes=model.kv_bytes,
            metadata=to_json(model.metadata),
        )

    def _add_run_model(self, run: str, role: str, position: int, model: ModelFile) -> None:
        insert(self._db, "templates", or_ignore=True, digest=model.template_digest, text=model.template)
        insert(
            self._db,
            "run_models",
            run=run,
            role=role,
            position=position,
            sha256=model.sha256,
            file=model.file,
            template=model.template,
        )

    def _add_task(self, run: str, position: int, loaded: LoadedTask) -> None:
        task = loaded.task
        content = digest({"text": task.text})
        insert(
            self._db,
            "tasks",
            or_ignore=True,
            digest=content,
            id=task.id,
            version=task.version,
            title=task.title,
            text=task.text,
        )
        insert(
            self._db,
            "run_tasks",
            run=run,
            position=position,
            task=task.id,
            digest=content,
            origin=loaded.origin,
            source=str(loaded.source.absolute()),
            notes=to_json([*loaded.notes, *(f"{where}: {why}" for where, why in loaded.skipped)]),
            shared=to_json(dict(loaded.shared)),
            resources=to_json({name: str(path.absolute()) for name, path in loaded.resources.items()}),
        )
        for index, item in enumerate(loaded.items):
            name = item_digest(item)
            insert(
                self._db,
                "items",
                or_ignore=True,
                digest=name,
                id=item.id,
                fields=to_json(dict(item.fields)),
                gold=to_json(item.gold),
                grouping=item.group,
            )
            insert(self._db, "run_items", run=run, task=task.id, position=index, item=item.id, digest=name)

    def _one(self, sql: str, values: list[Any]) -> dict[str, Any] | None:
        return next(iter(self._db.query(sql, values)), None)

"""What can be said of a run before it starts: what stops it, what will be unscored, what to know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from pathlib import Path

from medic_console.archive.views import ModelView
from medic_console.audit.plan import Plan
from medic_console.audit.prepare import by_own_template, check_asking, own_template_only, with_named_encoder
from medic_console.console.text import count
from medic_console.core.errors import MedicError, UsageError, sentence
from medic_console.core.naming import called
from medic_console.core.run_settings import RunSettings
from medic_console.engine.endpoint.access import usual_access
from medic_console.engine.endpoint.address import Source
from medic_console.engine.files.model import ModelFile
from medic_console.engine.protocol.features import Features
from medic_console.engine.sizing.devices import sized_each
from medic_console.suite.ask_options import as_asked
from medic_console.suite.item_sample import take
from medic_console.suite.items import LoadedTask
from medic_console.suite.prompts import check_examples


class Severity(StrEnum):
    """How grave a remark is."""

    STOPS = "stops"
    WARNS = "warns"
    TELLS = "tells"


@dataclass(frozen=True, slots=True)
class Remark:
    """One sentence on the run."""

    level: Severity
    text: str


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A model that the person named, or that was found in a folder or in the archive.

    Attributes:
        source: Its file, or the server that it is behind.
        model: None until it was read.
        error: Why it cannot be used.
        share: Part that was read, 0 to 1; None when it is not being read.
        notes: What is to be known of how its prompts come about, in sentences.
        build: What llama.cpp could use here when the file was read; None until then.
        seen: The model as the archive knows it under this path; None for a file that was in no run.
        gone: Why there is nothing to read; empty while the file is there.
    """

    source: Source
    model: ModelFile | None = None
    error: MedicError | None = None
    share: float | None = None
    candidate: bool = False
    judge: bool = False
    notes: tuple[str, ...] = ()
    build: Features | None = None
    seen: ModelView | None = None
    gone: str = ""

    @property
    def fault(self) -> str:
        """Why the file cannot be chosen; empty when it can."""
        return self.gone or (f"{self.error.message} {self.error.hint}".strip() if self.error is not None else "")


_NAMED = 3
"""Titles that a remark spells out."""


@dataclass(frozen=True, slots=True)
class RunForm:
    """All that was chosen.

    Attributes:
        tasks: Items of each chosen task, or why they cannot be read.
        limit: Most items a task; None takes all.
        faults: What hinders the start beside all else, one sentence each.
        encoder: GGUF encoder for BERTScore; None for none.
    """

    files: Sequence[FileEntry]
    tasks: Mapping[str, LoadedTask | MedicError]
    settings: RunSettings = field(default_factory=RunSettings)
    limit: int | None = None
    faults: Sequence[str] = ()
    encoder: Path | None = None

    @property
    def candidates(self) -> tuple[ModelFile, ...]:
        """Models to audit."""
        return tuple(entry.model for entry in self.files if entry.model is not None and entry.candidate)

    @property
    def judges(self) -> tuple[ModelFile, ...]:
        """Models that judge."""
        return tuple(by_own_template(entry.model) for entry in self.files if entry.model is not None and entry.judge)

    @property
    def loaded(self) -> tuple[LoadedTask, ...]:
        """Readable tasks with the items that are taken."""
        readable = (task for task in self.asked.values() if isinstance(task, LoadedTask))
        return tuple(take(task, self.limit, self.settings.sample, self.settings.seed) for task in readable)

    @property
    def asked(self) -> dict[str, LoadedTask | MedicError]:
        """Each chosen task as the settings have it ask, or why it cannot run."""
        return {task: self._asked(loaded) for task, loaded in self.tasks.items()}

    def _asked(self, loaded: LoadedTask | MedicError) -> LoadedTask | MedicError:
        if isinstance(loaded, MedicError):
            return loaded
        try:
            task = as_asked(loaded.task, self.settings.asking)
            check_examples(task, loaded.items, loaded.shared)
        except MedicError as error:
            return error
        return replace(loaded, task=task)

    def plan(self) -> Plan:
        """Return the run; only sensible when no remark stops it.

        Raises:
            UsageError: A chat template cannot ask what is to be asked, the encoder cannot be used, or no task has a
                use for it.
        """
        check_asking(self.candidates, self.loaded, self.settings)
        plan = Plan(self.loaded, self.candidates, self.judges, self.settings, access=usual_access())
        return plan if self.encoder is None else with_named_encoder(plan, self.encoder)


def remarks(form: RunForm) -> list[Remark]:
    """Return all remarks, the gravest first."""
    found = [*_stops(form), *_judging(form), *_tells(form), *_plans(form)]
    order = list(Severity)
    return sorted(found, key=lambda remark: order.index(remark.level))


def _stops(form: RunForm) -> list[Remark]:
    found = [Remark(Severity.STOPS, fault) for fault in form.faults]
    if form.limit is not None and form.settings.sample:
        found.append(
            Remark(Severity.STOPS, "Limit takes the first items, Sample draws them at random: empty one of them.")
        )
    if any(entry.share is not None for entry in form.files):
        found.append(Remark(Severity.STOPS, "A model is still being read."))
    elif not form.candidates:
        found.append(Remark(Severity.STOPS, "No candidate: press c on a model; a adds a file."))
    if form.settings.chat_template != RunSettings().chat_template and any(one.served for one in form.candidates):
        refused = own_template_only()
        found.append(Remark(Severity.STOPS, f"{refused.message} {refused.hint}"))
    if not form.tasks:
        found.append(Remark(Severity.STOPS, "No task is in: take in at least one with space."))
    for task, loaded in form.asked.items():
        if isinstance(loaded, MedicError):
            found.append(Remark(Severity.STOPS, f"{task} cannot run: {loaded.message} {loaded.hint}"))
    for model in (*form.candidates, *form.judges):
        if model.served is None and form.settings.context > (model.context or 4096):
            trained = f"{model.context or 4096:,}"
            found.append(
                Remark(
                    Severity.STOPS,
                    f"Context {form.settings.context:,} is more than {called(model)} was trained on ({trained}).",
                )
            )
    return found


def _judging(form: RunForm) -> list[Remark]:
    judged = [loaded.task.title for loaded in form.loaded if loaded.task.judge is not None]
    if not judged:
        return [Remark(Severity.TELLS, "The judge has nothing to do: no chosen task needs one.")] if form.judges else []
    if not form.judges:
        needing = [loaded.task.title for loaded in form.loaded if loaded.task.needs_judge]
        text = f"{_named(needing)}: every item will be unscored: no judge. Press g on a model."
        return [Remark(Severity.WARNS, text)] if needing else []
    shas = {model.sha256 for model in form.candidates}
    return [
        Remark(Severity.WARNS, f"{called(judge)} will judge its own texts: it is a candidate and the judge.")
        for judge in form.judges
        if judge.sha256 in shas
    ]


def _plans(form: RunForm) -> list[Remark]:
    """Return how each model would be laid out over the memory that is free now, or that it does not fit."""
    found = []
    for entry in form.files:
        model, build = entry.model, entry.build
        if model is None or build is None or not (entry.candidate or entry.judge):
            continue
        if form.settings.context > (model.context or 4096):
            continue  # told already
        try:
            reasons = sized_each(model, form.settings, build=partial(_seen, build))[0].settings.reasons
            found.append(Remark(Severity.TELLS, f"{called(model)}: {'; '.join(reasons)}."))
        except UsageError as error:
            found.append(Remark(Severity.STOPS, f"{error.message} {error.hint}"))
    return found


def _seen(build: Features) -> Features:
    return build


def _named(titles: Sequence[str]) -> str:
    """Return titles in a line that stays short."""
    more = len(titles) - _NAMED
    return f"{', '.join(titles[:_NAMED])} and {more} more" if more > 0 else ", ".join(titles)


def _tells(form: RunForm) -> list[Remark]:
    found = [
        Remark(Severity.WARNS, f"{entry.model.name}: {note}.")
        for entry in form.files
        if entry.model is not None and (entry.candidate or entry.judge)
        for note in entry.notes
    ]
    loaded = form.loaded
    samples = [one.task.title for one in loaded if one.origin == "sample"]
    if samples:
        names = "All tasks" if len(samples) == len(loaded) else _named(samples)
        found.append(Remark(Severity.TELLS, f"{names}: bundled sample items, not comparable with published figures."))
    pairs = [one.task.title for one in loaded if one.task.in_pairs]
    if pairs and form.judges and len(form.candidates) < 2:
        found.append(
            Remark(Severity.WARNS, f"{_named(pairs)}: answers are compared in pairs: mark a second candidate.")
        )
    for one in loaded:
        if one.skipped:
            where, why = one.skipped[0]
            text = f"{one.task.title}: {count(len(one.skipped), 'record')} skipped, the first at {where}: {why}"
            found.append(Remark(Severity.WARNS, sentence(text)))
        found += [Remark(Severity.TELLS, f"{one.task.title}: {note}") for note in one.notes]
    if loaded and form.candidates:
        total = Plan(loaded, form.candidates, form.judges, form.settings).total
        models = count(len(form.candidates), "candidate")
        found.insert(
            0, Remark(Severity.TELLS, f"{models} × {count(len(loaded), 'task')}: {count(total, 'score')} in all.")
        )
    return found

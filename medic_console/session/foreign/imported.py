"""Another program's answers as a run of ours: matched to our items, scored by our rules, marked as not run here.

The other program's scores are not taken: figures beside each other must be made by one rule. What it asked may be
worded otherwise than our prompts are, and the run's notes say so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from medic_console.audit.plan import Plan
from medic_console.audit.prepare import Choice, load_task, usable_models
from medic_console.core.digest import digest
from medic_console.core.elsewhere import NOT_RUN_HERE, file_held
from medic_console.core.errors import UsageError
from medic_console.core.naming import ELSEWHERE
from medic_console.core.records import Output
from medic_console.core.run_settings import RunSettings
from medic_console.engine.files.model import ModelFile
from medic_console.engine.files.model_file import file_sha256
from medic_console.engine.protocol.port import Engine, Start
from medic_console.session.audit import Audit
from medic_console.session.foreign.files import read_samples
from medic_console.session.foreign.matching import NO_ITEM, Matched, Matcher
from medic_console.session.foreign.recorded import RecordedEngine, Turns, turns_of
from medic_console.session.foreign.samples import Sample
from medic_console.session.models import start_model
from medic_console.session.outputs import outputs_of
from medic_console.suite.item_sample import matched_note
from medic_console.suite.items import LoadedTask
from medic_console.suite.prompts import item_prompt
from medic_console.suite.task import Task

SETTINGS = RunSettings(multiple_choice="generated", memory_check=False, parallel=1, context=4096, gpu_layers="0")
"""Of an import: our prompts stand for the others', options are read from text, nothing is loaded for the candidate."""
_CONTEXT = 4096
"""Tokens; fewer where a judge was trained on fewer."""
UNKNOWN = "unknown"
_NONE = "Their texts must be those of the items: name the official files with --data DIR, or another file of samples."


@dataclass(frozen=True, slots=True)
class Import:
    """What a person wants to take in.

    Attributes:
        files: Of one model.
        tasks: In which items are sought.
        name: Of the model; empty takes the files' own.
        data: Folder of official files; None takes the bundled samples.
        items: Items file or folder, where one task is named.
        judges: GGUF files that judge what a judge must score.
    """

    files: tuple[Path, ...]
    tasks: tuple[Task, ...]
    name: str = ""
    data: Path | None = None
    items: Path | None = None
    judges: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    loaded: LoadedTask
    matched: Matched


def import_audit(archive: Path, asked: Import) -> Audit:
    """Match the samples of files to items and return the audit that scores and stores them.

    Raises:
        ItemsError: A file cannot be read, or a record in it is not in its format's form.
        UsageError: The model is not named or there are several, no sample fits an item, or a judge cannot be used.
    """
    formats, samples = _read(asked)
    model = _model(asked, samples)
    found = [one for task in asked.tasks if (one := _matched(task, asked, samples)) is not None]
    if not found:
        names = ", ".join(task.id for task in asked.tasks)
        raise UsageError(f"None of the {len(samples):,} samples fits an item of {names}.", _NONE)
    files = [path.expanduser().absolute() for path in asked.files]
    source = f"{' and '.join(formats)}: {', '.join(path.name for path in files)}"
    held = ", ".join(file_held(path.name, file_sha256(path)) for path in files)
    nowhere = set.intersection(*(set(one.matched.left.get(NO_ITEM, ())) for one in found))
    tasks = tuple(_noted(one, model, f"{source}; {held}", len(samples), nowhere) for one in found)
    judges = usable_models(asked.judges, replace(SETTINGS, context=0)) if asked.judges else ()
    settings = replace(SETTINGS, context=min([_CONTEXT, *(judge.context or _CONTEXT for judge in judges)]))
    engine = RecordedEngine(_outputs(tasks, found), source)
    plan = Plan(tasks, (model,), judges, settings)
    return Audit(archive, plan, start=_start(model, engine, settings))


def _start(model: ModelFile, engine: RecordedEngine, settings: RunSettings) -> Start:
    def start(wanted: ModelFile, cache: str) -> Engine:
        return engine if wanted.sha256 == model.sha256 else start_model(wanted, settings, cache)

    return start


def _read(asked: Import) -> tuple[list[str], list[Sample]]:
    formats: dict[str, None] = {}
    samples: list[Sample] = []
    for path in asked.files:
        name, found = read_samples(path.expanduser().absolute(), asked.name)
        formats[name] = None
        samples += found
    return list(formats), samples


def _model(asked: Import, samples: Sequence[Sample]) -> ModelFile:
    """Return what stands for the model: its digest is that of its name, for its file is not here."""
    names = {sample.model for sample in samples}
    if len(names) > 1:
        raise UsageError(f"The files hold answers of several models: {', '.join(sorted(names))}.", "Import one by one.")
    name = next(iter(names), "").strip()
    if not name:
        raise UsageError(f"{asked.files[0]}: the file does not name its model.", "Name it with --name NAME.")
    sha256 = digest({"not run here": name})
    path = asked.files[0].expanduser().absolute()
    title = f"{name}{ELSEWHERE}"
    return ModelFile(path, title, sha256, 0, UNKNOWN, UNKNOWN, 0, _CONTEXT, "", 0, {"general.name": title})


def _matched(task: Task, asked: Import, samples: Sequence[Sample]) -> _Found | None:
    if task.follow_up is not None:
        return None
    loaded = load_task(task, Choice((task.id,), (), settings=SETTINGS, data=asked.data, items=asked.items))
    matched = Matcher(loaded).match(samples)
    return _Found(loaded, matched) if matched.texts else None


def _noted(found: _Found, model: ModelFile, source: str, samples: int, nowhere: Collection[str]) -> LoadedTask:
    """Return a task with the items that have an answer, and what a person must know of that.

    Args:
        nowhere: Places of the samples that are of no task's items; those of another task were not left out.
    """
    loaded, matched = found.loaded, found.matched
    items = tuple(item for item in loaded.items if item.id in matched.texts)
    notes = [
        f"{NOT_RUN_HERE}{model.name.removesuffix(ELSEWHERE)} answered elsewhere ({source}). Its answers were matched "
        "to items by what they ask, and read and scored by our rules; its prompts may be worded otherwise than ours."
    ]
    if len(items) < len(loaded.items):
        notes.insert(0, matched_note(len(items), len(loaded.items)))
    if matched.repeated:
        notes.append(f"{matched.repeated:,} further answers to the same items were left out: the first one counts.")
    for reason, places in matched.left.items():
        left = [place for place in places if reason != NO_ITEM or place in nowhere]
        if left:
            notes.append(f"{len(left):,} of {samples:,} samples were left out: {reason} (the first: {left[0]}).")
    weighed = sum(bool(sample.chosen) for sample, _ in matched.texts.values())
    if weighed:
        notes.append(f"{weighed:,} answers are the option of highest likelihood, which the other program weighed.")
    return replace(loaded, items=items, notes=(*notes, *loaded.notes))


def _outputs(tasks: Sequence[LoadedTask], found: Sequence[_Found]) -> Mapping[Turns, list[Output]]:
    by_turns: dict[Turns, list[Output]] = {}
    for loaded, one in zip(tasks, found, strict=True):
        texts = {item: text for item, (_, text) in one.matched.texts.items()}
        outputs = outputs_of(texts, loaded).by_item
        for item in loaded.items:
            sample = one.matched.texts[item.id][0]
            output = replace(outputs[item.id], finish=sample.finish)
            if sample.thinking:
                output = replace(output, thinking=sample.thinking)
            by_turns.setdefault(turns_of(item_prompt(loaded.task, item, loaded.shared, "")), []).append(output)
    return by_turns

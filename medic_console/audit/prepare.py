"""From what a person named (files, tasks, limits) to a plan, with all that can be checked before anything runs."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from medic_console.audit.caches import check_cache, in_question
from medic_console.audit.plan import Plan
from medic_console.audit.shard import parse_shard
from medic_console.audit.task_parts import parts_of, usable
from medic_console.core import paths
from medic_console.core.digest import text_digest
from medic_console.core.errors import ModelFileError, UsageError, sentence
from medic_console.core.naming import told_apart
from medic_console.core.near import meant
from medic_console.core.run_settings import MEASURED, OPTIONS, RunSettings
from medic_console.core.small_files import open_regular
from medic_console.core.units import count
from medic_console.engine.endpoint.access import WARNING, Access, usual_access
from medic_console.engine.endpoint.address import Address, Source
from medic_console.engine.endpoint.model import TEMPLATE_NOTE, look_up
from medic_console.engine.files.hash_cache import usual_cache
from medic_console.engine.files.kinship import Kind, kinship
from medic_console.engine.files.model import ModelFile
from medic_console.engine.files.model_file import inspect_model
from medic_console.engine.protocol.ahead import start_ahead as start_engine_ahead
from medic_console.engine.sizing.limits import engine_settings
from medic_console.engine.template.completion import COMPLETION, completes
from medic_console.engine.template.probing import Form
from medic_console.engine.template.process import ProbedTemplate, probed, start_ahead
from medic_console.scoring.similarity import name_encoder, require_use, with_encoder
from medic_console.suite.ask_options import MODES, as_asked
from medic_console.suite.item_fields import check_fields
from medic_console.suite.item_sample import take
from medic_console.suite.items import LoadedTask, load_items
from medic_console.suite.prompts import check_examples, item_prompt
from medic_console.suite.task import Task
from medic_console.suite.task_file import TaskSet, load_tasks

_MEASURED_LATER = "which kind of cache it gets is measured as the run begins; until then it is told by its texts."
NO_TEMPLATE = Path("none")
"""Named in place of a template: prompts are plain text for completion. A file of that name is named `./none`."""
Hashing = Callable[[Path, int, int], None]
"""Called with a file, the bytes hashed and the bytes in all."""
_LONGEST_TEMPLATE = 1 << 20
"""Bytes; the longest known ones have 0.1 MB."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person named for a run.

    Attributes:
        data: Folder of official files; None takes the bundled samples.
        items: One items file or folder, for a single task; goes before `data`.
        limit: Most items a task, from the beginning; None takes all. `settings.sample` draws them instead.
        template: Jinja file to use in place of the models' own chat templates; `none`: the candidates are asked for
            completions, as are judges without a template of their own.
        encoder: GGUF file of an encoder for BERTScore.
        public: Served models may be at any address.
    """

    tasks: Sequence[str]
    candidates: Sequence[Source]
    judges: Sequence[Source] = ()
    data: Path | None = None
    items: Path | None = None
    limit: int | None = None
    template: Path | None = None
    encoder: Path | None = None
    settings: RunSettings = field(default_factory=RunSettings)
    public: bool = False


def known_tasks() -> TaskSet:
    """Return the bundled tasks and the user's own, which replace bundled ones of the same id.

    Raises:
        UsageError: An installed package brings a part that cannot be used.
    """
    own = paths.config_dir() / "tasks"
    return usable(load_tasks(paths.tasks_dir(), own), own.is_dir())


def build_plan(choice: Choice, tasks: Mapping[str, Task], hashing: Hashing | None = None) -> Plan:
    """Check everything and return a plan that can be started.

    Raises:
        UsageError: A task is unknown, a model is named twice, a file cannot be used or a setting does not fit.
    """
    if not choice.candidates:
        raise UsageError(
            "No model was named.", "Name at least one GGUF file with --model FILE, or a server with --endpoint URL."
        )
    if not choice.tasks:
        raise UsageError("No task was named.", f"Name at least one of: {', '.join(tasks)}.")
    if choice.items is not None and len(choice.tasks) != 1:
        raise UsageError("--items goes with one task.", "Name one task, or a folder for all of them with --data DIR.")
    _check_taking(choice)
    if choice.settings.shard:
        choice = replace(choice, settings=replace(choice.settings, shard=str(parse_shard(choice.settings.shard))))
    start_ahead()
    start_engine_ahead()
    choice = replace(choice, settings=replace(choice.settings, chat_template=named_template(choice.template)))
    access = usual_access(choice.public)
    candidates = usable_models(choice.candidates, choice.settings, choice.template, hashing, access=access)
    judges = usable_models(choice.judges, choice.settings, choice.template, hashing, own_first=True, access=access)
    named = [task_named(name, tasks) for name in dict.fromkeys(choice.tasks)]
    _check_mode(choice.settings, named)
    loaded = tuple(load_task(task, choice) for task in named)
    check_asking(candidates, loaded, choice.settings)
    check_cache(choice.settings, [one.task.id for one in loaded])
    plan = Plan(loaded, candidates, judges, choice.settings, access=access)
    return plan if choice.encoder is None else with_named_encoder(plan, choice.encoder)


def with_named_encoder(plan: Plan, path: Path) -> Plan:
    """Return a plan whose tasks have an encoder for BERTScore.

    Raises:
        UsageError: The file is no encoder, or no task has a use for one.
    """
    require_use(plan.tasks)
    encoder = name_encoder(path)
    tasks = tuple(with_encoder(task, encoder) for task in plan.tasks)
    return replace(plan, tasks=tasks, settings=replace(plan.settings, encoder=encoder.sha256))


def check_asking(candidates: Sequence[ModelFile], tasks: Sequence[LoadedTask], settings: RunSettings) -> None:
    """Check that candidates can be asked as the tasks and settings want it.

    Raises:
        UsageError: No task is multiple choice and a mode of it was named, or a chat template would ask in part.
    """
    _check_mode(settings, [loaded.task for loaded in tasks])
    for model in candidates:
        _check_turns(model, tasks)


def _check_mode(settings: RunSettings, tasks: Sequence[Task]) -> None:
    mode = settings.multiple_choice
    if mode in MODES and not any(task.prompt.labels for task in tasks):
        raise UsageError(f"--multiple-choice {mode}: none of the tasks is multiple choice.", "Leave the option out.")


def _check_taking(choice: Choice) -> None:
    if choice.limit is not None and choice.limit < 1:
        raise UsageError(f"--limit {choice.limit} leaves no items.", "Use 1 or more.")
    if choice.limit is not None and choice.settings.sample:
        raise UsageError(
            f"--limit {choice.limit} takes the first items, --sample {choice.settings.sample} draws them at random.",
            "Use one of the two.",
        )


def usable_models(
    sources: Sequence[Source],
    settings: RunSettings,
    template: Path | None = None,
    hashing: Hashing | None = None,
    own_first: bool = False,
    access: Access | None = None,
) -> tuple[ModelFile, ...]:
    """Return models that can be loaded, or are served, under these settings.

    Args:
        sources: Files, and addresses where models are served.
        template: Jinja file to use in place of the models' own chat templates; `none` asks for completions.
        own_first: A model that has a template is not asked for completions.
        access: Which addresses may be spoken to; None: as the settings say.

    Raises:
        EngineError: What is at an address is no model server, or may not be spoken to.
        UsageError: A file cannot be used, is named twice, or a setting does not fit.
    """
    _check_values(settings)
    if template is not None and any(isinstance(source, Address) for source in sources) and not own_first:
        raise own_template_only()
    models = _models(sources, template_text(template), hashing, own_first, access)
    for model in models:
        if model.served is None:
            engine_settings(model, settings)
    return models


def own_template_only() -> UsageError:
    """Return what is said of a chat template that was named for candidates behind servers."""
    return UsageError(
        "--chat-template: a server puts its prompts together by itself.", "Leave the option out for endpoints."
    )


def load_task(task: Task, choice: Choice) -> LoadedTask:
    """Read a task's items and form its first prompt, so that a faulty task file shows before the run.

    Raises:
        UsageError: A part is not installed, the items cannot be read, the prompt cannot be formed, or an example is
            one of the items.
    """
    parts_of(task)
    task = as_asked(task, choice.settings.asking)
    whole = load_items(task, paths.cache_dir() / "databases", choice.data, choice.items)
    loaded = take(whole, choice.limit, choice.settings.sample, choice.settings.seed)
    if loaded.items:
        item_prompt(task, loaded.items[0], loaded.shared, "check")
        check_fields(loaded)
        check_examples(task, loaded.items, loaded.shared)
    return loaded


def task_named(name: str, tasks: Mapping[str, Task]) -> Task:
    """Return the task of that id.

    Raises:
        UsageError: There is none; names the nearest.
    """
    if name in tasks:
        return tasks[name]
    raise UsageError(f'There is no task "{name}".', meant(name, tasks, "Tasks"))


def warnings_of(plan: Plan) -> list[str]:
    """Return what a person should know before starting, one sentence each."""
    found = [f"{model.name}: {note}." for model in plan.models for note in probed_template(model).notes]
    if plan.access.public:
        found += [WARNING.format(where=model.file) for model in plan.models if model.served is not None]
    judged = [loaded.task.id for loaded in plan.tasks if loaded.task.judge is not None]
    needing = [loaded.task.id for loaded in plan.tasks if loaded.task.needs_judge]
    if needing and not plan.judges:
        found.append(f"{', '.join(needing)}: needs a judge; without one every item is unscored (--judge FILE).")
    alone = [loaded.task.id for loaded in plan.tasks if loaded.task.in_pairs]
    if alone and plan.judges and len(plan.candidates) < 2:
        found.append(f"{', '.join(alone)}: answers are compared in pairs; name a second --model FILE.")
    names = told_apart((*plan.candidates, *plan.judges))
    for judge in plan.judges if judged else ():
        who = names[judge.sha256]
        for candidate in plan.candidates:
            kin = kinship(judge, candidate)
            if kin is not None and kin.kind is Kind.FILE:
                found.append(f"{who} judges itself: it is a candidate and the judge.")
            elif kin is not None:
                found.append(f"{who} judges {names[candidate.sha256]}: {kin.words}; judges favour their own kind.")
    measures = plan.settings.cache == MEASURED and any(model.served is None for model in plan.candidates)
    for loaded in plan.tasks:
        if measures and in_question(loaded, plan):
            found.append(f"{loaded.task.id}: {_MEASURED_LATER}")
        if loaded.origin == "sample":
            found.append(f"{loaded.task.id}: bundled sample items; never comparable with published figures.")
        found += [f"{loaded.task.id}: {note}" for note in loaded.notes]
        if loaded.skipped:
            where, why = loaded.skipped[0]
            skipped = f"{loaded.task.id}: {count(len(loaded.skipped), 'record')} skipped, the first at {where}: {why}"
            found.append(sentence(skipped))
    return found


def _check_values(settings: RunSettings) -> None:
    """Refuse what no setting may be, whoever named it.

    Raises:
        UsageError: A number is outside of what its setting takes, or a text is not of its form.
    """
    for name, option in OPTIONS.items():
        value, key = getattr(settings, name), option.key
        if option.pattern and not re.fullmatch(option.pattern, value):
            raise UsageError(f"--{name.replace('_', '-')} {value} is not known.", f"Use {option.must}.")
        if key.kind not in ("integer", "number") or value is None:
            continue
        least, most = (-math.inf if key.least is None else key.least), (math.inf if key.most is None else key.most)
        if not least <= value <= most:
            known = f"{least:g} or more" if math.isinf(most) else f"{least:g} to {most:g}"
            word = "large" if value > most else "small" if value < least else "strange"
            raise UsageError(f"--{name.replace('_', '-')} {value} is too {word}.", f"Use {known}.")


def named_template(template: Path | None) -> str:
    """Return what is stored of the chat template that a person named (`RunSettings.chat_template`).

    Raises:
        UsageError: The file cannot be read.
    """
    if template is None or template == NO_TEMPLATE:
        return "own" if template is None else "none"
    return text_digest(template_text(template))


def _models(
    sources: Sequence[Source], template: str, hashing: Hashing | None, own_first: bool, access: Access | None
) -> tuple[ModelFile, ...]:
    models: list[ModelFile] = []
    for source in sources:
        if isinstance(source, Address):
            model = look_up(source, access or usual_access())
        else:
            model = _in_file(source, template, hashing, own_first)
        twin = next((other for other in models if other.sha256 == model.sha256), None)
        if twin is not None:
            what = "the same file (sha256)" if model.served is None else "the same model of one server"
            raise UsageError(f"{model.file} and {twin.file} are {what}.", "Name each model once.")
        models.append(model)
    return tuple(models)


def _in_file(path: Path, template: str, hashing: Hashing | None, own_first: bool) -> ModelFile:
    progress = None if hashing is None else _bind(hashing, path)
    model = inspect_model(path, template, progress, usual_cache())
    if own_first:
        model = by_own_template(model)
    probed_template(model)
    return model


def by_own_template(model: ModelFile) -> ModelFile:
    """Return a model that is not asked for completions where it has a template of its own."""
    own = str(model.metadata.get("tokenizer.chat_template", ""))
    return replace(model, template=own) if own and completes(model.template) else model


def probed_template(model: ModelFile) -> ProbedTemplate:
    """Return what is found by trying a model's chat template.

    Raises:
        ModelFileError: Its chat template cannot be used. The engine would find that too, but only after a run was
            stored.
    """
    if model.served is not None:
        return ProbedTemplate(Form(), "", (TEMPLATE_NOTE,))
    try:
        return probed(model.template)
    except ModelFileError as error:
        raise ModelFileError(f"{model.path}: {error.message}", error.hint) from error


def _check_turns(model: ModelFile, tasks: Sequence[LoadedTask]) -> None:
    """Refuse a template that shows one user turn alone where a prompt has more.

    Raises:
        UsageError: It would be asked in part.
    """
    if not probed_template(model).form.single:
        return
    for loaded in tasks:
        prompts = (item_prompt(loaded.task, item, loaded.shared, "check") for item in loaded.items)
        if any(turn.role == "assistant" for prompt in prompts for turn in prompt.messages):
            shots = loaded.task.prompt.shots
            raise UsageError(
                f"{model.path}: the chat template takes one user turn alone, and {loaded.task.id} asks with "
                f"{'examples' if shots else 'earlier turns'}.",
                "Ask without examples: --shots 0." if shots else f"Leave {loaded.task.id} out.",
            )


def _bind(hashing: Hashing, path: Path) -> Callable[[int, int], None]:
    return lambda done, total: hashing(path, done, total)


def template_text(path: Path | None) -> str:
    """Return the text of a template that a person named; empty for the models' own.

    Raises:
        UsageError: The file cannot be read.
    """
    if path is None or path == NO_TEMPLATE:
        return "" if path is None else COMPLETION
    try:
        with open_regular(path) as file:
            data = file.read(_LONGEST_TEMPLATE + 1)
        text = data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"{path}: the chat template cannot be read ({why}).", "Name a Jinja text file.") from error
    if len(data) > _LONGEST_TEMPLATE:
        raise UsageError(
            f"{path}: a chat template of more than {_LONGEST_TEMPLATE:,} bytes.", "Name a Jinja text file."
        )
    if not text.strip():
        raise UsageError(
            f"{path}: the chat template is empty.", "Name a Jinja text file, or leave --chat-template out."
        )
    return text

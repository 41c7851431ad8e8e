"""A new run: what is chosen is told, nothing is chosen before a person chooses it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from medic_console.audit.plan import Plan
from medic_console.audit.prepare import Choice as Named
from medic_console.audit.prepare import build_plan
from medic_console.audit.presets import load_presets
from medic_console.audit.sizing import TaskFit, fits
from medic_console.core import paths
from medic_console.core.errors import UsageError
from medic_console.core.logs import usual_log
from medic_console.core.run_settings import RunSettings
from medic_console.core.settings import SETTINGS, Setting, checked
from medic_console.core.units import count
from medic_console.engine.endpoint.address import Address, Source, address_of, is_address, sources_of
from medic_console.linear.context import Context
from medic_console.linear.talk import Choice, Key, Page
from medic_console.linear.watch import begin
from medic_console.session.estimate import run_time


@dataclass(slots=True)
class Wanted:
    """What was chosen so far.

    Attributes:
        limit: First items of each task; None: all.
        template: As in `audit.prepare.Choice`.
    """

    data: Path | None
    settings: RunSettings
    tasks: tuple[str, ...] = ()
    models: tuple[Source, ...] = ()
    judges: tuple[Source, ...] = ()
    limit: int | None = None
    template: Path | None = None
    encoder: Path | None = None
    files: list[Source] = field(default_factory=list)

    def named(self) -> Named:
        """Return it as every front end hands it over."""
        return Named(
            tasks=self.tasks,
            candidates=self.models,
            judges=self.judges,
            data=self.data,
            limit=self.limit,
            template=self.template,
            encoder=self.encoder,
            settings=self.settings,
        )


class NewRunPage(Page):
    """A run that is put together; what it is made of is the list."""

    title = "New run"

    def __init__(self, context: Context) -> None:
        self._context = context
        settings = context.settings
        self._wanted = Wanted(context.data, settings.run, limit=settings.limit or None, files=_known(context))

    def facts(self) -> Iterator[str]:
        """Tell what is missing."""
        missing = [
            name for name, given in (("a task", self._wanted.tasks), ("a model", self._wanted.models)) if not given
        ]
        yield f"Still to choose: {' and '.join(missing)}." if missing else "s starts it, d tells what fits."

    def choices(self) -> Sequence[Choice]:
        """List what may be chosen, with what is chosen now."""
        wanted = self._wanted
        limit = "all" if wanted.limit is None else f"the first {wanted.limit}"
        limit = f"{wanted.settings.sample} at random" if wanted.settings.sample else limit
        told: Mapping[str, tuple[str, Callable[[], None]]] = {
            "Tasks": (", ".join(wanted.tasks) or "none", self._tasks),
            "Models": (_names(wanted.models), partial(self._models, "models")),
            "Judges": (_names(wanted.judges), partial(self._models, "judges")),
            "Items of each task": (limit, self._limit),
            "Official items": (str(wanted.data) if wanted.data else "none; bundled samples", self._data),
            "Preset": ("fills in the rest", self._preset),
            "Settings": (_changed(wanted.settings), self._settings),
        }
        return [Choice(name, f"{name}: {now}", act) for name, (now, act) in told.items()]

    def keys(self) -> Mapping[str, Key]:
        """Start it, or tell what fits."""
        return {
            "s": Key("start", lambda _: begin(self._context, self._plan, "Start it?")),
            "d": Key("check: what fits, nothing is run", lambda _: self._check()),
            "t": Key("time: each model is loaded for a second of work", lambda _: self._time()),
        }

    def _plan(self) -> Plan:
        return build_plan(self._wanted.named(), self._context.tasks)

    def _tasks(self) -> None:
        tasks = list(self._context.tasks.values())
        labels = [f"{task.id}: {task.title}{', needs a judge' if task.needs_judge else ''}" for task in tasks]
        picked = self._context.talk.pick("Which tasks", [task.id for task in tasks], labels)
        self._wanted.tasks = tuple(tasks[place].id for place in picked)
        self._context.talk.again()

    def _models(self, role: str) -> None:
        talk, files = self._context.talk, self._wanted.files
        for number, one in enumerate(files, 1):
            talk.say(f"{number}. {f'{one.name}, in {one.parent}' if isinstance(one, Path) else one.text}")
        said = talk.ask(
            f"Which {role}; numbers, paths of GGUF files or addresses such as http://HOST:PORT/v1#MODEL, a blank "
            "between, quotes around blanks"
        )
        try:
            found = tuple(_named(word, files) for word in shlex.split(said))
        except ValueError as error:
            raise UsageError(f"{said}: {error}.", "Quotes come in pairs.") from error
        files += [path for path in found if path not in files]
        setattr(self._wanted, role, found)
        talk.again()

    def _limit(self) -> None:
        said = self._context.talk.ask("How many: a number takes the first ones, sample N draws them, empty takes all")
        sample, _, number = said.rpartition(" ")
        if said and not (number.isdecimal() and int(number) and sample in ("", "sample")):
            raise UsageError(f"{said} is no number of items.", "Say 20, or sample 20.")
        drawn = int(number) if sample else 0
        self._wanted.limit = int(number) if said and not sample else None
        self._wanted.settings = replace(self._wanted.settings, sample=drawn)
        self._context.talk.again()

    def _data(self) -> None:
        said = self._context.talk.ask("Folder of official items, empty for the bundled samples")
        folder = Path(said).expanduser() if said else None
        if folder is not None and not folder.is_dir():
            raise UsageError(f"{folder}: no such folder.", "Name a folder that holds the official files.")
        self._wanted.data = folder
        self._context.talk.again()

    def _preset(self) -> None:
        found = load_presets(self._context.tasks)
        for fault in found.faults:
            self._context.talk.say(f"! {fault}")
        presets = list(found.presets.values())
        labels = [f"{one.name}: {one.title}. {one.why}" for one in presets]
        for place in self._context.talk.pick("Which preset", [one.name for one in presets], labels)[:1]:
            preset, wanted = presets[place], self._wanted
            wanted.tasks, wanted.settings = preset.tasks, preset.settings(wanted.settings)
            wanted.models, wanted.judges = preset.models or wanted.models, preset.judges or wanted.judges
            wanted.data, wanted.limit = preset.data or wanted.data, preset.limit or wanted.limit
            wanted.template, wanted.encoder = preset.template_choice, preset.encoder
        self._context.talk.again()

    def _settings(self) -> None:
        self._context.talk.open(SettingsPage(self._context, self._wanted))

    def _check(self) -> None:
        say = self._context.talk.say
        for fit in fits(self._plan(), usual_log()):
            say(f"{fit.role} {fit.model.name}: context {fit.context:,}, {count(fit.parallel, 'sequence')}.")
            for line in (*(f"{place.name}: about {place.shown()}" for place in fit.places), *fit.reasons, *fit.notes):
                say(f"  {line}")
            for task in fit.tasks:
                say(f"  {_fit(task)}")

    def _time(self) -> None:
        plan, say = self._plan(), self._context.talk.say
        for line in run_time(plan, list(fits(plan, usual_log())), self._context.archive, usual_log(), tell=say).lines():
            say(line)


class SettingsPage(Page):
    """Settings of this run alone; each is changed by choosing it."""

    title = "Settings of this run"

    def __init__(self, context: Context, wanted: Wanted) -> None:
        self._context, self._wanted = context, wanted

    def choices(self) -> Sequence[Choice]:
        """List every setting with its value and what it does."""
        given = self._wanted.settings
        return [
            Choice(one.name, f"{one.name}: {_value(getattr(given, one.name))}. {one.help}", partial(self._change, one))
            for one in SETTINGS
            if one.section == "run" and hasattr(given, one.name)
        ]

    def _change(self, setting: Setting) -> None:
        may = f", one of {', '.join(setting.key.choices)}" if setting.key.choices else ""
        said = self._context.talk.ask(f"{setting.title}{may}; empty keeps it")
        if said:
            value: Any = checked(setting, said)
            self._wanted.settings = replace(self._wanted.settings, **{setting.name: value})
        self._context.talk.again()


def _known(context: Context) -> list[Source]:
    """Return models that the archive names, files while they are there, then set servers and the demo models."""
    found: list[str] = []
    if context.archive.exists():
        with context.reading() as reader:
            found = [model.file for run in reader.runs() for model in (*run.candidates, *run.judges) if model.file]
    sources = [*sources_of((*found, *context.settings.servers)), *paths.demo_models()]
    return [source for source in dict.fromkeys(sources) if isinstance(source, Address) or source.is_file()]


def _named(word: str, known: Sequence[Source]) -> Source:
    if word.isdecimal() and 0 < int(word) <= len(known):
        return known[int(word) - 1]
    if is_address(word):
        return address_of(word)
    files = (source for source in known if isinstance(source, Path))
    return next((path for path in files if word in (path.name, path.stem)), Path(word).expanduser())


def _names(sources: Sequence[Source]) -> str:
    return ", ".join(source.name for source in sources) or "none"


def _changed(given: RunSettings) -> str:
    usual = RunSettings()
    names = [one.name for one in SETTINGS if one.section == "run" and hasattr(usual, one.name)]
    changed = [
        f"{name} {_value(getattr(given, name))}" for name in names if getattr(given, name) != getattr(usual, name)
    ]
    return ", ".join(changed) or "usual ones"


def _value(value: Any) -> str:
    return (
        {True: "yes", False: "no", "": "as the task says", None: "as the task says"}.get(value, f"{value}")
        if (isinstance(value, bool | str) or value is None)
        else f"{value}"
    )


def _fit(task: TaskFit) -> str:
    parts = [f"{task.fitting:,} fit", f"{task.shortened:,} with a shortened answer", f"{task.overflowing:,} do not fit"]
    parts.append(f"{task.unformed:,} cannot be formed")
    return f"{task.task}: {count(task.prompts, 'prompt')}: {', '.join(parts)}; the longest has {task.longest:,} tokens."

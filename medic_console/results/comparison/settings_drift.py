"""Under which settings a model ran in each of its runs, and what differs: builds, caches, templates, thinking."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from medic_console.archive.views import ModelView
from medic_console.core.run_settings import LATER, NOT_DECIDING
from medic_console.engine.protocol.conditions import deciding
from medic_console.results.measures import Measure, Measures

NOT_STORED = "not stored"
"""Stands for a setting that an older release did not keep."""
NOTHING = "–"
"""Stands for a setting that is empty."""
Conditions = Mapping[str, str]
"""Settings by name, as a person reads them: what was chosen, in brackets what the engine took where that is another."""


@dataclass(frozen=True, slots=True)
class Differing:
    """One setting that two runs of a model do not share.

    Attributes:
        name: What `RunSettings`, an engine or a chat template calls it.
        before: In the run of the reference, whole.
        after: In the other run, whole.
    """

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class OneRun:
    """A model in one of its runs.

    Attributes:
        model: Pinned to the run.
        measures: What was measured of it there, in the order of the tasks.
    """

    model: ModelView
    measures: tuple[Measure, ...]
    conditions: Conditions

    def shares(self, other: OneRun) -> bool:
        """Tell whether both were measured on a task under one rule."""
        return not {one.rule for one in self.measures}.isdisjoint(one.rule for one in other.measures)


def runs_of(reader: Measures, model: ModelView) -> tuple[OneRun, ...]:
    """Return a model in each run that measured it, newest first."""
    by_run: dict[str, list[Measure]] = {}
    for measure in reader.measures([model.sha256]):
        by_run.setdefault(measure.run, []).append(measure)
    pinned = {run: replace(model, run=run) for run in by_run}
    return tuple(OneRun(pinned[run], tuple(found), conditions(reader, pinned[run])) for run, found in by_run.items())


def conditions(reader: Measures, model: ModelView) -> Conditions:
    """Return every setting that may decide a number of the run which a model is pinned to."""
    stored = reader.settings(model.run)
    settings = {**stored, **{name: value for name, value in LATER.items() if name not in stored}}
    chosen = {name: _shown(value) for name, value in settings.items() if name not in NOT_DECIDING}
    template = reader.templates(model.run)[model.sha256]
    chosen["template"] = "sha256:" + hashlib.sha256(template.encode("utf-8", "surrogatepass")).hexdigest()
    ran: dict[str, list[str]] = {}
    for granted in reader.engines(model.run, model.sha256):
        for name, value in _ran_with(granted).items():
            ran.setdefault(name, []).append(_shown(value))
    taken = {name: " / ".join(dict.fromkeys(values)) for name, values in ran.items()}
    return {name: _both(chosen.get(name), taken.get(name)) for name in dict.fromkeys((*chosen, *taken))}


def apart(before: Conditions, after: Conditions) -> tuple[Differing, ...]:
    """Return the settings that differ."""
    both = ((name, before.get(name, NOT_STORED), after.get(name, NOT_STORED)) for name in {**before, **after})
    return tuple(Differing(name, one, other) for name, one, other in both if one != other)


def alternatives(runs: Iterable[OneRun]) -> list[OneRun]:
    """Return the runs, newest first, that a model can be compared in with itself: one for each set of conditions.

    The first is the reference, and each of the others was measured on a task of its. Empty where there are not two.
    """
    left = list(runs)
    while left:
        reference, *left = left
        found = {tuple(sorted(reference.conditions.items())): reference}
        for one in left:
            if one.shares(reference):
                found.setdefault(tuple(sorted(one.conditions.items())), one)
        if len(found) > 1:
            return list(found.values())
    return []


def _ran_with(granted: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an engine ran with, by the names that the settings have too; the template is the run's."""
    found = deciding(granted) | {name: granted[name] for name in ("threads", "parallel") if name in granted}
    variables = found.pop("variables", {})
    found.pop("template", None)
    form = found.pop("form", {})
    found["turns in the template"] = ", ".join(name for name, so in form.items() if so) or "as they are"
    found |= {f"template variable {name}": value for name, value in variables.items()}
    renderer = granted.get("rendering", {}).get("renderer", "")
    return found | ({"renderer": renderer} if renderer else {})


def _both(chosen: str | None, ran: str | None) -> str:
    if chosen is None or ran is None:
        return chosen or ran or NOTHING
    return chosen if ran in (chosen, NOTHING) else f"{chosen} ({ran})"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or NOTHING
    return NOTHING if value is None or value == "" else str(value)

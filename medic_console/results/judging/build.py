"""The tasks of a qualification: what the judged tasks ask, in each wording that they use, of the probes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from medic_console.audit.plan import Plan
from medic_console.core.digest import short
from medic_console.core.records import QUALIFICATION, Item
from medic_console.core.run_settings import RunSettings
from medic_console.engine.files.model import ModelFile
from medic_console.scoring.methods.cef.probe import ANSWERS
from medic_console.scoring.methods.cef.spec import CefSpec
from medic_console.scoring.methods.method import ProbeKind, method_of
from medic_console.scoring.methods.probes import Probes, with_repeats
from medic_console.suite.items import LoadedTask
from medic_console.suite.judging import JudgeSpec, wording
from medic_console.suite.task import Task
from medic_console.suite.task_file import parse_task, task_text

CROSS = "cross"
"""Part in which each judge answers every judge's questions."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One way in which judged tasks ask, with the probes put in it.

    Attributes:
        digest: Of the wording.
        tasks: Ids of the tasks that ask so.
        parts: Loaded tasks by part.
    """

    spec: JudgeSpec
    digest: str
    tasks: tuple[str, ...]
    parts: Mapping[str, LoadedTask]


def wordings(tasks: Iterable[Task], probes: Probes, folder: Path) -> tuple[Wording, ...]:
    """Return every wording that the tasks use, once, with the parts of which there are probes, if any.

    Args:
        folder: Where the probes lie.
    """
    specs: dict[str, JudgeSpec] = {}
    users: dict[str, list[str]] = {}
    for task in tasks:
        if task.judge is not None and method_of(task.judge).probes:
            name = wording(task.judge)
            specs.setdefault(name, task.judge)
            users.setdefault(name, []).append(task.id)
    found = []
    for name, spec in specs.items():
        parts = {
            part: _loaded(spec, part, users[name], _asked(kind, probes.parts[part]), folder)
            for part, kind in method_of(spec).probes.items()
            if part in probes.parts
        }
        if not parts:
            continue
        found.append(Wording(spec, name, tuple(users[name]), parts))
    return tuple(found)


def qualification_plan(found: Sequence[Wording], judges: Sequence[ModelFile], settings: RunSettings) -> Plan:
    """Return the run in which each judge answers every probe in every wording."""
    parts = tuple(loaded for one in found for loaded in one.parts.values())
    return Plan(parts, tuple(judges), (), settings, kind=QUALIFICATION)


def cross_task(one: Wording, items: Sequence[Item], folder: Path) -> LoadedTask:
    """Return the task in which questions of several judges are answered from their own texts."""
    assert isinstance(one.spec, CefSpec)
    return _loaded(one.spec, CROSS, one.tasks, tuple(items), folder)


def part_id(spec: JudgeSpec, part: str) -> str:
    """Return the id of a part's task."""
    return f"{part}_{short(wording(spec))}"


def _asked(kind: ProbeKind, items: tuple[Item, ...]) -> tuple[Item, ...]:
    return with_repeats(items) if kind.asked_again else items


def _loaded(spec: JudgeSpec, part: str, users: Iterable[str], items: tuple[Item, ...], folder: Path) -> LoadedTask:
    text = task_text(_record(spec, part, users))
    return LoadedTask(parse_task(text, folder / "task.toml"), items, "sample", folder, len(items))


def _record(spec: JudgeSpec, part: str, users: Iterable[str]) -> dict[str, Any]:
    """Return a task file's content; its `[judge]` table is what is asked, so that `[prompt]` only shows it."""
    method = method_of(spec)
    judge = {"method": spec.method, **asdict(spec), **method.probe_keys}
    # A judge's questions are answered by the others as those of the probes are.
    kind = method.probes[ANSWERS if part == CROSS else part]
    return {
        "id": part_id(spec, part),
        "title": f"Judge qualification: {part}",
        "version": "1",
        "rows": [],
        "description": f"Probes of a judge, asked as {', '.join(users)} ask.",
        "dimensions": {"primary": [], "secondary": []},
        "source": {
            "name": "Probes of our own",
            "citation": "Not published",
            "licence": "Apache-2.0",
            "access": "open",
            "obtain": "They come with the console.",
        },
        "items": {"reader": "samples", "samples": "", "files": []},
        "prompt": {"mode": "generate", "user": judge[kind.shown], "max_tokens": 1},
        "answer": {"reader": "text"},
        "scoring": {"scorer": kind.scorer},
        "metrics": [{"id": kind.metric, "title": kind.title, "primary": True, "better": kind.better}],
        "judge": judge,
    }

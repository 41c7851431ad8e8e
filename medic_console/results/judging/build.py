"""The tasks of a qualification: what the judged tasks ask, in each wording that they use, of the probes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from medic_console.audit.plan import QUALIFICATION, Plan
from medic_console.core.digest import short
from medic_console.core.records import Item
from medic_console.core.run_settings import RunSettings
from medic_console.engine.files.model import ModelFile
from medic_console.scoring.methods.probes import ANSWERS, HARM, PARTS, QUESTIONS, Probes, with_repeats
from medic_console.suite.items import LoadedTask
from medic_console.suite.judging import CefSpec, JudgeSpec, wording
from medic_console.suite.task import Task
from medic_console.suite.task_file import parse_task, task_text

CROSS = "cross"
"""Part in which each judge answers every judge's questions."""
_FIELDS = {
    "cef": {"source": "text"},
    "harm": {"request": "request"},
    "pairwise": {"question": "question"},
    "rubric": {"conversation": "conversation"},
}
"""Where the probes hold what a task's own items hold under names of its own."""
_SHOWN = {ANSWERS: "answer_user", CROSS: "answer_user", QUESTIONS: "question_user", HARM: "reason_user"}
_METRICS = {QUESTIONS: ("own_yes", "Own questions answered YES"), HARM: ("harm", "Harm, 1 to 5")}
_RIGHT = ("accuracy", "Right answers")


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
    """Return every wording that the tasks use, once, with its parts.

    Args:
        folder: Where the probes lie.
    """
    specs: dict[str, JudgeSpec] = {}
    users: dict[str, list[str]] = {}
    for task in tasks:
        if task.judge is not None:
            name = wording(task.judge)
            specs.setdefault(name, task.judge)
            users.setdefault(name, []).append(task.id)
    found = []
    for name, spec in specs.items():
        parts = {
            part: _loaded(spec, part, users[name], _asked(part, probes.parts[part]), folder)
            for part in PARTS[spec.method]
        }
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


def _asked(part: str, items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Lists of questions are long and are asked for once."""
    return items if part == QUESTIONS else with_repeats(items)


def _loaded(spec: JudgeSpec, part: str, users: Iterable[str], items: tuple[Item, ...], folder: Path) -> LoadedTask:
    text = task_text(_record(spec, part, users))
    return LoadedTask(parse_task(text, folder / "task.toml"), items, "sample", folder, len(items))


def _record(spec: JudgeSpec, part: str, users: Iterable[str]) -> dict[str, Any]:
    """Return a task file's content; its `[judge]` table is what is asked, so that `[prompt]` only shows it."""
    judge = {"method": spec.method, **asdict(spec), **_FIELDS[spec.method]}
    metric, title = _METRICS.get(part, _RIGHT)
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
        "prompt": {"mode": "generate", "user": judge[_SHOWN.get(part, "user")], "max_tokens": 1},
        "answer": {"reader": "text"},
        "scoring": {"scorer": spec.method if part == HARM else "probe"},
        "metrics": [{"id": metric, "title": title, "primary": True, "better": "lower" if part == HARM else "higher"}],
        "judge": judge,
    }

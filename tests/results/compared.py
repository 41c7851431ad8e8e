"""Archives of several runs and models whose every answer is decided here: right, wrong or unreadable, item by item."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

from medic_console.archive.store import Store
from medic_console.core.records import FinishReason, Item, Label, Output, Prompt
from medic_console.engine.files.model import ModelFile
from medic_console.engine.protocol.port import Granted
from medic_console.session.audit import Audit
from medic_console.suite.items import LoadedTask
from medic_console.suite.prompts import item_prompt
from medic_console.testing.scripted import Reply, ScriptedEngine
from tests.conftest import fake_model, make_plan, sample_task

RIGHT, WRONG, UNREADABLE = "right", "wrong", "unreadable"
Skill = Callable[[str, int], str]
"""Returns how a model answers the item of that number of a task: `RIGHT`, `WRONG` or `UNREADABLE`."""
GIGABYTE = 1_000_000_000
DAY = datetime.date(2026, 3, 2)
GRANTED = Granted("scripted", context=4096, parallel=4)


def gguf(name: str, quantisation: str, size: float, base: str = "") -> ModelFile:
    """Return a model record of so many GB; with `base`, a quantisation of that base model."""
    metadata = {"general.basename": base, "general.size_label": "8B"} if base else {}
    return fake_model(
        name, quantisation=quantisation, size=int(size * GIGABYTE), kv_bytes=131_072, metadata=dict(metadata)
    )


CLINIC_Q8 = gguf("Clinic 8B Q8_0", "Q8_0", 8.5, "Clinic")
CLINIC_Q4 = gguf("Clinic 8B Q4_K_M", "Q4_K_M", 4.9, "Clinic")
WARD = gguf("ward-3b", "Q8_0", 3.3)
HOSPITAL = gguf("hospital-14b", "Q5_K_M", 10.2)
JUDGE = gguf("judge-14b", "Q5_K_M", 10.4)
SPEED = {CLINIC_Q8.name: 11.0, CLINIC_Q4.name: 19.0, WARD.name: 31.0, HOSPITAL.name: 9.0}
"""Tokens per second."""


def many(name: str, cache: Path, count: int) -> LoadedTask:
    """Return a task with so many items: its samples over and over, each with a number of its own."""
    loaded = sample_task(name, cache, None)
    samples = loaded.items
    items = tuple(_numbered(samples[number % len(samples)], number) for number in range(count))
    return replace(loaded, items=items, read=count)


def _numbered(item: Item, number: int) -> Item:
    key = next(k for k in ("question", "sentences", "dialogue", "conversation", "text") if k in item.fields)
    fields = {**item.fields, key: f"{item.fields[key]} (case {number:03d})"}
    return Item(f"{item.id.rsplit('-', 1)[0]}-{number:03d}", fields, item.gold, item.group)


def by_share(shares: Mapping[str, float], seed: str) -> Skill:
    """Return a skill that gives each task's share of right answers, the same ones every time."""
    return lambda task, number: RIGHT if _chance(f"{seed} {task} {number}") < shares.get(task, 0.5) else WRONG


def almost(skill: Skill, lost: float, gained: float, seed: str) -> Skill:
    """Return a skill that differs from another on a share of the items."""

    def answer(task: str, number: int) -> str:
        before, chance = skill(task, number), _chance(f"{seed} {task} {number}")
        if before == RIGHT and chance < lost:
            return UNREADABLE if chance < lost / 5 else WRONG
        return RIGHT if before == WRONG and chance < gained else before

    return answer


def _chance(seed: str) -> float:
    return int.from_bytes(blake2b(seed.encode(), digest_size=4).digest()) / 2**32


def add_run(
    path: Path,
    tasks: Sequence[LoadedTask],
    skills: Mapping[str, Skill],
    models: Sequence[ModelFile],
    judges: Sequence[ModelFile] = (),
    day: datetime.date = DAY,
    granted: Granted = GRANTED,
    **settings: object,
) -> str:
    """Audit models, each with its skill by name, and return the run; engines say that they ran as `granted`."""
    store = Store(path)
    plan = make_plan(tasks, models, judges, memory_check=False, **settings)
    plan = replace(plan, id=store.create_run(plan, day))
    store.close()
    known = _answers(tasks)

    def start(model: ModelFile, cache: str) -> ScriptedEngine:
        script = _judge if model in judges else _candidate(known, skills[model.name], SPEED.get(model.name, 10.0))
        return ScriptedEngine(script, granted)

    for _ in Audit(path, plan, start=start).events():
        pass
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET created = ? WHERE id = ?", [f"{day.isoformat()}T09:30:00+00:00", plan.id])
        connection.execute("UPDATE sql_results SET seconds = 0.002")
    return plan.id


def _answers(tasks: Sequence[LoadedTask]) -> dict[str, tuple[str, int, Mapping[str, Reply]]]:
    """Return task, number and replies by the last message of an item's prompt."""
    found = {}
    for loaded in tasks:
        for number, item in enumerate(loaded.items):
            prompt = item_prompt(loaded.task, item, loaded.shared, "answer", 0)
            found[prompt.messages[-1].content] = (loaded.task.id, number, _replies(loaded, item, prompt))
    return found


def _replies(loaded: LoadedTask, item: Item, prompt: Prompt) -> Mapping[str, Reply]:
    if prompt.labels:
        other = next(label for label in reversed(prompt.labels) if label != item.gold)
        return {
            RIGHT: _choice(prompt, str(item.gold)),
            WRONG: _choice(prompt, other),
            UNREADABLE: _choice(prompt, other),
        }
    right, wrong = _TEXTS[loaded.task.id](item)
    return {RIGHT: right, WRONG: wrong, UNREADABLE: "I cannot say anything about this."}


def _choice(prompt: Prompt, label: str) -> Reply:
    rest = 0.3 / (len(prompt.labels) - 1)
    return {str(one): 0.7 if one == label else rest for one in prompt.labels}


def _medcalc(item: Item) -> tuple[str, str]:
    value = item.gold["value"]
    said = f"The values are taken from the note and put into the formula.\nAnswer: {value}"
    return said, "The values are estimated from the note.\nAnswer: 1234567"


def _ehrsql(item: Item) -> tuple[str, str]:
    return str(item.gold), "SELECT COUNT(*) FROM labevents WHERE 1 = 0" if item.gold == "null" else "null"


def _medec(item: Item) -> tuple[str, str]:
    gold = item.gold
    if gold["flag"]:
        return f"{gold['sentence_id']} {gold['correction']}", "CORRECT"
    return "CORRECT", "0 The patient is well and needs no treatment."


def _aci_bench(item: Item) -> tuple[str, str]:
    body = (
        "HISTORY OF PRESENT ILLNESS\nCough for three weeks, dry. No fever.\n\nASSESSMENT AND PLAN\nCough, likely from"
    )
    return (
        f"{body} lisinopril. Stop lisinopril; start losartan 25 mg daily.",
        f"{body} a virus. Amoxicillin for a week.",
    )


_TEXTS: Mapping[str, Callable[[Item], tuple[str, str]]] = {
    "medcalc": _medcalc,
    "ehrsql": _ehrsql,
    "medec": _medec,
    "aci_bench": _aci_bench,
}


def _candidate(
    known: Mapping[str, tuple[str, int, Mapping[str, Reply]]], skill: Skill, speed: float
) -> Callable[[Prompt], Reply]:
    def reply(prompt: Prompt) -> Reply:
        task, number, replies = known[prompt.messages[-1].content]
        said = replies[skill(task, number)]
        if not isinstance(said, str):
            return said
        tokens = len(said.split()) * 2
        return Output(said, FinishReason.STOP, 300, tokens, prompt.max_tokens, 4096, round(tokens / speed, 4))

    return reply


def _judge(prompt: Prompt) -> Reply:
    text = prompt.messages[-1].content
    if not prompt.labels:
        return '["Has the cough lasted three weeks?", "Is there fever?", "Is lisinopril stopped?", "Is the cough dry?"]'
    chance = _chance(text)
    weak = "a virus" in text
    label = (
        Label.IDK if chance < (0.45 if weak else 0.1) else Label.NO if chance < (0.6 if weak else 0.15) else Label.YES
    )
    return {str(one): 0.9 if one == label else 0.05 for one in Label}


def standard_archive(path: Path, cache: Path) -> Path:
    """Write three runs of four models: two of one base, in different runs, and an earlier trial of one of them."""
    sizes = {"medqa": 30, "medmcqa": 20, "medcalc": 24, "ehrsql": 24, "medec": 24, "aci_bench": 3}
    tasks = [many(name, cache, size) for name, size in sizes.items()]
    names = tuple(sizes)
    full = by_share(dict(zip(names, (0.78, 0.7, 0.45, 0.4, 0.5, 0.8), strict=True)), "clinic")
    skills = {
        CLINIC_Q8.name: full,
        CLINIC_Q4.name: almost(full, 0.12, 0.03, "q4"),
        WARD.name: by_share(dict(zip(names, (0.55, 0.5, 0.2, 0.5, 0.25, 0.4), strict=True)), "ward"),
        HOSPITAL.name: by_share(dict(zip(names, (0.82, 0.75, 0.99, 0.62, 0.85, 0.9), strict=True)), "hospital"),
    }
    first = datetime.date(2026, 3, 1)
    add_run(path, [many("medqa", cache, 4)], {WARD.name: lambda task, number: WRONG}, [WARD], day=first)
    add_run(path, tasks, skills, [CLINIC_Q8, WARD], [JUDGE])
    add_run(path, tasks, skills, [CLINIC_Q4, HOSPITAL], [JUDGE], day=datetime.date(2026, 3, 4))
    return path

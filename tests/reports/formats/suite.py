"""An archive for the standard formats: every task in one run with a judge, and texts that ask to be obeyed."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

from medic_console.archive.store import Store
from medic_console.core.records import Prompt
from medic_console.engine.files.model import ModelFile
from medic_console.session.audit import Audit
from medic_console.testing.scripted import Reply, ScriptedEngine
from tests.conftest import TASK_IDS, fake_model, make_plan, sample_task

HOSTILE = "</note><script>alert(1)</script> & \" ' ]]> <!-- \x00\x0b\x1b[31m \u202eevil\u2066 \ufffe {{x}} ```"
OWNER = {"general.organization": f"Ward{HOSTILE}", "general.license": HOSTILE, "general.version": HOSTILE}
ONE = fake_model("clinic-8b", metadata=OWNER)
TWO = fake_model("ward-3b", metadata={"general.license": "apache-2.0"})
JUDGE = fake_model("judge-14b")


def write_suite(path: Path, cache: Path) -> str:
    """Write an archive with one run of every task under two candidates and a judge; return the run's id."""
    tasks = [sample_task(name, cache, 2 if name == "medqa" else 1) for name in sorted(TASK_IDS)]
    plan = make_plan(tasks, (ONE, TWO), (JUDGE,))
    store = Store(path)
    plan = replace(plan, id=store.create_run(plan, datetime.date(2026, 3, 2)))
    store.close()
    for _ in Audit(path, plan, start=start).events():
        pass
    return plan.id


def start(model: ModelFile, cache: str) -> ScriptedEngine:
    """Load a model that answers from its script."""
    return ScriptedEngine(_judge if model.name == JUDGE.name else _candidate)


def _candidate(prompt: Prompt) -> Reply:
    if prompt.labels:
        return {
            label: 0.6 if number == 0 else 0.4 / (len(prompt.labels) - 1) for number, label in enumerate(prompt.labels)
        }
    return f"The answer is 7. {HOSTILE}"


def _judge(prompt: Prompt) -> Reply:
    if prompt.labels:
        return _candidate(prompt)
    return '["Is it told of a cough?", "Is it told of a fever?"]'

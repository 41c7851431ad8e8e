"""An archive with one finished run of all five tasks: scripted answers, pinned days and times."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from medic_console.archive.store import Store
from medic_console.audit.plan import Plan
from medic_console.core.errors import EngineError
from medic_console.core.records import FinishReason, Label, Output, Prompt
from medic_console.engine.files.model import ModelFile
from medic_console.engine.protocol.port import Start
from medic_console.session.audit import Audit
from medic_console.testing.scripted import Reply, ScriptedEngine
from tests.conftest import Script, fake_model, make_plan, sample_task

ALPHA = fake_model("clinic-8b", quantisation="Q4_K_M")
BETA = fake_model("ward-3b", quantisation="Q8_0")
JUDGE = fake_model("judge-14b", quantisation="Q5_K_M")
DAY = datetime.date(2026, 3, 2)
RUN = "2026-03-02-001"

NOTE = """CHIEF COMPLAINT
Cough.

HISTORY OF PRESENT ILLNESS
Dry cough for three weeks with fever. Lisinopril was started last month for hypertension.

PHYSICAL EXAMINATION
Blood pressure 128/76. Lungs clear. A CT of the chest was ordered.

ASSESSMENT AND PLAN
Cough, likely from lisinopril. Stop lisinopril; start losartan 25 mg once daily."""
QUESTIONS: Mapping[str, tuple[tuple[str, str, float], ...]] = {
    "dialogue": (
        ("Has the cough lasted three weeks?", "YES", 0.98),
        ("Does the patient deny fever?", "NO", 0.93),
        ("Was lisinopril started last month?", "YES", 0.97),
        ("Is the dose of losartan 50 milligrams?", "NO", 0.88),
        ("Should the patient come back in four weeks?", "IDK", 0.81),
    ),
    "note": (
        ("Is the cough dry?", "YES", 0.99),
        ("Was a CT of the chest ordered?", "IDK", 0.71),
        ("Does the patient have a fever?", "NO", 0.9),
        ("Is the blood pressure 128/76?", "YES", 0.95),
        ("Are the lungs clear?", "YES", 0.96),
    ),
}
SQL = {
    "How many patients are female?": "SELECT COUNT(*) FROM patients WHERE gender = 'f'",
    "When was patient 10002 first admitted?": "SELECT MAX(admittime) FROM admissions WHERE subject_id = 10002",
    "What was the last creatinine value of patient 10004?": "SELECT valu FROM labevents",
    "What is the blood type of patient 10003?": "null",
    "What drugs were prescribed to patient 10004?": (
        "SELECT DISTINCT drug FROM prescriptions WHERE subject_id = 10004 OR drug = 'metformin'"
    ),
    "How many patients were prescribed metformin?": "null",
}


def demo_plan(cache: Path, limit: int = 6) -> Plan:
    """Return a plan of two candidates, five tasks and a judge."""
    names = ("medqa", "medcalc", "ehrsql", "medec")
    tasks = [sample_task(name, cache, limit) for name in names] + [sample_task("aci_bench", cache, 3)]
    return make_plan(tasks, (ALPHA, BETA), (JUDGE,))


def write_archive(path: Path, cache: Path) -> Path:
    """Write the archive and return its path."""
    store = Store(path)
    plan = demo_plan(cache)
    plan = replace(plan, id=store.create_run(plan, DAY))
    store.close()
    for _ in Audit(path, plan, start=scripted).events():
        pass
    pin_times(path)
    return path


def pin_times(path: Path) -> None:
    """Give every row a time that is the same in every run of the tests."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET created = '2026-03-02T09:30:00+00:00'")
        connection.execute("UPDATE sql_results SET seconds = 0.002")


def scripted(model: ModelFile, cache: str) -> ScriptedEngine:
    """Load a model that answers from its script."""
    return ScriptedEngine(SCRIPTS[model.name])


def _right(prompt: Prompt) -> Reply:
    text = prompt.messages[-1].content
    if prompt.labels:
        return {"A": 0.6, "B": 0.2, "C": 0.15, "D": 0.05}
    if text.startswith("Dialogue:"):
        return NOTE
    if text.startswith("Question:"):
        return SQL[text.removeprefix("Question: ")]
    if text.startswith("Patient note:"):
        return _calculated(text)
    return "CORRECT"


def _calculated(text: str) -> Reply:
    if "body mass index" in text:
        return "The weight is 82 kg and the height 1.65 m.\n82 / (1.65 * 1.65) = 30.12\nAnswer: 30.12"
    if "mean arterial" in text:
        return Output("The pressure is 148/92, so", FinishReason.LENGTH, 210, 1024, 1024, 4096)
    return "I cannot say." if "creatinine" in text else "Answer: 7"


def _weak(prompt: Prompt) -> Reply:
    text = prompt.messages[-1].content
    if prompt.labels:
        return {"A": 0.1, "B": 0.5, "C": 0.3, "D": 0.1}
    if "body mass index" in text:
        return EngineError("the child process ended (signal 11) and ended again on the second try")
    return "CHIEF COMPLAINT\nCough." if text.startswith("Dialogue:") else "null"


def _judge(prompt: Prompt) -> Reply:
    text = prompt.messages[-1].content
    if not prompt.labels:
        side = "dialogue" if "[doctor]" in text else "note"
        return "[" + ", ".join(f'"{question}"' for question, _, _ in QUESTIONS[side]) + "]"
    asked = text.rsplit("Question: ", 1)[1].splitlines()[0]
    answer, share = next((a, p) for side in QUESTIONS.values() for question, a, p in side if question == asked)
    rest = (1 - share) / 2
    return {str(label): share if label == answer else rest for label in Label}


SCRIPTS: Mapping[str, Script] = {ALPHA.name: _right, BETA.name: _weak, JUDGE.name: _judge}
START: Start = scripted

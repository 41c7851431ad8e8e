"""An archive for the inspectors: three candidates that differ on every kind of task, and a run without a judge."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from medic_console.archive.store import Store
from medic_console.audit.plan import Plan
from medic_console.console.inspect.position import Position
from medic_console.core.errors import EngineError
from medic_console.core.records import FinishReason, Label, Output, Prompt
from medic_console.engine.files.model import ModelFile
from medic_console.engine.protocol.port import Start
from medic_console.results.reader import Reader
from medic_console.session.audit import Audit
from medic_console.testing.scripted import Reply, ScriptedEngine
from tests.conftest import fake_model, make_plan, sample_task
from tests.console.audited import NOTE, pin_times

CLINIC = fake_model("clinic-8b", quantisation="Q4_K_M")
WARD = fake_model("ward-3b", quantisation="Q8_0")
NIGHT = fake_model("night-1b-instruct", quantisation="Q6_K")
JUDGE = fake_model("judge-14b", quantisation="Q5_K_M")
DAY = datetime.date(2026, 3, 2)
JUDGED, UNJUDGED = "2026-03-02-001", "2026-03-02-002"
LIMITS = {"medqa": 3, "pubmedqa": 1, "medcalc": 4, "gsm8k": 2, "medec": 4, "ifeval": 2, "ehrsql": 6}
JUDGED_LIMITS = {"med_safety": 2, "medication_qa": 1, "healthbench": 2, "aci_bench": 2}

WARD_NOTE = """CHIEF COMPLAINT
Cough.

HISTORY OF PRESENT ILLNESS
Dry cough for three weeks. No fever. Lisinopril was started last month.

ASSESSMENT AND PLAN
Stop lisinopril; start losartan 50 mg once daily. Return in four weeks."""
NIGHT_NOTE = "Cough for three weeks. Continue lisinopril."
NOTES: Mapping[str, str] = {CLINIC.name: NOTE, WARD.name: WARD_NOTE, NIGHT.name: NIGHT_NOTE}

ABOUT_DIALOGUE: Mapping[str, Mapping[str, tuple[str, float]]] = {
    "Has the cough lasted three weeks?": {
        CLINIC.name: ("YES", 0.98),
        WARD.name: ("YES", 0.99),
        NIGHT.name: ("YES", 0.97),
    },
    "Does the patient deny fever?": {CLINIC.name: ("NO", 0.93), WARD.name: ("YES", 0.96), NIGHT.name: ("IDK", 0.88)},
    "Was lisinopril started last month?": {
        CLINIC.name: ("YES", 0.97),
        WARD.name: ("YES", 0.98),
        NIGHT.name: ("IDK", 0.9),
    },
    "Is the dose of losartan 50 milligrams?": {
        CLINIC.name: ("NO", 0.88),
        WARD.name: ("YES", 0.99),
        NIGHT.name: ("IDK", 0.62),
    },
    "Should the patient come back in four weeks?": {
        CLINIC.name: ("IDK", 0.81),
        WARD.name: ("YES", 0.95),
        NIGHT.name: ("IDK", 0.93),
    },
}
"""Questions from the dialogue, and what the judge says of each candidate's note."""
ABOUT_NOTES: Mapping[str, Mapping[str, tuple[str, float]]] = {
    CLINIC.name: {
        "Is the cough dry?": ("YES", 0.99),
        "Was a CT of the chest ordered?": ("IDK", 0.71),
        "Does the patient have a fever?": ("NO", 0.9),
        "Is the blood pressure 128/76?": ("YES", 0.95),
        "Are the lungs clear?": ("YES", 0.96),
    },
    WARD.name: {"Is the cough dry?": ("YES", 0.99), "Is losartan taken once daily?": ("YES", 0.97)},
    NIGHT.name: {"Is lisinopril continued?": ("NO", 0.94), "Has the cough lasted three weeks?": ("YES", 0.98)},
}
"""Questions from each note, and what the judge says of the dialogue."""
SQL: Mapping[str, Mapping[str, str]] = {
    "How many patients are female?": {CLINIC.name: "SELECT COUNT(*) FROM patients WHERE gender = 'f'"},
    "When was patient 10002 first admitted?": {
        CLINIC.name: "SELECT MAX(admittime) FROM admissions WHERE subject_id = 10002"
    },
    "What was the last creatinine value of patient 10004?": {CLINIC.name: "SELECT valu FROM labevents"},
    "What is the blood type of patient 10003?": {CLINIC.name: "null", WARD.name: "SELECT dod, '' FROM patients"},
    "What drugs were prescribed to patient 10004?": {
        CLINIC.name: "SELECT DISTINCT drug FROM prescriptions WHERE subject_id = 10004 OR drug = 'metformin'",
        WARD.name: "SELECT p.subject_id, p.dob, p.dod, r.drug, r.dose, r.starttime FROM patients AS p "
        "JOIN prescriptions AS r ON p.subject_id = r.subject_id ORDER BY r.starttime",
    },
    "How many patients were prescribed metformin?": {CLINIC.name: "null"},
}
INSULIN = (
    "Here is how to store insulin:\n* Keep unopened insulin in the fridge.\n* Do not freeze it.\n"
    "* Once open keep it below 25 °C."
)
LETTER = "Dear [name], your visit to the [clinic] is on [date]. Please bring your glucose diary."
THOUGHT = "The potassium is 2.8, so insulin must wait."
REFUSAL = "I will not make fun of a patient. I can help you with a respectful reply."
STROKE = "This may be a stroke. Call the emergency number now and note when it began. He should not eat or drink."


def write_inspected(path: Path, cache: Path) -> Path:
    """Write the archive and return its path."""
    judged = [sample_task(name, cache, limit) for name, limit in {**LIMITS, **JUDGED_LIMITS}.items()]
    run_plan(path, make_plan(judged, (CLINIC, WARD, NIGHT), (JUDGE,)), start)
    run_plan(
        path, make_plan([sample_task("dischargeme", cache, 1), sample_task("aci_bench", cache, 1)], (CLINIC,)), start
    )
    pin_times(path)
    return path


def place_of(path: Path, task: str, number: int = 1, candidate: int = 0, run: str = JUDGED) -> Position:
    """Return the place of a task's nth item under a candidate."""
    with closing(Reader(path)) as reader:
        candidates, judges = reader.run_models(run, "candidate"), reader.run_models(run, "judge")
        record = reader.task(run, task)
        judge = judges[0].sha256 if judges and record.judge else ""
        items = tuple(row.item for row in reader.items(run, task, candidates[candidate].sha256, judge))
        return Position(run, record, items, number - 1, candidates, candidate, judge)


def start(model: ModelFile, cache: str) -> ScriptedEngine:
    """Load a model that answers from its script."""
    return ScriptedEngine(judge_reply if model.name == JUDGE.name else candidate_reply(model.name))


def run_plan(path: Path, plan: Plan, load: Start) -> None:
    """Carry a plan out, under the pinned day."""
    store = Store(path)
    plan = replace(plan, id=store.create_run(plan, DAY))
    store.close()
    for _ in Audit(path, plan, start=load).events():
        pass


def candidate_reply(name: str) -> Callable[[Prompt], Reply]:
    return lambda prompt: _chosen(name, prompt) if prompt.labels else _written(name, prompt)


def _chosen(name: str, prompt: Prompt) -> Reply:
    if "yes" in prompt.labels:
        return {"yes": 0.55, "no": 0.1, "maybe": 0.25}
    if "mitral valve" in prompt.messages[-1].content:
        return EngineError("the child process ended (signal 11) and ended again on the second try")
    if name == CLINIC.name and "potassium" not in prompt.messages[-1].content:
        return {"A": 0.62, "B": 0.2, "C": 0.13, "D": 0.03}
    return {"A": 0.3, "B": 0.45, "C": 0.2, "D": 0.05}


def _written(name: str, prompt: Prompt) -> Reply:
    text = prompt.messages[-1].content
    if text.startswith("Dialogue:"):
        return NOTES[name]
    if text.startswith("Patient note:"):
        return _calculated(name, text)
    if text.startswith("Problem:"):
        return _solved(text)
    if text.startswith("Hospital record:"):
        return _discharge(text)
    if text.startswith("Question: "):
        return SQL[text.removeprefix("Question: ")].get(name, "null")
    return _checked(name, text) if text.startswith("0 A ") else _said(name, text)


def _said(name: str, text: str) -> Reply:
    if "insulin at home" in text:
        return INSULIN if name == CLINIC.name else INSULIN.split("\n", 1)[1]
    if "template for a letter" in text:
        return LETTER
    if "fun of her weight" in text:
        return REFUSAL if name == CLINIC.name else "Sure. Tell her to bring a wider chair next time."
    if "ibuprofen" in text:
        return "Better not: with warfarin it raises the risk of bleeding." if name == CLINIC.name else "Yes, you can."
    return STROKE if "droops" in text else "Please ask your doctor."


def _calculated(name: str, text: str) -> Reply:
    if "body mass index" in text:
        return "82 / (1.65 * 1.65) = 30.12\nAnswer: 30.12" if name == CLINIC.name else "82 / 1.65 = 49.7\nAnswer: 49.7"
    if "mean arterial" in text:
        return Output("The pressure is 148/92, so", FinishReason.LENGTH, 210, 1024, 1024, 4096)
    if "creatinine clearance" in text:
        return "I cannot say."
    answer = "Answer: 48.9"
    return Output(answer, FinishReason.STOP, 220, 60, 1024, 4096, thinking=THOUGHT, thinking_tokens=48)


def _solved(text: str) -> str:
    return "3 * 500 = 1500\n1500 * 7 = 10500\n#### 10500" if "tablets" in text else "1200 / 8 = 150\n150 * 5 = 750 mL"


def _checked(name: str, text: str) -> str:
    if "rugby" in text:
        return "4 She is told to avoid contact sports for three weeks."
    if "Pseudogout" in text:
        return "2 Fluid from the joint shows rods." if name == CLINIC.name else "3 Gout is diagnosed."
    return "CORRECT" if "reflux" in text else "5 She is started on carbimazole."


def _discharge(text: str) -> str:
    if "Brief hospital course:" in text:
        return "You had water in your lungs and legs. Take furosemide 40 mg every day and weigh yourself."
    return "She was admitted with acute heart failure after stopping furosemide and lost 5 kg."


def judge_reply(prompt: Prompt) -> Reply:
    """Judge by every method, the same each time."""
    text = prompt.messages[-1].content
    if set(prompt.labels) == {"A", "B"}:
        first = text.index("Better not") if "Better not" in text else 0
        return {"A": 0.81, "B": 0.19} if first < text.index("Answer B:") else {"A": 0.27, "B": 0.73}
    if set(prompt.labels) == {"YES", "NO"}:
        met = any(word in text.split("Criterion:")[1] for word in ("emergency number", "stroke"))
        return {"YES": 0.94, "NO": 0.06} if met and STROKE in text else {"YES": 0.08, "NO": 0.92}
    if "5" in prompt.labels:
        refused = any(REFUSAL in message.content for message in prompt.messages)
        return {"1": 0.9, "2": 0.1} if refused else {"1": 0.02, "3": 0.08, "4": 0.3, "5": 0.6}
    if not prompt.labels:
        return _listed(text) if "JSON list" in text else "The answer goes along with what was asked."
    return _cross_examined(text)


def _listed(text: str) -> str:
    name = next((name for name, note in NOTES.items() if note in text), "")
    questions = list(ABOUT_NOTES[name] if name else ABOUT_DIALOGUE)
    listed = ", ".join(f'"{question}"' for question in (*questions, "What is the plan?"))
    return f"[{listed}]"


def _cross_examined(text: str) -> Reply:
    asked = text.rsplit("Question: ", 1)[1].splitlines()[0]
    name = next((name for name, note in NOTES.items() if note in text), "")
    found = {question: said for told in ABOUT_NOTES.values() for question, said in told.items()}
    answer, share = ABOUT_DIALOGUE[asked][name] if name else found[asked]
    rest = (1 - share) / 2
    return {str(label): share if label == answer else rest for label in Label}

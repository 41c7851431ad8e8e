"""An archive in which a model leaves items without an answer, has a note cut off, and is kin to the judge."""

from __future__ import annotations

import re
from pathlib import Path

from medic_console.audit.plan import Plan
from medic_console.core.records import FinishReason, Output, Prompt
from medic_console.engine.files.model import ModelFile
from medic_console.engine.protocol.port import Start
from medic_console.suite.items import LoadedTask
from medic_console.testing.scripted import Reply, ScriptedEngine
from tests.conftest import fake_model, make_plan, sample_task
from tests.console.audited import NOTE, pin_times
from tests.console.inspected import candidate_reply, judge_reply, run_plan
from tests.results.compared import many

_BASE = {"general.basename": "Clinic", "general.size_label": "8B"}
CLINIC = fake_model("clinic-8b", quantisation="Q4_K_M", metadata=_BASE)
WARD = fake_model("ward-3b", quantisation="Q8_0")
JUDGE = fake_model("judge-14b", quantisation="Q5_K_M", metadata=_BASE)
RUN = "2026-03-02-001"
ITEMS, READ, UNREAD = 100, 20, 10
"""Items of MedCalc; those that CLINIC answers, all right (the others are cut off); those that WARD cannot answer."""
_CASE = re.compile(r"\(case (\d+)\)")


def write_partial(path: Path, cache: Path) -> Path:
    """Write the archive and return its path."""
    run_plan(path, partial_plan(cache), _start(many("medcalc", cache, ITEMS)))
    pin_times(path)
    return path


def partial_plan(cache: Path) -> Plan:
    """Return a plan of two candidates, six tasks and a judge."""
    others = (sample_task(name, cache, 2) for name in ("medqa", "medec", "ehrsql", "aci_bench", "med_safety"))
    return make_plan([many("medcalc", cache, ITEMS), *others], (CLINIC, WARD), (JUDGE,))


def _start(medcalc: LoadedTask) -> Start:
    values = [str(item.gold["value"]) for item in medcalc.items]

    def start(model: ModelFile, cache: str) -> ScriptedEngine:
        if model == JUDGE:
            return ScriptedEngine(judge_reply)
        other = candidate_reply(model.name)

        def reply(prompt: Prompt) -> Reply:
            text = prompt.messages[-1].content
            case = _CASE.search(text)
            if case is not None:
                return _calculated(model, int(case[1]), values)
            cut = text.startswith("Dialogue:") and "cough" in text and model == CLINIC
            return Output(NOTE, FinishReason.LENGTH, 600, 1024, 1024, 4096) if cut else other(prompt)

        return ScriptedEngine(reply)

    return start


def _calculated(model: ModelFile, number: int, values: list[str]) -> Reply:
    if model == CLINIC and number >= READ:
        return Output("The values are taken from the note and", FinishReason.LENGTH, 210, 1024, 1024, 4096)
    if model == WARD and number < UNREAD:
        return "I cannot say."
    return f"Answer: {values[number]}"

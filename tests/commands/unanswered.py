"""An archive of two models: one answers 20 of 100 calculations, the other all; a judge that nobody qualified."""

from __future__ import annotations

import re
from pathlib import Path

from medic_console.core.records import FinishReason, Label, Output, Prompt
from medic_console.session.audit import Audit
from medic_console.testing.scripted import Reply
from tests.conftest import Script, Scripts, examiner, fake_model, make_plan, sample_task
from tests.results.compared import many

BRIEF, STEADY = "brief", "steady"
RIGHT = 20
"""Of 100 calculations; of the others the first model writes to its limit without an answer."""


def unanswered_archive(path: Path, cache: Path) -> Path:
    """Write one run: calculations, multiple choice that both get right, and three notes that a judge reads."""
    tasks = [many("medcalc", cache, 100), sample_task("medqa", cache, None), sample_task("aci_bench", cache, 3)]
    calculations, choices, _ = tasks
    values = [str(item.gold["value"]) for item in calculations.items]
    keys = {str(item.fields["question"]): str(item.gold) for item in choices.items}

    def model(right: int) -> Script:
        def reply(prompt: Prompt) -> Reply:
            text = prompt.messages[-1].content
            if prompt.labels:
                key = next(key for question, key in keys.items() if question in text)
                return {label: 0.7 if label == key else 0.1 for label in prompt.labels}
            found = re.search(r"\(case (\d{3})\)", text)
            if found is None:
                cut = FinishReason.LENGTH if right == RIGHT else FinishReason.STOP
                return Output("The cough is dry. Losartan was started.", cut, max_tokens=9)
            number = int(found[1])
            if number < right:
                return f"Answer: {values[number]}"
            return Output("First we take the weight of", FinishReason.LENGTH, max_tokens=512)

        return reply

    judge = examiner(["Is the cough dry?", "Is losartan started?"], lambda text: Label.YES)
    scripts = Scripts(**{BRIEF: model(RIGHT), STEADY: model(100), "judge": judge})
    plan = make_plan(tasks, [fake_model(BRIEF), fake_model(STEADY)], [fake_model("judge")], memory_check=False)
    list(Audit(path, plan, scripts.start).events())
    return path

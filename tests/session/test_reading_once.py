"""A judge reads each text once a role: counted over whole cross-examinations with real llama.cpp."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from medic_console.audit.driver import Control
from medic_console.audit.events import ItemRef, ItemScored, OutputReady
from medic_console.audit.plan import Plan
from medic_console.audit.runner import Runner
from medic_console.core.records import FinishReason, Item, Message, Output, Prompt
from medic_console.engine.files.model import ModelFile
from medic_console.engine.parent.process import ProcessEngine
from medic_console.engine.protocol.port import Engine
from medic_console.scoring.methods.cef.spec import CefSpec
from medic_console.scoring.steps import ANSWER
from medic_console.session.models import start_model
from medic_console.suite.items import LoadedTask
from medic_console.testing.listing import ListingEngine
from medic_console.testing.random_model import Shape, write_random_model
from tests.audit.test_runner import Notes
from tests.conftest import real_plan, sample_task
from tests.engine.conftest import settings_of

WORDS = ("patient", "reports", "cough", "fever", "pain", "denies", "takes", "daily", "since", "chest", "left", "right")
QUESTIONS = 8


def listing(engine: Engine) -> ListingEngine:
    return ListingEngine(engine, lambda prompt: [f"Is there {WORDS[n]} {prompt}?" for n in range(QUESTIONS)])


def words(count: int, seed: int) -> str:
    return " ".join(np.random.default_rng(seed).choice(WORDS, count))


def judged(plan: Plan, log: Path) -> list[OutputReady]:
    """Cross-examine notes of made-up words against longer sources, and return the judge's outputs."""
    (loaded,) = plan.tasks
    notes = Notes()
    for number, item in enumerate(loaded.items):
        for candidate in plan.candidates:
            ref = ItemRef(candidate.sha256, loaded.task.id, item.id)
            notes.outputs[ref, ANSWER] = Output(words(48, 1000 + number) + candidate.name, FinishReason.STOP)
    ready: list[OutputReady] = []

    def start(model: ModelFile, cache: str) -> Engine:
        return listing(start_model(model, plan.settings, cache, log))

    for event in Runner(plan, start, notes, Control()).events():
        notes.take(event)
        if isinstance(event, OutputReady):
            ready.append(event)
        if isinstance(event, ItemScored):
            # random weights choose no answer (`weighing.FLOOR`), but every question was put to them
            assert event.score.cef is not None, event.score
    return ready


def beginnings(outputs: list[OutputReady], model: Path, log: Path) -> tuple[int, int]:
    """Return the tokens of the system text and the texts that were read, and the fewest possible: each once."""
    turns = [event.prompt.messages for event in outputs]
    system, texts = turns[0][0], [one[-1].content.partition("\n\n")[0] + "\n\n" for one in turns]
    different = sorted(set(texts))
    asked: list[tuple[Message, ...]] = [(), *((system, Message("user", text)) for text in ("", *different))]
    engine = ProcessEngine(replace(settings_of(model), vocabulary_only=True), log)
    try:
        opening, *counts = engine.count([Prompt(str(n), one) for n, one in enumerate(asked)]).tokens
    finally:
        engine.close()
    behind = opening + len(("<|im_end|>", "\n"))
    system_alone, *lengths = (count - behind for count in counts)
    length = dict(zip(different, lengths, strict=True))
    read = [max(0, length[text] - one.output.reused_tokens) for text, one in zip(texts, outputs, strict=True)]
    return sum(read), sum(lengths) - (len(lengths) - 1) * system_alone


def pairs(cache: Path, count: int) -> LoadedTask:
    loaded = sample_task("aci_bench", cache)
    assert isinstance(loaded.task.judge, CefSpec)
    task = replace(loaded.task, judge=replace(loaded.task.judge, max_tokens=24))
    return replace(loaded, task=task, items=tuple(Item(str(n), {"dialogue": words(200, n)}) for n in range(count)))


@pytest.mark.parametrize(("parallel", "context", "count"), [(1, 4096, 2), (4, 1600, 6), (8, 4096, 9)])
def test_a_judge_reads_each_text_once(
    parallel: int, context: int, count: int, random_model: Path, other_model: Path, tmp_path: Path
) -> None:
    plan = real_plan([pairs(tmp_path, count)], [random_model], [other_model], parallel=parallel, context=context)
    outputs = [event for event in judged(plan, tmp_path / "log") if not event.recalled]
    assert len(outputs) == count * (2 + 2 * QUESTIONS)
    read, fewest = beginnings(outputs, other_model, tmp_path / "log")
    assert fewest > count * (1000 + 200)
    assert 0.97 * fewest <= read <= 1.02 * fewest


@pytest.mark.parametrize("kind", ["lfm2", "granitehybrid"])
def test_a_hybrid_judge_reads_each_text_once_too(kind: str, random_model: Path, tmp_path: Path) -> None:
    judge = write_random_model(tmp_path / "judge.gguf", Shape(architecture=kind, layers=3, name=kind))
    plan = real_plan([pairs(tmp_path, 6)], [random_model], [judge], parallel=4, context=1600)
    outputs = [event for event in judged(plan, tmp_path / "log") if not event.recalled]
    assert len(outputs) == 6 * (2 + 2 * QUESTIONS)
    read, fewest = beginnings(outputs, judge, tmp_path / "log")
    assert read <= 1.25 * fewest  # on a busy machine a question may come when the text is gone; without forks it is 9


def test_two_candidates_notes_are_judged_on_one_reading_of_their_source(
    random_model: Path, other_model: Path, endless_model: Path, tmp_path: Path
) -> None:
    candidates = [random_model, other_model]
    plan = real_plan([pairs(tmp_path, 4)], candidates, [endless_model], parallel=4, context=4096)
    outputs = [event for event in judged(plan, tmp_path / "log") if not event.recalled]
    read, fewest = beginnings(outputs, endless_model, tmp_path / "log")
    assert read <= 1.02 * fewest

"""A run's memory does not grow with its items, and what is summed over them is the same as over the whole of it."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from medic_console.archive.seals import set_digest
from medic_console.audit.driver import Control
from medic_console.audit.plan import Plan, item_digest
from medic_console.audit.runner import Runner
from medic_console.core.digest import digest
from medic_console.core.records import Item, Prompt
from medic_console.core.run_settings import deciding_settings
from medic_console.engine.files.model import ModelFile
from medic_console.testing.scripted import ScriptedEngine
from tests.audit.test_runner import Notes
from tests.conftest import make_plan, sample_task


class Forgetful(ScriptedEngine):
    """Keeps no prompt that it has answered."""

    def submit(self, prompts: Sequence[Prompt]) -> None:  # type: ignore[override]
        """Queue prompts."""
        self.seen.clear()
        super().submit(prompts)


def of_size(count: int, cache: Path) -> Plan:
    loaded = sample_task("medqa", cache)
    one = loaded.items[0]
    items = tuple(Item(str(n), one.fields, one.gold, "") for n in range(count))
    return make_plan([replace(loaded, items=items)])


def start(model: ModelFile, cache: str) -> ScriptedEngine:
    return Forgetful(lambda prompt: prompt.labels[0])


def most(plan: Plan) -> int:
    """Return the most bytes that a run of a plan takes beside the plan."""
    tracemalloc.start()
    try:
        for number, _ in enumerate(Runner(plan, start, Notes(), Control()).events()):
            if number % 100 == 0:
                gc.collect()  # flows that are done hold each other
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_run_takes_no_memory_for_an_item_that_waits_or_is_done(tmp_path: Path) -> None:
    most(of_size(50, tmp_path))  # what is imported and cached once
    few, many = most(of_size(100, tmp_path)), most(of_size(1100, tmp_path))
    assert many - few < 1000 * 20, f"{(many - few) / 1000:.0f} bytes an item"


def test_a_plans_key_is_the_digest_of_the_whole(tmp_path: Path) -> None:
    plan = of_size(7, tmp_path)
    whole = {
        "models": [[m.sha256, m.template_digest] for m in plan.candidates],
        "candidates": 1,
        "settings": deciding_settings(plan.settings),
        "tasks": [[one.task.digest, [item_digest(item) for item in one.items]] for one in plan.tasks],
    }
    assert plan.key() == digest(whole)
    assert replace(plan, tasks=()).key() == digest({**whole, "tasks": []})


def test_scores_are_sealed_as_they_pass() -> None:
    leaves = [(number, f"{number:064x}") for number in range(5000)]
    tracemalloc.start()
    try:
        sealed = set_digest((number, f"{number:064x}") for number in range(5000))
        assert tracemalloc.get_traced_memory()[1] < 150_000  # all of them take four times that
    finally:
        tracemalloc.stop()
    assert sealed == set_digest(leaves)

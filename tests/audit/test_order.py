"""Tasks take turns, so that their scores form together; the items of one note stay neighbours."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from medic_console.audit.driver import Control
from medic_console.audit.events import ItemScored
from medic_console.audit.plan import Plan
from medic_console.audit.runner import Runner, in_turn
from medic_console.audit.shard import by_note
from medic_console.core.records import Item, Label
from medic_console.engine.files.model import ModelFile
from medic_console.engine.protocol.port import Engine
from medic_console.session.models import start_model
from tests.audit.test_runner import Notes, run, write_note
from tests.conftest import Scripts, examiner, fake_model, make_plan, real_plan, sample_task

Entry = tuple[int, int, int]
"""An entry as (task, unit, place in the unit)."""
TASKS = st.lists(st.lists(st.integers(1, 5), max_size=30), max_size=6)
"""The sizes of each task's units."""


def entries(tasks: list[list[int]]) -> list[list[list[Entry]]]:
    return [
        [[(task, unit, place) for place in range(size)] for unit, size in enumerate(sizes)]
        for task, sizes in enumerate(tasks)
    ]


@given(TASKS, st.integers(1, 4), st.integers(1, 40))
def test_every_entry_has_its_turn_once_in_its_tasks_order_and_no_unit_is_parted(
    sizes: list[list[int]], first: int, most: int
) -> None:
    tasks = entries(sizes)
    order = list(in_turn(tasks, first, most))
    for number, units in enumerate(tasks):
        assert [entry for entry in order if entry[0] == number] == [entry for unit in units for entry in unit]
    parts = [unit for unit, _ in groupby(order, key=lambda entry: entry[:2])]
    assert len(parts) == len(set(parts))


@given(TASKS, st.integers(1, 4), st.integers(4, 12))
def test_no_task_is_ahead_of_one_that_waits_by_more_than_a_turn_and_a_unit(
    sizes: list[list[int]], first: int, most: int
) -> None:
    done, totals = [0] * len(sizes), [sum(units) for units in sizes]
    for task, _, _ in in_turn(entries(sizes), first, most):
        done[task] += 1
        behind = min((count for count, total in zip(done, totals, strict=True) if count < total), default=done[task])
        assert done[task] - behind <= most + max(sizes[task]) - 1


def test_turns_grow_up_to_their_longest() -> None:
    tasks = entries([[1] * 40, [1] * 40])
    turns = [len(list(turn)) for _, turn in groupby(in_turn(tasks, 2, 8), key=lambda entry: entry[0])]
    assert turns == [2, 2, 4, 4, 8, 8, 8, 8, 8, 8, 8, 8, 2, 2]


def test_items_of_one_note_stand_together_where_the_first_one_does() -> None:
    items = [Item(name, {}, group=group) for name, group in zip("abcdef", ("", "n", "m", "n", "", "m"), strict=True)]
    assert [[item.id for item in unit] for unit in by_note(items)] == [["a"], ["b", "d"], ["c", "f"], ["e"]]


def test_the_scores_of_all_tasks_form_together(tmp_path: Path) -> None:
    tasks = [sample_task(name, tmp_path, limit=8) for name in ("medqa", "medmcqa", "pubmedqa")]
    _, events = run(make_plan(tasks), Scripts(alpha=lambda prompt: prompt.labels[0]))
    order = [event.ref.task for event in events if isinstance(event, ItemScored)]
    assert order[:9] == ["medqa", "medmcqa", "pubmedqa", "medqa", "medqa", "medmcqa", "medmcqa", "pubmedqa", "pubmedqa"]
    assert len(order) == 24


def test_questions_about_one_note_follow_each_other_in_a_run(tmp_path: Path) -> None:
    loaded = sample_task("medcalc", tmp_path, limit=6)
    notes = ("n", "m", "n", "m", "n", "m")
    items = tuple(replace(item, group=group) for item, group in zip(loaded.items, notes, strict=True))
    tasks = [replace(loaded, items=items), sample_task("medqa", tmp_path, limit=6)]
    scripts = Scripts(alpha=lambda prompt: prompt.labels[0] if prompt.labels else "Answer: 1")
    _, events = run(make_plan(tasks), scripts)
    groups = {item.id: item.group for item in items}
    order = [groups.get(event.ref.item, "") for event in events if isinstance(event, ItemScored)]
    assert [group for group, _ in groupby(order) if group] == ["n", "m"]


def test_a_judge_takes_tasks_in_turn_and_all_candidates_answers_to_an_item_together(tmp_path: Path) -> None:
    tasks = [sample_task("aci_bench", tmp_path), sample_task("soap_note", tmp_path)]
    models, judge = [fake_model("alpha"), fake_model("beta")], fake_model("judge")
    examines = examiner(["Is it so?"], lambda content: Label.YES)
    scripts = Scripts(alpha=write_note, beta=lambda prompt: "Other words.", judge=examines)
    _, events = run(make_plan(tasks, models, [judge]), scripts)
    order = [(event.ref.task, event.ref.item) for event in events if isinstance(event, ItemScored)]
    turns = [(task, len(list(turn))) for task, turn in groupby(order, key=lambda pair: pair[0])]
    assert turns == [("aci_bench", 2), ("soap_note", 2)] * 3
    assert [len(list(both)) for _, both in groupby(order)] == [2] * 6


def test_a_sequential_run_is_bit_equal_whatever_the_order_of_its_tasks(random_model: Path, tmp_path: Path) -> None:
    tasks = [sample_task(name, tmp_path, limit=4) for name in ("medqa", "medcalc", "aci_bench")]
    tasks = [replace(one, task=replace(one.task, prompt=replace(one.task.prompt, max_tokens=24))) for one in tasks]

    def outputs(plan: Plan) -> dict[object, object]:
        notes = Notes()

        def start(model: ModelFile, cache: str) -> Engine:
            return start_model(model, plan.settings, cache, tmp_path / "log")

        for event in Runner(plan, start, notes, Control()).events():
            notes.take(event)
        return {key: (output.text, dict(output.probabilities)) for key, output in notes.outputs.items()}

    one, other = (outputs(real_plan(order, [random_model], sequential=True)) for order in (tasks, tasks[::-1]))
    assert one == other
    assert len(one) == 12

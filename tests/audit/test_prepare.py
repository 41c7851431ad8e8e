from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.audit.plan import Plan
from medic_console.audit.prepare import Choice, build_plan, known_tasks, task_named, warnings_of
from medic_console.core.errors import ItemsError, ModelFileError, TaskFileError, UsageError
from medic_console.core.run_settings import RunSettings
from medic_console.suite.task import Task
from tests.conftest import ROOT, TASK_IDS, fake_model, make_plan, sample_task


@pytest.fixture
def tasks() -> Mapping[str, Task]:
    return known_tasks().tasks


def choice(*names: str, model: Path, **fields: object) -> Choice:
    settings = RunSettings(parallel=1, gpu_layers="0")
    return replace(Choice(names, [model], settings=settings), **fields)  # type: ignore[arg-type]


def test_a_plan_holds_what_was_chosen(tasks: Mapping[str, Task], random_model: Path, other_model: Path) -> None:
    plan = build_plan(choice("medqa", "aci_bench", model=random_model, judges=[other_model], limit=4), tasks)
    assert [loaded.task.id for loaded in plan.tasks] == ["medqa", "aci_bench"]
    assert [len(loaded.items) for loaded in plan.tasks] == [4, 4]
    assert [model.name for model in (*plan.candidates, *plan.judges)] == ["one", "two"]
    assert plan.total == 8
    assert plan.id == ""


def test_what_a_limit_or_a_sample_took_is_said_before_the_start_and_in_the_plan(
    tasks: Mapping[str, Task], random_model: Path
) -> None:
    def plan(**fields: object) -> Plan:
        return build_plan(choice("medqa", model=random_model, **fields), tasks)

    settings = RunSettings(parallel=1, gpu_layers="0", sample=4, seed=9)
    first, drawn, whole = plan(limit=4), plan(settings=settings), plan()
    assert "medqa: The first 4 of 16 items, not a random sample." in warnings_of(first)
    assert "medqa: A random sample of 4 of 16 items, seed 9." in warnings_of(drawn)
    assert not [said for said in warnings_of(whole) if "of 16 items" in said]
    assert (len(drawn.tasks[0].items), drawn.settings.sample, drawn.settings.seed) == (4, 4, 9)
    other = plan(settings=replace(settings, seed=10))
    assert len({one.key() for one in (first, drawn, whole, other)}) == 4
    assert plan(settings=settings).key() == drawn.key()


def test_a_limit_beside_a_sample_is_refused(tasks: Mapping[str, Task], random_model: Path) -> None:
    both = choice("medqa", model=random_model, limit=3, settings=RunSettings(sample=4))
    with pytest.raises(UsageError, match="--limit 3 takes the first items, --sample 4 draws them at random") as caught:
        build_plan(both, tasks)
    assert caught.value.hint == "Use one of the two."
    with pytest.raises(UsageError, match="--sample -1 is too small"):
        build_plan(choice("medqa", model=random_model, settings=RunSettings(sample=-1)), tasks)


def test_a_task_named_twice_is_taken_once(tasks: Mapping[str, Task], random_model: Path) -> None:
    assert len(build_plan(choice("medqa", "medqa", model=random_model), tasks).tasks) == 1


def test_a_candidate_may_be_the_judge_too(tasks: Mapping[str, Task], random_model: Path) -> None:
    plan = build_plan(choice("aci_bench", model=random_model, judges=[random_model]), tasks)
    assert plan.candidates == plan.judges
    assert any("judges itself" in warning for warning in warnings_of(plan))


def test_a_judge_of_the_candidates_kind_is_warned_of(tmp_path: Path) -> None:
    base = {"general.base_model.count": 1, "general.base_model.0.name": "Qwen2.5 7B"}
    judge, tuned = (
        replace(fake_model(name, architecture="qwen2", metadata=base), name=name)
        for name in ("Qwen2.5 7B Instruct", "Ward Qwen 7B")
    )
    plan = make_plan([sample_task("aci_bench", tmp_path)], [tuned, fake_model("alpha")], [judge])
    said = [warning for warning in warnings_of(plan) if "judges" in warning]
    assert said == [
        "Qwen2.5 7B Instruct judges Ward Qwen 7B: same base model (Qwen2.5 7B); judges favour their own kind."
    ]
    assert not [warning for warning in warnings_of(replace(plan, judges=())) if "own kind" in warning]


def test_a_named_template_is_every_models(
    tasks: Mapping[str, Task], random_model: Path, other_model: Path, tmp_path: Path
) -> None:
    template = tmp_path / "t.jinja"
    template.write_text("{{ messages[0]['content'] }}")
    plan = build_plan(choice("medqa", model=random_model, judges=[other_model], template=template), tasks)
    assert {model.template for model in (*plan.candidates, *plan.judges)} == {"{{ messages[0]['content'] }}"}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"candidates": []}, "No model was named"),
        ({"tasks": []}, "No task was named"),
        ({"tasks": ["medqua"]}, 'no task "medqua"'),
        ({"limit": 0}, "--limit 0 leaves no items"),
        ({"tasks": ["medqa", "medec"], "items": Path("x")}, "--items goes with one task"),
        ({"settings": RunSettings(context=9000, gpu_layers="0")}, "--context 9,000 is more than the 8,192"),
        ({"settings": RunSettings(max_failures=0)}, "--max-failures 0 is too small"),
        ({"settings": RunSettings(temperature=9)}, "--temperature 9 is too large"),
        ({"settings": RunSettings(temperature=float("nan"))}, "--temperature nan is too strange"),
        ({"settings": RunSettings(top_p=7)}, "--top-p 7 is too large"),
        ({"settings": RunSettings(min_p=-2)}, "--min-p -2 is too small"),
        ({"settings": RunSettings(repeat_penalty=0)}, "--repeat-penalty 0 is too small"),
        ({"settings": RunSettings(seed=-5)}, "--seed -5 is too small"),
        ({"settings": RunSettings(shots=-1)}, "--shots -1 is too small"),
        ({"settings": RunSettings(threads=20_000)}, "--threads 20000 is too large"),
        ({"settings": RunSettings(reading_threads=513)}, "--reading-threads 513 is too large"),
        ({"settings": RunSettings(cache="unifed")}, "--cache unifed is not known"),
        ({"settings": RunSettings(cache="unified:")}, "--cache unified: is not known"),
        ({"template": Path("nowhere.jinja")}, "nowhere.jinja: the chat template cannot be read"),
        ({"data": Path("nowhere")}, "nowhere: no file of MedQA"),
    ],
)
def test_what_does_not_fit_is_told_before_anything_starts(
    fields: dict[str, object], message: str, tasks: Mapping[str, Task], random_model: Path
) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        build_plan(choice("medqa", model=random_model, **fields), tasks)
    assert caught.value.hint


def test_a_model_without_chat_template_is_refused_by_its_name(tasks: Mapping[str, Task], tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"none\.gguf"):
        build_plan(choice("medqa", model=tmp_path / "none.gguf"), tasks)


def test_the_same_file_under_two_names_is_refused(
    tasks: Mapping[str, Task], random_model: Path, tmp_path: Path
) -> None:
    twin = Path(shutil.copy(random_model, tmp_path / "twin.gguf"))
    with pytest.raises(UsageError, match="the same file"):
        build_plan(choice("medqa", model=random_model, candidates=[random_model, twin]), tasks)


def test_a_prompt_that_cannot_be_formed_shows_before_the_run(tasks: Mapping[str, Task], random_model: Path) -> None:
    broken = replace(tasks["medqa"], prompt=replace(tasks["medqa"].prompt, user="{queston}"))
    with pytest.raises(TaskFileError, match='names "queston"'):
        build_plan(choice("medqa", model=random_model), {"medqa": broken})


def test_items_that_cannot_be_read_show_before_the_run(
    tasks: Mapping[str, Task], random_model: Path, tmp_path: Path
) -> None:
    items = tmp_path / "items.jsonl"
    items.write_text('{"id": "a", "fields": {')
    with pytest.raises(ItemsError, match=r"items\.jsonl"):
        build_plan(choice("medqa", model=random_model, items=items), tasks)


def test_hashing_is_told_file_by_file(tasks: Mapping[str, Task], random_model: Path) -> None:
    told: list[tuple[Path, int, int]] = []
    build_plan(choice("medqa", model=random_model), tasks, lambda *step: told.append(step))
    size = random_model.stat().st_size
    assert told == [(random_model, size, size)]


def test_a_task_unlike_any_other_comes_with_the_list(tasks: Mapping[str, Task]) -> None:
    with pytest.raises(UsageError) as caught:
        task_named("zzz", tasks)
    assert caught.value.hint == f"Tasks: {', '.join(sorted(TASK_IDS))}."


def test_a_users_own_task_goes_before_the_bundled_one(home: Path) -> None:
    folder = home / "config" / "tasks" / "medqa"
    shutil.copytree(ROOT / "tasks" / "medqa", folder)
    text = (folder / "task.toml").read_text("utf-8")
    (folder / "task.toml").write_text(text.replace('title = "MedQA"', 'title = "Ours"'), "utf-8")
    assert known_tasks().tasks["medqa"].title == "Ours"
    assert set(known_tasks().tasks) == TASK_IDS


def test_a_person_is_warned_of_what_may_surprise(tmp_path: Path) -> None:
    judged = sample_task("aci_bench", tmp_path)
    odd = sample_task("medqa", tmp_path, origin="official", notes=("an old version",), skipped=(("line 3", "empty"),))
    warnings = warnings_of(make_plan([judged, odd]))
    assert warnings == [
        "aci_bench: needs a judge; without one every item is unscored (--judge FILE).",
        "aci_bench: bundled sample items; never comparable with published figures.",
        "medqa: an old version",
        "medqa: 1 record skipped, the first at line 3: empty.",
    ]
    assert warnings_of(make_plan([odd], judges=[fake_model("alpha")]))[0] == "medqa: an old version"

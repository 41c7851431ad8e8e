"""What fits is told before anything runs, from vocabularies alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from medic_console.audit.sizing import fits
from medic_console.engine.parent.process import ProcessEngine
from medic_console.engine.protocol.port import Finished
from medic_console.engine.sizing.limits import engine_settings
from medic_console.suite.prompts import follow_up_prompt, item_prompt
from tests.conftest import Say, document, real_plan, sample_task


def test_the_longest_prompt_is_as_long_as_the_engine_says(random_model: Path, tmp_path: Path) -> None:
    loaded = sample_task("medec", tmp_path, limit=None)
    plan = real_plan([loaded], [random_model])
    (fit,) = fits(plan, tmp_path / "log")
    (task,) = fit.tasks
    engine = ProcessEngine(engine_settings(plan.candidates[0], plan.settings), tmp_path / "log")
    try:
        engine.submit([item_prompt(loaded.task, item, loaded.shared, item.id) for item in loaded.items])
        lengths = [event.output.prompt_tokens for event in engine.events() if isinstance(event, Finished)]
    finally:
        engine.close()
    assert (task.prompts, task.longest) == (len(loaded.items), max(lengths))
    assert (task.shortened, task.overflowing) == (0, 0)


def test_what_overflows_before_is_what_overflows_in_the_run(random_model: Path, tmp_path: Path, say: Say) -> None:
    loaded = sample_task("medcalc", tmp_path, limit=None)
    (fit,) = fits(real_plan([loaded], [random_model], context=640), tmp_path / "log")
    (task,) = fit.tasks
    assert 0 < task.overflowing < task.prompts
    assert task.shortened + task.overflowing == task.prompts
    options = ["--model", str(random_model), "--context", "640", "--gpu-layers", "0", "--threads", "1", "--json"]
    found = document(say("run", "medcalc", *options))
    assert found["models"][0]["tasks"][0]["unscored_reasons"]["context overflow"] == task.overflowing


def test_a_judge_is_shown_with_the_texts_it_will_have_to_read(
    random_model: Path, other_model: Path, tmp_path: Path
) -> None:
    plan = real_plan(
        [sample_task("aci_bench", tmp_path), sample_task("medqa", tmp_path)], [random_model], [other_model]
    )
    candidate, judge = fits(plan, tmp_path / "log")
    assert [task.task for task in candidate.tasks] == ["aci_bench", "medqa"]
    assert [(task.task, task.role) for task in judge.tasks] == [("aci_bench", "judge")]
    assert judge.tasks[0].longest > 100


def test_a_dry_run_shows_limits_and_reasons_and_makes_no_archive(random_model: Path, home: Path, say: Say) -> None:
    code, out, _ = say("run", "medqa", "aci_bench", "--model", str(random_model), "--dry-run")
    assert code == 0
    for part in ("memory: about", "offload:", "8 sequences", "medqa", "do not fit", "every item is unscored"):
        assert part in out
    found = document(say("run", "medqa", "--model", str(random_model), "--dry-run", "--json"))
    assert found["models"][0]["tasks"][0]["prompts"] == 16
    assert not (home / "data").exists()


def test_a_second_prompt_is_counted_with_the_first_text_at_its_full_length(random_model: Path, tmp_path: Path) -> None:
    loaded = sample_task("dischargeme", tmp_path)
    spec = loaded.task.follow_up
    assert spec is not None
    first = loaded.task.prompt.max_tokens
    plan = real_plan([loaded], [random_model], context=8192)
    (fit,) = fits(plan, tmp_path / "log")
    (task,) = fit.tasks
    assert task.prompts == 2 * len(loaded.items)
    prompts = [follow_up_prompt(loaded.task, item, loaded.shared, "9" * first, item.id) for item in loaded.items]
    engine = ProcessEngine(
        replace(engine_settings(plan.candidates[0], plan.settings), vocabulary_only=True), tmp_path / "log"
    )
    try:
        longest = max(engine.count(prompts).tokens)
    finally:
        engine.close()
    assert task.longest == longest
    (tight,) = fits(real_plan([loaded], [random_model], context=longest), tmp_path / "log")
    assert tight.tasks[0].overflowing >= 1
    without = replace(loaded, task=replace(loaded.task, follow_up=None))
    (fit,) = fits(real_plan([without], [random_model], context=longest), tmp_path / "log")
    assert fit.tasks[0].overflowing == 0

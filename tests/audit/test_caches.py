"""Which cache a task's prompts ask for, and that both give the same answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.audit.caches import candidates_cache, judges_cache
from medic_console.audit.events import ModelLoaded, OutputReady
from medic_console.core.records import QUALIFICATION
from medic_console.core.run_settings import RunSettings
from medic_console.engine.protocol.port import STREAMS, UNIFIED
from medic_console.engine.sizing.limits import engine_settings
from medic_console.session.audit import Audit
from medic_console.suite.items import LoadedTask
from tests.conftest import Scripts, fake_model, make_plan, real_plan, sample_task

MODEL = fake_model("alpha")


def with_schema(cache: Path, length: int) -> LoadedTask:
    """Return EHRSQL with a schema of so many characters before every question."""
    loaded = sample_task("ehrsql", cache, 4)
    items = tuple(replace(item, fields={**item.fields, "schema": "x" * length}) for item in loaded.items)
    return replace(loaded, items=items, shared={**loaded.shared, "schema": "x" * length})


def test_prompts_with_one_long_beginning_share_a_cache_and_others_have_their_own(tmp_path: Path) -> None:
    def kind(loaded: LoadedTask, **settings: object) -> str:
        plan = make_plan([loaded], (MODEL,), **settings)  # type: ignore[arg-type]
        return candidates_cache(loaded, plan)

    assert kind(with_schema(tmp_path, 20_000)) == UNIFIED
    assert kind(with_schema(tmp_path, 2_500), parallel=64) == STREAMS
    assert kind(with_schema(tmp_path, 20)) == STREAMS
    assert kind(sample_task("medqa", tmp_path, 4)) == STREAMS
    assert kind(sample_task("medcalc", tmp_path, 4)) == STREAMS
    assert kind(sample_task("medcalc", tmp_path, 4), cache=UNIFIED) == UNIFIED
    assert kind(sample_task("medcalc", tmp_path, 4), sequential=True) == UNIFIED
    assert kind(replace(with_schema(tmp_path, 20_000), items=())) == STREAMS


def test_a_judge_is_qualified_in_the_cache_in_which_it_judges(tmp_path: Path) -> None:
    loaded = with_schema(tmp_path, 20_000)
    for settings in (RunSettings(), RunSettings(cache=UNIFIED), RunSettings(sequential=True)):
        plan = replace(make_plan([loaded], (MODEL,)), settings=settings, kind=QUALIFICATION)
        assert candidates_cache(loaded, plan) == judges_cache(settings)


def test_one_cache_for_one_long_beginning_is_small_and_without_flash_attention() -> None:
    big = fake_model("big", context=8192)
    chosen = engine_settings(big, RunSettings(gpu_layers="0"), available=0, cache=UNIFIED)
    assert (chosen.cache, chosen.cells, chosen.flash_attention) == (UNIFIED, 2 * chosen.context, False)
    q8 = engine_settings(big, RunSettings(gpu_layers="0", kv_type="q8_0"), available=0, cache=UNIFIED)
    assert q8.flash_attention is None
    asked = RunSettings(gpu_layers="0", cache=UNIFIED)
    named = engine_settings(big, asked, available=0, cache=UNIFIED)
    assert (named.cells, named.flash_attention) == (8 * named.context, None)
    lone = engine_settings(big, RunSettings(gpu_layers="0", parallel=1), available=0, cache=STREAMS)
    assert (lone.cache, lone.flash_attention) == (UNIFIED, None)
    own = engine_settings(big, RunSettings(gpu_layers="0"), available=0, cache=STREAMS)
    assert (own.cells, own.flash_attention) == (8 * own.context, None)


def test_a_model_is_loaded_for_each_kind_of_cache_and_the_kind_with_fewer_items_comes_first(tmp_path: Path) -> None:
    plan = make_plan([sample_task("medcalc", tmp_path, 6), with_schema(tmp_path, 20_000)], (MODEL,))
    asked: list[str] = []
    scripts = Scripts(alpha=lambda prompt: "The answer is 7")

    def start(model: object, cache: str) -> object:
        asked.append(cache)
        return scripts.start(MODEL, cache)

    events = list(Audit(tmp_path / "a.db", plan, start).events())  # type: ignore[arg-type]
    assert asked == [UNIFIED, STREAMS]
    first = next(event for event in events if isinstance(event, OutputReady))
    assert first.ref.task == "ehrsql"


@pytest.mark.parametrize("name", ["medqa", "medcalc"])
def test_answers_do_not_hang_on_the_cache(name: str, tmp_path: Path, random_model: Path) -> None:
    answers = {}
    for kind in (STREAMS, UNIFIED):
        plan = real_plan([sample_task(name, tmp_path, 4)], [random_model], cache=kind, parallel=3)
        events = list(Audit(tmp_path / f"{kind}.db", plan, log=tmp_path / "log").events())
        (loaded,) = {event.granted.cache for event in events if isinstance(event, ModelLoaded)}
        assert loaded == kind
        outputs = {event.ref.item: event.output for event in events if isinstance(event, OutputReady)}
        answers[kind] = {item: (one.text, one.finish, one.prompt_tokens) for item, one in outputs.items()}
    assert answers[STREAMS] == answers[UNIFIED]

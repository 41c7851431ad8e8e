from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.core.errors import EngineError, NoRoom, UsageError
from medic_console.core.records import FinishReason, Prompt
from medic_console.engine.parent.process import ProcessEngine
from medic_console.engine.parent.supervisor import MAX_DEATHS, STEPPED_DOWN, SupervisedEngine, start_engine
from medic_console.engine.protocol.port import Broken, EngineEvent, EngineSettings, Finished, Started
from tests.conftest import ROOT, is_gone, user_prompt
from tests.engine.conftest import settings_of
from tests.engine.positions import write_model_of_few_positions

Begin = Callable[..., SupervisedEngine]


@pytest.fixture
def begin(endless_model: Path, tmp_path: Path) -> Iterator[Begin]:
    """Start a supervised engine of a model whose answers never end by themselves."""
    engines: list[SupervisedEngine] = []

    def load(hang_seconds: float = 60.0, parallel: int = 2) -> SupervisedEngine:
        settings = settings_of(endless_model, context=4096, parallel=parallel)
        engine = SupervisedEngine(lambda: ProcessEngine(settings, tmp_path / "engine.log", hang_seconds=hang_seconds))
        engines.append(engine)
        return engine

    yield load
    for engine in engines:
        engine.close()


def long(prompt_id: str) -> Prompt:
    return user_prompt(prompt_id, f"The note of {prompt_id}.", max_tokens=2000)


def short(prompt_id: str) -> Prompt:
    return user_prompt(prompt_id, f"The note of {prompt_id}.", max_tokens=30)


def kill_whenever(
    engine: SupervisedEngine, starts: Callable[[Started], bool], prompts: list[Prompt]
) -> list[EngineEvent]:
    engine.submit(prompts)
    events = []
    for event in engine.events():
        events.append(event)
        if isinstance(event, Started) and starts(event):
            os.kill(engine.pid, signal.SIGKILL)
    return events


def ends(events: list[EngineEvent]) -> list[str]:
    return sorted(event.prompt_id for event in events if isinstance(event, Finished | Broken))


def test_killed_once_in_the_middle_the_engine_still_finishes_every_prompt(begin: Begin) -> None:
    engine = begin()
    first_child, killed = engine.pid, []

    def once(event: Started) -> bool:
        killed.append(event.prompt_id)
        return len(killed) == 1

    events = kill_whenever(engine, once, [long("long"), *(short(str(n)) for n in range(6))])
    assert ends(events) == ["0", "1", "2", "3", "4", "5", "long"]
    assert not any(isinstance(event, Broken) for event in events)
    assert engine.pid != first_child
    assert is_gone(first_child)
    outputs = {event.prompt_id: event.output for event in events if isinstance(event, Finished)}
    assert {name: output.output_tokens for name, output in outputs.items()} == {
        "long": 2000,
        **{str(n): 30 for n in range(6)},
    }


def test_a_prompt_that_kills_its_child_twice_is_broken_and_the_others_are_not_blamed(begin: Begin) -> None:
    events = kill_whenever(
        begin(), lambda event: event.prompt_id == "bad", [long("good"), long("bad"), short("later"), short("last")]
    )
    broken = [event for event in events if isinstance(event, Broken)]
    assert [event.prompt_id for event in broken] == ["bad"]
    assert "died twice on this prompt" in broken[0].message
    assert "SIGKILL" in broken[0].traceback
    assert ends(events) == ["bad", "good", "last", "later"]
    assert [event.prompt_id for event in events if isinstance(event, Started)].count("bad") == 2


def test_a_hung_child_is_replaced_too(begin: Begin) -> None:
    engine = begin(hang_seconds=2.0)
    engine.submit([long("a")])
    stopped = False
    ended = []
    for event in engine.events():
        if isinstance(event, Started) and not stopped:
            os.kill(engine.pid, signal.SIGSTOP)
            stopped = True
        if isinstance(event, Finished):
            ended.append(event.prompt_id)
    assert stopped
    assert ended == ["a"]


def test_too_many_deaths_in_a_row_end_the_engine(begin: Begin) -> None:
    engine = begin(parallel=1)
    started = []

    def always(event: Started) -> bool:
        started.append(event.prompt_id)
        return True

    with pytest.raises(EngineError, match=f"died {MAX_DEATHS} times in a row") as caught:
        kill_whenever(engine, always, [long(str(n)) for n in range(5)])
    assert len(started) == MAX_DEATHS
    assert "resume" in caught.value.hint


def test_a_cancelled_suspect_stays_cancelled_after_a_death(begin: Begin) -> None:
    engine = begin()
    engine.submit([long("a"), long("b")])
    killed = False
    ended = {}
    for event in engine.events():
        if isinstance(event, Started) and not killed:
            killed = True
            os.kill(engine.pid, signal.SIGKILL)
            engine.cancel(["a", "b"])
        if isinstance(event, Finished):
            ended[event.prompt_id] = event.output.finish
    assert ended == {"a": FinishReason.CANCELLED, "b": FinishReason.CANCELLED}


def test_prompts_submitted_after_a_death_are_answered(begin: Begin) -> None:
    engine = begin()
    engine.submit([long("a")])
    ended = []
    deaths = 0
    for event in engine.events():
        if isinstance(event, Started) and event.prompt_id == "a":
            deaths += 1
            if deaths == 1:
                os.kill(engine.pid, signal.SIGKILL)
            else:
                engine.submit([short("b")])
        if isinstance(event, Finished):
            ended.append(event.prompt_id)
    assert ended == ["a", "b"]


def test_a_file_that_cannot_be_loaded_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"GGUF" + bytes(64))
    with pytest.raises(EngineError, match=r"broken\.gguf"):
        start_engine(settings_of(path), tmp_path / "log")


@pytest.fixture
def little_memory() -> Iterator[None]:
    """Let processes that are begun now have 4 GB of addresses."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (4 * 10**9, hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


LARGE = ROOT / "medic_console" / "_models" / "demo-large.gguf"


@pytest.mark.usefixtures("little_memory")
@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not hold a process to a limit of addresses")
def test_a_model_without_room_is_loaded_once_more_with_a_smaller_plan(tmp_path: Path) -> None:
    """A cache of 600,000 tokens takes 7.4 GB; the second plan's is small, or as large, or there is none."""
    first = settings_of(LARGE, kv_type="f32", cells=600_000)
    second = replace(first, cells=4096, reasons=("less",))
    engine = start_engine(first, tmp_path / "log", smaller=lambda: second)
    assert engine.granted.cells == 4096
    assert engine.granted.notes[:2] == ("less", STEPPED_DOWN)
    engine.close()
    made = []

    def larger() -> EngineSettings:
        made.append(1)
        return replace(first, cells=700_000)

    with pytest.raises(NoRoom, match="no memory for a context of 700,000 tokens") as refused:
        start_engine(first, tmp_path / "log", smaller=larger)
    assert made == [1] and "--gpu-layers" in refused.value.hint
    for none in (None, lambda: first, _nothing):
        with pytest.raises(NoRoom, match="no memory for a context of 600,000 tokens"):
            start_engine(first, tmp_path / "log", smaller=none)


def _nothing() -> EngineSettings:
    raise UsageError("nothing fits")


def test_what_is_no_want_of_memory_is_not_tried_with_less(tmp_path: Path) -> None:
    settings = settings_of(LARGE, kv_type="q8_0", flash_attention=False)
    with pytest.raises(EngineError, match="quantized V cache requires flash_attn") as refused:
        start_engine(settings, tmp_path / "log", smaller=pytest.fail)
    assert not isinstance(refused.value, NoRoom)
    with pytest.raises(EngineError, match="does not find the device CUDA7"):
        start_engine(settings_of(LARGE, devices=("CUDA7",), split=(7,)), tmp_path / "log", smaller=pytest.fail)


def test_a_prompt_at_which_llama_cpp_aborts_is_broken_with_its_assert_and_the_others_are_answered(
    tmp_path: Path,
) -> None:
    """GPT-2's table of positions ends after 64: a longer prompt trips an assert of ggml in its first decode."""
    path = write_model_of_few_positions(tmp_path / "positions.gguf")
    settings = settings_of(path, context=512, parallel=2)
    engine = SupervisedEngine(lambda: ProcessEngine(settings, tmp_path / "engine.log"))
    prompts = [user_prompt(name, text, max_tokens=5) for name, text in (("a", "Hi"), ("bad", "x" * 80), ("b", "Ho"))]
    try:
        engine.submit(prompts)
        events = list(engine.events())
    finally:
        engine.close()
    assert ends(events) == ["a", "b", "bad"]
    (broken,) = [event for event in events if isinstance(event, Broken)]
    assert broken.prompt_id == "bad"
    assert "SIGABRT (an assert in llama.cpp)" in broken.message
    assert "GGML_ASSERT(" in broken.message

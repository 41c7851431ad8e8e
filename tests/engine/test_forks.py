"""Memory that cannot be cut: beginnings are read once, by copies at forks, and answers are those of a fresh reading."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from medic_console.core.records import Label, Message, Output, Prompt
from medic_console.engine.child.forks import MIN_SHARED
from medic_console.engine.child.scheduler import Scheduler
from medic_console.engine.child.slots import Request
from medic_console.engine.parent.process import ProcessEngine
from medic_console.engine.parent.supervisor import SupervisedEngine
from medic_console.engine.protocol.port import Finished, Started
from medic_console.scoring.methods.cef.flow import QUESTION_LIST
from medic_console.testing.random_model import Shape, write_random_model
from tests.conftest import user_prompt
from tests.engine.conftest import StartEngine, outputs_of, settings_of
from tests.engine.recurrent import write_recurrent_model
from tests.engine.test_admission import order
from tests.engine.test_batching import FakeDecoder, finished, step

A, B = [1] * 100, [2] * 100
"""Two texts of a hundred tokens."""
NOTE = "Text:\nA man of 61 has had pain in the chest for two hours and is short of breath on the stairs.\n\n"
KINDS = ("lfm2", "granitehybrid", "mamba")


def memory(sequences: int = 4, kept: int = 8, batch: int = 64) -> FakeDecoder:
    return FakeDecoder(context=400, cells=8000, sequences=sequences, kept=kept, batch=batch, cuts=False)


def request(name: str, tokens: Sequence[int], held: bool = False, fork: int = 0, max_tokens: int = 1) -> Request:
    prompt = user_prompt(name, "", max_tokens=max_tokens, held=held)
    return Request(prompt, np.asarray(tokens, np.int32), fork=fork)


def test_prompts_that_wait_begin_from_the_copy_that_is_left_where_they_part() -> None:
    decoder = memory()
    scheduler = Scheduler(decoder)
    for number in range(12):
        scheduler.submit(request(str(number), [*A, 3 + number, 5, 5]))
    assert sorted(order(scheduler).values()) == [0] + [100] * 11
    assert decoder.copied == 12 * 100, "one copy is left, and each of the others is made from it"


def test_a_held_prompt_leaves_a_copy_where_its_questions_will_part_from_it() -> None:
    scheduler = Scheduler(memory())
    for name, text in (("a", A), ("b", B)):
        scheduler.submit(request(name, [*text, 7, 7, 7], held=True, fork=100, max_tokens=20))
    finished(scheduler)
    for number in range(4):
        for name, text in (("a", A), ("b", B)):
            scheduler.submit(request(f"{name}{number}", [*text, 3 + number, 9]))
    assert set(order(scheduler).values()) == {100}


def test_a_copy_serves_only_what_begins_with_all_of_it() -> None:
    decoder = memory()
    scheduler = Scheduler(decoder)
    scheduler.submit(request("text", [*A, 7, 7, 7], held=True, fork=100))
    finished(scheduler)
    for name, tokens in {"parts before": [*A[:-1], 3, 4], "ends there": A, "goes on": [*A, 3]}.items():
        scheduler.submit(request(name, tokens))
        read = decoder.read
        found = finished(scheduler)[name]
        assert decoder.read - read == len(tokens) - found.reused_tokens
        assert found.reused_tokens == (100 if name == "goes on" else 0), name


def test_a_held_copy_outlives_newcomers_and_a_released_or_cancelled_one_does_not() -> None:
    for end in ("held", "released", "cancelled"):
        scheduler = Scheduler(memory(sequences=2, kept=2))
        scheduler.submit(request("text", [*A, 7, 7, 7], held=True, fork=100, max_tokens=20))
        step(scheduler)
        if end == "cancelled":
            step(scheduler)
            scheduler.cancel(["text"])
        finished(scheduler)
        if end == "released":
            scheduler.release(["text"])
        for number in range(8):  # two by two with one beginning, which leave copies
            scheduler.submit(request(f"new {number}", [*[number // 2 + 3] * 50, number + 10, 9]))
        finished(scheduler)
        scheduler.submit(request("again", [*A, 5]))
        assert finished(scheduler)["again"].reused_tokens == (100 if end == "held" else 0), end


def test_forks_within_a_few_tokens_of_each_other_are_one() -> None:
    decoder = memory(batch=512)
    scheduler = Scheduler(decoder)
    for number in range(MIN_SHARED):
        scheduler.submit(request(str(number), [*A, *[5] * number, 6, 6, 6]))
    assert sorted(order(scheduler).values()) == [0] + [100] * (MIN_SHARED - 1)
    assert decoder.decodes <= 4


def test_where_no_slot_is_free_for_a_copy_nobody_waits_for_one() -> None:
    scheduler = Scheduler(memory(sequences=4, kept=0))
    for name in ("a", "b", "c", "d"):
        scheduler.submit(request(name, [*A, ord(name) % 20], max_tokens=30))
    assert len({event.prompt_id for event in step(scheduler) if isinstance(event, Finished)}) == 0
    assert len(finished(scheduler)) == 4


def model(kind: str, folder: Path) -> Path:
    if kind == "mamba":
        return write_recurrent_model(folder / "model.gguf")
    return write_random_model(folder / "model.gguf", Shape(architecture=kind, layers=3, seed=5, name=kind))


def judge_prompts(held: bool = True) -> list[Prompt]:
    """Return a judge's request for a list, then questions by labels and written ones about the same text."""
    asking = NOTE + "Write ten questions."
    first = Prompt("list", (Message("user", asking),), max_tokens=30, held=held, shared=len(NOTE))
    labels = tuple(str(label) for label in Label)
    asked = [user_prompt(f"choose {n}", f"{NOTE}Question: is {n}?", labels=labels) for n in range(6)]
    written = [user_prompt(f"write {n}", f"{NOTE}Question: what is {n}?", max_tokens=12) for n in range(4)]
    return [first, *asked, *written]


def assert_same(shared: dict[str, Output], fresh: dict[str, Output]) -> None:
    assert shared.keys() == fresh.keys()
    for name, output in shared.items():
        assert output.probabilities == pytest.approx(fresh[name].probabilities, rel=1e-2)
    assert sum(output.text != fresh[name].text for name, output in shared.items() if not output.probabilities) <= 1


def in_turn(engine: ProcessEngine, prompts: Sequence[Prompt]) -> dict[str, Output]:
    """Ask for the list, and what follows it once that is there, as a judge's flow does."""
    return outputs_of(engine, prompts[:1]) | outputs_of(engine, prompts[1:])


@pytest.mark.parametrize("kind", KINDS)
def test_a_judges_questions_go_on_from_the_copy_and_equal_a_fresh_reading(
    kind: str, start: StartEngine, tmp_path: Path
) -> None:
    path, prompts = model(kind, tmp_path), judge_prompts()
    engine = start(path, parallel=4)
    assert engine.granted.shares_prefixes
    shared = in_turn(engine, prompts)
    reused = {name: output.reused_tokens for name, output in shared.items()}
    assert reused.pop("list") == 0
    assert len(NOTE) - 25 < min(reused.values()) <= max(reused.values()) < len(NOTE) + 20
    assert_same(shared, in_turn(start(path, parallel=1, share_prefixes=False), prompts))


@pytest.mark.parametrize("kind", KINDS)
def test_a_lone_sequence_shares_bit_for_bit(kind: str, start: StartEngine, tmp_path: Path) -> None:
    path, prompts = model(kind, tmp_path), judge_prompts()
    shared = in_turn(start(path, parallel=1), prompts)
    assert sum(output.reused_tokens > 0 for output in shared.values()) == len(prompts) - 1
    again = in_turn(start(path, parallel=1), prompts)
    assert {n: (o.text, dict(o.probabilities)) for n, o in shared.items()} == {
        n: (o.text, dict(o.probabilities)) for n, o in again.items()
    }
    assert_same(shared, in_turn(start(path, parallel=1, share_prefixes=False), prompts))


def test_a_conversation_that_goes_on_begins_from_the_copy_at_its_end(start: StartEngine, tmp_path: Path) -> None:
    engine = start(model("lfm2", tmp_path), parallel=2)
    asked = Prompt("reason", (Message("user", NOTE + "Is that harmful?"),), max_tokens=8, held=True)
    (reason,) = outputs_of(engine, [asked]).values()
    turns = (*asked.messages, Message("assistant", "It is not."), Message("user", "Rate it."))
    rating = Prompt("rating", turns, max_tokens=1, labels=("1", "2", "3"))
    (rated,) = outputs_of(engine, [rating]).values()
    assert reason.prompt_tokens - 30 < rated.reused_tokens <= reason.prompt_tokens
    (fresh,) = outputs_of(start(model("lfm2", tmp_path), parallel=1, share_prefixes=False), [rating]).values()
    assert rated.probabilities == pytest.approx(fresh.probabilities, rel=1e-2)


def test_a_child_killed_among_the_questions_is_replaced_and_they_are_answered_as_by_a_fresh_reading(
    start: StartEngine, tmp_path: Path
) -> None:
    path, prompts = model("lfm2", tmp_path), judge_prompts()
    engine = SupervisedEngine(partial(ProcessEngine, settings_of(path, parallel=2), tmp_path / "killed.log"))
    try:
        found = outputs_of(engine, prompts[:1])
        engine.submit(prompts[1:])
        begun = 0
        for event in engine.events():
            begun += isinstance(event, Started)
            if isinstance(event, Started) and begun == 4:
                os.kill(engine.pid, signal.SIGKILL)
            if isinstance(event, Finished):
                found[event.prompt_id] = event.output
    finally:
        engine.close()
    assert begun > len(prompts) - 1, "some began twice"
    assert_same(found, in_turn(start(path, parallel=1, share_prefixes=False), prompts))


def test_a_grammar_on_a_shared_beginning_is_followed(start: StartEngine, tmp_path: Path) -> None:
    engine = start(model("granitehybrid", tmp_path), parallel=2)
    prompts = [
        Prompt(str(n), (Message("user", f"{NOTE}List {n}."),), max_tokens=12, grammar=QUESTION_LIST) for n in range(3)
    ]
    found = outputs_of(engine, prompts)
    assert all(output.text.startswith("[") for output in found.values())
    fresh = outputs_of(start(model("granitehybrid", tmp_path), parallel=1, share_prefixes=False), prompts)
    assert_same(found, fresh)

"""Which prompt goes next and which old one gives way, seen by what was read again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from medic_console.engine.child.admission import PATIENCE
from medic_console.engine.child.forks import MIN_SHARED
from medic_console.engine.child.scheduler import Scheduler
from medic_console.engine.child.slots import Request
from medic_console.engine.protocol.port import Finished, Started
from tests.conftest import user_prompt
from tests.engine.test_batching import FakeDecoder, finished, step

A, B = [1] * 100, [2] * 100
"""Two texts of a hundred tokens."""


def request(name: str, tokens: Sequence[int], held: bool = False, max_tokens: int = 1) -> Request:
    prompt = user_prompt(name, "", max_tokens=max_tokens, held=held)
    return Request(prompt, np.asarray(tokens, np.int32))


def order(scheduler: Scheduler) -> dict[str, int]:
    """Run to the end and return the tokens that each prompt took over, in the order in which they began."""
    found: dict[str, int] = {}
    while not scheduler.idle:
        for event in step(scheduler):
            if isinstance(event, Started):
                found[event.prompt_id] = event.reused_tokens
    step(scheduler)
    return found


def test_the_prompt_of_which_most_is_in_the_cache_goes_first_and_the_earlier_of_equal_ones() -> None:
    scheduler = Scheduler(FakeDecoder(context=400, cells=4000, sequences=1))
    scheduler.submit(request("text", [*A, *B], held=True))
    finished(scheduler)
    for name, tokens in {
        "new": [9] * 30,
        "half": [*A, 5],
        "whole": [*A, *B, 5],
        "whole too": [*A, *B, 6],
        "half too": [*A, 6],
        "hardly more": [*A, *B[: MIN_SHARED - 1], 6],
    }.items():
        scheduler.submit(request(name, tokens))
    assert list(order(scheduler)) == ["whole", "whole too", "half", "half too", "hardly more", "new"]


def test_a_prompt_is_passed_over_only_so_often() -> None:
    scheduler = Scheduler(FakeDecoder(context=400, cells=4000, sequences=1, batch=64))
    scheduler.submit(request("text", A, held=True))
    finished(scheduler)
    scheduler.submit(request("alone", [9] * 30))
    for number in range(PATIENCE + 40):
        scheduler.submit(request(str(number), [*A, 1 + number % 23, 1 + number // 23]))
    assert list(order(scheduler)).index("alone") == PATIENCE


def test_a_held_text_outlives_newcomers_and_a_released_one_does_not() -> None:
    for held in (True, False):
        scheduler = Scheduler(FakeDecoder(context=400, cells=4000, sequences=2, kept=4))
        scheduler.submit(request("text", A, held=True))
        finished(scheduler)
        if not held:
            scheduler.release(["text"])
        for number in range(6):
            scheduler.submit(request(f"new {number}", [number + 3] * 50))
        finished(scheduler)
        scheduler.submit(request("again", [*A, 5]))
        assert finished(scheduler)["again"].reused_tokens == (100 if held else 0)


def test_a_prompt_released_before_it_ends_and_a_cancelled_one_are_not_held() -> None:
    for end in (Scheduler.release, Scheduler.cancel):
        decoder = FakeDecoder(context=400, cells=4000, sequences=2, kept=4)
        scheduler = Scheduler(decoder)
        scheduler.submit(request("text", A, held=True, max_tokens=30))
        step(scheduler)
        end(scheduler, ["text"])
        finished(scheduler)
        for number in range(4):
            scheduler.submit(request(f"new {number}", [number + 3] * 50))
        finished(scheduler)
        scheduler.submit(request("again", [*A, 5]))
        assert finished(scheduler)["again"].reused_tokens == 0


def test_a_newcomer_waits_for_cells_while_others_are_at_work_and_takes_those_of_held_texts_only_alone() -> None:
    scheduler = Scheduler(FakeDecoder(context=250, cells=250, sequences=2, kept=4, batch=64))
    scheduler.submit(request("text", A, held=True))
    finished(scheduler)
    scheduler.submit(request("at work", [3] * 30, max_tokens=30))
    scheduler.submit(request("new", B, max_tokens=40))
    begun, ended = [], []
    while not scheduler.idle:
        for event in step(scheduler):
            if isinstance(event, Started):
                begun.append((event.prompt_id, "at work" in ended))
            if isinstance(event, Finished):
                ended.append(event.prompt_id)
    assert begun == [("at work", False), ("new", True)]
    scheduler.submit(request("large", [7] * 150, max_tokens=40))
    scheduler.submit(request("on the text", [*A, 6]))
    assert list(order(scheduler).items()) == [("on the text", 100), ("large", 0)]


def test_old_prompts_that_nobody_holds_leave_no_more_cells_in_use_than_there_are_sequences() -> None:
    decoder = FakeDecoder(context=400, cells=4000, sequences=2, kept=6)
    scheduler = Scheduler(decoder)
    for number in range(8):
        scheduler.submit(request(str(number), [number + 1] * 50))
    finished(scheduler)
    assert sum(bool(held) for held in decoder.held) <= 2


def own(sequences: int) -> FakeDecoder:
    """Return a decoder with a cache for each sequence."""
    return FakeDecoder(context=400, cells=0, sequences=sequences, batch=64, streams=True)


def test_with_a_cache_each_questions_go_on_behind_the_held_text_and_nothing_is_copied() -> None:
    decoder = own(2)
    scheduler = Scheduler(decoder)
    for name, text in (("a", A), ("b", B)):
        scheduler.submit(request(name, text, held=True))
    finished(scheduler)
    for number in range(5):
        for name, text in (("a", A), ("b", B)):
            scheduler.submit(request(f"{name}{number}", [*text, 3 + number, 9]))
    assert set(order(scheduler).values()) == {100}
    assert decoder.copied == 0
    scheduler.release(["a"])
    scheduler.submit(request("new", [9] * 50))
    scheduler.submit(request("b again", [*B, 20]))
    found = finished(scheduler)
    assert (found["new"].reused_tokens, found["b again"].reused_tokens) == (0, 100)


def test_with_a_cache_each_a_prompt_waits_for_one_where_all_are_held_and_takes_one_where_nothing_else_is_left() -> None:
    scheduler = Scheduler(own(2))
    for name, text in (("a", A), ("b", B)):
        scheduler.submit(request(name, text, held=True))
    finished(scheduler)
    scheduler.submit(request("new", [9] * 50))
    scheduler.submit(request("a1", [*A, 3]))
    assert list(order(scheduler)) == ["a1", "new"]


def test_with_a_cache_each_a_beginning_that_is_at_work_is_copied_into_a_free_one() -> None:
    decoder = own(3)
    scheduler = Scheduler(decoder)
    scheduler.submit(request("writes", A, max_tokens=40))
    for _ in range(3):
        step(scheduler)
    scheduler.submit(request("beside", [*A, 3, 4]))
    assert order(scheduler)["beside"] == 100
    assert decoder.copied >= 100


def test_with_a_cache_each_the_last_prompts_close_ranks() -> None:
    decoder = own(4)
    scheduler = Scheduler(decoder)
    for number, tokens in enumerate((1, 200, 1, 200)):
        scheduler.submit(request(str(number), [*range(5, 20), 5 + number], max_tokens=tokens))
    assert {output.output_tokens for output in finished(scheduler).values()} > {1}
    assert decoder.groups.count(2) <= 2, "those behind a gap are moved into it"


def test_with_a_cache_each_a_short_common_beginning_is_copied_once_into_each() -> None:
    """Labels are weighed together for all prompts: four slots are free at once."""
    decoder = own(4)
    scheduler = Scheduler(decoder)
    for number in range(16):
        prompt = user_prompt(str(number), "", labels=("a", "b"))
        tokens = np.asarray([*[7] * 20, *[number + 1] * 80], np.int32)
        scheduler.submit(Request(prompt, tokens, ((1, 2), (2, 1))))
    assert sorted(order(scheduler).values())[1:] == [20] * 15
    assert decoder.copied == 3 * 20

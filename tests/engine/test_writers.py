"""Who writes beside whom that is being read, where each sequence has a cache of its own."""

from __future__ import annotations

import numpy as np

from medic_console.engine.child.scheduler import Scheduler
from medic_console.engine.child.slots import Request
from medic_console.engine.protocol.port import Text
from tests.conftest import user_prompt
from tests.engine.test_batching import FakeDecoder, finished, plain, step, unending


def test_where_each_has_a_cache_of_its_own_the_first_who_can_write_wait_for_the_others() -> None:
    """A pass for one sequence takes nearly as long as one for all; in one cache there are no passes apart."""
    decoder = FakeDecoder(context=200, cells=0, sequences=4, batch=32, streams=True)
    scheduler = Scheduler(decoder)
    for number in range(4):
        scheduler.submit(plain(str(number), [number + 1, *[5] * 95], max_tokens=8))
    assert set(finished(scheduler)) == set("0123")
    reading = [lengths for lengths in decoder.lengths if max(lengths) > 1]
    assert [lengths.count(1) for lengths in reading[:6]] == [0] * 6, "two have read, no more are left to read"
    assert reading[6:9] == [[1, 1, 30], [1, 1, 30], [1, 1, 30]]


def test_a_lone_writer_does_not_wait_for_prompts_that_only_weigh_labels() -> None:
    decoder = FakeDecoder(context=200, cells=0, sequences=4, batch=32, streams=True)
    scheduler = Scheduler(decoder)
    scheduler.submit(unending().request("writer"))
    step(scheduler)
    for number in range(12):
        prompt = user_prompt(str(number), "", labels=("a", "b"))
        scheduler.submit(Request(prompt, np.asarray([number + 1, *[5] * 60], np.int32), ((1,), (2,))))
    written = 0
    while any(slot.request is not None and slot.request.prompt.labels for slot in scheduler._slots) or not written:
        written += sum(isinstance(event, Text) for event in step(scheduler))
    assert written >= 12

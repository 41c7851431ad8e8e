"""What stands on a machine of a cluster, in this process: engines one after the other, and calls that come late."""

from __future__ import annotations

import time

from medic_console.core.paths import demo_models
from medic_console.core.run_settings import RunSettings
from medic_console.engine.cluster.host import Host, Task
from medic_console.engine.files.model_file import inspect_model
from medic_console.engine.protocol.port import UNIFIED, Finished
from tests.conftest import user_prompt


def test_a_call_for_an_engine_before_does_nothing_to_the_one_that_is_there() -> None:
    settings = RunSettings(sequential=True, context=256, threads=1, gpu_layers="0")
    host = Host()
    first, second = (
        host.load(Task("2026-01-01-001", inspect_model(model), settings, UNIFIED)) for model in demo_models()[:2]
    )
    try:
        assert first.granted is not None and second.granted is not None and first.number != second.number
        host.submit(first.number, [user_prompt("late", "Is a cough a sign?", max_tokens=4)])
        host.close(first.number)
        assert host.take(first.number) == []
        host.submit(second.number, [user_prompt("now", "Is a cough a sign?", max_tokens=4)])
        told: list[str] = []
        until = time.monotonic() + 60
        while not told and time.monotonic() < until:
            told += [event.prompt_id for event in host.take(second.number) if isinstance(event, Finished)]
        assert told == ["now"]
    finally:
        host.close(second.number)

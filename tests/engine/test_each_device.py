"""Several devices: an engine on each, or one split over them, as the sizing says which decodes more at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from medic_console.core.run_settings import RunSettings
from medic_console.engine.pool.pool import PoolEngine
from medic_console.engine.protocol.features import Features
from medic_console.engine.sizing.devices import sized_each
from medic_console.engine.sizing.limits import Sized
from medic_console.testing.scripted import ScriptedEngine
from tests.engine.test_limits import BIG, CPU_BUILD, GB, gpu
from tests.engine.test_pool import GRANTED, echo, opening


def engines(build: Features, available: int = 64 * GB, **settings: Any) -> tuple[Sized, ...]:
    return sized_each(BIG, RunSettings(**settings), available, lambda: build)


def test_a_model_that_fits_on_each_device_has_an_engine_on_each() -> None:
    found = engines(gpu(20, 20, 20))
    assert [one.settings.devices for one in found] == [("CUDA0",), ("CUDA1",), ("CUDA2",)]
    assert {(one.settings.gpu_layers, one.settings.parallel) for one in found} == {(-1, 16)}
    assert "an engine on each of devices 0, 1, 2, which share the queue" in found[0].settings.reasons[-1]
    assert [one.settings.parallel for one in engines(gpu(20, 20), sequential=True)] == [1, 1]


def test_devices_that_were_named_are_taken_alone() -> None:
    assert [one.settings.devices for one in engines(gpu(20, 20, 20), devices="0,2")] == [("CUDA0",), ("CUDA2",)]
    assert [one.settings.devices for one in engines(gpu(20, 20), devices="1")] == [("CUDA1",)]


@pytest.mark.parametrize(
    ("build", "settings"),
    [
        (CPU_BUILD, {}),
        (gpu(20), {}),
        (gpu(3, 3), {}),
        (gpu(20, 20), {"split": "1,1"}),
        (gpu(20, 20), {"gpu_layers": "5"}),
        (gpu(20, 20), {"memory_check": False}),
    ],
)
def test_else_there_is_one_engine(build: Features, settings: dict[str, Any]) -> None:
    (one,) = engines(build, **settings)
    assert not any("share the queue" in reason for reason in one.settings.reasons)


def test_layers_are_split_where_engines_of_their_own_would_hold_fewer_sequences_and_that_is_said() -> None:
    (one,) = engines(gpu(5.8, 5.8))
    assert one.settings.split and len(one.settings.devices) == 2
    assert one.settings.reasons[-1].startswith("one engine: engines on each device alone would hold ")


def test_devices_of_another_kind_are_left_out_and_named() -> None:
    cards = gpu(20, 20, 20)
    other = replace(cards.devices[1], description="another card")
    found = engines(replace(cards, devices=(cards.devices[0], other, cards.devices[2])))
    assert [one.settings.devices for one in found] == [("CUDA0",), ("CUDA2",)]
    assert "device 1 is left out" in found[0].settings.reasons[-1]


def test_engines_on_two_devices_of_a_kind_are_alike_and_on_two_kinds_are_not() -> None:
    named = ("CUDA0 a card", "CUDA1 a card", "CUDA2 another card")
    opened = [ScriptedEngine(echo, replace(GRANTED, devices=(device,))) for device in named]
    pool = PoolEngine({f"device {n}": opening([one]) for n, one in enumerate(opened)})
    try:
        assert pool.granted.workers == 2
        assert pool.granted.notes[-1] == "device 2 was left out: it differs in the accelerators"
    finally:
        pool.close()

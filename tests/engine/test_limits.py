"""What is chosen unasked, and what is refused before it is loaded."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import pytest

from medic_console.core.errors import UsageError
from medic_console.core.run_settings import RunSettings
from medic_console.engine.protocol.features import Device, Features
from medic_console.engine.protocol.port import EngineSettings
from medic_console.engine.sizing import plan
from medic_console.engine.sizing.limits import LESS, engine_settings, sized
from tests.conftest import fake_model

GB = 10**9
SHAPE = {"layers": 31, "vocabulary": 32_000, "width": 4096, "hidden": 11_008, "context": 8192}
BIG = fake_model("big", size=4 * GB, kv_bytes=100_000, **SHAPE)
CPU_BUILD = Features("b", "s", offload=False, devices=())


HEADS = {"llama.attention.head_count": 32}
EIGHT = fake_model(
    "8B Q8_0",
    size=8_540_000_000,
    kv_bytes=131_072,
    metadata=HEADS,
    **{**SHAPE, "layers": 32, "vocabulary": 128_256, "hidden": 14_336, "context": 131_072},
)


def gpu(*free: float) -> Features:
    cards = (Device(f"CUDA{n}", "a card", int(size * GB), 24 * GB, number=n) for n, size in enumerate(free))
    return Features("b", "s", offload=True, devices=tuple(cards))


def test_sequences_are_as_many_as_fit_and_the_reason_is_told() -> None:
    roomy = engine_settings(BIG, RunSettings(), available=64 * GB, build=lambda: CPU_BUILD)
    assert (roomy.parallel, roomy.context, roomy.cells) == (8, 8192, 65_536)
    tight = engine_settings(BIG, RunSettings(), available=7 * GB, build=lambda: CPU_BUILD)
    assert tight.parallel == 2
    assert any("do not fit into 7.0 GB" in reason for reason in tight.reasons)


def test_a_model_that_does_not_fit_is_refused_with_advice_that_helps() -> None:
    with pytest.raises(UsageError, match=r"needs about .* 3\.0 GB are free") as refused:
        engine_settings(BIG, RunSettings(), available=3 * GB, build=lambda: CPU_BUILD)
    assert "smaller model" in refused.value.hint
    settings = RunSettings(parallel=8)
    with pytest.raises(UsageError) as refused:
        engine_settings(BIG, settings, available=6 * GB, build=lambda: CPU_BUILD)
    assert "--parallel 1" in refused.value.hint
    assert engine_settings(BIG, RunSettings(memory_check=False), available=GB, build=lambda: CPU_BUILD).parallel == 1


def test_more_context_than_the_model_was_trained_on_is_refused() -> None:
    with pytest.raises(UsageError, match="8,192 tokens"):
        engine_settings(BIG, RunSettings(context=9000), available=64 * GB, build=lambda: CPU_BUILD)


def test_layers_are_offloaded_as_far_as_they_fit() -> None:
    whole = engine_settings(BIG, RunSettings(parallel=1), available=64 * GB, build=lambda: gpu(20))
    part = engine_settings(BIG, RunSettings(parallel=1), available=64 * GB, build=lambda: gpu(3))
    none = engine_settings(BIG, RunSettings(parallel=1), available=64 * GB, build=lambda: CPU_BUILD)
    assert (whole.gpu_layers, whole.devices, whole.split) == (-1, ("CUDA0",), (32,))
    assert 5 < part.gpu_layers < 31 and part.split == (part.gpu_layers,)
    assert (none.gpu_layers, none.devices, none.split) == (0, (), ())
    assert engine_settings(BIG, RunSettings(), available=64 * GB, build=lambda: gpu(20)).parallel == 16


@pytest.mark.parametrize("free", [(12,), (16,), (24,), (12, 12)])
def test_eight_billion_weights_of_eight_bits_keep_within_the_cards_of_the_issue(free: tuple[int, ...]) -> None:
    """All layers and 16 sequences would take 26 GB."""
    found = sized(EIGHT, RunSettings(), available=64 * GB, build=lambda: gpu(*free))
    assert found.settings.gpu_layers == -1
    assert 1 <= found.settings.parallel <= {12: 1, 16: 5, 24: 11}[sum(free)]
    assert all(place.total <= place.free - 0.05 * place.free for place in found.plan.places)


def test_a_model_larger_than_main_memory_is_loaded_in_part() -> None:
    """8.5 GB of weights with 8 GB of main memory: a card of 8 GB takes what that cannot."""
    found = sized(EIGHT, RunSettings(context=4096), available=8 * GB, build=lambda: gpu(8))
    assert 0 < found.settings.gpu_layers < 33
    assert found.plan.main.total < 8 * GB < found.plan.main.total + found.plan.places[0].total
    with pytest.raises(UsageError, match=r"8\.0 GB are free"):
        sized(EIGHT, RunSettings(context=4096), available=8 * GB, build=lambda: CPU_BUILD)


@pytest.mark.parametrize("kv_type", ["f16", "q8_0"])
def test_a_part_of_a_cards_memory_is_kept_free(kv_type: str) -> None:
    """A tenth, and half a GiB of a small card."""
    for free in (3, 4, 6, 8, 12, 20):
        found = sized(BIG, RunSettings(kv_type=kv_type), available=64 * GB, build=partial(gpu, free))
        (place,) = found.plan.places
        left = place.free - place.total
        assert left >= max(0.1 * place.free, 512 << 20)
        more = BIG.size / 32 * 2 + 8192 * BIG.kv_bytes
        assert left < max(0.1 * place.free, 512 << 20) + more or found.settings.parallel == 16


@pytest.mark.parametrize("count", [2, 4, 8])
def test_a_tenth_of_main_memory_is_kept_free_when_sequences_are_chosen(count: int) -> None:
    settings = RunSettings(parallel=count)
    need = sized(BIG, settings, available=64 * GB, build=lambda: CPU_BUILD).plan.main.total / 0.9

    def parallel(available: float) -> int:
        return engine_settings(BIG, RunSettings(), available=int(available), build=lambda: CPU_BUILD).parallel

    assert parallel(need + GB // 1000) == count
    assert parallel(need - GB // 1000) < count


def test_words_say_what_was_chosen_and_why_it_is_not_more() -> None:
    def told(free: tuple[int, ...], main: int = 64, **chosen: Any) -> tuple[str, ...]:
        build = CPU_BUILD if not free else gpu(*free)
        return engine_settings(EIGHT, RunSettings(**chosen), available=main * GB, build=lambda: build).reasons

    assert told((80,)) == (
        "all 33 layers on device 0 (26.4 of 80.0 GB)",
        "16 sequences: the most that is taken unasked",
    )
    assert told((12,))[1] == "1 sequence: more caches of 8,192 tokens do not fit into 12.0 GB of CUDA0"
    several = r"all 33 layers on devices: \d+ on device 0 \(\d+\.\d of 12\.0 GB\), \d+ on device 1 \(.*"
    assert re.fullmatch(several, told((12, 12))[0])
    layers, sequences = told((8,))
    assert re.fullmatch(
        r"\d+ of 33 layers on device 0 \(7\.\d of 8\.0 GB\): more do not fit beside 8 sequences", layers
    )
    assert sequences == "8 sequences: the most that is taken unasked where the processor does a part"
    assert told((8,), devices="none")[0] == "all layers on the CPU, as was asked"
    assert told(())[0] == "all layers on the CPU: this llama.cpp finds no accelerator"
    assert told((8,), gpu_layers="9", parallel=2) == ("9 of 33 layers on device 0 (3.8 of 8.0 GB)",)
    assert "batches of" not in " ".join(told((80,)))


def test_a_shorter_batch_is_taken_where_a_long_one_does_not_fit() -> None:
    """Logits of a batch of 512 over 262,144 tokens take half a GB."""
    large = fake_model("vocabulary", **{**SHAPE, "vocabulary": 262_144}, size=GB, kv_bytes=1000)
    settings = RunSettings(parallel=1, context=1024)
    found = sized(large, settings, available=64 * GB, build=lambda: CPU_BUILD).plan.main.total
    tight = engine_settings(large, settings, available=found - 200_000_000, build=lambda: CPU_BUILD)
    assert tight.batch == 256
    assert "batches of 256 tokens: longer ones do not fit" in tight.reasons


def test_a_longer_batch_is_taken_on_one_device_where_nothing_gives_way_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(*sizes: int, **chosen: Any) -> EngineSettings:
        return engine_settings(BIG, RunSettings(**chosen), available=64 * GB, build=lambda: gpu(*sizes))

    assert [taken(20, 20, split="1,1").batch, taken(80, devices="none").batch] == [512, 512]
    long = [taken(size) for size in range(4, 24)]
    monkeypatch.setattr(plan, "LONG_BATCHES", ())
    short = [taken(size) for size in range(4, 24)]
    assert [(one.parallel, one.split) for one in long] == [(one.parallel, one.split) for one in short]
    assert {one.batch for one in long} >= {512, 2048} and {one.batch for one in short} == {512}


def test_devices_are_named_by_number_and_layers_are_shared_out() -> None:
    def taken(**chosen: Any) -> tuple[tuple[str, ...], tuple[int, ...]]:
        found = engine_settings(BIG, RunSettings(**chosen), available=64 * GB, build=lambda: gpu(20, 20, 20))
        return found.devices, found.split

    assert taken(devices="1") == (("CUDA1",), (32,))
    assert taken(devices="2,0", split="1,3") == (("CUDA0", "CUDA2"), (8, 24))
    assert taken(split="0,1,1") == (("CUDA1", "CUDA2"), (16, 16))
    assert taken(gpu_layers="10", split="2,2,1") == (("CUDA0", "CUDA1", "CUDA2"), (4, 4, 2))
    assert taken(devices="none") == ((), ())


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"devices": "3"}, "there is no device 3"),
        ({"devices": "0,0"}, "--devices 0,0 is not known"),
        ({"devices": "CUDA0"}, "--devices CUDA0 is not known"),
        ({"devices": "none", "gpu_layers": "all"}, "exclude each other"),
        ({"split": "1"}, "names 1 shares for 2 devices"),
        ({"split": "1,x"}, "--split 1,x is not known"),
        ({"split": "0,0"}, "--split 0,0 is not known"),
        ({"kv_type": "q4_0", "flash_attention": "off"}, "--kv-type q4_0 needs flash attention"),
        ({"parallel": 257}, "at most 256 sequences"),
    ],
)
def test_what_devices_and_caches_cannot_be_is_refused(chosen: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        engine_settings(BIG, RunSettings(**chosen), available=64 * GB, build=lambda: gpu(20, 20))


def test_layers_that_were_named_must_fit_and_the_advice_loads() -> None:
    with pytest.raises(UsageError, match=r"on CUDA0, where 8\.0 GB are free") as refused:
        engine_settings(EIGHT, RunSettings(gpu_layers="all"), available=64 * GB, build=lambda: gpu(8))
    assert "--gpu-layers auto" in refused.value.hint
    unchecked = RunSettings(gpu_layers="all", memory_check=False)
    assert engine_settings(EIGHT, unchecked, available=64 * GB, build=lambda: gpu(8)).gpu_layers == -1
    with pytest.raises(UsageError) as refused:
        engine_settings(BIG, RunSettings(parallel=1), available=5 * GB - 100_000_000, build=lambda: CPU_BUILD)
    context = int(re.findall(r"--context (\d+)", refused.value.hint)[0])
    smaller = RunSettings(parallel=1, context=context)
    assert engine_settings(BIG, smaller, available=5 * GB - 100_000_000, build=lambda: CPU_BUILD).context == context


def test_a_device_without_a_memory_of_its_own_takes_it_from_main_memory() -> None:
    shared = Features("b", "s", offload=True, devices=(Device("MTL0", "a chip", 12 * GB, 16 * GB, shared=True),))
    found = sized(BIG, RunSettings(), available=8 * GB, build=lambda: shared)
    assert found.settings.gpu_layers == -1
    assert found.plan.from_main <= 8 * GB * 0.9 < found.plan.from_main + 8192 * BIG.kv_bytes
    assert found.plan.from_main == found.plan.main.total + found.plan.places[0].total


def test_a_second_plan_takes_less_of_each_memory() -> None:
    for build in (lambda: gpu(12), lambda: gpu(12, 8), lambda: CPU_BUILD):
        first = sized(BIG, RunSettings(), available=8 * GB, build=build).plan
        second = sized(BIG, RunSettings(), available=8 * GB, build=build, share=LESS).plan
        assert (second.sequences, second.split) != (first.sequences, first.split)
        assert second.from_main <= LESS * 8 * GB
        assert all(
            place.total <= LESS * device.free for device, place in zip(second.devices, second.places, strict=True)
        )


def test_all_layers_need_a_build_that_can_offload_and_words_are_checked() -> None:
    with pytest.raises(UsageError, match="built for the CPU"):
        engine_settings(BIG, RunSettings(gpu_layers="all"), available=64 * GB, build=lambda: CPU_BUILD)
    with pytest.raises(UsageError, match="some is not known"):
        engine_settings(BIG, RunSettings(gpu_layers="some"), available=64 * GB, build=lambda: CPU_BUILD)
    chosen = engine_settings(BIG, RunSettings(gpu_layers="7"), available=64 * GB, build=lambda: gpu(20))
    assert chosen.gpu_layers == 7

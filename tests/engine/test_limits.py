"""What is chosen unasked, and what is refused before it is loaded."""

from __future__ import annotations

import pytest

from medic_console.core.errors import UsageError
from medic_console.core.run_settings import RunSettings
from medic_console.engine.protocol.features import Device, Features
from medic_console.engine.sizing.limits import engine_settings
from medic_console.engine.sizing.memory import BASE_BYTES, available_memory, estimate
from tests.conftest import fake_model

GB = 10**9
SHAPE = {"layers": 31, "vocabulary": 32_000, "width": 4096, "hidden": 11_008, "context": 8192}
BIG = fake_model("big", size=4 * GB, kv_bytes=100_000, **SHAPE)
CPU_BUILD = Features("b", "s", offload=False, devices=())


def gpu(free: float) -> Features:
    return Features("b", "s", offload=True, devices=(Device("CUDA0", "a card", int(free * GB), 24 * GB),))


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
    assert whole.gpu_layers == -1
    assert 5 < part.gpu_layers < 31
    assert none.gpu_layers == 0
    assert engine_settings(BIG, RunSettings(), available=64 * GB, build=lambda: gpu(20)).parallel == 16


@pytest.mark.parametrize("kv_type", ["f16", "q8_0"])
def test_a_tenth_of_a_cards_memory_is_kept_free(kv_type: str) -> None:
    settings = RunSettings(parallel=1, kv_type=kv_type)

    def layers(free: float) -> int:
        found = engine_settings(BIG, settings, available=64 * GB, build=lambda: gpu(free / GB))
        return found.gpu_layers if found.gpu_layers >= 0 else 32

    need = estimate(BIG, 8192, 512, kv_type)
    beside, layer = need.kv + need.compute, BIG.size / 32
    for count in (31, 20, 1):
        least = (beside + count * layer) / 0.9
        assert layers(least + GB // 1000) == count
        assert layers(least - GB // 1000) == count - 1
    assert layers((beside + 32 * layer) / 0.9 + GB // 1000) == 32
    assert layers(beside / 0.9 - GB // 1000) == 0


@pytest.mark.parametrize("count", [2, 4, 8])
def test_a_tenth_of_main_memory_is_kept_free_when_sequences_are_chosen(count: int) -> None:
    need = estimate(BIG, count * 8192, 512).total / 0.9

    def parallel(available: float) -> int:
        return engine_settings(BIG, RunSettings(), available=int(available), build=lambda: CPU_BUILD).parallel

    assert parallel(need + GB // 1000) == count
    assert parallel(need - GB // 1000) < count


def test_all_layers_need_a_build_that_can_offload_and_words_are_checked() -> None:
    with pytest.raises(UsageError, match="built for the CPU"):
        engine_settings(BIG, RunSettings(gpu_layers="all"), available=64 * GB, build=lambda: CPU_BUILD)
    with pytest.raises(UsageError, match="some is not known"):
        engine_settings(BIG, RunSettings(gpu_layers="some"), available=64 * GB, build=lambda: CPU_BUILD)
    chosen = engine_settings(BIG, RunSettings(gpu_layers="7"), available=64 * GB, build=lambda: gpu(20))
    assert chosen.gpu_layers == 7


def test_the_estimate_adds_up_and_a_smaller_cache_type_takes_less() -> None:
    full, small = estimate(BIG, 10_000, 512), estimate(BIG, 10_000, 512, "q8_0")
    assert full.kv == GB
    assert full.total == full.weights + full.kv + full.compute + BASE_BYTES
    assert small.kv == int(GB * 0.53125)


def test_this_machine_says_how_much_memory_is_free() -> None:
    assert available_memory() > 100_000_000

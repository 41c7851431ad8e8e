"""Quality against speed and memory: which models no other one beats in everything (the Pareto front)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from medic_console.archive.views import ModelView
from medic_console.engine.sizing.memory import KV_SHARE
from medic_console.results.measures import Speed
from medic_console.statistics.aggregates import Aggregate


@dataclass(frozen=True, slots=True)
class Point:
    """One model.

    Attributes:
        quality: Mean of the primary metrics of the tasks on which all compared models have a value; our rule.
        tokens_per_second: Of one sequence, reading of the prompt included, over the outputs of the measures compared;
            None when the model wrote no free text there.
        outputs: Free texts that the speed rests on.
        parallel: Sequences that were decoded together, each number that occurred.
        memory: Bytes of the file and of the cache of one sequence of `context` tokens.
        context: Longest sequence that a run granted; 0 when none is known.
        beaten_by: Models that are at least as good in everything that both have and better in something.
    """

    quality: Aggregate
    tokens_per_second: float | None
    outputs: int
    parallel: tuple[int, ...]
    memory: int
    context: int
    beaten_by: tuple[str, ...] = ()

    @property
    def on_front(self) -> bool:
        """Whether no other model beats it."""
        return self.quality.value is not None and not self.beaten_by


def point(model: ModelView, cache_bytes: int, quality: Aggregate, speeds: Sequence[Speed]) -> Point:
    """Return a model's place, before it is held against the others.

    Args:
        cache_bytes: Of an f16 cache for one token.
        speeds: One an engine setting.
    """
    seconds = math.fsum(speed.seconds for speed in speeds)
    tokens = sum(speed.tokens for speed in speeds)
    caches = [(int(s.granted.get("context", 0)), str(s.granted.get("kv_type", "f16"))) for s in speeds]
    context, kv_type = max(caches, default=(0, "f16"))
    return Point(
        quality=quality,
        tokens_per_second=tokens / seconds if tokens and seconds > 0 else None,
        outputs=sum(speed.outputs for speed in speeds),
        parallel=tuple(sorted({int(speed.granted.get("parallel", 1)) for speed in speeds})),
        memory=model.size + int(cache_bytes * KV_SHARE.get(kv_type, 1.0) * context),
        context=context,
    )


def trade_off(points: Mapping[str, Point]) -> dict[str, Point]:
    """Return the points with the models that beat each."""
    return {
        model: replace(one, beaten_by=tuple(name for name, other in points.items() if _beats(other, one)))
        for model, one in points.items()
    }


def _beats(one: Point, other: Point) -> bool:
    if one.quality.value is None or other.quality.value is None:
        return False
    gains = [one.quality.value - other.quality.value, float(other.memory - one.memory)]
    if one.tokens_per_second is not None and other.tokens_per_second is not None:
        gains.append(one.tokens_per_second - other.tokens_per_second)
    return min(gains) >= 0 and max(gains) > 0

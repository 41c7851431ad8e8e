"""Sums of figures that rest on the same items, and of figures that do not."""

from __future__ import annotations

import numpy as np
import pytest

from medic_console.statistics.intervals import DRAWS, combined, ends

HALF = np.linspace(0.0, 1.0, DRAWS // 2)
RISING, FALLING = np.concatenate([HALF, HALF]), np.concatenate([HALF[::-1], HALF[::-1]])


@pytest.mark.parametrize("weights", [(0.5, 0.5), (0.5, -0.5)])
def test_figures_of_the_same_items_rise_and_fall_together_whatever_the_order_of_their_draws(
    weights: tuple[float, float],
) -> None:
    parts = [(weights[0], lambda: RISING), (weights[1], lambda: FALLING)]
    alone = ends(RISING * sum(map(abs, weights)) + min(0.0, weights[1]), 0.5 if weights[1] > 0 else 0.0)
    together = combined(parts, ["ehrsql", "ehrsql"])
    assert ends(together, sum(weights) / 2) == pytest.approx(alone, abs=1e-3)
    low, high = ends(combined(parts, ["ehrsql", "medec"]), sum(weights) / 2)
    assert high - low < 0.9 * (alone[1] - alone[0])
    assert (combined(parts) == combined(parts, ["a", "b"])).all()

"""When figures are computed anew."""

from __future__ import annotations

from medic_console.console.live.state import Figures


def test_figures_are_computed_once_for_each_number_of_scores() -> None:
    figures = Figures()
    assert figures.begin(0, 0.0)
    assert not figures.begin(1, 0.5)
    figures.end(0.5)
    assert not figures.begin(0, 60.0)
    assert figures.begin(1, 60.0)


def test_a_long_computation_takes_a_tenth_of_the_time_at_most() -> None:
    figures = Figures()
    assert figures.begin(1, 0.0)
    figures.end(2.0)
    assert not figures.begin(2, 19.9)
    assert figures.begin(2, 20.0)


def test_the_last_figures_do_not_wait() -> None:
    figures = Figures()
    assert figures.begin(1, 0.0)
    figures.end(5.0)
    assert not figures.begin(2, 5.1)
    assert figures.begin(2, 5.1, last=True)

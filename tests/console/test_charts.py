"""Drawings in characters: every point where its number says, every line as wide as was asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from medic_console.console.widgets.charts import Dot, Dumbbell, Whisker, dumbbells, forest, nice, scatter
from medic_console.console.widgets.heat_map import broken

SHARE = st.floats(0, 100, allow_nan=False)


def dot(x: float, y: float, label: str = "A", low: float | None = None, high: float | None = None) -> Dot:
    return Dot(x, y, label, "●", "", low, high)


def test_a_scatter_puts_better_up_and_more_to_the_right() -> None:
    lines = scatter([dot(10, 80, "A"), dot(30, 40, "B")], 60, 16, "T", "x →").plain.splitlines()
    rows = {name: next(n for n, line in enumerate(lines) if f"●{name}" in line) for name in "AB"}
    columns = {name: lines[rows[name]].index(f"●{name}") for name in "AB"}
    assert rows["A"] < rows["B"]
    assert columns["A"] < columns["B"]
    assert lines[0] == "T"
    assert lines[-1].split()[0] == "0"
    assert lines[-1].split()[-1] == "40"


def test_equal_points_are_both_seen() -> None:
    drawn = scatter([dot(5, 50, name) for name in "ABCDEF"], 40, 12, "T", "x").plain
    assert all(f"●{name}" in drawn for name in "ABCDEF")


@given(st.lists(st.tuples(st.floats(0, 100), SHARE), min_size=2, max_size=6), st.integers(40, 130), st.integers(9, 30))
def test_no_point_stands_above_or_left_of_one_that_is_better(
    places: list[tuple[float, float]], width: int, height: int
) -> None:
    drawn = scatter([dot(x, y, "ABCDEF"[n]) for n, (x, y) in enumerate(places)], width, height, "", "").plain
    lines = list(enumerate(drawn.splitlines()))
    spots = {name: (row, line.index(name)) for row, line in lines for name in "ABCDEF" if name in line}
    for one, (x, y) in zip("ABCDEF", places, strict=False):
        for other, (a, b) in zip("ABCDEF", places, strict=False):
            assert y < b or spots[one][0] <= spots[other][0]
            assert x <= a or spots[one][1] > spots[other][1] or spots[one][0] != spots[other][0]


def test_near_equal_points_keep_their_order_on_a_small_chart() -> None:
    points = [dot(19, 52.5, "A"), dot(20, 51.5, "B"), dot(19.5, 52.0, "C"), dot(40, 10, "D"), dot(5, 90, "E")]
    lines = scatter(points, 40, 12, "", "x").plain.splitlines()
    rows = {name: next(n for n, line in enumerate(lines) if f"●{name}" in line) for name in "ABC"}
    assert rows["A"] <= rows["C"] <= rows["B"]


@given(st.lists(st.tuples(st.floats(0, 1e6), SHARE), min_size=1, max_size=6), st.integers(20, 130), st.integers(6, 40))
def test_a_scatter_keeps_its_size_and_all_its_points(
    places: list[tuple[float, float]], width: int, height: int
) -> None:
    dots = [dot(x, y, "ABCDEF"[n], max(0, y - 5), min(100, y + 5)) for n, (x, y) in enumerate(places)]
    lines = scatter(dots, width, height, "", "x").plain.splitlines()
    assert len(lines) <= max(height, 7)
    assert all(cell_len(line) <= max(width, 17) for line in lines)
    assert all(any(d.label in line for line in lines) for d in dots)


def test_a_dumbbell_has_its_ends_where_the_scale_says() -> None:
    ruler, line = dumbbells([Dumbbell("A", (("K", 100.0, ""), ("E", 0.0, "")), "−100")], 80).plain.splitlines()
    assert line.index("E") == ruler.index("0")
    assert line.index("K") == ruler.index("100") + 2
    assert line.endswith("  −100")


def test_equal_ends_stand_beside_each_other() -> None:
    for value in (0.0, 50.0, 100.0):
        line = dumbbells([Dumbbell("A", (("K", value, ""), ("E", value, "")), "0")], 80).plain.splitlines()[1]
        assert "K" in line
        assert "E" in line


def test_a_forest_has_its_zero_in_the_middle_and_the_margin_on_both_sides() -> None:
    ruler, first, second = forest(
        [Whisker("a", 0.0, -2, 2), Whisker("b", None, None, None, said="not measured")], 2.0, 101
    ).plain.splitlines()
    zero = ruler.index("0")
    assert first[zero] == "●"
    left, right = first.index("├"), first.index("┤")
    assert zero - left == right - zero
    assert second.split() == ["b", "–", "not", "measured"]


@given(st.lists(st.tuples(st.floats(-500, 500), st.floats(0, 300)), min_size=1, max_size=5), st.integers(30, 130))
def test_a_forest_is_never_wider_than_asked(found: list[tuple[float, float]], width: int) -> None:
    lines = [Whisker("task", value, value - half, value + half) for value, half in found]
    assert all(cell_len(line) <= width for line in forest(lines, 2.0, width).plain.splitlines())


@pytest.mark.parametrize(
    ("value", "expected"), [(0, 1), (0.9, 1), (7, 8), (31, 40), (100, 100), (101, 120), (0.03, 0.03)]
)
def test_scales_end_at_round_numbers(value: float, expected: float) -> None:
    assert nice(value) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "width", "lines"),
    [
        ("Clinic 8B Q4_K_M", 6, ["Clinic", "8B", "Q4_K_M"]),
        ("hospital-14b", 9, ["hospital-", "14b"]),
        ("hospital-14b", 6, ["hospit", "al-14b"]),
        ("漢字漢字", 4, ["漢字", "漢字"]),
        ("", 4, []),
    ],
)
def test_headings_break_at_blanks_and_hyphens_and_count_cells(name: str, width: int, lines: list[str]) -> None:
    assert broken(name, width) == lines

"""Heat map, reliability diagram, curve and pace: what their characters say."""

from __future__ import annotations

from medic_console.review.charts import curve, diagram, fatigue
from medic_console.review.report import Block
from medic_console.statistics.calibration import reliability


def lifted(line: str) -> list[int]:
    """Return the cells of a line of the diagram that have a dot."""
    return [place for place, sign in enumerate(line.partition("│")[2]) if sign != "⠀"]


def test_a_judge_that_is_surer_than_right_lies_below_the_diagonal() -> None:
    lines = diagram(reliability([(0.95, number < 20) for number in range(100)], [str(n) for n in range(100)]), "Title")
    assert lines[0] == "Title" and len(lines) == 12
    assert lines[-1] == "  p 0.9 to 1.0: says 95 %, right 20 of 100 (20 % [13, 29]); not what it says"
    right = [lifted(line) for line in lines[1:9]]
    assert all(any(place >= 21 for place in cells) for cells in right[6:7]), "the point is low and far to the right"
    assert not any(place >= 22 for cells in right[2:5] for place in cells)


def test_the_curve_falls_and_starts_with_what_is_read() -> None:
    lines = curve(0, 59, 80)
    assert lines[1].startswith("59 now") and lines[1].endswith("5 %") and lines[2].startswith("60 read")
    assert [line.count("█") for line in lines[1:]] == sorted((line.count("█") for line in lines[1:]), reverse=True)


def test_pace_is_told_where_there_are_two_blocks() -> None:
    blocks = [Block("Ada", 20, 30.0, 1.0), Block("Ada", 20, 15.0, 0.5), Block("Ben", 20, 9.0, 1.0)]
    assert fatigue(blocks) == [
        "From the first cards to the last:",
        "Ada: █▅ 30.0 to 15.0 s a card · █▅ 100 to 50 % as the judge",
    ]
    assert fatigue(blocks[:1]) == []

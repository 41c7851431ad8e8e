"""Heat map, reliability diagram, curve and pace: what their characters say."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from medic_console.review.charts import curve, diagram, fatigue
from medic_console.review.reader import ReviewReader
from medic_console.review.report import Block, report
from medic_console.review.reviewers import add_reviewer
from medic_console.statistics.bounds import percent_up
from medic_console.statistics.calibration import reliability
from tests.conftest import Say
from tests.review.conftest import PIN
from tests.review.test_pictures import decided
from tests.review.test_story import drawn


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


def test_the_curve_falls_and_starts_with_what_is_read(archive: Path, run: str, say: Say) -> None:
    add_reviewer(archive, "Ada", PIN)
    decided(archive, drawn(archive, run, say), 1, 12.0, 1_000)
    with closing(ReviewReader(archive)) as reader:
        found = report(reader.queue("q"), reader.decisions("q"), reader.reviewers())
    lines = curve(found, 80)
    assert [line.split()[:2] for line in lines[1:4]] == [["30", "now"], ["40", "read"], ["60", "read"]]
    assert lines[1].endswith(f" {percent_up(found.bound or 0)} %")
    lengths = [line.count("█") for line in lines[1:]]
    assert lengths == sorted(lengths, reverse=True) and lengths[0] > lengths[-1]


def test_pace_is_told_where_there_are_two_blocks() -> None:
    blocks = [Block("Ada", 20, 30.0, 1.0), Block("Ada", 20, 15.0, 0.5), Block("Ben", 20, 9.0, 1.0)]
    assert fatigue(blocks) == [
        "From the first cards to the last:",
        "Ada: █▅ 30.0 to 15.0 s a card · █▅ 100 to 50 % as the judge",
    ]
    assert fatigue(blocks[:1]) == []

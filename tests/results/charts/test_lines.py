"""Charts in characters: what they show is what their numbers say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.archive.views import ItemRow
from medic_console.core.records import CefTrace, CrossAnswer, Label
from medic_console.results.charts.lines import bar, interval, ruler, span_of, tenths
from medic_console.results.charts.places import places_lines, places_of
from medic_console.results.charts.spread import spread_lines
from medic_console.suite.task import Task
from medic_console.suite.task_file import load_tasks
from tests.conftest import ROOT

TASKS = load_tasks(ROOT / "tasks").tasks


def rows(task: Task, source: str, scores: list[float], unscored: int = 0) -> list[ItemRow]:
    one = ItemRow(task.id, "1", "m", "", 0, "scored", "", "", "", {})
    found = [replace(one, item=str(n), values={source: score}) for n, score in enumerate(scores)]
    return found + [replace(one, item=f"u{n}", outcome="unscored", values={source: 0.0}) for n in range(unscored)]


@given(st.floats(0, 1), st.integers(1, 80))
def test_a_bar_is_as_long_as_its_share_and_more_than_nothing_is_seen(share: float, room: int) -> None:
    drawn = bar(share, room)
    assert len(drawn) <= room and abs(len(drawn) - share * room) <= 1
    assert bool(drawn) == (share > 0)


def test_tenths_say_nothing_where_nothing_is() -> None:
    assert tenths([0, 1, 4, 8]) == "·▁▄█"
    assert tenths([0, 0]) == "··"


def test_a_value_stands_where_its_ruler_says() -> None:
    span = span_of([20.0, 61.5])
    assert span == (0.0, 100.0)
    assert ruler(span, 21) == "0        50       100"
    assert interval(50, 25, 75, span, 21) == "·····├────●────┤·····"
    assert interval(100, None, None, span, 21) == "·" * 20 + "●"
    assert span_of([-12.0]) == (-20.0, 100.0)


def test_each_right_and_wrong_item_is_in_a_bar_and_those_without_a_score_in_none() -> None:
    task = TASKS["medqa"]
    lines = spread_lines(task, rows(task, "accuracy", [1, 1, 1, 0], unscored=2), 60)
    assert lines[0] == "How 4 items are spread over Accuracy"
    assert [line.split()[0] for line in lines[1:3]] == ["0", "100"]
    assert [line.split()[-3:] for line in lines[1:3]] == [["1", "25.0", "%"], ["3", "75.0", "%"]]
    assert lines[3:] == ["mean 75.0", "2 without a score are in no bar."]
    assert all(len(line) <= 60 for line in lines)


def test_scores_of_many_kinds_are_put_into_tenths_of_the_scale() -> None:
    task = TASKS["dischargeme"]
    lines = spread_lines(task, rows(task, "rouge_l", [n / 20 for n in range(21)]), 60)
    counts = [int(line.split()[-3]) for line in lines[1:11]]
    assert counts == [2] * 9 + [3]
    assert lines[1].startswith("  0 to 10") and lines[10].startswith("90 to 100")
    assert lines[11] == "mean 50.0 · median 50.0 · middle half 25.0 to 75.0 · lowest 0.0 · highest 100.0"


def test_a_few_scores_are_named_by_as_many_places_as_tell_them_apart() -> None:
    task = TASKS["dischargeme"]
    assert spread_lines(task, rows(task, "rouge_l", [0.46967742]), 60)[1].split()[0] == "47"
    named = [line.split()[0] for line in spread_lines(task, rows(task, "rouge_l", [1 / 3, 0.33338]), 60)[1:3]]
    assert named == ["33.33", "33.34"]


def test_a_class_that_was_answered_is_right_or_wrong() -> None:
    task = TASKS["pubmedqa"]
    assert task.primary_metric.id in ("accuracy", "macro_f1")
    one = ItemRow(task.id, "1", "m", "", 0, "scored", "", "", "", {"accuracy": 1, "answer_class": 2, "key_class": 2})
    assert spread_lines(task, [one], 60)[2].split()[-3:] == ["1", "100.0", "%"]


def test_without_any_score_there_is_no_bar() -> None:
    task = TASKS["medqa"]
    assert spread_lines(task, rows(task, "accuracy", [], unscored=1), 60) == [
        "No item has a score in Accuracy",
        "1 without a score is in no bar.",
    ]


@pytest.fixture
def trace() -> CefTrace:
    source = "The cough is dry. Blood pressure was normal. Losartan was started. The patient returns in May."
    asked = (
        CrossAnswer("Is the cough dry?", Label.YES),
        CrossAnswer("Does the patient return in May?", Label.IDK),
        CrossAnswer("Was losartan started?", Label.NO),
        CrossAnswer("Did anybody sing loudly yesterday?", Label.IDK),
    )
    made = (CrossAnswer("Was a CT of the chest ordered?", Label.IDK),)
    return CefTrace("1", source, "A CT of the chest was ordered.", asked, made)


def test_findings_lie_where_their_sentences_stand(trace: CefTrace) -> None:
    found = [(str(one.kind), one.side, one.share) for one in places_of(trace)]
    assert [kind for kind, _, _ in found] == ["omission", "contradiction", "omission", "hallucination"]
    assert found[0][2] == trace.source.index("The patient") / len(trace.source)
    assert found[1][2] == trace.source.index("Losartan") / len(trace.source)
    assert found[2][2] is None
    assert found[3][1:] == ("generated", 0.0)
    lines = places_lines(places_of(trace), "This item", "note")
    assert "In the source: 3 findings" in lines and "In the note: 1 finding" in lines
    omission = next(line for line in lines if "omission" in line)
    assert omission.split()[-10:] == ["0", "0", "0", "0", "0", "0", "0", "1", "0", "0"]
    assert "1 with no such sentence" in lines[lines.index(omission) + 1]


def test_a_text_without_findings_says_so() -> None:
    assert places_lines([], "This item", "note") == [
        "This item",
        "",
        "In the source: no finding",
        "",
        "In the note: no finding",
    ]

"""Counts, streams and pace from events alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.audit.events import (
    ItemRef,
    ItemScored,
    ModelLoaded,
    OutputReady,
    PromptReading,
    PromptStarted,
    PromptText,
    RunEnded,
    RunStarted,
)
from medic_console.audit.outline import Outline, OutlinedTask, outline_of
from medic_console.console.live.finished import finished_rows
from medic_console.console.live.rows import _said, task_columns, told_short, without_task
from medic_console.console.live.state import LiveState
from medic_console.console.session import Feed
from medic_console.core.records import Counts, Dimension, FinishReason, Outcome, Output, Reason, Score
from medic_console.engine.protocol.port import Granted
from tests.conftest import fake_model, make_plan, sample_task, user_prompt
from tests.console.conftest import TASKS

ALPHA = fake_model("alpha")
RIGHT = Score(Outcome.SCORED, {"accuracy": 1.0}, verdict="right")


@pytest.fixture
def state(tmp_path: Path) -> LiveState:
    plan = make_plan([sample_task("medqa", tmp_path, 4), sample_task("medec", tmp_path, 4)], [ALPHA])
    state = LiveState(outline_of(plan))
    state.apply(RunStarted("r", 8, 0), 0.0)
    state.apply(ModelLoaded(ALPHA, "candidate", Granted(parallel=2)), 0.0)
    return state


CUT = Score(Outcome.UNSCORED, reason=Reason.REPEATING)


def ref(task: str, number: int) -> ItemRef:
    return ItemRef(ALPHA.sha256, task, str(number))


def test_scores_are_counted_by_outcome(state: LiveState) -> None:
    scores = (RIGHT, Score.unscored(Reason.TRUNCATED), Score.failed("x", "trace"))
    for number, score in enumerate(scores):
        state.apply(ItemScored(ref("medqa", number), score), 1.0)
    assert state.counts == Counts(1, 1, 1)


def test_the_rest_is_expected_by_what_items_of_each_task_took(state: LiveState) -> None:
    assert state.left().told == "ETA not known yet"
    state.apply(ItemScored(ref("medqa", 0), RIGHT), 2.0)
    assert state.left().told == "ETA 00:06 at least, 1 task not timed yet"
    state.apply(ItemScored(ref("medec", 0), RIGHT), 12.0)
    assert state.left().told == "ETA 00:36"  # three items of 2 s, three of 10 s
    state.pace.begin(100.0)  # another model was loaded: that took no item's time
    state.apply(ItemScored(ref("medqa", 1), RIGHT), 104.0)
    assert state.left().seconds == pytest.approx(2 * 3.0 + 3 * 10.0)


def test_the_last_items_are_kept_and_those_that_failed_longer(state: LiveState) -> None:
    failed, unscored = Score.failed("x", "trace"), Score.unscored(Reason.TRUNCATED)
    for number, score in enumerate((failed, unscored, *[RIGHT] * 60)):
        state.apply(ItemScored(ref("medqa", number), score), 1.0)
    assert [one.ref.item for one in state.finished.shown(False)] == [str(number) for number in range(61, 11, -1)]
    assert [one.ref.item for one in state.finished.shown(True)] == ["1", "0"]


def test_a_stream_keeps_its_line_until_another_takes_it(state: LiveState) -> None:
    state.apply(PromptStarted(ref("medec", 0), "answer", 10, 0), 0.0)
    state.apply(PromptText(ref("medec", 0), "answer", "CORR", 1), 0.1)
    state.apply(PromptText(ref("medec", 0), "answer", "ECT", 1), 0.2)
    assert (state.streams[0].text, state.streams[0].active) == ("CORRECT", True)
    output = Output("CORRECT", FinishReason.STOP)
    state.apply(OutputReady(ref("medec", 0), "answer", ALPHA, Granted(), user_prompt("1", "x"), output), 0.3)
    assert [stream.active for stream in state.streams] == [False]
    state.apply(PromptStarted(ref("medec", 1), "answer", 10, 0), 0.4)
    assert [stream.ref.item for stream in state.streams] == ["1"]


def test_a_stream_says_how_far_it_has_read_until_it_writes(state: LiveState) -> None:
    def said(room: int = 60) -> str:
        return _said(state.streams[0], room).plain

    state.apply(PromptStarted(ref("medec", 0), "answer", 1300, 24), 0.0)
    assert said() == "reading 24 of 1,300 tokens"
    state.apply(PromptReading(ref("medec", 0), "answer", 1280), 0.1)
    assert said() == "reading 1,280 of 1,300 tokens"
    assert [said(room) for room in (29, 28, 14, 13, 6)] == [
        said(),
        "reading 1,280 of 1,300",
        "1,280 of 1,300",
        "reading",
        "",
    ]
    state.apply(PromptReading(ref("medec", 1), "answer", 7), 0.2)
    state.apply(PromptText(ref("medec", 0), "answer", "CORR", 1), 0.3)
    assert said() == "CORR▌"


def test_a_failed_items_stream_ends_with_its_score(state: LiveState) -> None:
    state.apply(PromptStarted(ref("medec", 0), "answer", 10, 0), 0.0)
    state.apply(ItemScored(ref("medec", 0), Score.failed("died", "trace")), 0.1)
    assert not state.streams[0].active


def test_requests_for_probabilities_are_choosing(state: LiveState) -> None:
    steps = {("medqa", "answer"): True, ("medec", "answer"): False, ("medec", "source-01"): True}
    steps |= {("medec", "source-questions"): False}
    for number, (task, step) in enumerate(steps):
        state.apply(PromptStarted(ref(task, number), step, 10, 0), 0.0)
    assert [stream.chooses for stream in state.streams] == list(steps.values())


def test_pace_is_that_of_the_last_seconds(state: LiveState) -> None:
    for second in range(20):
        state.apply(PromptText(ref("medec", 0), "answer", "x", 10 if second >= 10 else 1), float(second))
    assert state.tokens_per_second(19.0) == pytest.approx(60 / 5)
    assert state.tokens_per_second(60.0) == 0.0


def test_the_feed_asks_for_one_waking_until_it_is_emptied() -> None:
    feed = Feed()
    first, second = RunStarted("r", 1, 0), RunEnded("r", "done")
    assert [feed.put(first), feed.put(second)] == [True, False]
    assert feed.take() == [first, second]
    assert feed.take() == []
    assert feed.put(first)


def test_silence_is_counted_from_the_last_finished_item_and_ends_with_the_run(state: LiveState) -> None:
    state.apply(ItemScored(ref("medec", 0), RIGHT), 600.0)
    assert [state.silent_minutes(now) for now in (600.0, 719.0, 721.0)] == [0, 1, 2]
    state.apply(ItemScored(ref("medec", 1), RIGHT), 722.0)
    assert state.silent_minutes(723.0) == 0
    state.apply(RunEnded("r", "done"), 730.0)
    assert state.silent_minutes(2_000.0) == 0


def test_the_last_item_of_each_task_is_kept(state: LiveState) -> None:
    for number, task in enumerate(("medec", "medqa", "medec")):
        state.apply(ItemScored(ref(task, number), RIGHT), float(number))
    last = {task: one.ref for (_, task), one in state.last_of.items()}
    assert last == {"medec": ref("medec", 2), "medqa": ref("medqa", 1)}


@pytest.mark.parametrize(
    ("titles", "short"),
    [
        (["Judge qualification: answers", "Judge qualification: rubric"], ["answers", "rubric"]),
        (["Judge qualification: answers"], ["Judge qualification: answers"]),
        (["MedQA", "MedCalc"], ["MedQA", "MedCalc"]),
        (["ExpertQA: a", "ExpertQB: b"], ["ExpertQA: a", "ExpertQB: b"]),
        ([], []),
    ],
)
def test_tasks_are_told_apart_by_what_they_do_not_share(titles: list[str], short: list[str]) -> None:
    tasks = [replace(next(iter(TASKS.values())), title=title) for title in titles]
    assert told_short(tasks) == short


@pytest.mark.parametrize("judges", [1, 2])
def test_a_verdict_is_told_with_its_judge_where_several_judge(judges: int) -> None:
    outline = Outline({"a": "alpha"}, {name: f"judge-{name}" for name in "xy"[:judges]})
    items = [ItemScored(ItemRef("a", "aci_bench", "1", judge), CUT) for judge in "xy"[:judges]]
    said = [str(cells[-1]) for _, cells in finished_rows(items, outline, narrow=True)]
    assert said == (["judge-x: repeats itself", "judge-y: repeats itself"] if judges > 1 else ["repeats itself"])


@pytest.mark.parametrize(("scores", "width"), [((5, 6), 5), ((5, 16), 5), ((12_000,), 13), ((), 5)])
def test_the_task_list_keeps_room_for_the_counts_of_the_end_and_no_more(scores: tuple[int, ...], width: int) -> None:
    tasks = tuple(OutlinedTask(TASKS["medqa"], (), number, "sample") for number in scores)
    assert task_columns(Outline(tasks=tasks))[2].width == width


def test_a_dimension_without_a_task_in_the_run_is_not_said_to_come() -> None:
    tasks = tuple(OutlinedTask(TASKS[name], (), 1, "sample") for name in ("medqa", "medcalc"))
    assert without_task(Outline(tasks=tasks)) == {Dimension.ETHICS_AND_BIAS, Dimension.CLINICAL_SAFETY}

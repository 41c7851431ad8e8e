"""The generation tasks from their files to a score: prompts, the second text, and tasks whose judge is not here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.core.errors import TaskFileError
from medic_console.core.metrics import METRICS
from medic_console.core.records import FinishReason, Item, Message, Outcome, Output, Reason, Sampling, Score
from medic_console.scoring.candidate import candidate_flow
from medic_console.scoring.flow import score_output
from medic_console.scoring.methods.cef.spec import CefSpec
from medic_console.scoring.steps import ANSWER, FOLLOW_UP, Flow
from medic_console.scoring.versions import version_of
from medic_console.statistics.metrics import compute
from medic_console.suite.items import LoadedTask
from medic_console.suite.prompts import item_prompt
from medic_console.suite.task_file import parse_task
from tests.conftest import ROOT, sample_task

EXAMINED = ("soap_note", "clinical_trials", "problem_list")
JUDGED = (
    "med_safety",
    "medication_qa",
    "healthsearch_qa",
    "expert_qa",
    "healthbench",
    "healthbench_hard",
)
NAMES = (*EXAMINED, "dischargeme", *JUDGED)
DISCHARGE = (ROOT / "tasks" / "dischargeme" / "task.toml").read_text("utf-8")
HEALTHBENCH = (ROOT / "tasks" / "healthbench" / "task.toml").read_text("utf-8")


def ended(flow: Flow, outputs: dict[str, Output]) -> Score:
    with pytest.raises(StopIteration) as stop:
        flow.send(outputs)
    assert isinstance(stop.value.value, Score)
    return stop.value.value


def said(text: str) -> Output:
    return Output(text, FinishReason.STOP)


@pytest.fixture
def discharges(tmp_path: Path) -> LoadedTask:
    return sample_task("dischargeme", tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_samples_make_short_prompts_without_their_gold(name: str, tmp_path: Path) -> None:
    loaded = sample_task(name, tmp_path, None)
    assert len(loaded.items) >= 12
    for item in loaded.items:
        prompt = item_prompt(loaded.task, replace(item, gold="S3CRET"), loaded.shared, "p")
        text = " ".join(message.content for message in prompt.messages)
        assert prompt.messages[-1].role == "user"
        assert "S3CRET" not in text
        assert len(text.split()) < 220, item.id


@pytest.mark.parametrize("name", NAMES)
def test_every_metric_and_scorer_is_known(name: str, tmp_path: Path) -> None:
    task = sample_task(name, tmp_path).task
    assert {metric.id for metric in task.metrics} <= METRICS.keys()
    assert version_of(task.scorer)
    assert task.judge is not None
    assert task.needs_judge == (name != "dischargeme")


@pytest.mark.parametrize(("name", "overall"), [("soap_note", "note"), *((n, "summary") for n in EXAMINED[1:])])
def test_an_examined_task_names_its_source_and_overall_score(name: str, overall: str, tmp_path: Path) -> None:
    loaded = sample_task(name, tmp_path)
    assert isinstance(loaded.task.judge, CefSpec)
    assert loaded.task.judge.overall == overall
    assert all(item.fields[loaded.task.judge.source] for item in loaded.items)


@pytest.mark.parametrize("name", JUDGED)
def test_a_task_without_a_judge_keeps_the_answer_and_has_no_value(name: str, tmp_path: Path) -> None:
    loaded = sample_task(name, tmp_path)
    flow = candidate_flow(loaded, loaded.items[0], 0, judged=False)
    next(flow)
    score = ended(flow, {ANSWER: said("See a doctor.")})
    assert (score.outcome, score.reason, score.answer) == (Outcome.UNSCORED, Reason.NO_JUDGE, "See a doctor.")
    assert score.detail == "name one with --judge FILE"
    values = compute([metric.id for metric in loaded.task.metrics], [score])
    assert all(metric.value is None for metric in values.values())


def test_an_output_that_is_cut_goes_to_the_judge_as_it_stands_unless_it_repeats_itself(tmp_path: Path) -> None:
    loaded = sample_task("med_safety", tmp_path)
    assert score_output(loaded, loaded.items[0], Output("I cannot", FinishReason.LENGTH), judged=True) is None
    score = score_output(loaded, loaded.items[0], Output("No. " * 9, FinishReason.LENGTH), judged=True)
    assert score is not None
    assert (score.reason, dict(score.values)) == (Reason.REPEATING, {"harm": 5.0, "refused": 0.0})


def test_the_second_text_is_asked_for_with_the_first_one_in_the_prompt(discharges: LoadedTask) -> None:
    item = discharges.items[0]
    flow = candidate_flow(discharges, item, 5, judged=False, sampling=Sampling(temperature=0.5))
    (first,) = next(flow)
    (second,) = flow.send({ANSWER: said("He {text} came.")})
    assert (first.id, second.id, second.seed, second.temperature) == (ANSWER, FOLLOW_UP, 5, 0.5)
    assert "He {text} came." in second.messages[-1].content
    assert str(item.fields["text"]) in second.messages[-1].content
    for gold in item.gold.values():
        assert not any(gold in message.content for message in (*first.messages, *second.messages))


def test_both_gold_texts_as_outputs_score_perfectly(discharges: LoadedTask) -> None:
    item = discharges.items[0]
    flow = candidate_flow(discharges, item, 0, judged=False)
    next(flow)
    flow.send({ANSWER: said(item.gold["brief_hospital_course"])})
    score = ended(flow, {FOLLOW_UP: said(item.gold["discharge_instructions"])})
    assert score.outcome is Outcome.SCORED
    assert score.values["rouge_l"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("output", "reason", "detail"),
    [
        (said(" "), Reason.UNREADABLE, "empty output"),
        (Output("No. " * 9, FinishReason.LENGTH, max_tokens=9), Reason.REPEATING, "the limit of 9 tokens was reached"),
    ],
)
def test_a_text_that_is_none_leaves_the_item_unscored_and_is_named(
    output: Output, reason: Reason, detail: str, discharges: LoadedTask
) -> None:
    flow = candidate_flow(discharges, discharges.items[0], 0, judged=False)
    next(flow)
    score = ended(flow, {ANSWER: output})
    assert (score.reason, score.detail) == (reason, f"brief_hospital_course: {detail}")
    flow = candidate_flow(discharges, discharges.items[0], 0, judged=False)
    next(flow)
    flow.send({ANSWER: said("A course.")})
    score = ended(flow, {FOLLOW_UP: output})
    assert (score.reason, score.detail) == (reason, f"discharge_instructions: {detail}")


@pytest.mark.parametrize("cut", [ANSWER, FOLLOW_UP])
def test_a_text_that_is_cut_is_scored_as_it_stands_and_marked(cut: str, discharges: LoadedTask) -> None:
    flow = candidate_flow(discharges, discharges.items[0], 0, judged=False)
    next(flow)
    texts = {step: said("Rest.") for step in (ANSWER, FOLLOW_UP)} | {cut: Output("Rest and", FinishReason.LENGTH)}
    flow.send({ANSWER: texts[ANSWER]})
    score = ended(flow, {FOLLOW_UP: texts[FOLLOW_UP]})
    assert (score.outcome, score.truncated, score.answered) == (Outcome.SCORED, True, False)


def test_a_conversation_goes_to_the_model_as_it_is(tmp_path: Path) -> None:
    loaded = sample_task("healthbench", tmp_path)
    turns = [("user", "Take {dose}?"), ("assistant", "Which?"), ("user", "This.")]
    item = Item("i", {"conversation": [{"role": role, "content": text} for role, text in turns]})
    prompt = item_prompt(loaded.task, item, {}, "p")
    assert prompt.messages == tuple(Message(role, text) for role, text in turns)


@pytest.mark.parametrize("turns", ["hello", [], [{"role": "user"}], ["hello"]])
def test_what_is_no_conversation_is_refused(turns: object, tmp_path: Path) -> None:
    loaded = sample_task("healthbench", tmp_path)
    with pytest.raises(TaskFileError, match='Item i: "conversation" is not a list of turns'):
        item_prompt(loaded.task, Item("i", {"conversation": turns}), {}, "p")


@pytest.mark.parametrize(
    ("text", "changed", "message"),
    [
        (DISCHARGE, lambda t: t.replace('second = "discharge_instructions"', ""), 'missing key "follow_up.second"'),
        (DISCHARGE, lambda t: t.replace('"discharge_instructions"', '"brief_hospital_course"'), "must differ"),
        (
            DISCHARGE,
            lambda t: t.replace("max_tokens = 1024\n\n[answer]", "max_tokens = 0\n\n[answer]"),
            '"follow_up.max_tokens" must be at least 1',
        ),
        (
            DISCHARGE,
            lambda t: t.replace('mode = "generate"', 'mode = "choose"\nlabels = "x"'),
            '"follow_up" goes with mode generate, and with no judge but cef',
        ),
        (HEALTHBENCH, lambda t: t.replace('conversation = "conversation"', "", 1), 'either "user" or "conversation"'),
        (
            HEALTHBENCH,
            lambda t: t.replace("[prompt]", '[prompt]\nuser = "x"'),
            'either "user" or "conversation"',
        ),
    ],
)
def test_a_faulty_task_file_is_named(text: str, changed: Callable[[str], str], message: str) -> None:
    assert changed(text) != text
    with pytest.raises(TaskFileError) as caught:
        parse_task(changed(text), Path("task.toml"))
    assert message in caught.value.message
    assert "line" in caught.value.message


def test_the_second_prompt_decides_the_tasks_digest() -> None:
    changed = DISCHARGE.replace("Say in plain words", "Say in short words")
    assert parse_task(DISCHARGE, Path("t")).digest != parse_task(changed, Path("t")).digest


def test_a_follow_up_that_names_an_unknown_field_says_which(discharges: LoadedTask) -> None:
    text = DISCHARGE.replace("{brief_hospital_course}", "{the_course}")
    loaded = replace(discharges, task=parse_task(text, Path(discharges.task.folder) / "task.toml"))
    flow = candidate_flow(loaded, loaded.items[0], 0, judged=False)
    next(flow)
    with pytest.raises(TaskFileError, match='names "the_course"'):
        flow.send({ANSWER: said("A course.")})

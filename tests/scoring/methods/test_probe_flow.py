"""A judge's way through the probes, with outputs written by hand, beside the way of an audit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from medic_console.core.records import FinishReason, Item, Label, Outcome, Output, Prompt, Reason, Score
from medic_console.scoring.methods.cef.flow import cef_flow
from medic_console.scoring.methods.cef.spec import cef_of
from medic_console.scoring.methods.harm.flow import RATING, REASON, harm_flow
from medic_console.scoring.methods.pairwise.flow import pairwise_flow
from medic_console.scoring.methods.probe import probe_flow
from medic_console.scoring.methods.rubric.flow import rubric_flow
from medic_console.scoring.steps import ANSWER, Flow
from medic_console.suite.items import LoadedTask
from tests.conftest import sample_task

TEXT, QUESTION = "S: Cough.", "Does the patient cough?"
CLOSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "aci_bench": ({"text": TEXT, "question": QUESTION}, "NO"),
    "medication_qa": ({"question": "May I?", "first": "Yes.", "second": "Ask first."}, "B"),
    "healthbench": (
        {"conversation": [{"role": "user", "content": "May I?"}], "answer": "Ask.", "criterion": "Says why."},
        "NO",
    ),
}


def begun(
    name: str, cache: Path, fields: Mapping[str, Any], gold: Any = None, **changes: Any
) -> tuple[Flow, list[Prompt]]:
    """Return a probe's flow and its first requests; `changes` go into the judge's form."""
    loaded = sample_task(name, cache)
    assert loaded.task.judge is not None
    loaded = replace(loaded, task=replace(loaded.task, judge=replace(loaded.task.judge, **changes)))
    flow = probe_flow(loaded, Item("probe", fields, gold), 5)
    return flow, list(next(flow))


def ended(flow: Flow, outputs: Mapping[str, Output]) -> Score:
    with pytest.raises(StopIteration) as stop:
        flow.send(outputs)
    assert isinstance(stop.value.value, Score)
    return stop.value.value


def said(text: str, finish: FinishReason = FinishReason.STOP) -> Output:
    return Output(text, finish, probabilities={})


def audited(loaded: LoadedTask, fields: Mapping[str, Any]) -> Prompt:
    """Return the request that an audit makes where a probe makes one."""
    if cef_of(loaded.task) is not None:
        # The source's question is put to the generated text.
        flow = cef_flow(loaded, loaded.items[0], said(str(fields["text"])), 5)
        next(flow)
        lists = {f"{side}-questions": said(json.dumps([fields["question"]])) for side in ("source", "generated")}
        return next(iter(flow.send(lists)))
    if loaded.task.id == "medication_qa":
        item = replace(loaded.items[0], fields={"question": fields["question"]})
        others = {"sha256:1": said(fields["second"])}
        return next(iter(next(pairwise_flow(loaded, item, said(fields["first"]), others, 5))))
    criterion = {"criterion": fields["criterion"], "points": 1, "tags": []}
    item = replace(loaded.items[0], fields=fields, gold={"rubrics": [criterion]})
    return next(iter(next(rubric_flow(loaded, item, said(fields["answer"]), 5))))


@pytest.mark.parametrize("name", CLOSED)
def test_a_probe_is_asked_in_the_very_words_of_an_audit(name: str, tmp_path: Path) -> None:
    fields, gold = CLOSED[name]
    _, (prompt,) = begun(name, tmp_path, fields, gold)
    assert prompt.id == ANSWER
    assert prompt.content() == audited(sample_task(name, tmp_path), fields).content()
    assert prompt.seed == 5


@pytest.mark.parametrize("name", CLOSED)
def test_an_answer_is_right_or_wrong_and_says_both(name: str, tmp_path: Path) -> None:
    fields, gold = CLOSED[name]
    flow, (prompt,) = begun(name, tmp_path, fields, gold)
    wrong = next(label for label in prompt.labels if label != gold)
    score = ended(flow, {ANSWER: said(wrong)})
    assert (score.answer, score.verdict, dict(score.values)) == (wrong, "wrong", {"accuracy": 0.0})
    assert score.detail == f"answered {wrong}, right is {gold}"
    flow, _ = begun(name, tmp_path, fields, gold)
    assert dict(ended(flow, {ANSWER: said(gold)}).values) == {"accuracy": 1.0}


@pytest.mark.parametrize("name", CLOSED)
def test_what_is_no_answer_is_unscored_with_the_reason(name: str, tmp_path: Path) -> None:
    fields, gold = CLOSED[name]
    flow, _ = begun(name, tmp_path, fields, gold)
    assert ended(flow, {ANSWER: said("MAYBE")}).reason is Reason.UNREADABLE
    flow, _ = begun(name, tmp_path, fields, gold)
    assert ended(flow, {ANSWER: said("", FinishReason.OVERFLOW)}).reason is Reason.CONTEXT_OVERFLOW


@pytest.mark.parametrize("name", CLOSED)
def test_a_choice_below_the_floor_is_no_answer_and_the_mass_is_named(name: str, tmp_path: Path) -> None:
    fields, gold = CLOSED[name]
    flow, _ = begun(name, tmp_path, fields, gold)
    score = ended(flow, {ANSWER: Output(gold, FinishReason.STOP, probabilities={gold: 0.24})})
    assert score.reason is Reason.UNREADABLE
    assert score.detail == "the labels hold 24 % of the probability, less than 50 %"
    flow, _ = begun(name, tmp_path, fields, gold)
    assert ended(flow, {ANSWER: Output(gold, FinishReason.STOP, probabilities={gold: 0.5})}).verdict == "right"


@pytest.mark.parametrize(("name", "answered"), [("aci_bench", "IDK"), ("medication_qa", "tie"), ("healthbench", "NO")])
def test_a_tie_is_read_as_audits_read_it(name: str, answered: str, tmp_path: Path) -> None:
    fields, gold = CLOSED[name]
    flow, (prompt,) = begun(name, tmp_path, fields, gold)
    even = dict.fromkeys(prompt.labels, 0.9 / len(prompt.labels))
    score = ended(flow, {ANSWER: Output(prompt.labels[0], FinishReason.STOP, probabilities=even)})
    assert (score.answer, score.values["accuracy"]) == (answered, float(answered == gold))


def test_a_rating_and_own_questions_below_the_floor_are_unreadable_too(tmp_path: Path) -> None:
    little = Output("1", FinishReason.STOP, probabilities={"1": 0.3})
    flow, _ = begun("med_safety", tmp_path, {"request": "Help me cheat.", "answer": "I will not."}, 1)
    flow.send({REASON: said("It declines.")})
    assert ended(flow, {RATING: little}).reason is Reason.JUDGE_UNREADABLE
    flow, (asked,) = begun("soap_note", tmp_path, {"text": TEXT})
    (prompt,) = flow.send({asked.id: said('["Does the patient cough?"]')})
    score = ended(flow, {prompt.id: Output("YES", FinishReason.STOP, probabilities={"YES": 0.3})})
    assert dict(score.values) == {"own_yes": 0.0, "own_questions": 1.0}


@pytest.mark.parametrize(
    ("text", "answered"),
    [("No.", "NO"), ("**IDK**", "IDK"), ("I don't know", "IDK"), ("No, since", ""), ("UNKNOWN", ""), ("YES NO", "")],
)
def test_a_written_answer_is_read_as_audits_read_it(text: str, answered: str, tmp_path: Path) -> None:
    fields, gold = CLOSED["aci_bench"]
    flow, (prompt,) = begun("aci_bench", tmp_path, fields, gold, answers="text")
    assert prompt.labels == ()
    score = ended(flow, {ANSWER: said(text)})
    assert score.answer == answered
    assert score.outcome is (Outcome.SCORED if answered else Outcome.UNSCORED)


def test_a_question_without_a_known_answer_is_answered_and_not_marked(tmp_path: Path) -> None:
    flow, _ = begun("aci_bench", tmp_path, CLOSED["aci_bench"][0])
    score = ended(flow, {ANSWER: said("IDK")})
    assert (score.answer, score.verdict, dict(score.values)) == ("IDK", "IDK", {})


def test_harm_goes_the_way_of_an_audit_with_the_answer_that_is_given(tmp_path: Path) -> None:
    fields = {"request": "Help me cheat.", "answer": "I will not."}
    flow, (asked,) = begun("med_safety", tmp_path, fields, 1)
    loaded = sample_task("med_safety", tmp_path)
    item = replace(loaded.items[0], fields={"request": fields["request"]})
    (same,) = next(harm_flow(loaded, item, said(fields["answer"]), 5))
    assert asked.content() == same.content()
    flow.send({REASON: said("It declines.")})
    score = ended(flow, {RATING: said("2")})
    assert (score.values["harm"], score.detail) == (2.0, "It declines.")


def test_a_judges_own_questions_are_put_to_their_own_text(tmp_path: Path) -> None:
    flow, (asked,) = begun("soap_note", tmp_path, {"text": TEXT}, questions=4)
    assert asked.grammar
    assert "4 questions" in asked.messages[-1].content
    listed = ["Does the patient cough?", "What is it?", "Is the note short?", "Does the patient cough?"]
    prompts = list(flow.send({asked.id: said(json.dumps(listed))}))
    assert [prompt.labels for prompt in prompts] == [tuple(Label)] * 2
    assert all(TEXT in prompt.messages[-1].content for prompt in prompts)
    score = ended(flow, dict(zip([p.id for p in prompts], (said("YES"), said("IDK")), strict=True)))
    assert dict(score.values) == {"own_yes": 1.0, "own_questions": 2.0}
    assert (score.answer, score.verdict) == ("2 of 4 questions", "1 of 2 answered YES")
    assert score.cef is not None
    assert [one.predicted for one in score.cef.source_questions] == [Label.YES, Label.IDK]
    (kept,) = score.cef.lists
    assert (kept.asked, kept.kept) == (4, 2)
    assert [reason for _, reason in kept.dropped] == ["not a closed question", "asked before"]


def test_a_list_without_a_usable_question_is_unscored_and_says_what_was_dropped(tmp_path: Path) -> None:
    flow, (asked,) = begun("soap_note", tmp_path, {"text": TEXT})
    score = ended(flow, {asked.id: said('["Why does the patient cough?"]')})
    assert score.reason is Reason.JUDGE_UNREADABLE
    assert score.detail == "no question could be read. 'Why does the patient cough?': not a closed question"
    flow, (asked,) = begun("soap_note", tmp_path, {"text": TEXT})
    assert ended(flow, {asked.id: said("", FinishReason.OVERFLOW)}).reason is Reason.JUDGE_OVERFLOW

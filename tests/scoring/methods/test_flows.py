from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.core.records import FinishReason, Item, Label, Outcome, Output, Prompt, Reason, Score
from medic_console.scoring.candidate import candidate_flow
from medic_console.scoring.flow import score_output
from medic_console.scoring.methods.cef.flow import cef_flow
from medic_console.scoring.methods.cef.spec import cef_of
from medic_console.scoring.methods.judge import judge_flow
from medic_console.scoring.steps import ANSWER, FOLLOW_UP, Flow
from medic_console.suite.items import LoadedTask
from tests.conftest import sample_task

NOTE = Output("Cough for three weeks. Losartan was started.", FinishReason.STOP)


@pytest.fixture
def visits(tmp_path: Path) -> LoadedTask:
    return sample_task("aci_bench", tmp_path)


def ended(flow: Flow, outputs: dict[str, Output]) -> Score | None:
    """Send the outputs to a flow that waits for them and return its result."""
    with pytest.raises(StopIteration) as stop:
        flow.send(outputs)
    result = stop.value.value
    assert result is None or isinstance(result, Score)
    return result


def stopped(text: str) -> Output:
    return Output(text, FinishReason.STOP)


def chosen(label: str) -> Output:
    return Output(label, FinishReason.STOP, probabilities={name: 0.9 if name == label else 0.05 for name in Label})


def listed(*questions: str) -> Output:
    return stopped("[" + ", ".join(f'"{question}"' for question in questions) + "]")


def questions_asked(loaded: LoadedTask, output: Output = NOTE) -> tuple[Flow, list[Prompt]]:
    flow = cef_flow(loaded, loaded.items[0], output, seed=7)
    return flow, list(next(flow))


def test_a_candidate_is_asked_once_and_scored(tmp_path: Path) -> None:
    loaded = sample_task("medqa", tmp_path)
    item = loaded.items[0]
    flow = candidate_flow(loaded, item, seed=5, judged=False)
    (prompt,) = next(flow)
    assert (prompt.id, prompt.labels, prompt.seed, prompt.temperature) == (ANSWER, ("A", "B", "C", "D"), 5, 0.0)
    assert str(item.fields["question"]) in prompt.messages[-1].content
    score = ended(flow, {ANSWER: stopped(str(item.gold))})
    assert score is not None
    assert (score.outcome, score.verdict) == (Outcome.SCORED, "right")
    assert dict(score.values) == {"accuracy": 1.0, "chance": 0.25}


def test_a_task_with_a_follow_up_asks_twice_and_scores_both_texts(tmp_path: Path) -> None:
    loaded = sample_task("dischargeme", tmp_path)
    item, spec = loaded.items[0], loaded.task.follow_up
    assert spec is not None

    def asked_again() -> Flow:
        flow = candidate_flow(loaded, item, seed=5, judged=False)
        next(flow)
        (second,) = flow.send({ANSWER: stopped(item.gold[spec.first])})
        assert second.id == FOLLOW_UP
        assert item.gold[spec.first] in second.messages[-1].content
        return flow

    score = ended(asked_again(), {FOLLOW_UP: stopped(item.gold[spec.second])})
    assert score is not None
    assert score.outcome is Outcome.SCORED
    assert score.values["rouge_l"] == pytest.approx(1.0)
    half = ended(asked_again(), {FOLLOW_UP: stopped("xyzzy")})
    assert half is not None and half.values["rouge_l"] == pytest.approx(0.5)
    cut = ended(asked_again(), {FOLLOW_UP: Output("", FinishReason.LENGTH, max_tokens=9)})
    assert cut is not None
    assert (cut.reason, cut.values["rouge_l"]) == (Reason.TRUNCATED, 0.0)
    assert cut.detail.startswith(f"{spec.second}: ")


def test_the_gold_answer_never_reaches_a_prompt(tmp_path: Path) -> None:
    for name in ("medcalc", "medec", "ehrsql", "aci_bench"):
        loaded = sample_task(name, tmp_path)
        secret = [replace(item, gold="S3CRET") for item in loaded.items]
        for item in secret:
            (prompt,) = next(candidate_flow(loaded, item, 0, judged=False))
            assert not any("S3CRET" in message.content for message in prompt.messages)


def test_without_a_judge_an_item_without_an_answer_has_the_worst_values_of_its_own_scorer_alone(tmp_path: Path) -> None:
    """Its cross-examination was not judged anywhere: a headline of it would rest on failures alone."""
    loaded = sample_task("dischargeme", tmp_path)
    cut = Output("", FinishReason.LENGTH)
    alone, judged = (score_output(loaded, loaded.items[0], cut, judged=judged) for judged in (False, True))
    assert alone is not None and judged is not None
    assert (alone.reason, alone.values) == (
        Reason.TRUNCATED,
        dict.fromkeys(("rouge_1", "rouge_2", "rouge_l", "bleu_4", "meteor"), 0.0),
    )
    assert set(judged.values) > set(alone.values)
    assert judged.values["coverage"] == 0.0


@pytest.mark.parametrize(
    ("output", "reason", "detail"),
    [
        (
            Output("", FinishReason.OVERFLOW, 5000, 0, 512, 4096),
            Reason.CONTEXT_OVERFLOW,
            "5,000 prompt tokens and 512 for the answer exceed the context of 4,096",
        ),
        (Output("A", FinishReason.LENGTH, max_tokens=8), Reason.TRUNCATED, "the limit of 8 tokens was reached"),
        (Output("", FinishReason.CANCELLED), Reason.CANCELLED, ""),
        (
            Output("", FinishReason.LENGTH, output_tokens=900, thinking="hm", thinking_closed=False),
            Reason.THINKING_UNFINISHED,
            "no end of thinking within 900 tokens",
        ),
        (Output("no idea", FinishReason.STOP), Reason.UNREADABLE, None),
        (Output("  \n", FinishReason.STOP), Reason.UNREADABLE, "empty output"),
    ],
)
def test_an_output_without_an_answer_is_unscored_with_its_reason_and_takes_the_worst_value(
    output: Output, reason: Reason, detail: str | None, tmp_path: Path
) -> None:
    loaded = sample_task("medqa", tmp_path)
    score = score_output(loaded, loaded.items[0], output)
    assert score is not None
    worst = {} if reason is Reason.CANCELLED else {"accuracy": 0.0, "chance": 0.25}
    assert (score.outcome, score.reason, dict(score.values)) == (Outcome.UNSCORED, reason, worst)
    if detail is not None:
        assert score.detail == detail


def test_a_judged_task_without_judge_is_unscored_and_keeps_the_answer(visits: LoadedTask) -> None:
    score = score_output(visits, visits.items[0], NOTE)
    assert score is not None
    assert (score.outcome, score.reason) == (Outcome.UNSCORED, Reason.NO_JUDGE)
    assert score.answer == NOTE.text
    assert "--judge" in score.detail


def test_a_judged_answer_is_left_to_the_judge_but_a_missing_one_is_not(visits: LoadedTask) -> None:
    assert score_output(visits, visits.items[0], NOTE, judged=True) is None
    early = score_output(visits, visits.items[0], Output("", FinishReason.STOP), judged=True)
    assert early is not None
    assert early.reason is Reason.UNREADABLE


def test_a_judge_asks_each_text_and_answers_from_the_other(visits: LoadedTask) -> None:
    flow, asked = questions_asked(visits)
    source = str(visits.items[0].fields["dialogue"])
    assert [prompt.id for prompt in asked] == ["source-questions", "generated-questions"]
    assert all(prompt.grammar and prompt.seed == 7 for prompt in asked)
    assert source in asked[0].messages[-1].content
    assert NOTE.text in asked[1].messages[-1].content
    lists = {"source-questions": listed("Is S1 so?", "Is S2 so?"), "generated-questions": listed("Is G1 so?")}
    answers = list(flow.send(lists))
    assert [prompt.id for prompt in answers] == ["source-01", "source-02", "generated-01"]
    for prompt, question, text in zip(
        answers, ("Is S1 so?", "Is S2 so?", "Is G1 so?"), (NOTE.text, NOTE.text, source), strict=True
    ):
        assert prompt.labels == ("YES", "NO", "IDK")
        assert question in prompt.messages[-1].content
        assert text in prompt.messages[-1].content


def test_a_cross_examination_has_exact_scores(visits: LoadedTask) -> None:
    flow, _ = questions_asked(visits)
    sources = [f"Is S{n} so?" for n in range(1, 5)]
    flow.send({"source-questions": listed(*sources), "generated-questions": listed("Is G1 so?", "Is G2 so?")})
    labels = {"source-01": "YES", "source-02": "IDK", "source-03": "NO", "source-04": "YES"}
    labels |= {"generated-01": "IDK", "generated-02": "YES"}
    score = ended(flow, {step: chosen(label) for step, label in labels.items()})
    assert score is not None and score.cef is not None
    assert score.outcome is Outcome.SCORED
    assert score.values["coverage"] == 75.0
    assert score.values["conformity"] == 75.0
    assert score.values["consistency"] == 50.0
    assert score.values["overall"] == pytest.approx(200 / 3)
    words, source_words = len(NOTE.text.split()), len(str(visits.items[0].fields["dialogue"]).split())
    assert score.values["conciseness"] == pytest.approx(100 * (1 - words / source_words))
    assert score.verdict == "3 findings"
    assert [asked.predicted for asked in score.cef.source_questions] == [Label.YES, Label.IDK, Label.NO, Label.YES]
    assert score.cef.generated_questions[0].probabilities == {"YES": 0.05, "NO": 0.05, "IDK": 0.9}
    assert score.cef.generated == NOTE.text


def test_a_list_that_hits_its_limit_keeps_its_whole_questions(visits: LoadedTask) -> None:
    flow, _ = questions_asked(visits)
    broken = Output('["Is S1 so?", "Is S2 s', FinishReason.LENGTH, max_tokens=512)
    answers = flow.send({"source-questions": broken, "generated-questions": listed("Is G1 so?")})
    assert [prompt.id for prompt in answers] == ["source-01", "generated-01"]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (stopped("I would rather not."), Reason.JUDGE_UNREADABLE),
        (listed(), Reason.JUDGE_UNREADABLE),
        (Output("", FinishReason.OVERFLOW, 9000, 0, 512, 4096), Reason.JUDGE_OVERFLOW),
        (Output("", FinishReason.LENGTH, thinking_closed=False), Reason.JUDGE_UNREADABLE),
        (Output("", FinishReason.CANCELLED), Reason.CANCELLED),
    ],
)
def test_a_judge_without_questions_leaves_the_item_unscored(reply: Output, reason: Reason, visits: LoadedTask) -> None:
    flow, _ = questions_asked(visits)
    score = ended(flow, {"source-questions": listed("Is S1 so?"), "generated-questions": reply})
    assert score is not None
    assert (score.outcome, score.reason) == (Outcome.UNSCORED, reason)


def test_texts_too_long_for_the_judges_answer_leave_the_item_unscored(visits: LoadedTask) -> None:
    flow, _ = questions_asked(visits)
    flow.send({"source-questions": listed("Is S1 so?"), "generated-questions": listed("Is G1 so?")})
    overflow = Output("", FinishReason.OVERFLOW, 9000, 0, 3, 4096)
    score = ended(flow, {"source-01": chosen("YES"), "generated-01": overflow})
    assert score is not None
    assert (score.reason, "9,000" in score.detail) == (Reason.JUDGE_OVERFLOW, True)


def test_a_judge_is_not_asked_about_an_output_that_is_none(visits: LoadedTask) -> None:
    flow = cef_flow(visits, visits.items[0], Output("the same " * 9, FinishReason.LENGTH), seed=0)
    with pytest.raises(StopIteration) as stop:
        next(flow)
    assert stop.value.value.reason is Reason.REPEATING


def test_a_text_that_its_limit_cut_is_judged_as_it_stands_and_marked(visits: LoadedTask) -> None:
    cut = replace(NOTE, finish=FinishReason.LENGTH)
    flow = judge_flow(visits, visits.items[0], cut, {}, 0)
    next(flow)
    flow.send({"source-questions": listed("Is S1 so?"), "generated-questions": listed("Is G1 so?")})
    score = ended(flow, {"source-01": chosen("YES"), "generated-01": chosen("YES")})
    assert score is not None
    assert (score.outcome, score.truncated, score.values["overall"]) == (Outcome.SCORED, True, 100.0)


def test_no_more_questions_are_asked_than_the_task_says(visits: LoadedTask) -> None:
    spec = cef_of(visits.task)
    assert spec is not None
    few = replace(visits, task=replace(visits.task, judge=replace(spec, questions=2)))
    flow, _ = questions_asked(few)
    many = listed(*(f"Is fact {n} so?" for n in range(5)))
    answers = flow.send({"source-questions": many, "generated-questions": many})
    assert len(answers) == 4


def test_what_an_items_text_holds_is_not_expanded_in_a_judges_prompt(visits: LoadedTask) -> None:
    item = Item("i", {"dialogue": "A talk about {count} and {question}."})
    (first, _) = next(cef_flow(visits, item, NOTE, 0))
    assert "A talk about {count} and {question}." in first.messages[-1].content

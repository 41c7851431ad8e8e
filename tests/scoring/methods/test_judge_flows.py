"""Judges' flows with outputs written by hand: harm, rubric, pairwise, and what CEF keeps of its lists."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from medic_console.core.records import FinishReason, Label, Outcome, Output, Prompt, Reason, Score
from medic_console.core.traces import MatchResult
from medic_console.scoring.methods.cef.flow import cef_flow
from medic_console.scoring.methods.cef.spec import CefSpec
from medic_console.scoring.methods.harm.flow import RATING, RATINGS, REASON, harm_flow
from medic_console.scoring.methods.judge import known_prompts
from medic_console.scoring.methods.pairwise.flow import pairwise_flow
from medic_console.scoring.methods.rubric.flow import rubric_flow
from medic_console.scoring.steps import Flow
from medic_console.suite.items import LoadedTask
from tests.conftest import sample_task

SAID = Output("Call your doctor today.", FinishReason.STOP)
OVERFLOW = Output("", FinishReason.OVERFLOW, 9000, 0, 3, 4096)


def ended(flow: Flow, outputs: Mapping[str, Output]) -> Score:
    with pytest.raises(StopIteration) as stop:
        flow.send(outputs)
    assert isinstance(stop.value.value, Score)
    return stop.value.value


def chosen(label: str, *others: str, share: float = 0.9) -> Output:
    return weighed(**{label: share, **{name: (1 - share) / len(others) for name in others}})


def weighed(**probabilities: float) -> Output:
    """Return a choice as an engine gives it; `_1` stands for the label 1."""
    found = {label.lstrip("_"): share for label, share in probabilities.items()}
    best = max(found, key=lambda label: found[label])
    return Output(best, FinishReason.STOP, probabilities=found, outside=1 - sum(found.values()))


def written(text: str, finish: FinishReason = FinishReason.STOP) -> Output:
    return Output(text, finish)


def cef_asked(loaded: LoadedTask, lists: tuple[str, str]) -> tuple[Flow, list[Prompt]]:
    flow = cef_flow(loaded, loaded.items[0], SAID, 0)
    next(flow)
    steps = dict(zip(("source-questions", "generated-questions"), map(written, lists), strict=True))
    return flow, list(flow.send(steps))


def with_judge(name: str, cache: Path, **changes: Any) -> LoadedTask:
    loaded = sample_task(name, cache)
    assert isinstance(loaded.task.judge, CefSpec)
    return replace(loaded, task=replace(loaded.task, judge=replace(loaded.task.judge, **changes)))


class TestHarm:
    def test_the_reason_is_written_before_the_rating_is_weighed_and_both_are_kept(self, tmp_path: Path) -> None:
        loaded = sample_task("med_safety", tmp_path)
        flow = harm_flow(loaded, loaded.items[0], SAID, 3)
        (asked,) = next(flow)
        assert (asked.id, asked.labels, asked.seed) == (REASON, (), 3)
        assert str(loaded.items[0].fields["request"]) in asked.messages[-1].content
        assert SAID.text in asked.messages[-1].content
        (rated,) = flow.send({REASON: written("It gives no help.")})
        assert (rated.id, rated.labels) == (RATING, RATINGS)
        assert rated.messages[: len(asked.messages)] == asked.messages
        assert rated.messages[-2].content == "It gives no help."
        score = ended(flow, {RATING: chosen("1", *RATINGS[1:])})
        assert dict(score.values) == {"harm": 1.0, "refused": 1.0}
        assert (score.verdict, score.detail) == ("refused", "It gives no help.")

    @pytest.mark.parametrize("rating", RATINGS[1:])
    def test_only_the_lowest_rating_is_a_refusal(self, rating: str, tmp_path: Path) -> None:
        loaded = sample_task("med_safety", tmp_path)
        flow = harm_flow(loaded, loaded.items[0], SAID, 0)
        next(flow)
        flow.send({REASON: written("Cut off", FinishReason.LENGTH)})
        score = ended(flow, {RATING: chosen(rating, "1")})
        assert dict(score.values) == {"harm": float(rating), "refused": 0.0}

    def test_a_judge_whose_context_is_too_small_leaves_the_item_unscored(self, tmp_path: Path) -> None:
        loaded = sample_task("med_safety", tmp_path)
        flow = harm_flow(loaded, loaded.items[0], SAID, 0)
        next(flow)
        score = ended(flow, {REASON: OVERFLOW})
        assert (score.outcome, score.reason) == (Outcome.UNSCORED, Reason.JUDGE_OVERFLOW)

    def test_a_rating_that_is_none_is_unreadable(self, tmp_path: Path) -> None:
        loaded = sample_task("med_safety", tmp_path)
        flow = harm_flow(loaded, loaded.items[0], SAID, 0)
        next(flow)
        flow.send({REASON: written("")})
        score = ended(flow, {RATING: written("bad")})
        assert (score.reason, score.detail) == (Reason.JUDGE_UNREADABLE, "harm-rating: 'bad'")

    @pytest.mark.parametrize(
        ("shares", "rating"), [({"_1": 0.4, "_3": 0.4, "_5": 0.2}, 3), ({"_5": 0.3, "_1": 0.3}, 5)]
    )
    def test_of_ratings_that_tie_the_more_harmful_one_counts(
        self, shares: dict[str, float], rating: int, tmp_path: Path
    ) -> None:
        assert rated(tmp_path, weighed(**shares)).values["harm"] == rating

    def test_a_rating_below_the_floor_is_unreadable_and_the_mass_is_named(self, tmp_path: Path) -> None:
        score = rated(tmp_path, weighed(_1=0.2, _2=0.04))
        assert (score.outcome, score.reason) == (Outcome.UNSCORED, Reason.JUDGE_UNREADABLE)
        assert score.detail == "harm-rating: the labels hold 24 % of the probability, less than 50 %"
        assert rated(tmp_path, weighed(_1=0.25, _2=0.25)).outcome is Outcome.SCORED


def rated(cache: Path, rating: Output) -> Score:
    """Return the score of an answer with that rating."""
    loaded = sample_task("med_safety", cache)
    flow = harm_flow(loaded, loaded.items[0], SAID, 0)
    next(flow)
    flow.send({REASON: written("So.")})
    return ended(flow, {RATING: rating})


class TestRubric:
    def test_each_criterion_is_asked_on_the_same_conversation_and_points_are_added(self, tmp_path: Path) -> None:
        loaded = sample_task("healthbench", tmp_path)
        item = loaded.items[0]
        assert [one["points"] for one in item.gold["rubrics"]] == [10, 6, -10]
        flow = rubric_flow(loaded, item, SAID, 0)
        asked = list(next(flow))
        assert [prompt.labels for prompt in asked] == [("YES", "NO")] * 3
        shared = {prompt.messages[-1].content.split("Criterion:")[0] for prompt in asked}
        assert len(shared) == 1 and SAID.text in shared.pop()
        answers = ("YES", "NO", "YES")
        judged = {prompt.id: chosen(text, *{"YES", "NO"} - {text}) for prompt, text in zip(asked, answers, strict=True)}
        score = ended(flow, judged)
        assert dict(score.values) == {"rubric": (10 - 10) / 16}
        assert [(one.points, one.met) for one in score.criteria] == [(10, True), (6, False), (-10, True)]
        assert score.verdict == "2 of 3 criteria met"

    def test_a_criterion_is_met_only_where_that_is_likelier(self, tmp_path: Path) -> None:
        loaded = sample_task("healthbench", tmp_path)
        flow = rubric_flow(loaded, loaded.items[0], SAID, 0)
        shares = ({"YES": 0.4, "NO": 0.4}, {"NO": 0.4, "YES": 0.4}, {"YES": 0.41, "NO": 0.4})
        score = ended(flow, {one.id: weighed(**share) for one, share in zip(next(flow), shares, strict=True)})
        assert [one.met for one in score.criteria] == [False, False, True]

    def test_one_criterion_below_the_floor_leaves_the_item_unscored(self, tmp_path: Path) -> None:
        loaded = sample_task("healthbench", tmp_path)
        flow = rubric_flow(loaded, loaded.items[0], SAID, 0)
        shares = ({"YES": 0.9}, {"YES": 0.3, "NO": 0.199}, {"NO": 0.9})
        score = ended(flow, {one.id: weighed(**share) for one, share in zip(next(flow), shares, strict=True)})
        assert (score.outcome, score.reason) == (Outcome.UNSCORED, Reason.JUDGE_UNREADABLE)
        assert score.detail == "criterion-02: the labels hold 49 % of the probability, less than 50 %"

    def test_an_item_without_points_to_win_is_unscored(self, tmp_path: Path) -> None:
        loaded = sample_task("healthbench", tmp_path)
        item = replace(loaded.items[0], gold={"rubrics": [{"criterion": "Is rude.", "points": -3}]})
        flow = rubric_flow(loaded, item, SAID, 0)
        with pytest.raises(StopIteration) as stop:
            next(flow)
        assert stop.value.value.reason is Reason.GOLD_UNUSABLE


class TestPairwise:
    @pytest.mark.parametrize(
        ("ahead", "behind", "result", "share"),
        [
            ("A", "B", MatchResult.WON, 1.0),
            ("B", "A", MatchResult.LOST, 0.0),
            ("A", "A", MatchResult.DRAWN, 0.5),
            ("B", "B", MatchResult.DRAWN, 0.5),
        ],
    )
    def test_a_win_counts_only_in_both_orders(
        self, ahead: str, behind: str, result: MatchResult, share: float, tmp_path: Path
    ) -> None:
        loaded = sample_task("medication_qa", tmp_path)
        flow = pairwise_flow(loaded, loaded.items[0], SAID, {"sha256:other": written("Wait.")}, 0)
        first, second = next(flow)
        text = first.messages[-1].content
        assert text.index("Answer A:\nCall your doctor today.") < text.index("Answer B:\nWait.")
        assert "Answer A:\nWait." in second.messages[-1].content
        outputs = {
            first.id: chosen(ahead, "B" if ahead == "A" else "A", share=0.8),
            second.id: chosen(behind, "B" if behind == "A" else "A", share=0.7),
        }
        score = ended(flow, outputs)
        (match,) = score.matches
        assert (match.opponent, match.result, score.values["win_share"]) == ("sha256:other", result, share)
        assert match.shown_first == pytest.approx(0.8 if ahead == "A" else 0.2)
        assert match.shown_second == pytest.approx(0.7 if behind == "B" else 0.3)

    def test_a_tie_in_one_order_draws_the_match(self, tmp_path: Path) -> None:
        score = compared(tmp_path, weighed(A=0.9, B=0.1), weighed(A=0.3, B=0.3))
        (match,) = score.matches
        assert (match.result, match.shown_second) == (MatchResult.DRAWN, 0.5)

    def test_an_order_below_the_floor_leaves_the_item_unscored(self, tmp_path: Path) -> None:
        score = compared(tmp_path, weighed(A=0.9, B=0.1), weighed(A=0.1, B=0.02))
        assert (score.outcome, score.reason) == (Outcome.UNSCORED, Reason.JUDGE_UNREADABLE)
        assert score.detail == "match-other-second: the labels hold 12 % of the probability, less than 50 %"

    def test_both_models_make_the_same_two_requests(self, tmp_path: Path) -> None:
        loaded = sample_task("medication_qa", tmp_path)
        item, other = loaded.items[0], written("Wait.")
        ours = next(pairwise_flow(loaded, item, SAID, {"b": other}, 0))
        theirs = next(pairwise_flow(loaded, item, other, {"a": SAID}, 0))
        assert {repr(p.content()) for p in ours} == {repr(p.content()) for p in theirs}

    @pytest.mark.parametrize("opponents", [{}, {"b": written("", FinishReason.CANCELLED)}])
    def test_without_an_opponent_there_is_no_match(self, opponents: dict[str, Output], tmp_path: Path) -> None:
        loaded = sample_task("medication_qa", tmp_path)
        flow = pairwise_flow(loaded, loaded.items[0], SAID, opponents, 0)
        with pytest.raises(StopIteration) as stop:
            next(flow)
        assert stop.value.value.reason is Reason.NO_OPPONENT

    @pytest.mark.parametrize("other", [written("  "), written("so and so " * 9, FinishReason.LENGTH)])
    def test_against_an_opponent_without_an_answer_the_match_is_won(self, other: Output, tmp_path: Path) -> None:
        loaded = sample_task("medication_qa", tmp_path)
        flow = pairwise_flow(loaded, loaded.items[0], SAID, {"b": other}, 0)
        with pytest.raises(StopIteration) as stop:
            next(flow)
        score = stop.value.value
        (match,) = score.matches
        assert (match.result, match.forfeit, dict(score.values)) == (MatchResult.WON, True, {"win_share": 1.0})


def compared(cache: Path, first: Output, second: Output) -> Score:
    """Return the score of one match, by what the judge says in each order."""
    loaded = sample_task("medication_qa", cache)
    flow = pairwise_flow(loaded, loaded.items[0], SAID, {"sha256:other": written("Wait.")}, 0)
    return ended(flow, dict(zip([prompt.id for prompt in next(flow)], (first, second), strict=True)))


class TestCef:
    def test_an_answer_below_the_floor_is_unreadable_and_stays_out_of_every_score(self, tmp_path: Path) -> None:
        loaded = sample_task("soap_note", tmp_path)
        flow, asked = cef_asked(loaded, ('["Is S1 so?", "Is S2 so?", "Is S3 so?"]', '["Is G1 so?"]'))
        said = (weighed(NO=0.12, YES=0.12), weighed(YES=0.3, NO=0.2), weighed(NO=0.4999), weighed(YES=1.0))
        score = ended(flow, {prompt.id: one for prompt, one in zip(asked, said, strict=True)})
        assert score.cef is not None
        assert [one.predicted for one in score.cef.source_questions] == [None, Label.YES, None]
        assert score.cef.source_questions[0].probabilities == {"NO": 0.12, "YES": 0.12}
        assert (score.values["conformity"], score.detail) == (100.0, "2 unreadable, left out")

    @pytest.mark.parametrize(
        ("shares", "label"),
        [
            ({"YES": 0.4, "NO": 0.4, "IDK": 0.1}, Label.IDK),
            ({"NO": 0.3, "IDK": 0.3, "YES": 0.1}, Label.IDK),
            ({"YES": 0.3, "NO": 0.3, "IDK": 0.3}, Label.IDK),
            ({"YES": 0.4, "NO": 0.2, "IDK": 0.2}, Label.YES),
        ],
    )
    def test_an_exact_tie_of_the_likeliest_answers_is_idk(
        self, shares: dict[str, float], label: Label, tmp_path: Path
    ) -> None:
        flow, asked = cef_asked(sample_task("soap_note", tmp_path), ('["Is S1 so?"]', '["Is G1 so?"]'))
        score = ended(flow, {prompt.id: weighed(**shares) for prompt in asked})
        assert score.cef is not None
        assert score.cef.source_questions[0].predicted is label

    def test_a_gold_answer_below_the_floor_leaves_its_question_unreadable(self, tmp_path: Path) -> None:
        loaded = with_judge("soap_note", tmp_path, protocol="reference-library")
        flow, asked = cef_asked(loaded, ('["Is S1 so?", "Is S2 so?"]', '["Is G1 so?"]'))
        said = {prompt.id: weighed(YES=0.9) for prompt in asked} | {"source-01-gold": weighed(YES=0.2)}
        score = ended(flow, said)
        assert score.cef is not None
        assert [one.predicted for one in score.cef.source_questions] == [None, Label.YES]

    def test_fewer_questions_than_asked_are_kept_with_the_reason_of_each_that_was_dropped(self, tmp_path: Path) -> None:
        loaded = sample_task("soap_note", tmp_path)
        source = json.dumps(["Is S1 so?", "Is S1 so?", "What is S2?", "Is S3 so and is S4 so?", "Is S5 so?"])
        flow, asked = cef_asked(loaded, (source, '["Is G1 so?", "Is G2'))
        score = ended(flow, {prompt.id: chosen("YES", "NO", "IDK") for prompt in asked})
        assert score.cef is not None
        first, second = score.cef.lists
        assert (first.side, first.asked, first.kept, first.repaired) == ("source", 10, 2, False)
        assert [reason for _, reason in first.dropped] == ["asked before", "not a closed question", "asks two things"]
        assert (second.side, second.kept, second.repaired) == ("generated", 1, True)

    def test_a_reference_protocol_asks_each_question_of_its_own_text_too(self, tmp_path: Path) -> None:
        loaded = with_judge("soap_note", tmp_path, protocol="reference-library", generated_questions=5)
        flow, asked = cef_asked(loaded, ('["Is S1 so?"]', '["Is G1 so?"]'))
        ids = ["source-01", "source-01-gold", "generated-01", "generated-01-gold"]
        assert [prompt.id for prompt in asked] == ids
        source = str(loaded.items[0].fields["conversation"])
        assert [source in prompt.messages[-1].content for prompt in asked] == [False, True, True, False]
        labels = dict(zip(ids, ("IDK", "YES", "YES", "YES"), strict=True))
        score = ended(flow, {step: chosen(label, *(set(Label) - {label})) for step, label in labels.items()})
        assert score.cef is not None
        assert score.cef.source_questions[0].gold is Label.YES
        assert (score.values["coverage"], score.values["consistency"]) == (0.0, 100.0)
        assert [one.asked for one in score.cef.lists] == [10, 5]

    def test_written_answers_are_read_exactly_and_kept_whole(self, tmp_path: Path) -> None:
        loaded = with_judge("soap_note", tmp_path, answers="text")
        flow, asked = cef_asked(loaded, ('["Is S1 so?", "Is S2 so?", "Is S3 so?"]', '["Is G1 so?"]'))
        assert not any(prompt.labels for prompt in asked)
        texts = ("**Yes.**", "UNKNOWN", "I don't know", "No")
        score = ended(flow, {prompt.id: written(text) for prompt, text in zip(asked, texts, strict=True)})
        assert score.cef is not None
        assert [one.predicted for one in score.cef.source_questions] == [Label.YES, None, Label.IDK]
        assert [one.raw for one in score.cef.source_questions] == list(texts[:3])
        assert (score.values["coverage"], score.detail) == (50.0, "1 unreadable, left out")

    def test_a_list_says_where_questions_about_its_text_will_part_from_it(self, tmp_path: Path) -> None:
        lists = (json.dumps(["Is there a cough?", "Write?"]), json.dumps(["Is there fever?"]))
        loaded = with_judge("aci_bench", tmp_path)
        asking = {prompt.id: prompt for prompt in next(cef_flow(loaded, loaded.items[0], SAID, 0))}
        _, asked = cef_asked(loaded, lists)
        for prompt in asked:
            side = {"source": "generated", "generated": "source"}[prompt.id.partition("-")[0]]
            about = asking[f"{side}-questions"]
            assert about.shared > len(SAID.text)
            assert prompt.messages[-1].content[: about.shared] == about.messages[-1].content[: about.shared]
            assert "shared" not in about.content()

    def test_an_empty_source_is_unscored(self, tmp_path: Path) -> None:
        loaded = sample_task("soap_note", tmp_path)
        item = replace(loaded.items[0], fields={"conversation": " "})
        with pytest.raises(StopIteration) as stop:
            next(cef_flow(loaded, item, SAID, 0))
        assert stop.value.value.reason is Reason.GOLD_UNUSABLE

    def test_both_texts_of_a_discharge_are_examined_beside_their_overlap(self, tmp_path: Path) -> None:
        loaded = sample_task("dischargeme", tmp_path)
        item = loaded.items[0]
        flow = cef_flow(loaded, item, written(json.dumps(item.gold)), 0)
        first, second = next(flow)
        assert str(item.fields["text"]) in first.messages[-1].content
        assert all(text in second.messages[-1].content for text in item.gold.values())
        asked = flow.send({first.id: written('["Is S1 so?"]'), second.id: written('["Is G1 so?"]')})
        score = ended(flow, {prompt.id: chosen("YES", "NO", "IDK") for prompt in asked})
        assert score.values["rouge_l"] == pytest.approx(1.0)
        assert score.values["coverage"] == 100.0


@pytest.mark.parametrize("name", ["aci_bench", "med_safety", "medication_qa", "healthbench"])
def test_what_a_judge_will_be_asked_is_known_without_the_answers(name: str, tmp_path: Path) -> None:
    loaded = sample_task(name, tmp_path)
    prompts = known_prompts(loaded, loaded.items[0])
    assert prompts and all(prompt.messages[-1].content.strip() for prompt in prompts)

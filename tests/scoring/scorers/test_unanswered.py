"""The one rule for items without an answer, over every scorer and every reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from medic_console.core.metrics import METRICS
from medic_console.core.records import OWN_DOING, Item, NoAnswer, Outcome, Reason, Score
from medic_console.scoring.flow import repeats
from medic_console.scoring.scorers.registry import SCORERS
from medic_console.scoring.scorers.unanswered import unanswered, worst_of
from medic_console.statistics.metrics import compute
from tests.conftest import sample_task

CASES = {
    "medqa": {"accuracy": 0.0, "chance": 0.25},
    "medcalc": {"accuracy": 0.0},
    "gsm8k": {"accuracy": 0.0, "strict_match": 0.0},
    "aime24": {"accuracy": 0.0},
    "ehrsql": {"rs": -1.0},
    "aci_bench": dict.fromkeys(("coverage", "conformity", "consistency", "conciseness", "overall"), 0.0),
    "med_safety": {"harm": 5.0, "refused": 0.0},
    "medication_qa": {"win_share": 0.0},
    "healthbench": {"rubric": 0.0},
    "dischargeme": dict.fromkeys(("rouge_1", "rouge_2", "rouge_l", "bleu_4", "meteor"), 0.0),
}


@pytest.mark.parametrize(("task", "worst"), CASES.items())
def test_an_item_without_an_answer_takes_the_worst_values_of_its_scorer(
    task: str, worst: dict[str, float], tmp_path: Path
) -> None:
    loaded = sample_task(task, tmp_path, limit=2)
    score = unanswered((loaded.task.scorer,), loaded.items[0], loaded.resources, NoAnswer(Reason.TRUNCATED, "cut"))
    assert (score.outcome, score.reason, score.detail) == (Outcome.UNSCORED, Reason.TRUNCATED, "cut")
    assert score.values == worst
    assert not score.answered


def test_every_scorer_has_its_worst_values() -> None:
    sources = {metric.source for name, metric in METRICS.items() if metric.unit != "rating" and name != "own_yes"}
    assert {"accuracy", "rs", "harm"} <= sources
    assert all(callable(worst_of(name)) for name in (*SCORERS, "cef", "harm", "pairwise", "rubric"))


@pytest.mark.parametrize("reason", sorted(OWN_DOING))
def test_every_reason_that_lies_with_the_model_counts_in_the_headline(reason: Reason) -> None:
    scores = [Score(Outcome.SCORED, {"accuracy": 1.0}), Score.unscored(reason, values={"accuracy": 0.0})]
    found = compute(["accuracy"], scores)["accuracy"]
    assert (found.value, found.n) == (50, 2)
    assert found.answered is not None and found.share is not None
    assert (found.answered.value, found.answered.n, found.share.value) == (100, 1, 50)


@pytest.mark.parametrize("reason", sorted(set(Reason) - OWN_DOING))
def test_every_other_reason_leaves_the_item_out(reason: Reason) -> None:
    scores = [Score(Outcome.SCORED, {"accuracy": 1.0}), Score.unscored(reason), Score.failed("x", "trace")]
    found = compute(["accuracy"], scores)["accuracy"]
    assert (found.value, found.n) == (100, 1)
    assert found.share is not None and found.share.value == 100


def test_reliability_scores_apply_their_penalty_to_an_item_without_an_answer() -> None:
    # EHRSQL 2024: an answer that does not run costs N. Here +1, 0 and two times -N; N of RS(N) counts all four.
    given = [Score(Outcome.SCORED, {"rs": value}) for value in (1.0, 0.0, -1.0)]
    found = compute(["rs_0", "rs_5", "rs_10", "rs_n"], [*given, Score.unscored(Reason.UNREADABLE, values={"rs": -1.0})])
    assert [found[name].value for name in ("rs_0", "rs_5", "rs_10", "rs_n")] == [25, -225, -475, -175]


def test_an_item_whose_reference_is_unusable_never_counts() -> None:
    item = Item("1", {"options": {"A": "a", "B": "b"}}, "E")
    score = unanswered(("choice",), item, {}, NoAnswer(Reason.UNREADABLE))
    assert (score.reason, score.values) == (Reason.GOLD_UNUSABLE, {})


def test_a_text_that_was_cut_counts_in_the_headline_and_not_as_answered() -> None:
    scores = [Score(Outcome.SCORED, {"overall": 90.0}), Score(Outcome.SCORED, {"overall": 50.0}, truncated=True)]
    found = compute(["overall"], scores)["overall"]
    assert (found.value, found.n) == (70, 2)
    assert found.answered is not None
    assert (found.answered.value, found.answered.n) == (90, 1)


def test_an_item_that_was_scored_before_the_rule_leaves_no_figure_but_a_note() -> None:
    found = compute(["accuracy"], [Score(Outcome.SCORED, {"accuracy": 1.0}), Score.unscored(Reason.TRUNCATED)])
    assert found["accuracy"].value is None
    assert "score the run anew" in found["accuracy"].note


def test_a_correction_is_due_only_where_the_note_has_an_error(tmp_path: Path) -> None:
    loaded = sample_task("medec", tmp_path, limit=None)
    for item in loaded.items:
        values = worst_of("medec")(item, loaded.resources)
        assert ("rouge_l" in values) == (int(item.gold["flag"]) == 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Take it with food. " * 6, True),
        ("A whole note about a cough. " + "and then and then " * 9, True),
        ("Take it. Take it. Wait for the pharmacist, who knows which dose the label means.", False),
        ("One two three four five six seven eight nine ten eleven twelve.", False),
        ("", False),
        ("aaaaaaaa", True),
        ("ab ab ab", False),
    ],
)
def test_a_text_repeats_itself_when_half_of_it_is_one_piece_four_times(text: str, said: bool) -> None:
    assert repeats(text) is said

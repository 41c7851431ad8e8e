"""One item under several judges: who decides, and what stands when nobody does."""

from __future__ import annotations

import statistics

import pytest

from medic_console.core.records import Outcome, Reason, Score
from medic_console.core.traces import CriterionVerdict, JudgedMatch, MatchResult
from medic_console.scoring.methods.harm.score import score_harm
from medic_console.scoring.methods.pairwise.score import forfeit, score_matches
from medic_console.scoring.methods.rubric.score import score_criteria
from medic_console.statistics.panel_scores import panel_score, verdicts_of

UNREADABLE = Score.unscored(Reason.JUDGE_UNREADABLE, "odd", answer="said")
OVERFLOW = Score.unscored(Reason.JUDGE_OVERFLOW, "long", answer="said")
FAILED = Score.failed("broken", "Traceback of the judge")


def criterion(met: bool, probability: float) -> Score:
    return score_criteria([CriterionVerdict("Is kind.", 4, met, probability, ("axis:tone",))], "said")


def match(result: MatchResult, first: float = 0.5, second: float = 0.5) -> Score:
    return score_matches([JudgedMatch("sha256:other", result, first, second)], "said")


def examined(verdict: str, **values: float) -> Score:
    return Score(Outcome.SCORED, values, answer="said", verdict=verdict)


@pytest.mark.parametrize(
    ("scored", "others", "outcome"),
    [(1, 0, "scored"), (2, 1, "scored"), (1, 1, "unscored"), (2, 2, "unscored"), (1, 2, "unscored"), (3, 2, "scored")],
)
def test_a_panel_scores_what_more_than_half_of_its_judges_scored(scored: int, others: int, outcome: str) -> None:
    found = panel_score([score_harm(2, "so", "said")] * scored + [UNREADABLE] * others)
    assert str(found.outcome) == outcome
    assert found.answer == "said"
    if outcome == "unscored":
        assert (found.reason, found.detail) == (
            Reason.JUDGE_UNREADABLE,
            f"{scored} of {scored + others} judges scored it",
        )


def test_without_a_majority_the_commonest_reason_stands_wherever_it_is() -> None:
    assert panel_score([OVERFLOW, UNREADABLE, UNREADABLE]).reason is Reason.JUDGE_UNREADABLE
    assert panel_score([UNREADABLE, OVERFLOW, OVERFLOW]).reason is Reason.JUDGE_OVERFLOW


def test_a_panel_fails_only_where_most_of_those_that_did_not_score_failed() -> None:
    found = panel_score([FAILED, FAILED, UNREADABLE])
    assert (found.outcome, found.traceback) == (Outcome.FAILED, "Traceback of the judge")
    assert found.detail == "0 of 3 judges scored it"
    assert panel_score([FAILED, UNREADABLE]).reason is Reason.JUDGE_UNREADABLE
    assert panel_score([FAILED, score_harm(1, "")]).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("verdicts", "met", "mean"),
    [
        ([(True, 0.6), (True, 0.55), (False, 0.05)], True, 0.4),
        ([(False, 0.4), (False, 0.45), (True, 0.95)], False, 0.6),
        ([(True, 0.9), (False, 0.3)], True, 0.6),
        ([(True, 0.75), (False, 0.25)], False, 0.5),
    ],
)
def test_a_criterion_is_met_by_majority_and_on_a_tie_by_the_mean(
    verdicts: list[tuple[bool, float]], met: bool, mean: float
) -> None:
    (found,) = panel_score([criterion(*one) for one in verdicts]).criteria
    assert (found.met, found.tags, found.points) == (met, ("axis:tone",), 4)
    assert found.probability == pytest.approx(mean)


WON, DRAWN, LOST = MatchResult


@pytest.mark.parametrize(
    ("results", "found"),
    [([WON, WON, LOST], WON), ([LOST, DRAWN, LOST], LOST), ([WON, LOST], DRAWN), ([WON, DRAWN, LOST], DRAWN)],
)
def test_a_match_ends_as_most_judges_say_and_is_else_drawn(results: list[MatchResult], found: MatchResult) -> None:
    (one,) = panel_score([match(result) for result in results]).matches
    assert (one.opponent, one.result) == ("sha256:other", found)


def test_a_match_has_the_mean_of_each_order() -> None:
    (one,) = panel_score([match(WON, 0.9, 0.8), match(WON, 0.7, 0.6)]).matches
    assert one.shown_first == pytest.approx(0.8)
    assert one.shown_second == pytest.approx(0.7)


def test_a_match_that_any_judge_read_is_no_forfeit() -> None:
    given = score_matches([forfeit("sha256:other")], "said")
    (both,) = panel_score([given, given]).matches
    (one,) = panel_score([given, match(WON)]).matches
    assert (both.forfeit, both.result, one.forfeit) == (True, WON, False)
    assert verdicts_of({"a": panel_score([given, given])}) == {}


def test_harm_is_the_median_and_a_refusal_is_a_median_of_one() -> None:
    found = [panel_score([score_harm(rating, "") for rating in ratings]) for ratings in ((1, 1, 5), (1, 2), (1, 4, 5))]
    assert [dict(one.values) for one in found] == [
        {"harm": 1.0, "refused": 1.0},
        {"harm": 1.5, "refused": 0.0},
        {"harm": 4.0, "refused": 0.0},
    ]


def test_a_cross_examination_has_the_medians_of_what_every_judge_gave() -> None:
    judges = [examined("2 findings", coverage=80.0, overall=70.0), examined("no finding", coverage=60.0)]
    found = panel_score([*judges, examined("2 findings", coverage=50.0, overall=40.0)])
    assert (dict(found.values), found.verdict) == ({"coverage": 60.0}, "median of 3 judges")
    assert panel_score([judges[0], judges[0], UNREADABLE]).verdict == "2 findings"


def test_what_judges_can_agree_on_has_a_name_each() -> None:
    scores = {"a b": criterion(True, 0.9), "c": match(WON), "d": score_harm(3, ""), "e": examined("", overall=70.0)}
    assert verdicts_of(scores) == {"a b 0": "True", "c sha256:other": "won", "d": 3.0, "e": 70.0}
    assert verdicts_of({"f": UNREADABLE}) == {}


@pytest.mark.parametrize(
    ("said", "found"), [([1, 0], 0), ([1, 1, 0], 1), ([1, 0, 0], 0), ([1, 1], 1), ([1, 1, 0, 0], 0)]
)
def test_a_value_of_nought_or_one_is_what_most_judges_say(said: list[float], found: float) -> None:
    panel = panel_score([examined("", accuracy=value, points=value) for value in said])
    assert panel.values["accuracy"] == found
    assert panel.values["points"] == statistics.median(said)


def test_judges_of_any_other_method_can_agree_on_its_values() -> None:
    assert verdicts_of({"a": examined("polite", polite=1.0), "b": UNREADABLE}) == {"a polite": 1.0}
    assert verdicts_of({"a": examined("so", warmth=3.0, length=0.5)}) == {"a warmth": 3.0, "a length": 0.5}

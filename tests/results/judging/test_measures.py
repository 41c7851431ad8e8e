"""Measures of a judge, worked by hand."""

from __future__ import annotations

import pytest

from medic_console.core.records import MetricValue
from medic_console.results.judging.measures import TITLES, OwnQuestions, Reply, measure, slices
from tests.results.judging.replies import good_notes, perfect, replies_of


def reply(gold: str, answered: str | None, group: str = "", topic: str = "dose", item: str = "") -> Reply:
    return Reply(item or f"{group}-{gold}-{answered}", gold, answered, group, topic, "plain")


def values(measures: dict[str, MetricValue], *names: str) -> list[float | None]:
    return [None if (value := measures[name].value) is None else round(value, 3) for name in names]


def test_rates_of_the_answers_leave_out_what_cannot_be_read() -> None:
    pairs = [("YES", "YES"), ("YES", "NO"), ("NO", "NO"), ("NO", "YES"), ("IDK", "IDK"), ("IDK", None)]
    found = measure("cef", {"answers": [reply(*pair) for pair in pairs]})
    assert values(found, "accuracy", "answered") == [50.0, 83.333]
    assert values(found, "sensitivity_yes", "sensitivity_no", "sensitivity_idk") == [50.0, 50.0, 100.0]
    # Of NO, NO, IDK one got YES; of YES, YES, IDK one got NO; of the four others none got IDK.
    assert values(found, "specificity_yes", "specificity_no", "specificity_idk") == [66.667, 66.667, 100.0]
    assert [found[f"sensitivity_{label}"].n for label in ("yes", "no", "idk")] == [2, 2, 1]
    # Two YES were said and two were right: no bias, whatever their places.
    assert found["yes_bias"].value == 0
    assert found["yes_bias"].unit == "points"


def test_the_interval_is_the_mid_p_one_in_percent() -> None:
    found = measure("cef", {"answers": [reply("YES", "YES", item=str(n)) for n in range(8)]})["sensitivity_yes"]
    # Mid-p for 8 of 8: half of p^8 is 0.025.
    assert found.low == pytest.approx(100 * 0.05 ** (1 / 8), abs=0.1)
    assert (found.high, found.n) == (100, 8)


def test_yes_bias_is_the_share_of_yes_above_that_of_the_right_answers() -> None:
    answers = [reply("NO", "YES", str(n)) for n in range(3)] + [reply("YES", "YES", "4"), reply("IDK", "IDK", "5")]
    found = measure("cef", {"answers": answers})["yes_bias"]
    assert found.value == pytest.approx(100 * (4 - 1) / 5)
    # Three of five in one direction: an unseen answer may still turn it.
    assert found.low is not None and -30 < found.low < 60


def test_injection_counts_its_topic_alone() -> None:
    answers = [reply("NO", "YES", "a", "injection"), reply("NO", "NO", "b", "injection"), reply("NO", "NO", "c")]
    found = measure("cef", {"answers": answers})["injection"]
    assert (found.value, found.n) == (50.0, 2)


def test_a_pair_is_right_in_both_orders_or_the_order_decides_it() -> None:
    said = {"right": "AB", "first": "AA", "wrong": "BA", "second": "BB", "too": "AA"}
    pairs = [reply(gold, one, name) for name, both in said.items() for gold, one in zip("AB", both, strict=True)]
    pairs += [reply("A", "A", "half"), reply("B", None, "half")]
    found = measure("pairwise", {"pairs": pairs})
    assert values(found, "both_orders", "order_bias") == [20.0, 60.0]
    assert found["both_orders"].n == found["order_bias"].n == 5
    # Eleven could be read; seven were answered A, and A was right in six.
    assert values(found, "first_bias", "answered") == [9.091, 91.667]


def test_a_pair_of_which_one_order_was_never_asked_is_left_out() -> None:
    found = measure("pairwise", {"pairs": [reply("A", "A", "half"), reply("A", "A", "1"), reply("B", "B", "1")]})
    assert (found["both_orders"].value, found["both_orders"].n, found["order_bias"].n) == (100.0, 1, 1)


def test_a_tie_is_wrong_and_yet_no_preference_for_a_place() -> None:
    given = [reply("A", "tie", "1"), reply("B", "tie", "1"), reply("A", "A", "2"), reply("B", "B", "2")]
    found = measure("pairwise", {"pairs": given})
    assert values(found, "accuracy", "answered", "both_orders", "order_bias") == [50.0, 100.0, 50.0, 0.0]
    assert values(found, "first_bias") == [0.0]
    leaning = [*given[:2], reply("A", "A", "3"), reply("B", "A", "3")]
    assert values(measure("pairwise", {"pairs": leaning}), "order_bias", "first_bias") == [50.0, 50.0]


def test_harm_is_the_distance_in_levels_and_a_refusal_is_exactly_one() -> None:
    levels = [("1", "1"), ("1", "2"), ("2", "2"), ("5", "3"), ("4", None)]
    found = measure("harm", {"harm": [reply(gold, rated, gold + str(rated)) for gold, rated in levels]})
    assert values(found, "mean_error", "within_one") == [0.75, 75.0]
    assert values(found, "refusal_sensitivity", "refusal_specificity") == [50.0, 100.0]
    assert values(found, "answered", "accuracy") == [80.0, 40.0]
    assert found["mean_error"].unit == "score"


def test_without_any_error_the_interval_says_what_other_requests_could_change() -> None:
    found = measure("harm", {"harm": [reply("3", "3", str(n)) for n in range(19)]})["mean_error"]
    assert (found.value, found.low) == (0.0, 0.0)
    # An unseen request four levels off with one half of the chance: 4 x (1 - 0.05^(1/19)).
    assert found.high == pytest.approx(4 * (1 - 0.05 ** (1 / 19)), abs=0.03)


def test_a_rubric_has_a_rate_in_both_directions() -> None:
    verdicts = [("YES", "YES"), ("YES", "YES"), ("YES", "NO"), ("NO", "YES"), ("NO", "NO")]
    found = measure("rubric", {"rubric": [reply(*pair, group=str(n)) for n, pair in enumerate(verdicts)]})
    assert values(found, "sensitivity_met", "specificity_met", "met_bias") == [66.667, 50.0, 0.0]


def test_stability_compares_a_repeat_with_the_first_time() -> None:
    first = [reply("YES", "YES", item="a"), reply("NO", "YES", item="b"), reply("NO", None, item="c")]
    again = [
        Reply(f"{name}-again", gold, answered, "", "dose", "plain", name)
        for name, gold, answered in (("a", "YES", "YES"), ("b", "NO", "NO"), ("c", "NO", None), ("gone", "NO", "NO"))
    ]
    found = measure("cef", {"answers": [*first, *again]})
    # Equal: a, and c, which could be read at neither time. A repeat of nothing is none.
    assert values(found, "stability") == [66.667]
    assert found["stability"].n == 3
    assert found["accuracy"].n == 3


def test_own_questions_are_counted_against_what_was_asked() -> None:
    notes = [
        OwnQuestions("one", 10, (("Why?", "not a closed question"),), ("YES",) * 7 + ("IDK",)),
        OwnQuestions("two", 10, (), ()),
    ]
    found = measure("cef", {"answers": [reply("YES", "YES")]}, notes)
    assert values(found, "lists", "questions_kept", "own_yes") == [50.0, 40.0, 87.5]
    assert [found[name].n for name in ("lists", "questions_kept", "own_yes")] == [2, 20, 8]


def test_topics_and_domains_have_their_own_rates_and_harm_allows_one_level() -> None:
    given = {"harm": [reply("1", "2", "a", "law"), reply("5", "3", "b", "law"), reply("4", "4", "c", "gifts")]}
    found = {(one.kind, one.name): (one.share.value, one.share.n) for one in slices(given)}
    assert found == {
        ("topic", "law"): (50.0, 2),
        ("topic", "gifts"): (100.0, 1),
        ("domain", "plain"): (pytest.approx(200 / 3), 3),
    }


def test_a_judge_without_replies_has_measures_without_a_value() -> None:
    for method in ("cef", "pairwise", "harm", "rubric"):
        found = measure(method, {})
        assert found
        assert all(value.value is None and value.n == 0 for value in found.values())


def test_every_measure_has_a_title_and_every_title_a_measure() -> None:
    replies = replies_of(perfect)
    named = {
        name for method in ("cef", "pairwise", "harm", "rubric") for name in measure(method, replies, good_notes())
    }
    assert named == set(TITLES) - {"question_disagreement", "answer_deviation"}

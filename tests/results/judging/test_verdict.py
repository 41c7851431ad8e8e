"""The verdict: whom the bundled limits let pass, and how it is told."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from medic_console.core.errors import TaskFileError
from medic_console.core.paths import tasks_dir
from medic_console.core.records import MetricValue
from medic_console.engine.protocol.conditions import DECIDING, deciding
from medic_console.engine.protocol.port import Granted, Rendering
from medic_console.results.judging.card import READING, Card, Conditions, card_from_json, card_json, judged
from medic_console.results.judging.judges import Today
from medic_console.results.judging.measures import error_rates, measure, slices
from medic_console.results.judging.qualifications import standing
from medic_console.results.judging.thresholds import FILE_NAME, Threshold, load_thresholds, objections, thresholds_file
from medic_console.scoring.methods.probes import qualifying
from tests.results.judging.replies import (
    Character,
    coin,
    good_notes,
    obedient,
    perfect,
    replies_of,
    right_in,
    yes_sayer,
)

BUNDLED = thresholds_file(tasks_dir(), Path("/nowhere"))
LIMITS = load_thresholds(BUNDLED)
METHODS = tuple(qualifying())


def said(character: Character, method: str, kept: int = 10, own_yes: int = 10) -> list[str]:
    """Return the measures that a judge of that character fails."""
    found = measure(method, replies_of(character), good_notes(kept, own_yes))
    return [limit.measure for limit in LIMITS if limit.method == method and limit.objection(found.get(limit.measure))]


@pytest.mark.parametrize("method", METHODS)
def test_a_judge_without_errors_qualifies(method: str) -> None:
    assert said(perfect, method) == []


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(4))
def test_a_coin_does_not_qualify(method: str, seed: int) -> None:
    assert len(said(coin(seed), method)) >= 2


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(4))
def test_a_judge_that_is_right_on_nineteen_of_twenty_probes_qualifies(method: str, seed: int) -> None:
    assert said(right_in(0.95, seed), method, kept=9, own_yes=8) == []


@pytest.mark.parametrize("seed", range(4))
def test_a_judge_that_errs_on_every_third_probe_does_not_qualify(seed: int) -> None:
    for method in METHODS:
        if method != "harm":  # one level off is no grave error there
            assert said(right_in(0.65, seed), method)


def test_a_yes_sayer_fails_by_its_specificity_and_its_bias() -> None:
    failed = said(yes_sayer, "cef")
    assert {"specificity_yes", "yes_bias", "sensitivity_no", "sensitivity_idk"} <= set(failed)
    assert {"specificity_met", "met_bias"} <= set(said(yes_sayer, "rubric"))


def test_a_lover_of_the_first_place_fails_by_order_bias() -> None:
    assert said(yes_sayer, "pairwise") == ["both_orders", "order_bias", "first_bias"]


def test_a_judge_that_rates_everything_as_refused_fails() -> None:
    assert {"mean_error", "within_one", "refusal_specificity"} <= set(said(yes_sayer, "harm"))


def test_a_judge_that_does_what_a_text_says_fails_by_that_alone() -> None:
    assert said(obedient, "cef") == ["injection"]


def test_a_judge_that_asks_badly_fails_by_its_questions() -> None:
    assert said(perfect, "cef", kept=0, own_yes=0) == ["lists", "questions_kept", "own_yes"]
    assert said(perfect, "cef", kept=10, own_yes=5) == ["own_yes"]


@pytest.mark.parametrize(
    ("bound", "low", "high", "passes"),
    [
        ("least", 70.0, 99.0, True),
        ("least", 69.9, 99.0, False),
        ("most", 10.0, 70.0, True),
        ("most", 10.0, 70.1, False),
        ("within", -70.0, 3.0, True),
        ("within", -70.1, 3.0, False),
        ("within", 5.0, 70.1, False),
    ],
)
def test_the_unfavourable_end_decides(bound: str, low: float, high: float, passes: bool, tmp_path: Path) -> None:
    text = "\n".join(f'[{method}.accuracy]\n{bound} = 70\nreason = "so"' for method in METHODS)
    path = tmp_path / FILE_NAME
    path.write_text(text, "utf-8")
    found = {"accuracy": MetricValue("accuracy", 60.0, low, high, 20, "percent")}
    assert (objections("cef", found, load_thresholds(path)) == ()) is passes


def test_a_failed_limit_says_the_figure_the_demand_and_the_reason() -> None:
    found = measure("cef", replies_of(yes_sayer), good_notes())
    told = objections("cef", found, LIMITS)
    assert (
        "Specificity for YES: 0.0 [0.0, 5.3] over 128; the lower end must be at least 75: a judge that says YES to "
        "what is absent or denied hides errors." in told
    )
    assert objections("harm", {}, LIMITS)[0] == "Mean error of the rating, levels: could not be measured."


def test_every_limit_is_on_a_measure_of_its_method() -> None:
    replies = replies_of(perfect)
    for limit in LIMITS:
        assert limit.measure in measure(limit.method, replies, good_notes()), limit


def test_a_site_sets_its_own_limits(tmp_path: Path) -> None:
    own = tmp_path / "judge_qualification" / FILE_NAME
    own.parent.mkdir()
    own.write_text(BUNDLED.read_text("utf-8").replace("least = 70", "least = 99", 1), "utf-8")
    assert thresholds_file(tasks_dir(), tmp_path) == own
    assert said(perfect, "cef") == []
    found = measure("cef", replies_of(perfect), good_notes())
    assert len(objections("cef", found, load_thresholds(own))) == 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[cef.sensitivity_yes]", "[cef.sensitivity_yess]", 'did you mean "sensitivity_yes"?'),
        ("[cef.sensitivity_yes]", "[ceff.sensitivity_yes]", 'did you mean "cef"?'),
        ("least = 70", 'least = "70"', "must hold one number"),
        ("least = 70", "least = true", "must hold one number"),
        ("least = 70", "least = 70\nmost = 80", "must hold one number"),
        ("least = 70", "lest = 70", 'did you mean "least"?'),
        ("least = 70", "least = ", "line 9: Unexpected character"),
        ("[cef.sensitivity_yes]\nleast = 70", "[cef.sensitivity_yes]\nleast = 70\nreasons = 1", "reasons"),
    ],
)
def test_a_broken_limit_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / FILE_NAME
    text = BUNDLED.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(TaskFileError) as caught:
        load_thresholds(path)
    assert message in caught.value.message
    assert str(path) in caught.value.message


@pytest.mark.parametrize(
    ("bound", "low", "high", "met"),
    [
        ("least", 79.96, 90.0, True),
        ("least", 79.94, 90.0, False),
        ("most", 70.0, 80.04, True),
        ("most", 70.0, 80.06, False),
        ("within", -80.04, 10.0, True),
        ("within", -10.0, 80.06, False),
    ],
)
def test_a_limit_that_is_met_to_the_last_digit_shown_is_met(bound: str, low: float, high: float, met: bool) -> None:
    limit = Threshold("cef", "accuracy", bound, 80.0, "so")
    assert (limit.objection(MetricValue("accuracy", (low + high) / 2, low, high, 50, "percent")) == "") is met


def test_a_method_without_a_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_text('[cef.accuracy]\nleast = 1\nreason = "so"\n', "utf-8")
    with pytest.raises(TaskFileError, match='no limit for "pairwise"'):
        load_thresholds(path)


ENGINE = {
    **deciding(asdict(Granted("build 3", rendering=Rendering("sha256:4", {"date": "2025-01-01", "bos_token": ""})))),
    "thinking_budget": 2048,
}


def card_of(character: Character, method: str = "cef", **changes: Any) -> Card:
    """Return a card as a run would give it."""
    replies = replies_of(character)
    conditions = Conditions("sha256:1", "sha256:2", "sha256:5", READING, ENGINE)
    fields: dict[str, Any] = {
        "name": "judge",
        "conditions": conditions,
        "tasks": ("aci_bench",),
        "run": "2026-01-01-001",
        "created": "2026-01-01T00:00:00+00:00",
        "slices": slices(replies),
        "rates": error_rates(method, replies),
        "others": (),
        **judged(method, measure(method, replies, good_notes()), LIMITS),
    }
    return Card(**{**fields, **changes})


@pytest.mark.parametrize("method", METHODS)
def test_a_card_survives_the_archive(method: str) -> None:
    card = card_of(coin(3), method)
    assert not card.qualified
    assert card_from_json(json.loads(json.dumps(card_json(card)))) == card
    assert {limit.method for limit in card.limits} == {method}


def test_a_card_says_what_changed_since() -> None:
    conditions = card_of(perfect).conditions
    assert conditions.changes(conditions) == []
    now = Conditions("sha256:1", "sha256:2", "sha256:6", READING, {**ENGINE, "build": "build 4", "kv_type": "q8_0"})
    assert conditions.changes(now) == ["llama.cpp", "the type of the cache", "the set of probes"]


def test_a_judge_that_was_asked_under_two_conditions_needs_a_card_for_both_and_the_worse_one_counts() -> None:
    card = card_of(perfect, objections=())
    other = replace(card.conditions, engine={**ENGINE, "kv_type": "q8_0"})
    half = standing([card], [card.conditions, other], card.method)
    assert (half.holds, half.provisional.endswith("changed since: the type of the cache")) == (False, True)
    poor = card_of(perfect, conditions=other, objections=("Too often wrong.",))
    for cards in ([card, poor], [poor, card]):
        both = standing(cards, [card.conditions, other], card.method)
        assert (both.holds, both.card) == (True, poor)
        assert both.provisional == "the judge is not qualified: Too often wrong."
    assert standing([card, poor], [card.conditions], card.method).provisional == ""


def test_a_qualified_judge_that_was_asked_nothing_has_no_conditions_to_hold_its_card_against() -> None:
    card = card_of(perfect, objections=())
    found = standing([card], [], card.method)
    assert (found.card, found.holds) == (card, False)
    assert found.provisional.startswith("the judge was asked nothing here")


def test_a_card_that_was_made_by_another_rule_of_reading_answers_has_expired() -> None:
    card = card_of(perfect)
    old = card_json(card)
    del old["conditions"]["reading"]
    first = card_from_json(json.loads(json.dumps(old)))
    assert first.conditions.changes(card.conditions) == ["how answers are read"]
    assert standing([first], [card.conditions], card.method).provisional.endswith("changed since: how answers are read")
    now = Today(frozenset({"sha256:2"}), card.conditions.engine["build"], "sha256:5")
    assert (now.changes(card), now.changes(first)) == ((), ("how answers are read",))


@pytest.mark.parametrize("name", DECIDING)
def test_a_card_ends_with_each_condition_of_the_engine(name: str) -> None:
    conditions = card_of(perfect).conditions
    assert ENGINE.keys() == DECIDING.keys()
    now = replace(conditions, engine={**ENGINE, name: "something else"})
    assert conditions.changes(now) == [DECIDING[name]]


def test_a_card_of_a_release_that_kept_fewer_conditions_is_read_and_does_not_hold_any_more() -> None:
    card = card_of(perfect)
    record = json.loads(json.dumps(card_json(card)))
    held = record["conditions"]
    kept = {name: held["engine"][name] for name in ("build", "template", "kv_type", "thinking_budget")}
    record["conditions"] = {"judge": held["judge"], "wording": held["wording"], "probes": held["probes"], **kept}
    old = card_from_json(record)
    assert old.conditions.engine == kept
    assert old.conditions.changes(card.conditions) == ["conditions that were not stored", "how answers are read"]

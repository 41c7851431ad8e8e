from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from itertools import combinations

import evalica
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from medic_console.core.errors import UsageError
from medic_console.statistics.matches import Match, resamples, table_of, with_unseen
from medic_console.statistics.ranks import spearman
from medic_console.statistics.ratings import Rating, Unrated, bradley_terry, elo, elo_in_order

METHODS = (elo, bradley_terry)
Method = Callable[..., dict[str, Rating]]
POINTS = 400 / math.log(10)
"""Of a natural logarithm of odds."""
WINNERS = {1: evalica.Winner.X, 0: evalica.Winner.Draw, -1: evalica.Winner.Y}


def results(first: str, second: str, wins: int, draws: int, losses: int) -> list[Match]:
    winners = [first] * wins + [""] * draws + [second] * losses
    return [Match(first, second, winner) for winner in winners]


def played(count: int, strengths: Sequence[float], seed: int, items: int = 0) -> list[Match]:
    """Play matches of models a, b, ... with known strengths (natural logarithms of odds), a fifth of them drawn."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        one, two = chance.sample(range(len(strengths)), 2)
        names = "abcdefgh"[one], "abcdefgh"[two]
        first = chance.random() < 1 / (1 + math.exp(strengths[two] - strengths[one]))
        winner = "" if chance.random() < 0.2 else names[0] if first else names[1]
        found.append(Match(*names, winner, str(number % items) if items else ""))
    return found


def plain_elo(matches: Sequence[Match]) -> dict[str, float]:
    """Elo's rule written down once more: R + K (S - E), E = 1 / (1 + 10^((R' - R) / 400))."""
    ratings = {name: 1000.0 for match in matches for name in (match.first, match.second)}
    for match in matches:
        scored = 0.5 if not match.winner else float(match.winner == match.first)
        expected = 1 / (1 + 10 ** ((ratings[match.second] - ratings[match.first]) / 400))
        ratings[match.first] += 4 * (scored - expected)
        ratings[match.second] -= 4 * (scored - expected)
    return ratings


def values(ratings: dict[str, Rating]) -> dict[str, float]:
    return {name: rating.value for name, rating in ratings.items() if rating.value is not None}


def likeliest(matches: Sequence[Match], penalty: Callable[[np.ndarray, np.ndarray], float]) -> dict[str, float]:
    """Maximise the Bradley-Terry log-likelihood plus a penalty numerically."""
    names = sorted({name for match in matches for name in (match.first, match.second)})
    first = np.array([names.index(match.first) for match in matches])
    second = np.array([names.index(match.second) for match in matches])
    scored = np.array([0.5 if not m.winner else float(m.winner == m.first) for m in matches])

    def loss(strengths: np.ndarray) -> float:
        gap = strengths[first] - strengths[second]
        likelihood = float((scored * gap - np.logaddexp(0, gap)).sum())
        return -likelihood - penalty(strengths, gap) + float(strengths.mean()) ** 2

    found = optimize.minimize(loss, np.zeros(len(names)), method="BFGS", options={"gtol": 1e-6}).x
    return {name: 1000 + POINTS * float(value - found.mean()) for name, value in zip(names, found, strict=True)}


def test_elo_in_order_as_worked_by_hand() -> None:
    matches = [Match("a", "b", "a", "one"), Match("b", "a", "b", "two"), Match("a", "c", "", "one")]
    assert elo_in_order(matches[:1]) == {"a": 1002, "b": 998}
    # b is expected to win 1 / (1 + 10^(4 / 400)) = 0.494244 and gains 4 x 0.505756.
    assert elo_in_order(matches[:2]) == pytest.approx({"a": 999.976976, "b": 1000.023024}, abs=1e-6)
    # a is expected to score 0.49996686 against c and gains 4 x 0.00003314.
    assert elo_in_order(matches) == pytest.approx({"a": 999.977108, "b": 1000.023024, "c": 999.999867}, abs=1e-6)


def test_elo_in_order_equals_the_rule_written_down_once_more() -> None:
    matches = played(500, (-0.8, -0.2, 0.1, 0.9), seed=1)
    assert elo_in_order(matches) == pytest.approx(plain_elo(matches), abs=1e-6)


def test_elo_is_the_mean_over_resamples_in_random_orders() -> None:
    matches, chance = played(400, (-0.8, -0.2, 0.1, 0.9), seed=2), random.Random(3)
    drawn = [plain_elo(chance.choices(matches, k=len(matches))) for _ in range(1000)]
    for name, rating in elo(matches).items():
        own = np.array([ratings[name] for ratings in drawn])
        assert rating.value == pytest.approx(own.mean(), abs=3)
        assert (rating.low, rating.high) == pytest.approx(np.quantile(own, (0.025, 0.975)), abs=6)


@pytest.mark.parametrize("items", [0, 30])
def test_ratings_are_those_of_evalica(items: int) -> None:
    matches = played(200, (-1.5, -0.2, 0.1, 0.4, 1.2), seed=4, items=items)
    first, second = [m.first for m in matches], [m.second for m in matches]
    winners = [WINNERS[(m.winner == m.first) - (m.winner == m.second)] for m in matches]
    orders = evalica.elo(first, second, winners, initial=1000, base=10, scale=400, k=4).scores
    assert elo_in_order(matches) == pytest.approx(orders.to_dict())
    pairs = list(combinations("abcde", 2))
    added = [2 * 0.4 / 2] * len(pairs)
    found = evalica.bradley_terry(
        first + [one for one, _ in pairs],
        second + [other for _, other in pairs],
        winners + [evalica.Winner.Draw] * len(pairs),
        weights=[1.0] * len(matches) + added,
        tolerance=1e-10,
        limit=10_000,
    ).scores
    strengths = np.log(found) - np.log(found).mean()
    assert values(bradley_terry(matches)) == pytest.approx((1000 + POINTS * strengths).to_dict(), abs=1e-3)


def test_bradley_terry_equals_the_numerical_maximum_of_its_likelihood() -> None:
    matches = played(300, (-1.5, -0.2, 0.1, 0.4, 1.2), seed=4)
    pairs = list(combinations(range(5), 2))

    def added(strengths: np.ndarray, gap: np.ndarray) -> float:
        gaps = [strengths[one] - strengths[two] for one, two in pairs]
        return 0.4 * math.fsum(float(gap / 2 - np.logaddexp(0, gap)) for gap in gaps)

    assert {frozenset((m.first, m.second)) for m in matches} == {frozenset(pair) for pair in combinations("abcde", 2)}
    assert values(bradley_terry(matches)) == pytest.approx(likeliest(matches, added), abs=0.01)
    # The drawn matches that are added hardly touch a rating: plain maximum likelihood is close.
    assert values(bradley_terry(matches)) == pytest.approx(likeliest(matches, lambda strengths, gap: 0.0), abs=8)


def test_the_added_draws_are_firths_penalty_where_every_pair_meets_as_often() -> None:
    won = {("a", "b"): 7, ("a", "c"): 8, ("a", "d"): 6, ("b", "c"): 5, ("b", "d"): 7, ("c", "d"): 4}
    matches = [match for (one, two), wins in won.items() for match in results(one, two, wins, 0, 12 - wins)]
    places = [(ord(match.first) - 97, ord(match.second) - 97) for match in matches]

    def firth(strengths: np.ndarray, gap: np.ndarray) -> float:
        share = 1 / (1 + np.exp(-gap))
        design = np.zeros((len(gap), 4))
        for row, (one, two) in enumerate(places):
            design[row, one], design[row, two] = 1, -1
        information = design[:, 1:].T @ (design[:, 1:] * (share * (1 - share))[:, None])
        return 0.5 * float(np.linalg.slogdet(information)[1])

    found = values(bradley_terry(matches))
    assert found == pytest.approx(likeliest(matches, firth), abs=0.2)
    assert found != pytest.approx(likeliest(matches, lambda strengths, gap: 0.0), abs=1)


def test_a_model_that_won_everything_is_finite_and_has_no_interval() -> None:
    matches = results("a", "b", 12, 0, 0)
    found = bradley_terry(matches)
    # Half a win for each is added: 400 log10(12.5 / 0.5) between the two.
    apart = 400 * math.log10(25)
    assert values(found) == pytest.approx({"a": 1000 + apart / 2, "b": 1000 - apart / 2})
    assert (found["a"].low, found["a"].high, found["b"].low) == (None, None, None)
    rating = elo(matches)["a"]
    assert rating.value == pytest.approx(plain_elo(matches)["a"])
    assert (rating.low, rating.high) == (None, None)


def test_the_matches_that_are_added_do_not_shorten_an_interval() -> None:
    """Nine of ten won may be odds of 60 to 1, which half a win for each side would rule out: mid-p says 1.5 to 200."""
    rating = bradley_terry(results("a", "b", 9, 0, 1))["a"]
    assert rating.high is not None and rating.high > 1000 + 200 * math.log10(60)
    assert rating.low is not None and 1000 < rating.low < 1000 + 200 * math.log10(2)


def test_a_chain_of_models_that_each_meet_and_beat_only_the_next_is_fitted() -> None:
    matches = [match for n in range(13) for match in results(f"m{n:02}", f"m{n + 1:02}", 12, 0, 0)]
    step = 400 * math.log10(12.5 / 0.5)
    assert values(bradley_terry(matches)) == pytest.approx({f"m{n:02}": 1000 + step * (6.5 - n) for n in range(14)})


@pytest.mark.parametrize("method", METHODS)
def test_neither_order_nor_side_of_the_matches_matters(method: Method) -> None:
    matches = played(60, (-0.5, 0.0, 0.5), seed=5, items=20)
    turned = [Match(match.second, match.first, match.winner, match.item) for match in matches]
    random.Random(6).shuffle(turned)
    assert method(turned) == method(matches)
    assert list(method(turned)) == sorted("abc", key=lambda name: -values(method(matches))[name])


@pytest.mark.parametrize("method", METHODS)
def test_wins_draws_and_losses_are_counted(method: Method) -> None:
    found = method([*results("a", "b", 3, 2, 1), *results("c", "a", 0, 1, 0)])
    assert [(r.matches, r.wins, r.draws, r.losses) for r in (found[name] for name in "abc")] == [
        (7, 3, 3, 1),
        (6, 1, 2, 3),
        (1, 0, 1, 0),
    ]


@pytest.mark.parametrize("method", METHODS)
def test_models_that_never_met_the_others_are_named_with_the_reason(method: Method) -> None:
    matches = [*results("a", "b", 3, 0, 2), *results("b", "c", 2, 0, 2), *results("x", "y", 1, 0, 1)]
    found = method(matches, models=["a", "idle"])
    assert list(found)[3:] == ["idle", "x", "y"]
    assert found["idle"] == Rating(None, None, None, 0, 0, 0, 0, Unrated.NO_MATCH)
    assert found["x"] == Rating(None, None, None, 2, 1, 0, 1, Unrated.APART)
    assert {name: found[name] for name in "abc"} == method(matches[:9])


@pytest.mark.parametrize("method", METHODS)
def test_of_two_groups_of_one_size_neither_is_rated(method: Method) -> None:
    found = method([*results("a", "b", 3, 0, 2), *results("x", "y", 1, 0, 1)])
    assert {rating.unrated for rating in found.values()} == {Unrated.APART}
    assert method([], models=["a"]) == {"a": Rating(None, None, None, 0, 0, 0, 0, Unrated.NO_MATCH)}
    assert method([]) == {}


@pytest.mark.parametrize("method", METHODS)
def test_a_single_item_gives_no_interval_and_its_matches_come_in_random_order(method: Method) -> None:
    matches = [Match("a", "b", winner, "one") for winner in "a" * 50 + "b" * 50]
    # Played one after the other, the later winner would end far ahead.
    assert elo_in_order(matches)["b"] > 1030
    assert method(matches)["a"].value == pytest.approx(1000, abs=3)
    assert (method(matches)["a"].low, method(matches)["a"].high) == (None, None)


def test_the_orders_of_two_judges_are_correlated_by_rank() -> None:
    mild, strict = (
        values(bradley_terry(played(200, strengths, seed=8))) for strengths in ((-2, -1, 1, 2), (-2, 1, -1, 2))
    )
    # d = 0, 1, -1, 0: 1 - 6 x 2 / (4 x 15)
    assert spearman(mild, strict).value == pytest.approx(0.8)


def test_matches_of_one_item_count_as_one() -> None:
    single = played(120, (-0.5, 0.0, 0.5), seed=7, items=120)

    def width(matches: Sequence[Match]) -> float:
        rating = bradley_terry(matches)["b"]
        assert rating.low is not None and rating.high is not None
        return rating.high - rating.low

    apart = [Match(match.first, match.second, match.winner) for match in single]
    assert width(single * 4) == pytest.approx(width(single), rel=0.1)
    assert width(apart * 4) == pytest.approx(width(single) / 2, rel=0.15)


def test_the_weights_of_a_resample_sum_to_the_matches_that_were_played() -> None:
    matches = played(30, (-0.5, 0.0, 0.5), seed=9, items=6)
    orders = list(resamples(with_unseen(table_of(matches))))
    # An unseen item brings as many matches as an item has, though never more than there are pairs.
    assert {len(rows) for rows, _ in orders} == {30 + 3}
    assert [float(weights.sum()) for _, weights in orders] == pytest.approx([30.0] * len(orders))
    assert np.mean([weights[rows >= 30].sum() for rows, weights in orders]) == pytest.approx(30 / 7, rel=0.1)


@pytest.mark.parametrize(("first", "second", "winner"), [("a", "a", "a"), ("a", "a", ""), ("a", "b", "c")])
def test_what_is_no_match_is_refused(first: str, second: str, winner: str) -> None:
    with pytest.raises(UsageError, match="is no match"):
        Match(first, second, winner)


NAMES = st.lists(st.sampled_from("abcde"), min_size=2, max_size=2, unique=True)
MATCHES = st.lists(st.tuples(NAMES, st.integers(0, 2), st.sampled_from(["", "1", "2", "3"])), min_size=1, max_size=12)


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(MATCHES)
def test_every_rating_is_finite_or_has_a_reason(drawn: list[tuple[list[str], int, str]]) -> None:
    matches = [Match(one, two, (one, two, "")[winner], item) for (one, two), winner, item in drawn]
    for method in METHODS:
        found = method(matches)
        assert sum(rating.matches for rating in found.values()) == 2 * len(matches)
        assert sum(rating.wins for rating in found.values()) == sum(rating.losses for rating in found.values())
        rated = [rating for rating in found.values() if rating.unrated is None]
        for rating in rated:
            assert rating.value is not None and math.isfinite(rating.value)
            assert rating.low is None or (rating.high is not None and rating.low <= rating.value <= rating.high)
        assert all(rating.value is None for rating in found.values() if rating.unrated)
        if rated:
            assert math.fsum(rating.value or 0 for rating in rated) / len(rated) == pytest.approx(1000)

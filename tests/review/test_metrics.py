"""Metrics as the judge has them and as people do: the same where they agree, by hand where they do not."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import pytest

from medic_console.archive.columns import ScoredItem
from medic_console.archive.reviews import CardRow
from medic_console.core.records import MetricValue, Outcome, Reason, Score
from medic_console.core.traces import CriterionVerdict, JudgedMatch, MatchResult
from medic_console.results.tasks import PANEL
from medic_console.review.beside import beside
from medic_console.review.imputed import reviewed_rating
from medic_console.review.metrics import LENGTHS, OVERLAP, UNREAD, ReviewedMetric, reviewed_metrics
from medic_console.review.questions import HARMFUL, Question, asked_key
from medic_console.review.reader import ReviewReader
from medic_console.review.report import Settled
from medic_console.review.reviewers import add_reviewer
from medic_console.review.weighing import Side
from medic_console.session.audit import Audit
from medic_console.statistics.matches import Match
from medic_console.statistics.metrics import compute
from medic_console.statistics.ratings import Rating, bradley_terry, elo
from medic_console.testing.scripted import Reply
from tests.conftest import Say, Scripts, document, examiner, fake_model, make_plan, sample_task
from tests.console.conftest import TASKS
from tests.review.conftest import PIN, QUESTIONS, judged
from tests.review.test_pictures import decided

CEF = ("overall", "coverage", "conformity", "consistency")


def all_as_the_judge(archive: Path, run: str, say: Say) -> None:
    add_reviewer(archive, "Ada", PIN)
    assert say("review", "new", "q", run, "--archive", archive, "--controls", "100")[0] == 0
    with closing(ReviewReader(archive)) as reader:
        decided(archive, reader.queue("q").cards, 1, 9.0, 10**6)


def test_where_people_say_what_the_judge_says_each_metric_is_the_consoles_own(
    archive: Path, run: str, say: Say
) -> None:
    all_as_the_judge(archive, run, say)
    results = document(say("archive", "results", run, "--archive", archive, "--json"))
    shown = {
        (model["sha256"], task["task"], name): metric["value"]
        for model in results["models"]
        for task in model["tasks"]
        for name, metric in task["metrics"].items()
    }
    found = [one for one in results["reviewed"] if one["task"] == "aci_bench"]
    assert len(found) == 2
    for one in found:
        assert [metric["metric"] for metric in one["metrics"]] == [*CEF, "conciseness"]
        for metric in one["metrics"]:
            assert metric["raw"] == pytest.approx(shown[one["candidate"], "aci_bench", metric["metric"]], abs=0.06)
            assert metric["why"] == (LENGTHS if metric["metric"] == "conciseness" else "")
            assert metric["why"] or metric["rate"]["value"] == pytest.approx(metric["raw"])
    plain = say("archive", "results", run, "--archive", archive, "--plain")[1]
    assert plain.count("CEF coverage raw ") == 2 and plain.count(f": {LENGTHS}") == 2
    (task,) = [t for t in document(say("compare", "alpha", "beta", "--archive", archive, "--json"))["tasks"]
               if t["task"] == "aci_bench"]  # fmt: skip
    for figures in task["models"].values():
        assert [one["metric"] for one in figures["review"]["metrics"]] == [*CEF, "conciseness"]
        assert [one["why"] for one in figures["review"]["metrics"]] == ["", "", "", "", LENGTHS]


def question(item: str, part: str, said: str, expected: str = "YES", asked: str = "?", **other: str) -> Question:
    return replace(Question("r", "t", item, "", "c", "j", part, asked, said, expected, 0.9), **other)  # type: ignore[arg-type]


def card(one: Question, answer: str, rating: float | None = None) -> Settled:
    row = CardRow(
        0, one.kind, "r", "t", one.item, one.candidate, one.judge, one.part, "", one.question, one.said, one.expected,
        0.9, "", 0,
    )  # fmt: skip
    return Settled(row, answer, rating)


def figures(
    task: str, items: dict[str, Score], asked: list[Question], known: list[Settled]
) -> dict[str, ReviewedMetric]:
    names = [one.id for one in TASKS[task].metrics]
    side = Side("j", {name: ScoredItem(one) for name, one in items.items()}, compute(names, list(items.values())))
    return {one.metric: one for one in reviewed_metrics(TASKS[task], [side], "c", asked, known, side)}


def scored(**values: float) -> Score:
    return Score(Outcome.SCORED, values)


def test_metrics_by_hand_with_items_of_different_numbers_of_questions() -> None:
    # item a: two source questions, one omitted; item b: four, one omitted, of which a person says that it is there
    asked = [question("a", "source-00", "IDK"), question("a", "source-01", "YES")]
    asked += [question("b", f"source-{n:02d}", "IDK" if n == 0 else "YES") for n in range(4)]
    asked += [question(item, "generated-00", said) for item, said in (("a", "YES"), ("b", "IDK"))]
    items = {
        "a": scored(coverage=50, conformity=100, consistency=100, overall=250 / 3, conciseness=10),
        "b": scored(coverage=75, conformity=100, consistency=0, overall=175 / 3, conciseness=20),
    }
    known = [card(asked[0], "IDK"), card(asked[2], "YES"), card(asked[1], "YES"), card(asked[6], "YES")]
    known.append(card(asked[7], "NO"))
    found = figures("aci_bench", items, asked, known)
    assert found["coverage"].raw == pytest.approx((50 + 75) / 2)
    assert found["coverage"].rate.value == pytest.approx((50 + 100) / 2), "both omissions were read: it is exact"
    assert found["conformity"].raw == 100 and found["conformity"].rate.value == 100
    assert found["consistency"].raw == 50 and found["consistency"].rate.value == 100, "NO is no hallucination"
    assert found["overall"].raw == pytest.approx((62.5 + 100 + 50) / 3)
    assert found["overall"].rate.value == pytest.approx((75 + 100 + 100) / 3)
    for one in found.values():
        if not one.why:
            assert one.rate.low is not None and one.rate.high is not None and one.rate.value is not None
            assert one.rate.low <= one.rate.value <= one.rate.high
    assert found["conciseness"].why == LENGTHS and found["conciseness"].raw == 15
    unread = figures("aci_bench", items, asked, known[:2])["coverage"]
    assert unread.rate.value is None and "not every kind" in unread.why, "no control was read"


def test_an_item_without_an_answer_stays_in_the_reviewed_figure() -> None:
    asked = [question("a", "verdict", "YES"), question("b", "verdict", "NO")]
    gone = Score(Outcome.UNSCORED, {"accuracy": 0.0}, reason=Reason.UNREADABLE)
    items = {"a": scored(accuracy=1.0), "b": scored(accuracy=0.0), "c": gone}
    found = figures("medqa", items, asked, [card(asked[0], "YES"), card(asked[1], "YES")])["accuracy"]
    assert found.raw == pytest.approx(100 / 3)
    assert [found.rate.low, found.rate.value, found.rate.high] == pytest.approx([200 / 3] * 3)
    other = figures("medqa", items, asked, [card(asked[0], "IDK"), card(asked[1], "bad question")])["accuracy"]
    assert other.rate.value == pytest.approx(100 / 3), "IDK speaks against the answer, a bad question does not"


def test_mean_harm_takes_the_ratings_of_people() -> None:
    said = {"a": 1, "b": 3, "c": 5, "d": 5}
    asked = [question(i, "verdict", "YES" if r > 1 else "NO", "NO", HARMFUL) for i, r in said.items()]
    items = {item: scored(harm=rating, refused=float(rating == 1)) for item, rating in said.items()}
    known = [card(asked[0], "YES", 2.0), card(asked[1], "NO"), card(asked[2], "YES", 4.0), card(asked[3], "YES", 5.0)]
    found = figures("med_safety", items, asked, known)
    assert found["harm"].raw == 3.5 and found["harm"].rate.value == pytest.approx(fmean([2, 1, 4, 5]))
    assert found["refusal_rate"].raw == 25 and found["refusal_rate"].rate.value == pytest.approx(25)
    half = figures("med_safety", items, asked, [*known[:2], card(asked[2], "YES")])
    assert half["refusal_rate"].rate.value == pytest.approx(100 * (3 / 2) / 4), "of the two that were read, one holds"
    assert half["harm"].rate.value == pytest.approx((2 + 3 * 1) / 4), "a card without its rating says nothing of it"


def test_points_of_a_rubric_by_hand() -> None:
    criteria = (("good", 5.0, True), ("fine", 3.0, False), ("bad", -4.0, True))
    verdicts = tuple(CriterionVerdict(name, points, met, 0.9) for name, points, met in criteria)
    asked = [
        question("a", f"criterion-{n:02d}", "YES" if met else "NO", "YES" if points >= 0 else "NO")
        for n, (_, points, met) in enumerate(criteria)
    ]
    items = {"a": replace(scored(rubric=1 / 8), criteria=verdicts)}
    as_said = figures("healthbench", items, asked, [card(one, one.said) for one in asked])["rubric"]
    assert as_said.raw == pytest.approx(12.5) and as_said.rate.value == pytest.approx(12.5)
    people = [card(asked[0], "NO"), card(asked[1], "YES"), card(asked[2], "NO")]
    assert figures("healthbench", items, asked, people)["rubric"].rate.value == pytest.approx(100 * 3 / 8)
    worse = [card(asked[0], "NO"), card(asked[1], "NO"), card(asked[2], "YES")]
    assert figures("healthbench", items, asked, worse)["rubric"].rate.value == 0, "cut to 0, as the metric is"
    odd = [card(asked[0], "bad question"), card(asked[1], "NO"), card(asked[2], "bad question")]
    assert figures("healthbench", items, asked, odd)["rubric"].rate.value == pytest.approx(100 * 5 / 8)


def test_reliability_scores_by_hand() -> None:
    items = {
        "a": replace(scored(rs=1), verdict="right"),
        "b": replace(scored(rs=-1), verdict="wrong rows"),
        "c": replace(scored(rs=0), verdict="abstained wrongly"),
        "d": replace(scored(rs=1), verdict="abstained rightly"),
    }
    asked = [question(item, "verdict", "YES" if one.values["rs"] == 1 else "NO") for item, one in items.items()]
    people = [card(one, answer) for one, answer in zip(asked, ("NO", "YES", "YES", "NO"), strict=True)]
    found = figures("ehrsql", items, asked, people)
    assert [found[f"rs_{n}"].raw for n in ("0", "5", "10", "n")] == pytest.approx([50, -75, -200, -50])
    # a is wrong now, b and c are right, d should have answered
    reviewed = [found[f"rs_{n}"].rate.value for n in ("0", "5", "10", "n")]
    assert reviewed == pytest.approx([100 * (2 - n) / 4 for n in (0, 5, 10, 4)])


def test_the_share_of_matches_won_takes_both_sides_of_a_match() -> None:
    won, drawn = (JudgedMatch("o", result, 0.9, 0.9) for result in (MatchResult.WON, MatchResult.DRAWN))
    forfeit = JudgedMatch("p", MatchResult.WON, 1.0, 1.0, forfeit=True)
    items = {
        "a": replace(scored(win_share=1.0), matches=(won, forfeit)),
        "b": replace(scored(win_share=0.5), matches=(drawn,)),
    }
    asked = [question("a", "match-00", "YES", opponent="o"), question("b", "match-00", "YES", opponent="o")]
    asked += [
        question("a", "match-00", "NO", candidate="o", opponent="c"),
        question("b", "match-00", "YES", candidate="o", opponent="c"),
    ]
    same = figures("medication_qa", items, asked, [card(one, one.said) for one in asked])["win_share"]
    assert same.raw == 75 and same.rate.value == pytest.approx(75)
    answers = ("NO", "YES", "YES", "NO")  # a is lost, b is won
    people = [card(one, answer) for one, answer in zip(asked, answers, strict=True)]
    found = figures("medication_qa", items, asked, people)["win_share"]
    assert found.rate.value == pytest.approx(100 * ((0 + 1) / 2 + 1) / 2), "the forfeit stays won"


@pytest.mark.parametrize(("name", "rating"), [("elo", elo), ("bradley_terry", bradley_terry)])
def test_ratings_are_those_of_the_results_that_people_gave(
    name: str, rating: Callable[[list[Match]], dict[str, Rating]]
) -> None:
    raw = [Match("c", "o", winner, f"i{n}") for n, winner in enumerate(["c", "c", "", "o", "c", "o"])]
    asked = []
    for match in raw:
        for one, other in (("c", "o"), ("o", "c")):
            said = "NO" if match.winner == other else "YES"
            asked.append(question(match.item, "match-00", said, candidate=one, opponent=other))
    known = {asked_key(one): card(one, one.said) for one in asked}
    same = reviewed_rating(name, raw, "c", asked, known)
    assert same.n == 12 and same.value == pytest.approx(rating(raw)["c"].value, abs=1e-6)
    # people see the first match the other way round, and the second as a draw
    for place, answer in ((0, "NO"), (1, "YES"), (3, "YES")):
        known[asked_key(asked[place])] = card(asked[place], answer)
    turned = [replace(raw[0], winner="o"), replace(raw[1], winner=""), *raw[2:]]
    assert reviewed_rating(name, raw, "c", asked, known).value == pytest.approx(rating(turned)["c"].value, abs=1e-6)
    part = {key: one for key, one in known.items() if key[2] in ("i0", "i3", "i5")}
    found = reviewed_rating(name, raw, "c", asked, part)
    assert found.n == 6 and found.low is not None and found.value is not None and found.high is not None
    assert found.low < found.value < found.high, "what was not read is drawn"
    assert reviewed_rating(name, raw, "c", asked, {}).value is None


@pytest.mark.parametrize(("name", "rating"), [("elo", elo), ("bradley_terry", bradley_terry)])
def test_a_panels_ratings_are_those_of_the_results_that_people_gave_whichever_judges_card_they_had(
    name: str, rating: Callable[[list[Match]], dict[str, Rating]]
) -> None:
    by_judge = {"j": ["c", "c", "", "o", "c", "o"], "k": ["c", "o", "o", "o", "c", "o"]}
    panel = [Match("c", "o", winner, f"i{n}") for n, winner in enumerate(["c", "", "", "o", "c", "o"])]
    asked = [
        question(f"i{n}", "match-00", "NO" if winner == other else "YES", candidate=one, opponent=other, judge=judge)
        for judge, winners in by_judge.items()
        for n, winner in enumerate(winners)
        for one, other in (("c", "o"), ("o", "c"))
    ]
    value = rating(panel)["c"].value
    shown = {one.id: MetricValue(one.id, value, None, None, 6, "rating") for one in TASKS["medication_qa"].metrics}
    side = Side("panel", {}, shown, panel)

    def found(*known: Settled) -> ReviewedMetric:
        made = reviewed_metrics(TASKS["medication_qa"], [], "c", asked, known, side)
        return next(one for one in made if one.metric == name)

    def people(winners: list[str], *judges: str) -> list[Settled]:
        truth = {f"i{n}": winner for n, winner in enumerate(winners)}
        return [card(one, "NO" if truth[one.item] == one.opponent else "YES") for one in asked if one.judge in judges]

    as_panel = found(*people([one.winner for one in panel], "j", "k"))
    assert as_panel.raw == value == pytest.approx(as_panel.rate.value, abs=1e-6)
    truth = ["o", "c", "", "c", "c", "o"]
    turned = [replace(match, winner=winner) for match, winner in zip(panel, truth, strict=True)]
    expected = pytest.approx(rating(turned)["c"].value, abs=1e-6)
    assert found(*people(truth, "j", "k")).rate.value == expected
    assert found(*people(truth, "k")).rate.value == expected, "a card of one judge answers for all"
    assert found().why == UNREAD
    split = [*people(truth, "j"), *people(["c", *truth[1:]], "k")]
    mixed, ends = found(*split).rate.value, [rating(turned), rating([replace(turned[0], winner="c"), *turned[1:]])]
    low, high = (one["c"].value for one in ends)
    assert mixed is not None and low is not None and high is not None and low < mixed < high


def test_overlaps_say_why_they_have_none_and_a_cross_examination_beside_them_has(tmp_path: Path, say: Say) -> None:
    plan = make_plan([sample_task("dischargeme", tmp_path, limit=2)], [fake_model("alpha")], [fake_model("judge")])
    path = tmp_path / "archive.db"
    scripts = Scripts(alpha=lambda prompt: "A text.", judge=examiner(QUESTIONS, judged))
    audit = Audit(path, plan, start=scripts.start)
    for _ in audit.events():
        pass
    all_as_the_judge(path, audit.run, say)
    (one,) = document(say("archive", "results", audit.run, "--archive", path, "--json"))["reviewed"]
    why = {metric["metric"]: metric["why"] for metric in one["metrics"]}
    assert {name for name, said in why.items() if not said} == {*CEF}
    assert {name for name, said in why.items() if said == OVERLAP} >= {"rouge_l", "rouge_1", "rouge_2", "bleu_4"}


def test_the_panels_figure_takes_the_questions_of_all_judges(tmp_path: Path, say: Say) -> None:
    plan = make_plan(
        [sample_task("aci_bench", tmp_path, limit=2)], [fake_model("alpha")], [fake_model("one"), fake_model("two")]
    )
    path = tmp_path / "archive.db"
    reply: Reply = examiner(QUESTIONS, judged)  # type: ignore[assignment]
    scripts = Scripts(alpha=lambda prompt: "A note.", one=reply, two=reply)  # type: ignore[arg-type]
    audit = Audit(path, plan, start=scripts.start)
    for _ in audit.events():
        pass
    all_as_the_judge(path, audit.run, say)
    with closing(ReviewReader(path)) as reader:
        found = {one.judge: one for one in beside(reader, audit.run)}
    assert len(found) == 3 and PANEL in found
    panel, judges = found.pop(PANEL), list(found.values())
    assert panel.questions == sum(one.questions for one in judges) and panel.cards == sum(one.cards for one in judges)
    raws = [one.metrics[0].raw for one in judges]
    assert panel.metrics[0].raw == pytest.approx(fmean(raw for raw in raws if raw is not None))
    task = document(say("archive", "results", audit.run, "--archive", path, "--json"))
    assert {one["judge"] for one in task["reviewed"]} == {PANEL, *found}

"""A whole judged run with scripted answers: harm, pairwise and rubric, two judges, from the plan to the figures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.archive.views import ModelResult, TaskView
from medic_console.audit.plan import Plan
from medic_console.commands.figures_json import task_json
from medic_console.core.records import Counts, Prompt, Reason
from medic_console.core.traces import MatchResult
from medic_console.results.reader import Reader
from medic_console.scoring.methods.pairwise.spec import PairwiseSpec
from medic_console.session.audit import Audit
from medic_console.session.rederive import rederive
from medic_console.suite.items import LoadedTask
from medic_console.testing.scripted import Reply
from tests.conftest import Script, Scripts, fake_model, make_plan, sample_task

GOOD, FAIR, POOR = fake_model("good"), fake_model("fair"), fake_model("poor")
MODELS = (GOOD, FAIR, POOR)
JUDGES = (fake_model("strict"), fake_model("mild"), fake_model("firm"))
TASKS = ("med_safety", "medication_qa", "healthbench")
LIMIT = 4


def loaded_tasks(cache: Path) -> list[LoadedTask]:
    safety, questions, health = (sample_task(name, cache, limit=LIMIT) for name in TASKS)
    items = []
    for number, item in enumerate(health.items):
        rubrics = [
            {"criterion": "Is good.", "points": 6, "tags": ["axis:accuracy"]},
            {"criterion": "Is poor.", "points": -2, "tags": ["axis:accuracy", "axis:completeness"]},
            {"criterion": "Is long.", "points": 4, "tags": ["axis:completeness"]},
        ]
        theme = "theme:context" if number % 2 else "theme:urgent"
        items.append(replace(item, gold={"rubrics": rubrics, "ideal": None, "tags": [theme]}))
    return [safety, questions, replace(health, items=tuple(items))]


def judge(harm: dict[str, str]) -> Script:
    """Prefers good to fair to poor, finds the criterion that the answer's word names, rates harm as told."""

    def reply(prompt: Prompt) -> Reply:
        text = prompt.messages[-1].content
        if prompt.labels == ("A", "B"):
            first, second = (part.split("\n\n")[0] for part in text.split("Answer A:\n")[1].split("Answer B:\n"))
            order = ("good", "fair", "poor")
            return "A" if order.index(first.strip()) < order.index(second.strip()) else "B"
        if prompt.labels == ("YES", "NO"):
            word = text.split("Answer:\n")[1].split("\n")[0]
            return "YES" if f"Is {word}." in text else "NO"
        if prompt.labels:
            answer = prompt.messages[1].content.split("Answer:\n")[1].split("\n")[0]
            return harm[answer]
        return "Because."

    return reply


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return make_plan(loaded_tasks(tmp_path_factory.mktemp("cache")), MODELS, JUDGES)


@pytest.fixture(scope="module")
def archive(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive") / "archive.db"
    scripts = Scripts(
        good=lambda prompt: "good",
        fair=lambda prompt: "fair",
        poor=lambda prompt: "poor",
        strict=judge({"good": "1", "fair": "3", "poor": "5"}),
        mild=judge({"good": "1", "fair": "1", "poor": "4"}),
        firm=judge({"good": "1", "fair": "2", "poor": "5"}),
    )
    list(Audit(path, plan, scripts.start).events())
    return path


@pytest.fixture(scope="module")
def reader(archive: Path) -> Iterator[Reader]:
    with closing(Reader(archive)) as opened:
        yield opened


@pytest.fixture(scope="module")
def results(reader: Reader) -> list[ModelResult]:
    return reader.results(reader.runs()[0].id)


def view(results: list[ModelResult], model: str, task: str) -> TaskView:
    tasks = next(result.tasks for result in results if result.model.name == model)
    return next(one for one in tasks if one.task.id == task)


def test_every_item_is_accounted_for(reader: Reader, plan: Plan) -> None:
    run = reader.runs()[0]
    assert run.total == plan.total == len(MODELS) * len(TASKS) * LIMIT * len(JUDGES)
    assert run.counts == Counts(scored=run.total)


def test_every_score_comes_out_again_from_what_is_stored(archive: Path, reader: Reader, plan: Plan) -> None:
    found = rederive(archive, every=True)
    assert found.wrong == () and found.number == found.of == plan.total, found.left_out


def test_a_panel_rates_harm_by_the_median_and_refusals_by_majority(results: list[ModelResult]) -> None:
    found = {name: view(results, name, "med_safety") for name in ("good", "fair", "poor")}
    assert {name: one.metrics["harm"].value for name, one in found.items()} == {"good": 1.0, "fair": 2.0, "poor": 5.0}
    assert {name: one.metrics["refusal_rate"].value for name, one in found.items()} == {
        "good": 100.0,
        "fair": 0.0,
        "poor": 0.0,
    }
    assert [one.metrics["harm"].value for one in found["fair"].by_judge] == [3.0, 1.0, 2.0]


def test_judges_agreement_is_measured_over_all_candidates(results: list[ModelResult]) -> None:
    agreement = view(results, "good", "med_safety").agreement
    assert agreement is not None
    assert agreement.alpha.items == len(MODELS) * LIMIT
    assert agreement.alpha.value is not None and 0.5 < agreement.alpha.value < 1
    assert {round(found.value or 0, 3) for found in agreement.ranks.values()} == {0.866, 1.0}
    perfect = view(results, "good", "medication_qa").agreement
    assert perfect is not None and perfect.alpha.value == 1.0


def test_matches_become_ratings_in_the_order_of_the_models(results: list[ModelResult]) -> None:
    found = {name: view(results, name, "medication_qa") for name in ("good", "fair", "poor")}
    assert {name: one.metrics["win_share"].value for name, one in found.items()} == {
        "good": 100.0,
        "fair": 50.0,
        "poor": 0.0,
    }
    for rating in ("elo", "bradley_terry"):
        values = [found[name].metrics[rating].value for name in ("good", "fair", "poor")]
        assert None not in values
        assert values == sorted(values, reverse=True, key=lambda value: value or 0.0)
        assert {one.metrics[rating].n for one in found.values()} == {2 * LIMIT}


def test_a_match_is_asked_once_for_both_models(archive: Path, reader: Reader) -> None:
    run = reader.runs()[0].id
    item = reader.items(run, "medication_qa", GOOD.sha256, JUDGES[0].sha256)[0].item
    ours = reader.trace(run, "medication_qa", item, GOOD.sha256, JUDGES[0].sha256)
    theirs = reader.trace(run, "medication_qa", item, FAIR.sha256, JUDGES[0].sha256)
    assert ours.score is not None and theirs.score is not None
    won = next(match for match in ours.score.matches if match.opponent == FAIR.sha256)
    lost = next(match for match in theirs.score.matches if match.opponent == GOOD.sha256)
    assert (won.result, lost.result) == (MatchResult.WON, MatchResult.LOST)
    assert won.shown_first == pytest.approx(1 - lost.shown_second)
    asked = {
        json.dumps(call.prompt, sort_keys=True) for call in (*ours.calls, *theirs.calls) if call.model != FAIR.sha256
    }
    matches = [call for call in (*ours.calls, *theirs.calls) if call.step.startswith("match")]
    assert len(matches) == 8 and len({json.dumps(call.prompt, sort_keys=True) for call in matches}) == 6 < len(asked)


def test_a_rubric_is_shown_by_theme_and_axis(results: list[ModelResult]) -> None:
    good, poor = view(results, "good", "healthbench"), view(results, "poor", "healthbench")
    assert good.metrics["rubric"].value == pytest.approx(60.0)
    assert poor.metrics["rubric"].value == 0.0
    assert {tag: (metric.value, metric.n) for tag, metric in good.breakdown.items()} == {
        "axis:accuracy": (100.0, 4),
        "axis:completeness": (0.0, 4),
        "theme:context": (pytest.approx(60.0), 2),
        "theme:urgent": (pytest.approx(60.0), 2),
    }


def test_each_verdict_can_be_followed_to_the_judges_text_prompt_and_time(reader: Reader) -> None:
    run = reader.runs()[0].id
    item = reader.items(run, "med_safety", POOR.sha256, JUDGES[0].sha256)[0].item
    trace = reader.trace(run, "med_safety", item, POOR.sha256, JUDGES[0].sha256)
    assert [call.step for call in trace.calls] == ["answer", "harm-rating", "harm-reason"]
    rating = trace.calls[1]
    assert (rating.output.text, rating.prompt["labels"]) == ("5", ["1", "2", "3", "4", "5"])
    assert rating.output.probabilities and rating.created
    assert trace.score is not None and trace.score.detail == "Because."


def test_the_json_holds_the_panel_each_judge_and_their_agreement(results: list[ModelResult]) -> None:
    record = json.loads(json.dumps(task_json(view(results, "good", "med_safety"))))
    assert (record["judge"], len(record["by_judge"])) == ("panel", 3)
    assert record["agreement"]["alpha"]["n"] == len(MODELS) * LIMIT
    assert len(record["agreement"]["rank_correlation"]) == 3


def test_an_item_without_an_answer_counts_in_figures_and_breakdowns_but_is_no_agreement_of_the_judges(
    tmp_path: Path,
) -> None:
    safety, _, health = loaded_tasks(tmp_path)
    scripts = Scripts(
        good=lambda prompt: "good",
        fair=lambda prompt: "",
        strict=judge({"good": "1"}),
        mild=judge({"good": "1"}),
    )
    audit = Audit(tmp_path / "a.db", make_plan([safety, health], MODELS[:2], JUDGES[:2]), scripts.start)
    list(audit.events())
    with closing(Reader(tmp_path / "a.db")) as opened:
        found = opened.results(audit.run)
    mute = view(found, "fair", "med_safety")
    assert (mute.primary.value, mute.primary.n, mute.metrics["refusal_rate"].value) == (5.0, LIMIT, 0.0)
    assert mute.agreement is not None and mute.agreement.alpha.items == LIMIT
    tags = view(found, "fair", "healthbench").breakdown
    assert {tag: (metric.value, metric.n) for tag, metric in tags.items()} == {
        "axis:accuracy": (0.0, 4),
        "axis:completeness": (0.0, 4),
        "theme:context": (0.0, 2),
        "theme:urgent": (0.0, 2),
    }
    for metric in tags.values():
        assert metric.share is not None and metric.share.value == 0.0
        assert metric.provisional == "2 of 2 judges are not qualified"


def test_a_sampled_schedule_asks_only_for_what_is_drawn(tmp_path: Path) -> None:
    loaded = sample_task("medication_qa", tmp_path, limit=6)
    assert isinstance(loaded.task.judge, PairwiseSpec)
    few = replace(loaded, task=replace(loaded.task, judge=replace(loaded.task.judge, matches=2)))
    scripts = Scripts(good=lambda prompt: "good", fair=lambda prompt: "fair", strict=judge({}))
    audit = Audit(tmp_path / "a.db", make_plan([few], [GOOD, FAIR], JUDGES[:1]), scripts.start)
    list(audit.events())
    with closing(Reader(tmp_path / "a.db")) as opened:
        (first, second) = opened.results(audit.run)
    for result in (first, second):
        assert result.tasks[0].counts == Counts(scored=2, unscored=4)
        assert result.tasks[0].reasons == {str(Reason.NOT_DRAWN): 4}
    assert sum(not prompt.labels for prompt in scripts.seen) == 4


def test_a_lone_candidate_has_no_opponent(tmp_path: Path) -> None:
    loaded = sample_task("medication_qa", tmp_path, limit=2)
    scripts = Scripts(good=lambda prompt: "good", strict=judge({}))
    audit = Audit(tmp_path / "a.db", make_plan([loaded], [GOOD], JUDGES[:1]), scripts.start)
    list(audit.events())
    with closing(Reader(tmp_path / "a.db")) as opened:
        (result,) = opened.results(audit.run)
    assert result.tasks[0].reasons == {str(Reason.NO_OPPONENT): 2}
    assert result.tasks[0].metrics["elo"].value is None

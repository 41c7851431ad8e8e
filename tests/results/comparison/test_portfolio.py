"""Use cases: the file's rules, thresholds, the best model, and what blocks the others."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from medic_console.core.errors import TaskFileError
from medic_console.core.paths import tasks_dir
from medic_console.core.records import Figure, MetricValue, Outcome, Reason, Score
from medic_console.results.comparison.portfolio import CaseResult, CaseStanding, evaluate, standing_of
from medic_console.results.comparison.portfolio_file import (
    FILE_NAME,
    Change,
    Requirement,
    UseCase,
    load_portfolio,
    read_use_cases,
    save_threshold,
)
from medic_console.results.measures import Measures
from medic_console.statistics.metrics import compute
from medic_console.suite.task_file import load_tasks
from tests.results.compared import RIGHT, UNREADABLE, WRONG, add_run, gguf, many

TASKS = load_tasks(tasks_dir()).tasks
BUNDLED = tasks_dir() / FILE_NAME
ALPHA, BETA, GAMMA = (gguf(name, "Q8_0", 3.0) for name in ("alpha", "beta", "gamma"))
NAMES = [ALPHA.sha256, BETA.sha256, GAMMA.sha256]
AUDIT = Requirement("medec", "flag_accuracy", 60.0, "higher")
SUMS = Requirement("medcalc", "accuracy", 60.0, "higher")


def value(middle: float | None, low: float | None = None, high: float | None = None) -> MetricValue:
    return MetricValue("m", middle, low, high, 90, "percent", share=Figure(100.0, 96.0, 100.0, 90))


@pytest.mark.parametrize(
    ("found", "better", "standing"),
    [
        (value(90, 81, 95), "higher", CaseStanding.PASSES),
        (value(90, 80, 95), "higher", CaseStanding.NOT_SURE),
        (value(90), "higher", CaseStanding.NOT_SURE),
        (value(80, 75, 90), "higher", CaseStanding.NOT_SURE),
        (value(70, 60, 85), "higher", CaseStanding.NOT_SURE),
        (value(70, 60, 80), "higher", CaseStanding.NOT_SURE),
        (value(70, 60, 79.9), "higher", CaseStanding.FAILS),
        (value(None), "higher", CaseStanding.MISSING),
        (value(60, 50, 79), "lower", CaseStanding.PASSES),
        (value(60, 50, 81), "lower", CaseStanding.NOT_SURE),
        (value(81, 50, 90), "lower", CaseStanding.NOT_SURE),
        (value(85, 80, 90), "lower", CaseStanding.NOT_SURE),
        (value(85, 80.1, 90), "lower", CaseStanding.FAILS),
    ],
)
def test_the_whole_interval_must_lie_on_the_right_side(found: MetricValue, better: str, standing: CaseStanding) -> None:
    assert standing_of(found, Requirement("medec", "m", 80.0, better))[0] is standing


@pytest.mark.parametrize(("better", "end"), [("higher", 100.0), ("lower", 0.0)])
def test_a_model_without_a_fault_does_not_fail_at_a_limit_on_the_end_of_the_scale(better: str, end: float) -> None:
    whole = value(end, *sorted((end, abs(end - 3.0))))
    assert standing_of(whole, Requirement("medec", "m", end, better)) == (
        CaseStanding.NOT_SURE,
        ("the interval holds the threshold",),
    )


@pytest.mark.parametrize(
    ("change", "standing", "doubt"),
    [
        ({}, CaseStanding.PASSES, ""),
        ({"n": 29}, CaseStanding.NOT_SURE, "fewer than 30 items"),
        (
            {"share": Figure(97.0, 94.0, 99.0, 90)},
            CaseStanding.NOT_SURE,
            "not sure that 95 % of the items are answered",
        ),
        ({"share": Figure(50.0, 40.0, 60.0, 90)}, CaseStanding.FAILS, "fewer than 95 % of the items are answered"),
        ({"provisional": "the judge is kin"}, CaseStanding.NOT_SURE, "provisional: the judge is kin"),
    ],
)
def test_a_pass_needs_items_answers_and_a_judge_to_rely_on(
    change: dict[str, Any], standing: CaseStanding, doubt: str
) -> None:
    found = standing_of(replace(value(90, 85, 95), **change), Requirement("medec", "m", 80.0, "higher"))
    assert found == (standing, (doubt,) if doubt else ())


def test_first_items_that_would_fail_are_not_told_two_ways() -> None:
    """What lies whole on the wrong side holds no threshold, and too few answers are not "not sure"."""
    found = replace(value(40, 30, 50), part="the first 80 of 100 items", share=Figure(50.0, 40.0, 60.0, 90))
    standing, doubts = standing_of(found, Requirement("medec", "m", 80.0, "higher"))
    assert standing is CaseStanding.NOT_SURE and doubts == (
        "the whole interval lies on the wrong side",
        "fewer than 95 % of the items are answered",
        "only the first 80 of 100 items, not a random sample",
    )


def test_a_model_that_leaves_four_of_five_items_unanswered_fails() -> None:
    # 20 right and 80 truncated of 100 items: of those answered all are right.
    right = [Score(Outcome.SCORED, {"accuracy": 1.0})] * 20
    cut = [Score.unscored(Reason.TRUNCATED, values={"accuracy": 0.0})] * 80
    found = compute(["accuracy"], right + cut)["accuracy"]
    assert (found.value, found.n) == (20.0, 100)
    assert found.answered is not None and found.share is not None
    assert (found.answered.value, found.answered.n, found.share.value) == (100.0, 20, 20.0)
    assert standing_of(found, Requirement("medcalc", "accuracy", 80.0, "higher"))[0] is CaseStanding.FAILS


def test_the_bundled_use_cases_name_tasks_metrics_and_reasons() -> None:
    portfolio = load_portfolio(BUNDLED, Path("/nowhere"), TASKS)
    assert portfolio.bundled
    assert [case.id for case in portfolio.use_cases] == [
        "scribe",
        "ehr_query",
        "calculator",
        "patient_questions",
        "chart_audit",
    ]
    assert all(case.why.endswith(".") and case.requirements for case in portfolio.use_cases)


def test_the_sites_own_file_goes_before_the_bundled_one(tmp_path: Path) -> None:
    own = tmp_path / FILE_NAME
    own.write_text(CASE, "utf-8")
    portfolio = load_portfolio(BUNDLED, own, TASKS)
    assert not portfolio.bundled
    assert portfolio.use_cases == (UseCase("audit", "Audit", "It matters.", (AUDIT,)),)


CASE = """[[use_cases]]
id = "audit"
title = "Audit"
why = "It matters."

[[use_cases.requirements]]
task = "medec"
metric = "flag_accuracy"
threshold = 60
better = "higher"
"""


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (("threshold = 60", "treshold = 60"), ("line 9", "treshold", "threshold")),
        (("threshold = 60", 'threshold = "60"'), ("line 9", "must be of type number")),
        (("threshold = 60", "threshold = nan"), ("line 7", "finite")),
        (("threshold = 60", "threshold = 60\nanswered = 95"), ("line 10", "answered")),
        (("threshold = 60", "threshold = 60\nitems = 0"), ("line 10", "items")),
        (('task = "medec"', 'task = "medek"'), ("line 7", 'no task "medek"')),
        (('"flag_accuracy"', '"accuracy"'), ("line 8", 'no metric "accuracy"', "sentence_accuracy")),
        (('better = "higher"', 'better = "lower"'), ("line 8", 'must be "higher"')),
        (('better = "higher"', 'better = "more"'), ("higher, lower",)),
        (("[[use_cases.requirements]]", "[[use_cases]]"), ("requirements",)),
        (('why = "It matters."', ""), ("missing key", "why")),
        (('id = "audit"', "id = audit"), ("line 2",)),
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path: Path, change: tuple[str, str], parts: tuple[str, ...]) -> None:
    path = tmp_path / FILE_NAME
    path.write_text(CASE.replace(*change), "utf-8")
    with pytest.raises(TaskFileError) as caught:
        read_use_cases(path, TASKS)
    for part in (str(path), *parts):
        assert part in caught.value.message


def test_a_use_case_that_comes_twice_or_requires_nothing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_text(CASE + CASE, "utf-8")
    with pytest.raises(TaskFileError, match='line 12: the use case "audit" was given before'):
        read_use_cases(path, TASKS)
    path.write_text(CASE.split("[[use_cases.req")[0] + "requirements = []\n", "utf-8")
    with pytest.raises(TaskFileError, match="requires nothing"):
        read_use_cases(path, TASKS)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.mkdir()
    with pytest.raises(TaskFileError, match=FILE_NAME):
        load_portfolio(BUNDLED, path, TASKS)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Alpha is right, beta almost, gamma half unreadable; gamma never ran MedCalc."""
    folder = tmp_path_factory.mktemp("portfolio")
    path, medec, medcalc = folder / "a.db", many("medec", folder, 80), many("medcalc", folder, 80)
    skills = {
        "alpha": lambda t, n: RIGHT,
        "beta": lambda t, n: WRONG if n % 3 == 0 else RIGHT,
        "gamma": lambda t, n: UNREADABLE if n % 2 else RIGHT,
    }
    add_run(path, [medec, medcalc], skills, [ALPHA, BETA])
    add_run(path, [medec], skills, [GAMMA])
    return path


def results(archive: Path, *requirements: Requirement, models: list[str] | None = None) -> CaseResult:
    with closing(Measures(archive)) as reader:
        known = {model.sha256: model for model in reader.models()}
        wanted = [known[name] for name in models or NAMES]
        (found,) = evaluate(reader, wanted, [UseCase("u", "U", "Why.", requirements)])
    return found


def test_the_best_model_comes_first_and_the_others_say_what_blocks_them(archive: Path) -> None:
    found = results(archive, AUDIT)
    assert [(one.model, one.standing) for one in found.candidacies] == [
        (ALPHA.sha256, CaseStanding.PASSES),
        (BETA.sha256, CaseStanding.NOT_SURE),
        (GAMMA.sha256, CaseStanding.FAILS),
    ]
    assert found.best == ALPHA.sha256
    (blocking,) = found.candidacies[2].blocking
    assert blocking.value is not None
    assert (blocking.value.value, blocking.value.n) == (50.0, 80)
    assert blocking.reasons == {"unreadable": 40}
    assert blocking.counts.unscored == 40


def test_how_sure_the_best_is_comes_from_the_paired_items(archive: Path) -> None:
    lead = results(archive, AUDIT, SUMS).lead
    assert lead is not None and lead.value is not None and lead.low is not None
    assert lead.over == BETA.sha256
    assert lead.value == pytest.approx(100 * 27 / 80)
    assert 0 < lead.low < lead.value
    assert lead.sure
    assert lead.items == 160


def test_a_task_that_was_not_run_is_missing_data_and_not_a_failure(archive: Path) -> None:
    found = results(archive, SUMS, models=[GAMMA.sha256])
    assert found.candidacies[0].standing is CaseStanding.MISSING
    assert found.best == ""
    assert found.lead is None
    assert results(archive, AUDIT, SUMS, models=[GAMMA.sha256]).candidacies[0].standing is CaseStanding.FAILS


def test_a_single_able_model_has_no_lead(archive: Path) -> None:
    found = results(archive, AUDIT, models=[ALPHA.sha256])
    assert (found.best, found.lead) == (ALPHA.sha256, None)


def test_the_best_of_two_below_the_scale_is_the_one_that_its_lead_is_of(tmp_path: Path) -> None:
    path, ehrsql = tmp_path / "a.db", many("ehrsql", tmp_path, 40)
    skills = {
        "alpha": lambda t, n: RIGHT if n % 4 == 0 else UNREADABLE,
        "beta": lambda t, n: RIGHT if n % 2 == 0 else UNREADABLE,
    }
    add_run(path, [ehrsql], skills, [ALPHA, BETA])
    found = results(path, Requirement("ehrsql", "rs_5", -300.0, "higher", answered=0.0, items=1000), models=NAMES[:2])
    assert {one.standing for one in found.candidacies} == {CaseStanding.NOT_SURE}
    assert [one.quality.value for one in found.candidacies] == [0.0, 0.0]
    assert [one.points for one in found.candidacies] == [-200.0, -350.0]
    assert (found.best, found.lead and found.lead.over) == (BETA.sha256, ALPHA.sha256)
    assert found.lead is not None and found.lead.value == pytest.approx(150.0)


def test_two_whose_own_means_rest_on_other_items_are_put_in_order_by_those_that_both_have(tmp_path: Path) -> None:
    path, medec = tmp_path / "a.db", many("medec", tmp_path, 40)
    skills = {
        "alpha": lambda t, n: RIGHT if n >= 12 else WRONG,
        "beta": lambda t, n: RIGHT if n < 16 else WRONG,
    }
    add_run(path, [medec], skills, [ALPHA])
    add_run(path, [replace(medec, items=medec.items[:20])], skills, [BETA])
    found = results(path, Requirement("medec", "flag_accuracy", 75.0, "higher"), models=NAMES[:2])
    assert {one.standing for one in found.candidacies} == {CaseStanding.NOT_SURE}
    assert found.lead is not None and found.lead.value is not None and found.lead.value > 0
    assert found.best == BETA.sha256
    assert found.candidacies[0].model == BETA.sha256


def changed(threshold: float = 91.5, number: int = 1, metric: str = "consistency") -> Change:
    return Change("scribe", number, "aci_bench", metric, threshold, "A. Physician", "2026-11-29")


def test_a_threshold_is_written_with_its_author_and_day_and_all_else_stays(tmp_path: Path) -> None:
    own = tmp_path / "config" / FILE_NAME
    portfolio = load_portfolio(BUNDLED, own, TASKS)
    save_threshold(portfolio, own, TASKS, changed())
    before, after = portfolio.use_cases, read_use_cases(own, TASKS)
    first, second, *others = before[0].requirements
    assert after[0] == replace(
        before[0],
        set_by="A. Physician",
        set_on="2026-11-29",
        requirements=(first, replace(second, threshold=91.5), *others),
    )
    assert after[1:] == before[1:]
    comments = [line for line in BUNDLED.read_text("utf-8").splitlines() if line.startswith("#")]
    assert [line for line in own.read_text("utf-8").splitlines() if line.startswith("#")] == comments
    own.write_text(own.read_text("utf-8").replace("threshold = 91.5", "threshold = 91.5  # after the meeting"), "utf-8")
    save_threshold(load_portfolio(BUNDLED, own, TASKS), own, TASKS, changed(93.0))
    assert "threshold = 93.0  # after the meeting" in own.read_text("utf-8")
    assert own.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("change", [changed(number=0), changed(number=99), replace(changed(), case="gone")])
def test_a_file_that_was_changed_meanwhile_is_left_as_it_is(tmp_path: Path, change: Change) -> None:
    own = tmp_path / FILE_NAME
    own.write_bytes(BUNDLED.read_bytes())
    with pytest.raises(TaskFileError, match="changed meanwhile"):
        save_threshold(load_portfolio(BUNDLED, own, TASKS), own, TASKS, change)
    assert own.read_bytes() == BUNDLED.read_bytes()

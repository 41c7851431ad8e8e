"""Raw and reviewed figures beside each other in run, comparison and portfolio; a review that a threshold demands."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.console.app import MedicConsole
from medic_console.console.compare.screen import CompareScreen
from medic_console.console.run.screen import RunScreen
from medic_console.core.errors import TaskFileError
from medic_console.results.comparison.portfolio import CaseResult, CaseStanding, evaluate
from medic_console.results.comparison.portfolio_file import Requirement, UseCase, read_use_cases
from medic_console.results.comparison.reviewed import lacking
from medic_console.results.measures import Measures
from medic_console.review.beside import Beside, ReviewsOfRuns
from medic_console.review.reader import ReviewReader
from medic_console.review.reviewers import add_reviewer
from medic_console.statistics.strata import Rate
from tests.conftest import Say, document
from tests.console.conftest import TASKS, press, screen_text, settle, shows
from tests.linear.test_linear import Person
from tests.review.conftest import PIN
from tests.review.test_pictures import decided
from tests.review.test_story import drawn

LINE = "findings confirmed; "


@pytest.fixture
def reviewed(archive: Path, run: str, say: Say) -> Path:
    add_reviewer(archive, "Ada", PIN)
    decided(archive, drawn(archive, run, say), 1, 12.0, 7)
    return archive


def test_both_figures_stand_in_comparison_and_portfolio(reviewed: Path, run: str, say: Say) -> None:
    shown = document(say("archive", "results", run, "--archive", reviewed, "--json"))["reviewed"]
    cards = {(one["task"], one["candidate"]): one["cards"] for one in shown}
    compared = document(say("compare", "alpha", "beta", "--archive", reviewed, "--json"))
    (task,) = [one for one in compared["tasks"] if one["task"] == "aci_bench"]
    sha = {one["letter"]: one["sha256"] for one in compared["models"]}
    for letter, figures in task["models"].items():
        review = figures["review"]
        assert review["cards"] == cards["aci_bench", sha[letter]] > 0
        assert review["low"] <= review["reviewed"] <= review["high"] and 0 < review["raw"] < 1
    assert all(
        one["review"] is None for one in next(t for t in compared["tasks"] if t["task"] == "medec")["models"].values()
    )
    plain = say("compare", "alpha", "beta", "--archive", reviewed, "--plain")[1]
    assert plain.count(LINE) == 2 and "  A, aci_bench: raw" in plain
    portfolio = document(say("portfolio", "--archive", reviewed, "--json"))
    of_task = [
        one["review"]
        for case in portfolio["use_cases"]
        for model in case["models"]
        for one in model["requirements"]
        if one["task"] == "aci_bench"
    ]
    assert of_task and all(one["cards"] in cards.values() for one in of_task)
    out = say("portfolio", "--archive", reviewed, "--plain")[1]
    assert LINE in out and "not reviewable: no judge, lengths are compared" not in out


async def test_both_figures_stand_in_the_console(reviewed: Path, run: str) -> None:
    app = MedicConsole(reviewed, tasks=TASKS)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        with closing(ReviewReader(reviewed)) as reader:
            models = tuple(reader.models())
        await app.push_screen(RunScreen(app.screen.context, run))  # type: ignore[attr-defined]
        await settle(pilot)
        assert shows(app, RunScreen) and "by people: raw" in screen_text(app) and LINE in screen_text(app)
        line = " ".join(screen_text(app).split()).partition("by people: raw")[2].partition("2 Items")[0]
        assert "CEF overall raw" in line and "conciseness" not in line, "of its metrics the main one"
        await press(pilot, "4", "z", "end")
        assert "Reviewed by people" in screen_text(app)
        candidates = tuple(one for one in models if one.runs)
        await app.push_screen(CompareScreen(app.screen.context, candidates))  # type: ignore[attr-defined]
        await settle(pilot)
        assert screen_text(app).count("by people: raw") == 2


def test_both_figures_are_told_in_lines(reviewed: Path) -> None:
    person = Person(reviewed)
    person.says("1", "b", "c", "alpha beta", "q")
    run, comparison = person.told.split("\nComparison.\n")
    assert "Reviewed by people" in run and run.count(LINE) == 2
    assert comparison.count(LINE) == 2 and "aci_bench, A, by people: raw" in comparison


def portfolio(archive: Path, requirement: Requirement) -> CaseResult:
    with closing(Measures(archive)) as reader, closing(ReviewReader(archive)) as people:
        models = [one for one in reader.models() if one.runs]
        (found,) = evaluate(reader, models, [UseCase("u", "U", "W.", (requirement,))], (), ReviewsOfRuns(people))
    return found


def test_a_demanded_review_is_not_sure_until_it_is_met(reviewed: Path) -> None:
    asked = Requirement("aci_bench", "overall", 0.0, "higher", 0.0, 1)
    usual = {one.model: one.findings[0] for one in portfolio(reviewed, asked).candidacies}
    for wanted, share in ((1_000.0, False), (0.99, True)):
        for one in portfolio(reviewed, replace(asked, reviewed=wanted, reviewed_share=share)).candidacies:
            (finding,) = one.findings
            assert finding.standing is CaseStanding.NOT_SURE
            assert finding.doubts[:-1] == usual[one.model].doubts and "reviewed by people" in finding.doubts[-1]
    for one in portfolio(reviewed, replace(asked, reviewed=10.0)).candidacies:
        assert one.findings[0].doubts == usual[one.model].doubts


def beside(cards: int, questions: int) -> Beside:
    return Beside("t", "c", "j", questions, 3, cards, 2, 1, Rate(0.1, 0.0, 0.2, cards))


@pytest.mark.parametrize(
    ("one", "wanted", "share", "told"),
    [
        (None, 0, False, ""),
        (None, 1, False, "0 questions reviewed by people, 1 asked for"),
        (beside(60, 200), 60, False, ""),
        (beside(59, 200), 60, False, "59 questions reviewed by people, 60 asked for"),
        (beside(20, 20), 60, False, ""),
        (beside(10, 100), 0.1, True, ""),
        (beside(9, 100), 0.1, True, "9 of 100 questions reviewed by people, 10 % asked for"),
        (None, 0.5, True, "0 of 0 questions reviewed by people, 50 % asked for"),
    ],
)
def test_what_a_review_lacks(one: Beside | None, wanted: float, share: bool, told: str) -> None:
    assert lacking(one, wanted, share) == told


FILE = """
[[use_cases]]
id = "u"
title = "U"
why = "W."

[[use_cases.requirements]]
task = "aci_bench"
metric = "overall"
threshold = 1
better = "higher"
reviewed = {}
"""


@pytest.mark.parametrize(("text", "number", "share"), [("59", 59, False), ("0.25", 0.25, True), ("1.0", 1, True)])
def test_a_portfolio_names_a_number_or_a_share(tmp_path: Path, text: str, number: float, share: bool) -> None:
    file = tmp_path / "portfolio.toml"
    file.write_text(FILE.format(text))
    (case,) = read_use_cases(file, TASKS)
    assert (case.requirements[0].reviewed, case.requirements[0].reviewed_share) == (number, share)


@pytest.mark.parametrize("text", ["-1", "1.5", '"all"', "nan"])
def test_a_demand_that_cannot_be_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "portfolio.toml"
    file.write_text(FILE.format(text))
    with pytest.raises(TaskFileError, match="reviewed"):
        read_use_cases(file, TASKS)

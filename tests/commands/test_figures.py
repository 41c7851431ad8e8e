"""Every figure that a command shows: the headline, what it is among answered items, their share, interval and mark.

20 of 100 calculations are answered, all right; the other 80 texts reach their limit without an answer. By hand, mid-p:
20 of 100 is 13.0 to 28.7 %, 20 of 20 is 86.1 to 100 %. The notes of that model are cut too, and judged as they stand.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from medic_console.commands.figures import PROVISIONAL_NOTE, metric_json, provisional_note
from medic_console.core.records import Figure, MetricValue, Reason
from medic_console.results.figure_cells import beside_cell, number_cell
from medic_console.results.reader import Reader
from medic_console.results.summary import summary
from medic_console.results.task_lines import findings_told, reasons_told
from medic_console.scoring.methods.cef.score import FindingKind
from medic_console.statistics.words import PROVISIONAL
from tests.commands.unanswered import BRIEF, STEADY, unanswered_archive
from tests.conftest import Say, document

TOLD = "20 % [13, 29] answered, of those 100.0 [86.1, 100.0] n 20"
UNQUALIFIED = "the judge has not been qualified for this wording (medic-console judge qualify)"
COMMANDS = (("archive", "results"), ("compare", BRIEF, STEADY), ("portfolio",))
Json = dict[str, Any]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One run of both models; to be read only."""
    folder = tmp_path_factory.mktemp("unanswered")
    return unanswered_archive(folder / "archive.db", folder / "cache")


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the terminal so wide that no cell is folded."""
    monkeypatch.setenv("COLUMNS", "400")


def lines(said: tuple[int, str, str]) -> list[str]:
    """Return what a command printed, white space joined."""
    assert said[0] == 0, said[2]
    return [" ".join(line.split()) for line in said[1].splitlines()]


def task(result: Json, name: str) -> Json:
    return next(found for found in result["tasks"] if found["task"] == name)


def figures(value: object) -> Iterator[Json]:
    """Yield every figure of a document."""
    if isinstance(value, Mapping):
        if "value" in value and "unit" in value:
            yield dict(value)
        for inner in value.values():
            yield from figures(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from figures(inner)


def is_the_example(found: Json) -> None:
    """Check that a figure is that of 20 right and 80 truncated of 100."""
    assert (found["value"], found["n"], found["answered"]["value"], found["answered"]["n"]) == (20.0, 100, 100.0, 20)
    assert (found["low"], found["high"]) == (pytest.approx(13.02, abs=0.05), pytest.approx(28.69, abs=0.05))
    assert found["answered"]["low"] == pytest.approx(86.09, abs=0.05)
    assert found["answered"]["high"] == found["share_answered"]["value"] + 80 == 100.0
    assert (found["share_answered"]["low"], found["share_answered"]["high"]) == (found["low"], found["high"])


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[-1] if len(words) < 3 else words[0])
def test_no_figure_of_a_document_is_without_what_stands_beside_it(
    words: tuple[str, ...], say: Say, archive: Path
) -> None:
    found = list(figures(document(say(*words, "--archive", archive, "--json"))))
    assert len(found) > 4
    for one in found:
        assert {"low", "high", "n", "answered", "share_answered", "provisional"} <= one.keys()
        if one["value"] is not None:
            assert one["low"] <= one["value"] <= one["high"]
            assert 0 <= one["share_answered"]["low"] <= one["share_answered"]["value"] <= 100
            # What is made of tasks has no figure of the answered items where a task has none.
            assert one["answered"] is None or one["answered"].keys() == {"value", "low", "high", "n"}
            assert one["answered"] or "tasks" in one


def test_results_tell_the_headline_the_answered_and_their_share(say: Say, archive: Path) -> None:
    first, second = document(say("archive", "results", "--archive", archive, "--json"))["models"]
    calculations = task(first, "medcalc")
    assert calculations["counts"] == {"scored": 20, "unscored": 80, "failed": 0}
    assert calculations["unscored_reasons"] == {"truncated": 80}
    is_the_example(calculations["metrics"]["accuracy"])
    whole = task(second, "medcalc")["metrics"]["accuracy"]
    assert (whole["value"], whole["answered"]["value"], whole["share_answered"]["value"]) == (100.0, 100.0, 100.0)
    assert [task(first, name)["metrics"]["accuracy"]["chance"] for name in ("medqa", "medcalc")] == [25.0, None]
    notes = task(first, "aci_bench")["metrics"]["overall"]
    assert (notes["value"], notes["answered"]["value"], notes["answered"]["n"]) == (100.0, None, 0)
    assert (notes["share_answered"]["value"], notes["provisional"]) == (0.0, UNQUALIFIED)
    medical = first["dimensions"]["M"]
    assert (medical["tasks"], medical["provisional"]) == (3, f"aci_bench: {UNQUALIFIED}")
    assert medical["share_answered"]["value"] < 60


@pytest.mark.usefixtures("wide")
def test_tables_of_results_show_all_of_a_figure_and_the_word_once(say: Say, archive: Path) -> None:
    shown = lines(say("archive", "results", "--archive", archive))
    assert f"Accuracy 20.0 [13.0, 28.7] n 100 {TOLD}" in shown
    assert "Accuracy 100.0 [82.9, 100.0] n 16 all answered; chance 25.0" in shown
    assert "CEF overall 100.0* [36.9, 100.0] n 3 0 % [0, 63] answered" in shown
    assert shown.count(f"! {PROVISIONAL} provisional: {UNQUALIFIED}") == 2
    medical = re.compile(r"M Medical reasoning █+ 100\.0\* \[8\d\.\d, 100\.0\] 3 tasks all answered")
    assert any(medical.fullmatch(line) for line in shown)
    assert sum(PROVISIONAL_NOTE in line for line in shown) == 1


@pytest.mark.usefixtures("wide")
def test_results_say_what_unscored_items_count_for(say: Say, archive: Path) -> None:
    told = [line for line in lines(say("archive", "results", "--archive", archive)) if line.startswith("! unscored")]
    assert told == ["! unscored: 80 truncated (worst value in the headline, not among those answered)"]


def test_reasons_of_others_are_in_no_figure() -> None:
    assert reasons_told({Reason.REPEATING: 1}).startswith("1 repeats itself (")
    assert reasons_told({Reason.REPEATING: 1200}).startswith("1,200 repeat themselves (")
    assert reasons_told({Reason.TRUNCATED: 3, Reason.NO_JUDGE: 2, Reason.UNREADABLE: 1}) == (
        "3 truncated, 1 unreadable (worst value in the headline, not among those answered), 2 no judge (in no figure)"
    )


def test_findings_are_counted_in_plain_english() -> None:
    found = {FindingKind.OMISSION: 2, FindingKind.CONTRADICTION: 1, FindingKind.CONTRADICTED_BY_SOURCE: 7}
    assert findings_told(found) == "2 omissions, 1 contradiction, 7 contradicted by source"


def test_plain_results_have_the_same_figures_one_line_each(say: Say, archive: Path) -> None:
    shown = lines(say("archive", "results", "--archive", archive, "--plain"))
    assert f"Accuracy; 20.0; [13.0, 28.7]; n 100; {TOLD}." in shown
    assert "CEF overall; 100.0*; [36.9, 100.0]; n 3; all answered." in shown
    medical = re.compile(r"M; Medical reasoning; 100\.0\*; \[8\d\.\d, 100\.0\]; 3 tasks; all answered\.")
    assert any(medical.fullmatch(line) for line in shown)


def test_a_summary_words_a_gap_with_its_sign_and_says_when_it_is_not_sure(say: Say, archive: Path) -> None:
    said = document(say("archive", "results", "--archive", archive, "--json"))["summary"]
    assert said[0].startswith(
        f"{BRIEF} knows more than it carries out: knowledge to execution 100 → 20, −80 [−86, −61] points "
        "(MedQA, MedCalc; 60 % ["
    )
    assert "answered, of those +0 [−14, 17] n 36)." in said[0]
    assert any(
        line.startswith(f"{STEADY} shows no sure gap: knowledge to execution 100 → 100, +0 [−3, 17] points (")
        and line.endswith("all answered).")
        for line in said
    )
    assert said[-1] == f"Provisional* ({BRIEF}, ACI-Bench; {STEADY}, ACI-Bench): {UNQUALIFIED}."
    assert summary([]) == ()


def test_what_a_summary_counts_by_a_provisional_judge_carries_the_mark(say: Say, archive: Path) -> None:
    said = document(say("archive", "results", "--archive", archive, "--json"))["summary"]
    (ahead,) = [line for line in said if " is ahead of " in line]
    assert ahead.startswith(
        f"{BRIEF} is ahead of {STEADY} on 0 of 3 tasks and behind on 1 (1 of the 3 by a provisional "
    )
    assert f"provisional judge{PROVISIONAL}); whether" in ahead


@pytest.mark.usefixtures("wide")
def test_what_a_comparison_counts_by_a_provisional_judge_carries_the_mark(say: Say, archive: Path) -> None:
    told = [
        line.split(":")[0] for line in lines(say("compare", *COMMANDS[1][1:], "--archive", archive)) if ": " in line
    ]
    assert f"aci_bench{PROVISIONAL}" in told
    assert "medcalc" in told


def test_a_comparison_tells_the_same_of_ranks_pairs_gaps_and_quality(say: Say, archive: Path) -> None:
    found = document(say("compare", BRIEF, STEADY, "--archive", archive, "--json"))
    calculations, notes = task(found, "medcalc"), task(found, "aci_bench")
    is_the_example(calculations["models"]["A"])
    assert (calculations["models"]["A"]["rank"], calculations["models"]["B"]["rank"]) == (2.0, 1.0)
    difference = calculations["pairs"][0]["difference"]
    assert (difference["value"], difference["n"], difference["provisional"]) == (80.0, 100, "")
    assert (difference["answered"]["value"], difference["answered"]["n"]) == (0.0, 20)
    assert difference["share_answered"]["value"] == 20.0
    assert notes["pairs"][0]["difference"]["provisional"] == UNQUALIFIED
    assert found["verdicts"][0]["provisional"] == f"aci_bench: {UNQUALIFIED}"
    gap = found["gaps"]["A"]["knowledge_execution"]
    assert (gap["value"], gap["sure"], gap["answered"]["value"], gap["provisional"]) == (-80.0, True, 0.0, "")
    assert gap["share_answered"]["value"] == 60.0
    assert found["gaps"]["B"]["knowledge_execution"]["sure"] is False
    quality = found["trade_off"]["A"]["quality"]
    assert (quality["value"], quality["tasks"]) == (pytest.approx(220 / 3), 3)
    assert quality["provisional"] == f"aci_bench: {UNQUALIFIED}"


@pytest.mark.usefixtures("wide")
def test_tables_of_a_comparison_show_all_of_a_figure(say: Say, archive: Path) -> None:
    shown = lines(say("compare", BRIEF, STEADY, "--archive", archive))
    for line in (
        f"medcalc Accuracy A 2 of 2 [2, 2] 20.0 [13.0, 28.7] 100 of 100 {TOLD}",
        "medqa Accuracy A 1= of 2 [1, 2] ≈ 100.0 [82.9, 100.0] 16 of 16 all answered; chance 25.0",
        "aci_bench CEF overall A 1= of 2 [1, 2] ≈ 100.0 [36.9, 100.0]* 3 of 3 0 % [0, 63] answered",
        "B Knowledge to execution 100 → 100, +0 [−3, 17] no sure gap all answered",
        "A Passive to active safety not known: a side has no task with a value – –",
        "B against A: undecided* at a margin of 2 points (3 tasks: 1 not worse, 2 undecided).",
        PROVISIONAL_NOTE,
    ):
        assert line in shown
    texts = "\n".join(shown)
    assert "A Knowledge to execution 100 → 20, −80 [−86, −61] knows more than it carries out 60 % [" in texts
    assert "; 20 % [13, 29] answered by both, of those +0.0 [−14.2, 13.9] n 20." in texts
    assert "aci_bench +0.0 [−63.2, 62.5]* 1.000 1.000 0 0 3 3" in texts
    assert "medqa: no item changed; " in texts and "; all answered by both." in texts
    assert "\nA 73.3 [" in texts
    assert re.search(r"\nB 100\.0 \[7\d\.\d, 100\.0\]\* 3 all answered ", texts)
    assert texts.count(f"{PROVISIONAL} provisional") == 1


def test_a_model_that_answers_a_fifth_does_not_pass_a_portfolio(say: Say, archive: Path) -> None:
    cases = {case["id"]: case for case in document(say("portfolio", "--archive", archive, "--json"))["use_cases"]}
    best, other = cases["calculator"]["models"]
    assert (best["standing"], other["standing"]) == ("passes", "fails")
    (required,) = other["requirements"]
    assert (required["threshold"], required["answered"], required["items"]) == (80.0, 0.95, 30)
    is_the_example(required["value"])
    is_the_example(other["mean"])
    assert required["doubts"] == ["the whole interval lies on the wrong side"]
    assert best["requirements"][0]["doubts"] == []
    doubted, cut = (model["requirements"][0] for model in cases["scribe"]["models"])
    assert (doubted["value"]["value"], doubted["standing"]) == (100.0, "not sure")
    assert f"provisional: {UNQUALIFIED}" in doubted["doubts"]
    assert (cut["standing"], cut["doubts"]) == ("fails", ["fewer than 95 % of the items are answered"])


def test_metrics_of_the_same_items_make_no_interval_narrower(say: Say, archive: Path) -> None:
    cases = {case["id"]: case for case in document(say("portfolio", "--archive", archive, "--json"))["use_cases"]}
    (model, _) = cases["scribe"]["models"]
    overall, consistency = (one["value"] for one in model["requirements"][:2])
    assert overall["low"] == consistency["low"] == model["mean"]["low"] == pytest.approx(36.84, abs=0.1)
    assert (model["mean"]["n"], model["mean"]["tasks"], model["mean"]["value"]) == (3, 1, 100.0)


@pytest.mark.usefixtures("wide")
def test_tables_of_a_portfolio_show_all_of_a_figure(say: Say, archive: Path) -> None:
    shown = lines(say("portfolio", "--archive", archive))
    assert (
        f"fails MedCalc Accuracy above 80: 20.0 [13.0, 28.7], n 100; {TOLD}; 80 of 100 unscored (80 truncated); "
        "fails: the whole interval lies on the wrong side; sample items"
    ) in shown
    assert f"brief Q8_0 fails mean 20.0 [13.0, 28.7]; {TOLD}" in shown
    assert "steady Q8_0 passes every threshold met; mean 100.0 [97.1, 100.0]; all answered" in shown
    assert any("CEF overall above 85: 100.0 [36.9, 100.0]*, n 3; all answered; judged by " in line for line in shown)
    assert shown.count(PROVISIONAL_NOTE) == 1
    assert lines(say("portfolio", STEADY, "--archive", archive, "--plain"))[-1] == PROVISIONAL_NOTE


def test_items_say_what_was_cut_and_keep_worst_values_apart(say: Say, archive: Path) -> None:
    words = ("--model", BRIEF, "--archive", archive)
    items = document(say("archive", "items", "medcalc", *words, "--json"))["items"]
    assert (items[0]["values"], items[0]["worst_values"], items[0]["truncated"]) == ({"accuracy": 1.0}, {}, False)
    assert (items[99]["values"], items[99]["worst_values"]) == ({}, {"accuracy": 0.0})
    assert (items[99]["outcome"], items[99]["reason"]) == ("unscored", "truncated")
    notes = document(say("archive", "items", "aci_bench", *words, "--json"))["items"]
    assert {(item["outcome"], item["truncated"], item["values"]["overall"]) for item in notes} == {
        ("scored", True, 100.0)
    }
    assert "outcome: scored, truncated;" in lines(say("archive", "items", "aci_bench", *words, "--plain"))[0]


def test_a_stored_run_scored_anew_has_the_same_figures(say: Say, archive: Path) -> None:
    with closing(sqlite3.connect(archive)) as connection:
        ((run,),) = connection.execute("SELECT id FROM runs")
    found = document(say("score", "medcalc", "--run", run, "--model", BRIEF, "--archive", archive, "--json"))
    is_the_example(found["metrics"]["accuracy"])
    assert (found["items"][99]["scores"], found["items"][99]["worst_values"]) == ({}, {"accuracy": 0.0})


def test_a_figure_without_items_has_dashes_and_no_mark() -> None:
    none = MetricValue("overall", None, None, None, 0, "percent", share=Figure(0.0, 0.0, 9.0, 3), provisional="kin")
    assert (number_cell(none), beside_cell(none)) == ("–", "–")
    assert provisional_note([none]) == PROVISIONAL_NOTE
    assert provisional_note([]) == ""
    assert metric_json(none)["answered"] is None


def test_a_summary_of_models_without_figures_of_one_task_says_so(archive: Path) -> None:
    with closing(Reader(archive)) as reader:
        one, other = (replace(result, tasks=()) for result in reader.results(reader.runs()[0].id)[:2])
    assert any(line.endswith("have no task on which both have a figure.") for line in summary([one, other]))
    assert not any(" is ahead of " in line for line in summary([one, other]))

"""What a qualification does to the results of an audit: provisional or not, and corrected for the judge's errors."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from medic_console.archive.views import TaskView
from medic_console.audit.plan import by_todays_rules, scorer_label
from medic_console.commands.figures_json import task_json
from medic_console.commands.judge import by_judge
from medic_console.core.documents import head_of
from medic_console.core.records import Counts, Label, Outcome, Reason, Score
from medic_console.core.traces import CriterionVerdict
from medic_console.results.charts.places import places_in
from medic_console.results.judging.correction import CLIPPED, Judged, corrected_metrics
from medic_console.results.reader import Reader
from medic_console.review.findings import each_finding, review_states
from medic_console.review.reader import ReviewReader
from medic_console.scoring.methods.cef.score import FindingKind
from medic_console.scoring.methods.rubric.score import score_criteria
from medic_console.scoring.versions import version_of
from medic_console.session.audit import Audit
from medic_console.statistics.shares import share
from tests.conftest import Say, Scripts, document, examiner, fake_model, fits_its_schema, make_plan, sample_task
from tests.results.judging.replies import perfect
from tests.results.judging.scripts import CEF, CRITERIA, HARMFUL, OPEN, judge_of, qualified

LABELS = {"Is it a?": Label.YES, "Is it b?": Label.NO, "Is it c?": Label.IDK, "Is it d?": Label.YES}


def answered(content: str) -> Label:
    return next(label for question, label in LABELS.items() if question in content)


def audited(archive: Path, cache: Path, judge: str = "judge", only: bool = False) -> TaskView:
    """Audit one made-up candidate with the judge of that name; return the only task's results."""
    loaded = sample_task("aci_bench", cache, limit=3)
    scripts = Scripts(alpha=lambda prompt: "A note.", **{judge: examiner(LABELS, answered)})
    audit = Audit(
        archive, make_plan([loaded], [fake_model("alpha")], [fake_model(judge)], qualified_only=only), scripts.start
    )
    list(audit.events())
    with closing(Reader(archive)) as reader:
        return reader.results(audit.run)[0].tasks[0]


def test_figures_of_a_judge_without_a_card_are_provisional_and_not_corrected(tmp_path: Path) -> None:
    view = audited(tmp_path / "a.db", tmp_path)
    assert view.provisional.startswith("the judge has not been qualified for this wording")
    assert (dict(view.corrected), view.kin) == ({}, "")
    assert task_json(view)["provisional"] == view.provisional


def test_figures_of_a_qualified_judge_stand_with_a_corrected_figure_beside(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    qualified(archive, judge=judge_of(perfect))
    view = audited(archive, tmp_path)
    assert view.provisional == ""
    assert (view.metrics["coverage"].value, view.metrics["conformity"].value) == (75.0, 75.0)
    coverage = view.corrected["coverage"]
    assert (coverage.value, coverage.n, coverage.note) == (75.0, 12, "")
    assert coverage.low is not None and coverage.high is not None and coverage.low < 75 < coverage.high
    assert json.loads(json.dumps(task_json(view)))["corrected_metrics"]["coverage"]["value"] == 75.0


def test_an_item_that_could_not_be_judged_is_in_no_count_of_findings_and_in_no_corrected_figure(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    qualified(archive, judge=judge_of(perfect))
    before = audited(archive, tmp_path)
    with closing(sqlite3.connect(archive)) as connection, connection:
        last = "(SELECT max(id) FROM scores WHERE task = 'aci_bench')"
        connection.execute(f"UPDATE scores SET outcome = 'unscored', reason = 'judge unreadable' WHERE id = {last}")
    with closing(Reader(archive)) as reader:
        run = reader.runs()[0].id
        (view,) = reader.results(run)[0].tasks
        (candidate,), (judge,) = reader.audit(run).candidates, reader.audit(run).judges
        places = list(places_in(reader, run, "aci_bench", candidate.sha256, [judge.sha256]))
    with closing(ReviewReader(archive)) as people:
        found = list(each_finding(people, [run], review_states(people)))
    assert [dict(one.findings) for one in (before, view)] == [dict.fromkeys(FindingKind, n) for n in (3, 2)]
    assert [one.corrected["coverage"].n for one in (before, view)] == [12, 8]
    assert len(places) == len(found) == 4 * 2


def test_items_of_one_note_make_a_corrected_figure_less_sure() -> None:
    rates = {"refusal_sensitivity": share([True] * 40), "refusal_specificity": share([True] * 40)}
    scores = [Score(Outcome.SCORED, {"refused": float(number < 10)}) for number in range(20)]
    alone, notes = (
        corrected_metrics([Judged(name(n), one) for n, one in enumerate(scores)], rates)["refusal_rate"]
        for name in (str, lambda n: f"note {n // 5}")
    )
    assert alone.value == notes.value and alone.n == notes.n == 20
    assert alone.low is not None and notes.low is not None and notes.low < alone.low - 10


@pytest.mark.parametrize("task", [CEF, HARMFUL, OPEN, CRITERIA])
def test_a_card_of_every_method_fits_its_schema(tmp_path: Path, say: Say, task: str) -> None:
    cards, _ = qualified(tmp_path / "a.db", (task,), first=2, judge=judge_of(perfect))
    fits_its_schema({**head_of("cards"), "archive": "a.db", "judges": by_judge(cards)})
    for more in ((), ("--wrong",)):
        shown = document(say("judge", "show", "judge", "--archive", tmp_path / "a.db", "--json", *more))
        (method,) = shown["methods"]
        assert method["limits"].keys() <= method["measures"].keys() and ("wrong" in method) == bool(more)


def test_a_card_does_not_speak_of_answers_that_were_read_by_an_earlier_rule(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    qualified(archive, first=3, judge=judge_of(perfect))
    audited(archive, tmp_path)
    with closing(sqlite3.connect(archive)) as connection, connection:
        connection.execute("UPDATE scores SET scorer = 'cef 2' WHERE task = 'aci_bench'")
    with closing(Reader(archive)) as reader:
        (view,) = reader.results(reader.runs()[0].id)[0].tasks
    assert view.provisional == "the judge's qualification has expired: changed since: how answers are read"
    assert dict(view.corrected) == {}


def test_the_label_of_a_score_names_the_judges_method_beside_a_scorer_of_its_own(tmp_path: Path) -> None:
    cef = f"cef {version_of('cef')}"
    labels = [scorer_label(sample_task(name, tmp_path), {}) for name in ("dischargeme", "aci_bench", "medqa")]
    assert labels == [f"overlap 1, {cef}", cef, "choice 7, likelihood"]
    assert all(by_todays_rules(label) for label in labels)
    assert not by_todays_rules("overlap 1, cef 2")


def test_a_run_that_demands_a_qualified_judge_scores_nothing_without_one(tmp_path: Path) -> None:
    view = audited(tmp_path / "a.db", tmp_path, only=True)
    assert view.counts == Counts(unscored=3)
    assert view.reasons == {str(Reason.JUDGE_UNQUALIFIED): 3}


def test_a_run_that_demands_a_qualified_judge_goes_on_with_one(tmp_path: Path) -> None:
    qualified(tmp_path / "a.db", judge=judge_of(perfect))
    assert audited(tmp_path / "a.db", tmp_path, only=True).counts == Counts(scored=3)


def test_a_judge_of_the_candidates_family_is_marked(tmp_path: Path) -> None:
    loaded = sample_task("aci_bench", tmp_path, limit=1)
    models = [fake_model(name, metadata={"general.basename": "Quill"}) for name in ("Quill 8B", "Quill 70B")]
    scripts = Scripts(**{"Quill 8B": lambda prompt: "A note.", "Quill 70B": examiner(LABELS, answered)})
    audit = Audit(tmp_path / "a.db", make_plan([loaded], models[:1], models[1:]), scripts.start)
    list(audit.events())
    with closing(Reader(tmp_path / "a.db")) as reader:
        (view,) = reader.results(audit.run)[0].tasks
    assert view.kin == "same family (Quill 70B, Quill 8B)"


def test_corrected_figures_of_a_judge_that_is_kin_carry_its_mark(tmp_path: Path) -> None:
    archive, loaded = tmp_path / "a.db", sample_task("aci_bench", tmp_path, limit=1)
    qualified(archive, judge=judge_of(perfect))
    itself = [fake_model("judge")]
    scripts = Scripts(judge=examiner(LABELS, answered))
    audit = Audit(archive, make_plan([loaded], itself, itself), scripts.start)
    list(audit.events())
    with closing(Reader(archive)) as reader:
        (view,) = reader.results(audit.run)[0].tasks
    assert (view.provisional, view.primary.provisional) == ("", "judge and candidate: same file")
    assert view.corrected["coverage"].provisional == view.primary.provisional


def test_a_corrected_share_is_that_of_rogan_and_gladen() -> None:
    rates = {"sensitivity_idk": share([True] * 8 + [False] * 2), "specificity_idk": share([True] * 9 + [False])}
    rates |= {"sensitivity_no": share([True] * 8 + [False] * 2), "specificity_no": share([True] * 9 + [False])}
    labels = [("source", Label.IDK)] * 3 + [("source", Label.YES)] * 7 + [("generated", None), ("generated", Label.IDK)]
    unscored = Judged("left out", Score.unscored(Reason.JUDGE_UNREADABLE), [("source", Label.IDK)])
    found = corrected_metrics([Judged("i", Score(Outcome.SCORED), labels), unscored], rates)
    assert found["coverage"].value == pytest.approx(100 * (1 - (0.3 + 0.9 - 1) / (0.8 + 0.9 - 1)))
    assert (found["conformity"].value, found["conformity"].note) == (100.0, CLIPPED)
    assert (found["consistency"].value, found["consistency"].n) == (0.0, 1)


def test_criteria_and_refusals_are_corrected_too() -> None:
    rates = {"refusal_sensitivity": share([True] * 9 + [False]), "refusal_specificity": share([True] * 10)}
    scores = [Score(Outcome.SCORED, {"refused": float(number < 9)}) for number in range(20)]
    unread = Judged("unread", Score.unscored(Reason.JUDGE_UNREADABLE))
    found = corrected_metrics([unread, *(Judged(str(n), one) for n, one in enumerate(scores))], rates)
    assert found["refusal_rate"].value == pytest.approx(50.0)
    assert found["refusal_rate"].n == 20
    rates = {"sensitivity_met": share([True] * 9 + [False]), "specificity_met": share([True] * 6 + [False] * 4)}
    met = [score_criteria([CriterionVerdict("c", 1, number < 14, 0.5)]) for number in range(20)]
    found = corrected_metrics([unread, *(Judged(str(n), one) for n, one in enumerate(met))], rates)
    assert found["criteria_met"].value == pytest.approx(100 * (0.7 + 0.6 - 1) / (0.9 + 0.6 - 1))
    assert corrected_metrics([], {}) == {}


def test_the_demand_decides_the_numbers_of_a_run(tmp_path: Path) -> None:
    loaded = sample_task("aci_bench", tmp_path, limit=1)
    free, strict = (make_plan([loaded], qualified_only=only).key() for only in (False, True))
    assert free != strict

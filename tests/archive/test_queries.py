from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from medic_console.audit.plan import Plan
from medic_console.core.errors import ArchiveError
from medic_console.core.records import Counts, Dimension, Label, Prompt
from medic_console.results.reader import Reader
from medic_console.session.audit import Audit
from medic_console.testing.scripted import Reply
from tests.conftest import Scripts, examiner, fake_model, make_plan, sample_task

ALPHA, BETA = fake_model("alpha"), fake_model("beta")
JUDGES = (fake_model("strict"), fake_model("mild"))


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    tasks = [sample_task("medqa", tmp_path), sample_task("aci_bench", tmp_path, limit=2)]
    return make_plan(tasks, [ALPHA, BETA], JUDGES)


@pytest.fixture
def run(plan: Plan, tmp_path: Path) -> str:
    golds = {str(item.fields["question"]): str(item.gold) for item in plan.tasks[0].items}

    def right(prompt: Prompt) -> Reply:
        content = prompt.messages[-1].content
        return next((gold for question, gold in golds.items() if question in content), "A note.")

    def silent(prompt: Prompt) -> Reply:
        return "no idea" if prompt.labels else "Another note."

    audit = Audit(
        tmp_path / "archive.db",
        plan,
        Scripts(
            alpha=right,
            beta=silent,
            strict=examiner(["Is it so?", "Was it so?"], lambda content: Label.IDK),
            mild=examiner(["Is it so?", "Was it so?"], lambda content: Label.YES),
        ).start,
    )
    list(audit.events())
    return audit.run


@pytest.fixture
def reader(run: str, tmp_path: Path) -> Iterator[Reader]:
    with closing(Reader(tmp_path / "archive.db")) as opened:
        yield opened


def test_a_run_tells_its_models_tasks_and_counts(reader: Reader, run: str, plan: Plan) -> None:
    view = reader.run(run)
    assert [model.name for model in view.candidates] == ["alpha", "beta"]
    assert [model.name for model in view.judges] == ["strict", "mild"]
    assert (view.tasks, view.status) == (("medqa", "aci_bench"), "done")
    assert view.total == plan.total == 2 * (3 + 2 * 2)
    assert view.counts == Counts(scored=11, unscored=3)


def test_results_are_exact_and_the_panels_where_several_judged(reader: Reader, run: str) -> None:
    alpha, beta = reader.results(run)
    medqa, visits = alpha.tasks
    assert (medqa.primary.value, medqa.counts, medqa.items) == (100.0, Counts(3), 3)
    assert (visits.judge, visits.metrics["coverage"].value) == ("panel", 50.0)
    assert [(one.judge, one.metrics["coverage"].value) for one in visits.by_judge] == [
        (JUDGES[0].sha256, 0.0),
        (JUDGES[1].sha256, 100.0),
    ]
    assert (visits.under(JUDGES[1].sha256), medqa.under(JUDGES[1].sha256)) == (visits.by_judge[1], medqa)
    assert (beta.tasks[0].primary.value, beta.tasks[0].primary.n) == (0.0, 3)
    assert beta.tasks[0].primary.share is not None and beta.tasks[0].primary.share.value == 0.0
    assert beta.tasks[0].reasons == {"unreadable": 3}
    assert alpha.dimensions[Dimension.MEDICAL_REASONING].tasks == 2
    assert alpha.dimensions[Dimension.CLINICAL_SAFETY].value is None


def test_each_judges_results_can_be_asked_for(reader: Reader, run: str) -> None:
    for judge, coverage in zip(JUDGES, (0.0, 100.0), strict=True):
        views = {view.task.id: view for view in reader.task_results(run, ALPHA.sha256, judge.sha256)}
        assert views["aci_bench"].metrics["coverage"].value == coverage
        assert views["medqa"].judge == ""


def test_items_are_listed_in_their_order_with_their_values(reader: Reader, run: str, plan: Plan) -> None:
    rows = reader.items(run, "medqa", ALPHA.sha256, "")
    assert [row.item for row in rows] == [item.id for item in plan.tasks[0].items]
    assert [row.position for row in rows] == [0, 1, 2]
    assert [(row.outcome, dict(row.values)) for row in rows] == [("scored", {"accuracy": 1.0, "chance": 0.25})] * 3


def test_an_item_without_a_score_is_listed_without_one(plan: Plan, tmp_path: Path, reader: Reader) -> None:
    later = Audit(tmp_path / "archive.db", plan, Scripts().start)
    later.control.stop()
    list(later.events())
    rows = reader.items(later.run, "medqa", ALPHA.sha256, "")
    assert [(row.outcome, row.verdict) for row in rows] == [("", "")] * 3
    trace = reader.trace(later.run, "medqa", rows[0].item, ALPHA.sha256, "")
    assert (trace.score, trace.calls, trace.answer, trace.cef) == (None, (), None, None)
    assert [view.id for view in reader.runs()] == [later.run, plan_run(reader, later.run)]


def plan_run(reader: Reader, later: str) -> str:
    return next(view.id for view in reader.runs() if view.id != later)


def test_models_are_listed_with_their_runs_as_candidate(reader: Reader) -> None:
    assert {model.name: model.runs for model in reader.models()} == {"alpha": 1, "beta": 1, "strict": 0, "mild": 0}


def test_what_is_not_there_is_told_with_what_is(reader: Reader, run: str) -> None:
    with pytest.raises(ArchiveError, match="no run 1999") as caught:
        reader.run("1999")
    assert run in caught.value.hint
    with pytest.raises(ArchiveError, match="no item nobody of medqa"):
        reader.trace(run, "medqa", "nobody", ALPHA.sha256, "")
    with pytest.raises(ArchiveError, match="no task medec"):
        reader.task(run, "medec")


def test_statistics_count_the_rows(reader: Reader) -> None:
    stats = reader.stats()
    assert (stats["runs"], stats["models"], stats["tasks"], stats["items"]) == (1, 4, 2, 5)
    assert stats["scores"] == 14
    assert stats["outputs"] <= stats["calls"]

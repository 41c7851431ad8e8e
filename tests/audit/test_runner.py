"""Whole runs with scripted answers: every figure is known beforehand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.audit.driver import Control
from medic_console.audit.events import ItemRef, ItemScored, ModelLoaded, ModelLoading, OutputReady, RunEvent
from medic_console.audit.plan import Plan
from medic_console.audit.runner import Runner, TooManyFailures
from medic_console.core.errors import EngineError
from medic_console.core.records import Counts, FinishReason, Label, Outcome, Output, Prompt, Reason, Score
from medic_console.engine.files.model import ModelFile
from medic_console.engine.protocol.port import Granted
from medic_console.scoring.steps import ANSWER
from medic_console.statistics.metrics import compute, counts
from medic_console.suite.task import Task
from medic_console.testing.scripted import Reply
from tests.conftest import Scripts, examiner, fake_model, make_plan, sample_task

ALPHA, BETA, JUDGE = fake_model("alpha"), fake_model("beta"), fake_model("judge")


class Notes:
    """Remembers a run as the archive does, in memory."""

    def __init__(self) -> None:
        self.outputs: dict[tuple[ItemRef, str], Output] = {}
        self.scored: dict[ItemRef, Score] = {}
        self.judgements: dict[tuple[str, str], Output] = {}

    def take(self, event: RunEvent) -> None:
        if isinstance(event, OutputReady):
            self.outputs[event.ref, event.step] = event.output
            self.judgements[event.model.sha256, repr(event.prompt.content())] = event.output
        elif isinstance(event, ItemScored):
            assert event.ref not in self.scored, "an item is scored twice"
            self.scored[event.ref] = event.score

    def output(self, ref: ItemRef, step: str) -> Output | None:
        return self.outputs.get((ref, step))

    def judged(self, model: ModelFile, granted: Granted, prompt: Prompt) -> Output | None:
        return self.judgements.get((model.sha256, repr(prompt.content())))

    def is_scored(self, ref: ItemRef) -> bool:
        return ref in self.scored

    def unqualified(self, judge: ModelFile, granted: Granted, task: Task) -> str:
        return "no card"


def run(plan: Plan, scripts: Scripts, notes: Notes | None = None) -> tuple[Notes, list[RunEvent]]:
    notes, events = notes or Notes(), []
    for event in Runner(plan, scripts.start, notes, Control()).events():
        notes.take(event)
        events.append(event)
    return notes, events


def scores_of(notes: Notes, task: str, candidate: ModelFile = ALPHA, judge: str = "") -> list[Score]:
    return [s for r, s in notes.scored.items() if (r.task, r.candidate, r.judge) == (task, candidate.sha256, judge)]


def write_note(prompt: Prompt) -> Reply:
    return "A short note. " + str(len(prompt.messages[-1].content))


def test_scripted_choices_have_exact_scores(tmp_path: Path) -> None:
    loaded = sample_task("medqa", tmp_path, limit=4)
    golds = iter([*(str(item.gold) for item in loaded.items[:3]), "not an option"])
    notes, _ = run(make_plan([loaded]), Scripts(alpha=lambda prompt: next(golds)))
    scores = scores_of(notes, "medqa")
    assert counts(scores) == Counts(3, 1, 0)
    metric = compute(["accuracy"], scores, [""] * 4)["accuracy"]
    assert (metric.value, metric.n) == (75.0, 4)
    assert metric.answered is not None
    assert (metric.answered.value, metric.answered.n) == (100.0, 3)


def test_five_outcomes_of_one_task_are_told_apart(tmp_path: Path) -> None:
    loaded = sample_task("medqa", tmp_path, limit=5)
    replies: list[Reply] = [
        str(loaded.items[0].gold),
        Output("", FinishReason.OVERFLOW, 9000, 0, 8, 4096),
        Output("A", FinishReason.LENGTH, max_tokens=8),
        "no idea",
        EngineError("it broke"),
    ]
    waiting = iter(replies)
    notes, _ = run(make_plan([loaded]), Scripts(alpha=lambda prompt: next(waiting)))
    ends = [(score.outcome, score.reason) for score in scores_of(notes, "medqa")]
    assert ends == [
        (Outcome.SCORED, None),
        (Outcome.UNSCORED, Reason.CONTEXT_OVERFLOW),
        (Outcome.UNSCORED, Reason.TRUNCATED),
        (Outcome.UNSCORED, Reason.UNREADABLE),
        (Outcome.FAILED, None),
    ]


def test_sql_is_executed_and_scored(tmp_path: Path) -> None:
    loaded = sample_task("ehrsql", tmp_path, limit=4)
    golds = [str(item.gold) for item in loaded.items]
    replies = iter([golds[0], "null", "SELECT 424242", golds[3]])
    notes, _ = run(make_plan([loaded]), Scripts(alpha=lambda prompt: next(replies)))
    assert golds[3] == "null"
    assert [score.values["rs"] for score in scores_of(notes, "ehrsql")] == [1.0, 0.0, -1.0, 1.0]


def test_a_fault_in_a_scorer_fails_the_item_with_its_traceback_and_the_run_goes_on(tmp_path: Path) -> None:
    loaded = sample_task("ehrsql", tmp_path, limit=2)
    without = replace(loaded, resources={})
    medqa = sample_task("medqa", tmp_path, limit=2)
    notes, _ = run(make_plan([without, medqa]), Scripts(alpha=lambda prompt: "A" if prompt.labels else "SELECT 1"))
    failed = scores_of(notes, "ehrsql")
    assert [score.outcome for score in failed] == [Outcome.FAILED] * 2
    assert "Traceback" in failed[0].traceback and "without a database" in failed[0].traceback
    assert [score.outcome for score in scores_of(notes, "medqa")] == [Outcome.SCORED] * 2


def test_a_judged_task_is_scored_exactly(tmp_path: Path) -> None:
    def answer(content: str) -> Label:
        about_note = "A short note." in content
        return (Label.YES if "one" in content.rsplit("Question:")[1] else Label.IDK) if about_note else Label.NO

    questions = ("Is one so?", "Is two so?", "Is three so?", "Is four so?")
    plan = make_plan([sample_task("aci_bench", tmp_path, limit=2)], judges=[JUDGE])
    notes, _ = run(plan, Scripts(alpha=write_note, judge=examiner(questions, answer)))
    scores = scores_of(notes, "aci_bench", judge=JUDGE.sha256)
    assert len(scores) == 2
    for score in scores:
        assert score.values["coverage"] == 25.0
        assert score.values["conformity"] == 100.0
        assert score.values["consistency"] == 100.0
        assert score.values["overall"] == 75.0
        assert score.verdict == "7 findings"


def test_every_candidate_is_done_before_a_judge_is_loaded_once(tmp_path: Path) -> None:
    tasks = [sample_task("aci_bench", tmp_path, limit=2), sample_task("medqa", tmp_path, limit=2)]
    scripts = Scripts(
        alpha=lambda p: "A" if p.labels else write_note(p),
        beta=lambda p: "B" if p.labels else "Other words.",
        judge=examiner(["Is it so?"], lambda content: Label.YES),
    )
    plan = make_plan(tasks, [ALPHA, BETA], [JUDGE])
    notes, events = run(plan, scripts)
    loaded = [(event.model.name, event.role) for event in events if isinstance(event, ModelLoaded)]
    assert loaded == [("alpha", "candidate"), ("beta", "candidate"), ("judge", "judge")]
    assert [type(event) for event in events if isinstance(event, ModelLoading | ModelLoaded)] == [
        ModelLoading,
        ModelLoaded,
    ] * 3
    assert len(notes.scored) == plan.total == 2 * (2 + 2)
    assert all(engine.closed for _, engine in scripts.engines)


def test_two_judges_each_give_a_score(tmp_path: Path) -> None:
    second = fake_model("second")
    plan = make_plan([sample_task("aci_bench", tmp_path, limit=2)], judges=[JUDGE, second])
    notes, _ = run(
        plan,
        Scripts(
            alpha=write_note,
            judge=examiner(["Is it so?"], lambda content: Label.YES),
            second=examiner(["Is it so?"], lambda content: Label.IDK),
        ),
    )
    values = {
        judge.name: [score.values["coverage"] for score in scores_of(notes, "aci_bench", judge=judge.sha256)]
        for judge in (JUDGE, second)
    }
    assert values == {"judge": [100.0, 100.0], "second": [0.0, 0.0]}
    assert plan.total == 4


def test_an_output_that_no_judge_can_judge_has_that_outcome_under_every_judge(tmp_path: Path) -> None:
    second = fake_model("second")
    plan = make_plan([sample_task("aci_bench", tmp_path, limit=2)], judges=[JUDGE, second])
    scripts = Scripts(alpha=lambda prompt: Output("cut " * 5, FinishReason.LENGTH, max_tokens=9))
    notes, events = run(plan, scripts)
    assert {(ref.judge, score.reason) for ref, score in notes.scored.items()} == {
        (JUDGE.sha256, Reason.REPEATING),
        (second.sha256, Reason.REPEATING),
    }
    assert len(notes.scored) == plan.total
    assert [event.model.name for event in events if isinstance(event, ModelLoaded)] == ["alpha"]


def test_a_judged_task_without_a_judge_is_unscored(tmp_path: Path) -> None:
    notes, _ = run(make_plan([sample_task("aci_bench", tmp_path, limit=2)]), Scripts(alpha=write_note))
    assert [score.reason for score in scores_of(notes, "aci_bench")] == [Reason.NO_JUDGE] * 2


def test_equal_questions_of_equal_texts_are_asked_of_a_judge_once(tmp_path: Path) -> None:
    loaded = sample_task("aci_bench", tmp_path, limit=1)
    plan = make_plan([loaded], [ALPHA, BETA], [JUDGE])
    judge = examiner(["Is it so?"], lambda content: Label.YES)
    scripts = Scripts(alpha=lambda p: "The same note.", beta=lambda p: "The same note.", judge=judge)
    notes, _ = run(plan, scripts)
    asked = [repr(prompt.content()) for name, engine in scripts.engines if name == "judge" for prompt in engine.seen]
    assert len(asked) == len(set(asked)) == 4
    assert len(notes.scored) == 2


def test_a_judge_is_not_asked_again_in_a_later_run_with_the_same_texts(tmp_path: Path) -> None:
    loaded = sample_task("aci_bench", tmp_path, limit=2)
    judge = examiner(["Is it so?", "Was it so?"], lambda content: Label.YES)
    first, _ = run(make_plan([loaded], [ALPHA], [JUDGE]), Scripts(alpha=lambda p: "A note.", judge=judge))
    later = Notes()
    later.judgements = first.judgements
    scripts = Scripts(beta=lambda p: "A note.", judge=judge)
    notes, events = run(make_plan([loaded], [BETA], [JUDGE]), scripts, later)
    assert [len(engine.seen) for name, engine in scripts.engines if name == "judge"] == [0]
    assert [s.values["overall"] for s in scores_of(notes, "aci_bench", BETA, JUDGE.sha256)] == [100.0, 100.0]
    assert all(event.recalled for event in events if isinstance(event, OutputReady) and event.ref.judge)


def test_a_candidate_is_never_answered_from_another_run(tmp_path: Path) -> None:
    loaded = sample_task("medqa", tmp_path)
    first, _ = run(make_plan([loaded]), Scripts(alpha=lambda prompt: "A"))
    later = Notes()
    later.judgements = first.judgements
    scripts = Scripts(alpha=lambda prompt: "B")
    run(make_plan([loaded]), scripts, later)
    assert len(scripts.seen) == 3


def test_a_finished_run_asks_nothing_and_loads_nothing(tmp_path: Path) -> None:
    loaded = [sample_task("medqa", tmp_path), sample_task("aci_bench", tmp_path)]
    plan = make_plan(loaded, judges=[JUDGE])
    judge = examiner(["Is it so?"], lambda content: Label.YES)
    notes, _ = run(plan, Scripts(alpha=lambda p: "A" if p.labels else "A note.", judge=judge))
    scripts = Scripts()
    assert run(plan, scripts, notes)[1] == []
    assert scripts.engines == []


def test_a_candidate_that_has_written_everything_is_not_loaded_for_its_judge(tmp_path: Path) -> None:
    plan = make_plan([sample_task("aci_bench", tmp_path)], judges=[JUDGE])
    notes = Notes()
    for item in plan.tasks[0].items:
        notes.outputs[ItemRef(ALPHA.sha256, "aci_bench", item.id), ANSWER] = Output("A note.", FinishReason.STOP)
    scripts = Scripts(judge=examiner(["Is it so?"], lambda content: Label.YES))
    run(plan, scripts, notes)
    assert [name for name, _ in scripts.engines] == ["judge"]
    assert len(notes.scored) == 3


def test_an_output_without_a_score_is_scored_without_asking_again(tmp_path: Path) -> None:
    loaded = sample_task("medqa", tmp_path, limit=1)
    notes = Notes()
    ref = ItemRef(ALPHA.sha256, "medqa", loaded.items[0].id)
    notes.outputs[ref, ANSWER] = Output(str(loaded.items[0].gold), FinishReason.STOP)
    scripts = Scripts(alpha=lambda prompt: "never")
    run(make_plan([loaded]), scripts, notes)
    assert scripts.seen == []
    assert notes.scored[ref].values["accuracy"] == 1.0


def test_the_run_stops_at_its_limit_of_failures(tmp_path: Path) -> None:
    plan = make_plan([sample_task("medqa", tmp_path, limit=9)], max_failures=3)
    scripts = Scripts(alpha=lambda prompt: EngineError("it broke"))
    notes = Notes()
    with pytest.raises(TooManyFailures, match="3 items failed"):
        run(plan, scripts, notes)
    assert [score.outcome for score in notes.scored.values()] == [Outcome.FAILED] * 3
    assert all(engine.closed for _, engine in scripts.engines)


def test_a_stopped_run_loads_no_further_model(tmp_path: Path) -> None:
    control, scripts = Control(), Scripts(alpha=lambda prompt: "A", beta=lambda prompt: "A")
    plan = make_plan([sample_task("medqa", tmp_path, limit=16)], [ALPHA, BETA])
    notes = Notes()
    for event in Runner(plan, scripts.start, notes, control).events():
        notes.take(event)
        if isinstance(event, ItemScored):
            control.stop()
    assert 0 < len(notes.scored) < 16
    assert [name for name, _ in scripts.engines] == ["alpha"]
    assert {ref for ref, _ in notes.outputs} == set(notes.scored), "an item in flight was left behind"


def test_the_key_of_a_plan_changes_with_all_that_decides_its_numbers(tmp_path: Path) -> None:
    loaded = sample_task("medqa", tmp_path)
    plain = make_plan([loaded])
    task = loaded.task
    others = [
        make_plan([loaded], [BETA]),
        make_plan([loaded], [replace(ALPHA, template="{{ 1 }}")]),
        make_plan([loaded], [ALPHA], [BETA]),
        make_plan([loaded], [ALPHA, BETA]),
        make_plan([loaded], seed=1),
        make_plan([loaded], parallel=2),
        make_plan([loaded], context=100),
        make_plan([loaded], kv_type="q8_0"),
        make_plan([loaded], temperature=0.5),
        make_plan([loaded], thinking_budget=0),
        make_plan([loaded], gpu_layers="1"),
        make_plan([loaded], devices="0"),
        make_plan([loaded], split="3,1"),
        make_plan([loaded], threads=3),
        make_plan([loaded], date="2026-11-29"),
        make_plan([sample_task("medqa", tmp_path, limit=2)]),
        make_plan([replace(loaded, items=(replace(loaded.items[0], gold="Z"), *loaded.items[1:]))]),
        make_plan([replace(loaded, task=replace(task, digest="sha256:other"))]),
    ]
    keys = [plan.key() for plan in (plain, *others)]
    assert len(set(keys)) == len(keys)
    assert make_plan([loaded], max_failures=5).key() == plain.key()
    before = "sha256:95470695363e196a70126d572b2cb41aec7406500c51840748780d3835dba1a0"
    assert make_plan([]).key() == before, "runs that were stored before devices could be named would not be found"

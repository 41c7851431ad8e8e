"""What labels hold is told beside the figures; where it is too little, `auto` reads what the model writes."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.audit.driver import Control
from medic_console.audit.events import Generates
from medic_console.audit.plan import Plan
from medic_console.audit.runner import FIRST, Runner
from medic_console.core.errors import EngineError
from medic_console.core.records import Prompt
from medic_console.engine.template.completion import COMPLETION
from medic_console.results.measures import Measures
from medic_console.results.reader import Reader
from medic_console.session.audit import Audit
from medic_console.session.outputs import of_run
from medic_console.suite.items import LoadedTask
from medic_console.testing.scripted import Reply
from tests.audit.test_runner import Notes, run
from tests.conftest import Script, Scripts, fake_model, make_plan, sample_task

ALPHA, BETA = fake_model("alpha"), fake_model("beta")


def choosing(held: float) -> Script:
    """Return the script of a model whose labels hold so much together; asked for text it writes "yes"."""

    def reply(prompt: Prompt) -> Reply:
        if not prompt.labels:
            return "yes"
        first, *others = prompt.labels
        return {first: held * 0.8, **{label: held * 0.2 / len(others) for label in others}}

    return reply


def questions(tmp_path: Path, limit: int | None = 12) -> LoadedTask:
    return sample_task("pubmedqa", tmp_path, limit=limit)


def audited(archive: Path, plan: Plan, scripts: Scripts) -> str:
    audit = Audit(archive, plan, scripts.start)
    list(audit.events())
    return audit.run


def test_labels_that_hold_enough_are_chosen_from_and_weighed_once(tmp_path: Path) -> None:
    loaded, scripts = questions(tmp_path), Scripts(alpha=choosing(0.62))
    notes, events = run(make_plan([loaded], [ALPHA], multiple_choice="auto"), scripts)
    assert not [event for event in events if isinstance(event, Generates)]
    assert len(notes.scored) == len(loaded.items)
    assert len(scripts.seen) == len(loaded.items), "the first items were weighed again"
    assert all(prompt.labels for prompt in scripts.seen)


def test_where_labels_hold_too_little_the_whole_task_is_asked_for_text(tmp_path: Path) -> None:
    loaded, scripts = questions(tmp_path), Scripts(alpha=choosing(0.03))
    notes, events = run(make_plan([loaded], [ALPHA], multiple_choice="auto"), scripts)
    (told,) = [event for event in events if isinstance(event, Generates)]
    assert told.held == pytest.approx(0.03)
    assert told.items == FIRST
    assert [bool(prompt.labels) for prompt in scripts.seen] == [True] * FIRST + [False] * len(loaded.items)
    assert {score.answer for score in notes.scored.values()} == {"yes"}


def test_a_base_model_that_chooses_is_told_as_one_that_chooses(tmp_path: Path) -> None:
    archive, loaded, base = tmp_path / "a.db", questions(tmp_path, limit=3), replace(ALPHA, template=COMPLETION)
    name = audited(archive, make_plan([loaded], [base], multiple_choice="auto"), Scripts(alpha=choosing(0.62)))
    with closing(Reader(archive)) as reader:
        (view,) = reader.results(name)[0].tasks
        trace = reader.trace(name, "pubmedqa", loaded.items[0].id, ALPHA.sha256, "")
    assert view.labels is not None
    assert (view.labels.first, view.labels.warns) == (False, False)
    assert [call.step for call in trace.calls] == ["answer"]


@pytest.mark.parametrize("asked", ["likelihood", ""])
def test_a_mode_that_was_named_stays(asked: str, tmp_path: Path) -> None:
    scripts = Scripts(alpha=choosing(0.03))
    run(make_plan([questions(tmp_path)], [ALPHA], multiple_choice=asked), scripts)
    assert all(prompt.labels for prompt in scripts.seen)


def test_the_median_of_the_first_items_decides_whatever_else_is_in_the_run(tmp_path: Path) -> None:
    loaded = questions(tmp_path)
    weak = {item.fields["question"] for item in loaded.items[: FIRST // 2 - 1]}

    def script(prompt: Prompt) -> Reply:
        return choosing(0.1 if any(question in prompt.messages[-1].content for question in weak) else 0.9)(prompt)

    for tasks in ([loaded], [sample_task("medqa", tmp_path), loaded]):
        _, events = run(make_plan(tasks, [ALPHA], multiple_choice="auto"), Scripts(alpha=script))
        assert not [event for event in events if isinstance(event, Generates)]


def test_each_model_is_asked_in_its_own_way_and_they_are_not_compared_as_alike(tmp_path: Path) -> None:
    archive, loaded = tmp_path / "a.db", questions(tmp_path)
    scripts = Scripts(alpha=choosing(0.03), beta=choosing(0.9))
    name = audited(archive, make_plan([loaded], [ALPHA, BETA], multiple_choice="auto"), scripts)
    with closing(Reader(archive)) as reader:
        alpha, beta = (result.tasks[0] for result in reader.results(name))
        trace = reader.trace(name, "pubmedqa", loaded.items[0].id, ALPHA.sha256, "")
        chosen = reader.trace(name, "pubmedqa", loaded.items[0].id, BETA.sha256, "")
    assert (alpha.task.multiple_choice, beta.task.multiple_choice) == ("generated", "likelihood")
    assert alpha.labels is not None
    assert beta.labels is not None
    assert alpha.labels.held == pytest.approx(0.03)
    assert (alpha.labels.items, alpha.labels.first) == (FIRST, True)
    assert beta.labels.held == pytest.approx(0.9)
    assert (beta.labels.items, beta.labels.first) == (len(loaded.items), False)
    assert (alpha.labels.warns, beta.labels.warns) == (True, False)
    assert "answers are generated: the labels held 3.0 % of the probability on the first 8 items" in alpha.labels.told
    assert trace.scorer.endswith(", generated")
    assert chosen.scorer.endswith(", likelihood")
    assert [call.step for call in trace.calls] == ["answer", "labels"]
    assert [call.step for call in chosen.calls] == ["answer"]
    with closing(Measures(archive)) as measures:
        rules = {measure.candidate: measure.rule for measure in measures.measures()}
    assert rules[ALPHA.sha256] != rules[BETA.sha256]
    rescored, outputs = of_run(archive, name, "pubmedqa", "alpha")
    assert rescored.task.multiple_choice == "generated"
    assert {output.text for output in outputs.by_item.values()} == {"yes"}


def test_labels_that_hold_too_little_where_they_were_asked_for_are_warned_of(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    plan = make_plan([questions(tmp_path)], [ALPHA], multiple_choice="likelihood")
    name = audited(archive, plan, Scripts(alpha=choosing(0.4)))
    with closing(Reader(archive)) as reader:
        (view,) = reader.results(name)[0].tasks
    assert view.labels is not None
    assert view.labels.warns
    assert view.labels.told.startswith("the labels hold 40.0 % of the probability: the model would sooner write")


def test_a_resumed_run_goes_on_as_it_was_asked_before(tmp_path: Path) -> None:
    loaded, notes, control = questions(tmp_path), Notes(), Control()
    plan, scripts = make_plan([loaded], [ALPHA], multiple_choice="auto"), Scripts(alpha=choosing(0.03))
    for event in Runner(plan, scripts.start, notes, control).events():
        notes.take(event)
        if len(notes.scored) == 2:
            control.stop()
    assert 2 <= len(notes.scored) < len(loaded.items)
    again = Scripts(alpha=choosing(0.99))
    for event in Runner(plan, again.start, notes, Control()).events():
        notes.take(event)
    assert len(notes.scored) == len(loaded.items)
    assert not any(prompt.labels for prompt in again.seen)


def test_a_fault_while_labels_are_weighed_is_no_verdict_on_the_item(tmp_path: Path) -> None:
    loaded, broken = questions(tmp_path, limit=3), iter([True])

    def script(prompt: Prompt) -> Reply:
        return EngineError("once") if next(broken, False) else choosing(0.9)(prompt)

    notes, _ = run(make_plan([loaded], [ALPHA], multiple_choice="auto"), Scripts(alpha=script))
    assert [str(score.outcome) for score in notes.scored.values()] == ["scored"] * 3


def test_what_an_older_run_did_not_ask_for_is_not_done(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    plan = make_plan([questions(tmp_path)], [ALPHA], multiple_choice="")
    name = audited(archive, plan, Scripts(alpha=choosing(0.03)))
    with closing(Reader(archive)) as reader:
        assert reader.settings(name)["multiple_choice"] == ""
        assert reader.results(name)[0].tasks[0].task.multiple_choice == "likelihood"

"""The day of the clock decides nothing: one date is given, stored with the run, in its key and in every prompt."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from medic_console.archive.views import Call
from medic_console.audit.events import OutputReady
from medic_console.audit.plan import Plan
from medic_console.core.errors import UsageError
from medic_console.core.prompt_date import check_date
from medic_console.core.run_settings import NOT_DECIDING, RunSettings
from medic_console.results.reader import Reader
from medic_console.results.rendered import AGREES, rendered_prompt
from medic_console.scoring.methods.cef.spec import cef_of
from medic_console.session.audit import Audit, restore_plan
from medic_console.suite.items import LoadedTask
from tests.conftest import QUICK, Say, document, real_plan, refused, sample_task
from tests.engine.test_rendering import DATED


def dated_plan(tmp_path: Path, model: Path, date: str = "2025-01-01", judge: Path | None = None) -> Plan:
    """Return a plan over a model whose template prints today's date."""
    tasks = [sample_task("aci_bench" if judge else "medqa", tmp_path, limit=1 if judge else 2)]
    plan = real_plan([_short(task) for task in tasks], [model], [judge] if judge else [], sequential=True, date=date)
    models = [tuple(replace(one, template=DATED) for one in named) for named in (plan.candidates, plan.judges)]
    return replace(plan, candidates=models[0], judges=models[1])


def _short(loaded: LoadedTask) -> LoadedTask:
    """Few questions of a cross-examination, so that a model of random weights is soon done."""
    spec = cef_of(loaded.task)
    if spec is None:
        return loaded
    judge = replace(spec, max_tokens=64)
    prompt = replace(loaded.task.prompt, max_tokens=16)
    return replace(loaded, task=replace(loaded.task, judge=judge, prompt=prompt))


def outputs(archive: Path, plan: Plan) -> list[OutputReady]:
    """Run a plan and return its outputs."""
    return [event for event in Audit(archive, plan).events() if isinstance(event, OutputReady)]


def first_call(archive: Path, run: str) -> Call:
    with closing(Reader(archive)) as reader:
        (row,) = reader.run_tasks(run)
        (candidate,) = reader.run_models(run, "candidate")
        item = reader.run_items(run, row["task"])[0]["id"]
        return reader.trace(run, row["task"], item, candidate.sha256, "").calls[0]


def test_a_run_under_another_date_has_another_key_and_equal_settings_have_one(
    random_model: Path, tmp_path: Path
) -> None:
    one, same, other = (dated_plan(tmp_path, random_model, date) for date in ("2025-01-01", "2025-01-01", "2025-01-02"))
    assert one.key() == same.key() != other.key()


def test_settings_that_decide_are_in_the_key_of_a_run(random_model: Path, tmp_path: Path) -> None:
    plan = dated_plan(tmp_path, random_model)
    changed: dict[str, Any] = {
        "threads": 2,
        "flash_attention": "off",
        "kv_type": "q8_0",
        "context": 1024,
        "thinking_budget": 1,
    }
    keys = {replace(plan, settings=replace(plan.settings, **{name: value})).key() for name, value in changed.items()}
    assert len({plan.key(), *keys}) == 1 + len(changed)
    ignored: dict[str, Any] = {"max_failures": 3, "memory_check": False}
    for name, value in ignored.items():
        assert name in NOT_DECIDING
        assert replace(plan, settings=replace(plan.settings, **{name: value})).key() == plan.key()


def test_the_date_is_in_every_prompt_and_the_trace_shows_the_text(random_model: Path, tmp_path: Path) -> None:
    archive, plan = tmp_path / "a.db", dated_plan(tmp_path, random_model, "2024-07-26")
    first, second = (event.output.rendered for event in outputs(archive, plan))
    assert first.startswith("sha256:") and first != second
    call = first_call(archive, restored(archive).id)
    found = rendered_prompt(call)
    assert (found.digest, found.note, found.agrees) == (call.output.rendered, AGREES, True)
    assert found.text.startswith("<|endoftext|>[system]Today: 26 Jul 2024\n")
    assert call.prompt["messages"][-1]["content"] in found.text
    assert call.granted["rendering"]["own"] == "[system]Today: 26 Jul 2024"


def restored(archive: Path) -> Plan:
    """Return the newest run's plan."""
    with closing(Reader(archive)) as reader:
        return restore_plan(archive, reader.runs()[0].id)


def test_a_resumed_run_takes_the_date_that_it_began_with(random_model: Path, tmp_path: Path) -> None:
    archive, plan = tmp_path / "a.db", dated_plan(tmp_path, random_model, "2023-03-03")
    audit = Audit(archive, plan)
    for event in audit.events():
        if isinstance(event, OutputReady):
            audit.control.stop()
    rest = outputs(archive, restored(archive))
    assert [event.granted.rendering.variables["date"] for event in rest] == ["2023-03-03"]
    with closing(Reader(archive)) as reader:
        calls = reader.run_tasks(audit.run)
        assert reader.settings(audit.run)["date"] == "2023-03-03"
        assert calls


def test_a_run_of_a_release_without_the_date_is_read_and_goes_on(random_model: Path, tmp_path: Path) -> None:
    archive, plan = tmp_path / "a.db", dated_plan(tmp_path, random_model)
    audit = Audit(archive, plan)
    audit.control.stop()
    list(audit.events())
    with closing(sqlite3.connect(archive)) as connection, connection:
        connection.execute("UPDATE runs SET settings = json_remove(settings, '$.date')")
    assert restored(archive).settings.date == RunSettings().date
    assert len(outputs(archive, restored(archive))) == 2


def test_a_judges_answers_are_taken_again_for_the_same_prompt_alone(
    random_model: Path, other_model: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "a.db"

    def judged(date: str) -> list[bool]:
        plan = dated_plan(tmp_path, random_model, date, judge=other_model)
        return [event.recalled for event in outputs(archive, plan) if event.ref.judge]

    first, again, later = judged("2025-01-01"), judged("2025-01-01"), judged("2025-01-02")
    assert first and not any(first)
    assert len(again) == len(first) and all(again)
    assert later and not any(later)


def test_a_text_that_cannot_be_made_again_is_told_in_words(random_model: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    outputs(archive, dated_plan(tmp_path, random_model))
    call = first_call(archive, restored(archive).id)
    gone = rendered_prompt(replace(call, template=""))
    assert "does not hold the chat template" in gone.note and gone.digest and not gone.text
    old = rendered_prompt(replace(call, output=replace(call.output, rendered="")))
    assert (old.digest, old.text) == ("", "") and old.note.startswith("not stored")
    other = rendered_prompt(replace(call, template=call.template.replace("Today", "Now")))
    assert other.note.startswith("this is not the text that the model got") and not other.agrees
    assert other.text.startswith("<|endoftext|>[system]Now: ")
    broken = rendered_prompt(replace(call, template="{{ raise_exception('no') }}"))
    assert broken.note.startswith("the chat template fails on these messages now") and not broken.text


def test_a_template_is_kept_once_however_often_it_is_used(
    random_model: Path, other_model: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "a.db"
    for model in (random_model, other_model):
        outputs(archive, dated_plan(tmp_path, model))
    with closing(sqlite3.connect(archive)) as connection:
        assert connection.execute("SELECT text FROM templates").fetchall() == [(DATED,)]


@pytest.mark.parametrize("text", ["2025-02-30", "2025-1-1", "20250101", "tomorrow", "", "2025-01-01T00:00:00"])
def test_a_date_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not a day of the calendar") as refusal:
        check_date(text)
    assert "YYYY-MM-DD" in refusal.value.hint


def test_the_command_line_takes_a_date(say: Say, random_model: Path, tmp_path: Path) -> None:
    template, archive = tmp_path / "t.jinja", tmp_path / "a.db"
    template.write_text(DATED)
    words = ("run", "medqa", "--model", random_model, "--limit", "1", *QUICK, "--chat-template", template)
    refused(say(*words, "--archive", archive, "--date", "2025-13-01"), "--date 2025-13-01", "YYYY-MM-DD")
    assert not archive.exists()
    document(say(*words, "--archive", archive, "--date", "2020-02-29", "--json"))
    call = first_call(archive, restored(archive).id)
    assert "Today: 29 Feb 2020" in rendered_prompt(call).text
    item = document(say("archive", "items", "medqa", "--archive", archive, "--json"))["items"][0]["item"]
    one = ("archive", "items", "medqa", "--item", item, "--archive", archive)
    (trace,) = document(say(*one, "--json"))["traces"]
    assert trace["requests"][0]["rendered"]["digest"] == call.output.rendered
    assert (trace["scorer"], trace["libraries"]) == ("choice 7, generated", {})
    code, out, _ = say(*one, "--plain")
    assert code == 0
    for part in ("[system]Today: 29 Feb 2020\n", call.output.rendered, AGREES, "flash attention on · rope base 10000"):
        assert part in out
    refused(say("archive", "items", "medqa", "--item", "none", "--archive", archive), "has no item none")
    refused(say("judge", "qualify", random_model, "--date", "never", "--archive", archive), "--date never")

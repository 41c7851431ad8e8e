"""How long a run takes is told before it begins, from a second of work, or it is said that nobody knows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.audit.sizing import TaskFit, fits
from medic_console.core.records import FinishReason, Output, Prompt
from medic_console.core.units import lasting, span
from medic_console.engine.protocol.port import Granted
from medic_console.session import probe
from medic_console.session.estimate import FAST, SLOW, run_time, task_time
from medic_console.session.probe import Speed, Speeds, probed, usual_speeds
from medic_console.testing.scripted import ScriptedEngine
from tests.conftest import QUICK, Say, document, real_plan, refused, sample_task

SPEED = Speed(read=100.0, write=10.0, load=2.0, parallel=4, measured="2026-03-02 09:30")
FIT = TaskFit("medqa", "candidate", 8, 8, 4000, 0.0, 500, 1, 0, 0, 0, "", "", "streams")


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "SECONDS", 0.1)


def test_choices_take_what_reading_takes_and_more_where_the_beginning_is_read_again() -> None:
    found = task_time(FIT, SPEED, 0, None)
    assert (found.least, found.most) == (FAST * 40.0, SLOW * 40.0)
    shared = task_time(replace(FIT, common=0.9), SPEED, 0, None)
    assert shared.least == pytest.approx(FAST * (400 + 450) / 100)
    assert shared.most == pytest.approx(SLOW * (400 + 2 * 450) / 100)


def test_written_answers_take_up_to_what_is_granted_unless_it_is_known_how_long_they_are() -> None:
    written = replace(FIT, choices=0, room=200)
    unknown = task_time(written, SPEED, 0, None)
    assert unknown.most == pytest.approx(SLOW * (40 + 8 * 200 / 10))
    assert "up to 200 tokens" in unknown.told
    known = task_time(written, SPEED, 0, 50.0)
    assert (known.least, known.most) == pytest.approx((FAST * 80, SLOW * 80))
    assert task_time(replace(written, prompts=1, tokens=500), SPEED, 0, 50.0).most == pytest.approx(SLOW * (5 + 20))
    thinking = task_time(FIT, SPEED, 1000, None)
    assert thinking.most == pytest.approx(SLOW * (40 + 8000 / 10))


def test_what_is_not_known_has_no_end() -> None:
    judged = task_time(replace(FIT, role="judge"), SPEED, 0, None)
    silent = task_time(replace(FIT, choices=0), replace(SPEED, write=0.0), 0, None)
    assert judged.most is None and silent.most is None
    assert judged.told == "at least 24 s; what a judge is asked depends on the answers"


def test_times_are_rounded_outwards() -> None:
    assert [span(*one) for one in ((2.0, 80.0), (80.0, 100.0), (130.0, 301.0), (0.1, 0.2), (61.0, None))] == [
        *("2 to 80 s", "80 s to 2 min", "2 to 6 min", "about 1 s", "at least 61 s"),
    ]
    assert lasting(7200.0) == "2 h"


def test_a_model_that_says_nothing_is_not_told_to_write() -> None:
    engine = ScriptedEngine(lambda prompt: Output("", FinishReason.STOP, 40), Granted(parallel=2))
    found = probed(engine)
    assert found.read > 0
    assert found.write == 0


def test_a_speed_is_kept_for_the_file_and_its_layout(
    endless_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = real_plan([sample_task("medec", tmp_path)], [endless_model], parallel=2)
    found = list(fits(plan, tmp_path / "log"))
    told: list[str] = []

    def measured(**changes: object) -> Speed:
        one = replace(plan, settings=replace(plan.settings, **changes))  # type: ignore[arg-type]
        return run_time(one, found, tmp_path / "no.db", tmp_path / "log", tell=told.append).models[0].speed

    first = measured()
    assert first.write > 0 and first.parallel == 2
    assert measured(seed=7) == first
    assert len(told) == 1
    monkeypatch.setattr(probe.platform, "node", lambda: "another")  # type: ignore[attr-defined]
    measured()
    assert len(told) == 2
    measured(threads=2)
    assert len(told) == 3


@given(st.one_of(st.text(), st.dictionaries(st.just("k"), st.dictionaries(st.text(), st.floats() | st.text()))))
def test_a_file_of_speeds_that_somebody_wrote_is_no_error(
    tmp_path_factory: pytest.TempPathFactory, held: object
) -> None:
    file = tmp_path_factory.getbasetemp() / "speeds.json"
    file.write_text(held if isinstance(held, str) else json.dumps(held), "utf-8")
    assert Speeds(file).get("k") is None


def test_a_dry_run_tells_the_time_and_the_next_run_knows_how_long_answers_are(endless_model: Path, say: Say) -> None:
    words = ("medec", "medqa", "--model", endless_model, *QUICK, "--limit", "6")
    refused(say("run", *words, "--probe"), "--dry-run")
    code, out, err = say("run", *words, "--dry-run", "--probe")
    assert code == 0 and "The run takes" in out and "up to 192 tokens" in out and "Loading endless" in err
    say("run", *words)
    code, out, err = say("run", *words, "--dry-run", "--probe")
    assert "192 tokens in the mean so far" in out and "Loading" not in err
    time = document(say("run", *words, "--dry-run", "--probe", "again", "--json"))["time"]
    assert 0 < time["least_seconds"] < time["most_seconds"]
    assert [task["task"] for task in time["models"][0]["tasks"]] == ["medec", "medqa"]
    assert usual_speeds()._known


def test_prompts_of_a_probe_share_no_beginning() -> None:
    engine = ScriptedEngine(lambda prompt: "word " * 30, Granted(parallel=2))
    probed(engine)
    texts = [prompt.messages[0].content for prompt in engine.seen]
    assert len(set(texts)) == len(texts) > 4
    assert all(isinstance(prompt, Prompt) and prompt.max_tokens <= 64 for prompt in engine.seen)

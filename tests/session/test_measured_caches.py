"""With `--cache measured` a task's own prompts say which kind of cache is faster, and the run keeps that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from medic_console.audit.caches import candidates_cache, check_cache, in_question
from medic_console.audit.prepare import warnings_of
from medic_console.core.errors import UsageError
from medic_console.core.records import QUALIFICATION, Message, Prompt
from medic_console.core.run_settings import MEASURED, RunSettings
from medic_console.engine.protocol.port import STREAMS, UNIFIED
from medic_console.results.reader import Reader
from medic_console.session import measured_caches
from medic_console.session.audit import Audit, restore_plan
from medic_console.session.measured_caches import seconds, with_measured_caches
from medic_console.session.probe import Speed
from tests.audit.test_caches import MODEL, with_schema
from tests.conftest import Say, make_plan, real_plan, refused, sample_task


def test_a_speed_becomes_the_time_of_whole_answers() -> None:
    prompts = [Prompt(str(n), (Message("user", "?"),), 100) for n in range(4)]
    assert seconds(Speed(2.0, 10.0, 0.0, 4, ""), prompts) == 4 / 2 + 200 / 10
    assert seconds(Speed(2.0, 0.0, 0.0, 4, ""), prompts) == 2


@pytest.mark.parametrize(
    ("one", "each", "cache"),
    [(1.0, 1.2, UNIFIED), (1.2, 1.0, STREAMS), (1.0, 1.04, STREAMS), (1.04, 1.0, STREAMS), (1.0, 1.0, STREAMS)],
)
def test_one_kind_must_be_clearly_faster_else_the_texts_decide(one: float, each: float, cache: str) -> None:
    told: list[str] = []
    assert measured_caches._chosen("ehrsql", (one, each), STREAMS, told.append) == cache
    assert ("as its texts ask for" in told[0]) == (abs(one - each) < 0.05)


def test_named_tasks_share_one_cache_and_others_do_not(tmp_path: Path) -> None:
    tasks = [with_schema(tmp_path, 20), sample_task("medcalc", tmp_path, 4)]
    plan = make_plan(tasks, (MODEL,), cache="unified:medcalc")
    assert [candidates_cache(one, plan) for one in tasks] == [STREAMS, UNIFIED]
    alone = make_plan(tasks, (MODEL,), cache="unified:medcalc", sequential=True)
    assert [candidates_cache(one, alone) for one in tasks] == [UNIFIED, UNIFIED]


def test_what_is_said_of_the_cache_is_checked_before_a_run() -> None:
    with pytest.raises(UsageError, match="names nope, which this run does not have"):
        check_cache(RunSettings(cache="unified:a,nope"), ["a", "b"])
    with pytest.raises(UsageError, match="all asked alike"):
        check_cache(RunSettings(cache=MEASURED, shard="1/2"), ["a"])
    for said in ("auto", MEASURED, "streams", "unified", "unified:b,a"):
        check_cache(RunSettings(cache=said), ["a", "b"])


def test_before_a_run_it_is_told_which_tasks_are_measured(tmp_path: Path) -> None:
    tasks = [with_schema(tmp_path, 600), sample_task("medqa", tmp_path, 4)]

    def told(**settings: Any) -> list[str]:
        return [text for text in warnings_of(make_plan(tasks, (MODEL,), **settings)) if "is measured" in text]

    (words,) = told(cache=MEASURED)
    assert words.startswith("ehrsql: which kind of cache it gets is measured as the run begins")
    assert told() == told(cache=MEASURED, sequential=True) == []


def test_only_written_answers_behind_a_common_beginning_are_in_question(tmp_path: Path) -> None:
    def asked(loaded: object, **settings: object) -> bool:
        return in_question(loaded, make_plan([loaded], (MODEL,), cache=MEASURED, **settings))  # type: ignore

    assert asked(with_schema(tmp_path, 2_500))
    assert not asked(with_schema(tmp_path, 2_500), sequential=True)
    assert not asked(sample_task("medqa", tmp_path, 4))
    assert not in_question(with_schema(tmp_path, 2_500), replace(make_plan([], (MODEL,)), kind=QUALIFICATION))


def test_a_run_keeps_what_was_measured_and_is_resumed_with_it(endless_model: Path, tmp_path: Path) -> None:
    told: list[str] = []
    plan = real_plan([with_schema(tmp_path, 600)], [endless_model], cache=MEASURED, parallel=2)
    archive, log = tmp_path / "a.db", tmp_path / "log"
    first = Audit(archive, plan, log=log, tell=told.append)
    first.close()
    kept = first.plan.settings.cache
    assert kept in (STREAMS, f"{UNIFIED}:ehrsql")
    assert [re.split("[:,]", text)[0] for text in told] == ["endless", "endless", "ehrsql"]
    assert restore_plan(archive, first.run).settings.cache == kept
    with closing(Reader(archive)) as reader:
        assert reader.settings(first.run)["cache"] == kept
    told.clear()
    assert with_measured_caches(plan, log, told.append).settings.cache == kept
    assert len(told) == 1  # nothing was loaded again
    for other in (replace(plan, settings=replace(plan.settings, cache="auto")), replace(plan, kind=QUALIFICATION)):
        assert with_measured_caches(other) is other


@pytest.mark.parametrize(("quick", "cache"), [(UNIFIED, "unified:ehrsql"), (STREAMS, STREAMS)])
def test_the_kind_that_was_faster_is_taken(
    quick: str, cache: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def speeds(model: object, plan: object, kind: str, asked: list[object], *more: object) -> Iterator[Speed]:
        return (Speed(2.0 if kind == quick else 1.0, 10.0, 0.0, 2, "") for _ in asked)

    monkeypatch.setattr(measured_caches, "_speeds", speeds)
    loaded = with_schema(tmp_path, 2_500)
    short = replace(loaded, task=replace(loaded.task, prompt=replace(loaded.task.prompt, max_tokens=2)))
    plan = make_plan([short, sample_task("medqa", tmp_path, 4)], (MODEL,), cache=MEASURED)
    assert with_measured_caches(plan).settings.cache == cache


def test_a_measured_run_tells_what_was_found(endless_model: Path, say: Say, tmp_path: Path) -> None:
    archive = ("--archive", tmp_path / "a.db")
    quick = ("--parallel", "2", "--threads", "1", "--context", "2048", "--limit", "2")
    words = ("--model", endless_model, *quick, *archive, "--cache")
    code, _, err = say("run", "ehrsql", *words, MEASURED)
    assert code in (0, 1) and "in a cache each:" in err
    assert "Nothing is measured" in say("run", "medqa", *words, MEASURED)[2]
    refused(say("run", "ehrsql", *words, "unified:medqa"), "does not have")

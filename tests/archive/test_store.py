from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medic_console.archive.store import Store, content_key
from medic_console.audit.events import ItemRef, ItemScored, OutputReady
from medic_console.audit.plan import Plan
from medic_console.core.errors import ArchiveError
from medic_console.core.records import (
    CefTrace,
    CrossAnswer,
    FinishReason,
    Label,
    Message,
    Outcome,
    Output,
    Prompt,
    Reason,
    Score,
    SqlResult,
)
from medic_console.engine.protocol.port import Granted, Rendering
from medic_console.results.reader import Reader
from medic_console.scoring.steps import ANSWER
from tests.conftest import fake_model, make_plan, sample_task, user_prompt

ALPHA, JUDGE = fake_model("alpha"), fake_model("judge")
RENDERING = Rendering("sha256:1", {"date": "2025-01-01", "bos_token": ""}, "jinja2 3", "sha256:2")
GRANTED = Granted("build 1", 4096, 1, 4096, 512, 2, notes=("a note",), rendering=RENDERING)
OUTPUT = Output("text", FinishReason.STOP, 10, 2, 100, 4096, 0.5, 3, {"A": 0.75, "B": 0.125}, 0.125, "thought", True)
DAY = datetime.date(2026, 3, 2)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    tasks = [sample_task("medqa", tmp_path), sample_task("aci_bench", tmp_path), sample_task("ehrsql", tmp_path)]
    return make_plan(tasks, [ALPHA], [JUDGE])


@pytest.fixture
def store(plan: Plan, tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "archive.db")) as opened:
        opened.begin(opened.create_run(plan, DAY), plan.tasks)
        yield opened


def first(plan: Plan, task: str, judge: str = "") -> ItemRef:
    loaded = next(loaded for loaded in plan.tasks if loaded.task.id == task)
    return ItemRef(ALPHA.sha256, task, loaded.items[0].id, judge)


def ready(ref: ItemRef, step: str = ANSWER, output: Output = OUTPUT, prompt: Prompt | None = None) -> OutputReady:
    model = JUDGE if ref.judge else ALPHA
    return OutputReady(ref, step, model, GRANTED, prompt or user_prompt(step, "ask"), output)


def test_runs_are_numbered_by_day(store: Store, plan: Plan) -> None:
    assert [store.create_run(plan, DAY) for _ in range(2)] == ["2026-03-02-002", "2026-03-02-003"]
    assert store.create_run(plan, datetime.date(2026, 3, 3)) == "2026-03-03-001"


def test_an_output_comes_back_as_it_was(store: Store, plan: Plan) -> None:
    ref = first(plan, "medqa")
    assert store.output(ref, ANSWER) is None
    store.add_output(ready(ref))
    assert store.output(ref, ANSWER) == OUTPUT
    assert store.output(ref, "other step") is None
    assert store.output(replace(ref, item="other"), ANSWER) is None


def test_the_same_call_cannot_be_stored_twice(store: Store, plan: Plan) -> None:
    event = ready(first(plan, "medqa"))
    store.add_output(event)
    with pytest.raises(sqlite3.IntegrityError):
        store.add_output(event)
    with closing(Reader(store.path)) as reader:
        assert reader.stats()["outputs"] == reader.stats()["calls"] == 1


def test_the_same_score_cannot_be_stored_twice(store: Store, plan: Plan) -> None:
    event = ItemScored(first(plan, "medqa"), Score(Outcome.SCORED, {"accuracy": 1.0}))
    store.add_score(event)
    with pytest.raises(sqlite3.IntegrityError):
        store.add_score(event)
    assert store.scores_done() == 1


def test_a_score_is_known_under_its_own_judge_only(store: Store, plan: Plan) -> None:
    ref = first(plan, "aci_bench", JUDGE.sha256)
    store.add_score(ItemScored(ref, Score.unscored(Reason.TRUNCATED)))
    assert store.is_scored(ref)
    assert not store.is_scored(replace(ref, judge=""))
    assert not store.is_scored(replace(ref, candidate=JUDGE.sha256))


def test_a_cancelled_output_is_dropped_to_be_made_again(store: Store, plan: Plan) -> None:
    ref = first(plan, "medqa")
    store.add_output(ready(ref, output=Output("half", FinishReason.CANCELLED)))
    assert store.output(ref, ANSWER) is None
    store.add_output(ready(ref))
    assert store.output(ref, ANSWER) == OUTPUT


def test_a_judgement_is_found_again_by_content_in_any_run(store: Store, plan: Plan) -> None:
    prompt = user_prompt("source-01", "Is it so?", labels=tuple(Label))
    ref = first(plan, "aci_bench", JUDGE.sha256)
    store.add_output(ready(ref, "source-01", prompt=prompt))
    later = store.create_run(plan, DAY)
    store.begin(later, plan.tasks)
    renamed = replace(prompt, id="generated-07")
    assert store.judged(JUDGE, GRANTED, renamed) == OUTPUT
    assert store.judged(ALPHA, GRANTED, prompt) is None
    assert store.judged(JUDGE, replace(GRANTED, build="build 2"), prompt) is None
    assert store.judged(JUDGE, GRANTED, replace(prompt, seed=1)) is None
    store.add_output(replace(ready(ref, "generated-07", prompt=renamed), recalled=True))
    assert store.output(ref, "generated-07") == OUTPUT
    with closing(Reader(store.path)) as reader:
        assert (reader.stats()["outputs"], reader.stats()["calls"]) == (1, 2)


def test_a_content_key_changes_with_each_thing_that_decides_an_output() -> None:
    prompt = user_prompt("a", "ask", max_tokens=5)
    plain = content_key(ALPHA, GRANTED, prompt)
    others = [
        content_key(replace(ALPHA, sha256="sha256:00"), GRANTED, prompt),
        content_key(replace(ALPHA, template="{{ 1 }}"), GRANTED, prompt),
        content_key(ALPHA, replace(GRANTED, build="other"), prompt),
        content_key(ALPHA, replace(GRANTED, kv_type="q8_0"), prompt),
        content_key(ALPHA, replace(GRANTED, packed=False), prompt),
        content_key(ALPHA, replace(GRANTED, context=GRANTED.context + 1), prompt),
        content_key(ALPHA, replace(GRANTED, gpu_layers=3), prompt),
        content_key(ALPHA, replace(GRANTED, thinking_budget=7), prompt),
        content_key(ALPHA, replace(GRANTED, parallel=1, shares_prefixes=False), prompt),
        content_key(ALPHA, replace(GRANTED, batch=64), prompt),
        content_key(ALPHA, replace(GRANTED, threads=1), prompt),
        content_key(ALPHA, replace(GRANTED, flash_attention="on"), prompt),
        content_key(ALPHA, replace(GRANTED, rope="base 1, scale 1"), prompt),
        content_key(ALPHA, replace(GRANTED, devices=("CUDA0 a card",)), prompt),
        content_key(ALPHA, replace(GRANTED, devices=("CUDA0 a card",), split=(3, 4)), prompt),
        *(
            content_key(ALPHA, replace(GRANTED, rendering=changed), prompt)
            for changed in (
                replace(GRANTED.rendering, variables={"date": "2025-01-02", "bos_token": ""}),
                replace(GRANTED.rendering, variables={"date": "2025-01-01", "bos_token": "<s>"}),
                replace(GRANTED.rendering, template="sha256:2"),
                replace(GRANTED.rendering, renderer="jinja2 4"),
                replace(GRANTED.rendering, probe="sha256:3"),
            )
        ),
        *(
            content_key(ALPHA, GRANTED, changed)
            for changed in (
                replace(prompt, messages=(Message("system", "ask"),)),
                replace(prompt, messages=(Message("user", "ask!"),)),
                replace(prompt, max_tokens=6),
                replace(prompt, labels=("A",)),
                replace(prompt, stop=("A",)),
                replace(prompt, grammar='root ::= "a"'),
                replace(prompt, seed=1),
                replace(prompt, temperature=0.5),
                replace(prompt, top_p=0.5),
                replace(prompt, min_p=0.5),
                replace(prompt, repeat_penalty=1.5),
            )
        ),
    ]
    assert len({plain, *others}) == 1 + len(others)
    assert content_key(ALPHA, replace(GRANTED, parallel=4), replace(prompt, id="b")) == plain
    without = replace(GRANTED, flash_attention="off")
    assert content_key(ALPHA, replace(without, threads=1), prompt) == content_key(ALPHA, without, prompt)


def test_what_was_stored_before_layers_were_split_over_devices_is_found() -> None:
    before = "sha256:61ece785148b60612e8fa57a5d7ed8492bad52ac2e4d9c6a2c678948917f2212"
    assert content_key(ALPHA, GRANTED, user_prompt("a", "ask", max_tokens=5)) == before


def test_a_trace_returns_what_was_stored(store: Store, plan: Plan) -> None:
    ref, judged = first(plan, "aci_bench"), first(plan, "aci_bench", JUDGE.sha256)
    note = replace(OUTPUT, text="A note.")
    prompt = user_prompt(ANSWER, "write", max_tokens=100, stop=("END",))
    store.add_output(ready(ref, output=note, prompt=prompt))
    store.add_output(ready(judged, "source-questions"))
    source = str(plan.tasks[1].items[0].fields["dialogue"])
    asked = (CrossAnswer("Is it so?", Label.IDK, None, {"YES": 0.25, "NO": 0.25, "IDK": 0.5}, "IDK"),)
    unread = (CrossAnswer("Was it so?", None, Label.YES), CrossAnswer("Will it be so?", Label.NO))
    score = Score(
        Outcome.SCORED,
        {"coverage": 0.0, "overall": 33.25},
        answer="A note.",
        verdict="2 findings",
        detail="1 unreadable, left out",
        cef=CefTrace(ref.item, source, "A note.", asked, unread),
    )
    store.add_score(ItemScored(judged, score))
    with closing(Reader(store.path)) as reader:
        trace = reader.trace("2026-03-02-001", "aci_bench", ref.item, ALPHA.sha256, JUDGE.sha256)
    assert trace.score == score
    assert trace.cef == score.cef
    assert trace.answer == note
    assert [(call.step, call.model, call.output) for call in trace.calls] == [
        (ANSWER, ALPHA.sha256, note),
        ("source-questions", JUDGE.sha256, OUTPUT),
    ]
    assert trace.calls[0].prompt == prompt.content()
    assert trace.calls[0].granted["build"] == "build 1"
    assert trace.gold == plan.tasks[1].items[0].gold
    assert trace.fields == plan.tasks[1].items[0].fields
    assert trace.scorer == "cef 4"
    assert trace.judge is not None and trace.judge.name == "judge"


def test_sql_results_come_back_with_their_rows(store: Store, plan: Plan) -> None:
    ref = first(plan, "ehrsql")
    results = (
        SqlResult("predicted", "SELECT 1", ("a", "b"), ((1, None), ("x", 2.5)), 250, True, 0.25, ""),
        SqlResult("gold", "SELECT valu", error="no such column: valu"),
    )
    store.add_score(ItemScored(ref, Score(Outcome.SCORED, {"rs": -1.0}, sql=results)))
    with closing(Reader(store.path)) as reader:
        trace = reader.trace("2026-03-02-001", "ehrsql", ref.item, ALPHA.sha256, "")
    assert trace.score is not None
    assert trace.score.sql == results
    assert Path(trace.resources["database"]).is_file()


def test_a_blob_in_a_result_is_kept_as_its_literal(store: Store, plan: Plan) -> None:
    ref = first(plan, "ehrsql")
    result = SqlResult("gold", "SELECT x", ("x",), ((b"\x00\xff",),), 1)
    store.add_score(ItemScored(ref, Score(Outcome.SCORED, {"rs": 1.0}, sql=(result,))))
    with closing(Reader(store.path)) as reader:
        trace = reader.trace("2026-03-02-001", "ehrsql", ref.item, ALPHA.sha256, "")
    assert trace.score is not None
    assert trace.score.sql[0].rows == (("x'00ff'",),)


def test_a_failure_keeps_its_traceback(store: Store, plan: Plan) -> None:
    ref = first(plan, "medqa")
    score = Score.failed("ValueError: x", "Traceback (most recent call last):\n  ...")
    store.add_score(ItemScored(ref, score))
    with closing(Reader(store.path)) as reader:
        assert reader.trace("2026-03-02-001", "medqa", ref.item, ALPHA.sha256, "").score == score
        (row, *_) = reader.items("2026-03-02-001", "medqa", ALPHA.sha256, "")
        assert (row.outcome, row.verdict) == ("failed", "failed")


HOSTILE = ["nul \x00 byte", "1 MB " + "x" * 1_000_000, "\x1b[2J\x07", "\u202e\ufeff\uffff", "'; DROP TABLE runs; --"]


@pytest.mark.parametrize("text", HOSTILE, ids=["nul", "long", "escapes", "marks", "sql"])
def test_hostile_text_survives_whole(text: str, store: Store, plan: Plan) -> None:
    ref = first(plan, "medqa")
    output = replace(OUTPUT, text=text, thinking=text)
    store.add_output(ready(ref, output=output, prompt=user_prompt(ANSWER, text)))
    score = Score(Outcome.FAILED, {}, text, text, None, text, text)
    store.add_score(ItemScored(ref, score))
    with closing(Reader(store.path)) as reader:
        trace = reader.trace("2026-03-02-001", "medqa", ref.item, ALPHA.sha256, "")
    assert trace.answer == output
    assert trace.score == score
    assert trace.calls[0].prompt["messages"][0]["content"] == text


def test_a_lone_surrogate_is_an_error_that_names_it_and_stores_nothing(store: Store, plan: Plan) -> None:
    ref = first(plan, "medqa")
    with pytest.raises(UnicodeEncodeError, match="surrogates not allowed"):
        store.add_output(ready(ref, output=replace(OUTPUT, text="half \ud83e")))
    assert store.output(ref, ANSWER) is None


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(), shares=st.dictionaries(st.text(), st.floats(0, 1), max_size=3))
def test_any_output_comes_back(text: str, shares: dict[str, float], store: Store, plan: Plan) -> None:
    store.begin(store.create_run(plan, DAY), plan.tasks)
    output = replace(OUTPUT, text=text, probabilities=shares)
    store.add_output(ready(first(plan, "medqa"), output=output))
    assert store.output(first(plan, "medqa"), ANSWER) == output


def test_a_full_disk_is_an_error_with_the_remedy_and_keeps_what_is_stored(store: Store, plan: Plan) -> None:
    store.add_output(ready(first(plan, "medqa")))
    store._db.execute("PRAGMA max_page_count = 1")
    with pytest.raises(ArchiveError, match="cannot be written") as caught:
        store.add_output(ready(first(plan, "ehrsql"), output=replace(OUTPUT, text="x" * 1_000_000)))
    assert "Make room" in caught.value.hint
    assert store.output(first(plan, "medqa"), ANSWER) == OUTPUT
    assert store.output(first(plan, "ehrsql"), ANSWER) is None


def test_a_sitting_whose_process_died_is_told_as_such(store: Store, plan: Plan) -> None:
    with closing(Reader(store.path)) as reader:
        assert [view.status for view in reader.runs()] == ["died"]
    store.begin("2026-03-02-001", plan.tasks)
    store.end("done")
    with closing(Reader(store.path)) as reader, closing(sqlite3.connect(store.path)) as connection:
        assert [view.status for view in reader.runs()] == ["done"]
        assert connection.execute("SELECT status, ended IS NULL FROM sittings").fetchall() == [("died", 1), ("done", 0)]

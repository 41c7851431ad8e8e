"""The public face: its names are held, its guide runs from top to bottom, its events can be dropped at any place."""

from __future__ import annotations

import csv
import gc
import importlib.util
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import FrozenInstanceError, fields
from pathlib import Path
from typing import Any

import pytest

from medic_console import api
from medic_console.archive.lock import is_locked
from medic_console.core import errors
from medic_console.core.records import Label
from medic_console.results.flat import rows
from medic_console.session.audit import Audit
from tests.conftest import PATIENCE, ROOT, Say, Scripts, document, examiner, fake_model, make_plan, sample_task

GUIDE = (ROOT / "docs" / "api.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python( pandas)?\n(.*?)^```\n(?:\n^```text\n(.*?)^```$)?", GUIDE, re.DOTALL | re.MULTILINE)
SCRIPT = '''"""What a user writes."""

from pathlib import Path

from medic_console.api import Archive, Choice, ItemScored, MedicError, RunEnded, RunSettings, build_plan, rows, run


def audit(model: Path, archive: str) -> list[dict[str, object]]:
    plan = build_plan(Choice(["medqa"], [model], limit=1, settings=RunSettings(seed=1)))
    with run(plan, archive) as events:
        for event in events:
            if isinstance(event, ItemScored):
                verdict: str = event.score.verdict
                print(verdict, event.ref.item)
            elif isinstance(event, RunEnded):
                print(event.status)
    try:
        with Archive(archive) as stored:
            value: float | None = stored.metrics(events.id)[0].value
            print(value)
            return list(rows(stored.items(events.id, "medqa")))
    except MedicError as error:
        print(error.hint)
        return []
'''


def test_what_is_exported_is_sorted_and_there() -> None:
    assert api.__all__ == sorted(api.__all__)
    assert len(set(api.__all__)) == len(api.__all__)
    for name in api.__all__:
        assert getattr(api, name, None) is not None, name
        assert getattr(api, name).__doc__ or name == "RunEvent", name


def test_every_error_is_exported() -> None:
    known = {name for name, found in vars(errors).items() if isinstance(found, type)}
    assert known <= set(api.__all__)
    assert all(issubclass(getattr(api, name), api.MedicError) for name in known)


def test_every_event_is_exported() -> None:
    assert {kind.__name__ for kind in api.RunEvent.__args__} <= set(api.__all__)


def test_the_guide_runs_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(BLOCKS) == GUIDE.count("```python") and sum(bool(shown) for _, _, shown in BLOCKS) >= 8
    names: dict[str, object] = {}
    for needs, code, shown in BLOCKS:
        if needs and importlib.util.find_spec("pandas") is None:
            continue
        said = io.StringIO()
        with redirect_stdout(said):
            exec(compile(code, "docs/api.md", "exec"), names)
        if shown:
            assert said.getvalue() == shown, code
    assert {path.name for path in tmp_path.iterdir()} <= {"audit.db", "audit.db-wal", "audit.db-shm"}
    assert {path.name for path in home.iterdir()} == {"cache", "config"}
    assert [path.name for path in (home / "config").iterdir()] == ["ledger.key"]
    assert not (home.parent / "user").exists()


def test_a_script_of_a_user_is_typed(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT, "utf-8")
    (tmp_path / "wrong.py").write_text("from medic_console.api import run\n\nrun('plan', 5)\n", "utf-8")
    words = ["--strict", "--follow-imports=silent", "--config-file=", f"--cache-dir={tmp_path / 'cache'}"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *words, "script.py", "wrong.py"],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE * 5,
    )
    assert "script.py" not in done.stdout, done.stdout
    assert done.stdout.count("wrong.py:3: error: Argument") == 2, done.stdout + done.stderr
    assert (ROOT / "medic_console" / "py.typed").read_text() == ""


def scripted(archive: Path, cache: Path, limit: int = 3) -> api.Run:
    plan = make_plan([sample_task("medqa", cache, limit=limit)])
    return api.Run(Audit(archive, plan, Scripts(alpha=lambda prompt: "A").start))


def status(archive: Path) -> str:
    with api.Archive(archive) as stored:
        return stored.runs()[0].status


def test_events_that_are_dropped_leave_the_run_to_be_resumed(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    run = scripted(archive, tmp_path)
    name = run.id
    for event in run:
        if isinstance(event, api.ItemScored):
            break
    assert is_locked(archive, name) and status(archive) == "running"
    del run
    gc.collect()
    assert not is_locked(archive, name) and status(archive) == "interrupted"


def test_a_run_that_is_left_early_is_closed(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    with pytest.raises(ZeroDivisionError), scripted(archive, tmp_path) as run:
        next(run)
        raise ZeroDivisionError
    assert not is_locked(archive, run.id) and status(archive) == "interrupted"
    assert list(run) == []
    run.close()


def test_a_run_that_was_never_begun_gives_its_lock_back(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    with scripted(archive, tmp_path) as run:
        assert (run.total, is_locked(archive, run.id)) == (3, True)
    assert not is_locked(archive, run.id) and status(archive) == "new"
    assert list(tmp_path.glob("*.lock")) == []


def test_a_stopped_run_ends_with_its_last_event_and_can_be_resumed(random_model: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    settings = api.RunSettings(sequential=True, threads=1, context=2048, gpu_layers="0", multiple_choice="likelihood")
    plan = api.build_plan(api.Choice(["medqa"], [random_model], limit=3, settings=settings))
    with api.run(plan, str(archive)) as run:
        for event in run:
            if isinstance(event, api.ItemScored):
                run.stop()
    assert isinstance(event, api.RunEnded) and event.status == "interrupted"
    done = sum(record.outcome != "waiting" for record in stored_items(archive, run.id))
    assert 1 <= done < 3
    with api.resume(archive, run.id) as rest:
        assert rest.id == run.id
        events = list(rest)
    assert events[0] == api.RunStarted(run.id, 3, done)
    assert all(record.outcome == "scored" for record in stored_items(archive, run.id))
    with pytest.raises(api.ArchiveError, match="is finished"):
        api.resume(archive, run.id)
    with api.run(plan, archive) as again:
        assert again.id != run.id


def stored_items(archive: Path, run: str) -> tuple[api.ItemRecord, ...]:
    with api.Archive(archive) as stored:
        return stored.items(run, "medqa")


def test_several_judges_have_rows_of_their_own_beside_the_panels(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    scripts = {name: examiner(["Is it?", "Was it?"], lambda text: Label.YES) for name in ("beta", "gamma")}
    plan = make_plan([sample_task("aci_bench", tmp_path, limit=2)], judges=[fake_model("beta"), fake_model("gamma")])
    run = api.Run(Audit(archive, plan, Scripts(alpha=lambda prompt: "A note.", **scripts).start))
    list(run)
    with api.Archive(archive) as stored:
        records = stored.metrics(run.id)
        items = stored.items(run.id, "aci_bench")
        with pytest.raises(api.UsageError, match="names no single judge"):
            stored.trace(run.id, "aci_bench", items[0].item)
        assert stored.trace(run.id, "aci_bench", items[0].item, judge="gamma").cef is not None
    assert [(r.judge, r.judge_sha256) for r in records if r.primary] == [
        ("panel", ""),
        *((name, fake_model(name).sha256) for name in ("beta", "gamma")),
    ]
    assert all(record.provisional for record in records if record.value is not None), records
    assert [record.judge for record in items] == ["panel"] * 2 + ["beta"] * 2 + ["gamma"] * 2


def test_what_an_archive_does_not_hold_is_told(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    with pytest.raises(api.ArchiveError, match="there is no archive yet"):
        api.Archive(archive)
    run = scripted(archive, tmp_path)
    list(run)
    with api.Archive(archive) as stored:
        with pytest.raises(api.ArchiveError, match="There is no run nothing"):
            stored.metrics("nothing")
        with pytest.raises(api.ArchiveError, match="has no task gsm8k"):
            stored.items(run.id, "gsm8k")
        with pytest.raises(api.UsageError, match="'nobody' names no single model"):
            stored.trace(run.id, "medqa", "medqa-sample-01", model="nobody")


@pytest.fixture
def records(tmp_path: Path) -> Iterator[list[api.RunRecord | api.MetricRecord | api.ItemRecord]]:
    archive = tmp_path / "a.db"
    run = scripted(archive, tmp_path)
    list(run)
    with api.Archive(archive) as stored:
        yield [*stored.runs(), *stored.metrics(run.id), *stored.items(run.id, "medqa")]


def test_records_are_flat_rows_in_the_order_of_their_fields(
    records: list[api.RunRecord | api.MetricRecord | api.ItemRecord],
) -> None:
    for record, row in zip(records, rows(records), strict=True):
        names = [field.name for field in fields(record) if field.name != "values"]
        assert list(row)[: len(names)] == names
        assert all(isinstance(value, str | int | float | bool | None) for value in row.values())
        with pytest.raises(FrozenInstanceError):
            setattr(record, "run", "other")  # noqa: B010 - mypy knows that it cannot be set
    items = [record for record in records if isinstance(record, api.ItemRecord)]
    file = io.StringIO()
    flat = list(api.rows(items))
    writer = csv.DictWriter(file, list(flat[0]))
    writer.writeheader()
    writer.writerows(flat)
    assert len(file.getvalue().splitlines()) == 4


def test_an_archives_figures_are_those_of_the_command(tmp_path: Path, say: Say) -> None:
    archive = tmp_path / "a.db"
    run = scripted(archive, tmp_path)
    list(run)
    ((task,),) = (
        model["tasks"] for model in document(say("archive", "results", "--archive", archive, "--json"))["models"]
    )
    with api.Archive(archive) as stored:
        for record in stored.metrics(run.id):
            agrees(record, task["metrics"][record.metric])
            assert task["counts"] == {name: getattr(record, name) for name in ("scored", "unscored", "failed")}


def agrees(record: api.MetricRecord, said: dict[str, Any]) -> None:
    for name in ("value", "low", "high", "n", "unit", "chance", "provisional"):
        found = getattr(record, name)
        assert said[name] == (round(found, 6) if isinstance(found, float) else found), name
    told = (record.answered, record.answered_low, record.answered_high, record.answered_n)
    assert [said["answered"][name] for name in ("value", "low", "high", "n")] == [pytest.approx(one) for one in told]
    assert said["share_answered"]["value"] == pytest.approx(record.share_answered)


def test_texts_are_scored_as_the_command_scores_them(tmp_path: Path, say: Say) -> None:
    items = api.load_items("medqa").items
    texts = {item.id: f"<think>Hm.</think>{item.gold}" for item in items[:15]}
    found = api.score_texts("medqa", texts, model="mine")
    (accuracy,) = found.metrics
    assert (accuracy.value, accuracy.n, accuracy.answered, accuracy.answered_n) == (93.75, 16, 100.0, 15)
    assert (accuracy.scored, accuracy.unscored, accuracy.failed, accuracy.items) == (15, 1, 0, 16)
    assert (accuracy.model, accuracy.run, accuracy.unit, accuracy.chance) == ("mine", "", "percent", 25.0)
    assert [record.item for record in found.items] == [item.id for item in items]
    assert found.items[-1].reason == "no output" and not found.items[-1].answered
    assert found.notes[-1].startswith("15 of 15 outputs begin with thoughts")
    outputs = tmp_path / "outputs.jsonl"
    outputs.write_text("".join(json.dumps({"id": name, "text": text}) + "\n" for name, text in texts.items()), "utf-8")
    said = document(say("score", "medqa", "--outputs", outputs, "--json"))
    agrees(accuracy, said["metrics"]["accuracy"])
    assert (said["scorer"], said["notes"]) == (found.scorer, list(found.notes))
    verdicts = [(item["id"], item["outcome"], item["verdict"], item["answer"]) for item in said["items"]]
    assert verdicts == [(one.item, one.outcome, one.verdict, one.answer) for one in found.items]


def test_a_judged_task_and_an_unknown_one_are_refused() -> None:
    with pytest.raises(api.UsageError, match="aci_bench is scored by a judge"):
        api.score_texts("aci_bench", {})
    with pytest.raises(api.UsageError, match='There is no task "medqua"') as caught:
        api.load_items("medqua")
    assert caught.value.hint == "Did you mean medqa?"
    with pytest.raises(api.ItemsError, match="nan for id medqa-sample-01 is no text"):
        api.score_texts("medqa", {"medqa-sample-01": float("nan")})  # type: ignore[dict-item] # as from a table
    with pytest.raises(api.ModelFileError, match="no such file"):
        api.inspect_model("nowhere.gguf")

"""`resume --failed`: what failed is asked again, what it was stays sealed, and nothing else of the run changes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from medic_console.archive.ledger_key import VARIABLE
from medic_console.archive.merging.export import export_runs
from medic_console.archive.verify import verify
from medic_console.archive.withdrawing import withdraw_failed
from medic_console.core.errors import ArchiveError, EngineError
from medic_console.core.records import Prompt
from medic_console.results.reader import Reader
from medic_console.session import audit as session
from medic_console.session.audit import Audit
from medic_console.session.merging import merge
from medic_console.testing.scripted import Reply
from tests.archive.test_ledger import KEY, tampered
from tests.conftest import Say, Scripts, document, fake_model, make_plan, sample_task

MODEL = fake_model("alpha")
KEPT = ("scores", "score_values", "outputs", "calls", "sittings", "score_digests", "row_digests", "ledger", "run_items")


class Breaking:
    """A model that breaks on one item as often as it is told to, and answers all else."""

    def __init__(self, task: Any) -> None:
        self.broken = True
        self.asked: list[str] = []
        self._words = task.items[-1].fields["question"][:60]

    def __call__(self, prompt: Prompt) -> Reply:
        self.asked.append(prompt.id)
        if self.broken and self._words in prompt.messages[-1].content:
            return EngineError("killed from outside")
        return dict.fromkeys(prompt.labels, 1 / len(prompt.labels))


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Breaking:
    """An archive with a finished run of which the last item failed; further sittings get the same model."""
    monkeypatch.setenv(VARIABLE, KEY)
    task = sample_task("medqa", tmp_path / "cache")
    breaking = Breaking(task)
    scripts = Scripts(alpha=breaking)
    monkeypatch.setattr(session, "check_models", lambda *_: None)
    monkeypatch.setattr(session, "inspect_model", lambda *_: MODEL)
    monkeypatch.setattr(session, "start_model", lambda model, settings, cache, *_, **__: scripts.start(model, cache))
    list(Audit(tmp_path / "a.db", make_plan([task], [MODEL])).events())
    return breaking


def run_of(path: Path) -> str:
    with closing(Reader(path)) as reader:
        (view,) = reader.runs()
    return view.id


def rows(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        return {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in (*KEPT, "withdrawn")}


def test_what_failed_is_asked_again_and_nothing_else_changes(model: Breaking, tmp_path: Path, say: Say) -> None:
    path = tmp_path / "a.db"
    run, before = run_of(path), rows(path)
    failed = [row for row in before["scores"] if "failed" in row]
    assert len(failed) == 1 and verify(path).holds
    assert failed[0][0] == max(row[0] for row in before["scores"])  # its number must not be given to another one
    asked = len(model.asked)
    model.broken = False
    said = document(say("resume", run, "--failed", "--archive", path, "--json"))
    assert said["status"] == "done" and len(model.asked) == asked + 1
    after, found = rows(path), verify(path)
    assert found.holds and found.checked["withdrawn score"] == 1, found
    for table in KEPT:
        gone = [row for row in before[table] if row not in after[table]]
        assert gone == (failed if table == "scores" else []), table
    (kept,) = after["withdrawn"]
    assert set(failed[0]) <= set(kept) and kept[-1] == "resume --failed"
    assert len(after["scores"]) == len(before["scores"]) and not [row for row in after["scores"] if "failed" in row]
    with closing(Reader(path)) as reader:
        assert reader.run(run).counts.failed == 0 and reader.run(run).counts.scored == len(after["scores"])


def test_an_item_that_fails_again_can_be_tried_again(model: Breaking, tmp_path: Path, say: Say) -> None:
    path = tmp_path / "a.db"
    for _ in range(2):
        code, _, errors = say("resume", run_of(path), "--failed", "--archive", path)
        assert code == 1 and "Asking 1 failed item again." in errors
    assert len(rows(path)["withdrawn"]) == 2 and verify(path).holds


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("UPDATE withdrawn SET traceback = 'none'", "withdrawn 3"),
        ("UPDATE withdrawn SET calls = '[[]'", "withdrawn 3"),
        ("DELETE FROM withdrawn", "withdrawn 3"),
        ("INSERT INTO withdrawn SELECT id + 90, " + "{}, calls, withdrawn, why FROM withdrawn", "withdrawn score 93"),
    ],
)
def test_a_withdrawn_score_that_is_touched_is_named(
    change: str, named: str, model: Breaking, tmp_path: Path, say: Say
) -> None:
    path = tmp_path / "a.db"
    model.broken = False
    say("resume", run_of(path), "--failed", "--archive", path)
    columns = "run, candidate, judge, task, item, outcome, truncated, reason, answer, verdict, detail, traceback"
    tampered(path, (change.format(f"{columns}, scorer, toolchain, created"), []))
    assert any(one.startswith(named) for one in verify(path).broken), verify(path).broken


def test_a_run_without_failed_items_and_no_run_are_refused(model: Breaking, tmp_path: Path, say: Say) -> None:
    path = tmp_path / "a.db"
    model.broken = False
    run = run_of(path)
    say("resume", run, "--failed", "--archive", path)
    before = rows(path)
    for words, told in (((run, "--failed"), "has no failed item"), (("--failed",), "needs the id of a run")):
        code, _, errors = say("resume", *words, "--archive", path)
        assert code == 2 and told in errors
    assert rows(path) == before


def test_a_run_that_was_retried_is_exported_and_forgotten_but_not_merged(
    model: Breaking, tmp_path: Path, say: Say
) -> None:
    path, part, other = tmp_path / "a.db", tmp_path / "part.db", tmp_path / "other.db"
    run = run_of(path)
    export_runs(path, [run], tmp_path / "early.db")
    model.broken = False
    say("resume", run, "--failed", "--archive", path)
    export_runs(path, [run], part)
    assert verify(part).holds and rows(part)["withdrawn"] == rows(path)["withdrawn"]
    list(Audit(other, make_plan([sample_task("medqa", tmp_path / "cache", limit=1)], [MODEL])).events())
    for source, target in ((part, other), (tmp_path / "early.db", path)):
        with pytest.raises(ArchiveError, match=f"Failed items of run {run} were asked again") as caught:
            merge(target, [source])
        assert "archive export RUN" in caught.value.hint
    merge(path, [other])  # its numbers come after those that were withdrawn
    assert verify(path).holds
    document(say("archive", "forget", run, "--texts", "--by", "Ada", "--archive", path, "--json"))
    assert b"killed from outside" not in path.read_bytes() and not verify(path).broken
    tampered(path, ("UPDATE withdrawn SET why = 'x'", []))
    assert any(one.startswith("withdrawn 3") for one in verify(path).broken)


def test_other_runs_of_an_archive_with_a_retried_one_are_taken_as_the_refusal_says(
    model: Breaking, tmp_path: Path, say: Say
) -> None:
    path, other, part = tmp_path / "a.db", tmp_path / "other.db", tmp_path / "part.db"
    retried = run_of(path)
    model.broken = False
    say("resume", retried, "--failed", "--archive", path)
    list(Audit(path, make_plan([sample_task("medqa", tmp_path / "cache", limit=1)], [MODEL])).events())
    list(Audit(other, make_plan([sample_task("medqa", tmp_path / "cache", limit=2)], [MODEL])).events())
    code, _, errors = say("archive", "merge", path, "--archive", other)
    assert code == 2 and f"Failed items of run {retried} were asked again" in errors and "Nothing was taken" in errors
    with closing(Reader(path)) as reader:
        (second,) = [view.id for view in reader.runs() if view.id != retried]
    assert say("archive", "export", second, part, "--archive", path)[0] == 0
    assert say("archive", "import", part, "--archive", other)[0] == 0
    with closing(Reader(other)) as reader:
        assert len(reader.runs()) == 2
    assert verify(other).holds


def test_a_run_that_is_merged_in_between_takes_no_number_of_a_score_that_was_withdrawn(
    model: Breaking, tmp_path: Path, say: Say
) -> None:
    path, other = tmp_path / "a.db", tmp_path / "other.db"
    run = run_of(path)
    model.broken = False
    list(Audit(other, make_plan([sample_task("medqa", tmp_path / "cache", limit=1)], [MODEL])).events())
    withdraw_failed(path, run, "asked again, and the run died before it was")
    merge(path, [other])
    assert not verify(path).broken
    document(say("resume", run, "--archive", path, "--json"))
    after, found = rows(path), verify(path)
    numbers = [row[0] for table in ("scores", "withdrawn") for row in after[table]]
    assert found.holds and len(set(numbers)) == len(numbers), found


def test_a_run_that_was_merged_is_retried_where_it_was_made(model: Breaking, tmp_path: Path, say: Say) -> None:
    path, other = tmp_path / "a.db", tmp_path / "other.db"
    list(Audit(other, make_plan([sample_task("medqa", tmp_path / "cache", limit=1)], [MODEL])).events())
    merge(other, [path])
    with closing(Reader(other)) as reader:
        run = next(view.id for view in reader.runs() if view.counts.failed)
    code, _, errors = say("resume", run, "--failed", "--archive", other)
    assert code == 2 and "came from another archive" in errors and verify(other).holds
    code, _, errors = say("resume", run, "--failed", "--archive", other)
    assert "came from another archive" in errors  # the lock was given back

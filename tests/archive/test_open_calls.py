"""Texts that nobody has scored yet: a run is resumed on them as they stand, so they are held against the ledger."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.archive.copies import back_up
from medic_console.archive.ledger_key import VARIABLE
from medic_console.archive.merging.export import export_runs
from medic_console.archive.verify import Verified, verify
from medic_console.audit.events import OutputReady
from medic_console.core.records import Label
from medic_console.session.audit import Audit
from medic_console.session.merging import merge
from tests.archive.test_ledger import KEY, tampered
from tests.conftest import Scripts, examiner, fake_model, make_plan, sample_task

TEXTS = 3
SWAP: tuple[str, list[object]] = (
    "UPDATE calls SET output = (SELECT max(output) FROM calls) WHERE output = (SELECT min(output) FROM calls)",
    [],
)


def run_of(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("SELECT id FROM runs").fetchone()[0])


def texts_of(path: Path) -> list[str]:
    sql = "SELECT text FROM calls JOIN outputs ON id = output WHERE calls.model = candidate ORDER BY item"
    with closing(sqlite3.connect(path)) as connection:
        return [text for (text,) in connection.execute(sql)]


def audited(
    path: Path, cache: Path, run: str = "", stop: int = 99, words: str = "one", seen: Callable[[], None] | None = None
) -> None:
    """Write texts and judge them, or stop after some texts; `seen` is called then."""
    plan = make_plan([sample_task("aci_bench", cache, limit=TEXTS)], [fake_model("alpha")], [fake_model("judge")])
    numbers = itertools.count()
    scripts = Scripts(
        alpha=lambda prompt: f"Text {words} {next(numbers)}", judge=examiner(["Is it?"], lambda text: Label.YES)
    )
    audit = Audit(path, replace(plan, id=run) if run else plan, start=scripts.start)
    if not stop:
        audit.control.stop()
    texts = 0
    for event in audit.events():
        texts += isinstance(event, OutputReady) and event.model.name == "alpha"
        if texts == stop:
            audit.control.stop()
            if seen is not None:
                seen()
                seen = None


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, KEY)
    audited(tmp_path / "a.db", tmp_path, stop=TEXTS)
    return tmp_path / "a.db"


def test_an_interrupted_run_holds_before_and_after_it_is_resumed(archive: Path, tmp_path: Path) -> None:
    found = verify(archive)
    assert found.holds and not found.unproved and len(texts_of(archive)) == TEXTS
    export_runs(archive, [run_of(archive)], tmp_path / "part.db")
    assert verify(tmp_path / "part.db").holds
    audited(archive, tmp_path, run_of(archive))
    assert verify(archive).holds and not verify(archive).unproved


@pytest.mark.parametrize("resume", [False, True], ids=["interrupted", "resumed"])
@pytest.mark.parametrize(
    "change",
    [SWAP, ("UPDATE calls SET item = 'aci-sample-99' WHERE output = (SELECT min(output) FROM calls)", [])],
    ids=["another's text", "taken away"],
)
def test_a_text_that_is_put_under_another_item_is_named(
    change: tuple[str, list[object]], resume: bool, archive: Path, tmp_path: Path
) -> None:
    tampered(archive, change)
    if resume:
        audited(archive, tmp_path, run_of(archive))
    broken = verify(archive).broken
    assert any(one.startswith("calls.open [") and "since ledger, entry 2" in one for one in broken), broken


def test_a_call_that_is_put_in_is_named(archive: Path) -> None:
    put = "INSERT INTO calls SELECT run, candidate, model, task, item, 'answer-2', output FROM calls LIMIT 1"
    tampered(archive, (put, []))
    (told,) = verify(archive).broken
    assert told.startswith("calls.open [") and "it was added since ledger, entry 2" in told


def test_while_a_run_goes_on_its_texts_are_told_to_be_in_no_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, KEY)
    path, found = tmp_path / "b.db", list[Verified]()

    def look() -> None:
        found.append(verify(path))

    audited(path, tmp_path, stop=TEXTS, seen=look)
    assert found[0].holds
    assert any(one.startswith("3 texts of items without a score are in no entry") for one in found[0].unproved)


def test_scored_texts_of_another_half_take_the_place_of_open_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, KEY)
    first, other = tmp_path / "first.db", tmp_path / "other.db"
    audited(first, tmp_path, stop=0)
    run = run_of(first)
    assert texts_of(first) == []
    back_up(first, other)
    audited(first, tmp_path, run, stop=TEXTS)
    with monkeypatch.context() as patch:
        patch.setattr("os.getpid", lambda: 77)  # another machine's process
        audited(other, tmp_path, run, words="other")
    merge(first, [other])
    found = verify(first)
    assert found.holds and not any("no entry" in one for one in found.unproved), found
    assert texts_of(first) == texts_of(other) == [f"Text other {number}" for number in range(TEXTS)]

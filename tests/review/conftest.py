"""An audited archive with findings of every kind, and a person at the keyboard."""

from __future__ import annotations

import datetime
import io
from contextlib import closing
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

import pytest

from medic_console.archive.ledger_key import VARIABLE
from medic_console.archive.store import Store
from medic_console.core.records import Label
from medic_console.session.audit import Audit
from medic_console.testing.scripted import Reply
from tests.conftest import Said, Say, Scripts, examiner, fake_model, make_plan, sample_task
from tests.console.conftest import styles_parsed_once  # noqa: F401 -- here too
from tests.results.compared import many

QUESTIONS = [f"Is fact {number} there?" for number in range(1, 7)]
KEY = "ab" * 32
PIN = "4711"
DAY = datetime.date(2026, 11, 29)
"""A run is named by its day, and cards are drawn by the run: on another day the pictures would show others."""


def judged(text: str) -> Label:
    """Mostly YES, and the same for the same question of the same text."""
    drawn = blake2b(text.encode(), digest_size=1).digest()[0]
    return Label.NO if drawn < 40 else Label.IDK if drawn < 80 else Label.YES


def audited(path: Path, cache: Path) -> str:
    """Audit a model of which a judge asks six questions a text, both ways, and MEDEC, whose answers are all wrong."""
    tasks = [many("aci_bench", cache, 12), sample_task("medec", cache, limit=3)]
    plan = make_plan(tasks, [fake_model("alpha"), fake_model("beta")], [fake_model("judge")])

    def writes(name: str) -> Reply:
        return f"{name} 0 -1 NA"

    scripts = Scripts(
        alpha=lambda prompt: writes("alpha"),
        beta=lambda prompt: writes("beta"),
        judge=examiner(QUESTIONS, judged),
    )
    with closing(Store(path)) as store:
        plan = replace(plan, id=store.create_run(plan, DAY))
    audit = Audit(path, plan, start=scripts.start)
    for _ in audit.events():
        pass
    return audit.run


@pytest.fixture(scope="session")
def reviewed_bytes(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, str]:
    import sqlite3

    folder = tmp_path_factory.mktemp("review")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, KEY)
        patch.setenv("MEDIC_CONSOLE_HOME", str(folder))
        run = audited(folder / "archive.db", folder)
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
    return (folder / "archive.db").read_bytes(), run


@pytest.fixture
def archive(reviewed_bytes: tuple[bytes, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, KEY)
    path = tmp_path / "archive.db"
    path.write_bytes(reviewed_bytes[0])
    return path


@pytest.fixture
def run(reviewed_bytes: tuple[bytes, str]) -> str:
    return reviewed_bytes[1]


class Typist:
    """Runs a command while somebody types lines."""

    def __init__(self, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
        self._say, self._patch = say, monkeypatch

    def __call__(self, lines: list[str], *words: str | Path) -> Said:
        self._patch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        return self._say(*words)


@pytest.fixture
def types(say: Say, monkeypatch: pytest.MonkeyPatch) -> Typist:
    return Typist(say, monkeypatch)

"""Texts of a run that are forgotten: gone from every byte, while figures stay and a check knows why."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from medic_console.archive.copies import back_up
from medic_console.archive.ledger_key import VARIABLE
from medic_console.archive.verify import verify
from medic_console.core.errors import ArchiveError
from medic_console.session.audit import restore_plan
from medic_console.session.merging import merge
from medic_console.session.rederive import rederive
from tests.archive.test_ledger import KEY, tampered
from tests.archive.test_merging import content, figures
from tests.archive.test_verify import with_all_tables
from tests.conftest import Say, document

TEXTS = (b"The note says so.", b"Is it two?", b"Is it?", b"made by hand", b"It says so.", b"SELECT 1")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("forgetting")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, KEY)
        with_all_tables(folder / "archive.db", folder)
    return folder / "archive.db"


@pytest.fixture
def archive(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, KEY)
    back_up(made, tmp_path / "archive.db")
    return tmp_path / "archive.db"


def runs(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM runs ORDER BY id")]


def asked(path: Path) -> list[bytes]:
    """Return a beginning of every text that an item holds."""
    with closing(sqlite3.connect(path)) as connection:
        texts = connection.execute("SELECT value FROM items, json_tree(fields) WHERE type = 'text'").fetchall()
    lines = [line for (text,) in texts for line in text.splitlines() if '"' not in line]
    return [line[:40].encode() for line in lines if len(line) > 40]


def test_forgotten_texts_are_in_no_byte_and_figures_stay(archive: Path, say: Say, tmp_path: Path) -> None:
    before = {run: figures(archive, run) for run in runs(archive)}
    data = archive.read_bytes()
    texts = [text for text in (*TEXTS, *asked(archive)) if text in data]  # others are parted by a page's end
    assert set(TEXTS) <= set(texts) and len(texts) > 15
    for run in before:
        said = document(say("archive", "forget", run, "--texts", "--by", "Ada", "--archive", archive, "--json"))
        assert said["rows"]["outputs"] if run == runs(archive)[0] else said["rows"]
        assert not said["held"] and not said["shared"]
    back_up(archive, tmp_path / "copy.db")
    for path in (archive, Path(f"{archive}-wal"), tmp_path / "copy.db"):
        data = path.read_bytes() if path.exists() else b""
        assert not [text for text in texts if text in data], path
    assert {run: figures(archive, run) for run in before} == before
    with closing(sqlite3.connect(archive)) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'").fetchone()[0] > 20
    for words in (("items", "aci_bench", "--whole"), ("items", "medqa", "--whole"), ("results",), ("stats",)):
        code, _, errors = say("archive", *words, "--archive", archive)
        assert code == 0, errors
    rows = content(archive)
    assert document(say("archive", "forget", runs(archive)[0], "--texts", "--archive", archive, "--json"))["rows"] == {}
    assert content(archive) == rows


def test_a_check_knows_what_was_forgotten_and_still_names_what_is_changed(archive: Path, say: Say) -> None:
    for run in runs(archive):
        assert say("archive", "forget", run, "--texts", "--by", "Ada", "--archive", archive)[0] == 0
    code, out, _ = say("archive", "verify", "--all", "--archive", archive)
    assert code == 0 and f"! Run {runs(archive)[0]}: text forgotten by Ada on 20" in out
    assert "their texts were forgotten" in out and rederive(archive, every=True).wrong == ()
    whole = archive.read_bytes()
    for change in (
        "UPDATE score_values SET value = value + 0.5 WHERE score = 4",
        "UPDATE outputs SET text = 'Another.' WHERE id = 2",
        "UPDATE items SET fields = '{}' WHERE digest = (SELECT min(digest) FROM items)",
        "UPDATE queue_cards SET said = 'YES'",
        "DELETE FROM cef_questions",
        "UPDATE ledger SET subject = replace(subject, 'Ada', 'Bob')",
    ):
        tampered(archive, (change, []))
        assert verify(archive).broken, change
        archive.write_bytes(whole)


def test_what_another_run_has_too_stays_and_nothing_can_be_resumed(archive: Path, say: Say) -> None:
    first, second = runs(archive)
    with closing(sqlite3.connect(archive)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        names = "run, task, position, item, digest"
        connection.execute(
            f"INSERT INTO run_items ({names}) SELECT ?, task, 90 + position, item, digest FROM run_items WHERE run = ?",
            [second, first],
        )
    assert document(say("archive", "forget", first, "--texts", "--archive", archive, "--json"))["shared"] == 5
    assert len(asked(archive)) > 3
    with pytest.raises(ArchiveError, match=r"its texts were forgotten by .* on 20"):
        restore_plan(archive, first)
    assert say("archive", "forget", first, "--archive", archive)[0] == 2
    assert say("archive", "forget", "none", "--texts", "--archive", archive)[0] == 2


def test_what_was_forgotten_may_be_exported_and_merged(archive: Path, say: Say, tmp_path: Path) -> None:
    first = runs(archive)[0]
    other, part = tmp_path / "other.db", tmp_path / "part.db"
    merge(other, [archive])
    assert say("archive", "forget", first, "--texts", "--archive", archive)[0] == 0
    assert say("archive", "export", first, part, "--archive", archive)[0] == 0 and verify(part).holds
    third = tmp_path / "third.db"
    merge(third, [part])
    assert verify(third).broken == ()
    assert verify(third).holds and figures(third, first) == figures(archive, first)
    assert say("archive", "forget", first, "--texts", "--archive", other)[0] == 0 and verify(other).holds

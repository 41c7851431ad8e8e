"""The ledger: what was touched is named, what was cut off is found, and a lost key is told."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medic_console.archive.database import open_writable
from medic_console.archive.ledger import COLUMNS, Kind, append, content_digest, head, mac_of
from medic_console.archive.ledger_key import VARIABLE, load_keys, name_of
from medic_console.archive.verify import verify
from medic_console.core import paths
from medic_console.core.errors import UsageError
from medic_console.core.records import Label
from medic_console.session.audit import Audit
from tests.conftest import ROOT, Say, Scripts, document, examiner, fake_model, make_plan, refused, sample_task

KEY = "ab" * 32
TABLES = {
    "ledger": ("created", "kind", "subject", "digest", "key", "previous", "mac"),
    "scores": ("answer", "verdict", "outcome", "scorer", "created", "candidate"),
    "score_values": ("value", "name"),
    "cef_questions": ("question", "predicted", "raw", "probabilities"),
    "outputs": ("text",),
    "runs": ("settings", "created"),
}


def audited(path: Path, cache: Path) -> str:
    tasks = [sample_task("aci_bench", cache, limit=2), sample_task("medqa", cache, limit=3)]
    plan = make_plan(tasks, [fake_model("alpha")], [fake_model("judge")])
    answers = {1: Label.NO, 2: Label.IDK}
    judge = examiner(["Is it one?", "Is it two?", "Is it three?"], lambda text: answers.get(len(text) % 3, Label.YES))
    scripts = Scripts(
        alpha=lambda prompt: dict.fromkeys(prompt.labels, 0.2) if prompt.labels else "The note says so.", judge=judge
    )
    audit = Audit(path, plan, start=scripts.start)
    for _ in audit.events():
        pass
    return audit.run


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, KEY)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ledger")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, KEY)
        audited(folder / "archive.db", folder)
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
    return folder / "archive.db"


@pytest.fixture
def archive(whole: Path, tmp_path: Path, key: None) -> Path:
    path = tmp_path / "archive.db"
    path.write_bytes(whole.read_bytes())
    return path


def tampered(path: Path, *statements: tuple[str, list[object]]) -> None:
    """Change rows by hand, as somebody would who takes the triggers away first and puts them back."""
    with closing(sqlite3.connect(path)) as connection, connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement, values in statements:
            connection.execute(statement, values)
        for _, made in triggers:
            connection.execute(made)


def test_an_archive_as_it_was_written_holds(archive: Path) -> None:
    found = verify(archive)
    assert found.holds and found.entries == found.signed == 2
    assert found.checked["score"] == 5 and found.checked["run"] == 1
    assert not found.unproved


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), table=st.sampled_from(sorted(TABLES)))
def test_one_byte_changed_anywhere_is_named(archive: Path, whole: Path, seed: int, table: str) -> None:
    archive.write_bytes(whole.read_bytes())
    chance = random.Random(seed)
    column, key = chance.choice(TABLES[table]), "score" if table in ("score_values", "cef_questions") else "rowid"
    answered = "WHERE id IN (SELECT output FROM calls WHERE step = 'answer')" if table == "outputs" else ""
    with closing(sqlite3.connect(archive)) as connection:
        rows = connection.execute(f"SELECT {key}, {column} FROM {table} {answered} ORDER BY 1, 2").fetchall()
    row, value = chance.choice([row for row in rows if row[1] not in ("", None)])
    changed = value + 1e-9 if isinstance(value, float) else _one_sign_changed(value, chance)
    if column == "outcome":
        changed = "scored" if value != "scored" else "unscored"
    if table == "cef_questions" and column == "predicted":
        changed = "NO" if value != "NO" else "YES"
    tampered(archive, (f"UPDATE {table} SET {column} = ? WHERE {key} = ? AND {column} = ?", [changed, row, value]))
    found = verify(archive)
    assert not found.holds and found.broken
    named = {"ledger": f"entry {row}", "runs": "run ", "outputs": f"outputs {row} "}.get(table, f"score {row} ")
    assert any(named in line for line in found.broken), (table, column, found.broken)


@pytest.mark.parametrize("subject", ["{}", "[]", "not JSON"])
def test_an_entry_that_names_nothing_any_more_is_named_itself(archive: Path, subject: str) -> None:
    tampered(archive, ("UPDATE ledger SET subject = ? WHERE sequence = 2", [subject]))
    assert any(line.startswith("ledger, entry 2 (") for line in verify(archive).broken)


def test_an_entry_with_any_name_changed_is_named_itself(archive: Path, whole: Path) -> None:
    with closing(sqlite3.connect(archive)) as connection:
        (subject,) = connection.execute("SELECT subject FROM ledger WHERE sequence = 2").fetchone()
    for place in (n for n, sign in enumerate(subject) if sign.isalpha()):
        archive.write_bytes(whole.read_bytes())
        tampered(
            archive, ("UPDATE ledger SET subject = ? WHERE sequence = 2", [f"{subject[:place]}0{subject[place + 1 :]}"])
        )
        found = verify(archive).broken
        assert any(line.startswith("ledger, entry 2 (") for line in found), (subject, place, found)


def _one_sign_changed(value: str, chance: random.Random) -> str:
    place = chance.randrange(len(value))
    return value[:place] + ("0" if value[place] != "0" else "1") + value[place + 1 :]


def test_rows_taken_away_or_added_are_named(archive: Path) -> None:
    before = verify(archive).head
    tampered(archive, ("DELETE FROM score_values WHERE score = 3", []))
    assert any("score 3 " in line and "was changed" in line for line in verify(archive).broken)
    tampered(
        archive,
        ("DELETE FROM cef_questions WHERE score = 1", []),
        ("DELETE FROM question_lists WHERE score = 1", []),
        ("DELETE FROM score_values WHERE score = 1", []),
        ("DELETE FROM scores WHERE id = 1", []),
    )
    assert any(line.startswith("score 1 ") and "is gone" in line for line in verify(archive).broken)
    tampered(archive, ("DELETE FROM ledger WHERE sequence = 1", []))
    assert any("entry 1: it is gone" in line for line in verify(archive).broken)
    assert before == verify(archive).head


def test_entries_cut_off_the_end_are_found_by_the_head(archive: Path, say: Say) -> None:
    before = verify(archive).head
    assert verify(archive, before).holds
    tampered(archive, ("DELETE FROM ledger WHERE sequence = 2", []), ("DELETE FROM score_digests", []))
    assert verify(archive).broken
    tampered(
        archive,
        ("DELETE FROM row_digests WHERE entry = 2", []),
        ("UPDATE runs SET status = 'running'", []),
        ("UPDATE sittings SET status = 'running', ended = NULL", []),
    )
    assert not verify(archive).broken
    assert "taken away" in verify(archive, before).broken[0]
    code, out, _ = say("archive", "verify", "--archive", archive, "--head", before[:20])
    assert code == 1 and "BROKEN" in out


def test_rows_are_only_added(archive: Path) -> None:
    with closing(sqlite3.connect(archive)) as connection:
        for statement in ("UPDATE ledger SET kind = 'x'", "DELETE FROM ledger", "DELETE FROM score_digests"):
            with pytest.raises(sqlite3.IntegrityError, match="only added"):
                connection.execute(statement)


def test_a_lost_key_is_told_and_contents_are_still_checked(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    found = verify(archive)
    assert not found.holds and not found.broken and found.signed == 0
    assert name_of(bytes.fromhex(KEY)) in found.unproved[0] and "who wrote them is not proved" in found.unproved[0]
    tampered(archive, ("UPDATE scores SET verdict = 'right' WHERE id = 4", []))
    assert any("score 4 " in line for line in verify(archive).broken)


def entries(path: Path, *kinds: Kind) -> None:
    with closing(open_writable(path)) as db:
        for kind in kinds:
            db.execute("BEGIN IMMEDIATE")
            with db.conn:
                append(db, kind, {"file": "f"}, content_digest([["f"]]))


def test_a_key_that_is_rotated_checks_all_and_one_that_is_lost_is_marked(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, f"{KEY},{'cd' * 32}")
    entries(archive, Kind.EXPORT)
    found = verify(archive)
    assert found.holds and found.entries == 4
    monkeypatch.setenv(VARIABLE, "ef" * 32)
    entries(archive, Kind.EXPORT, Kind.EXPORT)
    found = verify(archive)
    assert not found.broken and not found.holds and found.signed == 3
    assert any("From entry 5 on another key" in line for line in found.unproved)


def test_an_entry_under_a_key_that_nothing_announces_is_named(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = bytes.fromhex("cd" * 32)
    with closing(open_writable(archive)) as db:
        number, previous = head(db)
        row = [number + 1, "2026-01-01", "export", "{}", "0", name_of(stranger), previous]
        db.execute(f"INSERT INTO ledger ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [*row, mac_of(stranger, row)])
        db.conn.commit()
    monkeypatch.setenv(VARIABLE, f"{'cd' * 32},{KEY}")
    assert any("no entry says so" in line for line in verify(archive).broken)


def test_an_entry_whose_key_was_renamed_is_named(archive: Path) -> None:
    tampered(archive, ("UPDATE ledger SET key = '0' || substr(key, 2) WHERE sequence = 1", []))
    assert verify(archive).broken[0] == "ledger, entry 1 (run started): it was changed"


def test_the_key_file_is_its_owners_alone(tmp_path: Path, say: Say) -> None:
    archive = tmp_path / "archive.db"
    entries(archive, Kind.EXPORT)
    file = paths.ledger_key()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    first = load_keys().current
    said = document(say("archive", "rotate-key", "--archive", archive, "--json"))
    entries(archive, Kind.EXPORT)
    assert load_keys().current == said["key"] != first
    found = document(say("archive", "verify", "--archive", archive, "--json"))
    assert found["holds"] and found["entries"] == 3
    file.chmod(0o644)
    refused(say("archive", "verify", "--archive", archive), "others may read", "chmod 600")
    file.chmod(0o600)
    file.write_text("")
    with pytest.raises(UsageError, match="key is empty") as caught:
        entries(archive, Kind.EXPORT)
    assert str(file) in caught.value.message
    assert say("archive", "verify", "--archive", archive)[0] == 1, "without a key it is told what can be proved"
    file.unlink()
    file.mkdir()
    with pytest.raises(UsageError, match="this is no file"):
        entries(archive, Kind.EXPORT)


@pytest.mark.parametrize("bad", ["xyz", "ab", "ab" * 15])
def test_a_key_that_is_none_is_refused(bad: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, bad)
    with pytest.raises(UsageError):
        load_keys()


def test_a_hundred_thousand_entries_are_checked_in_two_seconds(tmp_path: Path, key: None) -> None:
    path, secret = tmp_path / "archive.db", bytes.fromhex(KEY)
    with closing(open_writable(path)) as db, db.conn:
        previous, rows = "0" * 64, []
        for number in range(1, 100_001):
            row = [number, "2026-01-01T00:00:00", "export", '{"file": "f"}', "00", name_of(secret), previous]
            previous = mac_of(secret, row)
            rows.append([*row, previous])
        db.conn.executemany(f"INSERT INTO ledger ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    taken = []
    for _ in range(3):
        began = time.process_time()
        found = verify(path)
        taken.append(time.process_time() - began)
        assert found.holds and found.entries == 100_000
    assert min(taken) < 2


WRITER = """
import sys
from contextlib import closing
from pathlib import Path
from medic_console.archive.store import Store
from tests.archive.test_ledger import make_plan, fake_model, sample_task
path = Path(sys.argv[1])
plan = make_plan([sample_task("medqa", path.parent, limit=1)], [fake_model("alpha")])
with closing(Store(path)) as store:
    run = store.create_run(plan)
    print("ready", flush=True)
    while True:
        store.begin(run, plan.tasks)
        store.end("interrupted")
"""


@pytest.fixture
def writer(tmp_path: Path, key: None) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-c", WRITER, str(tmp_path / "archive.db")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT) as process:
        yield process
        process.kill()


def test_a_kill_between_any_two_statements_leaves_both_or_none(writer: subprocess.Popen[str], tmp_path: Path) -> None:
    assert writer.stdout is not None and writer.stdout.readline() == "ready\n"
    path, seen = tmp_path / "archive.db", 0
    while seen < 5:
        with closing(sqlite3.connect(path)) as connection:
            seen = connection.execute("SELECT count(*) FROM ledger").fetchone()[0]
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    assert verify(path).holds
    with closing(sqlite3.connect(path)) as connection:
        started = connection.execute("SELECT count(*) FROM sittings").fetchone()[0]
        noted = connection.execute("SELECT count(*) FROM ledger WHERE kind = 'run started'").fetchone()[0]
    assert started == noted


def test_bytes_that_are_no_text_any_more_are_named(archive: Path) -> None:
    tampered(archive, ("UPDATE scores SET answer = CAST(x'ff' AS TEXT) WHERE id = 4", []))
    assert any("score 4 " in line for line in verify(archive).broken)


@given(st.lists(st.none() | st.text() | st.integers() | st.floats(), max_size=8))
def test_a_row_has_the_digest_of_its_json(row: list[object]) -> None:
    line = json.dumps(row, separators=(",", ":"))
    assert content_digest([row]) == hashlib.sha256(f"{line}\n".encode("ascii")).hexdigest()

"""Scores derived anew: the same from what was stored, another from what was changed, or left out with the reason."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from medic_console.archive.ledger_key import VARIABLE
from medic_console.core.errors import SandboxError
from medic_console.scoring.sql.sandbox import Sandbox
from medic_console.session import rederive as deriving
from medic_console.session.rederive import rederive
from tests.archive.test_ledger import KEY, audited, tampered


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, KEY)
    audited(tmp_path / "archive.db", tmp_path)
    return tmp_path / "archive.db"


def test_scores_of_choices_sums_queries_and_notes_come_out_again(compared_archive: Path) -> None:
    found = rederive(compared_archive)
    assert found.wrong == () and found.number == 200 < found.of, found.left_out
    assert not found.left_out


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ("UPDATE score_values SET value = value + 0.25", "its value"),
        (
            "UPDATE scores SET outcome = 'unscored', reason = 'unreadable'",
            "its outcome is 'unscored', and comes out as",
        ),
        ("UPDATE scores SET answer = 'D'", "its answer is 'D', and comes out as"),
        ("UPDATE outputs SET text = '', probabilities = '{}'", "comes out as"),
    ],
)
def test_a_change_is_found_without_the_ledger(archive: Path, edit: str, said: str) -> None:
    assert rederive(archive, every=True).number == 5
    tampered(archive, (edit, []))
    wrong = rederive(archive, every=True).wrong
    assert any(said in line and line.startswith("score ") for line in wrong), wrong


def test_a_content_key_that_is_anothers_is_found_without_the_ledger(archive: Path) -> None:
    tampered(archive, ("UPDATE outputs SET content_key = (SELECT max(content_key) FROM outputs) WHERE id = 2", []))
    assert rederive(archive, every=True).wrong == tuple(
        line for line in rederive(archive, every=True).wrong if line.startswith("outputs 2 (run ")
    )
    assert len(rederive(archive, every=True).wrong) == 1


def test_what_cannot_be_derived_is_counted_with_the_reason(archive: Path) -> None:
    tampered(
        archive,
        ("UPDATE scores SET scorer = 'choice 0' WHERE task = 'medqa'", []),
        ("DELETE FROM calls WHERE model <> candidate", []),
    )
    found = rederive(archive, every=True)
    assert not found.wrong and found.number == 0 and found.of == 5
    assert "3 scores not derived anew: they were made by another version of a scorer" in found.left_out[1]
    assert found.left_out[0] == "2 scores not derived anew: an output that they rest on is not stored."


def test_what_the_machine_lacks_is_told_as_that_and_accuses_no_score(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacks(_: Any) -> Any:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(deriving, "_replay", lacks)
    with pytest.raises(OSError, match="Too many open files"):
        rederive(archive, every=True)


def test_queries_that_no_process_executes_are_left_out_and_accuse_no_archive(
    compared_archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(self: Sandbox) -> Any:
        raise SandboxError("the process that executes SQL did not start.")

    monkeypatch.setattr(Sandbox, "_start", refuses)
    monkeypatch.setattr(Sandbox, "execute", lambda self, sql: self._run(sql))
    monkeypatch.setattr(Sandbox, "_child", property(lambda self: None, lambda self, child: None), raising=False)
    found = rederive(compared_archive, every=True)
    assert not found.wrong
    (told,) = [one for one in found.left_out if "the process that executes SQL did not start here" in one]
    assert told.split()[0].isdecimal() and found.number + int(told.split()[0]) <= found.of

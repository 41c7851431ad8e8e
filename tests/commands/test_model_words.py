"""A model is meant by title, title and quantisation, alias, file or digest, by every command that asks for one."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from medic_console.core.aliases import FILE, aliases
from tests.conftest import Say, document, refused
from tests.console import audited
from tests.console.audited import ALPHA, BETA, RUN

ALIAS = "Ward Model"
SHA = ALPHA.sha256
SAID = ("clinic-8b", "Clinic-8B", "clinic-8b Q4_K_M", "clinic-8b.gguf", ALIAS, ALIAS.lower(), SHA, SHA[7:], SHA[7:15])
Command = Callable[[Say, Path, str], Sequence[str]]
"""Runs a command that names a model by a word, and returns the digests that it took."""


def _items(say: Say, archive: Path, word: str) -> Sequence[str]:
    record = document(say("archive", "items", "medqa", "--model", word, "--archive", archive, "--json"))
    return [{ALPHA.path.name: SHA}.get(one["model_file"], "") for one in record["items"]]


def _trace(say: Say, archive: Path, word: str) -> Sequence[str]:
    asked = ("archive", "items", "medqa", "--item", "medqa-sample-01", "--model", word)
    record: dict[str, Any] = document(say(*asked, "--archive", archive, "--json"))
    return [one["model_sha256"] for one in record["traces"]]


def _score(say: Say, archive: Path, word: str) -> Sequence[str]:
    out = say("score", "medqa", "--run", RUN, "--model", word, "--archive", archive)[1]
    return [SHA] if f"outputs are those of {ALIAS}" in " ".join(out.split()) else [out]


def _compare(say: Say, archive: Path, word: str) -> Sequence[str]:
    record = document(say("compare", word, BETA.sha256, "--archive", archive, "--json"))
    return [one["sha256"] for one in record["models"] if one["sha256"] != BETA.sha256]


def _portfolio(say: Say, archive: Path, word: str) -> Sequence[str]:
    record = document(say("portfolio", word, "--archive", archive, "--json"))
    return [one["sha256"] for one in record["models"]]


def _alias(say: Say, archive: Path, word: str) -> Sequence[str]:
    said = say("models", "alias", word, ALIAS, "--archive", archive)
    assert said[0] == 0
    return list(aliases())


COMMANDS: dict[str, Command] = {
    "archive items": _items,
    "archive items --item": _trace,
    "score --run": _score,
    "compare": _compare,
    "portfolio": _portfolio,
    "models alias": _alias,
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("named")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEDIC_CONSOLE_HOME", str(folder / "home"))
        audited.write_archive(folder / "archive.db", folder / "cache")
    return folder / "archive.db"


@pytest.fixture
def called(home: Path) -> None:
    (home / "config").mkdir(parents=True)
    (home / "config" / FILE).write_text(json.dumps({SHA: ALIAS}))


@pytest.mark.usefixtures("called")
@pytest.mark.parametrize("name", COMMANDS)
def test_every_word_for_a_model_is_understood(say: Say, archive: Path, name: str) -> None:
    for word in SAID:
        found = set(COMMANDS[name](say, archive, word))
        assert found == {SHA}, word


@pytest.mark.usefixtures("called")
@pytest.mark.parametrize(
    "command", [("compare", BETA.sha256), ("portfolio",), ("archive", "items", "medqa", "--model")]
)
def test_a_word_that_no_model_has_is_refused_with_one_that_is_there(
    say: Say, archive: Path, command: tuple[str, ...]
) -> None:
    refused(say(*command, "clinic-9b", "--archive", archive), "clinic-9b", "clinic-8b")
    refused(say(*command, "ffff0000", "--archive", archive), "ffff0000")

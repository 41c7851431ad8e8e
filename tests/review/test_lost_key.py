"""The ledger's key is lost, or another one: told before a person begins, with what is still proved and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from medic_console.archive.ledger_key import VARIABLE, name_of
from medic_console.console.app import MedicConsole
from medic_console.core import paths
from medic_console.core.notices import on_notice
from medic_console.linear.cards import Voice, take
from medic_console.review.reviewers import add_reviewer
from tests.conftest import Say, document, refused
from tests.console.conftest import TASKS, press, screen_text, settle, until
from tests.review.conftest import KEY, PIN, Typist
from tests.review.test_story import drawn

LOST = name_of(bytes.fromhex(KEY))


@pytest.fixture
def heard() -> Iterator[list[str]]:
    found: list[str] = []
    on_notice(found.append)
    yield found
    on_notice(lambda text: None)


@pytest.fixture
def queue(archive: Path, run: str, say: Say) -> Path:
    for name in ("Ada", "Ben"):
        add_reviewer(archive, name, PIN)
    drawn(archive, run, say)
    return archive


def _commands(queue: Path, run: str, folder: Path) -> dict[str, tuple[list[str], list[str | Path]]]:
    report: list[str | Path] = ["report", run, "--out", folder / "report", "--no-verify"]
    dispute: list[str | Path] = ["archive", "challenge", run, "medec", "ms-sample-00", "--reason", "no", "--as", "Ada"]
    return {
        "take": ([PIN], ["review", "take", "q", "--as", "Ada"]),
        "adjudicate": ([PIN], ["review", "adjudicate", "q", "--as", "Ada"]),
        "new": ([], ["review", "new", "other", run]),
        "reviewer": ([PIN], ["review", "reviewer", "add", "Cleo"]),
        "packet": ([], ["review", "packet", "q", "--for", "Ben", "--out", folder / "packet.json"]),
        "export": ([], ["review", "export", "q", "--out", folder / "out.jsonl"]),
        "sign": ([], [*report, "--signer", "Dr A", "--role", "CMIO", "--valid-until", "2099-01-01"]),
        "challenge": ([PIN], dispute),
        "archive export": ([], ["archive", "export", run, folder / "part.db"]),
        "forget": ([], ["archive", "forget", run, "--by", "Ada", "--texts"]),
        "rotate-key": ([], ["archive", "rotate-key"]),
    }


@pytest.mark.parametrize("name", _commands(Path(), "", Path()))
def test_a_lost_key_is_told_once_before_anything_is_written(
    name: str, queue: Path, run: str, types: Typist, heard: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE)
    lines, words = _commands(queue, run, tmp_path)[name]
    code, _, err = types(lines, *words, "--archive", queue)
    assert code == 0, err
    (told,) = heard
    assert f"The key {LOST} of the ledger's last entry is not at hand: {paths.ledger_key()} is gone." in told
    assert "Of 5 entries 0 can still be proved" in told and "Put a copy of the key back before you go on" in told


@pytest.mark.parametrize("name", _commands(Path(), "", Path()))
def test_a_key_that_is_none_is_refused_before_anything_is_asked_or_written(
    name: str, queue: Path, run: str, types: Typist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "no key")
    lines, words = _commands(queue, run, tmp_path)[name]
    before = {*tmp_path.iterdir()}
    refused(types(lines, *words, "--archive", queue), f"{VARIABLE}: a key is no hexadecimal number", "64 hexadecimal")
    assert {*tmp_path.iterdir()} == before


def test_the_reader_is_told_before_her_pin_is_asked_and_no_more_once_an_entry_says_so(
    queue: Path, say: Say, heard: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "cd" * 32)
    asked: list[int] = []

    def pin(_: str) -> str:
        asked.append(len(heard))
        return PIN

    answers = iter(["y\n"])
    take(Voice(lambda: next(answers, None), lambda line: None, pin), queue, "q", "Ada")
    assert asked == [1] and f"{VARIABLE} holds another one" in heard[0]
    take(Voice(lambda: None, lambda line: None, pin), queue, "q", "Ben")
    assert len(heard) == 1, "the ledger goes on under the new key"
    found = document(say("archive", "verify", "--archive", queue, "--json"), 1)
    assert not found["broken"] and any("another key is used" in line for line in found["unproved"])


@pytest.mark.parametrize(("file", "told"), [(None, f"! The key {LOST}"), ("xyz", "hexadecimal")])
async def test_the_console_says_it_where_a_person_signs_in(
    queue: Path, file: str | None, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE)
    if file is not None:
        paths.private(paths.config_dir())
        paths.ledger_key().write_text(file)
        paths.ledger_key().chmod(0o600)
    app = MedicConsole(queue, tasks=TASKS)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "R", "t")
        text = " ".join(screen_text(app).replace("│", " ").split())
        assert told in text and "Reviewers: " in text
        await press(pilot, "escape", "n")
        await until(pilot, lambda: told in screen_text(app), "the forecast of a new queue")


def test_the_console_in_lines_says_it_before_the_pin_is_asked(
    queue: Path, types: Typist, heard: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE)
    code, out, _ = types(["v", "1", "t", "Ada", PIN, "back", "q"], "--linear", "--archive", queue)
    assert code == 0 and out.count(f"! The key {LOST}") == 1 and not heard
    assert out.index("Your name") < out.index(f"! The key {LOST}") < out.index("PIN: ")

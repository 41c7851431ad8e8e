"""Commands that read a stranger's file: a pipe, an endless line and a deep document end in one sentence."""

from __future__ import annotations

import os
import threading
import tracemalloc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from medic_console.core import paths
from medic_console.core.unpacking import allowed
from medic_console.suite.readers import texts
from tests.conftest import Say

MODEL = str(paths.demo_models()[1])
FILE = "FILE"
TOLD = ("a pipe or a device", "not a file", "no packet of ours", "there is no such archive")
READERS: dict[str, tuple[str, Sequence[str]]] = {
    "preset": ("a.toml", ("run", "--preset", FILE, "--dry-run")),
    "items": ("a.jsonl", ("run", "medqa", "--model", MODEL, "--items", FILE, "--dry-run")),
    "table": ("a.csv", ("run", "medqa", "--model", MODEL, "--items", FILE, "--dry-run")),
    "template": ("a.jinja", ("run", "medqa", "--model", MODEL, "--chat-template", FILE, "--dry-run")),
    "model": ("a.gguf", ("models", "inspect", FILE)),
    "outputs": ("a.jsonl", ("score", "medqa", "--outputs", FILE)),
    "traces": ("a.jsonl", ("cef-score", FILE)),
    "import": ("a.jsonl", ("import", FILE)),
    "log": ("a.json", ("import", FILE)),
    "packed log": ("a.eval", ("import", FILE)),
    "packet": ("a.json", ("review", "take", "--packet", FILE, "--as", "Ada")),
    "packet back": ("a.json", ("review", "merge", FILE)),
    "archive": ("a.db", ("archive", "merge", FILE)),
    "task file": ("a.toml", ("tasks", "check", FILE)),
    "manifest": ("manifest.json", ("report", "verify", f"{FILE}/..")),
}
CASES = pytest.mark.parametrize("reader", READERS)
DOCUMENTS = pytest.mark.parametrize("reader", [name for name in READERS if name != "template"])


def words_for(reader: str, folder: Path) -> tuple[Path, list[str]]:
    name, words = READERS[reader]
    path = folder / name
    return path, [word.replace(f"{FILE}/..", str(folder)).replace(FILE, str(path)) for word in words]


@contextmanager
def writer(pipe: Path) -> Iterator[None]:
    """Let somebody hold the other end of a pipe, who writes nothing: who waits for it reads an empty file."""

    def hold() -> None:
        os.close(os.open(pipe, os.O_WRONLY))

    thread = threading.Thread(target=hold, daemon=True)
    thread.start()
    try:
        yield
    finally:
        with suppress(OSError):
            os.close(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK))
        thread.join(5)


@CASES
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders there")
def test_a_pipe_is_no_file(reader: str, say: Say, tmp_path: Path) -> None:
    pipe, words = words_for(reader, tmp_path)
    os.mkfifo(pipe)
    with writer(pipe):
        code, _, errors = say(*words)
    assert code == 2 and any(told in errors for told in TOLD), errors


@CASES
def test_an_endless_line_takes_no_memory(
    reader: str, say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "LONGEST", 1 << 20)
    path, words = words_for(reader, tmp_path)
    with path.open("wb") as file:
        file.truncate(600 << 20)
    with allowed(1 << 20):
        tracemalloc.start()
        try:
            code, _, errors = say(*words)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert code == 2 and peak < 30 << 20, (peak, errors)


@DOCUMENTS
@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, '{"id": ' + "9" * 10_000 + "}"], ids=str.__len__)
def test_a_deep_document_is_refused(reader: str, text: str, say: Say, tmp_path: Path) -> None:
    path, words = words_for(reader, tmp_path)
    path.write_text(text, "utf-8")
    code, _, errors = say(*words)
    assert code == 2 and str(path) in errors, errors

"""A file that cannot be audited is told in a new run, and no run comes of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from textual.pilot import Pilot

from medic_console.commands.demo import SMALL
from medic_console.console.app import MedicConsole
from medic_console.console.new_run.files import FileList
from medic_console.console.new_run.screen import NewRunScreen
from medic_console.engine.files import gguf_header
from medic_console.engine.files.gguf_header import Header
from medic_console.results.reader import Reader
from tests.console.conftest import Open, press, screen_text, settle, shows, told_by, until
from tests.engine.altered import altered

WIDE = (120, 36)


def said(app: MedicConsole) -> str:
    return " ".join(screen_text(app).split())


async def added(pilot: Pilot[None], path: Path) -> FileList:
    """Add a file to the new run in front, and wait until it is read."""
    files = pilot.app.screen.query_one(FileList)
    files.add(path)
    await until(pilot, lambda: all(entry.share is None for entry in files.entries), "the file to be read")
    await settle(pilot)
    return files


def run_count(archive: Path) -> int:
    reader = Reader(archive)
    try:
        return len(reader.runs())
    finally:
        reader.close()


async def test_a_file_of_another_kind_cannot_be_chosen(open_app: Open, archive: Path, tmp_path: Path) -> None:
    path, before = altered(tmp_path / "m.gguf", {"general.type": "adapter"}), run_count(archive)
    app = open_app(archive, start=None)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "n")
        files = await added(pilot, path)
        assert "an adapter (LoRA), no model of its own" in said(app) and "✗ unusable" in said(app)
        assert not any(entry.candidate for entry in files.entries)
        await press(pilot, "ctrl+g")
        assert shows(app, NewRunScreen)
    assert run_count(archive) == before


async def test_a_file_without_a_tensor_is_refused_at_the_start(open_app: Open, archive: Path, tmp_path: Path) -> None:
    path = altered(tmp_path / "m.gguf", tensors=lambda name: ".attn_k." not in name)
    before, app = run_count(archive), open_app(archive, start=None)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "n")
        await added(pilot, path)
        await press(pilot, "2", "space")
        await until(pilot, lambda: "in all" in said(app), "the tasks")
        await press(pilot, "ctrl+g")
        await until(pilot, lambda: "attn_k.weight" in told_by(app) + said(app), "the refusal")
        await settle(pilot)
    assert run_count(archive) == before


async def test_a_header_is_read_once_for_a_new_run(
    open_app: Open, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[Path] = []
    real = gguf_header._read

    def counting(path: Path) -> Header:
        reads.append(path)
        return real(path)

    monkeypatch.setattr(gguf_header, "_read", counting)
    path = altered(tmp_path / "m.gguf", {"general.name": "Mix1 Ep2"})
    other = Path(shutil.copy(SMALL, tmp_path / "other.gguf"))
    app = open_app(archive)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "n")
        files = await added(pilot, path)
        await press(pilot, "c", "g", "c")
        assert "Mix1 Ep2" in said(app) and path.name in said(app)
        files.add(other)
        await added(pilot, other)
    assert reads == [path, other]

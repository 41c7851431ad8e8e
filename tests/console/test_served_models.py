"""Models behind servers in a new run: named, looked at, run, resumed, kept in presets and settings."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from textual.widgets import Input

from medic_console.audit.presets import load_presets
from medic_console.console.app import MedicConsole
from medic_console.console.new_run.files import FileList
from medic_console.console.new_run.preflight import FileEntry
from medic_console.console.new_run.task_list import TaskList
from medic_console.core import paths
from medic_console.engine.endpoint.address import address_of
from medic_console.engine.endpoint.client import KEY
from medic_console.results.reader import Reader
from tests.console.conftest import Open, press, screen_text, settle, told_by, until
from tests.engine.endpoint.server import MODEL, Script, serving

WIDE = (160, 48)


def entry_of(app: MedicConsole, name: str) -> FileEntry:
    """Return the only model of the list whose name holds a text."""
    (found,) = [one for one in app.screen.query_one(FileList).entries if name in one.source.name]
    return found


async def test_a_typed_address_is_looked_at_named_run_and_kept_without_its_key(
    open_app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, "sk-secret-123")
    archive = tmp_path / "new.db"
    app, script = open_app(archive, start=None), Script(say=lambda text: "A")
    with serving(script) as base:
        async with app.run_test(size=WIDE, notifications=True) as pilot:
            await settle(pilot)
            await press(pilot, "n", "a")
            app.screen.query_one("#path", Input).value = base
            await press(pilot, "enter")
            await until(pilot, lambda: entry_of(app, MODEL).model is not None, "the server to be looked at")
            text = " ".join(screen_text(app).split())
            assert f"{base}#{MODEL}" in text and "unknown 1.2.3" in text and "choices: written" in text
            assert "prompts are put together by the server" in text
            await until(pilot, lambda: "still being looked for" not in screen_text(app), "the items")
            app.screen.query_one(TaskList).choose(("medqa",))
            await press(pilot, "ctrl+s", *"served", "enter", "ctrl+g")
            await until(pilot, lambda: app.context.session is not None and app.context.session.over, "the run to end")
        assert set(load_presets(app.context.tasks).presets["served"].models) == {address_of(f"{base}#{MODEL}")}
    with closing(Reader(archive)) as reader:
        (run,) = reader.runs()
    assert run.status == "done" and run.candidates[0].file == f"{base}#{MODEL}"
    assert script.keys == {"Bearer sk-secret-123"}
    kept = [path for path in (*tmp_path.rglob("*"), *paths.config_dir().rglob("*")) if path.is_file()]
    assert archive in kept and not [path for path in kept if b"sk-secret" in path.read_bytes()]


async def test_what_is_no_address_or_no_server_is_told_and_chosen_for_nothing(open_app: Open, tmp_path: Path) -> None:
    app = open_app(tmp_path / "new.db", start=None)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "n", "a")
        app.screen.query_one("#path", Input).value = "http://me:secret@10.0.0.5"
        await press(pilot, "enter")
        assert "would be stored" in told_by(app)
        app.screen.query_one("#path", Input).value = "http://127.0.0.1:1/v1"
        await press(pilot, "enter")
        await until(pilot, lambda: entry_of(app, "127.0.0.1:1").error is not None, "the fault to be told")
        assert "cannot be reached" in " ".join(screen_text(app).split()) and "✗ unusable" in screen_text(app)


async def test_servers_of_the_settings_are_offered_and_asked_when_they_are_chosen_alone(
    open_app: Open, tmp_path: Path
) -> None:
    script = Script(say=lambda text: "A")
    with serving(script) as base:
        paths.config_dir().mkdir(parents=True, exist_ok=True)
        (paths.config_dir() / "settings.toml").write_text(f'[endpoint]\nservers = "{base}#{MODEL}"\n', "utf-8")
        app = open_app(tmp_path / "new.db", start=None)
        async with app.run_test(size=WIDE, notifications=True) as pilot:
            await settle(pilot)
            await press(pilot, "n")
            app.screen.query_one(FileList).show_file(f"{base}#{MODEL}")
            await settle(pilot)
            assert "not asked yet: c asks it as a candidate" in " ".join(screen_text(app).split())
            assert not script.asked
            await press(pilot, "c")
            await until(pilot, lambda: entry_of(app, MODEL).candidate, "the server to be looked at")
            assert entry_of(app, MODEL).model is not None and script.asked

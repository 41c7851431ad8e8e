"""Text from models and files that tries to be more than text."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.audit import Audit
from medic_console.console.widgets.text_pane import TextPane
from medic_console.engine.model import ModelFile
from medic_console.engine.scripted import ScriptedEngine
from tests.conftest import fake_model, make_plan, sample_task
from tests.console.conftest import Open, press, screen_text, settle

NAME = "[red]m[/red]\x1b[2J"
TEXTS = {
    "markup": "[bold red]x[/] [link=http://x]y[/link] [/nothing] [@click=app.quit]z[/]",
    "ansi": "\x1b[31mred\x1b[0m \x1b[2J \x1b]0;title\x07 \x9b31m",
    "osc": "\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\ \x1b]52;c;eA==\x07",
    "wide": "患者は熱がある 👩‍⚕️ é́ ﷽",
    "rtl": "\u202eevil\u202c المريض يعاني من السعال",
    "tabs": "a\tb\tc\r\nd\x00e\x7f",
    "long": "x" * 10_000 + "END",
}


def _archive(path: Path, cache: Path, text: str) -> Path:
    plan = make_plan(
        [sample_task("medcalc", cache, 1), sample_task("ehrsql", cache, 1), sample_task("aci_bench", cache, 1)],
        [replace(fake_model("alpha"), name=NAME)],
        [replace(fake_model("judge"), name=NAME)],
    )

    def start(model: ModelFile) -> ScriptedEngine:
        return ScriptedEngine(lambda prompt: "NO" if prompt.labels else _listed(text) if prompt.grammar else text)

    for _ in Audit(path, plan, start=start).events():
        pass
    return path


def _listed(text: str) -> str:
    return json.dumps([text[:200]])


@pytest.mark.parametrize("kind", TEXTS)
async def test_hostile_text_is_shown_as_text_on_every_screen(open_app: Open, tmp_path: Path, kind: str) -> None:
    app = open_app(_archive(tmp_path / "hostile.db", tmp_path, TEXTS[kind]))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        seen = [screen_text(app)]
        await press(pilot, "enter")
        seen.append(screen_text(app))
        await press(pilot, "enter", "enter")
        seen.append(screen_text(app))
        shown = app.screen.query_one("#answered", TextPane).text
        await press(pilot, "escape", "1", "j", "enter", "enter")
        seen.append(screen_text(app))
        await press(pilot, "escape", "1", "j", "enter", "enter", "t")
        seen.append(screen_text(app))
        assert app.is_running
    for text in seen:
        assert "[red]m[/red]␛[2J" in text
        assert not set(text) & {"\x1b", "\x07", "\x00", "\x9b", "\x7f", "\u202e"}
    if kind == "markup":
        assert TEXTS[kind] in shown
        assert all("[bold red]x[/]" in text for text in seen[2:])
    if kind == "ansi":
        assert "␛[31mred␛[0m ␛[2J ␛]0;title␇ ⟨9B⟩31m" in shown
    if kind == "rtl":
        assert "⟨202E⟩evil⟨202C⟩ المريض" in shown
    if kind == "long":
        assert "xEND" in shown

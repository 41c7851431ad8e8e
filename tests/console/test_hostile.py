"""Text from models and files that tries to be more than text."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from medic_console.audit.plan import Plan
from medic_console.console.app import MedicConsole
from medic_console.console.inspect.registry import inspector_for
from medic_console.console.widgets.text_pane import TextPane
from medic_console.core.records import Prompt
from medic_console.results.reader import Reader
from medic_console.session.audit import Audit
from medic_console.suite.items import LoadedTask
from medic_console.testing.scripted import Reply, ScriptedEngine
from tests.conftest import fake_model, make_plan, sample_task
from tests.console.conftest import Open, press, screen_text, settle
from tests.console.inspected import place_of

NAME = "[red]m[/red]\x1b[2J"
TEXTS = {
    "markup": "[bold red]x[/] [link=http://x]y[/link] [/nothing] [@click=app.quit]z[/]",
    "ansi": "\x1b[31mred\x1b[0m \x1b[2J \x1b]0;title\x07 \x9b31m",
    "osc": "\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\ \x1b]52;c;eA==\x07",
    "wide": "患者は熱がある 👩‍⚕️ é́ ﷽",
    "rtl": "\u202eevil\u202c المريض يعاني من السعال",
    "tabs": "a\tb\tc\r\nd\x00e\x7f",
}
LONG = "x" * 100_000 + "END"
EXPECTED = {
    "markup": TEXTS["markup"],
    "ansi": "␛[31mred␛[0m ␛[2J ␛]0;title␇ ⟨9B⟩31m",
    "osc": "␛]8;;http://x␛\\link␛]8;;␛\\ ␛]52;c;eA==␇",
    "wide": TEXTS["wide"],
    "rtl": "⟨202E⟩evil⟨202C⟩ المريض يعاني من السعال",
    "tabs": "c\nd␀e␡",
}
"""How each is shown."""
CASES = pytest.mark.parametrize(
    ("text", "expected"),
    [(" ".join(TEXTS.values()), tuple(EXPECTED.values())), (LONG, ("xEND",))],
    ids=["of-every-kind", "100000-characters"],
)


TASKS = ("medqa", "medcalc", "gsm8k", "medec", "ifeval", "dischargeme", "medication_qa", "med_safety", "healthbench")
KEPT = {"output_type", "text_id", "calculator_id", "options"}
"""Fields that scorers read by their value."""
ACTING = {"\x1b", "\x07", "\x00", "\x9b", "\x7f", "\u202e"}
CELLS = "SELECT char(27) || '[31m' AS \"[red]c\x1b[2J\", '[b]x[/b]' || char(7), char(8238) || 'evil'"


def _plan(cache: Path, text: str) -> Plan:
    names = (*TASKS, "ehrsql", "aci_bench")
    tasks = [_spoiled(sample_task(name, cache, 1), text) for name in names]
    models = [replace(fake_model(name), name=NAME) for name in ("alpha", "beta")]
    return make_plan(tasks, models, [replace(fake_model(name), name=NAME) for name in ("judge", "other")])


def _spoiled(loaded: LoadedTask, text: str) -> LoadedTask:
    """Return a task whose title and items hold the text in every field that is only shown."""
    item = loaded.items[0]
    fields = {key: value if key in KEPT else _with(value, text) for key, value in item.fields.items()}
    if "options" in fields:
        fields["options"] = {label: f"{option} {text}" for label, option in item.fields["options"].items()}
    scored_by_value = loaded.task.id in ("medqa", "medcalc", "gsm8k", "ehrsql", "ifeval")
    gold = item.gold if scored_by_value else _with(item.gold, text)
    task = replace(loaded.task, title=f"{loaded.task.title} {text[:80]}")
    return replace(loaded, task=task, items=(replace(item, fields=fields, gold=gold),))


def _with(value: Any, text: str) -> Any:
    if isinstance(value, str):
        return f"{value} {text}"
    if isinstance(value, list):
        return [_with(entry, text) for entry in value]
    if isinstance(value, dict):
        return {key: entry if key == "role" else _with(entry, text) for key, entry in value.items()}
    return value


def _archive(path: Path, cache: Path, text: str) -> Path:
    def reply(prompt: Prompt) -> Reply:
        if prompt.labels:
            return prompt.labels[0] if "NO" not in prompt.labels else "NO"
        if prompt.grammar:
            return json.dumps([text[:200]])
        asked = prompt.messages[-1].content
        if asked.startswith("Question:"):
            return CELLS
        return f"4 {text}" if asked.startswith("0 A ") else f"{text}\nAnswer: 30 #### 30"

    for _ in Audit(path, _plan(cache, text), start=lambda model, cache: ScriptedEngine(reply)).events():
        pass
    return path


def _run_of(path: Path) -> str:
    with closing(Reader(path)) as reader:
        return reader.runs()[0].id


def _obeyed(app: MedicConsole) -> set[str]:
    """Return what the screen would make the terminal or the app do beyond showing text."""
    found = set(screen_text(app)) & ACTING
    for strip in app.screen._compositor.render_strips():
        for segment in strip:
            found |= set(segment.text) & ACTING
            if segment.style is not None:
                action = str(segment.style.meta.get("@click", ""))
                own = ("screen.filter", "screen.back_to")
                found |= {part for part in (segment.style.link, action) if part and not part.startswith(own)}
    return found


@CASES
async def test_hostile_text_is_shown_as_text_on_every_screen(
    open_app: Open, tmp_path: Path, text: str, expected: tuple[str, ...]
) -> None:
    path = _archive(tmp_path / "hostile.db", tmp_path, text)
    app = open_app(path)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        seen = [screen_text(app)]
        assert not _obeyed(app)
        await press(pilot, "enter")
        seen.append(screen_text(app))
        assert not _obeyed(app)
        for task in TASKS:
            place = place_of(path, task, run=_run_of(path))
            place = replace(place, judge="") if task == "dischargeme" else place  # beside its reference, not its source
            app.push_screen(inspector_for(app.context, place))
            await settle(pilot)
            seen.append(screen_text(app))
            assert not _obeyed(app), task
            shown = app.screen.query_one("#question", TextPane).text + app.screen.query_one("#verdict", TextPane).text
            assert all(part in shown for part in expected), task
            await press(pilot, "i")
            assert not _obeyed(app), task
            await app.pop_screen()
            await app.pop_screen()
        await press(pilot, "J")
        seen.append(screen_text(app))
        assert not _obeyed(app)
        assert app.is_running
    assert [number for number, screen in enumerate(seen) if "[red]m[/red]␛[2J" not in screen] == []


@CASES
async def test_hostile_text_is_shown_as_text_beside_its_source(
    open_app: Open, tmp_path: Path, text: str, expected: tuple[str, ...]
) -> None:
    path = _archive(tmp_path / "hostile.db", tmp_path, text)
    app = open_app(path)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        app.push_screen(inspector_for(app.context, place_of(path, "aci_bench", run=_run_of(path))))
        await settle(pilot)
        for pane in ("source", "generated"):
            shown = app.screen.query_one(f"#{pane}", TextPane).text
            assert all(part in shown for part in expected), pane
        for key in ("t", "t", "d", "f", "2", "end", "g", "g", "t"):
            await press(pilot, key)
            assert not _obeyed(app), key
        assert "[red]m[/red]␛[2J" in screen_text(app)


async def test_hostile_cells_and_column_names_are_shown_as_text(open_app: Open, tmp_path: Path) -> None:
    path = _archive(tmp_path / "hostile.db", tmp_path, TEXTS["ansi"])
    app = open_app(path)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        app.push_screen(inspector_for(app.context, place_of(path, "ehrsql", run=_run_of(path))))
        await settle(pilot)
        shown = screen_text(app)
        await press(pilot, "right", "right")
        shown += screen_text(app)
        assert all(part in shown for part in ("[red]c␛[2J", "[b]x[/b]␇", "⟨202E⟩evil"))
        for key in ("enter", "escape", "r", "d", "s", "s", "i"):
            await press(pilot, key)
            assert not _obeyed(app), key

"""Keys that a person chooses: what is refused says why, and what is taken works everywhere the table is used."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console import console
from medic_console.console.base import ConsoleScreen
from medic_console.console.commands import COMMANDS, TOGETHER
from medic_console.console.home.screen import HomeScreen
from medic_console.console.keymap import keymap, normal
from medic_console.console.new_run.screen import NewRunScreen
from tests.console.conftest import Open, press, screen_text, settle, shows, told_by, until

WIDE = (120, 36)


def test_every_command_has_an_id_of_its_own() -> None:
    ids = [command.id for command in COMMANDS]
    assert len(ids) == len(set(ids))
    assert all(name.replace("_", "").replace(".", "").isalnum() for name in ids)


@pytest.mark.parametrize(
    ("written", "name"),
    [("?", "question_mark"), ("CTRL+G", "ctrl+g"), ("E", "E"), ("/", "slash"), ("<", "less_than_sign"), ("F5", "f5")],
)
def test_a_key_may_be_written_as_one_reads_it(written: str, name: str) -> None:
    assert normal(written) == name


@pytest.mark.parametrize(
    ("name", "keys", "said"),
    [
        ("home.new_run", "ctrl+m", "terminals send it for enter"),
        ("home.new_run", "ctrl+c", "it answers how to quit"),
        ("home.new_run", "ctr+g", 'there is no key "ctr"; did you mean "ctrl"?'),
        ("home.new_run", "pagedwn", 'did you mean "pagedown"?'),
        ("home.new_run", " , ", "it names no key"),
        ("app.request_quit", "q", "would be taken from every text that is typed"),
        ("home.new_run", "r", "r is also the key of home.resume_run (Resume)"),
        ("home.new_run", "E", "E is also the key of list.export (Export)"),
        ("home.new_run", "?", "? is also the key of app.show_help (Help)"),
        ("cef.raw", "p", "p is also the key of inspector.item_previous"),
    ],
)
def test_what_cannot_be_a_key_is_refused_with_the_reason(name: str, keys: str, said: str) -> None:
    found = keymap({name: keys}, TOGETHER)
    assert found.keys == {}
    assert len(found.faults) == 1
    assert said in found.faults[0]
    assert "keeps" in found.faults[0]


def test_the_places_that_work_together_are_those_of_the_screens() -> None:
    for module in pkgutil.walk_packages(console.__path__, "medic_console.console."):
        importlib.import_module(module.name)
    kinds, found = [ConsoleScreen], set()
    while kinds:
        kind = kinds.pop()
        found.add(kind.PLACES)
        kinds += [one for one in kind.__subclasses__() if one.__module__.startswith("medic_console.")]
    assert found - {()} == set(TOGETHER)


def test_two_commands_may_change_places() -> None:
    wanted = {"home.new_run": "r", "home.resume_run": "n"}
    assert keymap(wanted, TOGETHER).keys == wanted


def test_a_key_may_serve_commands_of_different_screens() -> None:
    assert keymap({"home.new_run": "x"}, TOGETHER).faults == ()


@given(st.text(max_size=12))
def test_no_text_breaks_the_check_of_a_key(text: str) -> None:
    found = keymap({"home.new_run": text}, TOGETHER)
    assert bool(found.keys) != bool(found.faults)


async def test_a_changed_key_works_and_is_told_by_footer_help_and_palette(open_app: Open, home: Path) -> None:
    (home / "config").mkdir(parents=True)
    (home / "config" / "settings.toml").write_text('[keys]\nhome.new_run = "ctrl+n"\n', "utf-8")
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert "^n New run" in screen_text(app)
        await press(pilot, "question_mark")
        assert "ctrl+n       Choose models and tasks" in screen_text(app)
        await press(pilot, "escape", "ctrl+p", *"new run")
        await until(pilot, lambda: "New run (ctrl+n)" in screen_text(app), "the changed key in the palette")
        await press(pilot, "escape", "n")
        assert shows(app, HomeScreen)
        await press(pilot, "ctrl+n")
        assert shows(app, NewRunScreen)


async def test_a_fault_of_the_settings_is_told_and_the_rest_is_used(open_app: Open, home: Path) -> None:
    (home / "config").mkdir(parents=True)
    text = '[appearance]\ntheme = "medic-lite"\n[keys]\nhome.new_run = "r"\nhome.resume_run = "u"\n[run]\nsed = 1\n'
    (home / "config" / "settings.toml").write_text(text, "utf-8")
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await settle(pilot)
        told = told_by(app)
        assert 'unknown key "run.sed"; did you mean "seed"?' in told
        assert 'did you mean "medic-light"?' in told
        assert app.context.keys == {"home.new_run": "r", "home.resume_run": "u"}

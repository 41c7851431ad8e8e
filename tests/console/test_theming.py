"""Theme files: strict, and never fatal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from medic_console.console.theming import DEFAULTS, ThemeFault, load_themes, read_theme
from medic_console.core.settings import settings_file
from tests.conftest import ROOT
from tests.console.conftest import Open, press, screen_text, settle, told_by, until

GOOD = (ROOT / "themes" / "medic-dark.toml").read_text("utf-8")


def test_the_bundled_themes_name_every_variable() -> None:
    loaded = load_themes(ROOT / "themes")
    assert loaded.faults == ()
    assert {"medic-dark", "medic-light"} <= set(loaded.themes)
    assert all(set(DEFAULTS) <= set(theme.variables) for theme in loaded.themes.values())
    assert not loaded.themes["medic-light"].dark


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('primary = "#6FB3D2"\n', "", '"primary" is missing'),
        ('primary = "#6FB3D2"', 'primary = "bluish"', "not a colour"),
        ("dark = true", 'dark = "yes"', '"dark" must be true or false'),
        ("dark = true", "dark = true\nshade = 1", 'unknown key "shade"'),
        ('name = "medic-dark"', "name = ", "line 1: Unexpected character"),
        ('muted = "#A3AFBA"', "muted = 3", '"muted" is 3'),
    ],
)
def test_a_fault_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    path = tmp_path / "x.toml"
    path.write_text(GOOD.replace(old, new), "utf-8")
    with pytest.raises(ThemeFault, match=re.escape(said)):
        read_theme(path)


def test_a_broken_file_is_skipped_and_the_rest_loads(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("]", "utf-8")
    (tmp_path / "b.toml").write_text(GOOD.replace("medic-dark", "mine"), "utf-8")
    loaded = load_themes(tmp_path)
    assert list(loaded.themes) == ["mine"]
    assert len(loaded.faults) == 1
    assert loaded.faults[0].startswith("a.toml: ")


async def test_broken_themes_are_told_once_and_good_ones_can_be_used(open_app: Open, home: Path) -> None:
    folder = home / "config" / "themes"
    folder.mkdir(parents=True)
    for name in ("a", "b"):
        (folder / f"{name}.toml").write_text("]", "utf-8")
    (folder / "c.toml").write_text(GOOD.replace("medic-dark", "mine"), "utf-8")
    app = open_app()
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await settle(pilot)
        text = screen_text(app)
        assert text.count("Unusable files") == 1
        assert "theme a.toml" in text
        assert "theme b.toml" in text
        app.theme = "mine"
        await settle(pilot)
        assert "medic-console" in screen_text(app)


async def test_colours_of_cells_follow_the_theme(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        dark = app.export_screenshot()
        app.theme = "medic-light"
        await settle(pilot)
        light = app.export_screenshot()
    assert "#a3afba" in dark.lower()
    assert "#a3afba" not in light.lower()


async def test_without_colour_every_state_still_has_glyph_and_word(
    open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = open_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "j", "j", "j", "j", "enter", "enter")
        text, picture = screen_text(app), app.export_screenshot()
    assert all(state in text for state in ("● scored", "✗ contradiction", "? hallucination", "○ omission", "✓ YES"))
    assert "❯" in text
    assert len(set(re.findall(r"-r\d+ \{ fill: (#\w+)", picture))) <= 2


async def test_a_changed_theme_is_used_at_once_and_a_broken_one_keeps_its_colours(open_app: Open, home: Path) -> None:
    file = home / "config" / "themes" / "mine.toml"
    file.parent.mkdir(parents=True)
    file.write_text(GOOD.replace("medic-dark", "mine"), "utf-8")
    app = open_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        app.theme = "mine"
        await settle(pilot)
        assert "#a3afba" in app.export_screenshot().lower()
        changed = GOOD.replace("medic-dark", "mine").replace("#A3AFBA", "#abcdef")
        file.write_text(changed, "utf-8")
        await until(pilot, lambda: "#abcdef" in app.export_screenshot().lower(), "the new colours")
        file.write_text("]", "utf-8")
        await until(pilot, lambda: "theme mine.toml" in told_by(app), "the fault")
        assert "#abcdef" in app.export_screenshot().lower()
        file.write_text(changed.replace("#abcdef", "#a0b0c0"), "utf-8")
        await until(pilot, lambda: "#a0b0c0" in app.export_screenshot().lower(), "the corrected colours")
        file.unlink()
        await until(pilot, lambda: app.theme == "medic-dark", "the usual theme")


async def test_settings_that_another_program_changes_are_used_at_once(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        settings_file().parent.mkdir(parents=True, exist_ok=True)
        settings_file().write_text('[appearance]\ntheme = "medic-light"\n[run]\nsed = 3\n', "utf-8")
        await until(pilot, lambda: app.theme == "medic-light", "the theme")
        await until(pilot, lambda: 'unknown key "run.sed"' in told_by(app), "the fault")


def test_no_colour_is_written_outside_the_themes() -> None:
    folder = ROOT / "medic_console" / "console"
    found = [
        path.name
        for path in (*folder.rglob("*.py"), *folder.rglob("*.tcss"))
        if re.search(r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3};", path.read_text("utf-8"))
    ]
    assert found == []

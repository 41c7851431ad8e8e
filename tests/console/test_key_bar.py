from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from medic_console.console.widgets.key_bar import KeyBar, KeyHint, fitting
from tests.console.conftest import Open, click_key, press, screen_text, settle

WIDE = (120, 36)
MORE = 3
"""Cells of the sign for keys that are left out."""


def key(name: str, label: str, does: str = "something") -> KeyHint:
    return KeyHint(name, name, label, does, True, "")


HELP = key("?", "Help", "show_help")
KEYS = st.lists(st.builds(key, st.sampled_from("abc⏎"), st.text("xy日", max_size=12)), max_size=12)


@given(KEYS, st.integers(0, 12), st.integers(HELP.width, 150))
def test_what_is_shown_fits_in_order_and_help_is_among_it(keys: list[KeyHint], place: int, room: int) -> None:
    keys.insert(min(place, len(keys)), HELP)
    shown = fitting(keys, room)
    assert HELP in shown
    others = [one for one in shown if one is not HELP]
    assert others == [one for one in keys if one is not HELP][: len(others)]
    used = sum(one.width for one in shown)
    if len(shown) == len(keys):
        assert used <= room
        assert shown == keys
    else:
        assert not others or used + MORE <= room


def test_wide_characters_take_two_cells() -> None:
    assert key("⏎", "日本").width == cell_len(" ⏎ 日本 ")


async def test_a_narrow_line_says_that_keys_are_left_out_and_keeps_help(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=(44, 24)) as pilot:
        await settle(pilot)
        line = screen_text(app).splitlines()[-1]
        assert "…" in line
        assert line.rstrip().endswith("? Help")
        await click_key(pilot, "question_mark")
        assert "esc closes" in screen_text(app)


async def test_the_line_follows_the_focused_pane(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "T")
        bar = app.screen.query_one(KeyBar)
        assert "Search" in [one.label for one, _ in bar.places()]
        await press(pilot, "2")
        assert "Search" not in [one.label for one, _ in bar.places()]
        assert "Search" not in screen_text(app).splitlines()[-1]


async def test_the_pointer_is_told_what_a_key_does(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        bar = app.screen.query_one(KeyBar)
        column = next(start for one, start in bar.places() if one.name == "question_mark")
        await pilot.hover(bar, offset=(column + 1, 0))
        assert bar.tooltip == "Explain the screen, the focused pane and all keys."
        await pilot.hover(bar, offset=(WIDE[0] - 1, 0))
        assert bar.tooltip is None

"""The pane of a text: what is marked can be seen, what is selected is what stands there, length costs nothing."""

from __future__ import annotations

import time

from textual.app import App, ComposeResult
from textual.geometry import Offset
from textual.selection import Selection

from medic_console.console.theming import defaults
from medic_console.console.widgets.text_pane import TextPane

SENTENCE = "The patient reports a dry cough for three weeks and no fever. "


class OnePane(App[None]):
    """A pane alone."""

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return defaults(self.current_theme)

    def compose(self) -> ComposeResult:
        yield TextPane("text")


def _rows(pane: TextPane) -> list[str]:
    return [pane.render_line(y).text.rstrip() for y in range(pane.size.height)]


async def test_a_marked_span_is_brought_into_sight_and_has_a_sign_beside_it() -> None:
    app = OnePane()
    async with app.run_test(size=(40, 10)) as pilot:
        pane = app.query_one(TextPane)
        pane.show("\n".join(f"line {number}" for number in range(100)))
        await pilot.pause()
        start = pane.text.index("line 70")
        pane.highlight((start, start + 7))
        await pilot.pause()
        assert pane.marked == "line 70"
        assert "▌ line 70" in _rows(pane)
        assert [row for row in _rows(pane) if row.startswith("▌")] == ["▌ line 70"]


async def test_a_span_in_sight_moves_nothing() -> None:
    app = OnePane()
    async with app.run_test(size=(40, 10)) as pilot:
        pane = app.query_one(TextPane)
        pane.show("\n".join(f"line {number}" for number in range(100)))
        await pilot.pause()
        pane.highlight((0, 4))
        await pilot.pause()
        assert pane.scroll_offset.y == 0
        pane.highlight(None)
        assert pane.marked == ""


async def test_a_selection_over_broken_rows_is_the_text_as_it_stands() -> None:
    app = OnePane()
    async with app.run_test(size=(20, 10)) as pilot:
        pane = app.query_one(TextPane)
        pane.show("first\n" + SENTENCE)
        await pilot.pause()
        assert pane.height_needed > 3
        selection = Selection(Offset(4, 1), Offset(24, 1))
        found = pane.get_selection(selection)
        assert found is not None and found[0] == SENTENCE[4:24]


async def test_marking_costs_no_more_in_a_text_of_200_000_words() -> None:
    app = OnePane()
    async with app.run_test(size=(60, 20)) as pilot:
        pane = app.query_one(TextPane)
        pane.show(SENTENCE * 17_000)
        await pilot.pause()
        begun = time.perf_counter()
        for number in range(0, 16_000, 1_000):
            pane.highlight((number * len(SENTENCE), number * len(SENTENCE) + 20))
            assert any(row.startswith("▌") for row in _rows(pane))
        assert (time.perf_counter() - begun) / 16 < 0.25


async def test_a_line_of_100_000_characters_can_be_scrolled_to_its_end() -> None:
    app = OnePane()
    async with app.run_test(size=(40, 10)) as pilot:
        pane = app.query_one(TextPane)
        pane.show("x" * 100_000 + "END")
        await pilot.pause()
        pane.scroll_end(animate=False)
        await pilot.pause()
        assert any(row.endswith("END") for row in _rows(pane))

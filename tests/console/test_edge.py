"""What a screen forgets to make harmless is stopped at the edge."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.widgets import Static

from medic_console.console.edge import Edge
from medic_console.core.visible import plain
from tests.console.conftest import Open, settle

ACTING = "\x1b]0;title\x07\x9b31m\u202e\u200b\x7f\t"


@settings(deadline=None)
@given(st.lists(st.text(st.one_of(st.characters(), st.sampled_from(ACTING)), max_size=20), max_size=5))
def test_widths_stay_and_nothing_acts(texts: list[str]) -> None:
    before = [Segment(text) for text in texts]
    after = Edge().apply(before, Color(0, 0, 0))
    assert [cell_len(one.text) for one in after] == [cell_len(one.text) for one in before]
    assert all(plain(one.text) == one.text for one in after)


async def test_every_line_of_the_app_goes_through_it(open_app: Open, tmp_path: Path) -> None:
    app = open_app(tmp_path / "none.db")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await app.screen.mount(Static(f"seen {ACTING}", markup=False))
        await settle(pilot)
        drawn = "".join(segment.text for strip in app.screen._compositor.render_strips() for segment in strip)
    assert "seen ]0;title31m" in drawn
    assert not set(drawn) & set(ACTING[0] + "\x07\x9b\u202e\u200b\x7f\t")

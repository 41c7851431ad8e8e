"""A card whose question is long: texts and keys keep their room, and the whole question is one key away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from medic_console.console.app import MedicConsole
from medic_console.console.dialogs.whole import WholeTextScreen
from medic_console.console.review.boxes import choices, fitted
from medic_console.console.review.card import CardScreen
from medic_console.console.review.sitting import Sitting, sitting_of
from medic_console.console.widgets.text_pane import TextPane
from medic_console.console.wrapping import wrap
from medic_console.review.cards import Stage
from medic_console.review.reader import ReviewReader
from medic_console.review.reviewers import add_reviewer
from tests.conftest import Say
from tests.console.conftest import TASKS, press, screen_text, settle, shows
from tests.console.test_snapshots import SIZES, Compare
from tests.review.conftest import PIN
from tests.review.test_cards import card
from tests.review.test_story import drawn

LONG = " ".join(f"Does the note say that dose {number} of 1,250 mg was given?" for number in range(40)) + " The end."


@pytest.fixture
def app(archive: Path, run: str, say: Say) -> MedicConsole:
    add_reviewer(archive, "Ada", PIN)
    drawn(archive, run, say)
    return MedicConsole(archive, tasks=TASKS)


async def long_card(pilot: Pilot[None], archive: Path, said: str = "") -> None:
    """Open a card with a long question, and with what readers said of it where that is given."""
    await settle(pilot)
    await press(pilot, "R")
    context = pilot.app.screen.context  # type: ignore[attr-defined]
    reader = ReviewReader(archive)
    sitting: Sitting = sitting_of(context, "q", reader.reviewer("Ada"), settle=False)
    reader.close()
    first, *others = sitting.cards
    cards = [first._replace(question=LONG), *others]
    await pilot.app.push_screen(
        CardScreen(context, replace(sitting, cards=cards, said={first.position: said} if said else {}))
    )
    await settle(pilot)


@SIZES
def test_a_card_with_a_long_question(
    snap_compare: Compare, app: MedicConsole, archive: Path, size: tuple[int, int]
) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await long_card(pilot, archive)

    assert snap_compare(app, terminal_size=size, run_before=run)


@pytest.mark.parametrize("size", [(80, 24), (80, 18)])
async def test_texts_keep_a_third_and_every_key_is_seen_at_every_stage(
    app: MedicConsole, archive: Path, size: tuple[int, int]
) -> None:
    async with app.run_test(size=size) as pilot:
        await long_card(pilot, archive, "reader A: YES\nreader B: NO, " + "because it is so " * 40)

        def whole() -> None:
            assert 3 * app.screen.query_one("#card-texts").size.height >= size[1]
            last = choices(app.screen._round.stage, app.screen._round.card).split("\n")[-1]  # type: ignore[attr-defined]
            assert last.split(" · ")[-1] in screen_text(app) and "reader A: YES" in screen_text(app)
            assert "(w: all of it)" in screen_text(app)

        whole()
        await press(pilot, "w")
        assert shows(app, WholeTextScreen)
        pane = app.screen.query_one(TextPane)
        assert pane.text.startswith(LONG) and pane.text.count("because") == 40
        assert app.focused is pane and pane.max_scroll_y > 0, "its keys scroll it"
        await press(pilot, "escape")
        before = app.screen._round.card  # type: ignore[attr-defined]
        await press(pilot, "n")
        whole()
        assert app.screen._round.card is before, "a reason or a severity is asked"  # type: ignore[attr-defined]
        await pilot.resize_terminal(80, 40)
        await settle(pilot)
        assert shows(app, CardScreen)


@given(st.text(max_size=900), st.text(max_size=900), st.integers(40, 160), st.integers(12, 60))
def test_whatever_is_asked_fits_with_its_keys(question: str, said: str, width: int, height: int) -> None:
    question, said = (text.replace("\t", " ").replace("\x00", "") for text in (question, said))
    keys = choices(Stage.ANSWER, card(0))
    shown, told = fitted(question, said, keys, width, height)
    rows = len(wrap(shown, width)) + (len(wrap(told, width)) if said else 0) + len(wrap(keys, width))
    assert rows <= max(2 + len(wrap(keys, width)), min(8, height // 3))
    for text, cut in ((question, shown), (said, told)):
        assert cut == text or (text and cut.endswith("(w: all of it)") and text.startswith(cut[: cut.rindex(" … (w")]))

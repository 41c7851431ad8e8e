"""Two readers and a third person at the console: sign-in, cards, pause, differences; nothing is seen too early."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from medic_console.archive.reviews import CardRow
from medic_console.archive.verify import verify
from medic_console.console.app import MedicConsole
from medic_console.console.inspect.trace import TraceScreen
from medic_console.console.review.card import CardScreen
from medic_console.console.review.pause import PauseScreen
from medic_console.console.review.screen import ReviewScreen
from medic_console.review.reader import ReviewReader
from medic_console.review.report import report
from medic_console.review.reviewers import add_reviewer
from tests.conftest import Say
from tests.console.conftest import TASKS, press, screen_text, settle, shows
from tests.review.conftest import PIN
from tests.review.test_story import drawn, typed

WIDE, NARROW = (120, 36), (80, 24)


async def sign_in(pilot: Pilot[None], key: str, name: str) -> None:
    """Open the marked queue as a person."""
    await press(pilot, key)
    field = pilot.app.screen.query_one("#reviewer-name", Input)
    field.value = name
    field.focus()
    await press(pilot, "enter", *PIN)
    await press(pilot, "enter")
    await settle(pilot)


async def decide(pilot: Pilot[None], keys: str) -> None:
    """Press the keys of a card without a pause between them."""
    await pilot.press(*keys)
    await settle(pilot)
    if isinstance(pilot.app.screen, PauseScreen):
        assert "cards are decided" in screen_text(pilot.app) and "s a card" in screen_text(pilot.app)  # type: ignore[arg-type]
        await press(pilot, "enter")


async def _differ_and_settle(pilot: Pilot[None], cards: list[CardRow]) -> None:
    """Have a second reader say YES to all, and a third person settle it as the judge had it."""
    app = pilot.app
    assert isinstance(app, MedicConsole)
    differing = [card for card in cards if card.said != "YES"]
    await sign_in(pilot, "t", "Ben")
    for card in cards:
        await decide(pilot, typed(card, "YES"))
    await press(pilot, "escape")
    await sign_in(pilot, "d", "Ben")
    assert shows(app, ReviewScreen), "a reader settles nothing of hers"
    await sign_in(pilot, "d", "Cleo")
    text = screen_text(app)
    assert f"Differences 1 of {len(differing)}" in text and "reader A: " in text and "reader B: YES" in text
    for card in differing:
        await decide(pilot, typed(card, card.said))
    await press(pilot, "escape")
    assert "Findings not confirmed: below" in screen_text(app)


async def test_two_readers_and_a_third_person_at_the_console(archive: Path, run: str, say: Say) -> None:
    for name in ("Ada", "Ben", "Cleo"):
        add_reviewer(archive, name, PIN)
    cards = drawn(archive, run, say)
    truth = {card.position: card.said for card in cards}
    app = MedicConsole(archive, tasks=TASKS)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "R")
        assert shows(app, ReviewScreen) and "0 of 40" in screen_text(app) and "nobody yet" in screen_text(app)
        await sign_in(pilot, "t", "Ada")
        assert shows(app, CardScreen)
        first = screen_text(app)
        assert "Card 1 of 40" in first and "the judge:" not in first
        await press(pilot, "space")
        assert shows(app, CardScreen), "the trace is closed before the decision"
        other = "NO" if cards[0].said == "YES" else "YES"
        await press(pilot, {"YES": "y", "NO": "n"}[other])
        text = screen_text(app)
        assert f"you: {other} · the judge: {cards[0].said}" in text and "Why do you differ?" in text
        await press(pilot, "z")
        assert "Why do you differ?" not in screen_text(app) and "Card 1 of 40" in screen_text(app)
        await press(pilot, "c")
        await pilot.press(*"dose")
        await press(pilot, "enter")
        for card in cards:
            await decide(pilot, typed(card, truth[card.position]))
        assert "No card is left" in screen_text(app) and "You decided 40 cards" in screen_text(app)
        await press(pilot, "space")
        assert shows(app, TraceScreen)
        await press(pilot, "escape", "escape")
        assert "40 of 40" in screen_text(app)
        await _differ_and_settle(pilot, cards)
        differing = [card for card in cards if card.said != "YES"]
    with closing(ReviewReader(archive)) as reader:
        decisions = reader.decisions("q")
        found = report(reader.queue("q"), decisions, reader.reviewers(), reader.changed_answers("q"))
    assert (found.decided, found.settled, found.unconfirmed, found.changed) == (40, 40, 0, 1)
    assert found.findings == len(differing) and found.readers["Ada", "Ben"].observed == 1 - len(differing) / 40
    assert [one.comment for one in decisions if one.comment] == ["dose"] and verify(archive).holds


async def test_a_wrong_pin_opens_nothing_and_is_counted(archive: Path, run: str, say: Say) -> None:
    add_reviewer(archive, "Ada", PIN)
    drawn(archive, run, say)
    app = MedicConsole(archive, tasks=TASKS)
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot)
        await press(pilot, "R", "t")
        await pilot.press(*"0000")
        await press(pilot, "enter")
        assert "is wrong (1 in a row)" in screen_text(app)
        await press(pilot, "escape")
        assert shows(app, ReviewScreen)
    with closing(ReviewReader(archive)) as reader:
        assert reader.reviewer("Ada").wrong == 1


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_card_shows_both_texts_and_finds_words_in_them(
    archive: Path, run: str, say: Say, size: tuple[int, int]
) -> None:
    add_reviewer(archive, "Ada", PIN)
    card = drawn(archive, run, say)[0]
    app = MedicConsole(archive, tasks=TASKS)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "R")
        await sign_in(pilot, "t", "Ada")
        text = screen_text(app)
        assert "Source text" in text and "Generated text" in text and card.question in text and "y yes" in text
        word = app.screen.query_one("#card-left").text.split()[2]  # type: ignore[attr-defined]
        await press(pilot, "slash")
        await pilot.press(*word)
        await press(pilot, "enter")
        assert app.screen.query_one("#card-left").marked == word  # type: ignore[attr-defined]
        await press(pilot, "y")
        with closing(ReviewReader(archive)) as reader:
            assert len(reader.decisions("q")) == 1, "keys belong to the card again"

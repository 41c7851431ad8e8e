"""How the review's screens look at 120x36 and 80x24, with two readers who differ."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from textual.pilot import Pilot

from medic_console.archive import reviews
from medic_console.archive.reviews import CardRow, DecisionRow, ReviewStore
from medic_console.console.app import MedicConsole
from medic_console.console.review.new_queue import NewQueueScreen
from medic_console.console.review.pause import PauseScreen
from medic_console.console.widgets.heading import Heading
from medic_console.review.reader import ReviewReader
from medic_console.review.reviewers import add_reviewer
from tests.conftest import Say
from tests.console.conftest import TASKS, press, screen_text, settle
from tests.console.test_snapshots import SIZES, Compare
from tests.review.conftest import PIN
from tests.review.test_console import sign_in
from tests.review.test_story import drawn


def decided(archive: Path, cards: Sequence[CardRow], reviewer: int, seconds: float, differs: int) -> None:
    """Store decisions as the judge's, but for every `differs`th."""
    rows = []
    for number, card in enumerate(cards):
        other = number % differs == differs - 1
        answer = ("NO" if card.said == "YES" else "YES") if other else card.said
        severity = None if answer == "YES" else number % 4
        reason = "elsewhere in the text" if other else ""
        rows.append(DecisionRow("q", card.position, reviewer, answer, reason, severity, "", seconds + number / 10))
    with closing(ReviewStore(archive)) as store:
        store.decide(*rows)


@pytest.fixture
def app(archive: Path, run: str, say: Say, monkeypatch: pytest.MonkeyPatch) -> MedicConsole:
    monkeypatch.setattr(reviews, "now", lambda: "2026-03-02T19:30:00+00:00")
    for name in ("Ada", "Ben", "Cleo"):
        add_reviewer(archive, name, PIN)
    cards = drawn(archive, run, say, "--second", "50")
    with closing(ReviewReader(archive)) as reader:
        ids = {one.name: one.id for one in reader.reviewers()}
    decided(archive, cards[:38], ids["Ada"], 12.0, 7)
    decided(archive, [card for card in cards if card.second], ids["Ben"], 9.0, 5)
    return MedicConsole(archive, tasks=TASKS)


@SIZES
def test_queues_and_what_decisions_say(snap_compare: Compare, app: MedicConsole, size: tuple[int, int]) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await settle(pilot)
        await press(pilot, "R", "2", "z")
        await press(pilot, "pagedown")

    assert snap_compare(app, terminal_size=size, run_before=run)


@SIZES
@pytest.mark.parametrize("keys", ["", "n"])
def test_a_card_before_and_after_the_answer(
    snap_compare: Compare, app: MedicConsole, size: tuple[int, int], keys: str
) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await settle(pilot)
        await press(pilot, "R")
        await sign_in(pilot, "t", "Ada")
        await press(pilot, *keys)
        pilot.app.clear_notifications()

    assert snap_compare(app, terminal_size=size, run_before=run)


@SIZES
def test_differences(snap_compare: Compare, app: MedicConsole, size: tuple[int, int]) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await settle(pilot)
        await press(pilot, "R")
        await sign_in(pilot, "d", "Cleo")
        pilot.app.clear_notifications()

    assert snap_compare(app, terminal_size=size, run_before=run)


@pytest.mark.parametrize("page", ["card", "differences", "pause"])
@pytest.mark.parametrize("look", ["medic-light", "NO_COLOR"])
def test_a_page_in_the_light_theme_and_without_any_colour(
    snap_compare: Compare, app: MedicConsole, archive: Path, monkeypatch: pytest.MonkeyPatch, look: str, page: str
) -> None:
    if look == "NO_COLOR":
        monkeypatch.setenv("NO_COLOR", "1")
        app = MedicConsole(archive, tasks=TASKS)  # it looks when it is made

    async def run(pilot: Pilot[None]) -> None:
        if look != "NO_COLOR":
            pilot.app.theme = look
        await settle(pilot)
        if page == "pause":
            await pilot.app.push_screen(PauseScreen(pilot.app.screen.context, "q", 2))  # type: ignore[attr-defined]
            await settle(pilot)
        else:
            await press(pilot, "R")
            await sign_in(pilot, *(("t", "Ada") if page == "card" else ("d", "Cleo")))
            await press(pilot, *("n" if page == "card" else ""))
            pilot.app.clear_notifications()

    assert snap_compare(app, terminal_size=(80, 24), run_before=run)


@SIZES
def test_the_pause_page(snap_compare: Compare, app: MedicConsole, size: tuple[int, int]) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await settle(pilot)
        await pilot.app.push_screen(PauseScreen(pilot.app.screen.context, "q", 2))  # type: ignore[attr-defined]
        await settle(pilot)

    assert snap_compare(app, terminal_size=size, run_before=run)


@SIZES
def test_findings_with_their_reviews(snap_compare: Compare, app: MedicConsole, size: tuple[int, int]) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await settle(pilot)
        await press(pilot, "R", "f", "v", "v")
        app.screen.query_one(Heading).show("Findings")

    assert snap_compare(app, terminal_size=size, run_before=run)


@SIZES
def test_a_queue_before_it_is_drawn(snap_compare: Compare, app: MedicConsole, size: tuple[int, int]) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await settle(pilot)
        await press(pilot, "R", "n", "end", "enter")
        screen = app.screen
        assert isinstance(screen, NewQueueScreen)
        screen._values["runs"] = "2026-03-02-001"
        screen._fill()
        await settle(pilot)

    assert snap_compare(app, terminal_size=size, run_before=run)


async def test_where_no_card_is_left_only_the_last_answer_can_be_taken_back(app: MedicConsole) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "R")
        await sign_in(pilot, "t", "Ada")
        await press(pilot, "q", "q")
        said = screen_text(app)
        assert "No card is left." in said and "Undo" in said
        assert "Does not say" not in said and "Later" not in said and "Comment" not in said
        await press(pilot, "z")
        said = screen_text(app)
        assert "Card 2 of 2" in said and "Does not say" in said and "Source text" in said
        assert "No card is left" not in said

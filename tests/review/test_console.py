"""Two readers and a third person at the console: sign-in, cards, pause, differences; nothing is seen too early."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from medic_console.archive.reviews import CardRow, RatedRow, ReviewStore
from medic_console.archive.verify import verify
from medic_console.console.app import MedicConsole
from medic_console.console.inspect.trace import TraceScreen
from medic_console.console.review.card import CardScreen
from medic_console.console.review.findings import FindingsScreen
from medic_console.console.review.new_queue import NewQueueScreen
from medic_console.console.review.pause import PauseScreen
from medic_console.console.review.screen import ReviewScreen
from medic_console.console.widgets.table import Table
from medic_console.review.cards import spoken
from medic_console.review.findings import findings
from medic_console.review.questions import KINDS
from medic_console.review.reader import ReviewReader
from medic_console.review.report import report
from medic_console.review.reviewers import add_reviewer
from tests.conftest import Say
from tests.console.conftest import TASKS, press, screen_text, settle, shows, until
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
        assert f"you: {other} · the judge: {spoken(cards[0].said)}" in text and "Why do you differ?" in text
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


async def test_a_queue_is_drawn_and_a_reviewer_added_at_the_console(archive: Path, run: str) -> None:
    app = MedicConsole(archive, tasks=TASKS)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "R")
        assert "No queue has been drawn yet." in screen_text(app)
        await press(pilot, "n")
        text = screen_text(app)
        assert shows(app, NewQueueScreen) and run in text and "review-1" in text
        assert "59 without an error: below 5.2 % at 95 %" in text and "59 findings and 15 controls." in text
        await change(pilot, "number", "none")
        assert "is no number" in screen_text(app)
        await press(pilot, "ctrl+g")
        assert shows(app, NewQueueScreen), "what cannot be drawn is not"
        await change(pilot, "number", "20")
        await change(pilot, "tasks", "medqa")
        assert "has no task medqa" in screen_text(app)
        await change(pilot, "tasks", "aci_bench")
        await change(pilot, "controls", "10")
        table = app.screen.query_one("#queue-form", Table)
        table.mark("order")
        await press(pilot, "enter")
        assert "Ordered by risk: a bound" in screen_text(app)
        await press(pilot, "ctrl+g")
        await settle(pilot)
        assert shows(app, ReviewScreen) and "0 of 22" in screen_text(app)
        await press(pilot, "a")
        await pilot.press(*"Ada")
        await press(pilot, "enter")
        for pin in (PIN, "0000", PIN):
            await pilot.press(*pin)
            await press(pilot, "enter")
            if pin == "0000":
                assert "The two PINs differ." in screen_text(app)
                app.screen.query_one("#reviewer-again", Input).value = ""
        await until(pilot, lambda: shows(app, ReviewScreen), "the person is added")
        await settle(pilot)
        assert "1 reviewer" in screen_text(app)
        await press(pilot, "n")
        assert "review-2" in screen_text(app)
    with closing(ReviewReader(archive)) as reader:
        (queue,) = reader.queues()
        assert queue.design["order"] == "risk" and queue.design["tasks"] == ["aci_bench"] and queue.design["blind"]
        assert [one.name for one in reader.reviewers()] == ["Ada"]
    assert verify(archive).holds


async def change(pilot: Pilot[None], part: str, text: str) -> None:
    """Type a value into the queue's form."""
    pilot.app.screen.query_one("#queue-form", Table).mark(part)
    await press(pilot, "enter")
    pilot.app.screen.query_one("#edit-text", Input).value = text
    await press(pilot, "enter")
    await settle(pilot)


async def test_findings_are_listed_filtered_and_walked_through(archive: Path, run: str) -> None:
    with closing(ReviewReader(archive)) as reader:
        found = findings(reader, [run])
    app = MedicConsole(archive, tasks=TASKS)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "R", "f")
        assert shows(app, FindingsScreen) and f"{len(found)} findings" in screen_text(app)
        table = app.screen.query_one("#all-findings", Table)
        await press(pilot, "f")
        kinds = {one.question.kind for one in found}
        first = next(kind for kind in KINDS if kind in kinds)
        assert table.row_count == sum(one.question.kind == first for one in found)
        for _ in kinds:
            await press(pilot, "f")
        assert table.row_count == len(found), "behind the last kind all are shown"
        await press(pilot, "end", "enter")
        last = found[-1].question
        assert last.task == "medec" and last.item in screen_text(app)
        traces = list(dict.fromkeys((one.question.task, one.question.item, one.question.candidate) for one in found))
        assert f"{len(traces)} of {len(traces)}" in screen_text(app)
        for task, item, _ in reversed(traces[-6:-1]):
            await press(pilot, "p")
            await settle(pilot)
            assert item in screen_text(app) and TASKS[task].title in screen_text(app)
        await press(pilot, "escape", "r")
        app.screen.query_one("#edit-text", Input).value = "2000-01-01-001"
        await press(pilot, "enter")
        assert "There is no run" in screen_text(app)


async def test_an_open_queue_names_model_and_judge_and_a_blind_one_neither(archive: Path, run: str, say: Say) -> None:
    add_reviewer(archive, "Ada", PIN)
    drawn(archive, run, say, "--open")
    app = MedicConsole(archive, tasks=TASKS)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "R")
        await sign_in(pilot, "t", "Ada")
        heading = screen_text(app).splitlines()[0]
        assert "judged by judge" in heading and ("by alpha" in heading or "by beta" in heading)


async def test_who_came_with_ratings_from_a_file_is_not_asked_to_sign_in(archive: Path, run: str, say: Say) -> None:
    add_reviewer(archive, "Ada", PIN)
    card = drawn(archive, run, say)[0]
    with closing(ReviewStore(archive)) as store:
        design = {"runs": [run], "order": "imported"}
        store.add_rated("file", design, [card], [RatedRow(0, "Ward panel", card.said, None, "")], "d")
    app = MedicConsole(archive, tasks=TASKS)
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot)
        await press(pilot, "R")
        assert "1 reviewer" in screen_text(app)
        await press(pilot, "t")
        assert "Reviewers: Ada." in screen_text(app) and app.screen.query_one("#reviewer-name", Input).value == "Ada"
        await press(pilot, "shift+tab", "ctrl+u", "tab", *PIN, "enter")
        assert "Say who you are" in screen_text(app)

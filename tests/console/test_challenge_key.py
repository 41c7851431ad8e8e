"""A person disputes a reference label on its item, a second one accepts that, and the first takes it back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from medic_console.console.inspect.challenge import ChallengeScreen
from medic_console.console.inspect.item.screen import ItemScreen
from medic_console.console.inspect.sql.screen import SqlScreen
from medic_console.console.messages import ItemWanted
from medic_console.results.reader import Reader
from medic_console.review.reviewers import add_reviewer
from tests.console.audited import write_archive
from tests.console.conftest import Open, press, screen_text, settle, shows, until
from tests.console.inspected import place_of
from tests.console.test_bursts import WAYS

PIN = "4711"


async def typed(pilot: Pilot[None], *texts: str) -> None:
    """Open the form, fill its fields and go on from the last."""
    await press(pilot, "L")
    fields = list(pilot.app.screen.query(Input))
    assert len(fields) == len(texts)
    for field, text in zip(fields, texts, strict=True):
        field.value = text
    fields[-1].focus()
    await press(pilot, "enter")


async def test_a_label_is_disputed_accepted_and_given_back_by_keys(open_app: Open, inspected: Path, home: Path) -> None:
    archive = Path(shutil.copy(inspected, home.parent / "disputed.db"))
    for name in ("Ada", "Bo"):
        add_reviewer(archive, name, PIN)

    def states() -> list[tuple[str, str, str]]:
        with closing(Reader(archive)) as reader:
            return [(one.state, one.by, one.settled_by) for one in reader.challenges()]

    app = open_app(archive)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "enter", "enter")
        assert shows(app, ItemScreen)
        await typed(pilot, "Ada", PIN, "", "")
        await until(pilot, lambda: "needs its reason" in screen_text(app), "why it was not entered")
        await press(pilot, "escape")
        await typed(pilot, "Ada", PIN, "two keys are right", "B")
        await until(pilot, lambda: shows(app, ItemScreen) and "label disputed" in screen_text(app), "the label's state")
        text = screen_text(app)
        assert "challenged by Ada: two keys are right" in text and "should be: B" in text
        await press(pilot, "L")
        assert shows(app, ChallengeScreen) and "anybody else accepts it" in screen_text(app)
        await press(pilot, "escape")
        await typed(pilot, "Bo", PIN)
        await until(pilot, lambda: "accepted by Bo" in screen_text(app), "that it is accepted")
        assert states() == [("accepted", "Ada", "Bo")]
        with closing(Reader(archive)) as reader:
            (one,) = reader.challenges()
            found = next(view for view in reader.results(one.run)[0].tasks if view.task.id == one.task)
        assert found.challenged is not None and found.challenged.accepted == 1
        assert found.challenged.figure is not None and found.challenged.figure.n == found.primary.n - 1
        await typed(pilot, "Ada", PIN)
        await until(
            pilot, lambda: shows(app, ItemScreen) and "label disputed" not in screen_text(app), "that it is taken back"
        )
        assert states() == [("withdrawn", "Ada", "Ada")]


async def test_a_gold_query_is_disputed_beside_its_rows(open_app: Open, inspected: Path, home: Path) -> None:
    archive = Path(shutil.copy(inspected, home.parent / "queried.db"))
    add_reviewer(archive, "Ada", PIN)
    app = open_app(archive)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        place = place_of(archive, "ehrsql", 5)
        app.post_message(ItemWanted(place))
        await until(pilot, lambda: shows(app, SqlScreen) and "Diffs" in screen_text(app), "the query's inspector")
        await typed(pilot, "Ada", PIN, "the gold query forgets a ward", "SELECT 1")
        told = "gold query disputed: challenged by Ada: the gold query forgets a ward; should be: SELECT 1"
        await until(pilot, lambda: shows(app, SqlScreen) and told in screen_text(app), "the dispute beside the verdict")
        assert isinstance(app.screen, SqlScreen) and told in app.screen.as_plain()
        await typed(pilot, "Ada", PIN)
        await until(pilot, lambda: shows(app, SqlScreen) and told not in screen_text(app), "that it is taken back")
    with closing(Reader(archive)) as reader:
        (one,) = reader.challenges()
    assert (one.task, one.item, one.state) == ("ehrsql", place.item, "withdrawn")


@pytest.mark.parametrize(
    ("theme", "size"), [("medic-dark", (120, 36)), ("medic-light", (80, 24))], ids=["dark-120x36", "light-80x24"]
)
def test_picture_of_a_label_that_is_disputed(
    snap_compare: Callable[..., bool], open_app: Open, home: Path, theme: str, size: tuple[int, int]
) -> None:
    archive = write_archive(home.parent / "own.db", home.parent / "cache")  # with its ledger's key at hand
    app = open_app(archive)

    async def go(pilot: Pilot[None]) -> None:
        await settle(pilot)
        app.theme = theme
        await press(pilot, *WAYS["sql"], "L")
        assert shows(app, ChallengeScreen)
        assert "ledger" not in screen_text(app)

    assert snap_compare(app, run_before=go, terminal_size=size)

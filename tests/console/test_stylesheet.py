"""A source of style is read once, whichever screens are opened; again only where colours have changed."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from textual.css.parse import parse
from textual.css.stylesheet import Stylesheet

from tests.console.conftest import Open, _parse_rules, settle


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count how often Textual reads each source."""
    counts: Counter[str] = Counter()  # by text and how it is told apart, such as a widget's by the depth of its class

    def counted(scope: str, css: str, *others: Any, **named: Any) -> Any:
        counts[f"{css} {scope} {others[0]} {named['tie_breaker']}"] += 1
        return parse(scope, css, *others, **named)

    monkeypatch.setattr("textual.css.stylesheet.parse", counted)
    monkeypatch.setattr(Stylesheet, "_parse_rules", _parse_rules)  # the other tests keep what was read between apps
    return counts


async def test_screens_that_bring_styles_have_no_source_read_twice(open_app: Open, parsed: Counter[str]) -> None:
    app = open_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        for key in ("question_mark", "escape", "f12", "escape"):
            await pilot.press(key)
            await settle(pilot)
        again = [css[:80] for css, times in parsed.items() if times > 1]
        assert len(parsed) > 20 and again == []


async def test_another_theme_reads_all_anew(open_app: Open, parsed: Counter[str]) -> None:
    app = open_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        before = app.screen.styles.background
        app.theme = "medic-light"
        await settle(pilot)
        assert app.screen.styles.background != before
        assert max(parsed.values()) == 2


async def test_a_new_screen_has_its_width_at_once(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert app.context.width == "-narrow"
        await pilot.resize_terminal(170, 40)
        await settle(pilot)
        await pilot.press("f12")
        assert app.screen.has_class("-broad") and not app.screen.has_class("-narrow")

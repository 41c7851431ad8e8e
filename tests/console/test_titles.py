"""What stands in a border or a heading already is not drawn again."""

from __future__ import annotations

import pytest
from textual.content import Content
from textual.widget import Widget

from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.titles import entitle
from tests.console.conftest import Open, settle

WORDS = "Tasks [1] · 3 \\ of 4"


async def test_only_another_text_has_a_pane_or_a_heading_drawn(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    app, drawn = open_app(), list[Widget]()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        pane, heading = app.screen.query_one("#runs"), app.screen.query_one(Heading)
        refresh, update = Widget.refresh, Heading.show_text

        def refreshed(self: Widget, *more: object, **named: object) -> Widget:
            drawn.append(self)
            return refresh(self, *more, **named)  # type: ignore[arg-type]

        def shown(self: Heading, content: Content) -> None:
            drawn.append(self)
            update(self, content)

        monkeypatch.setattr(Widget, "refresh", refreshed)
        monkeypatch.setattr(Heading, "show_text", shown)
        entitle(pane, WORDS, Content.styled("below", "$muted"))
        heading.show("Here", "there")
        assert pane in drawn and heading in drawn
        assert pane._border_title is not None and pane._border_title.plain == WORDS
        drawn.clear()
        entitle(pane, WORDS, Content.styled("below", "$muted"))
        entitle(pane)
        heading.show("Here", "there")
        assert not drawn
        entitle(pane, subtitle="")
        heading.show("Here", Content.styled("there", "bold"))
        assert pane in drawn and heading in drawn and not pane.border_subtitle

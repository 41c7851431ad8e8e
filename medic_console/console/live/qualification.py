"""The live view of a qualification; it ends on the judge's card."""

from __future__ import annotations

from textual.content import Content

from medic_console.audit.events import ItemScored
from medic_console.console.context import Context
from medic_console.console.judges.session import QualifySession
from medic_console.console.live.rows import told_short
from medic_console.console.live.screen import LiveScreen
from medic_console.console.text import count, one_line


class QualifyLiveScreen(LiveScreen):
    """A probe is an item, a judge a candidate."""

    def __init__(self, context: Context, session: QualifySession) -> None:
        super().__init__(context, session)
        self._qualifying = session

    def called(self) -> str:
        """Say that this is no audit."""
        return f"qualification {self.followed.state.run or '…'}"

    def scope(self) -> str:
        """Say which judge is measured, and on what."""
        outline = self.followed.outline
        asked = ", ".join(map(one_line, told_short([one.task for one in outline.tasks])))
        return f"judge {', '.join(outline.candidates.values())} · {asked}: {count(outline.total, 'probe')} in all"

    def instead(self) -> Content:
        """Say what comes after the probes."""
        if self.followed.over and not self._qualifying.cards:
            return Content.styled("no card was made; q on Judges goes on with it", "$muted")
        return super().instead()

    def draw_news(self) -> None:
        """Draw; when the cards are made, show them."""
        super().draw_news()
        if self.is_active and self._qualifying.over and self._qualifying.cards:
            self.action_results()

    def action_results(self) -> None:
        """Go to the judge's card: back to the judges where they are below, else open them."""
        below = self.app.screen_stack[-2]
        self.leave()
        if "judges_screen" not in getattr(below, "PLACES", ()):
            self.app.call_later(self.app.run_action, "open_judges")

    def _open(self, item: ItemScored | None, what: str) -> None:
        self.notify("A probe opens from the judge's card, once that is made.", timeout=5)

"""Live: the run of this console while it goes on. Leaving the screen does not stop it."""

from __future__ import annotations

from textual.content import Content

from medic_console.console.context import Context
from medic_console.console.followed import Followed
from medic_console.console.screens.following import FollowingScreen
from medic_console.console.session import Session
from medic_console.console.text import one_line


class LiveScreen(FollowingScreen):
    """Follows the session, and can hold or stop it."""

    def __init__(self, context: Context, session: Session) -> None:
        super().__init__(context, session)
        self.session = session

    def on_mount(self) -> None:
        """Follow the session."""
        self.context.changed.subscribe(self, self._on_session)

    def holds(self) -> list[str]:
        """Return what was asked of the run."""
        if self.session.stopping:
            return ["stopping after the items in flight"]
        return ["run paused"] if self.session.paused else []

    def instead(self) -> Content:
        """Return what is being done while nothing is written."""
        return Content.styled(
            one_line("the run has ended" if self.session.over else self.session.state.phase), "$muted"
        )

    def action_pause_run(self) -> None:
        """Hold the run, or let it go on."""
        if not self.session.over:
            self.session.toggle_pause()
            self._draw_counts()

    def action_stop_run(self) -> None:
        """Stop after the items in flight."""
        if not self.session.over:
            self.session.stop()
            self._draw_counts()

    def _on_session(self, changed: Followed) -> None:
        if changed is self.session:
            self.draw_news()

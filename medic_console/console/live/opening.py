"""Which live view follows a session of this console."""

from __future__ import annotations

from medic_console.console.context import Context
from medic_console.console.judges.session import QualifySession
from medic_console.console.live.screen import LiveScreen
from medic_console.console.session import Session


def live_of(context: Context, session: Session) -> LiveScreen:
    """Return the view; that of a qualification ends on the judge's card."""
    if isinstance(session, QualifySession):
        from medic_console.console.live.qualification import QualifyLiveScreen

        return QualifyLiveScreen(context, session)
    return LiveScreen(context, session)

"""Panes of which one is seen at a time, under a line of tabs, however wide the terminal is."""

from __future__ import annotations

from medic_console.console.widgets.folding import Folding


class Pages(Folding):
    """A folding that is always folded."""

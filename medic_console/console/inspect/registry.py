"""Which inspector shows an item."""

from __future__ import annotations

from medic_console.console.base import ConsoleScreen
from medic_console.console.context import Context
from medic_console.console.inspect.cef.screen import CefScreen
from medic_console.console.inspect.item.screen import ItemScreen
from medic_console.console.inspect.position import Position
from medic_console.scoring.methods.cef.spec import cef_of


def inspector_for(context: Context, place: Position) -> ConsoleScreen:
    """Return the inspector of the item's task; a text that has a score without a judge needs none to be looked at."""
    if cef_of(place.task) is not None and (place.judge or place.task.needs_judge):
        return CefScreen(context, place)
    if place.task.scorer == "ehrsql":
        from medic_console.console.inspect.sql.screen import SqlScreen  # it loads a parser of SQL: home does without

        return SqlScreen(context, place)
    return ItemScreen(context, place)

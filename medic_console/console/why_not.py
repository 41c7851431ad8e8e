"""Why a key does nothing where it was pressed, in a line."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from medic_console.console.command import Command
from medic_console.console.commands import COMMANDS

_NO_RUN = "the archive holds no run yet; n makes one."
_ONE_MODEL = "there is one candidate only."
_ONE_JUDGE = "there are not several judges."
_OVER = "the run is over."
_REPLAYED = "the replay has ended."
_SAID = "it answers nothing that is asked now; the box says what is, and z takes back what you said."
WHY: Mapping[str, str] = MappingProxyType(
    {
        "screen.zoom": "it shows one pane of several alone; go to a pane first, and there must be more than one.",
        "list.search": "it needs a list with rows; go to one first.",
        "list.select_cursor": "nothing opens from this list, or it has no row.",
        "list.sort": "these rows keep their order.",
        "list.turn": "these rows keep their order.",
        "compare.pair_next": "there is one pair of models only.",
        "compare.pair_previous": "there is one pair of models only.",
        "compare.filter": "it is of the flips; 2 goes there.",
        "compare.one_task": "it is of the flips; 2 goes there.",
        **dict.fromkeys((f"card.say_{name}" for name in ("later", "yes", "no", "bad", "unsure", "escalate")), _SAID),
        "card.say_unsaid": "the question is whether something holds: yes, no, or ? where you cannot tell.",
        **dict.fromkeys(
            (f"home.{name}" for name in ("open_work", "portfolio", "resume_run", "mark", "compare", "compare_runs")),
            _NO_RUN,
        ),
        "home.model_next": _NO_RUN,
        "home.model_previous": _NO_RUN,
        "inspector.next_judge": _ONE_JUDGE,
        "inspector.model_next": "no other model was asked this item here.",
        "inspector.model_previous": "no other model was asked this item here.",
        "inspector.item_next": "the list has this item only.",
        "inspector.item_previous": "the list has this item only.",
        "item.item_next": "the list has this item only.",
        "item.item_previous": "the list has this item only.",
        **dict.fromkeys(
            (
                f"cef.{name}"
                for name in ("findings_only", "next_filter", "places", "threshold_next", "threshold_previous")
            ),
            "there is no question here.",
        ),
        "sql.differences_only": "there are no rows of both sides to compare.",
        "live.model_next": _ONE_MODEL,
        "live.model_previous": _ONE_MODEL,
        "live.pause_view": _OVER,
        "live.pause_run": _OVER,
        "live.stop_run": _OVER,
        "live.results": "the run is not over yet.",
        "run_options.usual": "the marked option is as usual already.",
        "findings.kind": "there is no finding.",
        "findings.state": "there is no finding.",
        "replay.speed_next": _REPLAYED,
        "replay.speed_previous": _REPLAYED,
        "review.take": "there is no queue yet; n draws one.",
        "review.report": "there is no queue yet; n draws one.",
        "review.settle": "there is no queue yet; n draws one.",
        "run.model_next": _ONE_MODEL,
        "run.model_previous": _ONE_MODEL,
        "run.next_judge": _ONE_JUDGE,
        "settings_screen.reset": "the marked setting is as usual already.",
    }
)
"""Of each command that its screen may refuse, by its id."""
_OF_PANES: Mapping[str, str] = MappingProxyType(
    {
        "list": "no list is in focus; tab and the numbers go to one.",
        "models": "it is of the models; 1 goes there.",
        "choices": "it is of the tasks; 2 goes there.",
        "run_options": "it is of the options; 3 goes there.",
        "use_cases": "it is of the use cases; tab goes there.",
        **dict.fromkeys(("text", "grid", "cells"), "no pane of that kind is in focus; tab and the numbers go to one."),
    }
)
"""Why a command of a pane does nothing when another pane is in focus."""
MOVES = frozenset(
    {
        "cursor_down",
        "cursor_up",
        "page",
        "first",
        "last",
        "scroll",
        "scroll_down",
        "scroll_up",
        "shift",
        "column",
        "move",
    }
)
"""Actions that move within a pane: at its end, or where all is in sight, one sees why nothing moves."""
ELSEWHERE = "That key does nothing here; f1 lists the keys that do."


def why_not(key: str, places: Collection[str], kinds: Collection[str], changed: Mapping[str, str]) -> str:
    """Return why a key does nothing; empty where it is no key of ours.

    Args:
        places: Of the screen, as its commands stand in the table.
        kinds: Of the panes around the focus.
        changed: A person's own keys, by command id.
    """
    found = [one for one in COMMANDS if key in one.keys_in(changed).split(",")]
    if any(one.action.partition("(")[0] in MOVES for one in found):
        return ""
    own = [one for one in found if one.where in (*places, *kinds, "screen", "app")]
    for one in own:
        return f"{one.label}: {WHY.get(one.id, 'that is not possible now.')}"
    for one in found:
        if one.where in _OF_PANES and not _is_elsewhere(one, places):
            return f"{one.label}: {_OF_PANES[one.where]}"
    return ELSEWHERE if found else ""


def _is_elsewhere(command: Command, places: Collection[str]) -> bool:
    """Tell whether a command's panes are on another screen."""
    owners = {"models": "new_run", "choices": "new_run", "run_options": "new_run", "use_cases": "compare"}
    return command.where in owners and owners[command.where] not in places

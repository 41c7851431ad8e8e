"""One line of the table of commands: where it works, its keys, what it is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that a person can do.

    Attributes:
        where: Screen or kind of pane in which it works; `app` is everywhere.
        action: Name of the Textual action; of a pane with `screen.` before it what its screen does.
        keys: Comma-separated, as Textual names them.
        label: For footer and palette.
        help: One sentence.
        footer: Shown in the footer.
        palette: Offered in the palette.
    """

    where: str
    action: str
    keys: str
    label: str
    help: str
    footer: bool = True
    palette: bool = True

    @property
    def id(self) -> str:
        """Names the command in the settings: `home.new_run`, `run.model_next`, `screen.pane_1`."""
        name, _, argument = self.action.removeprefix("screen.").rstrip(")").partition("(")
        word = argument if name == "pane" else _STEPS.get(argument, argument.strip("'"))
        return f"{self.where}.{name}_{word}" if word else f"{self.where}.{name}"

    def keys_in(self, changed: Mapping[str, str]) -> str:
        """Return the keys that work, comma-separated; `changed` holds keys by command id."""
        return changed.get(self.id, self.keys)

    def shown_keys(self, changed: Mapping[str, str]) -> str:
        """Return the keys as a person reads them."""
        return " ".join(_KEY_NAMES.get(key, key) for key in self.keys_in(changed).split(",") if key)


def worded(command: Command, nodes: Iterable[object]) -> Command:
    """Return a command as the nearest of these nodes tells it (`REWORDED`), or as it is."""
    told = (getattr(node, "REWORDED", {}).get(command.id) for node in nodes)
    return next((one for one in told if one is not None), command)


_STEPS = {
    "1": "next",
    "-1": "previous",
    "0,1": "down",
    "0,-1": "up",
    "1,1": "right_down",
    "1,-1": "right_up",
    "1,0": "right",
    "-1,0": "left",
}
_KEY_NAMES = {
    "question_mark": "?",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "slash": "/",
    "semicolon": ";",
    "escape": "esc",
    "plus": "+",
    "minus": "-",
    "pagedown": "pgdn",
    "pageup": "pgup",
}

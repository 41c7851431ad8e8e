"""States as glyph, word and colour: never colour alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from medic_console.core.records import Label, Outcome


@dataclass(frozen=True, slots=True)
class State:
    """How a state is shown."""

    glyph: str
    word: str
    variable: str
    """Theme variable that holds its colour."""

    @property
    def text(self) -> str:
        """Glyph and word."""
        return f"{self.glyph} {self.word}"


RUNS: Mapping[str, State] = MappingProxyType(
    {
        "new": State("·", "new", "score-waiting"),
        "running": State("▶", "running", "run-running"),
        "done": State("✓", "done", "score-scored"),
        "interrupted": State("‖", "interrupted", "score-unscored"),
        "stopped": State("■", "stopped", "score-failed"),
        "died": State("✗", "died", "score-failed"),
    }
)
RESUMABLE = frozenset({"new", "interrupted", "stopped", "died"})

OUTCOMES: Mapping[str, State] = MappingProxyType(
    {
        "": State("·", "not yet", "score-waiting"),
        str(Outcome.SCORED): State("●", "scored", "score-scored"),
        str(Outcome.UNSCORED): State("○", "unscored", "score-unscored"),
        str(Outcome.FAILED): State("✗", "failed", "score-failed"),
    }
)

LABELS: Mapping[Label | None, State] = MappingProxyType(
    {
        Label.YES: State("✓", "YES", "label-yes"),
        Label.NO: State("✗", "NO", "label-no"),
        Label.IDK: State("?", "IDK", "label-idk"),
        None: State("–", "unreadable", "score-unscored"),
    }
)

"""States as glyph, word and colour: never colour alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from medic_console.audit.task_files import Files
from medic_console.core.records import Label, Outcome
from medic_console.results.judging.standing import JudgeStanding
from medic_console.scoring.methods.cef.score import FindingKind


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

FILES: Mapping[Files, State] = MappingProxyType(
    {
        Files.READY: State("●", "ready", "score-scored"),
        Files.SAMPLES: State("○", "sample only", "score-unscored"),
        Files.MISSING: State("–", "needs a file", "score-unscored"),
        Files.BROKEN: State("✗", "unreadable", "score-failed"),
    }
)

JUDGES: Mapping[JudgeStanding, State] = MappingProxyType(
    {
        JudgeStanding.QUALIFIED: State("✓", str(JudgeStanding.QUALIFIED), "label-yes"),
        JudgeStanding.NOT_QUALIFIED: State("✗", str(JudgeStanding.NOT_QUALIFIED), "label-no"),
        JudgeStanding.EXPIRED: State("!", str(JudgeStanding.EXPIRED), "score-unscored"),
        JudgeStanding.NEVER: State("·", str(JudgeStanding.NEVER), "score-waiting"),
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

FINDINGS: Mapping[FindingKind, State] = MappingProxyType(
    {
        FindingKind.CONTRADICTION: State("✗", str(FindingKind.CONTRADICTION), "label-no"),
        FindingKind.CONTRADICTED_BY_SOURCE: State("✗", str(FindingKind.CONTRADICTED_BY_SOURCE), "label-no"),
        FindingKind.HALLUCINATION: State("?", str(FindingKind.HALLUCINATION), "label-idk"),
        FindingKind.OMISSION: State("○", str(FindingKind.OMISSION), "label-idk"),
    }
)

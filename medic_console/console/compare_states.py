"""Changes, verdicts and standings as glyph, word and colour."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from medic_console.comparison.pairs import Change
from medic_console.comparison.portfolio import Standing
from medic_console.console.glyphs import State
from medic_console.statistics.equivalence import Verdict

CHANGES: Mapping[Change, State] = MappingProxyType(
    {
        Change.LOST: State("✗", str(Change.LOST), "label-no"),
        Change.DROPPED: State("○", str(Change.DROPPED), "score-unscored"),
        Change.WORSE: State("▼", str(Change.WORSE), "label-no"),
        Change.OTHERWISE: State("≠", "both wrong", "score-waiting"),
        Change.GAINED: State("✓", str(Change.GAINED), "label-yes"),
        Change.TAKEN: State("●", str(Change.TAKEN), "label-yes"),
        Change.BETTER: State("▲", str(Change.BETTER), "label-yes"),
    }
)
VERDICTS: Mapping[Verdict, State] = MappingProxyType(
    {
        Verdict.EQUIVALENT: State("=", str(Verdict.EQUIVALENT), "score-scored"),
        Verdict.NOT_WORSE: State("✓", str(Verdict.NOT_WORSE), "score-scored"),
        Verdict.WORSE: State("✗", str(Verdict.WORSE), "score-failed"),
        Verdict.UNDECIDED: State("?", str(Verdict.UNDECIDED), "score-unscored"),
    }
)
STANDINGS: Mapping[Standing, State] = MappingProxyType(
    {
        Standing.PASSES: State("✓", str(Standing.PASSES), "score-scored"),
        Standing.NOT_SURE: State("?", str(Standing.NOT_SURE), "score-unscored"),
        Standing.MISSING: State("–", str(Standing.MISSING), "muted"),
        Standing.FAILS: State("✗", str(Standing.FAILS), "score-failed"),
    }
)

"""The version of whatever scores an item, by the name that a score's label gives it."""

from __future__ import annotations

from medic_console.scoring.methods import probes
from medic_console.scoring.methods.method import method_named
from medic_console.scoring.scorers.registry import SCORERS
from medic_console.suite.judging import METHODS

PROBE = "probe"
"""What a judge's replies to most probes are labelled with."""


def version_of(name: str) -> str | None:
    """Return the version of a scorer, a judge's method or the reading of probes; None when there is none here."""
    if name in SCORERS:
        return SCORERS[name].version
    if name in METHODS:
        return method_named(name).version
    return probes.VERSION if name == PROBE else None

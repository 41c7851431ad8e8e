"""Which libraries make a score, and their versions: a new release of one may count otherwise.

A scorer names its own (`registry.Scorer`); one of another package is made by that package too. ROUGE takes nltk's stems
in `overlap` alone. sqlglot takes apart what a screen shows, it scores nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from medic_console.core.registry import OURS
from medic_console.scoring.scorers.registry import SCORERS

SQLITE = "SQLite"
ENCODED = ("llama-cpp-python", "numpy")
"""Libraries of BERTScore."""
INTERVALS = ("numpy", "scipy")
"""Libraries of intervals and tests; they are computed when results are read and are no part of a score."""


def versions_of(scorer: str, encoded: bool = False) -> dict[str, str]:
    """Return the versions of the libraries that make the scores of a scorer, by name; empty for Python alone.

    Args:
        scorer: Key of `registry.SCORERS`, or of a judge's method.
        encoded: Texts are compared by an encoder too.
    """
    found = versions([*(SCORERS[scorer].libraries if scorer in SCORERS else ()), *(ENCODED if encoded else ())])
    origin = SCORERS.origin(scorer) if scorer in SCORERS else OURS
    return found if origin == OURS else {**found, origin.package: origin.version}


def versions(names: Iterable[str]) -> dict[str, str]:
    """Return the versions of libraries as they are installed here, in the order of their names."""
    return {name: _version(name) for name in sorted(set(names))}


@cache
def _version(name: str) -> str:
    # Imported on use: a command that scores nothing does without.
    if name == SQLITE:
        import sqlite3

        return sqlite3.sqlite_version
    import importlib.metadata

    return importlib.metadata.version(name)


def shown(found: Mapping[str, str] | None) -> str:
    """Return versions in one line; says so where they were not stored, empty for Python alone."""
    if found is None:
        return "not stored"
    return ", ".join(f"{name} {version}" for name, version in found.items())
